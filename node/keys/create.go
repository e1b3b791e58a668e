package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// Create makes the four keys of one institution and opens the safe.
//
// It returns [ErrExists] if Dir/keys is there, or the carrier holds an identity key of
// this institution: that one is its only claim to its name and is never overwritten. It
// returns [ErrNoCarrier] if the carrier's folder can't be made. A killed Create leaves
// nothing that counts: the next one starts afresh, and says so in the log.
func Create(o Options, id protocol.InstitutionID) (*Safe, error) {
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
	if err := stage(o, staging, id); err != nil {
		return nil, errors.Join(err, os.RemoveAll(staging))
	}
	if err := rename(staging, folder); err != nil {
		return nil, err
	}
	return Open(o)
}

// askedOnce keeps the answer for Open, which Create ends with.
func askedOnce(ask func() ([]byte, error)) func() ([]byte, error) {
	if ask == nil {
		return nil
	}
	return sync.OnceValues(ask)
}

// stage makes a whole folder of keys beside the place where it will be, and the identity
// key on the carrier under a name that does not count yet.
func stage(o Options, staging string, id protocol.InstitutionID) error {
	if err := makeCarrier(o); err != nil {
		return err
	}
	if err := os.Mkdir(staging, 0o700); err != nil {
		return err
	}
	u, err := newUnlock(o, staging)
	if err != nil {
		return err
	}
	h, err := makeKeys(o, u, staging, id)
	if err != nil {
		return err
	}
	if err := writeNew(filepath.Join(staging, hostedFile), hostedText([]hosted{h})); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(staging, markFile), nil); err != nil {
		return err
	}
	return syncFolder(staging)
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

// makeKeys draws four keys for an institution and writes them: three into folder, the
// identity key beside its place on the carrier.
func makeKeys(o Options, u unlock, folder string, id protocol.InstitutionID) (hosted, error) {
	h := hosted{id: id}
	place := filepath.Join(o.Identity, keyName(id, protocol.UseIdentity))
	if there, err := exists(place); err != nil {
		return h, err
	} else if there {
		return h, fmt.Errorf("%s (mend: take another carrier; for a new beginning move this one to a safe place): %w", place, ErrExists)
	}
	for _, use := range []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink, protocol.UseAge} {
		k, err := draw(o.Rand)
		if err != nil {
			return h, err
		}
		path := filepath.Join(folder, keyName(id, use))
		switch use {
		case protocol.UseIdentity:
			h.identity, path = k.signer().public, place+halfMade
		case protocol.UseNode:
			h.node = k.signer().public
		case protocol.UseLink:
			h.link = k.signer().public
		case protocol.UseAge:
			identity, refused := k.ageIdentity()
			if refused != nil {
				return h, refused
			}
			h.recipient = identity.Recipient().String()
		}
		sealed, err := u.sealSecret(id, use, k)
		if err != nil {
			return h, err
		}
		if err := writeNew(path, sealed); err != nil {
			return h, err
		}
	}
	return h, syncFolder(o.Identity)
}

// Add makes the four keys of one more institution. It returns [ErrExists] if it is hosted
// already or the carrier holds an identity key of it, and [ErrNoCarrier] unless the
// carrier with the node's first identity key is there.
func (s *Safe) Add(id protocol.InstitutionID) error {
	s.addMu.Lock()
	defer s.addMu.Unlock()
	if _, err := protocol.ParseInstitution(string(id)); err != nil {
		return err
	}
	if _, err := s.find(id); err == nil {
		return fmt.Errorf("%s: %w", id, ErrExists)
	}
	if err := s.Carrier(s.first().id); err != nil {
		return err
	}
	folder := filepath.Join(s.o.Dir, keysFolder)
	h, err := makeKeys(s.o, s.unlock, folder, id)
	if err != nil {
		return err
	}
	if err = syncFolder(folder); err != nil {
		return err
	}
	k, err := s.open(h)
	if err != nil {
		return err
	}
	s.mu.RLock()
	all := append(slices.Clone(s.hosted), h)
	s.mu.RUnlock()
	if err := replace(filepath.Join(folder, hostedFile), hostedText(all)); err != nil {
		return err
	}
	s.mu.Lock()
	s.hosted, s.signers[id] = all, k
	s.mu.Unlock()
	return s.settleCarrier()
}
