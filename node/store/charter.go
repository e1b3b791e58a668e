package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// PutCharter keeps a charter with its signatures, under the digest of its document. Of two
// with one digest the one with more signatures stays. The caller has verified it; one
// without any is [protocol.ErrCharterSigned].
func (s *Store) PutCharter(ctx context.Context, c protocol.SignedCharter) error {
	if len(c.Signatures) == 0 {
		return fmt.Errorf("keep charter: %w", protocol.ErrCharterSigned)
	}
	envelope, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep charter: %w", err)
	}
	digest := c.Digest()
	return s.do(ctx, &job{size: len(envelope), grows: true, apply: func(d *draft) error {
		b := d.bucket(bucketCharters)
		if held, err := charterIn(b, digest); err == nil && len(held.Signatures) >= len(c.Signatures) {
			return nil
		}
		d.put(b, bucketCharters, digest[:], envelope)
		return nil
	}})
}

// Charters gives all charters held, by digest. One that is damaged is given as its error,
// [ErrDamaged], and the rest follows.
func (s *Store) Charters(ctx context.Context) iter.Seq2[protocol.SignedCharter, error] {
	return func(yield func(protocol.SignedCharter, error) bool) {
		var digests []protocol.Digest
		err := s.view(func(tx *bolt.Tx) error {
			return tx.Bucket([]byte(bucketCharters)).ForEach(func(key, _ []byte) error {
				digests = append(digests, protocol.Digest(key))
				return ctx.Err()
			})
		})
		if err != nil {
			yield(protocol.SignedCharter{}, err)
			return
		}
		for _, digest := range digests {
			if c, err := s.Charter(digest); !yield(c, err) {
				return
			}
		}
	}
}

// Charter gives the charter of a digest; [ErrNotFound].
func (s *Store) Charter(digest protocol.Digest) (protocol.SignedCharter, error) {
	var c protocol.SignedCharter
	err := s.view(func(tx *bolt.Tx) (err error) {
		c, err = charterIn(tx.Bucket([]byte(bucketCharters)), digest)
		return err
	})
	return c, err
}

func charterIn(b *bolt.Bucket, digest protocol.Digest) (protocol.SignedCharter, error) {
	var c protocol.SignedCharter
	sealed := b.Get(digest[:])
	if sealed == nil {
		return c, fmt.Errorf("charter %s: %w", digest, ErrNotFound)
	}
	envelope, err := unseal(bucketCharters, digest[:], sealed)
	if err == nil {
		err = json.Unmarshal(envelope, &c)
	}
	if err == nil && c.Digest() != digest {
		err = errDigest
	}
	if err != nil {
		return protocol.SignedCharter{}, fmt.Errorf("%w: charter %s: %w", ErrDamaged, digest, err)
	}
	return c, nil
}
