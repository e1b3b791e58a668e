package store

import (
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
		if h, err = loadHeader(tx, refs[0]); err != nil {
			return err
		}
		return h.at(e, sequence)
	})
	return h.Digest, err == nil
}
