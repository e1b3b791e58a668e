package desk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Fortnight is how far back the curve beside a figure goes.
const Fortnight = 14 * 24 * time.Hour

// SituationRow is a figure with the periods before it that lie within a [Fortnight] of its
// end: what nobody spoke of is not among them, and is no 0.
type SituationRow struct {
	FigureRow
	Days []board.Point `json:"days"` // the last fortnight of it
}

// situation gives the totals that are chosen, with their last days.
func situation(view *board.View, chosen func(*FigureRow) bool) []SituationRow {
	rows := []SituationRow{}
	for i := range view.Figures {
		f := view.Figures[i]
		if f.By != "" || f.Variant != "" || !chosen(&f) {
			continue
		}
		row := SituationRow{FigureRow: f}
		for _, p := range view.SeriesSince(f.Place, f.Indicator, f.Institution, f.PeriodEnd-protocol.Instant(Fortnight.Milliseconds())) {
			if p.PeriodEnd <= f.PeriodEnd {
				row.Days = append(row.Days, p)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// Post is what a duty officer must know now.
type Post struct {
	As       protocol.InstitutionID `json:"as"`
	Due      Some[DueRow]           `json:"due"` // own, not on time
	Figures  Some[SituationRow]     `json:"figures"`
	Requests Some[RequestRow]       `json:"requests"`       // of others, open, those first whose answers are due first
	Sent     []Underway             `json:"sent,omitempty"` // own, the newest first
	Last     *ReportRow             `json:"last,omitempty"` // the newest own report
	LastHave Peers                  `json:"last_have"`      // who has it; nobody knows of an earlier instant
	Past     bool                   `json:"past,omitempty"`
	Waiting  Waiting                `json:"waiting"` // for it, as far as the account may read
	Call     Some[Member]           `json:"call"`
	Followed []Followed             `json:"followed,omitempty"` // subscriptions that have something new
}

// Underway is an own record and who has it.
type Underway struct {
	Record protocol.Name    `json:"record"`
	Type   string           `json:"type,omitempty"`
	Time   protocol.Instant `json:"time"`
	Peers  Peers            `json:"peers"`
}

// Bounds of the lists of the page, on which the way to the whole ones stands too.
const (
	mostOwn   = 18 // figures
	mostAsked = 12 // requests, or what is due
)

// mostSent is how many of the newest own records are looked at: a screen.
const mostSent = 5

// Post gathers it for an account that acts as one of the node's institutions, as this node
// knew it at an instant; zero: now.
func (d *Desk) Post(ctx context.Context, a Account, as protocol.InstitutionID, at protocol.Instant) (Post, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Post{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Post{}, err
	}
	view := &m.view
	p := Post{As: as, Past: m.past, Call: d.callable(m.knowledge, as), Waiting: d.waiting(m, as, Ceiling(a)), Due: firstOf(dueOf(view, as), mostAsked), Figures: firstOf(situation(view, func(f *FigureRow) bool { return f.Institution == as }), mostOwn)}
	var asked []RequestRow
	for i := range view.Requests {
		r := &view.Requests[i]
		if r.Institution != as && unmet(r) {
			asked = append(asked, *r)
		}
	}
	slices.SortStableFunc(asked, func(a, b RequestRow) int { return cmp.Compare(a.AnswerBy, b.AnswerBy) })
	p.Requests = firstOf(asked, mostAsked)
	for _, topic := range protocol.Topics() {
		if topic == protocol.Trust {
			continue
		}
		p.Sent = append(p.Sent, d.sent(m, protocol.Feed{Institution: as, Topic: topic})...)
	}
	slices.SortStableFunc(p.Sent, func(a, b Underway) int { return cmp.Compare(b.Time, a.Time) })
	p.Sent = p.Sent[:min(len(p.Sent), mostSent)]
	if h, ok := d.lastBy(as, body.TypeReport, m.world, m.until()); ok {
		row := d.report(m.board, &h)
		p.Last, p.LastHave = &row, m.holders(d, h.Name)
	}
	if p.Followed, err = d.followed(m, a); err != nil {
		return Post{}, err
	}
	return p, ctx.Err()
}

// dueOf gives what an institution is to say and has not, the most urgent first.
func dueOf(view *board.View, id protocol.InstitutionID) []DueRow {
	return slices.DeleteFunc(urgentFirst(view.Due), func(r DueRow) bool { return r.Institution != id || r.State == board.OnTime })
}

// sent gives the newest records of an own feed.
func (d *Desk) sent(m *moment, feed protocol.Feed) []Underway {
	var out []Underway
	current, ok := d.o.Trust.Current(feed)
	if !ok {
		return nil
	}
	e := protocol.EpochID{Feed: feed, Epoch: current.Epoch}
	branches := d.o.Archive.Branches(e)
	if len(branches) == 0 {
		return nil
	}
	for seq := branches[0].Head; seq >= 1 && len(out) < mostSent; seq-- {
		n := protocol.Name{Institution: feed.Institution, Position: protocol.Position{Topic: feed.Topic, Epoch: e.Epoch, Sequence: seq}}
		records, err := d.o.Archive.At(n)
		if err != nil || len(records) == 0 || m.past && records[0].Accepted > m.at {
			continue
		}
		out = append(out, Underway{n, shortName(records[0].Type), records[0].Time, m.holders(d, n)})
	}
	return out
}

// RecordFor gives a record as somebody sees who may read up to a mark, as this node knew it
// at an instant; zero: now. Of one that is above the mark the body, and what it says, are
// not for them.
func (d *Desk) RecordFor(ctx context.Context, ref string, ceiling protocol.Handling, at protocol.Instant) (RecordView, error) {
	shown, err := d.ShowAt(ctx, ref, at)
	if err != nil {
		return RecordView{}, err
	}
	if shown.Record == nil {
		return RecordView{}, problem(NotFound, "vardar list", "%s is no record", quoted(ref))
	}
	if v := shown.Record; v.Handling > ceiling {
		v.Body, v.Says, v.Instead, v.Thread, v.Notes = nil, "", nil, nil, nil
	}
	return *shown.Record, nil
}
