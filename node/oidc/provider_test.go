package oidc_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/vardar-network/vardar/node/oidc"
	"github.com/vardar-network/vardar/node/settings"
)

func now() time.Time { return time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC) }

// liar is a provider that says what a test has it say. A real one is logged in at by the tests
// of the pages.
type liar struct {
	*httptest.Server
	key, other ed25519.PrivateKey
	claims     map[string]any // of the token
	info       map[string]any // of who is asked about; nil: nobody can be
	forge      bool           // sign by a key that is not published
	elsewhere  string         // where it sends on who asks for a token; empty: it answers
}

func newLiar(t *testing.T) *liar {
	t.Helper()
	l := &liar{}
	for _, key := range []*ed25519.PrivateKey{&l.key, &l.other} {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		*key = private
	}
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(v); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"issuer": l.URL, "authorization_endpoint": l.URL + "/authorize", "token_endpoint": l.URL + "/token",
			"jwks_uri": l.URL + "/keys", "userinfo_endpoint": l.URL + "/info", "id_token_signing_alg_values_supported": []string{"EdDSA"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: l.key.Public(), KeyID: "1", Algorithm: "EdDSA", Use: "sig"}}})
	})
	mux.HandleFunc("/info", func(w http.ResponseWriter, _ *http.Request) { answer(w, l.info) })
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if l.elsewhere != "" {
			http.Redirect(w, r, l.elsewhere, http.StatusTemporaryRedirect)
			return
		}
		if r.PostFormValue("code_verifier") == "" || r.PostFormValue("code") != "code" {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		answer(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": l.token(t)})
	})
	l.Server = httptest.NewServer(mux)
	t.Cleanup(l.Close)
	return l
}

func (l *liar) token(t *testing.T) string {
	key := l.key
	if l.forge {
		key = l.other
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(l.claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// provider reads the settings of a file and makes a provider of them.
func provider(t *testing.T, text string) *oidc.Provider {
	t.Helper()
	c, err := oidc.Read(written(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return oidc.New(oidc.Options{Config: c, Clock: now, Rand: rand.Reader})
}

func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "oidc.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTokenIsHeldAgainstThisLogIn: of this provider, for this node, of this log-in, not over,
// signed by its key; and of what it says besides only what it has verified.
func TestTokenIsHeldAgainstThisLogIn(t *testing.T) {
	for name, tt := range map[string]struct {
		claim string
		lie   func(l *liar)
		who   string
		err   error
	}{
		"as it should be":              {"", func(*liar) {}, "id2", nil},
		"of another log-in":            {"", func(l *liar) { l.claims["nonce"] = "another" }, "", oidc.ErrUnproved},
		"of no log-in":                 {"", func(l *liar) { delete(l.claims, "nonce") }, "", oidc.ErrUnproved},
		"for another client":           {"", func(l *liar) { l.claims["aud"] = "payroll" }, "", oidc.ErrUnproved},
		"of another issuer":            {"", func(l *liar) { l.claims["iss"] = "https://login.example.org" }, "", oidc.ErrUnproved},
		"over":                         {"", func(l *liar) { l.claims["exp"] = now().Add(-time.Hour).Unix() }, "", oidc.ErrUnproved},
		"signed by another key":        {"", func(l *liar) { l.forge = true }, "", oidc.ErrUnproved},
		"of nobody":                    {"", func(l *liar) { delete(l.claims, "sub") }, "", oidc.ErrUnproved},
		"a verified address":           {"email", func(l *liar) { l.claims["email"], l.claims["email_verified"] = "duty@example.org", true }, "duty@example.org", nil},
		"an address of one's own word": {"email", func(l *liar) { l.claims["email"] = "duty@example.org" }, "", oidc.ErrUnproved},
		"a name":                       {"preferred_username", func(l *liar) { l.claims["preferred_username"] = "duty" }, "duty", nil},
		"no name":                      {"preferred_username", func(*liar) {}, "", oidc.ErrUnproved},
		"a name when it is asked":      {"preferred_username", func(l *liar) { l.info["preferred_username"] = "duty" }, "duty", nil},
		"another's name":               {"preferred_username", func(l *liar) { l.info["sub"], l.info["preferred_username"] = "id1", "duty" }, "", oidc.ErrUnproved},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLiar(t)
			p := provider(t, fmt.Sprintf("issuer: %s\nclient_id: vardar\npages: https://vardar.example.org/\nclaim: %s\n", l.URL, tt.claim))
			address, begun, err := p.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			asked, err := url.Parse(address)
			if err != nil || asked.Query().Get("redirect_uri") != "https://vardar.example.org/enter/oidc/back" || asked.Query().Get("code_challenge_method") != "S256" || asked.Query().Get("state") != begun.State {
				t.Errorf("a browser is sent to %s, %v", address, err)
			}
			if strings.Contains(address, begun.Verifier) {
				t.Error("the verifier travels")
			}
			l.claims = map[string]any{"iss": l.URL, "aud": "vardar", "sub": "id2", "nonce": begun.Nonce, "exp": now().Add(time.Hour).Unix(), "iat": now().Unix()}
			l.info = map[string]any{"sub": "id2"}
			tt.lie(l)
			who, err := p.Finish(t.Context(), url.Values{"state": {begun.State}, "code": {"code"}}, begun)
			if who != tt.who || !errors.Is(err, tt.err) {
				t.Errorf("who = %q, %v, want %q, %v", who, err, tt.who, tt.err)
			}
		})
	}
}

// TestProviderThatSendsOnIsNotFollowed: the code and the secret are for the provider alone.
func TestProviderThatSendsOnIsNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(other.Close)
	l := newLiar(t)
	l.elsewhere = other.URL
	p := provider(t, fmt.Sprintf("issuer: %s\nclient_id: vardar\npages: https://vardar.example.org/\n", l.URL))
	_, begun, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if who, err := p.Finish(t.Context(), url.Values{"state": {begun.State}, "code": {"code"}}, begun); who != "" || err == nil || asked.Load() != 0 {
		t.Errorf("who = %q, %v, and the other was asked %d times", who, err, asked.Load())
	}
}

// TestLogInThatWasNotBegunHereIsNone: another's state, none, too late, refused there, and a code
// that the provider does not know.
func TestLogInThatWasNotBegunHereIsNone(t *testing.T) {
	l := newLiar(t)
	p := provider(t, "issuer: "+l.URL+"\nclient_id: vardar\npages: https://vardar.example.org\n")
	_, begun, err := p.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := begun
	late.At = late.At.Add(-16 * time.Minute)
	for name, tt := range map[string]struct {
		query string
		begun oidc.Begun
		err   error
	}{
		"another's state":    {"state=abc&code=code", begun, oidc.ErrOther},
		"nothing was begun":  {"state=&code=code", oidc.Begun{}, oidc.ErrOther},
		"too late":           {"state=" + begun.State + "&code=code", late, oidc.ErrOther},
		"refused there":      {"state=" + begun.State + "&error=access_denied", begun, oidc.ErrRefused},
		"a code of nobody's": {"state=" + begun.State + "&code=other", begun, oidc.ErrRefused},
	} {
		query, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		if who, err := p.Finish(t.Context(), query, tt.begun); who != "" || !errors.Is(err, tt.err) {
			t.Errorf("%s: %q, %v, want %v", name, who, err, tt.err)
		}
	}
	l.Close()
	down := provider(t, "issuer: "+l.URL+"\nclient_id: vardar\npages: https://vardar.example.org\n")
	if _, _, err := down.Begin(t.Context()); !errors.Is(err, oidc.ErrNoAnswer) {
		t.Errorf("a provider that is down: %v", err)
	}
}

// TestSettingsThatCantBeMeantAreRefused, with which one.
func TestSettingsThatCantBeMeantAreRefused(t *testing.T) {
	const good = "issuer: https://login.example.org\nclient_id: vardar\npages: https://vardar.example.org\n"
	for text, says := range map[string]string{
		"issuer: https://login.example.org\nclient_id: vardar\n":                     "pages: \"\" is no address",
		"issuer: login.example.org\nclient_id: vardar\npages: https://a.example\n":   "issuer: \"login.example.org\" is no address",
		"issuer: http://login.example.org\nclient_id: v\npages: https://a.example\n": "issuer: http:// is for this machine alone",
		"issuer: https://a.example?x=1\nclient_id: v\npages: https://a.example\n":    "holds more than an address",
		"issuer: https://login.example.org\npages: https://a.example\n":              "client_id: it is missing",
		good + "claim: name\n":                         "claim: \"name\" says of nobody",
		good + "clientid: x\n":                         "line 4: no setting is called clientid",
		good + "client_secret_file: /nowhere/secret\n": "client_secret_file: ",
		good + "ca_file: /nowhere/ca.pem\n":            "ca_file: ",
	} {
		_, err := oidc.Read(written(t, text))
		var fault *settings.Fault
		if !errors.As(err, &fault) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want %s", text, err, says)
		}
	}
	if _, err := oidc.Read(written(t, oidc.Example)); err != nil {
		t.Errorf("the example: %v", err)
	}
}
