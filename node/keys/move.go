package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"filippo.io/age"

	"github.com/vardar-network/vardar/protocol"
)

// Source is a carrier from which an institution is taken, and what opens it: the
// passphrase or the recovery sheet. A token opens its identity keys besides.
type Source struct {
	Folder     string                 // required
	Passphrase func() ([]byte, error) // of the node whose carrier it was, or given to Release
	Sheet      *Sheet                 // used if set; see ParseSheet
}

// Adopt makes a safe in a new folder for an institution that comes with its carrier: its
// identity key and trust feed are taken over, node, link and age keys are fresh. The
// carrier may be Options.Identity itself; from any other folder it is copied, and what
// lies there should be locked away. The store of the new node opens the next epoch of
// each feed.
//
// A carrier opened by its sheet keeps that sheet; otherwise a new one is given to
// Options.Sheet. It returns [ErrExists] if Dir has keys, [ErrCarrierIncomplete],
// [ErrOtherCarrier], [ErrCarrierDamaged], [ErrPassphrase], [ErrOtherSheet] or [ErrToken];
// nothing is changed then.
func Adopt(o Options, from Source, id protocol.InstitutionID) (*Safe, error) {
	filled, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	b, err := readCarrier(filled, from, id)
	if err != nil {
		return nil, fmt.Errorf("adopt %s: %w", id, err)
	}
	return begin(o, id, b)
}

// Adopt takes one more institution into this safe, as [Adopt] does into a new one. Taking
// in who is hosted already returns [ErrExists].
func (s *Safe) Adopt(from Source, id protocol.InstitutionID) error {
	b, err := readCarrier(s.o, from, id)
	if err != nil {
		return fmt.Errorf("adopt %s: %w", id, err)
	}
	return s.add(id, b)
}

// readCarrier reads what an institution brings, and opens it.
func readCarrier(o Options, from Source, id protocol.InstitutionID) (*brought, error) {
	files, err := identityFiles(from.Folder, id)
	if err != nil {
		return nil, err
	}
	trustPath := filepath.Join(from.Folder, string(id)+"."+trustFile)
	trust, err := os.ReadFile(trustPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s lacks %s (mend: take the whole folder, or another copy of it): %w", from.Folder, filepath.Base(trustPath), ErrCarrierIncomplete)
	}
	if err != nil {
		return nil, err
	}
	records, whole, err := ReadTrustFile(id, trust)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", trustPath, err)
	}
	by, err := from.openers(o, id)
	if err != nil {
		return nil, err
	}
	b := &brought{secrets: map[string]secret{}, trust: trust[:whole], folder: from.Folder, sheet: from.Sheet}
	for _, l := range files {
		path := filepath.Join(from.Folder, keyName(id, l))
		all, err := openers(o, path, by...)
		if err != nil {
			return nil, err
		}
		k, err := readSecret(path, id, protocol.UseIdentity, all...)
		if errors.Is(err, ErrUnlock) {
			return nil, fmt.Errorf("%s is sealed to another safe than %s.%s (mend: take the carrier's own copies): %w", path, id, unlockSealed, ErrOtherCarrier)
		}
		if err != nil {
			return nil, err
		}
		l.made, l.public = k.made, k.signer().public.String()
		b.keys, b.secrets[l.public] = append(b.keys, l), k
	}
	return b, b.judge(id, records)
}

// identityFiles lists the identity keys of an institution on a carrier, by their numbers.
func identityFiles(folder string, id protocol.InstitutionID) ([]listed, error) {
	files, err := filepath.Glob(filepath.Join(folder, string(id)+".identity*.age"))
	if err != nil {
		return nil, err
	}
	var out []listed
	for _, file := range files {
		l := listed{use: protocol.UseIdentity, state: Current, number: 1}
		middle := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), string(id)+".identity"), ".age")
		if middle != "" {
			l.number, _ = strconv.Atoi(strings.TrimPrefix(middle, "."))
		}
		if keyName(id, l) == filepath.Base(file) {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b listed) int { return a.number - b.number })
	if len(out) > 0 {
		return out, nil
	}
	if others := whose(folder); len(others) > 0 {
		return nil, fmt.Errorf("the carrier in %s holds keys of %s and none of %s (mend: put the right carrier in): %w", folder, strings.Join(others, ", "), id, ErrOtherCarrier)
	}
	return nil, fmt.Errorf("%s holds no identity key of %s (mend: name the folder of the carrier, and see that it is whole): %w", folder, id, ErrCarrierIncomplete)
}

// openers opens the unlock identity of a carrier.
func (f Source) openers(o Options, id protocol.InstitutionID) ([]age.Identity, error) {
	name, read := unlockRecovery, f.bySheet
	if f.Sheet == nil {
		name, read = unlockSealed, func(path string, sealed []byte) (unlock, error) {
			o := o
			o.Passphrase = f.Passphrase
			return unlockByPassphrase(o, path, sealed)
		}
	}
	path := filepath.Join(f.Folder, string(id)+"."+name)
	sealed, err := readSmall(path)
	if errors.Is(err, fs.ErrNotExist) {
		mend := "no passphrase opens it: name the recovery sheet of the node that it was on"
		if f.Sheet != nil {
			mend = "no recovery sheet opens it: give the passphrase with which it was handed over"
		}
		return nil, fmt.Errorf("%s lacks %s (mend: %s; or take another copy of the carrier): %w", f.Folder, filepath.Base(path), mend, ErrCarrierIncomplete)
	}
	if err != nil {
		return nil, err
	}
	u, err := read(path, sealed)
	if err != nil {
		return nil, err
	}
	by := []age.Identity{u.identity()}
	if f.Sheet != nil {
		by = append(by, f.Sheet.identity()) // of a token that is lost
	}
	return by, nil
}

func (f Source) bySheet(path string, sealed []byte) (unlock, error) {
	return f.Sheet.opens(path, sealed)
}

// opens opens unlock.recovery.age.
func (s *Sheet) opens(path string, sealed []byte) (unlock, error) {
	text, err := openWith(sealed, s.identity())
	if isWrongIdentity(err) {
		return unlock{}, fmt.Errorf("%s is not sealed to this sheet (mend: look for a newer sheet of this institution; this one is sealed to by %s): %w", path, s.Recipient(), ErrOtherSheet)
	}
	if err != nil {
		return unlock{}, fmt.Errorf("open %s: %w: %w", path, err, ErrDamaged)
	}
	return parseUnlock(path, text)
}

// judge says which of the identity keys is current: the one that signed the trust feed
// last, and before its first record the first one; a later one is next. Keys that signed
// earlier are kept in mind.
func (b *brought) judge(id protocol.InstitutionID, records []protocol.Record) error {
	current := b.keys[0].public
	if n := len(records); n > 0 && len(b.keys) > 1 {
		current = records[n-1].Key.String()
	}
	if _, held := b.secrets[current]; !held {
		return fmt.Errorf("the trust feed of %s was signed last by %s, which is not on the carrier (mend: take the newest copy of the carrier): %w", id, current, ErrCarrierIncomplete)
	}
	var keys []listed
	lowest := b.keys[0].number
	for _, r := range records {
		public := r.Key.String()
		known := slices.ContainsFunc(append(slices.Clone(keys), b.keys...), func(l listed) bool { return l.public == public })
		if !known {
			keys = append(keys, listed{use: protocol.UseIdentity, state: Previous, number: max(1, lowest-1), public: public})
		}
	}
	state := Previous
	for _, l := range b.keys {
		l.state = state
		if l.public == current {
			l.state, state = Current, Next
		}
		if l.state == Previous {
			delete(b.secrets, l.public)
		}
		keys = append(keys, l)
	}
	b.keys = keys
	return nil
}

// Release hands a hosted institution over: it makes a complete carrier in a folder,
// opened by the passphrase, for [Adopt] on the institution's own node, and then removes
// all keys of the institution from this safe and its carrier. A Release that was killed
// is done again with the same folder.
//
// It returns [ErrStays] for the institution that names the node, [ErrExists] if the folder
// holds another carrier of the institution, [ErrNoCarrier], and [ErrPassphrase] for an
// empty one.
func (s *Safe) Release(id protocol.InstitutionID, folder string, passphrase func() ([]byte, error)) error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	h, err := s.find(id)
	if err != nil {
		return err
	}
	if id == s.first().id {
		return fmt.Errorf("%s: move the whole node: its folder and its carrier: %w", id, ErrStays)
	}
	if sameFolder(folder, s.o.Identity) {
		return fmt.Errorf("%s is this node's own carrier (mend: name another folder): %w", folder, ErrExists)
	}
	to := &Safe{o: s.o, ends: map[protocol.InstitutionID]*trustEnd{}}
	to.o.Identity, to.o.Passphrase, to.o.Token = folder, passphrase, ""
	if err := s.copyTo(to, h); err != nil {
		return fmt.Errorf("release %s to %s: %w", id, folder, err)
	}
	l := s.public()
	l.hosted = slices.DeleteFunc(slices.Clone(l.hosted), func(h hosted) bool { return h.id == id })
	l.leaving = append(slices.Clone(l.leaving), id)
	if err := s.write(l); err != nil {
		return err
	}
	for _, k := range h.keys {
		s.mu.Lock()
		delete(s.signers, k.verifies())
		s.mu.Unlock()
	}
	return errors.Join(s.tidy(), s.settleLeaving())
}

func sameFolder(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y) || filepath.Clean(a) == filepath.Clean(b)
}

// copyTo writes an institution's part of a carrier, the identity keys last: without them
// it is none.
func (s *Safe) copyTo(to *Safe, h hosted) error {
	b := &brought{secrets: map[string]secret{}}
	for _, l := range h.keys {
		if l.use != protocol.UseIdentity || !l.sealed() {
			continue
		}
		k, err := s.identitySecret(h.id, l)
		if err != nil {
			return err
		}
		b.keys, b.secrets[l.public] = append(b.keys, l), k
	}
	if err := makeCarrier(to.o); err != nil {
		return err
	}
	if err := s.unfinished(to, h.id); err != nil {
		return err
	}
	k, err := draw(to.o)
	if err != nil {
		return err
	}
	identity, err := k.ageIdentity()
	if err != nil {
		return err
	}
	to.unlock = unlockOf(identity)
	if err = to.unlock.sealByPassphrase(to.o); err != nil {
		return err
	}
	if err = replace(to.carrierFile(h.id, unlockSealed), to.unlock.sealed); err != nil {
		return err
	}
	s.carrierMu.Lock()
	trust, err := os.ReadFile(s.trustPath(h.id))
	s.carrierMu.Unlock()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := replace(to.trustPath(h.id), trust); err != nil {
		return err
	}
	if err := to.writeIdentities(h.id, b); err != nil {
		return err
	}
	for _, l := range b.keys {
		if err := rename(to.identityPath(h.id, l)+halfMade, to.identityPath(h.id, l)); err != nil {
			return err
		}
	}
	return nil
}

// unfinished lets a folder be written again in which a killed Release began: what it made
// is marked, as long as the institution is still hosted here.
func (s *Safe) unfinished(to *Safe, id protocol.InstitutionID) error {
	mark := to.carrierFile(id, "release")
	text := s.RecoveryRecipient() + "\n"
	held, err := readSmall(mark)
	if err == nil && string(held) == text {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := to.refuseOther(id); err != nil {
		return err
	}
	return replace(mark, []byte(text))
}

// settleLeaving removes what handed-over institutions left on the carrier, and forgets
// them.
func (s *Safe) settleLeaving() error {
	l := s.public()
	if len(l.leaving) == 0 {
		return nil
	}
	if err := s.Carrier(s.first().id); err != nil {
		return nil //nolint:nilerr // they wait for the carrier
	}
	for _, id := range l.leaving {
		if err := s.leave(id); err != nil {
			return err
		}
	}
	l.leaving = nil
	return s.write(l)
}

func (s *Safe) leave(id protocol.InstitutionID) error {
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	delete(s.ends, id)
	files, err := filepath.Glob(filepath.Join(s.o.Identity, string(id)+".*"))
	if err != nil {
		return err
	}
	// Keys before the rest, so that there is never a key without its trust feed.
	slices.SortStableFunc(files, func(a, b string) int {
		return strings.Compare(fmt.Sprint(!strings.Contains(a, ".identity")), fmt.Sprint(!strings.Contains(b, ".identity")))
	})
	return removeAll(s.o.Identity, files...)
}
