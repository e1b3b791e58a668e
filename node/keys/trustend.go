package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// trustEnd is what is known of a trust feed's file since it was last read whole. Size,
// time and the last entry tell whether another stick was put in meanwhile.
type trustEnd struct {
	size     int64
	modified time.Time
	tail     []byte            // the last entry
	last     protocol.Position // zero: no record
	digest   protocol.Digest
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
	if end := s.ends[id]; end != nil && end.size == info.Size() && end.modified.Equal(info.ModTime()) && end.stands(path) {
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
		if end.tail, err = appendTrustEntry(nil, &records[n-1]); err != nil {
			return nil, err
		}
	}
	if info, err = os.Stat(path); err != nil {
		return nil, err
	}
	end.modified = info.ModTime()
	s.ends[id] = end
	return end, nil
}

// stands reports whether the file still ends in the last entry. A copy of a stick has the
// same size and time up to the seconds, and FAT keeps two of them.
func (e *trustEnd) stands(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	held := make([]byte, len(e.tail))
	_, err = f.ReadAt(held, e.size-int64(len(held)))
	return errors.Join(err, f.Close()) == nil && bytes.Equal(held, e.tail)
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
		return notWritten(path, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err = f.Write(entry); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(notWritten(path, err), f.Truncate(end.size))
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
	s.ends[r.Institution] = &trustEnd{size: info.Size(), modified: info.ModTime(), tail: entry, last: r.Position, digest: r.Digest()}
	return nil
}

// notWritten says why a carrier takes nothing, and what to do.
func notWritten(path string, err error) error {
	mend := "try another carrier: copy the folder there"
	switch {
	case errors.Is(err, syscall.ENOSPC):
		mend = "make room on the carrier; other files on it can go"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		mend = "take the write protection off, or mount it so that this account can write"
	}
	return fmt.Errorf("write %s (mend: %s; everything but trust records goes on meanwhile): %w: %w", path, mend, err, ErrCarrierWrite)
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

// takeTrust puts the trust feed that an institution brings onto this safe's carrier. What
// is there already must be the same feed, shorter or longer. Of a new institution there
// is an empty one from then on, so that a lost one is noticed.
func (s *Safe) takeTrust(id protocol.InstitutionID, brought []byte) error {
	path := s.trustPath(id)
	held, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	switch {
	case err == nil && bytes.HasPrefix(held, brought):
		return nil // what is behind it was written later
	case !bytes.HasPrefix(brought, held):
		return fmt.Errorf("%s and the carrier that %s comes with hold different trust feeds (mend: find out which is the newest, move the other one away): %w", path, id, ErrOtherCarrier)
	}
	s.carrierMu.Lock()
	defer s.carrierMu.Unlock()
	delete(s.ends, id)
	return replace(path, brought)
}
