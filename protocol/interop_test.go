package protocol_test

import (
	"crypto/ed25519"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
	"github.com/google/go-cmp/cmp"
	"github.com/yaronf/httpsign"

	"github.com/vardar-network/vardar/protocol"
)

// fetch gets one record over HTTP, as GET /v1/records/… of a node gives it, and hands the
// response to read; edit may forge it.
func fetch(t *testing.T, r protocol.Record, edit func(http.Header, []byte) []byte, read func(*http.Response) error) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for _, field := range r.Fields() {
			w.Header().Set(field[0], field[1])
		}
		w.Header().Set("Cache-Control", "no-transform")
		body := r.Body
		if edit != nil {
			body = edit(w.Header(), body)
		}
		_, _ = w.Write(body)
	}))
	defer server.Close()
	res, err := http.Get(server.URL + "/v1/records/mk.southeast.gevgelija/situation.1.1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return read(res)
}

// verifyResponse is what the README tells a stranger to write: a stock RFC 9421 library,
// told not to ask for `created`, and the body held against its RFC 9530 digest.
func verifyResponse(res *http.Response, key ed25519.PublicKey) error {
	fields := httpsign.Headers("ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "content-type", "ce-topic",
		"ce-epoch", "ce-sequence", "ce-previous", "ce-handling", "ce-exercise", "content-digest")
	config := httpsign.NewVerifyConfig().SetVerifyCreated(false).
		SetAllowedAlgs([]string{"ed25519"}).SetAllowedTags([]string{"vardar-record-v1"})
	verifier, err := httpsign.NewEd25519Verifier(key, config, fields)
	if err != nil {
		return err
	}
	if err := httpsign.VerifyResponse("vardar", *verifier, res, nil); err != nil {
		return err
	}
	return httpsign.ValidateContentDigestHeader(res.Header.Values("Content-Digest"), &res.Body, []string{httpsign.DigestSha256})
}

func TestStockRFC9421LibraryVerifiesARecord(t *testing.T) {
	verify := func(res *http.Response) error { return verifyResponse(res, exampleKey().Public().(ed25519.PublicKey)) }
	sealed := exampleRecord()
	sealed.Sealed, sealed.Handling, sealed.Type = true, protocol.Red, protocol.SealedType(protocol.Situation)
	sealed.Sign(exampleKey())
	for _, r := range []protocol.Record{exampleRecord(), sealed} {
		if err := fetch(t, r, nil, verify); err != nil {
			t.Errorf("%s: %v", r.Type, err)
		}
	}
	for _, field := range exampleFields() {
		forge := func(h http.Header, body []byte) []byte {
			h.Set(field[0], flipped(field[1]))
			return body
		}
		if err := fetch(t, exampleRecord(), forge, verify); err == nil {
			t.Errorf("%s was changed, and the library did not notice", field[0])
		}
	}
	forge := func(_ http.Header, body []byte) []byte {
		return []byte(strings.Replace(string(body), "quiet", "quits", 1))
	}
	if err := fetch(t, exampleRecord(), forge, verify); err == nil {
		t.Error("the body was changed, and the library did not notice")
	}
	stranger := func(res *http.Response) error { return verifyResponse(res, make([]byte, 32)) }
	if err := fetch(t, exampleRecord(), nil, stranger); err == nil {
		t.Error("verified by another key")
	}
}

func exampleFields() [][2]string {
	r := exampleRecord()
	fields := r.Fields()
	return fields[:]
}

// flipped changes a letter or digit in the middle of a value, so that it stays a value.
// (At its end a signature has padding bits, which the library, unlike us, lets pass.)
func flipped(s string) string {
	b := []byte(s)
	for i := len(b) / 2; i >= 0; i-- {
		if c := b[i] | 0x20; c >= 'a' && c < 'z' {
			b[i]++
			return string(b)
		}
		if b[i] >= '0' && b[i] < '9' {
			b[i]++
			return string(b)
		}
	}
	return s + "x"
}

func TestRecordServedOverHTTPIsReadBack(t *testing.T) {
	want := exampleRecord()
	var r protocol.Record
	err := fetch(t, want, nil, func(res *http.Response) error {
		body, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		if r, err = protocol.ParseHeader(res.Header); err != nil {
			return err
		}
		r, err = r.WithBody(body)
		return err
	})
	if err = errors.Join(err, r.Verify()); err != nil || !cmp.Equal(r, want) {
		t.Errorf("read back %+v, %v", r, err)
	}
}

func TestStockCloudEventsSDKReadsARecord(t *testing.T) {
	want := exampleRecord()
	var event *cloudevents.Event
	if err := fetch(t, want, nil, func(res *http.Response) (err error) {
		event, err = cehttp.NewEventFromHTTPResponse(res)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := event.Validate(); err != nil {
		t.Fatal(err)
	}
	got := []string{event.SpecVersion(), event.ID(), event.Source(), event.Type(), event.Time().UTC().Format("2006-01-02T15:04:05.000Z"), event.DataContentType(), string(event.Data())}
	if diff := cmp.Diff([]string{"1.0", want.Position.String(), "/" + string(want.Institution), want.Type, want.Time.String(), protocol.ContentJSON, string(want.Body)}, got); diff != "" {
		t.Errorf("the SDK reads (-want +got):\n%s", diff)
	}
	extensions := map[string]any{}
	for _, name := range []string{"topic", "epoch", "sequence", "previous", "handling", "exercise"} {
		extensions[name] = event.Extensions()[name]
	}
	fields := map[string]string{}
	for _, f := range want.Fields() {
		fields[f[0]] = f[1]
	}
	for name, value := range extensions {
		if value != fields["ce-"+name] {
			t.Errorf("extension %s = %v, want %s", name, value, fields["ce-"+name])
		}
	}
}
