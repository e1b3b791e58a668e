package keys_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

func TestHalfMadeKeysAreNoticed(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	create(t, o)
	folder, identity := filepath.Join(o.Dir, "keys"), filepath.Join(o.Dir, "identity", string(gevgelija)+".identity.age")
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	// Killed between the two renames: the keys count, the carrier's name is owed.
	move(identity, identity+".new")
	s := open(t, o)
	if err := s.Carrier(gevgelija); err != nil {
		t.Errorf("the identity key was not put in its place: %v", err)
	}
	// Killed before the first: nothing counts.
	move(identity, identity+".new")
	move(folder, folder+".new")
	if _, err := keys.Open(o); !errors.Is(err, keys.ErrNoKeys) || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("Open() of half-made keys = %v, want ErrNoKeys saying so", err)
	}
	log, out := logged()
	o.Logger = log
	fresh := create(t, o)
	if !strings.Contains(out.String(), "half-made keys removed") {
		t.Errorf("the log says %q", out)
	}
	a, _ := s.Public(gevgelija, protocol.UseIdentity)
	b, _ := fresh.Public(gevgelija, protocol.UseIdentity)
	if proof, err := fresh.Proof(gevgelija, protocol.UseIdentity); a == b || err != nil || protocol.CheckKeyProof(gevgelija, protocol.UseIdentity, b, proof) != nil {
		t.Errorf("the half-made identity key was taken for the new one: %v", err)
	}
}

func TestHalfMadeInstitutionIsNotHosted(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	list := filepath.Join(o.Dir, "keys", "institutions")
	before := read(t, list)
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	identity := filepath.Join(o.Dir, "identity", string(idomeni)+".identity.age")
	if err := os.Rename(identity, identity+".new"); err != nil {
		t.Fatal(err)
	}
	after := read(t, list)
	write(t, list, string(before)) // killed before the list was replaced
	s = open(t, o)
	if got := s.Institutions(); len(got) != 1 {
		t.Errorf("Institutions() = %v, want the first alone", got)
	}
	if err := s.Add(idomeni); err != nil {
		t.Errorf("Add() after a killed one: %v", err)
	}
	if text := read(t, list); string(text) == string(after) {
		t.Error("the half-made keys were taken")
	}
	if err := open(t, o).Carrier(idomeni); err != nil {
		t.Error(err)
	}
}

func TestPassphraseIsAskedForOnce(t *testing.T) {
	asked := 0
	o := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork, Passphrase: func() ([]byte, error) {
		asked++
		return []byte("quiet river"), nil
	}}
	create(t, o)
	if asked != 1 {
		t.Errorf("Create() asked %d times", asked)
	}
	open(t, o)
	if asked != 2 {
		t.Errorf("Open() asked %d times", asked-1)
	}
}
