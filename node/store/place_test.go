package store_test

import (
	"errors"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// TestReaderGoesOnBehindAPlace: whatever record was read last, of whatever group, what
// follows is the rest of the archive in its order.
func TestReaderGoesOnBehindAPlace(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a, b := newAuthor(gevgelija, protocol.Situation, 1), newAuthor("mk.southeast.strumica", protocol.Alert, 1)
	c := newAuthor("al.north.kukes", protocol.Situation, 1)
	for range 5 {
		mustAppend(t, s, a.run(3, "quiet")...)
		mustAppend(t, s, b.write("alert", 10), c.write("quiet", 10))
		mustAppend(t, s, a.write("later", 10))
	}
	all := collect(t, s.All(t.Context()))
	rest := func(place uint64, digest protocol.Digest) []store.Stored {
		t.Helper()
		behind, err := s.Behind(t.Context(), place, digest)
		must(t, err)
		return collect(t, s.Between(t.Context(), behind, s.Orders()))
	}
	if got := rest(0, protocol.Digest{}); len(got) != len(all) {
		t.Errorf("from the beginning: %d records, want %d", len(got), len(all))
	}
	for i, r := range all {
		if r.Place != uint64(i)+1 { //nolint:gosec // an index
			t.Fatalf("%s has place %d, want %d", r.Name, r.Place, i+1)
		}
		got := rest(r.Place, r.Digest)
		if len(got) != len(all)-i-1 {
			t.Fatalf("behind %s: %d records, want %d", r.Name, len(got), len(all)-i-1)
		}
		for k := range got {
			if got[k].Digest != all[i+1+k].Digest {
				t.Fatalf("behind %s: %s follows, want %s", r.Name, got[k].Name, all[i+1+k].Name)
			}
		}
	}
	last := &all[len(all)-1]
	for name, place := range map[string]uint64{"another's place": last.Place - 1, "a place that nothing has": last.Place + 1} {
		if _, err := s.Behind(t.Context(), place, last.Digest); !errors.Is(err, store.ErrPlace) {
			t.Errorf("%s: %v, want ErrPlace", name, err)
		}
	}
}

// TestReaderGoesOnBesideRottenHeaders: what can't be read is no reason to read nothing.
func TestReaderGoesOnBesideRottenHeaders(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(dir))
	a, b := newAuthor(gevgelija, protocol.Situation, 1), newAuthor("mk.southeast.strumica", protocol.Alert, 1)
	mustAppend(t, s, a.run(5, "quiet")...)
	read := b.write("alert", 10)
	mustAppend(t, s, read)
	mustAppend(t, s, a.run(3, "later")...)
	must(t, s.Close())
	tamper(t, dir, func(tx *bolt.Tx) error {
		records := tx.Bucket([]byte("records")).Bucket([]byte{0, 0, 0, 1})
		var errs []error
		for _, order := range []byte{3, 5, 8} {
			key := []byte{0, 0, 0, 0, 0, 0, 0, order}
			value := append([]byte(nil), records.Get(key)...)
			value[20] ^= 1
			errs = append(errs, records.Put(key, value))
		}
		return errors.Join(errs...)
	})
	s = open(t, options(dir))
	behind, err := s.Behind(t.Context(), 6, read.Digest())
	must(t, err)
	var good int
	for r, err := range s.Between(t.Context(), behind, s.Orders()) {
		if err == nil {
			good++
			if r.Place <= 6 {
				t.Errorf("%s was read before", r.Name)
			}
		}
	}
	if good != 2 {
		t.Errorf("%d records behind the alert, want the 2 that can be read", good)
	}
}
