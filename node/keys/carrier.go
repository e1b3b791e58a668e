package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

const trustFile = "trust"

func (s *Safe) trustPath(id protocol.InstitutionID) string { return s.carrierFile(id, trustFile) }

func (s *Safe) identityPath(id protocol.InstitutionID, l listed) string {
	return filepath.Join(s.o.Identity, keyName(id, l))
}

// Examine says whether what lies on an institution's carrier is as it was written: the
// identity key opens, and the trust feed is whole. A key that a token seals is not opened,
// which would make somebody get up. It returns what [Safe.Carrier] does, [ErrDamaged] and
// [ErrCarrierDamaged].
func (s *Safe) Examine(id protocol.InstitutionID) error {
	h, err := s.find(id)
	if err != nil {
		return err
	}
	l := h.current(protocol.UseIdentity)
	if err = s.reachable(id, l); err != nil {
		return err
	}
	if tokenName(s.identityPath(id, l)) == "" {
		if _, err = s.identitySecret(id, l); err != nil {
			return err
		}
	}
	_, err = s.readTrust(id)
	return err
}

// Carrier says whether the institution's identity key can be reached: nil, or
// [ErrNoCarrier] with the mend, which says whose the carrier is if it is another's.
func (s *Safe) Carrier(id protocol.InstitutionID) error {
	h, err := s.find(id)
	if err != nil {
		return err
	}
	return s.reachable(id, h.current(protocol.UseIdentity))
}

func (s *Safe) reachable(id protocol.InstitutionID, l listed) error {
	path := s.identityPath(id, l)
	if there, err := exists(path); there || err != nil {
		return err
	}
	if owed, err := exists(path + halfMade); !owed || err != nil {
		return errors.Join(err, s.noCarrier(path))
	}
	return s.settle(id)
}

func (s *Safe) noCarrier(path string) error {
	if others := whose(s.o.Identity); len(others) > 0 {
		return fmt.Errorf("%s is not on the carrier in %s, which holds keys of %s (mend: put the right carrier in, then try again; everything but trust records goes on meanwhile): %w",
			filepath.Base(path), s.o.Identity, strings.Join(others, ", "), ErrNoCarrier)
	}
	return fmt.Errorf("%s is not there (mend: put the carrier in, then try again; everything but trust records goes on meanwhile): %w", path, ErrNoCarrier)
}

// OnCarrier says of which institutions a carrier holds identity keys.
func OnCarrier(folder string) []protocol.InstitutionID {
	var out []protocol.InstitutionID
	for _, id := range whose(folder) {
		out = append(out, protocol.InstitutionID(id))
	}
	return out
}

func whose(folder string) []string {
	files, _ := filepath.Glob(filepath.Join(folder, "*.identity*.age")) // the pattern is good
	var ids []string
	for _, file := range files {
		id, _, _ := strings.Cut(filepath.Base(file), ".identity")
		if _, err := protocol.ParseInstitution(id); err == nil && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// identity opens an identity key for one signature.
func (s *Safe) identity(id protocol.InstitutionID, l listed) (signer, error) {
	k, err := s.identitySecret(id, l)
	if err != nil {
		return signer{}, err
	}
	return k.signer(), nil
}

func (s *Safe) identitySecret(id protocol.InstitutionID, l listed) (secret, error) {
	path := s.identityPath(id, l)
	by, err := openers(s.o, path, s.unlock.identity())
	if err != nil {
		return secret{}, err
	}
	k, err := readSecret(path, id, protocol.UseIdentity, by...)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return secret{}, s.noCarrier(path)
	case errors.Is(err, ErrUnlock):
		return secret{}, fmt.Errorf("%w (mend: put the carrier of this node in, or adopt this one with its own passphrase or sheet): %w", err, ErrOtherCarrier)
	case err != nil:
		return secret{}, err
	}
	if k.signer().public != l.verifies() {
		return secret{}, fmt.Errorf("%s is another identity key of %s than %s names (mend: put the carrier of this node in): %w", path, id, hostedFile, ErrOtherCarrier)
	}
	return k, nil
}

// TrustFeed reads an institution's own trust records back from the carrier, oldest first,
// each signature and the chain checked. An append that a crash cut short is left out. The
// last step carries the error: [ErrNoCarrier], [ErrCarrierDamaged] after all that stands
// before the damage, or that of the file system.
func (s *Safe) TrustFeed(id protocol.InstitutionID) iter.Seq2[protocol.Record, error] {
	return func(yield func(protocol.Record, error) bool) {
		records, err := s.readTrust(id)
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(protocol.Record{}, err)
		}
	}
}

func (s *Safe) readTrust(id protocol.InstitutionID) ([]protocol.Record, error) {
	if err := s.Carrier(id); err != nil {
		return nil, err
	}
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	data, err := os.ReadFile(s.trustPath(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records, _, err := ReadTrustFile(id, data)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.trustPath(id), err)
	}
	return records, err
}

// AppendTrust writes a trust record to the carrier, with fsync, before it returns; only
// then may it go anywhere. A record that is there already is no error.
//
// It returns [ErrNotTrust] unless the record has its body and its own signature by the
// institution's identity key, [ErrCarrierAhead] if another record holds its position
// (take in [Safe.TrustFeed]), [ErrCarrierBehind] if one before it is lacking (append that
// first), and [ErrNoCarrier].
func (s *Safe) AppendTrust(r protocol.Record) error {
	h, err := s.find(r.Institution)
	if err != nil {
		return err
	}
	if _, own := h.byKey(protocol.UseIdentity, r.Key.String()); r.Topic != protocol.Trust || !own || r.BodyState != protocol.BodyHeld || len(r.Body) == 0 ||
		r.Body[len(r.Body)-1] != '}' || r.Check() != nil || r.Verify() != nil {
		return fmt.Errorf("%s: %w", r.Name, ErrNotTrust)
	}
	if err = s.Carrier(r.Institution); err != nil {
		return err
	}
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	end, err := s.trustEnd(r.Institution)
	if err != nil {
		return err
	}
	if err := end.admits(&r); err != nil {
		if known, readErr := s.hasTrust(&r); known || readErr != nil {
			return readErr
		}
		return err
	}
	return s.writeTrust(end, &r)
}

// isNext says whether a record may be signed: it is the next one on the carrier.
func (s *Safe) isNext(r *protocol.Record) error {
	if err := s.Carrier(r.Institution); err != nil {
		return err
	}
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	end, err := s.trustEnd(r.Institution)
	if err != nil {
		return err
	}
	return end.admits(r)
}

// settleCarrier does what is left to do on the carrier, if it is there: identity keys of
// hosted institutions that a kill left under their first name, those that ended, the
// copies of the sealed unlock identity, torn ends, what handed-over institutions left.
func (s *Safe) settleCarrier() error {
	there, err := exists(s.o.Identity)
	if !there || err != nil {
		return err
	}
	for _, id := range s.Institutions() {
		if err := s.settle(id); err != nil {
			return err
		}
	}
	return s.settleLeaving()
}

func (s *Safe) settle(id protocol.InstitutionID) error {
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	h, err := s.find(id)
	if err != nil {
		return err
	}
	for _, l := range h.keys {
		if l.use == protocol.UseIdentity && l.sealed() {
			path := s.identityPath(id, l)
			if waiting, err := exists(path + halfMade); err != nil {
				return err
			} else if waiting {
				if err := rename(path+halfMade, path); err != nil {
					return err
				}
			}
		}
	}
	if there, err := exists(s.identityPath(id, h.current(protocol.UseIdentity))); err != nil || !there {
		return err // a mount point with no stick in it, or another's stick
	}
	for _, l := range h.keys {
		if path := s.identityPath(id, l); !l.sealed() && !h.has(l.number) {
			if err := removeAll(s.o.Identity, path, path+tokenFile); err != nil {
				return err
			}
		}
	}
	if err := s.copyUnlock(id, h.current(protocol.UseIdentity)); err != nil {
		return err
	}
	if _, err := s.trustEnd(id); err != nil && !errors.Is(err, ErrCarrierDamaged) {
		return err // a damaged feed stops trust records, and not the node
	}
	return nil
}

// copyUnlock makes an institution's part of the carrier complete. What lies there is
// replaced only if the identity key beside it is ours: a stick can be another's.
func (s *Safe) copyUnlock(id protocol.InstitutionID, l listed) error {
	if err := s.mendRecovery(id); err != nil {
		return err
	}
	ours := tokenName(s.identityPath(id, l)) != "" // nobody is asked to touch a token for this
	for name, text := range map[string][]byte{unlockSealed: s.unlock.sealed, unlockRecovery: s.unlock.recovery} {
		path := s.carrierFile(id, name)
		held, err := readSmall(path)
		if err == nil && text != nil && bytes.Equal(held, text) || text == nil && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if !ours {
			if _, err = s.identitySecret(id, l); err != nil {
				return err
			}
			ours = true
		}
		if text == nil {
			err = removeAll(s.o.Identity, path)
		} else {
			err = replace(path, text)
		}
		if err != nil {
			return notWritten(path, err)
		}
	}
	return nil
}

// mendRecovery seals the unlock identity to the recovery sheet anew if its two copies, in the
// folder and on the carrier, are not the same: nobody but the sheet's owner can say which of
// them is damaged, and copying one over the other might leave none that opens. A sheet that
// is being renewed has a copy that either sheet opens, and is left alone.
func (s *Safe) mendRecovery(id protocol.InstitutionID) error {
	held, err := readSmall(s.carrierFile(id, unlockRecovery))
	if errors.Is(err, fs.ErrNotExist) && s.unlock.recovery != nil || err == nil && bytes.Equal(held, s.unlock.recovery) ||
		s.sealed || bytes.Count(s.unlock.recovery, []byte("\n-> ")) > 1 {
		return nil
	}
	recipient, err := age.ParseX25519Recipient(s.public().recovery)
	if err != nil {
		return fmt.Errorf("recovery recipient: %w", ErrDamaged)
	}
	if err := s.sealRecovery(recipient); err != nil {
		return err
	}
	s.o.Logger.Warn("unlock identity sealed to the recovery sheet anew, since its copies differed", "institution", id)
	return nil
}

// carrierFile is an institution's file on this safe's carrier.
func (s *Safe) carrierFile(id protocol.InstitutionID, name string) string {
	return filepath.Join(s.o.Identity, string(id)+"."+name)
}
