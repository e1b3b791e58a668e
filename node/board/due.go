package board

import (
	"cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DueState says how an institution stands with what it reports. None of them is a figure,
// and none is 0.
type DueState string

// The states.
const (
	OnTime  DueState = "on time"
	Silent  DueState = "silent"   // the next one is overdue
	LineCut DueState = "line cut" // overdue, and the line to the institution is down: it may well have spoken
	Ahead   DueState = "ahead"    // the last one is of a time to come: its author's clock or its period is wrong
	Never   DueState = "never"    // nothing of the kind was ever heard; see [View.Expect]
)

// aheadHours is how far a statement may lie ahead of the instant asked for: two clocks
// may differ.
const aheadHours = 1

// Due is one kind of statement that is expected of an institution again and again.
type Due struct {
	Institution protocol.InstitutionID `json:"institution"`
	Kind        string                 `json:"kind"` // a record type
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	CadenceH    int                    `json:"cadence_h"`
	State       DueState               `json:"state"`
	Last        protocol.Name          `json:"last,omitzero"`    // the last statement
	LastAt      protocol.Instant       `json:"last_at,omitzero"` // the end of its period, or when it was observed
	AgeHours    int64                  `json:"age_hours"`        // since what it says was known; never less than 0
	DueAt       protocol.Instant       `json:"due_at,omitzero"`
	Line        LineState              `json:"line,omitempty"` // overdue or not; no part of the digest
}

// Known gives when what the last statement says was, as [Figure.Known]: its age counts from then, and so does the
// cadence. It is of no use where nothing was ever heard.
func (d *Due) Known() protocol.Instant { return d.DueAt - protocol.Instant(d.CadenceH)*3600*1000 }

// LineState is how the line to an institution is.
type LineState string

// The states of a line.
const (
	LineUp   LineState = "up"   // directly or over others: its news arrives
	LineDown LineState = "cut"  // no way is known over which its news could arrive
	LineNone LineState = "none" // not known
)

// Line is what the node knows of the line to an institution.
type Line struct {
	Institution protocol.InstitutionID `json:"institution"`
	State       LineState              `json:"state"`
	Since       protocol.Instant       `json:"since,omitzero"`
	Heard       protocol.Instant       `json:"heard,omitzero"` // its newest beacon, by this node's clock
}

// roundKey names what is due again: who, which kind, where or on which asset.
type roundKey struct {
	institution protocol.InstitutionID
	kind        string
	place       body.PlaceKey
}

func compareRounds(a, b roundKey) int {
	return cmp.Or(cmp.Compare(a.institution, b.institution), cmp.Compare(a.kind, b.kind), comparePlaces(a.place, b.place))
}

// round is the last statement under a [roundKey].
type round struct {
	key   roundKey
	name  string
	last  protocol.Name
	until protocol.Instant // the end of its period, or when it was observed
	known protocol.Instant // when what it says was; see [knownAt]
	phase body.PhaseName
}

// knownAt gives up to when a statement on a period tells what was: to its end, but of one that was
// under way when its author signed it or what replaces it, to then, as nobody knows more. One that
// begins behind its author's time is a mistake: it keeps its end, and lies ahead. Without a period its
// author's clock is all there is. All of it stands in records: no order and no node makes a difference.
func knownAt(start, end protocol.Instant, of, by *entry) protocol.Instant {
	signed := of.time
	if by != nil {
		signed = by.time
	}
	if end == 0 || start <= signed && signed < end {
		return signed
	}
	return end
}

// foldRound takes the statement made last, by epoch and sequence.
func foldRound(k roundKey, of []*entry) *round {
	e := of[len(of)-1]
	out := &round{key: k, last: e.name, until: e.time, known: e.time}
	switch s := e.now.(type) {
	case *report:
		out.name, out.phase = s.placeName, s.phase
		out.known = knownAt(s.start, s.end, e, e.by)
		if s.end != 0 {
			out.until = s.end
		}
	case *needs:
		out.name = s.row.PlaceName
	case *route:
		out.name, out.until, out.known = s.side.Name, s.side.ObservedAt, s.side.ObservedAt
	}
	return out
}

// dueRows gives what is due of all who spoke once. A report without a place is not asked
// for again of an institution that reports on places.
func (w *world) dueRows(rounds []*round, at protocol.Instant) []Due {
	placed := map[protocol.InstitutionID]bool{}
	for _, r := range rounds {
		if r.key.kind == body.TypeReport && !r.key.place.IsZero() {
			placed[r.key.institution] = true
		}
	}
	out := []Due{}
	for _, r := range rounds {
		if r.key.place.IsZero() && placed[r.key.institution] {
			continue
		}
		every, _ := body.Cadence(r.key.kind, r.phase)
		if r.key.kind == body.TypeReport {
			every = cadence(w.declared, r.key.place, r.phase, at)
		}
		out = append(out, r.due(every, at))
	}
	return out
}

// behindLine says of who is overdue behind a line that is cut that it is cut.
func behindLine(s DueState, line LineState) DueState {
	if (s == Silent || s == Never) && line == LineDown {
		return LineCut
	}
	return s
}

func (r *round) due(cadence int, at protocol.Instant) Due {
	d := Due{
		Institution: r.key.institution, Kind: r.key.kind, Place: r.key.place, PlaceName: r.name, CadenceH: cadence,
		State: OnTime, Last: r.last, LastAt: r.until, AgeHours: AgeHours(r.known, at),
		DueAt: r.known + protocol.Instant(cadence)*3600*1000,
	}
	switch {
	case hoursBetween(at, r.known) > aheadHours:
		d.State = Ahead
	case at > d.DueAt:
		d.State = Silent
	}
	return d
}
