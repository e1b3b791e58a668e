package intake_test

import (
	"fmt"
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
