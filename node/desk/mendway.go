package desk

import (
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// MendWay says where the author of a record puts it right on the pages; empty: nowhere, and the
// command line alone does, if anything.
type MendWay string

// The ways.
const (
	MendsInForm  MendWay = "form"    // in the form of corrections: [Desk.NewForm] opens it
	MendsOnPage  MendWay = "page"    // on the page of what it says
	MendsOutcome MendWay = "outcome" // on the page of the consultation that it concludes
)

// mendWay says where the author of a record puts it right now.
func (d *Desk) mendWay(v *board.View, h *Held) MendWay {
	switch {
	case h.BodyState != protocol.BodyHeld || h.Sealed || correctable(h, h.Institution, false) != nil:
		return ""
	case hasMendForm(h.Type):
		return MendsInForm
	case !d.o.Trust.May(h.Institution, h.Type):
		return ""
	case pick(v.Consultations, func(c *board.Consultation) bool {
		return c.State == board.ConsultationConcluded && c.Outcome != nil && c.Outcome.Record == h.Name
	}) != nil:
		return MendsOutcome
	case mendsOnPage(v, h.Name):
		return MendsOnPage
	}
	return ""
}

// mendsOnPage reports whether a record is one that its page has a form for, and not over.
func mendsOnPage(v *board.View, n protocol.Name) bool {
	return pick(v.Consultations, func(c *board.Consultation) bool { return c.Record == n && unclosed(c) }) != nil ||
		pick(v.Strategies, func(s *board.Strategy) bool { return s.Record == n && s.State != board.StrategyWithdrawn }) != nil ||
		pick(v.Projects, func(p *board.Project) bool { return p.Record == n && p.State != board.ProjectWithdrawn }) != nil ||
		pick(v.Plans, func(p *board.Plan) bool {
			return p.Record == n && p.State != board.PlanClosed && p.State != board.PlanWithdrawn
		}) != nil
}

// hasMendForm reports whether the form of corrections has fields for a type.
func hasMendForm(recordType string) bool {
	return recordType == body.TypeNeeds || len(mendFields(recordType, nil)) > 0
}
