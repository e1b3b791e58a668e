package desk

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// uncounted says why what a record's author says is kept and marked, and not counted: the charter
// does not let its level say it, or it is not of its territory or under its prefix, or verified by
// who may not. It is empty for what counts. A body that is not here is judged by its kind; a
// correction by what takes the record's place.
func (d *Desk) uncounted(h *Held, b body.Body) string {
	if !d.o.Trust.May(h.Institution, h.Type) {
		m, _ := d.o.Trust.Member(h.Institution)
		return fmt.Sprintf("beyond competence: the charter does not let a %s say a %s", m.Level, shortName(h.Type))
	}
	if b == nil {
		return ""
	}
	if instead := d.instead(b); instead != nil {
		b = instead
	}
	switch b := b.(type) {
	case *body.Route, *body.Phase, *body.Alert:
		return beyondTerritory(d.ranks(), h.Institution, b)
	case *body.Strategy:
		if m, _ := d.o.Trust.Member(h.Institution); body.StrategyLevelOf(m.Level) != b.Level {
			return board.BeyondStrategy
		}
	case *body.SituationReport:
		return d.beyondReport(h.Institution, b.Regional != nil)
	case *body.Endorsement:
		return d.beyondVerifying(h.Institution, b)
	case *body.Admission:
		return d.beyondPrefix(h.Digest, b)
	}
	return ""
}

// beyondPrefix gives why an admission is not its author's to write, as trust has it; empty: it is.
func (d *Desk) beyondPrefix(digest protocol.Digest, a *body.Admission) string {
	if !slices.ContainsFunc(d.o.Trust.Refused(), func(r trust.Refusal) bool { return r.Digest == digest && r.Beyond }) {
		return ""
	}
	if registrar, named := d.o.Trust.Charter().RegistrarOf(a.Institution); named {
		return fmt.Sprintf("beyond competence: %s is admitted by its registrar, %s", a.Institution, registrar)
	}
	return fmt.Sprintf("beyond competence: the charter names no registrar for %s", a.Institution)
}
