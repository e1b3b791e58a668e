package keys_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

const (
	gevgelija protocol.InstitutionID = "mk.southeast.gevgelija"
	idomeni   protocol.InstitutionID = "gr.central-macedonia.paionia"
)

// cheapWork is a scrypt work factor for tests: a millisecond.
const cheapWork = 8

// create makes keys for Gevgelija.
func create(t testing.TB, o keys.Options) *keys.Safe {
	t.Helper()
	s, err := keys.Create(o, gevgelija)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t testing.TB, o keys.Options) *keys.Safe {
	t.Helper()
	s, err := keys.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func saying(passphrase string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(passphrase), nil }
}

// credential makes a folder as systemd hands it to a service.
func credential(t testing.TB) string {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := "# created: 2016-03-01\n# public key: " + identity.Recipient().String() + "\n" + identity.String() + "\n"
	write(t, filepath.Join(dir, keys.CredentialName), text)
	return dir
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// seeds opens every key file of a safe that an owner-only file seals, by age alone.
func seeds(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	unlock, err := age.ParseIdentities(bytes.NewReader(read(t, filepath.Join(dir, "keys", "unlock"))))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, folder := range []string{"keys", "identity"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.*.age"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.Contains(filepath.Base(file), "unlock") {
				continue // sealed to the recovery sheet, or a passphrase
			}
			r, err := age.Decrypt(bytes.NewReader(read(t, file)), unlock...)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			fields := strings.Fields(string(text))
			seed, err := hex.DecodeString(fields[len(fields)-1])
			if err != nil || len(seed) != 32 {
				t.Fatalf("%s holds %d fields, and no seed at their end", file, len(fields))
			}
			found[filepath.Base(file)] = seed
		}
	}
	return found
}

// logged gives a logger and what it was told.
func logged() (*slog.Logger, *bytes.Buffer) {
	var out bytes.Buffer
	return slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})), &out
}

func privateOf(seed []byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(seed) }
