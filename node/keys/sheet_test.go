package keys_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// withSheet makes a safe and gives the sheet that was shown.
func withSheet(t *testing.T, o keys.Options) (*keys.Safe, *keys.Sheet) {
	t.Helper()
	var shown []*keys.Sheet
	o.Sheet = func(s *keys.Sheet) error { shown = append(shown, s); return nil }
	s := create(t, o)
	if len(shown) != 1 {
		t.Fatalf("%d sheets were shown, want 1", len(shown))
	}
	return s, shown[0]
}

func TestSheetSaysWhatAPersonNeeds(t *testing.T) {
	o := keys.Options{Dir: t.TempDir(), Clock: func() time.Time { return time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC) }}
	s, sheet := withSheet(t, o)
	text := sheet.Text()
	words := protocol.CheckWords(s.RecoveryRecipient())
	for _, want := range []string{string(gevgelija), "17 March 2016", sheet.Line(), s.RecoveryRecipient(), strings.Join(words[:], " "), "opens", "member key recover\n", "member key recover --carrier", "backup restore FILE --carrier", "join INVITATION", "safe"} {
		if !strings.Contains(text, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 79 {
			t.Errorf("line is too long to print: %q", line)
		}
	}
	if got, err := keys.ParseSheet(text); err != nil || got.Line() != sheet.Line() || got.Recipient() != s.RecoveryRecipient() {
		t.Errorf("ParseSheet() of the whole sheet: %v", err)
	}
	for _, folder := range []string{"keys", "identity"} {
		files, _ := os.ReadDir(filepath.Join(o.Dir, folder))
		for _, file := range files {
			if strings.Contains(string(read(t, filepath.Join(o.Dir, folder, file.Name()))), sheet.Line()) {
				t.Errorf("%s holds the sheet's line", file.Name())
			}
		}
	}
	if said := fmt.Sprintf("%v %+v %#v %s %d", sheet, sheet, sheet, *sheet, sheet); strings.Contains(said, "AGE-SECRET") || !strings.Contains(said, "[sealed]") {
		t.Errorf("a sheet prints as %s", said)
	}
}

func TestSheetThatCannotBeShownMakesNoKeys(t *testing.T) {
	broken := errors.New("printer on fire")
	o := keys.Options{Dir: t.TempDir(), Sheet: func(*keys.Sheet) error { return broken }}
	if _, err := keys.Create(o, gevgelija); !errors.Is(err, broken) {
		t.Errorf("Create() = %v, want %v", err, broken)
	}
	if _, err := keys.Open(o); !errors.Is(err, keys.ErrNoKeys) {
		t.Errorf("Open() = %v, want ErrNoKeys", err)
	}
	o.Sheet = nil
	s := create(t, o)
	before := s.RecoveryRecipient()
	o.Sheet = func(*keys.Sheet) error { return broken }
	s = open(t, o)
	if err := s.RenewSheet(); !errors.Is(err, broken) || s.RecoveryRecipient() != before {
		t.Errorf("RenewSheet() = %v, and %s became %s", err, before, s.RecoveryRecipient())
	}
}

func TestMistypedSheetIsSaidAndNotQuoted(t *testing.T) {
	_, sheet := withSheet(t, keys.Options{Dir: t.TempDir()})
	line := sheet.Line()
	swapped := []byte(line)
	for i := len(swapped) - 10; ; i-- {
		if swapped[i] != swapped[i-1] {
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			break
		}
	}
	for name, tt := range map[string]struct{ typed, says string }{
		"a letter short": {line[:30] + line[31:], "73 characters, it should have 74"},
		"two swapped":    {string(swapped), "mistyped"},
		"nothing":        {"", "no line that begins with"},
		"another secret": {"AGE-PLUGIN-YUBIKEY-1QQQQ", "no line that begins with"},
	} {
		_, err := keys.ParseSheet(tt.typed)
		if !errors.Is(err, keys.ErrSheet) || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("%s: %v, want ErrSheet saying %q with the mend", name, err, tt.says)
		}
		if strings.Contains(err.Error(), line[20:40]) {
			t.Errorf("%s: the error quotes the line: %v", name, err)
		}
	}
	spaced := strings.ToLower(line[:20]) + " " + line[20:50] + "\t" + line[50:]
	if got, err := keys.ParseSheet("  " + spaced + "\r\n"); err != nil || got.Line() != line {
		t.Errorf("ParseSheet() of the line in groups: %v", err)
	}
}

func TestSheetBringsBackWhatLostItsPassphrase(t *testing.T) {
	for name, o := range map[string]keys.Options{
		"passphrase": {Passphrase: saying("quiet river")}, "owner-only file": {}, "credential": {Credentials: credential(t)},
	} {
		for again, passphrase := range map[string]func() ([]byte, error){"a new passphrase": saying("loud hill"), "an owner-only file": nil} {
			t.Run(name+" to "+again, func(t *testing.T) {
				o := o
				o.Dir, o.WorkFactor = t.TempDir(), cheapWork
				s, sheet := withSheet(t, o)
				trustChain(t, s, 2)
				was, _ := s.Public(gevgelija, protocol.UseIdentity)
				if name == "owner-only file" {
					if err := os.Remove(filepath.Join(o.Dir, "keys", "unlock")); err != nil {
						t.Fatal(err)
					}
				}
				fresh := keys.Options{Dir: o.Dir, Passphrase: passphrase, WorkFactor: cheapWork}
				if _, err := keys.Recover(fresh, sheet, ""); err != nil {
					t.Fatal(err)
				}
				got := open(t, fresh)
				if is, _ := got.Public(gevgelija, protocol.UseIdentity); is != was || works(got) != nil {
					t.Errorf("after Recover() the identity key is %s, want %s: %v", is, was, works(got))
				}
				copied := filepath.Join(o.Dir, "identity", string(gevgelija)+".unlock.age")
				if _, err := os.Stat(copied); (err == nil) != (passphrase != nil) {
					t.Errorf("the carrier's copy sealed by a passphrase: %v", err)
				}
				if _, err := keys.Recover(fresh, sheet, ""); err != nil {
					t.Errorf("the sheet opens once alone: %v", err)
				}
			})
		}
	}
}

func TestSheetOpensACarrierAlone(t *testing.T) {
	o := keys.Options{Dir: t.TempDir(), WorkFactor: cheapWork}
	s, sheet := withSheet(t, o)
	if err := s.Add(idomeni); err != nil {
		t.Fatal(err)
	}
	chain := trustChain(t, s, 3)
	carrier := filepath.Join(o.Dir, "identity")
	fresh := keys.Options{Dir: t.TempDir(), Identity: carrier, Passphrase: saying("loud hill"), WorkFactor: cheapWork}
	if _, err := keys.Recover(fresh, sheet, ""); !errors.Is(err, keys.ErrOtherCarrier) || !strings.Contains(err.Error(), string(idomeni)) {
		t.Errorf("Recover() of two institutions = %v, want to be asked which", err)
	}
	got, err := keys.Recover(fresh, sheet, gevgelija)
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Adopt(keys.Source{Folder: carrier, Sheet: sheet}, idomeni); err != nil {
		t.Fatal(err)
	}
	for _, id := range []protocol.InstitutionID{gevgelija, idomeni} {
		was, _ := s.Public(id, protocol.UseIdentity)
		is, _ := got.Public(id, protocol.UseIdentity)
		node, _ := s.Public(id, protocol.UseNode)
		if other, _ := got.Public(id, protocol.UseNode); was != is || other == node {
			t.Errorf("of %s: identity %s, want %s; node key fresh: %t", id, is, was, other != node)
		}
	}
	if err := works(open(t, fresh)); err != nil {
		t.Error(err)
	}
	if digests, err := feed(t, got, gevgelija); err != nil || fmt.Sprint(digests) != fmt.Sprint(digestsOf(chain)) {
		t.Errorf("the trust feed has %d records, %v, want 3", len(digests), err)
	}
	if got.RecoveryRecipient() != sheet.Recipient() {
		t.Error("the sheet that opened the carrier does not open the new node")
	}
	empty := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(t.TempDir(), "stick")}
	if _, err := keys.Recover(empty, sheet, ""); !errors.Is(err, keys.ErrNoCarrier) || !strings.Contains(err.Error(), "mend: ") {
		t.Errorf("Recover() out of nothing = %v, want ErrNoCarrier with the mend", err)
	}
}

func TestOtherSheetsOpenNothing(t *testing.T) {
	o := keys.Options{Dir: t.TempDir(), Passphrase: saying("quiet river"), WorkFactor: cheapWork}
	_, first := withSheet(t, o)
	_, stranger := withSheet(t, keys.Options{Dir: t.TempDir()})
	if _, err := keys.Recover(o, stranger, ""); !errors.Is(err, keys.ErrOtherSheet) || !strings.Contains(err.Error(), "mend: ") {
		t.Errorf("Recover() by another's sheet = %v, want ErrOtherSheet with the mend", err)
	}
	open(t, o) // by the old passphrase: nothing changed
	var second *keys.Sheet
	o.Sheet = func(s *keys.Sheet) error { second = s; return nil }
	s := open(t, o)
	if err := s.RenewSheet(); err != nil || second.Recipient() != s.RecoveryRecipient() || first.Recipient() == s.RecoveryRecipient() {
		t.Fatalf("RenewSheet() = %v", err)
	}
	if _, err := keys.Recover(o, first, ""); !errors.Is(err, keys.ErrOtherSheet) {
		t.Errorf("Recover() by a replaced sheet = %v, want ErrOtherSheet", err)
	}
	if _, err := keys.Recover(o, second, ""); err != nil {
		t.Errorf("Recover() by the newest sheet: %v", err)
	}
}

// TestDamagedSealDoesNotSpread: of two copies that differ a start can't tell which is good,
// so it seals anew, and the sheet opens either.
func TestDamagedSealDoesNotSpread(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"flipped": func(path string) error {
			text, err := os.ReadFile(path)
			if err == nil {
				text[len(text)-20] ^= 1
				err = os.WriteFile(path, text, 0o600)
			}
			return err
		},
		"gone": os.Remove,
	} {
		for _, file := range []string{"keys/unlock.recovery.age", "identity/" + string(gevgelija) + ".unlock.recovery.age"} {
			t.Run(name+" "+file, func(t *testing.T) {
				o := keys.Options{Dir: t.TempDir()}
				_, sheet := withSheet(t, o)
				if err := harm(filepath.Join(o.Dir, file)); err != nil {
					t.Fatal(err)
				}
				open(t, o)
				open(t, o) // the second has nothing to do
				for _, lost := range []string{"identity/" + string(gevgelija) + ".unlock.recovery.age", "keys/unlock.recovery.age"} {
					if _, err := keys.Recover(o, sheet, ""); err != nil {
						t.Errorf("Recover() without %s: %v", lost, err)
					}
					if err := os.Rename(filepath.Join(o.Dir, lost), filepath.Join(t.TempDir(), "away")); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}
