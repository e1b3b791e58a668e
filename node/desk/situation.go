package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	Days []board.Point
}

// Situation gives the totals of all places with their last days, as this node knew them at
// an instant; zero: now.
func (d *Desk) Situation(ctx context.Context, at protocol.Instant) ([]SituationRow, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return nil, err
	}
	return situation(&m.view, func(*FigureRow) bool { return true }), ctx.Err()
}

func situation(view *board.View, chosen func(*FigureRow) bool) []SituationRow {
	rows := []SituationRow{}
	for i := range view.Figures {
		f := view.Figures[i]
		if f.By != "" || f.Variant != "" || !chosen(&f) {
			continue
		}
		row := SituationRow{FigureRow: f}
		for _, p := range view.Series(f.Place, f.Indicator, f.Institution) {
			if p.PeriodEnd > f.PeriodEnd-protocol.Instant(Fortnight.Milliseconds()) && p.PeriodEnd <= f.PeriodEnd {
				row.Days = append(row.Days, p)
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// Post is what a duty officer must know now.
type Post struct {
	As       protocol.InstitutionID
	Due      []DueRow // own, not on time
	Figures  []SituationRow
	Requests []RequestRow // of others, open
	Sent     []Underway   // own, the newest first
	Last     *ReportRow   // the newest own report
	LastHave Peers        // who has it; nobody knows of an earlier instant
	Past     bool
}

// Underway is an own record and who has it.
type Underway struct {
	Record protocol.Name
	Type   string
	Time   protocol.Instant
	Peers  Peers
}

// mostSent is how many of the newest own records are looked at: a screen.
const mostSent = 5

// Post gathers it for one of the node's institutions, as this node knew it at an instant;
// zero: now.
func (d *Desk) Post(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Post, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Post{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Post{}, err
	}
	view := &m.view
	p := Post{As: as, Past: m.past, Figures: situation(view, func(f *FigureRow) bool { return f.Institution == as })}
	for _, r := range urgentFirst(view.Due) {
		if r.Institution == as && r.State != board.OnTime {
			p.Due = append(p.Due, r)
		}
	}
	for i := range view.Requests {
		r := &view.Requests[i]
		if r.Institution != as && unmet(r) {
			p.Requests = append(p.Requests, *r)
		}
	}
	for _, topic := range protocol.Topics() {
		if topic == protocol.Trust {
			continue
		}
		p.Sent = append(p.Sent, d.sent(m, protocol.Feed{Institution: as, Topic: topic})...)
	}
	slices.SortStableFunc(p.Sent, func(a, b Underway) int { return cmp.Compare(b.Time, a.Time) })
	p.Sent = p.Sent[:min(len(p.Sent), mostSent)]
	if h, ok := d.lastBy(as, body.TypeReport, m.until()); ok {
		row := d.report(&h)
		p.Last, p.LastHave = &row, m.holders(d, h.Name)
	}
	return p, ctx.Err()
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

// ReportForm is a report before it is one, as texts of a form.
type ReportForm struct {
	As         protocol.InstitutionID
	Place      string // scheme:code
	Start, End body.Time
	Severity   string
	Summary    string
	Figures    []FormFigure
	From       protocol.Name // what it is filled in from; zero: nothing
}

// FormFigure is one figure of a form.
type FormFigure struct {
	Indicator body.Indicator
	Last      string // what the last report said; empty: nothing
	Value     string // empty: not reported
	Same      bool   // who fills it in says that it is as it was
}

// NextReport gives the form for the report after the last: its period follows on, and every
// figure is as it was until somebody says so.
func (d *Desk) NextReport(ctx context.Context, as protocol.InstitutionID) (ReportForm, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return ReportForm{}, err
	}
	now := d.o.Clock().UTC().Truncate(time.Minute)
	f := ReportForm{As: as, Start: body.TimeOf(now.Add(-24 * time.Hour)), End: body.TimeOf(now)}
	var said body.SituationReport
	if h, err := d.source(as, body.TypeReport, last); err == nil {
		if b, err := body.Parse(h.Type, h.Body); err == nil {
			said, f.From = *b.(*body.SituationReport), h.Name //nolint:forcetypeassert // of the type that was looked for
		}
	}
	if said.Place != nil {
		f.Place = said.Place.Key().String()
	}
	if p := said.Period; p != nil {
		f.Start, f.End = p.End, p.End+p.End-p.Start
	}
	f.Severity = string(said.Severity)
	for _, word := range body.Indicator("").Words() {
		row := FormFigure{Indicator: body.Indicator(word)}
		for i := range said.Figures {
			if g := &said.Figures[i]; string(g.Indicator) == word && g.By == nil {
				row.Last = g.Value.String()
				row.Value = row.Last
				break
			}
		}
		f.Figures = append(f.Figures, row)
	}
	return f, nil
}

// Report publishes what a form says. It returns a [*Problem] with the field that is wrong:
// figures.children for a part that is more than its whole, figures.same where figures are as
// they were and nobody said that this is meant.
func (d *Desk) Report(ctx context.Context, f ReportForm) (Published, error) {
	if err := f.check(); err != nil {
		return Published{}, err
	}
	r := Request{As: f.As, Kind: "report", Set: []string{
		"place=" + f.Place, "period=" + f.Start.String() + "/" + f.End.String(),
	}, Knowing: true}
	for name, value := range map[string]string{"severity": f.Severity, "summary": f.Summary} {
		if value = strings.TrimSpace(value); value != "" {
			r.Set = append(r.Set, name+"="+value)
		}
	}
	for _, g := range f.Figures {
		if g.Value != "" {
			r.Set = append(r.Set, "figures."+string(g.Indicator)+"="+g.Value)
		}
	}
	return d.Publish(ctx, r)
}

// parts are figures that can't be more than another one.
func parts() [][2]body.Indicator {
	return [][2]body.Indicator{
		{body.Children, body.Present}, {body.UnaccompaniedChildren, body.Children}, {body.Sheltered, body.CapacityTotal}, {body.CapacityFree, body.CapacityTotal},
	}
}

// check holds the figures of a form against each other.
func (f *ReportForm) check() error {
	values := map[body.Indicator]int64{}
	for i, g := range f.Figures {
		field := "figures." + string(g.Indicator)
		if g.Value == "" {
			continue
		}
		var n body.Count
		if err := n.UnmarshalJSON([]byte(g.Value)); err != nil {
			return &Problem{Kind: Refused, Field: field, Detail: quoted(g.Value) + " is no number of persons or places", Mend: "give a whole number, or leave the field empty: what is not known is not 0", Err: err}
		}
		_, values[g.Indicator] = n.Range()
		if g.Last != "" && g.Value == g.Last && !g.Same {
			return &Problem{Kind: Refused, Field: field, Detail: "it still says what the last report said", Mend: "change it, empty it, or tick that it is the same"}
		}
		f.Figures[i].Value = n.String()
	}
	for _, p := range parts() {
		part, one := values[p[0]]
		whole, two := values[p[1]]
		if one && two && part > whole {
			return &Problem{Kind: Refused, Field: "figures." + string(p[0]), Detail: "it is more than " + strings.ReplaceAll(string(p[1]), "_", " "), Mend: "one of the two is wrong"}
		}
	}
	if len(values) == 0 {
		return &Problem{Kind: Refused, Field: "figures", Detail: "no figure is given", Mend: "give at least one"}
	}
	return nil
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
		v.Body, v.Says, v.Thread, v.Notes = nil, "", nil, nil
	}
	return *shown.Record, nil
}
