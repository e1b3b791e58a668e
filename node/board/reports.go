package board

import (
	"iter"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ReportHead is what a situation report is chosen by for a list. Its texts and figures stay in
// the record.
type ReportHead struct {
	Record      protocol.Name
	Digest      protocol.Digest
	Institution protocol.InstitutionID
	Time        protocol.Instant // its author's clock
	Place       body.PlaceKey    // zero if the body names none, or can't be read
	PeriodEnd   protocol.Instant
	Severity    body.Severity
	Quality     *Quality // for who asks to set: it hangs on all that is known
}

// SpeaksAt gives the instant that a report speaks of: the end of its period, or when it was
// written if it names none.
func (r *ReportHead) SpeaksAt() protocol.Instant {
	if r.PeriodEnd != 0 {
		return r.PeriodEnd
	}
	return r.Time
}

// Reports gives the reports of a world, whether they count or not, the last told first, and how
// many there are. A head holds until the next one comes, and the board is kept waiting
// meanwhile: ask it nothing.
func (b *Board) Reports(of World) (heads iter.Seq[*ReportHead], all int) {
	b.fold.Lock()
	b.settleLocked()
	w := b.worldAt(of)
	all = w.reports
	b.fold.Unlock()
	return func(yield func(*ReportHead) bool) {
		b.fold.Lock()
		defer b.fold.Unlock()
		for i := len(w.news) - 1; i >= 0; i-- {
			e := w.news[i]
			if e.kind != body.TypeReport {
				continue
			}
			h := ReportHead{Record: e.name, Digest: e.digest, Institution: e.name.Institution, Time: e.time}
			switch r := e.what.(type) {
			case *report:
				h.Place, h.PeriodEnd, h.Severity = r.place, r.end, r.severity
			case *regional:
				h.PeriodEnd, h.Severity = r.said.Period.End.Instant(), r.said.Severity
			}
			if !yield(&h) {
				return
			}
		}
	}, all
}
