package keys_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// hosting makes a node of Gevgelija that hosts Idomeni, which has said n things.
func hosting(t *testing.T, n int) (*keys.Safe, keys.Options, []protocol.Record) {
	t.Helper()
	o := keys.Options{Dir: t.TempDir(), Passphrase: saying("quiet river"), WorkFactor: cheapWork}
	s := create(t, o)
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	var said []protocol.Record
	previous := protocol.DigestOf([]byte("opener"))
	for i := range n {
		r := newRecord(idomeni, protocol.Trust, uint32(i+1), previous)
		if err := errors.Join(s.SignRecord(t.Context(), &r), s.AppendTrust(r)); err != nil {
			t.Fatal(err)
		}
		said, previous = append(said, r), r.Digest()
	}
	return s, o, said
}

func TestHostedInstitutionMovesAndComesBack(t *testing.T) {
	host, o, said := hosting(t, 3)
	identity, _ := host.Public(idomeni, protocol.UseIdentity)
	node, _ := host.Public(idomeni, protocol.UseNode)
	away := filepath.Join(t.TempDir(), "away")
	if err := host.Release(idomeni, away, saying("on the way")); err != nil {
		t.Fatal(err)
	}
	r := newRecord(idomeni, protocol.Situation, 1, protocol.Digest{})
	if err := host.SignRecord(t.Context(), &r); !errors.Is(err, keys.ErrNotHosted) {
		t.Errorf("the host signs for who has left: %v", err)
	}
	for _, folder := range []string{"keys", "identity"} {
		if left, _ := filepath.Glob(filepath.Join(o.Dir, folder, string(idomeni)+".*")); len(left) > 0 {
			t.Errorf("the host keeps %v", left)
		}
	}
	own := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork}
	moved, err := keys.Adopt(own, keys.Source{Folder: away, Passphrase: saying("on the way")}, idomeni)
	if err != nil {
		t.Fatal(err)
	}
	is, _ := moved.Public(idomeni, protocol.UseIdentity)
	fresh, _ := moved.Public(idomeni, protocol.UseNode)
	if is != identity || fresh == node || works(moved) != nil {
		t.Errorf("identity key %s, want %s; node key fresh: %t; %v", is, identity, fresh != node, works(moved))
	}
	next := newRecord(idomeni, protocol.Trust, 4, said[2].Digest())
	if err := errors.Join(moved.SignRecord(t.Context(), &next), moved.AppendTrust(next)); err != nil {
		t.Errorf("the trust feed does not go on: %v", err)
	}

	// And back: straight from the carrier of its own node.
	back := keys.Source{Folder: filepath.Join(own.Dir, "identity"), Passphrase: saying("nothing")}
	if err := host.Adopt(back, idomeni); !errors.Is(err, keys.ErrCarrierIncomplete) {
		t.Errorf("Adopt() of a carrier that no passphrase seals = %v, want ErrCarrierIncomplete", err)
	}
	var sheet *keys.Sheet
	own.Sheet = func(s *keys.Sheet) error { sheet = s; return nil }
	if err := open(t, own).RenewSheet(); err != nil {
		t.Fatal(err)
	}
	back.Sheet = sheet
	if err := host.Adopt(back, idomeni); err != nil {
		t.Fatal(err)
	}
	if err := host.Adopt(back, idomeni); !errors.Is(err, keys.ErrExists) {
		t.Errorf("Adopt() of who is hosted = %v, want ErrExists", err)
	}
	host = open(t, o)
	if got, err := feed(t, host, idomeni); err != nil || len(got) != 4 || works(host) != nil {
		t.Errorf("back at the host: %d records, %v, %v", len(got), err, works(host))
	}
}

func TestReleaseIsRefusedBeforeAnythingIsLost(t *testing.T) {
	host, o, _ := hosting(t, 2)
	other, _, _ := hosting(t, 1)
	taken := filepath.Join(t.TempDir(), "taken")
	if err := other.Release(idomeni, taken, saying("on the way")); err != nil {
		t.Fatal(err)
	}
	away := filepath.Join(t.TempDir(), "away")
	tests := []struct {
		name, folder string
		id           protocol.InstitutionID
		passphrase   string
		want         error
	}{
		{"who names the node", away, gevgelija, "on the way", keys.ErrStays},
		{"a stranger", away, "mk.pelagonia.bitola", "on the way", keys.ErrNotHosted},
		{"no passphrase", away, idomeni, "", keys.ErrPassphrase},
		{"onto the node's own carrier", filepath.Join(o.Dir, "identity"), idomeni, "on the way", keys.ErrExists},
		{"onto another carrier of the institution", taken, idomeni, "on the way", keys.ErrExists},
		{"where no folder can be", filepath.Join(t.TempDir(), "not", "there"), idomeni, "on the way", keys.ErrNoCarrier},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := host.Release(tt.id, tt.folder, saying(tt.passphrase)); !errors.Is(err, tt.want) {
				t.Errorf("Release() = %v, want %v", err, tt.want)
			}
			if got := open(t, o).Institutions(); len(got) != 2 || works(host) != nil {
				t.Errorf("hosted are %v: %v", got, works(host))
			}
		})
	}
	carrier := filepath.Join(o.Dir, "identity")
	if err := os.Rename(carrier, carrier+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := host.Release(idomeni, away, saying("on the way")); !errors.Is(err, keys.ErrNoCarrier) {
		t.Errorf("Release() without the carrier = %v, want ErrNoCarrier", err)
	}
}

func TestCarrierThatDoesNotFitIsNotAdopted(t *testing.T) {
	host, _, _ := hosting(t, 3)
	whole := filepath.Join(t.TempDir(), "whole")
	if err := host.Release(idomeni, whole, saying("on the way")); err != nil {
		t.Fatal(err)
	}
	other, _, _ := hosting(t, 1)
	strangers := filepath.Join(t.TempDir(), "strangers")
	if err := other.Release(idomeni, strangers, saying("on the way")); err != nil {
		t.Fatal(err)
	}
	name := func(end string) string { return string(idomeni) + "." + end }
	swap := func(file string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, file), string(read(t, filepath.Join(strangers, file))))
		}
	}
	drop := func(file string) func(t *testing.T, dir string) {
		return func(_ *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, file)) }
	}
	short := func(file string, n int) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, file), string(read(t, filepath.Join(dir, file))[:n]))
		}
	}
	passphrase := "on the way"
	tests := []struct {
		name string
		id   protocol.InstitutionID
		harm func(t *testing.T, dir string)
		word string
		want error
	}{
		{"somebody else's", gevgelija, func(*testing.T, string) {}, passphrase, keys.ErrOtherCarrier},
		{"without the identity key", idomeni, drop(name("identity.age")), passphrase, keys.ErrCarrierIncomplete},
		{"an identity key that was not finished", idomeni, func(_ *testing.T, dir string) {
			_ = os.Rename(filepath.Join(dir, name("identity.age")), filepath.Join(dir, name("identity.age.new")))
		}, passphrase, keys.ErrCarrierIncomplete},
		{"without the trust feed", idomeni, drop(name("trust")), passphrase, keys.ErrCarrierIncomplete},
		{"without the unlock identity", idomeni, drop(name("unlock.age")), passphrase, keys.ErrCarrierIncomplete},
		{"another's unlock identity", idomeni, swap(name("unlock.age")), passphrase, keys.ErrOtherCarrier},
		{"another's identity key", idomeni, swap(name("identity.age")), passphrase, keys.ErrOtherCarrier},
		{"identity key cut", idomeni, short(name("identity.age"), 120), passphrase, keys.ErrDamaged},
		{"unlock identity cut", idomeni, short(name("unlock.age"), 60), passphrase, keys.ErrDamaged},
		{"trust feed damaged", idomeni, func(t *testing.T, dir string) {
			text := read(t, filepath.Join(dir, name("trust")))
			text[200] ^= 1
			write(t, filepath.Join(dir, name("trust")), string(text))
		}, passphrase, keys.ErrCarrierDamaged},
		{"wrong passphrase", idomeni, func(*testing.T, string) {}, "On the way", keys.ErrPassphrase},
		{"empty folder", idomeni, func(t *testing.T, dir string) {
			if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
				t.Fatal(err)
			}
		}, passphrase, keys.ErrCarrierIncomplete},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := copyOf(t, whole)
			tt.harm(t, dir)
			o := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork}
			_, err := keys.Adopt(o, keys.Source{Folder: dir, Passphrase: saying(tt.word)}, tt.id)
			if !errors.Is(err, tt.want) || !strings.Contains(fmt.Sprint(err), string(tt.id)) {
				t.Errorf("Adopt() = %v, want %v naming %s", err, tt.want, tt.id)
			}
			if _, err := keys.Open(o); !errors.Is(err, keys.ErrNoKeys) {
				t.Errorf("after a refused Adopt() there are keys: %v", err)
			}
		})
	}
	// One that stands in the way is never overwritten.
	o := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork}
	s := create(t, o)
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	elsewhere := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(o.Dir, "identity"), WorkFactor: cheapWork}
	before := seeds(t, o.Dir)
	if _, err := keys.Adopt(elsewhere, keys.Source{Folder: whole, Passphrase: saying(passphrase)}, idomeni); !errors.Is(err, keys.ErrExists) {
		t.Errorf("Adopt() onto a carrier with another identity key = %v, want ErrExists", err)
	}
	if after := seeds(t, o.Dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("keys changed")
	}
}

// The carrier that an institution comes with can become the carrier of its node.
func TestCarrierIsAdoptedWhereItLies(t *testing.T) {
	host, _, said := hosting(t, 2)
	if _, err := host.Prepare(idomeni, protocol.UseIdentity); err != nil {
		t.Fatal(err)
	}
	prepared, _ := host.Prepare(idomeni, protocol.UseIdentity)
	stick := filepath.Join(t.TempDir(), "stick")
	if err := host.Release(idomeni, stick, saying("on the way")); err != nil {
		t.Fatal(err)
	}
	o := keys.Options{Dir: t.TempDir(), Identity: stick, Passphrase: saying("loud hill"), WorkFactor: cheapWork}
	s, err := keys.Adopt(o, keys.Source{Folder: stick, Passphrase: saying("on the way")}, idomeni)
	if err != nil {
		t.Fatal(err)
	}
	if next, err := s.Prepare(idomeni, protocol.UseIdentity); err != nil || next.Public != prepared.Public {
		t.Errorf("the rotation that was under way was forgotten: %v", err)
	}
	if got, err := feed(t, open(t, o), idomeni); err != nil || len(got) != len(said) || works(s) != nil {
		t.Errorf("%d records, %v, %v", len(got), err, works(s))
	}
	again := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork}
	if _, err := keys.Adopt(again, keys.Source{Folder: stick, Passphrase: saying("on the way")}, idomeni); !errors.Is(err, keys.ErrPassphrase) {
		t.Errorf("the passphrase of the way still opens the stick: %v", err)
	}
}
