package desk

import (
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// StandardGap is what is declared at a place, by whoever declares anything there, against what the people
// who are there need by one row of the table of standards. What is not known is absent, never 0.
type StandardGap struct {
	Place        body.PlaceKey     `json:"place"`
	PlaceName    string            `json:"place_name,omitempty"`
	Footnote     bool              `json:"footnote,omitempty"`
	Item         body.ResourceType `json:"item"`
	Unit         body.Label        `json:"unit"`
	Declared     *int64            `json:"declared,omitempty"` // in total; absent: no declaration there says how many
	Declarations int               `json:"declarations"`       // that say how many
	Required     *int64            `json:"required,omitempty"` // absent: how many people are there is not known
	Gap          *int64            `json:"gap,omitempty"`      // required and not declared; absent where either is
	StandardRef  body.Label        `json:"standard_ref"`
	Edition      string            `json:"edition"`
	People       *Headcount        `json:"people,omitempty"` // absent: nobody has said how many are there
}

// Headcount is how many people are at a place by the latest word that counts them: those present by a
// situation report, or in need by a needs assessment. A band counts at its highest.
type Headcount struct {
	Persons     int64                  `json:"persons"`
	Of          string                 `json:"of"` // present or in_need
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	At          protocol.Instant       `json:"at"` // up to when it tells what was
	Quality     *Quality               `json:"quality,omitempty"`
}

// standards is what is known of grounds, by whichever of their codes: who is there, and what is declared.
type standards struct {
	ground   func(body.PlaceKey) body.PlaceKey
	people   map[body.PlaceKey]*Headcount
	declared map[stockOn][]int64
}

// stockOn is a thing on a ground.
type stockOn struct {
	ground body.PlaceKey
	item   body.ResourceType
	unit   body.Label
}

// standardGaps gives, for each place that some capacity stands at, what is declared there against what the
// table says that the people there need, row by row of it.
func (d *Desk) standardGaps(m *moment, beside []CapacityRow) []StandardGap {
	out, seen := []StandardGap{}, map[body.PlaceKey]bool{}
	known := standards{d.grounds(), map[body.PlaceKey]*Headcount{}, map[stockOn][]int64{}}
	if len(beside) > 0 {
		known.countHeads(m)
		known.countStock(m)
	}
	for i := range beside {
		for _, k := range capacityFacts(&beside[i]).places {
			ground := known.ground(k)
			if k.IsZero() || seen[ground] {
				continue
			}
			seen[ground] = true
			for j := range d.standards.Rows {
				s := &d.standards.Rows[j]
				g := StandardGap{
					Place: k, PlaceName: d.o.Atlas.Name(body.Place{Scheme: k.Scheme, Code: k.Code}), Footnote: atlas.NeedsFootnote(k),
					Item: s.Item, Unit: s.Unit, StandardRef: s.Ref(), Edition: s.Edition, People: known.people[ground],
				}
				g.reckon(s, known.declared[stockOn{ground, s.Item, s.Unit}])
				out = append(out, g)
			}
		}
	}
	return out
}

// beside tells rows of the pool what the people at their place need of the thing, and what of it nobody declares there.
func (d *Desk) beside(m *moment, rows []PoolRow) []PoolRow {
	gaps, all, ground := map[stockOn]*StandardGap{}, d.standardGaps(m, m.view.Capacities), d.grounds()
	for i := range all {
		gaps[stockOn{ground(all[i].Place), all[i].Item, all[i].Unit}] = &all[i]
	}
	for i := range rows {
		if g := gaps[stockOn{ground(rows[i].Place), rows[i].Type, body.Label(rows[i].Unit)}]; g != nil {
			rows[i].Required, rows[i].Gap = g.Required, g.Gap
		}
	}
	return rows
}

// grounds gives one code for those of one ground: the atlas knows them, or the profiles of both sides of a crossing.
func (d *Desk) grounds() func(body.PlaceKey) body.PlaceKey {
	ranks := d.ranks()
	return func(k body.PlaceKey) body.PlaceKey { return ranks.Ground(d.o.Atlas.Ground(k)) }
}

// countHeads gives of each ground the latest word on how many people are there, also on a period that is
// under way; what speaks of a time to come is none. Of two that speak of one instant the report counts, and else the first of the view.
func (s *standards) countHeads(m *moment) {
	take := func(place body.PlaceKey, said body.Count, h Headcount) {
		ground := s.ground(place)
		if last := s.people[ground]; !said.IsZero() && h.At <= m.at && (last == nil || h.At > last.At) {
			_, h.Persons = said.Range()
			s.people[ground] = &h
		}
	}
	for i := range m.view.Figures {
		f := &m.view.Figures[i]
		if f.Indicator == body.Present && f.By == "" && f.Variant == "" && f.State == board.Reported {
			take(f.Place, f.Value, Headcount{Of: string(body.Present), Institution: f.Institution, Record: f.Record, At: f.Known(), Quality: f.Quality})
		}
	}
	for i := range m.view.Needs {
		n := &m.view.Needs[i]
		take(n.Place, n.InNeed, Headcount{Of: "in_need", Institution: n.Institution, Record: n.Record, At: n.Known(), Quality: n.Quality})
	}
}

// countStock gives what each live declaration says that there is of a thing in all.
func (s *standards) countStock(m *moment) {
	for i := range m.view.Capacities {
		c := &m.view.Capacities[i]
		for j := range c.Items {
			item, at := &c.Items[j], c.Place
			if item.Place != nil {
				at = item.Place.Key()
			}
			if item.Total != nil {
				of := stockOn{s.ground(at), item.Type, item.Unit}
				s.declared[of] = append(s.declared[of], int64(*item.Total))
			}
		}
	}
}

// reckon adds up what is declared, and says what so many people need, and what of it is not declared.
func (g *StandardGap) reckon(s *body.Standard, declared []int64) {
	if g.Declarations = len(declared); g.Declarations > 0 {
		g.Declared = new(int64)
		for _, n := range declared {
			*g.Declared += n
		}
	}
	if g.People == nil {
		return
	}
	required := int64(s.Required(body.Positive(g.People.Persons)))
	g.Required = &required
	if g.Declared != nil {
		gap := max(0, required-*g.Declared)
		g.Gap = &gap
	}
}
