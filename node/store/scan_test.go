package store_test

import (
	"errors"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// TestAllGoesOnBehindRottenHeaders: at the beginning, two in a row, at the end.
func TestAllGoesOnBehindRottenHeaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(dir))
	a, b := newAuthor(gevgelija, protocol.Situation, 1), newAuthor("mk.southeast.strumica", protocol.Alert, 1)
	mustAppend(t, s, a.run(5, "quiet")...)
	mustAppend(t, s, b.run(2, "alert")...)
	mustAppend(t, s, a.run(3, "later")...)
	must(t, s.Close())
	tamper(t, dir, func(tx *bolt.Tx) error {
		records := tx.Bucket([]byte("records")).Bucket([]byte{0, 0, 0, 1})
		var errs []error
		for _, order := range []byte{1, 4, 5, 8} {
			key := []byte{0, 0, 0, 0, 0, 0, 0, order}
			value := append([]byte(nil), records.Get(key)...)
			value[20] ^= 1
			errs = append(errs, records.Put(key, value))
		}
		return errors.Join(errs...)
	})
	s = open(t, options(dir))
	var good, bad int
	for _, err := range s.All(t.Context()) {
		if err == nil {
			good++
		} else if errors.Is(err, store.ErrDamaged) {
			bad++
		}
	}
	if good != 6 || bad != 4 {
		t.Errorf("All gives %d records and %d damages, want 6 and 4", good, bad)
	}
}
