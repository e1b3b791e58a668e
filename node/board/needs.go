package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// NeedState says how far a need is met. It is computed from the exchanges that are linked
// with the assessment, and set by nobody.
type NeedState string

// The states.
const (
	NeedOpen   NeedState = "open"
	NeedPartly NeedState = "partially met" // something is committed, and not all
	NeedMet    NeedState = "met"
	NeedLapsed NeedState = "lapsed" // its deadline, or the assessment's validity, ended before it was met
)

// Needs is the live needs assessment of an institution for a place: its latest.
type Needs struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	State       NeedState              `json:"state"`
	Affected    body.Count             `json:"affected,omitzero"` // persons
	InNeed      body.Count             `json:"in_need,omitzero"`
	Reached     body.Count             `json:"reached,omitzero"`
	PeriodStart protocol.Instant       `json:"period_start,omitzero"`
	PeriodEnd   protocol.Instant       `json:"period_end,omitzero"`
	ValidUntil  protocol.Instant       `json:"valid_until,omitzero"`
	Incident    protocol.Name          `json:"incident,omitzero"`
	Items       []Need                 `json:"items"`
	Requests    []protocol.Name        `json:"requests,omitempty"` // the linked exchanges
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Correction  protocol.Name          `json:"correction,omitzero"`

	Quality *Quality `json:"quality,omitempty"` // by [View.Grade]; no part of the digest

	requests []body.Ref       // that the assessment itself names
	before   []protocol.Name  // assessments that it has taken the place of
	known    protocol.Instant // up to when it tells what was; see [knownAt]
	version  protocol.Digest
	grade    *grade
}

// Known gives up to when it tells what was: to its period's end, or until its author signed while that
// was under way. Without a period, its author's clock.
func (n *Needs) Known() protocol.Instant { return n.known }

// Need is one thing that is needed.
type Need struct {
	Sector      body.Sector       `json:"sector"`
	Item        body.ResourceType `json:"item"`
	Unit        string            `json:"unit"`
	Required    int64             `json:"required"`
	Available   *int64            `json:"available,omitempty"` // not known: absent
	Missing     int64             `json:"missing"`             // required without available
	Asked       int64             `json:"asked"`               // in the linked requests
	Committed   int64             `json:"committed"`           // to them, and not gone back
	Unmet       int64             `json:"unmet"`               // missing without committed, at least 0
	State       NeedState         `json:"state"`
	Basis       body.NeedBasis    `json:"basis"`
	StandardRef string            `json:"standard_ref,omitempty"`
	Priority    int               `json:"priority"`
	Cost        *body.Money       `json:"cost_estimate,omitempty"` // of all that is missing
	Deadline    protocol.Instant  `json:"deadline,omitzero"`
	Trend       []NeedPoint       `json:"trend,omitempty"` // what earlier assessments said, the oldest first
}

// NeedPoint is what an earlier assessment of the same institution and place said.
type NeedPoint struct {
	Record   protocol.Name    `json:"record"`
	At       protocol.Instant `json:"at"` // its author's clock
	Required int64            `json:"required"`
	Missing  int64            `json:"missing"`
}

// trendShown is how many earlier assessments stand beside a need: two months of weeks.
const trendShown = 8

// needs is the essence of an assessment.
type needs struct {
	place body.PlaceKey
	row   Needs
}

func newNeeds(b *body.Needs) *needs {
	n := &needs{place: internKey(b.Place.Key())}
	n.row = Needs{
		Place: n.place, PlaceName: string(b.Place.Name), ValidUntil: b.ValidUntil.Instant(), Incident: b.Incident, Items: []Need{},
		grade: newGrade(b),
	}
	if p := b.Population; p != nil {
		n.row.Affected, n.row.InNeed, n.row.Reached = p.Affected, p.InNeed, p.Reached
	}
	if p := b.Period; p != nil {
		n.row.PeriodStart, n.row.PeriodEnd = p.Start.Instant(), p.End.Instant()
	}
	for _, r := range b.Refs {
		if r.Rel == body.RelRequests {
			n.row.requests = append(n.row.requests, r)
		}
	}
	for i := range b.Items {
		item := &b.Items[i]
		row := Need{
			Sector: item.Sector, Item: item.Item, Unit: intern(string(item.Unit)), Required: int64(item.Required), Missing: item.Missing(),
			Basis: item.Basis, StandardRef: string(item.StandardRef), Priority: int(item.Priority), Cost: item.CostEstimate,
			Deadline: item.Deadline.Instant(),
		}
		if item.Available != nil {
			n := int64(*item.Available)
			row.Available = &n
		}
		n.row.Items = append(n.row.Items, row)
	}
	return n
}

// foldNeeds gives the latest assessment, with what those before it said of the same things.
func foldNeeds(_ stockKey, of []*entry) Needs {
	e := of[len(of)-1]
	row := e.now.(*needs).row
	row.Institution, row.Record, row.Digest, row.AuthorTime = e.name.Institution, e.name, e.digest, e.time
	row.known, row.version = knownAt(row.PeriodStart, row.PeriodEnd, e, e.by), e.digest
	if e.by != nil {
		row.Correction, row.version = e.by.name, e.by.digest
	}
	for _, old := range of[:len(of)-1] {
		row.before = append(row.before, old.name)
	}
	row.Items = slices.Clone(row.Items)
	for _, old := range of[max(0, len(of)-1-trendShown) : len(of)-1] {
		for i := range row.Items {
			now := &row.Items[i]
			if was := old.now.(*needs).row.item(now.Item, now.Unit); was != nil {
				now.Trend = append(now.Trend, NeedPoint{old.name, old.time, was.Required, was.Missing})
			}
		}
	}
	return row
}

func (n *Needs) item(kind body.ResourceType, unit string) *Need {
	for i := range n.Items {
		if n.Items[i].Item == kind && n.Items[i].Unit == unit {
			return &n.Items[i]
		}
	}
	return nil
}

// needsRows gives the live assessments at an instant, each with what became of it in the
// exchanges that are linked with it: requests of the same institution that name the
// assessment, or that it names.
func (b *Board) needsRows(w *world, requests []Request, at protocol.Instant) []Needs {
	out := w.needs.rows(compareStocks)
	lead := b.reissued()
	named := map[protocol.Digest][]*Request{}
	for i := range requests {
		r := &requests[i]
		for _, ref := range r.needs {
			if to := lead.lead(ref); to != nil {
				ref = refOf(to)
			}
			named[ref.Digest] = append(named[ref.Digest], r)
		}
		named[r.Digest] = append(named[r.Digest], r)
	}
	for i := range out {
		n := &out[i]
		n.Items = slices.Clone(n.Items)
		seen := map[protocol.Digest]bool{}
		for _, digest := range n.linked(lead) {
			for _, r := range named[digest] {
				if r.Institution == n.Institution && !seen[r.Digest] {
					seen[r.Digest] = true
					n.count(r)
				}
			}
		}
		slices.SortFunc(n.Requests, compareNames)
		n.judge(at)
	}
	return out
}

// linked gives the digests under which the linked requests are found: its own, and those
// of the requests that it names.
func (n *Needs) linked(lead reissues) []protocol.Digest {
	out := []protocol.Digest{n.Digest}
	for _, ref := range n.requests {
		if to := lead.lead(ref); to != nil {
			ref = refOf(to)
		}
		out = append(out, ref.Digest)
	}
	return out
}

// count takes what a linked request asked for and got.
func (n *Needs) count(r *Request) {
	n.Requests = append(n.Requests, r.Record)
	for i := range r.Lines {
		l := &r.Lines[i]
		item := n.item(l.Type, l.Unit)
		if item == nil {
			continue
		}
		item.Committed += l.standing()
		if !r.Cancelled {
			item.Asked += l.Quantity
		}
	}
}

// standing gives what of a line is committed and still serves who asked: what was used up
// has served, what went back serves no more.
func (l *RequestLine) standing() int64 {
	var n int64
	for i := range l.With {
		w := &l.With[i]
		n += w.In(serving()) + w.Consumed
	}
	return n
}

// judge sets the states.
func (n *Needs) judge(at protocol.Instant) {
	tally := map[NeedState]int{}
	for i := range n.Items {
		item := &n.Items[i]
		item.Unmet = max(0, item.Missing-item.Committed)
		switch over := n.ValidUntil != 0 && at >= n.ValidUntil || item.Deadline != 0 && at >= item.Deadline; {
		case item.Unmet == 0:
			item.State = NeedMet
		case over:
			item.State = NeedLapsed
		case item.Committed > 0:
			item.State = NeedPartly
		default:
			item.State = NeedOpen
		}
		tally[item.State]++
	}
	switch {
	case tally[NeedMet] == len(n.Items):
		n.State = NeedMet
	case tally[NeedMet]+tally[NeedLapsed] == len(n.Items):
		n.State = NeedLapsed
	case tally[NeedMet]+tally[NeedPartly] > 0:
		n.State = NeedPartly
	default:
		n.State = NeedOpen
	}
}

// Unmet is one need that is not met, apart from its assessment.
type Unmet struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Need
	Quality *Quality `json:"quality,omitempty"` // of the assessment
}

// Unmet gives what is needed and not met, nor lapsed: the most urgent first, then what is
// wanted soonest.
func (v *View) Unmet() []Unmet {
	out := []Unmet{}
	for i := range v.Needs {
		n := &v.Needs[i]
		for _, item := range n.Items {
			if item.State == NeedOpen || item.State == NeedPartly {
				out = append(out, Unmet{n.Institution, n.Place, n.PlaceName, n.Footnote, n.Record, n.Digest, n.AuthorTime, item, n.Quality})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Unmet) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(endless(a.Deadline), endless(b.Deadline)))
	})
	return out
}

// endless puts what has no end behind what has one.
func endless(i protocol.Instant) uint64 { return uint64(i) - 1 } //nolint:gosec // 0 is the one that wraps, on purpose
