package federation

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// A day is reported on the morning after: at six, one institution after the other.
const (
	reportHour  = 6 * time.Hour
	reportPause = 10 * time.Minute
	oneDay      = 24 * time.Hour
)

// reporters are the institutions that report, in the order of the table.
func (d *demo) reporters() []protocol.InstitutionID {
	var out []protocol.InstitutionID
	for _, c := range columns() {
		if !slices.Contains(out, c.Institution) && d.plays(c.Institution) {
			out = append(out, c.Institution)
		}
	}
	return out
}

func (d *demo) plays(id protocol.InstitutionID) bool {
	for _, hosted := range d.plan.Nodes {
		if slices.ContainsFunc(hosted, func(m Member) bool { return m.ID == id }) {
			return true
		}
	}
	return false
}

// columnsOf are those of the file that an institution reports.
func (d *demo) columnsOf(id protocol.InstitutionID) []column {
	return slices.DeleteFunc(columns(), func(c column) bool { return c.Institution != id })
}

// source says where a figure comes from.
func (d *demo) source() *body.Source {
	if d.own {
		return &body.Source{Type: body.PublicSource, Name: "UNHCR estimates", AsOf: "2016-09-21"}
	}
	return &body.Source{Type: body.PublicSource, Name: body.Label("file " + filepath.Base(d.file.Name))}
}

// reportOf makes an institution's report on a day. A cell without a figure becomes a word
// that there is none, and why; never a 0.
func (d *demo) reportOf(id protocol.InstitutionID, at ArrivalsDay) *body.SituationReport {
	own := d.columnsOf(id)
	r := &body.SituationReport{
		Common: body.Common{Phase: body.Response, Place: &own[0].Place, Method: body.Relayed, Source: d.source()},
		Period: &body.Period{Start: body.TimeOf(at.Date), End: body.TimeOf(at.Date.Add(oneDay))},
		Summary: body.Text(fmt.Sprintf("REPLAY of published figures for %s, signed by an invented institution of the %s.",
			at.Date.Format("2 January 2006"), NetworkName)),
	}
	for _, c := range own {
		value := at.Cells[d.file.Column(c.Name)]
		if value.IsZero() {
			r.NA = append(r.NA, body.NotAvailable{Field: body.Label(c.Indicator), Reason: "not reported in the source (N/A)"})
			continue
		}
		r.Figures = append(r.Figures, body.Figure{Indicator: c.Indicator, Value: value})
	}
	return r
}

func (d *demo) publish(ctx context.Context, id protocol.InstitutionID, b body.Body) (node.Said, error) {
	return d.net.Node(id).Say(ctx, id, b, protocol.Green)
}

// spell is how many days are signed, at most, before the quickest waits for the slowest.
const spell = 7

// signDays has days signed as fast as they go, and tells how far they have come: on the
// first of each month, and at the end of all.
func (d *demo) signDays(ctx context.Context, days []ArrivalsDay, end bool) error {
	for len(days) > 0 {
		n := 1
		for n < min(spell, len(days)) && days[n-1].Date.Day() != 1 {
			n++
		}
		if err := d.signSpell(ctx, days[:n]); err != nil {
			return err
		}
		d.signed += n * len(d.reporters())
		if at := days[n-1].Date; at.Day() == 1 || end && n == len(days) {
			d.say.entry(plain, "%s: %s signed, %s held at the crisis centre", at.Format("2 Jan 2006"),
				plural(d.signed, "report"), plural(d.coordinator().Records(), "record"))
		}
		days = days[n:]
	}
	return nil
}

// signSpell has each node sign some days one after the other, at its own pace: while one is
// some days ahead, each record has the hour at which its day is reported.
func (d *demo) signSpell(ctx context.Context, days []ArrivalsDay) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, hosted := range d.plan.Nodes {
		g.Go(func() error {
			for _, at := range days {
				d.clock.SetOf(hosted[0].ID, at.Date.Add(oneDay+reportHour))
				for _, m := range hosted {
					if len(d.columnsOf(m.ID)) == 0 {
						continue
					}
					if _, err := d.publish(ctx, m.ID, d.reportOf(m.ID, at)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// tellWhole replays a file at full speed, with the line cut for a while in its middle.
func (d *demo) tellWhole(ctx context.Context) error {
	d.say.line(plain, "")
	d.say.para(strong, "The replay: each country signs its own line every day; nothing is added up")
	days := d.days()
	if err := d.signDays(ctx, days[:d.story.Cut], false); err != nil {
		return err
	}
	if err := d.cut(ctx, direct(), byNeighbour()); err != nil {
		return err
	}
	if err := d.signDays(ctx, days[d.story.Cut:d.story.Heal+1], d.story.Heal+1 == len(days)); err != nil {
		return err
	}
	if err := d.heal(ctx); err != nil {
		return err
	}
	return d.signDays(ctx, days[d.story.Heal+1:], true)
}

// pause waits a share of what a day lasts.
func (d *demo) pause(ctx context.Context, share int) error {
	return sleep(ctx, d.o.Day/time.Duration(share))
}

func (d *demo) coordinator() *node.Node { return d.net.Node(Coordinator) }

// tellDays signs the history, then tells each day.
func (d *demo) tellDays(ctx context.Context) error {
	history := d.file.Between(d.file.Days[0].Date, d.story.From.Add(-oneDay))
	if len(history) > 0 {
		d.say.line(plain, "")
		d.say.para(faint, "History first: %s from %s on, so that a change can be told from the usual.",
			plural(len(history), "day"), history[0].Date.Format("2 January 2006"))
	}
	if err := d.signDays(ctx, history, true); err != nil {
		return err
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	if err := d.invite(ctx, "Pages to click while the story goes on"); err != nil {
		return err
	}
	d.say.line(plain, "")
	d.say.para(strong, "What the crisis centre in the capital sees, morning by morning")
	for i, at := range d.file.Between(d.story.From, d.story.To) {
		if err := d.tellDay(ctx, i, at); err != nil {
			return err
		}
	}
	return nil
}

// tellDay tells one morning: what happens before the reports, the reports as the
// coordinator sees them come in, what follows from them.
func (d *demo) tellDay(ctx context.Context, i int, at ArrivalsDay) error {
	d.say.line(plain, "")
	d.say.line(strong, "%s, reported the morning after", at.Date.Format("Monday 2 January 2006"))
	d.clock.Set(at.Date.Add(oneDay + reportHour - reportPause))
	if err := d.before(ctx, i); err != nil {
		return err
	}
	steps := len(d.reporters()) + 1
	for k, id := range d.reporters() {
		d.clock.Set(at.Date.Add(oneDay + reportHour + time.Duration(k)*reportPause))
		said, err := d.publish(ctx, id, d.reportOf(id, at))
		if err != nil {
			return err
		}
		if err := d.shown(ctx, i, id, said.Name); err != nil {
			return err
		}
		if err := d.pause(ctx, steps); err != nil {
			return err
		}
	}
	d.clock.Set(at.Date.Add(oneDay + reportHour + time.Duration(steps)*reportPause))
	if err := d.after(ctx, i); err != nil {
		return err
	}
	return d.pause(ctx, steps)
}

// before is what happens before the reports of a day told.
func (d *demo) before(ctx context.Context, i int) error {
	switch i {
	case d.story.Relay:
		return d.cut(ctx, direct())
	case d.story.Cut:
		return d.cut(ctx, byNeighbour())
	}
	return nil
}

// after is what follows from the reports of a day told.
func (d *demo) after(ctx context.Context, i int) error {
	if err := d.proposeAlerts(ctx); err != nil {
		return err
	}
	if i == 0 {
		if err := d.tellPhases(ctx); err != nil {
			return err
		}
	}
	if i == d.story.Heal {
		if err := d.heal(ctx); err != nil {
			return err
		}
		if err := d.proposeAlerts(ctx); err != nil {
			return err
		}
	}
	if d.story.Help {
		if err := d.help(ctx, i); err != nil {
			return err
		}
	}
	if b := d.story.Border; b != nil && i == b.Day {
		if err := d.border(ctx, b); err != nil {
			return err
		}
	}
	if d.story.Decide != nil {
		return d.decide(ctx, i)
	}
	return nil
}
