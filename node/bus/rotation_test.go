package bus_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// before and after stand for the listener's link keys before and after centre's.
const (
	before = protocol.InstitutionID("mk.national.before")
	after  = protocol.InstitutionID("mk.national.after")
)

// shown gives the key that a listener shows to who asks for a name.
func shown(t *testing.T, address, name string) protocol.Key {
	t.Helper()
	c, err := (&tls.Dialer{Config: &tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, ServerName: name}}).DialContext(patient(t), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	return protocol.Key(c.(*tls.Conn).ConnectionState().PeerCertificates[0].PublicKey.(ed25519.PublicKey))
}

func TestListenerShowsTheKeyThatIsExpected(t *testing.T) {
	t.Parallel()
	var now atomic.Pointer[[]crypto.Signer]
	turn := func(ids ...protocol.InstitutionID) { all := signers(ids...)(); now.Store(&all) }
	turn(centre)
	o := options(t.TempDir())
	o.Signers = func() []crypto.Signer { return *now.Load() }
	b := open(t, o)
	name := func(id protocol.InstitutionID) string {
		k := public(id)
		return hex.EncodeToString(k[:16]) + ".vardar.invalid"
	}
	for _, step := range []struct{ current, previous, gone, next protocol.InstitutionID }{
		{centre, before, "", after}, {after, centre, before, ""},
	} {
		turn(step.current, step.previous)
		for ask, want := range map[string]protocol.InstitutionID{
			"": step.current, "node.example.org": step.current, name(step.current): step.current, name(step.previous): step.previous,
			name(step.gone): step.current, name(step.next): step.current, name(valandovo): step.current,
		} {
			if got := shown(t, b.Addr(), ask); got != public(want) {
				t.Errorf("asked for %q, %s was shown, want %s's %s", ask, got, want, public(want))
			}
		}
		// A whole link, by who knows the new key and by who heard nothing of it.
		for _, known := range []protocol.InstitutionID{step.current, step.previous} {
			o := dialling(b, gevgelija)
			o.ListenerKey = public(known)
			dial(t, o)
		}
		o := dialling(b, gevgelija)
		o.ListenerKey = public(valandovo)
		if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrListenerKey) {
			t.Errorf("Dial() for a key that is not there = %v, want ErrListenerKey", err)
		}
		if b.LinkKey() != public(step.current) {
			t.Errorf("LinkKey() = %s, want the current one", b.LinkKey())
		}
	}
}

func TestDiallerIsLetInByTheKeyTheListenerKnows(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	by := func(id protocol.InstitutionID, asked *int) bus.Earlier {
		return bus.Earlier{LinkKey: public(id), Sign: func(_ context.Context, nonce string) (protocol.Signature, error) {
			*asked++
			text, err := bus.HandshakeText(bus.Peer{Institution: gevgelija}, centre, nonce)
			return protocol.Signature(ed25519.Sign(private(id), text)), err
		}}
	}
	var fresh, known, older int
	o := dialling(b, gevgelija) // the listener knows Gevgelija by one key alone
	o.LinkKey, o.Sign = by(after, &fresh).LinkKey, by(after, &fresh).Sign
	if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrRefused) {
		t.Fatalf("Dial() by a key that the listener does not know = %v, want ErrRefused", err)
	}
	o.Earlier = []bus.Earlier{by(gevgelija, &known), by(before, &older)}
	dial(t, o)
	if fresh != 2 || known != 1 || older != 0 {
		t.Errorf("signed %d times by the new key, %d by the known one, %d by an older, want 2, 1, 0", fresh, known, older)
	}
	// Only a refusal is a reason to try: a listener that is not the one hears one key.
	o.ListenerKey = public(valandovo)
	if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrListenerKey) || fresh+known != 3 {
		t.Errorf("Dial() = %v after %d signatures, want ErrListenerKey and none", err, fresh+known-3)
	}
}
