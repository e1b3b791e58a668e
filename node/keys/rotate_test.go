package keys_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

func prepare(t *testing.T, s *keys.Safe, use protocol.KeyUse) keys.Prepared {
	t.Helper()
	p, err := s.Prepare(gevgelija, use)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func promote(t *testing.T, s *keys.Safe, use protocol.KeyUse) {
	t.Helper()
	if err := s.Promote(gevgelija, use); err != nil {
		t.Fatal(err)
	}
}

func TestNextKeyIsMadeOnceAndUsedWhenPromoted(t *testing.T) {
	for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink} {
		t.Run(string(use), func(t *testing.T) {
			o := keys.Options{Dir: t.TempDir()}
			s := create(t, o)
			was, _ := s.Public(gevgelija, use)
			next := prepare(t, s, use)
			if again := prepare(t, open(t, o), use); again != next {
				t.Errorf("Prepare() again gave %v, want %v", again, next)
			}
			if err := protocol.CheckKeyProof(gevgelija, use, next.Key, next.Proof); err != nil || next.Public != next.Key.String() {
				t.Errorf("Prepare() = %v: %v", next, err)
			}
			if is, _ := s.Public(gevgelija, use); is != was {
				t.Errorf("before Promote() the key is %s, want %s", is, was)
			}
			promote(t, s, use)
			promote(t, s, use) // does nothing
			for _, s := range []*keys.Safe{s, open(t, o)} {
				if is, _ := s.Public(gevgelija, use); is != next.Key {
					t.Errorf("after Promote() the key is %s, want %s", is, next.Key)
				}
				if err := works(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	s := create(t, keys.Options{Dir: t.TempDir()})
	if _, err := s.Prepare(gevgelija, "tls"); !errors.Is(err, keys.ErrUse) {
		t.Errorf("Prepare(tls) = %v, want ErrUse", err)
	}
	if _, err := s.Prepare(idomeni, protocol.UseNode); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("Prepare() for a stranger = %v, want ErrNotHosted", err)
	}
}

// The opener of each feed's epoch names who signs it; the openers of a rotation are
// published one after the other.
func TestRecordIsSignedByTheKeyItsOpenerNames(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	old, _ := s.Public(gevgelija, protocol.UseNode)
	next := prepare(t, s, protocol.UseNode)
	sign := func(topic protocol.Topic, by protocol.Key) error {
		r := newRecord(gevgelija, topic, 1, protocol.Digest{})
		r.Key = by
		err := s.SignRecord(t.Context(), &r)
		if err == nil && (r.Key != by || r.Verify() != nil) {
			t.Errorf("signed by %s, want %s: %v", r.Key, by, r.Verify())
		}
		return err
	}
	for _, step := range []struct {
		topic protocol.Topic
		by    protocol.Key
	}{{protocol.Situation, old}, {protocol.Alert, next.Key}, {protocol.Situation, old}, {protocol.Resource, next.Key}} {
		if err := sign(step.topic, step.by); err != nil {
			t.Errorf("%s by %s: %v", step.topic, step.by, err)
		}
	}
	if is, _ := s.Public(gevgelija, protocol.UseNode); is != next.Key {
		t.Errorf("once an epoch of the next key is open the current one is %s, want %s", is, next.Key)
	}
	s = open(t, o)
	if err := errors.Join(sign(protocol.Situation, old), sign(protocol.Alert, next.Key)); err != nil {
		t.Errorf("after a start: %v", err)
	}
	b := protocol.Beacon{Institution: gevgelija, Time: 1, Key: old, Heads: []protocol.Head{{Topic: protocol.Situation, Epoch: 1}}}
	if err := s.SignBeacon(t.Context(), &b); err != nil || b.Key != old {
		t.Errorf("SignBeacon() by the key of an open epoch: %v", err)
	}
	stranger := protocol.KeyOf(privateOf(bytes.Repeat([]byte{9}, 32)))
	if err := sign(protocol.Situation, stranger); !errors.Is(err, keys.ErrOtherKey) || !strings.Contains(err.Error(), "mend: ") {
		t.Errorf("SignRecord() by a key that isn't here = %v, want ErrOtherKey with the mend", err)
	}
	link, _ := s.Public(gevgelija, protocol.UseLink)
	if err := sign(protocol.Situation, link); !errors.Is(err, keys.ErrOtherKey) {
		t.Errorf("SignRecord() by the link key = %v, want ErrOtherKey", err)
	}
	// The next rotation ends the first key.
	prepare(t, s, protocol.UseNode)
	promote(t, s, protocol.UseNode)
	if err := sign(protocol.Situation, old); !errors.Is(err, keys.ErrOtherKey) {
		t.Errorf("SignRecord() two rotations later = %v, want ErrOtherKey", err)
	}
	if _, err := os.Stat(filepath.Join(o.Dir, "keys", string(gevgelija)+".node.age")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the ended key lies there still: %v", err)
	}
	if err := works(open(t, o)); err != nil {
		t.Error(err)
	}
}

func TestIdentityIsRotatedOnItsCarrier(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	chain := trustChain(t, s, 2)
	next := prepare(t, s, protocol.UseIdentity)
	// The request for the new key, by the old one.
	request := newRecord(gevgelija, protocol.Trust, 3, chain[1].Digest())
	request.Key = chain[0].Key
	if err := errors.Join(s.SignRecord(t.Context(), &request), s.AppendTrust(request)); err != nil {
		t.Fatal(err)
	}
	// The registrar's admission is held: its opener names the new key.
	first := newRecord(gevgelija, protocol.Trust, 1, protocol.DigestOf([]byte("admission")))
	first.Epoch, first.Key = 2, next.Key
	if err := errors.Join(s.SignRecord(t.Context(), &first), s.AppendTrust(first)); err != nil {
		t.Fatal(err)
	}
	if got, err := feed(t, open(t, o), gevgelija); err != nil || len(got) != 4 {
		t.Errorf("the feed holds %d records, %v, want 4", len(got), err)
	}
	files, _ := filepath.Glob(filepath.Join(o.Dir, "identity", "*.identity*"))
	if len(files) != 1 || filepath.Base(files[0]) != string(gevgelija)+".identity.2.age" {
		t.Errorf("on the carrier lie %v, want the new key alone", files)
	}
	// An older copy of the stick gets records of both keys.
	if err := os.Remove(filepath.Join(o.Dir, "identity", string(gevgelija)+".trust")); err != nil {
		t.Fatal(err)
	}
	s = open(t, o)
	for _, r := range append(chain, request, first) {
		if err := s.AppendTrust(r); err != nil {
			t.Errorf("AppendTrust(%s) = %v", r.Name, err)
		}
	}
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 4 {
		t.Errorf("the copy holds %d records, %v, want 4", len(got), err)
	}
}

func TestPreparedIdentityNeedsTheCarrier(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	carrier := filepath.Join(o.Dir, "identity")
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(carrier, carrier+"-away")
	if _, err := s.Prepare(gevgelija, protocol.UseIdentity); !errors.Is(err, keys.ErrNoCarrier) {
		t.Errorf("Prepare() without the carrier = %v, want ErrNoCarrier", err)
	}
	prepare(t, s, protocol.UseNode) // everything else goes on
	promote(t, s, protocol.UseNode)
	move(carrier+"-away", carrier)
	prepare(t, s, protocol.UseIdentity)
	move(carrier, carrier+"-away")
	if err := s.Promote(gevgelija, protocol.UseIdentity); !errors.Is(err, keys.ErrNoCarrier) {
		t.Errorf("Promote() without the carrier = %v, want ErrNoCarrier", err)
	}
	info := infoOf(t, s, protocol.UseIdentity, keys.Next)
	if len(info) != 1 || !errors.Is(info[0].Err, keys.ErrNoCarrier) {
		t.Errorf("Keys() = %v, want a next key out of reach", info)
	}
}

func TestLinkKeyBeforeIsKnownUntilTheNextRotation(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	var made []protocol.Key
	for range 3 {
		k, _ := s.Public(gevgelija, protocol.UseLink)
		made = append(made, k)
		if want := made[max(0, len(made)-2):]; len(s.LinkKeys()) != len(want) || s.LinkKeys()[0] != k || !slices.Contains(s.LinkKeys(), want[0]) {
			t.Errorf("LinkKeys() = %v, want %v, the current one first", s.LinkKeys(), want)
		}
		if got := len(s.LinkSigners()); got != len(s.LinkKeys()) {
			t.Errorf("%d keys are shown to TLS, want %d", got, len(s.LinkKeys()))
		}
		next := prepare(t, s, protocol.UseLink)
		const nonce = "abcdefghijk"
		for _, k := range s.LinkKeys() {
			signature, err := s.SignLinkBy(t.Context(), k, idomeni, nonce)
			text, _ := protocol.LinkText(gevgelija, idomeni, nonce)
			if err != nil || !k.Verify(text, signature) {
				t.Errorf("SignLinkBy(%s): %v", k, err)
			}
		}
		// The next one is nobody's yet: it is neither shown nor signs.
		if _, err := s.SignLinkBy(t.Context(), next.Key, idomeni, nonce); !errors.Is(err, keys.ErrOtherKey) {
			t.Errorf("SignLinkBy() of the next key = %v, want ErrOtherKey", err)
		}
		if err := s.Follow(gevgelija, protocol.UseLink, k.String()); err != nil {
			t.Fatal(err)
		}
		if is, _ := s.Public(gevgelija, protocol.UseLink); is != k {
			t.Error("Follow() of the current key changed it")
		}
		if err := s.Follow(gevgelija, protocol.UseLink, next.Public); err != nil {
			t.Fatal(err)
		}
		if is, _ := s.Public(gevgelija, protocol.UseLink); is != next.Key {
			t.Error("Follow() of the next key left it")
		}
	}
	if files, _ := filepath.Glob(filepath.Join(o.Dir, "keys", "*.link*")); len(files) != 2 {
		t.Errorf("%v lie there, want two link keys", files)
	}
}

func TestAgeKeysAreKeptForEver(t *testing.T) {
	hour := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	o := keys.Options{Dir: t.TempDir(), Clock: func() time.Time { hour = hour.AddDate(0, 1, 0); return hour }}
	s := create(t, o)
	recipients := []string{s.Recipient(gevgelija)}
	for range 3 {
		next := prepare(t, s, protocol.UseAge)
		if next.Proof != (protocol.Signature{}) || !next.Key.IsZero() {
			t.Error("an age key proved something")
		}
		promote(t, s, protocol.UseAge)
		recipients = append(recipients, next.Public)
	}
	info := append(infoOf(t, open(t, o), protocol.UseAge, keys.Current), infoOf(t, open(t, o), protocol.UseAge, keys.Previous)...)
	slices.Reverse(recipients)
	for i, k := range info {
		if k.Public != recipients[i] || k.Made.IsZero() || i > 0 && !k.Made.Before(info[i-1].Made) {
			t.Errorf("key %d is %s of %s, want %s, the newest first", i, k.Public, k.Made, recipients[i])
		}
		if _, err := os.Stat(k.Place); err != nil {
			t.Error(err)
		}
	}
	if len(info) != 4 || s.Recipient(gevgelija) != recipients[0] {
		t.Errorf("%d age keys, want 4", len(info))
	}
}

func TestKeysAreListedWithoutSecrets(t *testing.T) {
	made := time.Date(2016, 3, 17, 9, 0, 0, 5, time.UTC)
	o := keys.Options{Dir: t.TempDir(), Clock: func() time.Time { return made }}
	s := create(t, o)
	prepare(t, s, protocol.UseNode)
	all, err := s.Keys(gevgelija)
	if err != nil || len(all) != 5 {
		t.Fatalf("Keys() gave %d, %v, want 5", len(all), err)
	}
	for _, k := range all {
		if !k.Made.Equal(made.Truncate(time.Second)) || k.Err != nil || k.Token != "" || k.Public == "" {
			t.Errorf("%+v", k)
		}
		if _, err := os.Stat(k.Place); err != nil {
			t.Errorf("%s key: %v", k.Use, err)
		}
	}
	if all[1].State != keys.Next || all[2].State.String() != "current" {
		t.Errorf("node keys are %v, want next, current", all[1:3])
	}
	if _, err := s.Keys(idomeni); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("Keys() of a stranger = %v, want ErrNotHosted", err)
	}
}
