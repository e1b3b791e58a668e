package backup_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

const (
	town  protocol.InstitutionID = "mk.southeast.gevgelija"
	other protocol.InstitutionID = "mk.southeast.valandovo"
	day                          = 24 * time.Hour
)

var noon = time.Date(2016, 3, 17, 12, 0, 0, 0, time.UTC)

func at(ago time.Duration) protocol.Instant { return protocol.InstantOf(noon.Add(-ago)) }

func roomy(string) (free, total uint64, err error) { return 1 << 40, 1 << 40, nil }

// archive is a store with some records of one feed.
func archive(t *testing.T, dir string, records int) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Clock: func() time.Time { return noon }, Free: roomy})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, r := range write(records, nil) {
		if _, err := s.Append(t.Context(), []protocol.Record{r}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// write signs records of the town's situation feed; spoil may change one before it is
// chained on.
func write(n int, spoil func(*protocol.Record)) []protocol.Record {
	seed := sha256.Sum256([]byte("town"))
	key, previous := ed25519.NewKeyFromSeed(seed[:]), protocol.DigestOf([]byte("opener"))
	var out []protocol.Record
	for i := range n {
		r := protocol.Record{
			Name: protocol.Name{Institution: town, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: uint32(i) + 1}},
			Type: "vardar.situation.report.v1", Time: at(0), Previous: previous, Handling: protocol.Green,
		}
		r.SetBody(fmt.Appendf(nil, `%s,"say":"the bridge is closed"}`, protocol.SaltMember([16]byte{byte(i)})))
		r.Sign(key)
		if spoil != nil {
			spoil(&r)
		}
		out, previous = append(out, r), r.Digest()
	}
	return out
}

// sheet is a recovery sheet and its recipient.
func sheet(t *testing.T) (text, recipient string) {
	t.Helper()
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return "Recovery sheet of " + string(town) + "\n\n    " + identity.String() + "\n\nKeep it in a safe.\n", identity.Recipient().String()
}

func options(to, recipient string) backup.Options {
	return backup.Options{To: to, Hosted: []protocol.InstitutionID{town}, Recipients: []string{recipient}, Time: at(0), Free: roomy}
}

func checking(text string) backup.CheckOptions {
	return backup.CheckOptions{
		Identity: text, Clock: func() time.Time { return noon }, Free: roomy, Judge: signed,
		Child: func(_ context.Context, path string) error { return store.CheckFile(path) },
	}
}

// signed counts the records whose own signature is good.
func signed(ctx context.Context, s *store.Store) (n int, err error) {
	for r, err := range s.All(ctx) {
		if err == nil {
			err = r.Verify()
		}
		if err != nil {
			return n, fmt.Errorf("%s: %w", r.Name, err)
		}
		n++
	}
	return n, nil
}

func create(t *testing.T, s *store.Store, o backup.Options) backup.Made {
	t.Helper()
	made, err := backup.Create(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestBackupIsListedCheckedAndPutBack(t *testing.T) {
	s, to := archive(t, t.TempDir(), 30), t.TempDir()
	text, recipient := sheet(t)
	made := create(t, s, options(to, recipient))
	listed, err := backup.List(to, town)
	if err != nil || len(listed) != 1 || listed[0] != made.Entry || made.Heads != 1 {
		t.Fatalf("List = %+v, %v, made %+v", listed, err, made)
	}
	sealed, err := os.ReadFile(made.File)
	if err != nil || bytes.Contains(sealed, []byte("bridge")) {
		t.Fatalf("the backup can be read: %v", err)
	}
	r, err := backup.Check(t.Context(), made.File, checking(text))
	if err != nil || !r.OK || r.Records != 30 || r.Verified != 30 || r.Header.Institution != town {
		t.Fatalf("Check = %+v, %v", r, err)
	}
	if listed, _ = backup.List(to, ""); listed[0].Checked == nil || !listed[0].Checked.OK || listed[0].Heads != 1 {
		t.Errorf("the check is not listed: %+v", listed)
	}
	dir := filepath.Join(t.TempDir(), "node")
	prepared := ""
	if _, err = backup.Restore(t.Context(), made.File, dir, checking(text), func(d string, h backup.Header) error {
		prepared = d
		return os.WriteFile(filepath.Join(d, "keys"), []byte(h.Institution), 0o600)
	}); err != nil {
		t.Fatal(err)
	}
	back, err := store.Open(t.Context(), store.Options{Dir: dir, Clock: time.Now, Free: roomy})
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close() //nolint:errcheck // a test
	if n := back.Stats().Records; n != 30 {
		t.Errorf("%d records came back, want 30", n)
	}
	if _, err := os.Stat(prepared); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s was left: %v", prepared, err)
	}
	if keys, err := os.ReadFile(filepath.Join(dir, "keys")); err != nil || string(keys) != string(town) {
		t.Errorf("what prepare made is not there: %q, %v", keys, err)
	}
}

// TestDamagedBackupIsFound changes a backup in every way a disk does.
func TestDamagedBackupIsFound(t *testing.T) {
	s, to := archive(t, t.TempDir(), 5), t.TempDir()
	text, recipient := sheet(t)
	made := create(t, s, options(to, recipient))
	whole, err := os.ReadFile(made.File)
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.Index(whole, []byte("\n---")) + 60 // age's own header ends there, about
	for name, bad := range map[string][]byte{
		"cut in its header":    whole[:header-80],
		"cut behind it":        whole[:header+10],
		"cut in the middle":    whole[:len(whole)/2],
		"one byte short":       whole[:len(whole)-1],
		"a chunk short":        whole[:len(whole)-(64<<10)],
		"something behind it":  append(bytes.Clone(whole), "more"...),
		"a bit in the header":  flipped(whole, header-20),
		"a bit in the middle":  flipped(whole, len(whole)/2),
		"the last bit":         flipped(whole, len(whole)-1),
		"no backup":            []byte("something else altogether"),
		"nothing":              nil,
		"age, and no backup":   sealedText(t, recipient, "hello, and good bye to all of you"),
		"of a later form":      sealedText(t, recipient, "vardar-backup-v2\n\x00\x00\x00\x02{}"),
		"a header without end": sealedText(t, recipient, "vardar-backup-v1\n\xff\xff\xff\xff{}"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(made.File, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := backup.Check(t.Context(), made.File, checking(text))
			if err == nil && (r.OK || len(r.Findings) == 0) {
				t.Errorf("nothing was found: %+v", r)
			}
			dir := filepath.Join(t.TempDir(), "node")
			if _, err := backup.Restore(t.Context(), made.File, dir, checking(text), nothingMore); err == nil {
				t.Error("it was restored")
			}
			if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
				t.Errorf("a failed restore left %v", left)
			}
		})
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func sealedText(t *testing.T, recipient, text string) []byte {
	t.Helper()
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err == nil {
		_, err = w.Write([]byte(text))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func nothingMore(string, backup.Header) error { return nil }

// TestCheckReallyOpensTheCopy: what is whole as a file can still hold a store that nobody
// can use. Whoever has the recipient can make such a file.
func TestCheckReallyOpensTheCopy(t *testing.T) {
	text, recipient := sheet(t)
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		t.Fatal(err)
	}
	foreign := protocol.DigestOf([]byte("elsewhere"))
	tests := []struct {
		name    string
		records []protocol.Record
		header  func(*backup.Header)
		damage  bool
		want    string
	}{
		{"a forged signature", write(3, func(r *protocol.Record) { r.Signature[7] ^= 1 }), nil, false, "situation.1.1"},
		{"a record is missing", write(3, nil), func(h *backup.Header) { h.Heads[0].Sequence, h.Heads[0].Digest = 9, foreign }, false, "is not in the backup"},
		{"a charter is missing", write(3, nil), func(h *backup.Header) { h.Charters = []protocol.Digest{foreign} }, false, "charter"},
		{"a rotten store was copied", write(3, nil), nil, true, "damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			s := archive(t, dir, 0)
			if _, err := s.Append(t.Context(), tt.records); err != nil {
				t.Fatal(err)
			}
			if tt.damage {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				rot(t, filepath.Join(dir, store.FileName), "bridge")
				s = archive(t, dir, 0)
			}
			c, err := s.Copy(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close() //nolint:errcheck // a test
			last := tt.records[len(tt.records)-1]
			h := backup.Header{
				Version: 1, Institution: town, Time: at(0), Bytes: c.Size(),
				Heads: []backup.Head{{Epoch: last.EpochID(), Sequence: last.Sequence, Digest: last.Digest()}},
			}
			if tt.header != nil {
				tt.header(&h)
			}
			var out bytes.Buffer
			if err = backup.Seal(&out, to, h, c); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "vardar-mk.southeast.gevgelija-20160317T120000.000Z.backup")
			if err = os.WriteFile(file, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			r, err := backup.Check(t.Context(), file, checking(text))
			if err != nil || r.OK || !strings.Contains(strings.Join(r.Findings, "\n"), tt.want) {
				t.Errorf("Check = %+v, %v, want %q", r, err, tt.want)
			}
			if listed, err := backup.List(filepath.Dir(file), ""); err != nil || listed[0].Checked == nil || listed[0].Checked.OK {
				t.Errorf("the check is not listed: %+v, %v", listed, err)
			}
			if _, err := backup.Restore(t.Context(), file, filepath.Join(t.TempDir(), "node"), checking(text), nothingMore); !errors.Is(err, backup.ErrDamaged) {
				t.Errorf("Restore = %v, want %v", err, backup.ErrDamaged)
			}
		})
	}
}

// rot changes a word in a file.
func rot(t *testing.T, path, word string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(b, []byte(word)) {
		t.Fatalf("%s has no %q: %v", path, word, err)
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte(word), []byte(strings.ToUpper(word)), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBackupIsOpenedByItsSheetAlone(t *testing.T) {
	s, to := archive(t, t.TempDir(), 2), t.TempDir()
	text, recipient := sheet(t)
	second, further := sheet(t)
	o := options(to, recipient)
	o.Recipients = append(o.Recipients, further)
	made := create(t, s, o)
	stranger, _ := sheet(t)
	for name, tt := range map[string]struct {
		sheet string
		want  error
	}{
		"the sheet": {text, nil}, "the further recipient's": {strings.ToLower(second), nil}, "another sheet": {stranger, backup.ErrIdentity},
		"no sheet": {"", backup.ErrIdentity}, "a mistyped one": {text[:len(text)-40], backup.ErrIdentity}, "two": {text + second, backup.ErrIdentity},
	} {
		_, err := backup.Check(t.Context(), made.File, checking(tt.sheet))
		if !errors.Is(err, tt.want) || err == nil != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		for _, word := range strings.Fields(tt.sheet) {
			if strings.HasPrefix(word, "AGE-SECRET") && err != nil && strings.Contains(err.Error(), word) {
				t.Errorf("%s: the error quotes the secret", name)
			}
		}
	}
}

func TestBackupIsRefused(t *testing.T) {
	s, to := archive(t, t.TempDir(), 2), t.TempDir()
	_, recipient := sheet(t)
	for name, tt := range map[string]struct {
		change func(*backup.Options)
		want   error
	}{
		"without a recipient": {func(o *backup.Options) { o.Recipients = nil }, backup.ErrNoRecipient},
		"without room": {func(o *backup.Options) {
			o.Free = func(string) (uint64, uint64, error) { return 1 << 20, 1 << 30, nil }
		}, backup.ErrNoRoom},
		"for too long":   {func(o *backup.Options) { o.Keep = 36 * day }, backup.ErrKeep},
		"into no folder": {func(o *backup.Options) { o.To = filepath.Join(to, "none") }, os.ErrNotExist},
	} {
		o := options(to, recipient)
		tt.change(&o)
		if _, err := backup.Create(t.Context(), s, o); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := backup.Create(ctx, s, options(to, recipient)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 0 {
		t.Errorf("what was refused left %v, %v", left, err)
	}
}
