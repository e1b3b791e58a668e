package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Ledger is what one unit gave to others, and what it was given, of one kind of thing:
// committed in exchanges, and still standing.
type Ledger struct {
	Institution protocol.InstitutionID `json:"institution"`
	Type        body.ResourceType      `json:"type"`
	Unit        string                 `json:"unit"`
	Gave        int64                  `json:"gave"`
	Got         int64                  `json:"got"`
	Residents   *int64                 `json:"residents,omitempty"`
	GavePer     *int64                 `json:"gave_per_1000,omitempty"` // per 1,000 residents, in thousandths
	GotPer      *int64                 `json:"got_per_1000,omitempty"`
	Registrar   RegistrarWord          `json:"registrar,omitempty"` // on the residents; empty: none are named
}

// Ledgers gives the ledger of every institution that gave or got anything; declared gives
// the profile of a unit whose residents are asked, and nil for the others.
func (v *View) Ledgers(declared func(protocol.InstitutionID) *Declared) []Ledger {
	type key struct {
		id   protocol.InstitutionID
		kind body.ResourceType
		unit string
	}
	sums := map[key]*Ledger{}
	add := func(id protocol.InstitutionID, kind body.ResourceType, unit string, gave, got int64) {
		k := key{id, kind, unit}
		if sums[k] == nil {
			sums[k] = &Ledger{Institution: id, Type: kind, Unit: unit}
			if d := declared(id); d != nil {
				sums[k].residents(v, d)
			}
		}
		sums[k].Gave, sums[k].Got = sums[k].Gave+gave, sums[k].Got+got
	}
	v.deals(func(d *deed) {
		add(d.from, d.kind, d.unit, d.quantity, 0)
		add(d.to, d.kind, d.unit, 0, d.quantity)
	})
	out := []Ledger{}
	for _, l := range sums {
		if l.Residents != nil && *l.Residents > 0 {
			gave, got := halfUp(l.Gave, 1000*perMille, *l.Residents), halfUp(l.Got, 1000*perMille, *l.Residents)
			l.GavePer, l.GotPer = &gave, &got
		}
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b Ledger) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Unit, b.Unit))
	})
	return out
}

func (l *Ledger) residents(v *View, d *Declared) {
	n, back := v.ResidentsOf(d)
	if l.Residents = n; back != nil {
		l.Registrar = back.Word
	}
}

// deed is what one institution is bound to bring another.
type deed struct {
	thread   protocol.Name
	line     int
	from, to protocol.InstitutionID
	kind     body.ResourceType
	unit     string
	quantity int64 // committed
	active   int64 // of it: not used up, and not gone back
	state    string
	place    body.PlaceKey
	name     string
	footnote bool
	quality  *Quality // of the request
}

// serving are the states of what is on its way to who asked, or in use there.
func serving() []body.LineState {
	return []body.LineState{body.Committed, body.InTransit, body.Deployed}
}

// deals tells of every line that somebody has committed, in the order of requests and
// offers.
func (v *View) deals(tell func(*deed)) {
	for i := range v.Requests {
		r := &v.Requests[i]
		for j := range r.Lines {
			for k := range r.Lines[j].With {
				w := &r.Lines[j].With[k]
				if w.Committed > 0 {
					tell(&deed{r.Record, r.Lines[j].Line, w.Institution, r.Institution, r.Lines[j].Type, r.Lines[j].Unit, w.Committed, w.In(serving()), w.State, r.DeliverTo, r.DeliverName, r.Footnote, r.Quality})
				}
			}
		}
	}
	for i := range v.Offers {
		o := &v.Offers[i]
		if !o.Unsolicited {
			continue
		}
		for j := range o.Lines {
			for k := range o.Lines[j].With {
				w := &o.Lines[j].With[k]
				if w.Committed > 0 {
					tell(&deed{thread: o.Record, line: o.Lines[j].Line, from: o.Institution, to: w.Institution, kind: o.Lines[j].Type, unit: o.Lines[j].Unit, quantity: w.Committed, active: w.In(serving()), state: w.State})
				}
			}
		}
	}
}
