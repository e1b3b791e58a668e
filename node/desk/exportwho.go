package desk

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// behind gives the records that a row of flows or of the 3W is made of, besides the one that it names: all steps of a flow, each of
// which its sums hold, and the version of a plan that is in force.
func (e *exporting) behind(l *flatLine) (out []protocol.Name) {
	if f := e.flowOf(l); f != nil {
		for i := range f.Steps {
			out = append(out, f.Steps[i].Record)
		}
	}
	if p := e.planOf(l); p != nil {
		out = append(out, p.Record)
		if live := p.Live(); live != nil {
			out = append(out, live.Record)
		}
	}
	return out
}

// flowOf gives the flow of a row; nil: it is of none.
func (e *exporting) flowOf(l *flatLine) *board.Flow {
	name := wordIn(l.all, "flow")
	return pick(e.flows, func(f *board.Flow) bool { return f.Flow.String() == name })
}

// planOf gives the plan that foresees a row of the 3W; nil: none does.
func (e *exporting) planOf(l *flatLine) *board.Plan {
	name := wordIn(l.all, "plan")
	return pick(e.plans, func(p *board.Plan) bool { return e.listing.What == ListWho && p.Record.String() == name })
}

// aims gives the lines of fund plans, and the needs, that say where a row helps and in what: those that its flow names, or the line that it is.
func (e *exporting) aims(l *flatLine) (lines []body.PlanLineRef, needs []protocol.Name) {
	if f := e.flowOf(l); f != nil {
		return f.PlanLines, f.NeedsRefs
	}
	if p := e.planOf(l); p != nil {
		for i := range p.Lines {
			if fmt.Sprint(p.Lines[i].Line) == memberText(l.all["line"]) {
				return []body.PlanLineRef{{Plan: p.Record, Line: p.Lines[i].Line}}, nil
			}
		}
	}
	return nil, nil
}

// fromAims reports whether a column of a row says what its aims say.
func (e *exporting) fromAims(l *flatLine, column string) bool {
	switch column {
	case "places", "where", "where_name", "footnote":
		return e.listing.What == ListWho || column == "places"
	case "sectors": // those of a plan's own line are its own
		return e.flowOf(l) != nil
	}
	return e.listing.What == ListWho && strings.HasPrefix(column, "quality")
}
