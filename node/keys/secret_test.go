package keys_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// faces are the forms in which 32 secret bytes could come to light.
func faces(secret []byte) []string {
	decimal := strings.Trim(fmt.Sprintf("%d", secret[:8]), "[]")
	return []string{
		string(secret),
		hex.EncodeToString(secret),
		strings.ToUpper(hex.EncodeToString(secret)),
		base64.StdEncoding.EncodeToString(secret)[:40],
		base64.URLEncoding.EncodeToString(secret)[:40],
		decimal,
		strings.ReplaceAll(decimal, " ", ", "),
		strings.Trim(fmt.Sprintf("%#v", secret[:8]), "[]byte{}"),
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	log, out := logged()
	o := keys.Options{Dir: t.TempDir(), Logger: log}
	s := create(t, o)
	signer := s.LinkSigners()[0]
	inside := struct {
		safe   *keys.Safe
		signer crypto.Signer
		Safe   *keys.Safe
		Signer crypto.Signer
	}{s, signer, s, signer}
	var said bytes.Buffer
	for _, v := range []any{s, signer, inside, &inside, []any{s, signer}, map[string]any{"safe": s, "signer": signer}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%X", "%t", "%p", "%T", "%U", "%08b"} {
			fmt.Fprintf(&said, verb+"\n", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		said.Write(text)
		log.Info("seen", "value", v)
		slog.New(slog.NewJSONHandler(&said, nil)).Info("seen", "value", v)
	}
	said.Write(out.Bytes())
	all := seeds(t, o.Dir)
	all["unlock"] = bytes.TrimSpace(read(t, o.Dir+"/keys/unlock"))
	if len(all) != 5 {
		t.Fatalf("%d secrets to look for, want 5", len(all))
	}
	for name, secret := range all {
		for _, face := range faces(secret) {
			if strings.Contains(said.String(), face) {
				t.Errorf("%s came to light as %q", name, face)
			}
		}
	}
	if !strings.Contains(said.String(), "[sealed]") {
		t.Error("nothing was said at all")
	}
}

// The test above is worth something only if it would notice a secret.
func TestFacesFindASecret(t *testing.T) {
	secret := privateOf(bytes.Repeat([]byte{7, 99, 200}, 11)[:32])
	for _, verb := range []string{"%v", "%#v", "%s", "%x", "%X", "%d"} {
		said := fmt.Sprintf(verb, []byte(secret))
		found := false
		for _, face := range faces(secret[:32]) {
			found = found || strings.Contains(said, face)
		}
		if !found {
			t.Errorf("%s shows a key unnoticed: %s", verb, said)
		}
	}
}

func TestFilesAtRestHoldNoSecret(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	if err := s.AppendTrust(firstTrust(t, s)); err != nil {
		t.Fatal(err)
	}
	var text []byte
	for _, name := range []string{"institutions", "mark", "mk.southeast.gevgelija.node.age", "mk.southeast.gevgelija.link.age", "mk.southeast.gevgelija.age.age"} {
		text = append(text, read(t, o.Dir+"/keys/"+name)...)
	}
	for _, name := range []string{"mk.southeast.gevgelija.identity.age", "mk.southeast.gevgelija.trust"} {
		text = append(text, read(t, o.Dir+"/identity/"+name)...)
	}
	for name, secret := range seeds(t, o.Dir) {
		for _, face := range faces(secret) {
			if bytes.Contains(text, []byte(face)) {
				t.Errorf("%s lies open as %q", name, face)
			}
		}
	}
	if k, _ := s.Public(gevgelija, protocol.UseNode); !bytes.Contains(text, []byte(k.String())) {
		t.Error("the public key is not there either: the wrong files were read")
	}
}
