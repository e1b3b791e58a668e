package store

import (
	"bytes"
	"context"
	"fmt"
	"iter"

	bolt "go.etcd.io/bbolt"
)

// Private is a bucket of another room: keys and values of its own, fsynced, checked
// against rot, never sent anywhere.
type Private struct {
	s    *Store
	name string
}

// Private gives the private bucket of a name; the room's own name, so that no two share.
// It is made with its first value.
func (s *Store) Private(name string) *Private { return &Private{s: s, name: name} }

// label is what checksums and tally take for the bucket's name.
func (p *Private) label() string { return bucketPrivate + "/" + p.name }

// Get gives the value of a key, and whether there is one.
func (p *Private) Get(key []byte) (value []byte, ok bool, err error) {
	err = p.s.view(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucketPrivate)).Bucket([]byte(p.name))
		if b == nil {
			return nil
		}
		sealed := b.Get(key)
		if sealed == nil {
			return nil
		}
		held, rot := unseal(p.label(), key, sealed)
		if rot != nil {
			return p.damage(key, rot)
		}
		value, ok = bytes.Clone(held), true
		return nil
	})
	return value, ok, err
}

func (p *Private) damage(key []byte, err error) error {
	return fmt.Errorf("%w: %s, key %x: %w", ErrDamaged, p.label(), key, err)
}

// Put sets the value of a key, 1 to 32,768 bytes long, and returns once it is on disk.
func (p *Private) Put(ctx context.Context, key, value []byte) error {
	if len(key) == 0 || len(key) > bolt.MaxKeySize || p.name == "" {
		return fmt.Errorf("%s: key of %d bytes", p.label(), len(key))
	}
	key, value = bytes.Clone(key), bytes.Clone(value)
	return p.s.do(ctx, &job{size: len(key) + len(value), grows: true, apply: func(d *draft) error {
		b, err := d.bucket(bucketPrivate).CreateBucketIfNotExists([]byte(p.name))
		if err != nil {
			d.keep(err)
			return err
		}
		d.put(b, p.label(), key, value)
		return nil
	}})
}

// Delete takes a key away; without error if it isn't there.
func (p *Private) Delete(ctx context.Context, key []byte) error {
	key = bytes.Clone(key)
	return p.s.do(ctx, &job{apply: func(d *draft) error {
		if b := d.bucket(bucketPrivate).Bucket([]byte(p.name)); b != nil && b.Get(key) != nil {
			d.remove(b, p.label(), key)
		}
		return nil
	}})
}

// Each gives the keys that begin with a prefix, sorted, with their values. It ends with
// the first error.
func (p *Private) Each(ctx context.Context, prefix []byte) iter.Seq2[[2][]byte, error] {
	return func(yield func([2][]byte, error) bool) {
		next := bytes.Clone(prefix)
		for ctx.Err() == nil {
			lot, err := p.lot(prefix, next)
			for _, pair := range lot {
				if !yield(pair, nil) {
					return
				}
			}
			if err != nil {
				yield([2][]byte{}, err)
				return
			}
			if len(lot) == 0 {
				return
			}
			next = append(bytes.Clone(lot[len(lot)-1][0]), 0)
		}
		yield([2][]byte{}, ctx.Err())
	}
}

// lot reads the pairs from a key on, up to a bound.
func (p *Private) lot(prefix, from []byte) (lot [][2][]byte, err error) {
	err = p.s.view(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(bucketPrivate)).Bucket([]byte(p.name))
		if b == nil {
			return nil
		}
		c := b.Cursor()
		size := 0
		for key, sealed := c.Seek(from); key != nil && bytes.HasPrefix(key, prefix); key, sealed = c.Next() {
			value, rot := unseal(p.label(), key, sealed)
			if rot != nil {
				return p.damage(key, rot)
			}
			lot = append(lot, [2][]byte{bytes.Clone(key), bytes.Clone(value)})
			if size += len(key) + len(value); len(lot) >= lotRecords || size >= lotBytes {
				break
			}
		}
		return nil
	})
	return lot, err
}
