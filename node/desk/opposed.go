package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// InThroughput is [board.InThroughput].
const InThroughput = board.InThroughput

// Opposition is a contradiction as one of the two institutions meets it: what it said itself,
// and what the other said. It is no other list than that of contradictions, and ends with it.
type Opposition struct {
	Indicator body.Indicator     `json:"indicator,omitempty"` // of a figure; empty: it is about a route
	By        string             `json:"by,omitempty"`        // the part of the figure
	Of        board.Disagreement `json:"of,omitempty"`        // of a route
	Place     body.PlaceKey      `json:"place,omitzero"`
	Name      string             `json:"name,omitempty"` // of the place, or of the route
	Footnote  bool               `json:"footnote,omitempty"`
	Own       Statement          `json:"own"`
	Other     Statement          `json:"other"`
	Call      *body.Contact      `json:"call,omitempty"` // the other's duty office
}

// Statement is one side of it.
type Statement struct {
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record,omitzero"` // that puts right, or takes back, what is said
	Place       body.PlaceKey          `json:"place,omitzero"`  // as it names it
	Value       body.Count             `json:"value"`           // of a figure
	Side        *board.Side            `json:"side,omitempty"`  // of a route
	Start       protocol.Instant       `json:"start,omitzero"`
	End         protocol.Instant       `json:"end,omitzero"`
	Quality     *Quality               `json:"quality,omitempty"`
}

// oppositions gives the contradictions in which an institution is one of the two, figures first.
func oppositions(g *trust.Registry, view *board.View, as protocol.InstitutionID) []Opposition {
	var out []Opposition
	add := func(o Opposition, sides [2]Statement) {
		for i := range sides {
			if sides[i].Institution == as {
				o.Own, o.Other = sides[i], sides[1-i]
				if m, ok := g.Member(o.Other.Institution); ok && m.Profile != nil {
					o.Call = m.Profile.DutyContact
				}
				out = append(out, o)
			}
		}
	}
	for _, c := range view.Clashes {
		var sides [2]Statement
		for i, v := range c.Between {
			sides[i] = Statement{Institution: v.Institution, Place: v.Place, Record: v.Record, Value: v.Value, Start: v.PeriodStart, End: v.PeriodEnd, Quality: v.Quality}
		}
		add(Opposition{Indicator: c.Indicator, By: c.By, Place: c.Place, Name: c.PlaceName, Footnote: c.Footnote}, sides)
	}
	for _, c := range twoVoices(view) {
		var sides [2]Statement
		for i := range c.Sides {
			s := &c.Sides[i]
			sides[i] = Statement{Institution: s.Institution, Place: s.Place, Record: s.Record, Side: s, Start: s.ObservedAt, End: s.ValidUntil, Quality: s.Quality}
		}
		add(Opposition{Of: c.Of, Name: c.Name, Footnote: c.Footnote}, sides)
	}
	return out
}

// contradictionEvents tells institutions of this node of what another says that can't be so if
// what they say is: one event of two records, whatever they differ in, and one of both sides if
// both are of this node.
func (d *Desk) contradictionEvents(view *board.View, exercise bool) []duty.Event {
	var out []duty.Event
	more := map[string]int{} // that two records differ in beside the first
	for _, as := range d.o.Institutions {
		for _, o := range oppositions(d.o.Trust, view, as) {
			pair := pairOf(o.Own.Record, o.Other.Record)
			i := slices.IndexFunc(out, func(e duty.Event) bool { return e.Once == pair })
			if i < 0 {
				out = append(out, d.contradictionEvent(view, &o, exercise))
				continue
			}
			if e := &out[i]; !slices.Contains(e.To, as) {
				e.To = append(e.To, as)
			} else if len(e.To) == 1 { // the second side would count the same again
				more[pair]++
			}
		}
	}
	for i := range out {
		if n := more[out[i].Once]; n > 0 {
			out[i].Said = fmt.Sprintf("%s, and %d more", out[i].Said, n)
		}
	}
	return out
}

func (d *Desk) contradictionEvent(view *board.View, o *Opposition, exercise bool) duty.Event {
	e := duty.Event{
		Kind: duty.Contradiction, Record: o.Other.Record, Also: []protocol.Name{o.Own.Record}, Once: pairOf(o.Own.Record, o.Other.Record),
		Institution: o.Other.Institution, Own: d.isOwn(o.Other.Institution), To: []protocol.InstitutionID{o.Own.Institution},
		Said: oppositionLine(o), Handling: protocol.Green, Exercise: exercise, Accepted: d.now(),
	}
	for _, s := range []*Statement{&o.Own, &o.Other} {
		if !s.Place.IsZero() {
			e.Places = append(e.Places, placesWith(s.Place)...)
		}
	}
	for _, n := range []protocol.Name{o.Other.Record, o.Own.Record, mendOf(view, o.Other.Record), mendOf(view, o.Own.Record)} {
		if h, err := d.held(n); !n.IsZero() && err == nil {
			e.Handling, e.Written = max(e.Handling, h.Handling), max(e.Written, h.Time)
		}
	}
	if h, err := d.held(o.Other.Record); err == nil {
		e.Digest = h.Digest
	}
	return e
}

// mendOf gives the correction by which one side of a contradiction says what it says; none if it
// was never corrected.
func mendOf(view *board.View, n protocol.Name) protocol.Name {
	for i := range view.Clashes {
		if v := pick(view.Clashes[i].Between[:], func(v *board.Voice) bool { return v.Record == n }); v != nil {
			return v.Correction
		}
	}
	for i := range view.Routes {
		if s := pick(view.Routes[i].Sides, func(s *board.Side) bool { return s.Record == n }); s != nil {
			return s.Correction
		}
	}
	return protocol.Name{}
}

// pairOf names two records, in whichever order.
func pairOf(a, b protocol.Name) string {
	x, y := a.String(), b.String()
	return min(x, y) + " " + max(x, y)
}

// oppositionLine says a contradiction in a line.
func oppositionLine(o *Opposition) string {
	at, own, other := atlas.Marked(o.Name, o.Footnote), o.Own.says(o.Of), o.Other.says(o.Of)
	if o.Indicator == "" {
		return fmt.Sprintf("%s: %s says %s, %s says %s", at, o.Own.Institution, own, o.Other.Institution, other)
	}
	if o.By != "" {
		return fmt.Sprintf("%s (%s) at %s: %s says %s, %s says %s", indicatorWords(o.Indicator), partSaid(o.By), at, o.Own.Institution, own, o.Other.Institution, other)
	}
	return fmt.Sprintf("%s at %s: %s says %s, %s says %s", indicatorWords(o.Indicator), at, o.Own.Institution, own, o.Other.Institution, other)
}

// says gives what one side says, of a route what the two differ in.
func (s *Statement) says(of board.Disagreement) string {
	switch {
	case s.Side == nil:
		return s.Value.String()
	case of == InThroughput:
		return fmt.Sprintf("%s persons in %s", s.Side.Throughput.Count, fmt.Sprintf("%d h", s.Side.Throughput.PerHours))
	}
	return stateSaid(s.Side.State)
}

// partSaid says which part of a total a figure counts: "f 5-17" is women and girls, 5-17.
func partSaid(by string) string {
	parts := strings.Fields(by)
	for i, part := range parts {
		switch part {
		case "f":
			parts[i] = "women and girls"
		case "m":
			parts[i] = "men and boys"
		case "i":
			parts[i] = "another sex"
		default:
			parts[i] = strings.ReplaceAll(strings.TrimPrefix(part, "x-"), "_", " ")
		}
	}
	return strings.Join(parts, ", ")
}

// stateSaid says whether one can pass in words that a page has in its own language: open alone is a word of many things.
func stateSaid(state body.RouteState) string {
	switch state {
	case body.RouteOpen:
		return "it is open"
	case body.RouteRestricted:
		return "it is restricted"
	case body.RouteCongested:
		return "it is congested"
	case body.RouteClosed:
		return "it is closed"
	}
	return string(state)
}

// contradicts reports whether two records still contradict each other.
func (d *Desk) contradicts(view *board.View, pair string) bool {
	return slices.ContainsFunc(d.o.Institutions, func(as protocol.InstitutionID) bool {
		return slices.ContainsFunc(oppositions(d.o.Trust, view, as), func(o Opposition) bool { return pairOf(o.Own.Record, o.Other.Record) == pair })
	})
}
