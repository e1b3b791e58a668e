package store_test

import (
	"errors"
	"testing"
	"time"

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

// TestNewestIsAWindowOverAllGroups: by age, by bytes, and with what came behind it.
func TestNewestIsAWindowOverAllGroups(t *testing.T) {
	o := options(t.TempDir())
	now := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	o.Clock = func() time.Time { return now }
	s := open(t, o)
	a, b := newAuthor(gevgelija, protocol.Situation, 1), newAuthor("mk.southeast.strumica", protocol.Alert, 1)
	for range 20 {
		mustAppend(t, s, a.write("news", 10_000), a.write("news", 10_000))
		mustAppend(t, s, b.write("alert", 10_000))
		now = now.Add(time.Hour)
	}
	for _, c := range []struct {
		name  string
		since time.Time
		bytes int64
		want  int
	}{
		{"all fits", time.Unix(0, 0), 1 << 30, 60},
		{"the last five hours", now.Add(-5 * time.Hour), 1 << 30, 15},
		{"the last 100 kB", time.Unix(0, 0), 100_000, 9},
		{"nothing", now.Add(time.Hour), 1 << 30, 0},
	} {
		behind, err := s.Newest(t.Context(), protocol.InstantOf(c.since), c.bytes)
		must(t, err)
		got := collect(t, s.Between(t.Context(), behind, s.Orders()))
		all := collect(t, s.All(t.Context()))
		if len(got) != c.want {
			t.Errorf("%s: %d records, want %d", c.name, len(got), c.want)
			continue
		}
		for i, r := range got {
			if r.Digest != all[len(all)-c.want+i].Digest {
				t.Errorf("%s: record %d is %s", c.name, i, r.Name)
			}
		}
	}
	behind, err := s.Newest(t.Context(), protocol.InstantOf(now), 1<<30)
	must(t, err)
	mustAppend(t, s, b.write("later", 0))
	if got := collect(t, s.Between(t.Context(), behind, s.Orders())); len(got) != 1 {
		t.Errorf("%d records came since, want 1", len(got))
	}
}
