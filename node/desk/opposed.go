package desk

import (
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// InThroughput is [board.InThroughput].
const InThroughput = board.InThroughput

// Opposition is a contradiction as one of the two institutions meets it: what it said itself,
// and what the other said. It is no other list than that of contradictions, and ends with it.
type Opposition struct {
	Indicator body.Indicator     // of a figure; empty: it is about a route
	By        string             // the part of the figure
	Of        board.Disagreement // of a route
	Place     body.PlaceKey
	Name      string // of the place, or of the route
	Footnote  bool
	Own       Statement
	Other     Statement
	Call      *body.Contact // the other's duty office
}

// Statement is one side of it.
type Statement struct {
	Institution protocol.InstitutionID
	Record      protocol.Name // that puts right, or takes back, what is said
	Value       body.Count    // of a figure
	Side        *board.Side   // of a route
	Start, End  protocol.Instant
}

// oppositions gives the contradictions in which an institution is one of the two, figures first.
func (d *Desk) oppositions(view *board.View, as protocol.InstitutionID) []Opposition {
	var out []Opposition
	add := func(o Opposition, sides [2]Statement) {
		for i := range sides {
			if sides[i].Institution == as {
				o.Own, o.Other = sides[i], sides[1-i]
				if m, ok := d.o.Trust.Member(o.Other.Institution); ok && m.Profile != nil {
					o.Call = m.Profile.DutyContact
				}
				out = append(out, o)
			}
		}
	}
	for _, c := range view.Clashes {
		var sides [2]Statement
		for i, v := range c.Between {
			sides[i] = Statement{Institution: v.Institution, Record: v.Record, Value: v.Value, Start: v.PeriodStart, End: v.PeriodEnd}
		}
		add(Opposition{Indicator: c.Indicator, By: c.By, Place: c.Place, Name: c.PlaceName, Footnote: c.Footnote}, sides)
	}
	for _, c := range twoVoices(view) {
		var sides [2]Statement
		for i := range c.Sides {
			s := &c.Sides[i]
			sides[i] = Statement{Institution: s.Institution, Record: s.Record, Side: s, Start: s.ObservedAt, End: s.ValidUntil}
		}
		add(Opposition{Of: c.Of, Name: c.Name, Footnote: c.Footnote}, sides)
	}
	return out
}
