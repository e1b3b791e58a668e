package board_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// many writes n reports of three figures by fifty institutions.
func many(b *testing.B, n int) []board.Event {
	b.Helper()
	const authors = 50
	var out []board.Event
	var pens []*pen
	for i := range authors {
		pens = append(pens, newPen(b, protocol.InstitutionID(fmt.Sprintf("mk.southeast.demo-%d", i))))
	}
	for i := range n {
		out = append(out, pens[i%authors].report(i/authors+1, figures{body.Arrivals: int64(i % 977), body.Departures: 5, body.Present: 400}))
	}
	return out
}

// BenchmarkTell is what intake waits for.
func BenchmarkTell(b *testing.B) {
	events := many(b, 10_000)
	to := newBoard(b)
	b.ResetTimer()
	for i := range b.N {
		to.Tell(events[i%len(events) : i%len(events)+1])
	}
}

// BenchmarkRebuild is what a start costs, a record, and what stays of it in memory.
func BenchmarkRebuild(b *testing.B) {
	events := many(b, 20_000)
	var before, after runtime.MemStats
	for b.Loop() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		to := newBoard(b, events...)
		to.Picture(at(day(3)))
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(to)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(events)), "ns/record")
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(events)), "B/record")
}

// BenchmarkPicture is the picture after one more record.
func BenchmarkPicture(b *testing.B) {
	events := many(b, 20_000)
	to := newBoard(b, events[:10_000]...)
	to.Picture(at(day(3)))
	b.ResetTimer()
	for i := range b.N {
		to.Tell(events[10_000+i%10_000 : 10_001+i%10_000])
		to.Picture(at(day(3)))
	}
}

// BenchmarkPictureInAFlood is the picture after one more record, while 100,000 records of
// one author are kept that count nowhere.
func BenchmarkPictureInAFlood(b *testing.B) {
	other := newPen(b, town)
	first := other.report(1, figures{body.Arrivals: 5})
	to := newBoard(b, append(flood(newPen(b, valley), 100_000, &first), first)...)
	to.Picture(at(day(3)))
	var events []board.Event
	for i := range 1000 {
		events = append(events, other.report(1+i%300, figures{body.Arrivals: int64(i)}))
	}
	b.ResetTimer()
	for i := range b.N {
		to.Tell(events[i%1000 : i%1000+1])
		to.Picture(at(day(3)))
	}
}
