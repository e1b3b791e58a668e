package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vardar-network/vardar/protocol"
)

// Create makes the four keys of one institution and opens the safe.
//
// It returns [ErrExists] if Dir/keys is there, or the carrier holds an identity key of
// this institution: that one is its only claim to its name and is never overwritten. It
// returns [ErrNoCarrier] if the carrier's folder can't be made. A killed Create leaves
// nothing that counts: the next one starts afresh, and says so in the log.
//
// The recovery sheet is given to Options.Sheet before anything counts.
func Create(o Options, id protocol.InstitutionID) (*Safe, error) {
	return begin(o, id, nil)
}

// begin makes a safe for an institution with new keys, or with the identity keys that it
// brings.
func begin(o Options, id protocol.InstitutionID, brought *brought) (*Safe, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if _, err := protocol.ParseInstitution(string(id)); err != nil {
		return nil, err
	}
	folder := filepath.Join(o.Dir, keysFolder)
	if there, err := exists(folder); err != nil {
		return nil, err
	} else if there {
		return nil, fmt.Errorf("%s: %w", folder, ErrExists)
	}
	o.Passphrase = askedOnce(o.Passphrase)
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	staging := folder + halfMade
	if begun, err := exists(staging); err != nil {
		return nil, err
	} else if begun {
		o.Logger.Warn("half-made keys removed", "folder", staging)
		if err := os.RemoveAll(staging); err != nil {
			return nil, err
		}
	}
	if err := stage(o, staging, id, brought); err != nil {
		return nil, errors.Join(err, os.RemoveAll(staging))
	}
	if err := rename(staging, folder); err != nil {
		return nil, err
	}
	return Open(o)
}

// stage makes a whole folder of keys beside the place where it will be, and the identity
// key on the carrier under a name that does not count yet.
func stage(o Options, staging string, id protocol.InstitutionID, brought *brought) error {
	if err := makeCarrier(o); err != nil {
		return err
	}
	if err := os.Mkdir(staging, 0o700); err != nil {
		return err
	}
	s := &Safe{o: o}
	var err error
	if s.unlock, err = newUnlock(o, staging); err != nil {
		return err
	}
	h, err := s.makeKeys(staging, id, brought)
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(staging, unlockRecovery), s.unlock.recovery); err != nil {
		return err
	}
	s.list.hosted = []hosted{h}
	if err := s.list.check(); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(staging, hostedFile), s.list.text()); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(staging, markFile), nil); err != nil {
		return err
	}
	if err := syncFolder(staging); err != nil {
		return err
	}
	return s.show(s.unseen) // last, so that nobody locks away the sheet of nothing
}

// makeCarrier makes the carrier's folder, and no folder above it.
func makeCarrier(o Options) error {
	err := os.Mkdir(o.Identity, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s can't be made (mend: put the stick in, or make the folder it lies in): %w", o.Identity, ErrNoCarrier)
	case err != nil:
		return err
	default:
		return syncFolder(filepath.Dir(o.Identity))
	}
	if o.ownCarrier() {
		return ownerOnly(o.Identity, 0o700)
	}
	return nil
}

// brought are the identity keys that an institution brings from a carrier.
type brought struct {
	keys    []listed
	secrets map[string]secret // of keys that are sealed, by their public half
	trust   []byte            // the trust feed's file
	folder  string            // the carrier they come from
	sheet   *Sheet            // the recovery sheet that opened the carrier, which stays good
}

// makeKeys makes the keys of an institution and writes them: three into folder, those of
// identity beside their place on the carrier. Whoever brings identity keys gets no new one.
func (s *Safe) makeKeys(folder string, id protocol.InstitutionID, b *brought) (hosted, error) {
	h := hosted{id: id}
	if b == nil || !sameFolder(b.folder, s.o.Identity) {
		if err := s.refuseOther(id); err != nil {
			return h, err
		}
	}
	if b == nil {
		k, err := draw(s.o)
		if err != nil {
			return h, err
		}
		public, err := k.public(protocol.UseIdentity)
		if err != nil {
			return h, err
		}
		b = &brought{
			keys:    []listed{{protocol.UseIdentity, Current, 1, k.made, public}},
			secrets: map[string]secret{public: k},
		}
	}
	h.keys = b.keys
	var drawn []secret
	for _, use := range allUses()[1:] {
		k, err := draw(s.o)
		if err != nil {
			return h, err
		}
		public, err := k.public(use)
		if err != nil {
			return h, err
		}
		h.keys, drawn = append(h.keys, listed{use, Current, 1, k.made, public}), append(drawn, k)
	}
	if err := s.needSheet(id, b.sheet); err != nil {
		return h, err
	}
	for i, l := range h.keys[len(b.keys):] {
		sealed, err := sealSecret(id, l.use, drawn[i], s.unlock.recipient)
		if err != nil {
			return h, err
		}
		if err := writeNew(filepath.Join(folder, keyName(id, l)), sealed); err != nil {
			return h, err
		}
	}
	if err := s.takeTrust(id, b.trust); err != nil {
		return h, err
	}
	return h, s.writeIdentities(id, b)
}

// refuseOther keeps an identity key that lies on the carrier from being overwritten.
func (s *Safe) refuseOther(id protocol.InstitutionID) error {
	held, err := filepath.Glob(filepath.Join(s.o.Identity, string(id)+".identity*.age"))
	if err != nil || len(held) == 0 {
		return err
	}
	return fmt.Errorf("%s (mend: take another carrier; for a new beginning move this one to a safe place): %w", held[0], ErrExists)
}

// writeIdentities seals identity keys onto the carrier, under names that don't count
// until keys/institutions has them.
func (s *Safe) writeIdentities(id protocol.InstitutionID, b *brought) error {
	for _, l := range b.keys {
		if !l.sealed() {
			continue
		}
		path := s.identityPath(id, l)
		sealed, err := s.sealIdentity(path, id, b.secrets[l.public])
		if err != nil {
			return err
		}
		if err := writeNew(path+halfMade, sealed); err != nil {
			return notWritten(path, err)
		}
	}
	return syncFolder(s.o.Identity)
}

// Add makes the four keys of one more institution. It returns [ErrExists] if it is hosted
// already or the carrier holds an identity key of it, and [ErrNoCarrier] unless the
// carrier with the node's first identity key is there.
func (s *Safe) Add(id protocol.InstitutionID) error { return s.add(id, nil) }

func (s *Safe) add(id protocol.InstitutionID, b *brought) error {
	s.changeMu.Lock()
	defer s.changeMu.Unlock()
	if _, err := protocol.ParseInstitution(string(id)); err != nil {
		return err
	}
	if _, err := s.find(id); err == nil {
		return fmt.Errorf("%s: %w", id, ErrExists)
	}
	if err := s.Carrier(s.first().id); err != nil {
		return err
	}
	if err := s.settleLeaving(); err != nil { // it may be one that left and comes back
		return err
	}
	h, err := s.makeKeys(s.folder(), id, b)
	if err != nil {
		return err
	}
	if err = syncFolder(s.folder()); err != nil {
		return err
	}
	if err = s.open(h, map[[32]byte]string{}); err != nil {
		return err
	}
	if err := s.write(s.public().with(h)); err != nil {
		return err
	}
	return s.settleCarrier()
}
