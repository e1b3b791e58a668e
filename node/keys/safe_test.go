package keys_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

func TestSafeOpensAsItWasSealed(t *testing.T) {
	folder := credential(t)
	passphraseFile := filepath.Join(t.TempDir(), "passphrase")
	write(t, passphraseFile, "quiet river\r\nsecond line\n")
	tests := []struct {
		name         string
		create, open keys.Options
		lies         string // where the unlock identity is
	}{
		{"passphrase", keys.Options{Passphrase: saying("quiet river")}, keys.Options{Passphrase: saying("quiet river")}, "unlock.age"},
		{"passphrase from a file", keys.Options{Passphrase: saying("quiet river")}, keys.Options{Passphrase: keys.PassphraseFromFile(passphraseFile)}, "unlock.age"},
		{"passphrase under systemd", keys.Options{Passphrase: saying("quiet river"), Credentials: folder}, keys.Options{Passphrase: saying("quiet river"), Credentials: folder}, "unlock.age"},
		{"credential", keys.Options{Credentials: folder}, keys.Options{Credentials: folder}, ""},
		{"owner-only file", keys.Options{}, keys.Options{}, "unlock"},
		{"owner-only file, and a passphrase at hand", keys.Options{}, keys.Options{Passphrase: saying("anything")}, "unlock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			tt.create.Dir, tt.open.Dir, tt.create.WorkFactor = dir, dir, cheapWork
			made, opened := create(t, tt.create), open(t, tt.open)
			for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink} {
				got, ok := opened.Public(gevgelija, use)
				want, _ := made.Public(gevgelija, use)
				if !ok || got != want || got.IsZero() {
					t.Errorf("Public(%s) = %s, %v, want %s", use, got, ok, want)
				}
				proof, err := opened.Proof(gevgelija, use)
				if err != nil {
					t.Fatal(err)
				}
				if err := protocol.CheckKeyProof(gevgelija, use, got, proof); err != nil {
					t.Errorf("Proof(%s): %v", use, err)
				}
			}
			if got, want := opened.Recipient(gevgelija), made.Recipient(gevgelija); got != want || !strings.HasPrefix(got, "age1") {
				t.Errorf("Recipient() = %q, want %q", got, want)
			}
			for _, name := range []string{"unlock", "unlock.age"} {
				_, err := os.Stat(filepath.Join(dir, "keys", name))
				if there := err == nil; there != (name == tt.lies) {
					t.Errorf("keys/%s is there: %v, want the unlock identity in %q", name, there, tt.lies)
				}
			}
		})
	}
}

func TestWrongUnlockIsSaid(t *testing.T) {
	good := credential(t)
	loose := filepath.Join(t.TempDir(), "passphrase")
	write(t, loose, "quiet river\n")
	if err := os.Chmod(loose, 0o644); err != nil {
		t.Fatal(err)
	}
	sealed, credentialed := t.TempDir(), t.TempDir()
	create(t, keys.Options{Dir: sealed, Passphrase: saying("quiet river"), WorkFactor: cheapWork})
	create(t, keys.Options{Dir: credentialed, Credentials: good})
	broken := errors.New("terminal gone")
	tests := []struct {
		name string
		o    keys.Options
		want error
	}{
		{"wrong passphrase", keys.Options{Dir: sealed, Passphrase: saying("Quiet river")}, keys.ErrPassphrase},
		{"empty passphrase", keys.Options{Dir: sealed, Passphrase: saying("")}, keys.ErrPassphrase},
		{"no passphrase", keys.Options{Dir: sealed}, keys.ErrPassphrase},
		{"asking fails", keys.Options{Dir: sealed, Passphrase: func() ([]byte, error) { return nil, broken }}, broken},
		{"another credential", keys.Options{Dir: credentialed, Credentials: credential(t)}, keys.ErrUnlock},
		{"credential not handed in", keys.Options{Dir: credentialed}, keys.ErrUnlock},
		{"credential missing from its folder", keys.Options{Dir: credentialed, Credentials: t.TempDir()}, keys.ErrUnlock},
		{"a folder without keys", keys.Options{Dir: t.TempDir()}, keys.ErrNoKeys},
		{"passphrase file that others read", keys.Options{Dir: sealed, Passphrase: keys.PassphraseFromFile(loose)}, keys.ErrPermissions},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if errors.Is(tt.want, keys.ErrPermissions) && runtime.GOOS == "windows" {
				t.Skip("modes say nothing on Windows")
			}
			_, err := keys.Open(tt.o)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Open() = %v, want %v", err, tt.want)
			}
			if strings.Contains(strings.ToLower(err.Error()), "quiet river") {
				t.Errorf("Open() says the passphrase: %v", err)
			}
		})
	}
}

func TestOpenPermissionsAreRefusedWithTheMend(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	tests := []struct {
		path string
		mode fs.FileMode
		mend string
	}{
		{"keys", 0o750, "chmod 700 "},
		{"keys", 0o701, "chmod 700 "},
		{"identity", 0o755, "chmod 700 "},
		{"keys/unlock", 0o640, "chmod 600 "},
		{"keys/unlock", 0o604, "chmod 600 "},
		{"keys/mk.southeast.gevgelija.node.age", 0o644, "chmod 600 "},
		{"keys/mk.southeast.gevgelija.link.age", 0o660, "chmod 600 "},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %o", tt.path, tt.mode), func(t *testing.T) {
			o := keys.Options{Dir: t.TempDir()}
			create(t, o)
			path := filepath.Join(o.Dir, tt.path)
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			_, err := keys.Open(o)
			if !errors.Is(err, keys.ErrPermissions) || !strings.Contains(err.Error(), tt.mend+path) {
				t.Fatalf("Open() = %v, want ErrPermissions and %q", err, tt.mend+path)
			}
			if err := os.Chmod(path, 0o700&^(tt.mode&0o077)); err != nil {
				t.Fatal(err)
			}
			open(t, o)
		})
	}
}

func TestAnotherAccountsFilesAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" || os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	for _, name := range []string{"keys", "identity", "keys/unlock", "keys/mk.southeast.gevgelija.node.age"} {
		t.Run(name, func(t *testing.T) {
			o := keys.Options{Dir: t.TempDir()}
			create(t, o)
			if err := os.Chown(filepath.Join(o.Dir, name), 12345, -1); err != nil {
				t.Fatal(err)
			}
			if _, err := keys.Open(o); !errors.Is(err, keys.ErrPermissions) || !strings.Contains(err.Error(), "mend: ") {
				t.Errorf("Open() = %v, want ErrPermissions with the mend", err)
			}
		})
	}
}

func TestFilesAreMadeForTheOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	if err := s.AppendTrust(firstTrust(t, s)); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"keys", "identity"} {
		err := filepath.WalkDir(filepath.Join(o.Dir, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil && info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %o", path, info.Mode().Perm())
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestKeysAreNeverOverwritten(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	create(t, o)
	before := seeds(t, o.Dir)
	if _, err := keys.Create(o, idomeni); !errors.Is(err, keys.ErrExists) {
		t.Errorf("Create() in a folder with keys = %v, want ErrExists", err)
	}
	other := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(o.Dir, "identity")}
	if _, err := keys.Create(other, gevgelija); !errors.Is(err, keys.ErrExists) {
		t.Errorf("Create() with a carrier that holds the institution = %v, want ErrExists", err)
	}
	if _, err := keys.Open(other); !errors.Is(err, keys.ErrNoKeys) {
		t.Errorf("Open() after the refused Create = %v, want ErrNoKeys", err)
	}
	if err := open(t, o).Add(gevgelija); !errors.Is(err, keys.ErrExists) {
		t.Errorf("Add() of who is hosted = %v, want ErrExists", err)
	}
	if after := seeds(t, o.Dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Error("keys changed")
	}
}

func TestNodeHostsSeveralInstitutions(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	want := []protocol.InstitutionID{gevgelija, idomeni}
	seen := map[string]bool{}
	for _, s := range []*keys.Safe{s, open(t, o)} {
		if got := s.Institutions(); !slices.Equal(got, want) {
			t.Errorf("Institutions() = %v, want %v, the node's name first", got, want)
		}
		for _, id := range want {
			for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink} {
				k, _ := s.Public(id, use)
				seen[k.String()] = true
			}
			seen[s.Recipient(id)] = true
		}
	}
	if len(seen) != 8 {
		t.Errorf("two institutions have %d keys, want 8", len(seen))
	}
	if all := seeds(t, o.Dir); len(all) != 8 {
		t.Errorf("two institutions have %d key files, want 8", len(all))
	}
	if _, ok := s.Public("mk.pelagonia.bitola", protocol.UseNode); ok {
		t.Error("a stranger has a key here")
	}
	if _, ok := s.Public(gevgelija, protocol.UseAge); ok {
		t.Error("the age key was given as a key that verifies")
	}
	if _, err := s.Proof(gevgelija, protocol.UseAge); !errors.Is(err, keys.ErrNoProof) {
		t.Errorf("Proof(age) = %v, want ErrNoProof", err)
	}
}

func TestSameDiceGiveTheSameKeys(t *testing.T) {
	var got [2]string
	for i := range got {
		o := keys.Options{Dir: t.TempDir(), Rand: bytes.NewReader(bytes.Repeat([]byte{1, 2, 3, 4, 5, 6, 7}, 60))}
		s := create(t, o)
		node, _ := s.Public(gevgelija, protocol.UseNode)
		got[i] = node.String() + s.Recipient(gevgelija)
	}
	if got[0] != got[1] {
		t.Errorf("the same dice gave %s and %s", got[0], got[1])
	}
	o := keys.Options{Dir: t.TempDir(), Rand: bytes.NewReader(make([]byte, 40))}
	if _, err := keys.Create(o, gevgelija); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("Create() with dice that run out = %v", err)
	}
	o.Rand = nil
	create(t, o) // and nothing stands in its way
}

func TestDamagedSafeIsSaid(t *testing.T) {
	node := filepath.Join("keys", string(gevgelija)+".node.age")
	link := filepath.Join("keys", string(gevgelija)+".link.age")
	list := filepath.Join("keys", "institutions")
	swap := func(t *testing.T, a, b string) {
		x, y := read(t, a), read(t, b)
		write(t, a, string(y))
		write(t, b, string(x))
	}
	tests := []struct {
		name string
		harm func(t *testing.T, dir string)
		want error
		file string
	}{
		{"key file cut", func(t *testing.T, dir string) { write(t, filepath.Join(dir, node), "age-encryption.org/v1\n") }, keys.ErrDamaged, node},
		{"one bit of a key file", func(t *testing.T, dir string) {
			text := read(t, filepath.Join(dir, node))
			text[len(text)-1] ^= 1
			write(t, filepath.Join(dir, node), string(text))
		}, keys.ErrDamaged, node},
		{"key file gone", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, link)) }, keys.ErrDamaged, link},
		{"key files in each other's place", func(t *testing.T, dir string) { swap(t, filepath.Join(dir, node), filepath.Join(dir, link)) }, keys.ErrDamaged, node},
		{"list gone", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, list)) }, keys.ErrDamaged, list},
		{"list empty", func(t *testing.T, dir string) { write(t, filepath.Join(dir, list), "") }, keys.ErrDamaged, list},
		{"list with a line twice", func(t *testing.T, dir string) {
			text := string(read(t, filepath.Join(dir, list)))
			write(t, filepath.Join(dir, list), text+text)
		}, keys.ErrDamaged, list},
		{"another key in the list", func(t *testing.T, dir string) {
			other := keys.Options{Dir: t.TempDir()}
			create(t, other)
			write(t, filepath.Join(dir, list), string(read(t, filepath.Join(other.Dir, list))))
		}, keys.ErrDamaged, node},
		{"unlock identity garbled", func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "keys", "unlock"), "AGE-SECRET-KEY-1QQQQ\n")
		}, keys.ErrUnlock, "unlock"},
		{"unlock identity gone", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, "keys", "unlock")) }, keys.ErrUnlock, "unlock"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := keys.Options{Dir: t.TempDir()}
			create(t, o)
			tt.harm(t, o.Dir)
			_, err := keys.Open(o)
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.file) {
				t.Fatalf("Open() = %v, want %v naming %s", err, tt.want, tt.file)
			}
			if strings.Contains(err.Error(), "QQQQ") {
				t.Errorf("Open() quotes the secret: %v", err)
			}
		})
	}
}
