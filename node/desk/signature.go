package desk

import (
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// signatureLead is how long before what a fund plan depends on its signatures are called due: a
// council that is to decide must be called together. Of a version that gives less than twice that
// it is half of the time.
const signatureLead = 7 * 24 * time.Hour

// signatureBy is what the signatures of the live version depend on: the day from which its money
// is foreseen, or of a version that came later the day on which it ends.
func signatureBy(p *board.Plan) protocol.Instant {
	if p.Live().AuthorTime < p.PeriodStart {
		return p.PeriodStart
	}
	return p.PeriodEnd
}

// signatureFrom is when they are called due.
func signatureFrom(p *board.Plan) protocol.Instant {
	return dueFrom(p.Live().AuthorTime, signatureBy(p), signatureLead)
}

// signatureEvents tells of the live version of a plan that waits for a signature of this node:
// once when it is proposed, and once more when the time for it is nearly over.
func (d *Desk) signatureEvents(p *board.Plan, exercise bool) []duty.Event {
	asked := d.unsigned(p)
	if len(asked) == 0 {
		return nil
	}
	live := p.Live()
	e := d.dueEvent(live.Record, live.Digest, asked, exercise)
	if live.Number > 1 { // its record is a correction, whose line tells of no version
		e.Said = versionWaits(p, asked)
	}
	e.Kind, e.Once, e.Places, e.Written = duty.SignatureDue, "asked "+live.Digest.Hex(), placesWith(p.Territory), live.AuthorTime
	out := []duty.Event{e}
	if d.now() >= signatureFrom(p) {
		e.Once, e.Written, e.Ends = "due "+live.Digest.Hex(), signatureFrom(p), signatureBy(p)
		out = append(out, e)
	}
	return out
}

// versionWaits says which version of a plan waits, and which one those who are asked have signed last.
func versionWaits(p *board.Plan, asked []protocol.InstitutionID) string {
	for i := range p.Before { // the last first
		signed := &p.Before[i]
		who := slices.DeleteFunc(slices.Clone(signed.Institutions), func(id protocol.InstitutionID) bool { return !slices.Contains(asked, id) })
		if len(who) > 0 {
			return fmt.Sprintf("version %d waits for your signature, and version %d was signed by %s: %s: %s %s", p.Version, signed.Version, joinIDs(who), short(p.Title), p.Total, p.Currency)
		}
	}
	return fmt.Sprintf("version %d waits for your signature: %s: %s %s", p.Version, short(p.Title), p.Total, p.Currency)
}

// signatureWaits reports whether a version of a plan is in force and waits for a signature of this
// node.
func (d *Desk) signatureWaits(view *board.View, version protocol.Digest) bool {
	return slices.ContainsFunc(view.Plans, func(p board.Plan) bool {
		return len(d.unsigned(&p)) > 0 && p.Live().Digest == version
	})
}
