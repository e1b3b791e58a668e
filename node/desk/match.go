package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// MatchRow is a suggestion: what of somebody's could serve what somebody else lacks. It is
// never an act: nobody is asked and nothing promised by it.
type MatchRow struct {
	For         protocol.InstitutionID `json:"for"`
	Lack        string                 `json:"lack"` // request, gap of a declaration, or training
	Record      protocol.Name          `json:"record"`
	Line        int                    `json:"line"` // of the request, or the gap, from 1; 0: training
	Type        body.ResourceType      `json:"type"`
	Unit        string                 `json:"unit"`
	Wanted      int64                  `json:"wanted"`          // still; 0: training, of which how much is not said
	Text        string                 `json:"text,omitempty"`  // the training that is wanted, in its institution's words
	Words       []string               `json:"words,omitempty"` // of it that both speak of, folded
	AnswerBy    protocol.Instant       `json:"answer_by,omitzero"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Rank        int                    `json:"rank"` // among those of one line, from 1
	Institution protocol.InstitutionID `json:"institution"`
	Has         string                 `json:"has"` // offer that nobody asked for, or capacity
	Of          protocol.Name          `json:"of"`  // the record that says so
	OfLine      int                    `json:"of_line"`
	Free        int64                  `json:"free"`
	Fit         int64                  `json:"fit"` // per mille of what is wanted; of training, of its words
	ReadyHours  *int64                 `json:"ready_hours,omitempty"`
	Kilometres  *int64                 `json:"kilometres,omitempty"` // great-circle distance
	AgeHours    int64                  `json:"age_hours"`
	Reasons     []string               `json:"reasons"`
	Quality     *Quality               `json:"quality,omitempty"` // of the declaration; an offer has none

	where body.Place
	says  string // of training and expertise: what it is about
}

// matches gives for each open line of a request, and each gap that somebody declares, what
// others have of it: the best fit first, then what is ready soonest, nearest, told of last.
func (d *Desk) matches(view *board.View, at protocol.Instant) []MatchRow {
	have, where, out := d.haves(view, at), d.whereabouts(), []MatchRow{}
	lacks(view, func(lack *MatchRow) {
		first := len(out)
		for i := range have {
			h := &have[i]
			if h.Institution == lack.For || h.Type != lack.Type || h.Unit != lack.Unit {
				continue
			}
			row := *lack
			row.from(h, where)
			row.Fit = min(1000, (2000*min(row.Free, row.Wanted)+row.Wanted)/(2*row.Wanted))
			if teaches(row.Type) {
				row.Words, _ = shared(row.Text, h.says)
			}
			out = append(out, row)
		}
		ranked(out[first:])
	})
	return append(out, d.trainings(view, have, where)...)
}

// from takes what somebody has.
func (r *MatchRow) from(h *MatchRow, where whereabouts) {
	r.Institution, r.Has, r.Of, r.OfLine, r.Free = h.Institution, h.Has, h.Of, h.OfLine, h.Free
	r.ReadyHours, r.AgeHours, r.Quality = h.ReadyHours, h.AgeHours, h.Quality
	r.Kilometres = where.kilometres(h.where, placeOf(r.Place))
}

// ranked puts the suggestions for one lack in their order.
func ranked(rows []MatchRow) {
	slices.SortStableFunc(rows, better)
	for i := range rows {
		rows[i].Rank = i + 1
		rows[i].reason()
	}
}

func better(a, b MatchRow) int {
	return cmp.Or(
		cmp.Compare(b.Fit, a.Fit), cmp.Compare(len(b.Words), len(a.Words)), cmp.Compare(unknownLast(a.ReadyHours), unknownLast(b.ReadyHours)),
		cmp.Compare(unknownLast(a.Kilometres), unknownLast(b.Kilometres)), cmp.Compare(a.AgeHours, b.AgeHours),
		cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Of.String(), b.Of.String()), cmp.Compare(a.OfLine, b.OfLine),
	)
}

// reason says why it stands where it does.
func (r *MatchRow) reason() {
	if r.Wanted > 0 {
		r.Reasons = append(r.Reasons, fmt.Sprintf("covers %d of %d", min(r.Free, r.Wanted), r.Wanted))
	}
	if len(r.Words) > 0 {
		r.Reasons = append(r.Reasons, fmt.Sprintf("both speak of %s", strings.Join(r.Words, ", ")))
	}
	if r.ReadyHours != nil {
		r.Reasons = append(r.Reasons, fmt.Sprintf("ready in %d h", *r.ReadyHours))
	} else {
		r.Reasons = append(r.Reasons, "when it is ready is not said")
	}
	if r.Kilometres != nil {
		r.Reasons = append(r.Reasons, fmt.Sprintf("%d km as the crow flies", *r.Kilometres))
	} else {
		r.Reasons = append(r.Reasons, "how far is not known")
	}
	r.Reasons = append(r.Reasons, fmt.Sprintf("said %d h ago", r.AgeHours))
}

// lacks tells what is wanted: the lines of requests that are not covered, then the gaps of
// declarations.
func lacks(view *board.View, tell func(*MatchRow)) {
	for i := range view.Requests {
		r := &view.Requests[i]
		for k := range r.Lines {
			if l := &r.Lines[k]; l.Unmet > 0 && !r.Cancelled {
				tell(&MatchRow{
					For: r.Institution, Lack: "request", Record: r.Record, Line: l.Line, Type: l.Type, Unit: l.Unit, Wanted: l.Unmet,
					AnswerBy: r.AnswerBy, Place: r.DeliverTo, PlaceName: r.DeliverName, Footnote: r.Footnote,
				})
			}
		}
	}
	for i := range view.Capacities {
		c := &view.Capacities[i]
		for k, g := range c.Gaps {
			if g.Required > 0 {
				lack := &MatchRow{
					For: c.Institution, Lack: "gap", Record: c.Record, Line: k + 1, Type: g.Type, Unit: string(g.Unit), Wanted: int64(g.Required),
					Place: c.Place, PlaceName: c.PlaceName, Footnote: c.Footnote,
				}
				if teaches(g.Type) {
					lack.Text = c.TrainingNeeds
				}
				tell(lack)
			}
		}
	}
}

// haves gives what is offered to whoever needs it, and what is free and may be offered.
func (d *Desk) haves(view *board.View, at protocol.Instant) []MatchRow {
	var out []MatchRow
	for i := range view.Offers {
		o := &view.Offers[i]
		if !o.Unsolicited || o.Expired || o.Cancelled || o.Ignored != "" {
			continue
		}
		for k := range o.Lines {
			if l := &o.Lines[k]; l.Quantity > l.Committed {
				out = append(out, MatchRow{
					Institution: o.Institution, Has: "offer", Of: o.Record, OfLine: l.Line, Type: l.Type, Unit: l.Unit, Free: l.Quantity - l.Committed,
					AgeHours: board.AgeHours(o.AuthorTime, at), where: d.seat(o.Institution), says: l.Says,
				})
			}
		}
	}
	for _, p := range d.pool(view, at, body.PlaceKey{}) {
		if p.Offerable && p.Free != nil && *p.Free > 0 {
			out = append(out, MatchRow{
				Institution: p.Institution, Has: "capacity", Of: p.Record, OfLine: p.Item + 1, Type: p.Type, Unit: p.Unit, Free: *p.Free,
				ReadyHours: p.ReadyHours, AgeHours: p.AgeHours, where: p.where, says: p.Conditions + " " + p.Certified, Quality: p.Quality,
			})
		}
	}
	return out
}

// seat gives where an institution sits, as its profile says; nowhere if it says nothing.
func (d *Desk) seat(id protocol.InstitutionID) body.Place {
	if m, ok := d.o.Trust.Member(id); ok && m.Profile != nil && m.Profile.Seat != nil {
		return *m.Profile.Seat
	}
	return body.Place{}
}
