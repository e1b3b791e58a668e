package keys_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
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

// childDir names the folder of the child process that makes keys until it is killed.
const childDir = "VARDAR_TEST_MAKE_KEYS_IN"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		makeKeysUntilKilled(dir)
	}
	os.Exit(m.Run())
}

func makeKeysUntilKilled(dir string) {
	for n := 0; ; n++ {
		s, err := keys.Create(keys.Options{Dir: filepath.Join(dir, fmt.Sprint(n))}, gevgelija)
		if err == nil {
			err = s.Add(idomeni)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

func TestKilledCreateLeavesAllOrNothing(t *testing.T) {
	for round := range 12 {
		dir := t.TempDir()
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), childDir+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err = child.Start(); err != nil {
			t.Fatal(err)
		}
		done := 0
		for lines := bufio.NewScanner(out); done <= round%4 && lines.Scan(); {
			done++
		}
		// Somewhere in the next one: at its carrier, in the middle, or while it adds.
		next := filepath.Join(dir, fmt.Sprint(done))
		for err = os.ErrNotExist; err != nil && t.Context().Err() == nil; {
			_, err = os.Stat(filepath.Join(next, []string{"identity", "keys.new/unlock", "keys"}[round%3]))
			if _, past := os.Stat(filepath.Join(dir, fmt.Sprint(done+1))); past == nil {
				break // overtaken: it is killed in one further on, and this one is whole
			}
		}
		if err = child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
		for n := range done {
			if got := open(t, keys.Options{Dir: filepath.Join(dir, fmt.Sprint(n))}).Institutions(); len(got) != 2 {
				t.Errorf("keys that were made are not whole: %v", got)
			}
		}
		s, err := keys.Open(keys.Options{Dir: next})
		if errors.Is(err, keys.ErrNoKeys) {
			s, err = keys.Create(keys.Options{Dir: next}, gevgelija)
		}
		if err != nil {
			t.Fatalf("after a kill: %v", err)
		}
		if len(s.Institutions()) == 1 {
			if err := s.Add(idomeni); err != nil {
				t.Fatalf("after a kill: %v", err)
			}
		}
		for _, id := range s.Institutions() {
			if _, err := s.Proof(id, protocol.UseIdentity); err != nil {
				t.Errorf("after a kill: %v", err)
			}
		}
	}
}
