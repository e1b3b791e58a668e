package store

import (
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// DigestAt gives the digest of the record at a sequence of an epoch, along the branch
// that holds the record head; along the first for the zero digest. It reports false if
// none is held there, or it can't be read. It is for comparing chains, and reads no body.
func (s *Store) DigestAt(e protocol.EpochID, head protocol.Digest, sequence uint32) (protocol.Digest, bool) {
	way, err := s.way(e, head)
	if err != nil {
		return protocol.Digest{}, false
	}
	key, ok := place(way, sequence)
	if !ok {
		return protocol.Digest{}, false
	}
	keys := []posKey{key}
	refs := s.tailRefs(keys)
	var h header
	err = s.view(func(tx *bolt.Tx) error {
		fillRefs(tx, keys, refs)
		if h, err = newReader(tx).header(refs[0]); err != nil {
			return err
		}
		return h.at(e, sequence)
	})
	return h.Digest, err == nil
}

// RootOf gives the opener on which the chain of a held record hangs; false if it is not
// held. Where no two chains of the epoch that reach it hang on different openers, that is
// known without looking at the file.
func (s *Store) RootOf(e protocol.EpochID, sequence uint32, digest protocol.Digest) (protocol.Digest, bool) {
	var roots []protocol.Digest
	s.mu.RLock()
	for _, number := range s.mem.epochs[e] {
		if b := s.mem.branch(number); b.reaches(sequence) && !slices.Contains(roots, b.Root) {
			roots = append(roots, b.Root)
		}
	}
	s.mu.RUnlock()
	if len(roots) == 1 {
		return roots[0], true
	}
	number := s.branchWith(e, sequence, digest)
	if number == 0 {
		return protocol.Digest{}, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mem.branch(number).Root, true
}

// BranchesThrough gives the branches of an epoch, the first accepted first, and of each
// whether its chain holds a record; none does for the zero digest.
func (s *Store) BranchesThrough(e protocol.EpochID, sequence uint32, digest protocol.Digest) ([]Branch, []bool) {
	var home uint32
	if !digest.IsZero() {
		home = s.branchWith(e, sequence, digest)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := s.mem.epochs[e]
	out, through := make([]Branch, len(list)), make([]bool, len(list))
	holds := make(map[uint32]bool, len(list))
	for k, number := range list { // a parent comes before those that part from it
		b := s.mem.branch(number)
		holds[number] = home != 0 && (number == home || b.Parts > sequence && holds[b.parent])
		out[k], through[k] = b.Branch, holds[number]
	}
	return out, through
}

// branchWith gives the branch of an epoch that has a record of its own; 0 if none has.
func (s *Store) branchWith(e protocol.EpochID, sequence uint32, digest protocol.Digest) uint32 {
	s.mu.RLock()
	list := s.mem.epochs[e]
	number := s.mem.heads[digest]
	ours := number != 0 && s.mem.branch(number).EpochID == e && s.mem.branch(number).Head == sequence
	s.mu.RUnlock()
	if ours {
		return number
	}
	held, err := s.ByDigest(digest)
	if err != nil && !isBody(err) || held.EpochID() != e || held.Sequence != sequence {
		return 0
	}
	number, err = s.holder(list, held)
	if err != nil {
		return 0
	}
	return number
}
