package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Phase is the phase of a territory as one institution declares it. Who is competent for
// it is trust's to say; of two that are [View.Rank] says which counts.
type Phase struct {
	Place        body.PlaceKey          `json:"place"`
	PlaceName    string                 `json:"place_name,omitempty"`
	Footnote     bool                   `json:"footnote,omitempty"`
	Institution  protocol.InstitutionID `json:"institution"`
	Phase        body.PhaseName         `json:"phase"`
	ReportEveryH int                    `json:"report_every_h"`
	Reason       string                 `json:"reason"`
	Incident     protocol.Name          `json:"incident,omitzero"`
	Since        protocol.Instant       `json:"since,omitzero"` // as its author says, else when it was written: by [View.Territories], no part of the digest
	ValidUntil   protocol.Instant       `json:"valid_until,omitzero"`
	Under        protocol.Name          `json:"under,omitzero"` // what a higher authority declares otherwise for the place, which counts: by [View.Rank], no part of the digest
	Expired      bool                   `json:"expired"`
	Record       protocol.Name          `json:"record"`
	Digest       protocol.Digest        `json:"digest"`

	since protocol.Instant
}

// phase is the essence of a phase record.
type phase struct {
	place    body.PlaceKey
	row      Phase
	exercise string // the name of the exercise that it begins
	to       []body.Addressee
	from     protocol.Instant
}

func newPhase(b *body.Phase) *phase {
	every := int(b.ReportEveryH)
	if every == 0 {
		every, _ = body.Cadence(body.TypeReport, b.Phase)
	}
	k := internKey(b.Place.Key())
	return &phase{exercise: string(b.Exercise), to: b.To, from: b.ValidFrom.Instant(), place: k, row: Phase{
		Place: k, PlaceName: string(b.Place.Name), Phase: b.Phase, ReportEveryH: every, Reason: string(b.Reason),
		Incident: b.Incident, ValidUntil: b.ValidUntil.Instant(),
	}}
}

// foldPhases gives the latest declaration of each institution.
func foldPhases(_ body.PlaceKey, of []*entry) []Phase {
	var out []Phase
	for _, e := range latest(of) {
		row := e.now.(*phase).row
		row.Institution, row.Record, row.Digest = e.name.Institution, e.name, e.digest
		row.since = cmp.Or(e.now.(*phase).from, e.time)
		out = append(out, row)
	}
	return out
}

func (w *world) phaseRows(at protocol.Instant) []Phase {
	out := []Phase{}
	for _, of := range w.phases.rows(comparePlaces) {
		for _, p := range of {
			p.Expired = p.over(at)
			out = append(out, p)
		}
	}
	return out
}

func (p *Phase) over(at protocol.Instant) bool { return p.ValidUntil != 0 && at >= p.ValidUntil }

// cadence gives how many hours after a report on a place the next is due: as declared for
// the place, else for its country, else by the phase that the report itself names.
func cadence(declared func(body.PlaceKey) []Phase, place body.PlaceKey, said body.PhaseName, at protocol.Instant) int {
	if hours := everyHours(declared, place, at); hours > 0 {
		return hours
	}
	hours, _ := body.Cadence(body.TypeReport, said)
	return hours
}

// everyHours gives how often the phase asks for reports that is in force at a place: one
// declared for the place, else for its country. One that stands under another counts for nothing; of
// several that count, the one that asks for more reports does. 0: no phase is in force.
func everyHours(declared func(body.PlaceKey) []Phase, place body.PlaceKey, at protocol.Instant) int {
	country := body.PlaceKey{Scheme: body.ISOCountry, Code: atlas.CountryOf(place)}
	for _, k := range []body.PlaceKey{place, country} {
		of, hours := declared(k), 0
		for i := range of {
			if p := &of[i]; !p.over(at) && p.Under.IsZero() && (hours == 0 || p.ReportEveryH < hours) {
				hours = p.ReportEveryH
			}
		}
		if hours > 0 {
			return hours
		}
	}
	return 0
}

func (w *world) declared(k body.PlaceKey) []Phase {
	of, _ := w.phases.get(k)
	return of
}

// BeyondPhase is why a phase is not counted that somebody declares of others' territory.
const BeyondPhase = "beyond competence: the authority of a territory declares its phase, or one above it"

// rankPhases leaves out what is declared by who is not competent for the territory, says what stands under
// another, and has the reports on it due as the rest says.
func (v *View) rankPhases(r *Ranks) {
	of, otherwise := map[body.PlaceKey][]Phase{}, map[body.PlaceKey]bool{}
	kept := make([]Phase, 0, len(v.Phases))
	for i := range v.Phases {
		p := &v.Phases[i]
		if !r.Governs(p.Institution, p.Place) {
			otherwise[p.Place] = true
			continue
		}
		kept = append(kept, *p)
	}
	r.outrank(kept)
	for i := range kept {
		p := &kept[i]
		of[p.Place] = append(of[p.Place], *p)
		if !p.Under.IsZero() {
			otherwise[p.Place] = true
		}
	}
	if v.Phases = kept; len(otherwise) == 0 {
		return
	}
	v.Due, v.Figures = slices.Clone(v.Due), slices.Clone(v.Figures)
	again := map[roundKey]Due{}
	for _, said := range v.rounds {
		k := said.key
		if k.kind == body.TypeReport && (otherwise[k.place] || otherwise[body.PlaceKey{Scheme: body.ISOCountry, Code: atlas.CountryOf(k.place)}]) {
			every := cadence(func(k body.PlaceKey) []Phase { return of[k] }, k.place, said.phase, v.at)
			again[k] = said.due(every, v.at)
		}
	}
	for i := range v.Due {
		d := &v.Due[i]
		if now, ok := again[roundKey{d.Institution, d.Kind, d.Place}]; ok {
			d.CadenceH, d.DueAt, d.State = now.CadenceH, now.DueAt, behindLine(now.State, d.Line)
		}
	}
	for i := range v.Figures {
		f := &v.Figures[i]
		if now, ok := again[roundKey{f.Institution, body.TypeReport, f.Place}]; ok {
			f.Due, f.cadence = behindLine(now.State, f.Line), int64(now.CadenceH)
		}
	}
}

// outrank puts the phases of each place in the order of who is above whom, and says of those in force under which other one
// they stand: the highest authority's counts that is in force, where none of its level agrees. Between those of one level nothing does.
func (r *Ranks) outrank(phases []Phase) {
	slices.SortStableFunc(phases, func(a, b Phase) int {
		return cmp.Or(comparePlaces(a.Place, b.Place), cmp.Compare(r.height(b.Institution), r.height(a.Institution)))
	})
	for rest := phases; len(rest) > 0; {
		n := slices.IndexFunc(rest, func(p Phase) bool { return p.Place != rest[0].Place })
		if n < 0 {
			n = len(rest)
		}
		var above []Phase // of the highest level of which one is in force
		for i := range rest[:n] {
			p := &rest[i]
			switch p.Under = (protocol.Name{}); {
			case p.Expired:
			case len(above) == 0 || r.height(p.Institution) == r.height(above[0].Institution):
				above = append(above, *p)
			case !slices.ContainsFunc(above, func(a Phase) bool { return a.Phase == p.Phase }):
				p.Under = above[0].Record
			}
		}
		rest = rest[n:]
	}
}

// height orders the authorities of a territory: a ministry is above a region, and that above a municipality.
func (r *Ranks) height(id protocol.InstitutionID) int {
	m := r.of[id]
	if m == nil {
		return 0
	}
	return 1 + slices.Index([]body.Level{body.Municipality, body.RegionalAuthority, body.Ministry}, m.Level)
}
