package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/store"
)

// damageIn gives the ways in which something derived can be wrong on pages that are whole.
func damageIn(bucket string) map[string]func(tx *bolt.Tx) error {
	first := func(change func(b *bolt.Bucket, key, value []byte) error) func(tx *bolt.Tx) error {
		return func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte(bucket))
			key, value := b.Cursor().First()
			return change(b, bytes.Clone(key), bytes.Clone(value))
		}
	}
	return map[string]func(tx *bolt.Tx) error{
		"gone": first(func(b *bolt.Bucket, key, _ []byte) error { return b.Delete(key) }),
		"key": first(func(b *bolt.Bucket, key, value []byte) error {
			flipped := bytes.Clone(key)
			flipped[len(key)-1] ^= 1 << 6
			return errors.Join(b.Delete(key), b.Put(flipped, value))
		}),
		"value": first(func(b *bolt.Bucket, key, value []byte) error {
			if len(value) == 0 {
				return b.Put(key, []byte{1, 2})
			}
			value[len(value)/2] ^= 1
			return b.Put(key, value)
		}),
	}
}

// TestDamagedIndexIsMadeAnew: what can be computed from the records needs no backup.
func TestDamagedIndexIsMadeAnew(t *testing.T) {
	from := t.TempDir()
	furnish(t, from)
	whole, err := os.ReadFile(filepath.Join(from, store.FileName))
	must(t, err)
	want := read(t, whole)
	for _, bucket := range []string{"marks", "branches", "positions", "digests", "types", "absent", "meta"} {
		damages := damageIn(bucket)
		if bucket == "meta" {
			damages = map[string]func(tx *bolt.Tx) error{}
			for _, key := range []string{"peak", "tally of derived", "version of types"} {
				damages[key] = func(tx *bolt.Tx) error {
					return tx.Bucket([]byte(bucket)).Put([]byte(key), []byte("not what was written"))
				}
			}
		}
		for what, damage := range damages {
			t.Run(bucket+" "+what, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, store.FileName)
				must(t, os.WriteFile(path, whole, 0o600))
				tamper(t, dir, damage)
				o := options(dir)
				o.Check = func(_ context.Context, path string) error { return store.CheckFile(path) }
				found := store.CheckFile(path)
				if found != nil && !errors.Is(found, store.ErrIndexes) {
					t.Errorf("check: %v, want %v", found, store.ErrIndexes)
				}
				s, err := store.Open(t.Context(), o)
				if err != nil {
					t.Fatalf("open: %v", err)
				}
				lost := want.differs(take(t, s))
				must(t, s.Close())
				if len(lost) > 0 {
					t.Errorf("made anew, other answers to %.300q", lost)
				}
				must(t, store.CheckFile(path))
			})
		}
	}
}

// A damaged record is not mended by its indexes.
func TestDamagedRecordIsNoDamagedIndex(t *testing.T) {
	dir := t.TempDir()
	furnish(t, dir)
	tamper(t, dir, func(tx *bolt.Tx) error {
		key, _ := tx.Bucket([]byte("bodies")).Cursor().First()
		b := tx.Bucket([]byte("bodies")).Bucket(key)
		order, body := b.Cursor().First()
		body = bytes.Clone(body)
		body[len(body)-3] ^= 1
		return errors.Join(b.Put(order, body), tx.Bucket([]byte("digests")).ForEach(func(key, _ []byte) error {
			return tx.Bucket([]byte("digests")).Delete(bytes.Clone(key))
		}))
	})
	err := store.CheckFile(filepath.Join(dir, store.FileName))
	if !errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrIndexes) {
		t.Errorf("check: %v, want %v", err, store.ErrDamaged)
	}
	o := options(dir)
	o.Check = func(_ context.Context, path string) error { return store.CheckFile(path) }
	if _, err := store.Open(t.Context(), o); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("open: %v, want %v", err, store.ErrDamaged)
	}
}
