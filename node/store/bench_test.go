package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

const (
	benchBody    = 1200 // bytes, as hotpath.md measured
	benchRecords = 50_000
)

// towns writes the records of 40 feeds in runs, as a catch-up brings them.
func towns(n, run int) []protocol.Record {
	var writers []*author
	for i := range 40 {
		writers = append(writers, newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.town%d", i)), protocol.Situation, 1))
	}
	var out []protocol.Record
	for i := 0; len(out) < n; i++ {
		for range run {
			out = append(out, writers[i%len(writers)].write("x", benchBody))
		}
	}
	return out[:n]
}

// BenchmarkAppend: one caller, batches of a size, each an fsync.
func BenchmarkAppend(b *testing.B) {
	for _, batch := range []int{1, 16, 256, 2048} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			records := towns(b.N*batch, min(batch, 64))
			s := open(b, options(b.TempDir()))
			b.ResetTimer()
			for i := range b.N {
				mustAppend(b, s, records[i*batch:(i+1)*batch]...)
			}
			b.StopTimer()
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(len(records)), "µs/record")
			must(b, s.Close())
			b.ReportMetric(float64(s.Stats().Bytes)/float64(len(records)), "B/record")
		})
	}
}

// BenchmarkAppendTogether: many callers of one record each share commits.
func BenchmarkAppendTogether(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			var writers []*author
			for i := range callers {
				writers = append(writers, newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.caller%d", i)), protocol.Situation, 1))
			}
			s := open(b, options(b.TempDir()))
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var wait sync.WaitGroup
			for _, w := range writers {
				wait.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := s.Append(b.Context(), []protocol.Record{w.write("x", benchBody)}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wait.Wait()
		})
	}
}

func filled(b *testing.B) (*store.Store, []protocol.Record) {
	s := open(b, options(b.TempDir()))
	records := towns(benchRecords, 64)
	for i := 0; i < len(records); i += 2048 {
		mustAppend(b, s, records[i:min(i+2048, len(records))]...)
	}
	b.ResetTimer()
	return s, records
}

func BenchmarkGet(b *testing.B) {
	s, records := filled(b)
	for i := range b.N {
		if _, err := s.Get(records[i*7919%len(records)].Name); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkByDigest(b *testing.B) {
	s, records := filled(b)
	digests := make([]protocol.Digest, len(records))
	for i := range records {
		digests[i] = records[i].Digest()
	}
	b.ResetTimer()
	for i := range b.N {
		if _, err := s.ByDigest(digests[i*7919%len(digests)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRange(b *testing.B) {
	s, records := filled(b)
	n := 0
	for n < b.N {
		for _, err := range s.Range(b.Context(), records[0].EpochID(), protocol.Digest{}, 1, 1000) {
			must(b, err)
			n++
		}
	}
}

func BenchmarkAfter(b *testing.B) {
	s, records := filled(b)
	g := records[0].Feed().Group()
	order := uint64(0)
	for n := 0; n < b.N; {
		got, err := s.After(b.Context(), g, order, 4<<20)
		must(b, err)
		n += len(got)
		order = got[len(got)-1].Order % 40_000
	}
}

func BenchmarkOpen(b *testing.B) {
	dir := b.TempDir()
	s := open(b, options(dir))
	records := towns(benchRecords, 64)
	for i := 0; i < len(records); i += 2048 {
		mustAppend(b, s, records[i:min(i+2048, len(records))]...)
	}
	must(b, s.Close())
	for b.Loop() {
		s, err := store.Open(b.Context(), options(dir))
		must(b, err)
		must(b, s.Close())
	}
}

func BenchmarkCheckFile(b *testing.B) {
	dir := b.TempDir()
	s := open(b, options(dir))
	records := towns(benchRecords, 64)
	for i := 0; i < len(records); i += 2048 {
		mustAppend(b, s, records[i:min(i+2048, len(records))]...)
	}
	must(b, s.Close())
	for b.Loop() {
		must(b, store.CheckFile(dir+"/"+store.FileName))
	}
}

// forked gives an epoch that its author has forked n times at its second record, and the
// author before that record.
func forked(t testing.TB, s *store.Store, n int) *author {
	a := newAuthor("mk.southeast.town", protocol.Situation, 1)
	records := []protocol.Record{a.write("the first", 0)}
	for i := range n {
		records = append(records, a.fork().write(fmt.Sprint("rival ", i), 0))
	}
	for len(records) > 0 {
		lot := records[:min(len(records), 1000)]
		mustAppend(t, s, lot...)
		records = records[len(lot):]
	}
	return a
}

// TestARivalCostsNoMoreThanTheFirst counts allocations, since a branch that is looked at
// costs some: one author that forks its feed must not hold up the others.
func TestARivalCostsNoMoreThanTheFirst(t *testing.T) {
	count := func(n int) float64 {
		s := open(t, options(t.TempDir()))
		a, i := forked(t, s, n), 0
		return testing.AllocsPerRun(20, func() {
			i++
			other := a.fork()
			for _, r := range mustAppend(t, s, other.write(fmt.Sprint("another rival ", i), 0), other.write("what comes behind it", 0)) {
				if r.Rival == nil {
					t.Error("a fork was not noticed")
				}
			}
		})
	}
	if few, many := count(16), count(2048); many > few+512 {
		t.Errorf("a rival of 2,048 others costs %.0f allocations, one of 16 %.0f", many, few)
	}
}

// BenchmarkRivals: each record is a fork. The time of all must grow as their number does.
func BenchmarkRivals(b *testing.B) {
	for _, n := range []int{1000, 2000, 4000, 8000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				s := open(b, options(b.TempDir()))
				forked(b, s, n)
				must(b, s.Close())
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/rival")
		})
	}
}
