package desk

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DefaultLimit is how many rows a list has unless told otherwise: two screens.
const DefaultLimit = 100

// Query chooses a list and what of it. Empty members choose everything.
type Query struct {
	What     string           `json:"what"`             // one of Lists; default due
	Place    string           `json:"place"`            // nuts:EL4, MK-405, or a country: MK
	By       string           `json:"by"`               // an institution, or a prefix: mk. or mk.southeast.
	Since    protocol.Instant `json:"since,omitzero"`   // rows that speak of this instant or later
	Until    protocol.Instant `json:"until,omitzero"`   // rows that speak of before this instant
	At       protocol.Instant `json:"at,omitzero"`      // as this node knew it then; zero: now
	Severity body.Severity    `json:"severity"`         // at least as grave; alerts and reports
	Match    string           `json:"match"`            // a text anywhere in the row, in any case; of practices words, each of which must begin one of theirs, in any alphabet
	Record   string           `json:"record,omitempty"` // rows of this record alone, by its name
	Quality  string           `json:"quality"`          // one of [board.QualityWords]; of lists whose rows have a quality
	Sector   body.Sector      `json:"sector"`           // practices of this sector
	Phase    body.PhaseName   `json:"phase"`            // practices for this phase
	Limit    int              `json:"limit"`            // 0: DefaultLimit; less: no limit
	Exercise bool             `json:"exercise"`         // of what is played without a name, instead of what is real
	Within   string           `json:"within,omitempty"` // of the named exercise that this record began
	Cursor   string           `json:"cursor"`           // Next of the page before
}

// List gives a list. What happened (reports, notes) comes newest first, what stands in the
// order of places and institutions.
func (d *Desk) List(ctx context.Context, q Query) (Listing, error) {
	q.What = cmp.Or(q.What, ListDue)
	if !slices.Contains(Lists(), q.What) {
		return Listing{}, &Problem{Kind: Usage, Field: "what", Detail: "no list is called " + quoted(q.What), Mend: OneOf(q.What, Lists()), Next: "vardar list " + cmp.Or(body.Nearest(q.What, Lists()), "--help")}
	}
	f, err := d.filter(&q)
	if err == nil {
		err = q.fitsList()
	}
	if err == nil {
		f.behind, err = q.goOn()
	}
	if err != nil {
		return Listing{}, err
	}
	k, err := d.knownAt(ctx, q.At)
	if err != nil {
		return Listing{}, err
	}
	w, err := d.worldAsked(ctx, d.o.Institutions[0], q.Within, q.Exercise)
	if err != nil {
		return Listing{}, err
	}
	return d.listOf(ctx, Listing{What: q.What, At: k.at, Exercise: w.Exercise, Within: w.Name}, w, k, f)
}

// listOf gives a list of a world by what was known at the listing's instant.
func (d *Desk) listOf(ctx context.Context, l Listing, w board.World, k knowledge, f *filter) (Listing, error) {
	switch l.What {
	case ListMembers:
		return take(l, d.members(k), f)
	case ListLinks:
		return take(l, d.o.Links.States(), f)
	case ListDropped:
		return take(l, d.dropped(), f)
	case ListGaps:
		return take(l, d.gaps(), f)
	case ListAudit:
		rows, err := d.acts(ctx)
		if err != nil {
			return Listing{}, err
		}
		return take(l, rows, f)
	case ListReports:
		return d.listReports(ctx, l, w, k, f)
	}
	if l.What == ListExercises {
		return take(l, exercisesOf(k), f)
	}
	m := d.momentIn(k, w)
	view := &m.view
	l.covered(view, f)
	if slices.Contains(helpLists(), l.What) {
		return d.listHelp(l, m, f)
	}
	if l.What == ListPlans || l.What == ListPlanSums {
		return d.listPlans(l, view, f)
	}
	if slices.Contains(policyLists(), l.What) {
		return d.listPolicy(l, view, f)
	}
	l, err := listView(l, view, f)
	if rows, ok := l.Rows.([]KeptRow); ok {
		d.keptRows(rows)
	}
	return l, err
}

// listView gives the lists that stand in the picture.
func listView(l Listing, v *board.View, f *filter) (Listing, error) {
	switch l.What {
	case ListDue:
		return take(l, urgentFirst(v.Due), f)
	case ListFigures:
		return take(l, v.Figures, f)
	case ListUnverified:
		return take(l, unverified(v), f)
	case ListContradictions:
		return take(l, contradictionRows(v), f)
	case ListRoutes:
		return take(l, routeRows(v.Routes), f)
	case ListPhases:
		return take(l, v.Phases, f)
	case ListCapacity:
		return take(l, v.Capacities, f)
	case ListFlows:
		return take(l, flowRows(v), f)
	case ListFunds:
		return take(l, v.FundTotals(), f)
	case ListUnfunded:
		return take(l, v.FundingGap().Rows, f)
	case ListAlerts:
		return take(l, v.Alerts, f)
	case ListDrafts:
		return take(l, v.Drafts, f)
	case ListNotes:
		return take(l, v.Notes, f)
	case ListCorrections:
		return take(l, v.Corrections, f)
	case ListEndorsements:
		return take(l, v.Endorsements, f)
	case ListPractices:
		return take(l, practiceRows(v), f)
	case ListRegional:
		return take(l, regionalRows(v), f)
	}
	return take(l, v.Kept, f)
}

// policyLists are the lists about policy.
func policyLists() []string {
	return []string{ListConsultations, ListStrategies, ListAlignment, ListCoverage, ListProjects}
}

func (d *Desk) listPolicy(l Listing, v *board.View, f *filter) (Listing, error) {
	switch l.What {
	case ListStrategies:
		return take(l, strategies(v), f)
	case ListAlignment:
		return take(l, v.Alignment(), f)
	case ListCoverage:
		return take(l, v.AlignmentCoverage(d.ranks()), f)
	case ListProjects:
		return take(l, d.projects(v), f)
	}
	return take(l, d.consultations(v), f)
}

// helpLists are the lists about help, and the phase board: they need more than the picture.
func helpLists() []string {
	return []string{ListRequests, ListOffers, ListNeeds, ListUnmet, ListPool, ListMatches, ListSolidarity, ListLedger, ListWho, ListTerritories}
}

// listHelp gives the lists about help: the pool is sorted by its distance from the place
// asked about, and not chosen by it.
func (d *Desk) listHelp(l Listing, m *moment, f *filter) (Listing, error) {
	v := &m.view
	switch l.What {
	case ListRequests:
		return take(l, v.Requests, f)
	case ListOffers:
		return take(l, v.Offers, f)
	case ListNeeds:
		return take(l, v.Needs, f)
	case ListPool:
		return take(l, d.beside(m, d.pool(v, l.At, f.key)), f)
	case ListMatches:
		return take(l, d.matches(v, l.At), f)
	case ListLedger:
		return take(l, ledgers(m), f)
	case ListWho:
		return take(l, v.Activities(), f)
	case ListTerritories:
		return take(l, d.territories(m), f)
	}
	units := d.solidarity(m)
	if l.What == ListUnmet {
		return take(l, unmetRows(v, units), f)
	}
	return take(l, units, f)
}

// take keeps the rows that fit, behind the page before and up to the limit.
func take[T any](l Listing, rows []T, f *filter) (Listing, error) {
	return takeEach(l, func(yield func(*T) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}, f, len(rows))
}

// takeEach does so with all the rows, of which each may be gone when the next comes. It looks at
// no more of them than it must.
func takeEach[T any](l Listing, rows iter.Seq[*T], f *filter, all int) (Listing, error) {
	kept, passing, chosen := []T{}, f.behind != "", f.chooses()
	for row := range rows {
		if chosen && !f.fits(factsOf(row), row) {
			continue
		}
		if !chosen && l.Next != "" {
			l.Total = all
			break
		}
		l.Total++
		switch {
		case passing:
			passing = rowKey(row) != f.behind
		case f.limit < 0 || len(kept) < f.limit:
			kept = append(kept, *row)
		case l.Next == "":
			l.Next = f.next(l.At, rowKey(&kept[len(kept)-1]))
		}
	}
	if passing {
		return Listing{}, changed(l.What)
	}
	l.Rows = kept
	return l, nil
}

// urgentFirst puts what is not on time first, the oldest first.
func urgentFirst(rows []board.Due) []board.Due {
	rows = dueRows(rows)
	slices.SortStableFunc(rows, func(a, b board.Due) int {
		late := func(d *board.Due) int {
			if d.State == board.OnTime {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(late(&a), late(&b)), cmp.Compare(a.DueAt, b.DueAt))
	})
	return rows
}

// dueRows leaves the board's own keys out, which are no codes of places: the name is there.
func dueRows(rows []board.Due) []board.Due {
	rows = slices.Clone(rows)
	for i := range rows {
		if r := &rows[i]; !knownScheme(r.Place.Scheme) {
			r.Place = body.PlaceKey{}
		}
	}
	return rows
}

func routeRows(routes []board.Route) []RouteRow {
	out := make([]RouteRow, 0, len(routes))
	for i := range routes {
		r := &routes[i]
		row := RouteRow{Asset: r.Asset.String(), Type: r.Type, Name: r.Name, Footnote: r.Footnote, Sides: r.Sides, Contradictions: r.Contradictions}
		if !knownScheme(r.Asset.Scheme) {
			row.Asset = r.Name // the board's own key, which is no code
		}
		if !r.Twin.IsZero() {
			row.Twin = r.Twin.String()
		}
		out = append(out, row)
	}
	return out
}

func knownScheme(s body.Scheme) bool { return slices.Contains(s.Words(), string(s)) }

// dropped gives the counters of what was not kept, by peer and rule: by how many, a row would
// change its place from page to page.
func (d *Desk) dropped() []DroppedRow {
	rows := []DroppedRow{}
	for peer, rules := range d.o.Intake.Drops() {
		for _, rule := range slices.Sorted(maps.Keys(rules)) {
			of := rules[rule]
			rows = append(rows, DroppedRow{peer, rule, of.Records, of.First, of.Last})
		}
	}
	slices.SortFunc(rows, func(a, b DroppedRow) int {
		return cmp.Or(cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Rule, b.Rule))
	})
	return rows
}

// gaps gives what beacons name and this node lacks.
func (d *Desk) gaps() []GapRow {
	rows := []GapRow{}
	for b := range d.o.Archive.Beacons() {
		for _, g := range d.o.Intake.Lacking(&b) {
			rows = append(rows, GapRow{g.Institution, g.Topic, g.Epoch, g.From, g.To, b.Time})
		}
	}
	slices.SortFunc(rows, func(a, b GapRow) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Epoch, b.Epoch))
	})
	return rows
}
