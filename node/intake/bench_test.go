package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// BenchmarkIntake takes batches of 64 frames of 64 KiB, 1.3 kB a record, eight feeds in
// runs as a sender that orders its look-ahead cuts them, and measures until they are
// committed and acknowledged. Telling the board, which the next stage does meanwhile, is
// measured apart.
func BenchmarkIntake(b *testing.B) {
	d := founded(b)
	var pens []*pen
	for k := range 8 {
		m := d.known(protocol.InstitutionID(fmt.Sprintf("mk.vardar.town-%d", k)))
		pens = append(pens, m.topics[protocol.Situation])
	}
	text := strings.Repeat("x", 1100)
	const frames, aFrame = 64, 46
	records, bytes := 0, 0
	var telling time.Duration
	for b.Loop() {
		b.StopTimer()
		var batch []intake.Arrived
		for f := range frames {
			records += aFrame
			frame := frameOf(b, pens[f*len(pens)/frames].notes(aFrame, text))
			bytes += len(frame)
			batch = append(batch, intake.Arrived{Peer: gevgelija, Token: north, Frame: frame})
		}
		b.StartTimer()
		d.TakeAll(b.Context(), batch)
		b.StopTimer()
		begun := time.Now()
		d.Drain(b.Context())
		telling += time.Since(begun)
		b.StartTimer()
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(records), "µs/record")
	b.ReportMetric(float64(telling.Microseconds())/float64(records), "µs/record-told")
	b.ReportMetric(float64(bytes)/float64(records), "B/record")
}

// BenchmarkTrustCatchUp has a new node take the trust topic of a network with 500
// members: their registrar's feed, and three openers of each.
func BenchmarkTrustCatchUp(b *testing.B) {
	d := founded(b)
	const members, aBatch = 500, 64
	var frames [][]byte
	for k := range members {
		frames = append(frames, frameOf(b, d.admitted(protocol.InstitutionID(fmt.Sprintf("mk.vardar.town-%d", k))).opens))
	}
	registrar := slices.Collect(slices.Chunk(d.held(epochOf(centre, protocol.Trust)), 50))
	for k := range registrar {
		frames = slices.Insert(frames, k, frameOf(b, registrar[k]))
	}
	commits := 0
	for b.Loop() {
		b.StopTimer()
		n := d.elsewhere()
		b.StartTimer()
		for batch := range slices.Chunk(frames, aBatch) {
			var arrived []intake.Arrived
			for _, f := range batch {
				arrived = append(arrived, intake.Arrived{Peer: centre, Token: north, Frame: f})
			}
			n.TakeAll(b.Context(), arrived)
			n.Drain(b.Context())
		}
		b.StopTimer()
		if got, want := n.Counts().Accepted, 4*members+6; got != want {
			b.Fatalf("%d records accepted, want %d", got, want)
		}
		commits += n.Counts().Commits
		b.StartTimer()
	}
	b.ReportMetric(float64(commits)/float64(b.N), "commits")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*4*members), "µs/record")
}
