package board

import (
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Expected is a member that takes part, as [View.Expect] asks about it. The board folds no
// trust records: who asks hands it in.
type Expected struct {
	Institution protocol.InstitutionID
	Level       body.Level
	Seat        body.PlaceKey // as its profile names it; zero: it names none
	SeatName    string
	May         func(recordType string) bool // what it has a feed and a right to say
}

// Expect adds to what is due what was never said, [Never]: without it, whoever has never
// spoken is in no "7 of 9 reported". Who is expected to say what:
//
//   - a municipality and a regional authority report, on their seat;
//   - a ministry, an NGO, an international organisation or a donor reports while a phase is
//     in force at its seat, declared for the place or for its country, whichever phase it is;
//   - capacity is expected of all these, and needs of a municipality and a regional
//     authority (assessments are a local authority's, domain.md §4), while a phase is in force
//     there, and only then: with what was declared, by its cadence;
//   - of a regional body, of whose level nobody knows, and of kinds that somebody has no
//     feed or right to say: nothing.
//
// Where a profile names no seat the row has no place, and no phase is known to be in force
// there. Who has said something of a kind, of whichever place, has its rows by that, and no
// other. With the line cut it may well have spoken: that is [LineCut], and has no last word.
//
// In an exercise nobody is expected who takes no part: it is not asked there. It is a pure
// function of the view and of what it is handed.
func (v *View) Expect(members []Expected, lines []Line, at protocol.Instant) {
	spoke, line := map[roundKey]bool{}, map[protocol.InstitutionID]LineState{}
	for i := range v.Due {
		spoke[roundKey{institution: v.Due[i].Institution, kind: v.Due[i].Kind}] = true
	}
	for _, l := range lines {
		line[l.Institution] = l.State
	}
	v.Due = slices.Clone(v.Due)
	stocks := v.stocks()
	for i := range members {
		m := &members[i]
		every := everyHours(v.declared, m.Seat, at)
		for _, kind := range m.kinds(every > 0) {
			if spoke[roundKey{institution: m.Institution, kind: kind}] || !m.May(kind) {
				continue
			}
			if of := stocks[m.Institution]; kind == body.TypeCapacity && len(of) > 0 {
				for _, r := range of {
					d := r.due(body.CapacityCadence, at)
					d.Footnote, d.State, d.Line = atlas.NeedsFootnote(d.Place), behindLine(d.State, line[m.Institution]), line[m.Institution]
					v.Due = append(v.Due, d)
				}
				continue
			}
			d := Due{
				Institution: m.Institution, Kind: kind, Place: m.Seat, PlaceName: m.SeatName, Footnote: atlas.NeedsFootnote(m.Seat),
				State: behindLine(Never, line[m.Institution]), Line: line[m.Institution],
			}
			if d.CadenceH, _ = body.Cadence(kind, ""); kind == body.TypeReport && every > 0 {
				d.CadenceH = every
			}
			v.Due = append(v.Due, d)
		}
	}
	slices.SortStableFunc(v.Due, func(a, b Due) int {
		return compareRounds(roundKey{a.Institution, a.Kind, a.Place}, roundKey{b.Institution, b.Kind, b.Place})
	})
}

// stocks gives the last declaration of each institution on each place. Who offers something once
// does not owe it for ever: it is due again where it is expected alone.
func (v *View) stocks() map[protocol.InstitutionID][]*round {
	out := map[protocol.InstitutionID][]*round{}
	for i := range v.Capacities {
		c := &v.Capacities[i]
		out[c.Institution] = append(out[c.Institution], &round{key: roundKey{c.Institution, body.TypeCapacity, c.Place}, name: c.PlaceName, last: c.Record, until: c.AuthorTime, known: c.AuthorTime})
	}
	return out
}

// kinds gives what is expected of a member, where a phase is in force or not.
func (m *Expected) kinds(phase bool) []string {
	switch m.Level {
	case body.Municipality, body.RegionalAuthority:
		if phase {
			return []string{body.TypeReport, body.TypeNeeds, body.TypeCapacity}
		}
		return []string{body.TypeReport}
	case body.Ministry, body.NGO, body.InternationalOrganisation, body.Donor:
		if phase {
			return []string{body.TypeReport, body.TypeCapacity}
		}
	case body.RegionalBody:
	}
	return nil
}

// declared gives the phases of a place.
func (v *View) declared(k body.PlaceKey) []Phase {
	return slices.DeleteFunc(slices.Clone(v.Phases), func(p Phase) bool { return p.Place != k })
}
