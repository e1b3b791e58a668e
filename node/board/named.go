package board

import (
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol/body"
)

// nameRows names the places of what has no state of its own.
func (b *Board) nameRows(v *View, name func(body.PlaceKey, *string, *bool)) {
	v.Columns = slices.Clone(v.Columns)
	for i := range v.Columns {
		c := &v.Columns[i]
		name(c.Place, &c.PlaceName, &c.Footnote)
	}
	v.Routes = slices.Clone(v.Routes)
	for i := range v.Routes {
		v.Routes[i].Footnote = atlas.NeedsFootnote(v.Routes[i].Asset)
	}
	v.Phases = slices.Clone(v.Phases)
	for i := range v.Phases {
		p := &v.Phases[i]
		name(p.Place, &p.PlaceName, &p.Footnote)
	}
	v.Alerts = slices.Clone(v.Alerts)
	for i := range v.Alerts {
		if a := &v.Alerts[i]; !a.Place.IsZero() {
			name(a.Place, &a.PlaceName, &a.Footnote)
		}
	}
	v.Requests = slices.Clone(v.Requests)
	for i := range v.Requests {
		r := &v.Requests[i]
		name(r.DeliverTo, &r.DeliverName, &r.Footnote)
	}
	nameFlows(v, name)
	v.Plans = slices.Clone(v.Plans)
	for i := range v.Plans {
		v.Plans[i].named(name)
	}
	v.Needs = slices.Clone(v.Needs)
	for i := range v.Needs {
		n := &v.Needs[i]
		name(n.Place, &n.PlaceName, &n.Footnote)
	}
	v.Capacities = slices.Clone(v.Capacities)
	for i := range v.Capacities {
		if c := &v.Capacities[i]; !c.Place.IsZero() {
			name(c.Place, &c.PlaceName, &c.Footnote)
		}
	}
	namePractices(v, name)
	nameRegional(v, name)
	v.Drafts, v.changes = slices.Clone(v.Drafts), slices.Clone(v.changes)
	for i := range v.Drafts {
		v.Drafts[i].named(name)
	}
	for i := range v.changes {
		v.changes[i].named(name)
	}
}

// named names the places of a plan and of its lines, also of those that are gone.
func (p *Plan) named(name func(body.PlaceKey, *string, *bool)) {
	name(p.Territory, &p.PlaceName, &p.Footnote)
	p.facts, p.gone = slices.Clone(p.facts), slices.Clone(p.gone)
	for i := range p.facts {
		at := &p.facts[i].at
		name(at.place, &at.name, &at.footnote)
	}
	for i := range p.gone {
		at := &p.gone[i].facts.at
		name(at.place, &at.name, &at.footnote)
	}
}

// named names the places of a draft.
func (d *Draft) named(name func(body.PlaceKey, *string, *bool)) {
	name(d.Place, &d.PlaceName, &d.Footnote)
	d.Upstream, d.Warns = slices.Clone(d.Upstream), slices.Clone(d.Warns)
	for _, of := range [][]Station{d.Upstream, d.Warns} {
		for j := range of {
			name(of[j].Place, &of[j].PlaceName, &of[j].Footnote)
		}
	}
}

// nameFlows names the places of flows, and those where they are to help, and says what is only pledged.
func nameFlows(v *View, name func(body.PlaceKey, *string, *bool)) {
	v.Flows = slices.Clone(v.Flows)
	for i := range v.Flows {
		f := &v.Flows[i]
		f.PledgedOnly = f.OpenPledge()
		if !f.Place.IsZero() {
			name(f.Place, &f.PlaceName, &f.Footnote)
		}
		f.aims = slices.Clone(f.aims)
		for j := range f.aims {
			a := &f.aims[j]
			name(a.place, &a.name, &a.footnote)
			f.Places, f.Sectors = append(f.Places, a.place), append(f.Sectors, a.sectors...)
		}
		slices.Sort(f.Sectors)
		f.Sectors = slices.Compact(f.Sectors)
	}
	v.Projects = slices.Clone(v.Projects)
	for i := range v.Projects {
		if p := &v.Projects[i]; !p.Place.IsZero() {
			name(p.Place, &p.PlaceName, &p.Footnote)
		}
	}
	v.Strategies = slices.Clone(v.Strategies)
	for i := range v.Strategies {
		if s := &v.Strategies[i]; !s.Place.IsZero() {
			name(s.Place, &s.PlaceName, &s.Footnote)
		}
	}
}
