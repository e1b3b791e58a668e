package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// trustEnd is what is known of a trust feed's file since it was last read whole. Size and
// time tell whether another stick was put in meanwhile.
type trustEnd struct {
	size     int64
	modified time.Time
	last     protocol.Position // zero: no record
	digest   protocol.Digest
}

func (s *Safe) trustPath(id protocol.InstitutionID) string {
	return filepath.Join(s.o.Identity, string(id)+".trust")
}

func (s *Safe) identityPath(id protocol.InstitutionID) string {
	return filepath.Join(s.o.Identity, keyName(id, protocol.UseIdentity))
}

// Carrier says whether the institution's identity key can be reached: nil, or
// [ErrNoCarrier] with the mend.
func (s *Safe) Carrier(id protocol.InstitutionID) error {
	if _, err := s.find(id); err != nil {
		return err
	}
	path := s.identityPath(id)
	if there, err := exists(path); there || err != nil {
		return err
	}
	if owed, err := exists(path + halfMade); !owed || err != nil {
		return errors.Join(err, noCarrier(path))
	}
	return s.settle(id)
}

func noCarrier(path string) error {
	return fmt.Errorf("%s is not there (mend: put the carrier in, then try again; everything but trust records goes on meanwhile): %w", path, ErrNoCarrier)
}

// identity opens the identity key for one signature.
func (s *Safe) identity(h hosted) (signer, error) {
	path := s.identityPath(h.id)
	seed, err := s.unlock.readSecret(path, h.id, protocol.UseIdentity)
	if errors.Is(err, fs.ErrNotExist) {
		return signer{}, noCarrier(path)
	}
	if err != nil {
		return signer{}, err
	}
	k := seed.signer()
	if k.public != h.identity {
		return signer{}, fmt.Errorf("%s is not the identity key that %s names: %w", path, hostedFile, ErrDamaged)
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
	if r.Topic != protocol.Trust || r.Key != h.identity || r.BodyState != protocol.BodyHeld || len(r.Body) == 0 ||
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

// admits is opensOrFollows for a record that is to come; its key was looked at.
func (e *trustEnd) admits(r *protocol.Record) error {
	opens := r.Sequence == 1 && (e.last.Sequence == 0 || r.Epoch > e.last.Epoch)
	follows := r.Epoch == e.last.Epoch && r.Sequence == e.last.Sequence+1 && r.Previous == e.digest
	switch {
	case opens || follows:
		return nil
	case e.last.Sequence > 0 && (r.Epoch < e.last.Epoch || r.Epoch == e.last.Epoch && r.Sequence <= e.last.Sequence+1):
		return fmt.Errorf("%s, the carrier ends at %s: %w", r.Name, e.last, ErrCarrierAhead)
	case e.last.Sequence == 0:
		return fmt.Errorf("%s, the carrier holds none: %w", r.Name, ErrCarrierBehind)
	}
	return fmt.Errorf("%s, the carrier ends at %s: %w", r.Name, e.last, ErrCarrierBehind)
}

// hasTrust reports whether the very record is in the file; carrierMu is held.
func (s *Safe) hasTrust(r *protocol.Record) (bool, error) {
	data, err := os.ReadFile(s.trustPath(r.Institution))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		return false, err
	}
	records, _, err := ReadTrustFile(r.Institution, data)
	for i := range records {
		if records[i].Position == r.Position {
			return records[i].Digest() == r.Digest(), nil
		}
	}
	return false, err
}

// trustEnd gives the end of the file, reading it only if it is not as we left it, and
// cuts a torn end; carrierMu is held.
func (s *Safe) trustEnd(id protocol.InstitutionID) (*trustEnd, error) {
	path := s.trustPath(id)
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &trustEnd{}, nil
	}
	if err != nil {
		return nil, err
	}
	if end := s.ends[id]; end != nil && end.size == info.Size() && end.modified.Equal(info.ModTime()) {
		return end, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	records, whole, err := ReadTrustFile(id, data)
	if err != nil {
		return nil, fmt.Errorf("%s (mend: nothing was cut; keep a copy, then put back a good one): %w", path, err)
	}
	if whole < len(data) {
		if err = cut(path, int64(whole)); err != nil {
			return nil, fmt.Errorf("cut the torn end of %s: %w", path, err)
		}
		s.o.Logger.Warn("torn end of trust feed cut", "file", path, "records_kept", len(records), "bytes_cut", len(data)-whole)
	}
	end := &trustEnd{size: int64(whole)}
	if n := len(records); n > 0 {
		end.last, end.digest = records[n-1].Position, records[n-1].Digest()
	}
	if info, err = os.Stat(path); err != nil {
		return nil, err
	}
	end.modified = info.ModTime()
	s.ends[id] = end
	return end, nil
}

// writeTrust appends a record that the end admits; carrierMu is held. What fails midway
// is taken back, at the latest by the next read, as a torn end.
func (s *Safe) writeTrust(end *trustEnd, r *protocol.Record) (err error) {
	entry, err := appendTrustEntry(nil, r)
	if err != nil {
		return err
	}
	path := s.trustPath(r.Institution)
	delete(s.ends, r.Institution)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("append %s: %w", r.Name, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err = f.Write(entry); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("append %s to %s: %w", r.Name, path, err), f.Truncate(end.size))
	}
	if end.size == 0 {
		if err = syncFolder(s.o.Identity); err != nil {
			return err
		}
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	s.ends[r.Institution] = &trustEnd{size: info.Size(), modified: info.ModTime(), last: r.Position, digest: r.Digest()}
	return nil
}

// cut shortens a file and makes that last.
func cut(path string, size int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := f.Truncate(size); err != nil {
		return err
	}
	return f.Sync()
}

// settleCarrier does what is left to do on the carrier, if it is there: identity keys of
// hosted institutions that a kill left under their first name, the copy of the sealed
// unlock identity, torn ends.
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
	return s.copyUnlock()
}

func (s *Safe) settle(id protocol.InstitutionID) error {
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	path := s.identityPath(id)
	there, err := exists(path)
	if err != nil {
		return err
	}
	if !there {
		waiting, err := exists(path + halfMade)
		if !waiting || err != nil {
			return err
		}
		h, err := s.find(id)
		if err != nil {
			return err
		}
		k, err := s.unlock.readSecret(path+halfMade, id, protocol.UseIdentity)
		if err != nil {
			return err
		}
		if k.signer().public != h.identity {
			return fmt.Errorf("%s is not the identity key that %s names: %w", path+halfMade, hostedFile, ErrDamaged)
		}
		if err := rename(path+halfMade, path); err != nil {
			return err
		}
	}
	if _, err := s.trustEnd(id); err != nil && !errors.Is(err, ErrCarrierDamaged) {
		return err // a damaged feed stops trust records, and not the node
	}
	return nil
}

// copyUnlock makes a passphrase-sealed carrier complete.
func (s *Safe) copyUnlock() error {
	first := s.first().id
	there, err := exists(s.identityPath(first))
	if !there || s.unlock.sealed == nil { // a mount point with no stick in it
		return err
	}
	path := filepath.Join(s.o.Identity, string(first)+"."+unlockSealed)
	if held, err := readSmall(path); err == nil && bytes.Equal(held, s.unlock.sealed) {
		return nil
	}
	return replace(path, s.unlock.sealed)
}
