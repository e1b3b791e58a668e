package intake

import (
	"sync"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// maxSigned bounds the memory of good signatures: the tail that all links are at.
const maxSigned = 1 << 14

// signed remembers records whose own signature is good, so that what was checked when it
// came in is not checked again before it goes out, and by a hub with a thousand links once.
type signed struct {
	mu   sync.Mutex // guards good
	good map[protocol.Digest]bool
}

// check verifies a record with its digest, or knows that somebody did.
func (s *signed) check(d protocol.Digest, r *protocol.Record) error {
	s.mu.Lock()
	known := s.good[d]
	s.mu.Unlock()
	if known {
		return nil
	}
	if err := r.Verify(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.good == nil || len(s.good) >= maxSigned {
		s.good = map[protocol.Digest]bool{}
	}
	s.good[d] = true
	return nil
}

// WellSigned reports whether the own signature of a held record is good. One may be held
// whose own is not (epochs.md 6).
func (i *Intake) WellSigned(s *store.Stored) bool { return i.signed.check(s.Digest, &s.Record) == nil }
