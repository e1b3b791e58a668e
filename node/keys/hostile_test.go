package keys_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

func TestLinkInTheSafesPlaceIsRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links take a privilege on Windows")
	}
	for _, name := range []string{"keys", "identity", "keys/unlock", "keys/mk.southeast.gevgelija.node.age"} {
		t.Run(name, func(t *testing.T) {
			o := keys.Options{Dir: t.TempDir()}
			create(t, o)
			path, elsewhere := filepath.Join(o.Dir, name), filepath.Join(t.TempDir(), "elsewhere")
			if err := errors.Join(os.Rename(path, elsewhere), os.Symlink(elsewhere, path)); err != nil {
				t.Fatal(err)
			}
			if _, err := keys.Open(o); !errors.Is(err, keys.ErrPermissions) || !strings.Contains(err.Error(), "is a link (mend: ") {
				t.Errorf("Open() through a link = %v, want ErrPermissions with the mend", err)
			}
		})
	}
}

func TestKeyOfTwoUsesIsNotOpened(t *testing.T) {
	two := func(t *testing.T) (keys.Options, string, []string) {
		t.Helper()
		o := keys.Options{Dir: t.TempDir()}
		if err := create(t, o).Add(idomeni); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(o.Dir, "keys", "institutions")
		return o, path, strings.Split(string(read(t, path)), "\n")
	}
	public := func(line string) string { return line[strings.LastIndex(line, " ")+1:] }
	smallOrder := strings.Repeat("0", 64)
	tests := []struct {
		name     string
		at, from int // lines: 0 recovery, 1–4 Gevgelija's, 5–8 Idomeni's
		want     error
	}{
		{"the link key signs records too", 2, 3, keys.ErrReused},
		{"the identity key is the node key", 1, 2, keys.ErrReused},
		{"another institution's link key", 7, 3, keys.ErrReused},
		{"the recovery sheet unseals bodies", 4, 0, keys.ErrReused},
		{"a point of small order", 2, -1, keys.ErrDamaged},
		{"an age key where a key should sign", 3, 4, keys.ErrDamaged},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, path, lines := two(t)
			with := smallOrder
			if tt.from >= 0 {
				with = public(lines[tt.from])
			}
			lines[tt.at] = strings.TrimSuffix(lines[tt.at], public(lines[tt.at])) + with
			write(t, path, strings.Join(lines, "\n"))
			if _, err := keys.Open(o); !errors.Is(err, tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open() = %v, want %v naming %s", err, tt.want, path)
			}
		})
	}
	// Dice that fall alike make no keys.
	o := keys.Options{Dir: t.TempDir(), Rand: bytes.NewReader(bytes.Repeat([]byte{7}, 1000))}
	if _, err := keys.Create(o, gevgelija); !errors.Is(err, keys.ErrReused) {
		t.Errorf("Create() with dice that fall alike = %v, want ErrReused", err)
	}
	s := create(t, keys.Options{Dir: o.Dir})
	node, _ := s.Public(gevgelija, protocol.UseNode)
	o.Rand = bytes.NewReader(seeds(t, o.Dir)[string(gevgelija)+".link.age"])
	s = open(t, o)
	if _, err := s.Prepare(gevgelija, protocol.UseNode); !errors.Is(err, keys.ErrReused) {
		t.Errorf("Prepare() of a key that is the link key = %v, want ErrReused", err)
	}
	if is, _ := open(t, keys.Options{Dir: o.Dir}).Public(gevgelija, protocol.UseNode); is != node {
		t.Error("the refused key was kept")
	}
}

// What the list says and what lies there are held against each other after rotations too.
func TestEarlierKeysAreHeldAgainstTheList(t *testing.T) {
	o := keys.Options{Dir: t.TempDir()}
	s := create(t, o)
	for _, use := range []protocol.KeyUse{protocol.UseLink, protocol.UseAge} {
		prepare(t, s, use)
		promote(t, s, use)
	}
	for _, name := range []string{".link.age", ".link.2.age", ".age.age", ".age.2.age"} {
		path := filepath.Join(o.Dir, "keys", string(gevgelija)+name)
		good := read(t, path)
		for harm, text := range map[string][]byte{"cut": good[:len(good)-1], "empty": nil} {
			write(t, path, string(text))
			if _, err := keys.Open(o); !errors.Is(err, keys.ErrDamaged) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open() with %s %s = %v, want ErrDamaged naming it", name, harm, err)
			}
		}
		write(t, path, string(good))
	}
	stray := filepath.Join(o.Dir, "keys", string(gevgelija)+".node.7.age")
	write(t, stray, "left by a killed process")
	open(t, o)
	if _, err := os.Stat(stray); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a key file that is not listed was left: %v", err)
	}
}

// No error and no log line of what this room does with secrets says one.
func TestRotationsAndMovesSayNoSecret(t *testing.T) {
	log, out := logged()
	o := keys.Options{Dir: t.TempDir(), Logger: log}
	s, sheet := withSheet(t, o)
	o.Logger = log
	var said []error
	for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink, protocol.UseAge} {
		p, err := s.Prepare(gevgelija, use)
		said = append(said, err, s.Promote(gevgelija, use))
		out.WriteString(p.Public)
	}
	_, err := keys.Recover(keys.Options{Dir: t.TempDir(), Identity: filepath.Join(o.Dir, "identity")}, sheet, idomeni)
	said = append(said, err)
	_, err = keys.Adopt(keys.Options{Dir: t.TempDir()}, keys.Source{Folder: filepath.Join(o.Dir, "identity"), Passphrase: saying("quiet river")}, gevgelija)
	said = append(said, err)
	_, err = keys.ParseSheet(sheet.Line()[:70])
	said = append(said, err)
	for _, err := range said {
		if err != nil {
			out.WriteString(err.Error())
		}
	}
	all := seeds(t, o.Dir)
	all["sheet"] = []byte(sheet.Line())
	all["unlock"] = bytes.TrimSpace(read(t, filepath.Join(o.Dir, "keys", "unlock")))
	for name, secret := range all {
		for _, face := range append(faces(secret), string(secret)[16:]) {
			if strings.Contains(out.String(), face) {
				t.Errorf("%s came to light as %q", name, face)
			}
		}
	}
	if len(all) < 9 || out.Len() == 0 {
		t.Errorf("%d secrets were looked for in %d bytes", len(all), out.Len())
	}
}
