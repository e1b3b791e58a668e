package keys

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// Sheet is a recovery sheet: an age identity on paper, that opens what else only the
// passphrase, a credential or this machine's disk opens. Printing or logging it says
// nothing; [Sheet.Text] does.
type Sheet struct {
	silent
	Institution protocol.InstitutionID // the node's name
	Made        time.Time              // zero: not known
	identity    func() *age.X25519Identity
}

// Line is the secret: one line, AGE-SECRET-KEY-1….
func (s *Sheet) Line() string { return s.identity().String() }

// Recipient is what is sealed to the sheet is sealed to, age1…; it is public, and the
// sheet's check words are its (protocol.CheckWords).
func (s *Sheet) Recipient() string { return s.identity().Recipient().String() }

// Text is the sheet to be printed and locked away: lines of at most 78 characters.
func (s *Sheet) Text() string {
	made := "date unknown"
	if !s.Made.IsZero() {
		made = s.Made.UTC().Format("2 January 2006")
	}
	words := protocol.CheckWords(s.Recipient())
	return fmt.Sprintf(sheetText, s.Institution, made, s.Line(), strings.Join(words[:], " "), s.Recipient(), s.Institution)
}

const sheetText = `VARDAR RECOVERY SHEET

  institution  %s
  made         %s

  %s

Who has this line can write in the name of the institution. Print it or copy
it by hand, keep it in a safe in a closed envelope, and delete every copy
that is not on paper. It is shown once and kept nowhere.

It opens
  - the keys of the node, when the passphrase is lost or the machine is;
  - the identity key on its carrier (folder, stick; or a lost token's);
  - backups of the node.

When the passphrase is lost, on the machine of the node:
  1. Stop the node.
  2. vardar --dir FOLDER member key recover
  3. Type the line above when it is asked for. For a new passphrase name a
     file that holds it: --passphrase-file FILE.
  4. Start the node again.

When the machine is lost, on a new one, with the carrier or its copy:
  with a backup:  vardar --dir FOLDER backup restore FILE --carrier CARRIER
  without one:    vardar --dir FOLDER member key recover --carrier CARRIER
  FOLDER is a new one. Type the line above when it is asked for, and do what
  is then said. The old machine must not run again.

When the carrier is lost, on the machine of the node or a new one: this sheet
does not bring the identity key back. Ask your registrar for
'vardar member invite INSTITUTION --again', and take what they send you with
  vardar --dir FOLDER join INVITATION

When it is lost, or someone else may have read it: stop the node, and make
another: vardar --dir FOLDER member key sheet. If it was read, rotate all four
keys too: vardar member key rotate.

Check words (no secret): %s
What is sealed to this sheet is sealed to
  %s
and 'vardar member key list %s' shows both.
`

// ParseSheet reads the secret line, out of the whole sheet's text too, with blanks and in
// any case. It returns [ErrSheet]; the error never quotes what was typed.
func ParseSheet(text string) (*Sheet, error) {
	identity, err := parseSheet(text)
	if err != nil {
		return nil, err
	}
	return &Sheet{identity: func() *age.X25519Identity { return identity }}, nil
}

func parseSheet(text string) (*age.X25519Identity, error) {
	const begins = "AGE-SECRET-KEY-1"
	for line := range strings.Lines(text) {
		line = strings.ToUpper(strings.Join(strings.Fields(line), ""))
		if !strings.HasPrefix(line, begins) {
			continue
		}
		identity, err := age.ParseX25519Identity(line)
		if err == nil {
			return identity, nil
		}
		if want := len(begins) + 58; len(line) != want {
			return nil, fmt.Errorf("the line has %d characters, it should have %d (mend: compare it with the sheet, group by group): %w", len(line), want, ErrSheet)
		}
		return nil, fmt.Errorf("the line is mistyped somewhere (mend: compare it with the sheet, character by character; it has no letters B, I, O and no 1 after the first): %w", ErrSheet)
	}
	return nil, fmt.Errorf("there is no line that begins with %s (mend: type that line of the sheet, and no other): %w", begins, ErrSheet)
}

// newSheet draws a sheet.
func newSheet(o Options, id protocol.InstitutionID) (*Sheet, error) {
	k, err := draw(o)
	if err != nil {
		return nil, err
	}
	identity, err := k.ageIdentity()
	if err != nil {
		return nil, err
	}
	return &Sheet{Institution: id, Made: k.made, identity: func() *age.X25519Identity { return identity }}, nil
}

// needSheet gives a safe that is being made its recovery sheet: a new one, which is still
// to be shown, or that which opened the carrier it is made from.
func (s *Safe) needSheet(id protocol.InstitutionID, known *Sheet) error {
	if s.list.recovery != "" {
		return nil
	}
	sheet, err := known, error(nil)
	if sheet == nil {
		if sheet, err = newSheet(s.o, id); err != nil {
			return err
		}
		s.unseen = sheet
	}
	s.list.recovery = sheet.Recipient()
	s.unlock.recovery, err = sealTo(s.unlock.text(), sheet.identity().Recipient())
	return err
}

func (s *Safe) show(sheet *Sheet) error {
	if s.o.Sheet == nil || sheet == nil {
		return nil
	}
	if err := s.o.Sheet(sheet); err != nil {
		return fmt.Errorf("show the recovery sheet: %w", err)
	}
	return nil
}

// RecoveryRecipient is what backups are sealed to: the recovery sheet's age1….
func (s *Safe) RecoveryRecipient() string { return s.public().recovery }

// RenewSheet makes a new recovery sheet in place of one that was lost or read by others,
// and gives it to Options.Sheet; if that returns an error, the old one stays. The old one
// opens no more what is in this safe and on its carrier; it still opens old copies of
// them, and backups made until now. A token's identity keys stay sealed to the old sheet
// until their next rotation. It returns [ErrNoCarrier], with the new sheet good, if the
// carrier has to be put in for its copy.
func (s *Safe) RenewSheet() error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	sheet, err := newSheet(s.o, s.first().id)
	if err != nil {
		return err
	}
	l := s.public()
	old, err := age.ParseX25519Recipient(l.recovery)
	if err != nil {
		return fmt.Errorf("recovery recipient: %w", ErrDamaged)
	}
	seal := func(to ...age.Recipient) error {
		s.carrierMu.Lock()
		defer s.carrierMu.Unlock()
		return s.sealRecovery(to...)
	}
	// Until the list names the new one, either opens: a crash locks nobody out.
	if err := seal(old, sheet.identity().Recipient()); err != nil {
		return err
	}
	if err := s.show(sheet); err != nil {
		return err
	}
	l.recovery = sheet.Recipient()
	if err := s.write(l); err != nil {
		return err
	}
	if err := seal(sheet.identity().Recipient()); err != nil {
		return err
	}
	if err := s.Carrier(s.first().id); err != nil {
		return err
	}
	return s.settleCarrier()
}

// sealRecovery seals the unlock identity in the folder anew. carrierMu is held.
func (s *Safe) sealRecovery(to ...age.Recipient) error {
	sealed, err := sealTo(s.unlock.text(), to...)
	if err != nil {
		return err
	}
	if err := replace(filepath.Join(s.folder(), unlockRecovery), sealed); err != nil {
		return err
	}
	s.unlock.recovery, s.sealed = sealed, true
	return nil
}
