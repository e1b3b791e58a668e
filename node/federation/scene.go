package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// opening says what will be seen.
func (d *demo) opening() {
	d.say.para(strong, "VARDAR DEMONSTRATION  %s", d.story.Title)
	source := "UNHCR estimates (state of 21 September 2016), published by UNHCR and by no government"
	if !d.own {
		source = "those of " + d.file.Name
	}
	d.say.para(plain, "The figures are %s. They are signed again by invented institutions, all called demo-, as a replay. Each country is a line of its own and there is no total: the same people pass through each in turn.", source)
	d.say.line(plain, "")
	d.say.para(strong, "The network is made: one node each, with its own store, keys and NATS server")
}

// joined tells how somebody came in.
func (d *demo) joined(e Event) {
	switch e.What {
	case Founded:
		role := "steward"
		if e.Who != Secretariat {
			role = "registrar"
		}
		d.say.entry(plain, "%-22s founds the network, as %s", short(e.Who), role)
	case Joined:
		at := "there"
		if e.Over != e.Whom {
			at = "at " + short(e.Over)
		}
		d.say.entry(plain, "%-22s invited by %s, joins %s", short(e.Who), short(e.Whom), at)
	case Hosted:
		d.say.entry(plain, "%-22s admitted by %s, hosted at %s", short(e.Who), short(e.Whom), strings.TrimSuffix(short(e.Over), " (mk)"))
	}
}

// figures are the coordinator's figures of an institution now, in the order of the table.
func (d *demo) figures(id protocol.InstitutionID) []shownFigure {
	p := d.coordinator().Picture(d.clock.Now())
	var out []shownFigure
	for _, c := range d.columnsOf(id) {
		for i := range p.Figures {
			f := &p.Figures[i]
			if f.Institution != id || f.Place != c.Place.Key() || f.Indicator != c.Indicator {
				continue
			}
			s := shownFigure{column: c, Figure: f}
			s.Series = p.Series(f.Place, f.Indicator, id)
			out = append(out, s)
		}
	}
	return out
}

type shownFigure struct {
	column
	*node.Figure
	Series []node.Point
}

// cut reports whether the picture says that no line is left to who reports it.
func (f *shownFigure) cut() bool { return f.Line == node.LineDown || f.Due == node.LineCut }

// shown waits until the coordinator holds a report, and tells what its picture says then.
// If no line is left, it tells what the picture says without the report.
func (d *demo) shown(ctx context.Context, i int, id protocol.InstitutionID, name protocol.Name) error {
	c := d.coordinator()
	if id == SouthGate && i >= d.story.Cut && i <= d.story.Heal {
		return d.missing(ctx, name)
	}
	if err := d.wait(ctx, c, func() bool { return d.shows(id, name) }); err != nil {
		return err
	}
	for _, f := range d.figures(id) {
		d.tellFigure(f, id == SouthGate && i >= d.story.Relay && i < d.story.Cut)
	}
	return nil
}

// shows reports whether the coordinator's picture has come to a report: its store has it
// a moment earlier.
func (d *demo) shows(id protocol.InstitutionID, name protocol.Name) bool {
	of := d.figures(id)
	return len(of) > 0 && !slices.ContainsFunc(of, func(f shownFigure) bool { return f.Record != name })
}

// tellFigure writes one line of the coordinator's table.
func (d *demo) tellFigure(f shownFigure, relayed bool) {
	shows, note, colour := "not reported", "a gap, and no zero", faint
	if f.State != node.NotReported {
		shows, note, colour = count(f.Value), "", plain
		if n := len(f.Series); n > 1 {
			note = "no figure the day before"
			if before := f.Series[n-2]; before.State != node.NotReported {
				note = "was " + count(before.Value)
			}
		}
		if n, exact := f.Value.Exact(); exact && n == 0 {
			note = "a zero reported; " + strings.Replace(note, "no figure the day", "a gap", 1)
		}
	}
	if relayed {
		note += "; over river-town"
	}
	d.row(colour, f.Short, shows, note)
}

// row is one line of a table: what, how much, a note.
func (d *demo) row(colour, what, much, note string) {
	d.say.event(d.clock.Now(), colour, "%-25s %13s  %s", what, much, note)
}

func count(c body.Count) string {
	if n, exact := c.Exact(); exact {
		return thousands(n)
	}
	return c.String()
}

// missing tells what is seen where while no line is left between town and coordinator:
// the neighbours hold the report, the coordinator shows that it has no news.
func (d *demo) missing(ctx context.Context, name protocol.Name) error {
	d.newest = name
	for _, id := range []protocol.InstitutionID{RiverTown, NorthernTown} {
		n := d.net.Node(id)
		if err := d.wait(ctx, n, func() bool { return n.Holds(name) }); err != nil {
			return err
		}
	}
	if d.coordinator().Holds(name) {
		d.problem("%s reached %s over a line that was cut", name, Coordinator)
	}
	// The picture is told of its lines a moment after they change.
	cut := func() bool {
		return !slices.ContainsFunc(d.figures(SouthGate), func(f shownFigure) bool { return !f.cut() })
	}
	if err := d.wait(ctx, d.coordinator(), cut); err != nil && !errors.Is(err, ErrStuck) {
		return err
	}
	for _, f := range d.figures(SouthGate) {
		last := "not reported"
		if f.State != node.NotReported {
			last = count(f.Value)
		}
		word := "no news"
		if f.cut() {
			word = "no news, line cut"
		} else {
			d.problem("%s does not show that the line to %s is cut", Coordinator, SouthGate)
		}
		d.row(warn, f.Short, word, fmt.Sprintf("last %s, %s", last, f.PeriodStart.Time().Format("2 January")))
	}
	d.say.event(d.clock.Now(), plain, "%s goes on: its report is held by %s and %s.", short(SouthGate), short(RiverTown), short(NorthernTown))
	return nil
}

// cut takes lines down, once the coordinator holds what the town said before, and waits
// until it knows.
func (d *demo) cut(ctx context.Context, lines ...[2]protocol.InstitutionID) error {
	c := d.coordinator()
	said := d.net.Node(SouthGate).Head(SouthGate, protocol.Situation)
	if err := d.wait(ctx, c, func() bool { return c.Head(SouthGate, protocol.Situation) == said }); err != nil {
		return err
	}
	for _, l := range lines {
		d.net.Line(l[0], l[1]).Cut()
	}
	for _, l := range lines {
		down := func() bool {
			return slices.ContainsFunc(c.Lines(), func(s node.LineState) bool { return s.Peer == l[0] && !s.Up })
		}
		if err := d.wait(ctx, c, down); err != nil {
			return err
		}
		left := "the neighbour can still relay"
		if l == byNeighbour() {
			d.apart = true
			left = "no way to the capital is left"
		}
		if !d.story.Live {
			d.say.entry(warn, "LINE CUT: %s - %s; %s", short(l[0]), short(l[1]), left)
			continue
		}
		d.say.event(d.clock.Now(), warn, "LINE CUT: %s - %s; %s", short(l[0]), short(l[1]), left)
	}
	if d.story.Live {
		_, err := d.publish(ctx, SouthGate, &body.Note{Topic: protocol.Situation, Text: "REPLAY, invented: the line to the capital is down. We go on counting and reporting."})
		return err
	}
	return nil
}

// heal mends the town's line, and measures until the coordinator holds what waited.
func (d *demo) heal(ctx context.Context) error {
	c, town := d.coordinator(), d.net.Node(SouthGate)
	want := town.Head(SouthGate, protocol.Situation)
	have := c.Head(SouthGate, protocol.Situation)
	for n := have.Sequence + 1; n <= want.Sequence; n++ {
		p := want
		p.Sequence = n
		d.waits = append(d.waits, protocol.Name{Institution: SouthGate, Position: p})
	}
	began := d.o.Clock()
	d.net.Line(direct()[0], direct()[1]).Heal()
	caughtUp := func() bool { return c.Head(SouthGate, protocol.Situation) == want }
	if err := d.wait(ctx, c, caughtUp); err != nil {
		return err
	}
	took := d.o.Clock().Sub(began)
	d.report.Cut = DemoCut{Institution: SouthGate, Waited: len(d.waits), CaughtUpMS: took.Milliseconds()}
	d.apart = false
	other := byNeighbour()
	d.net.Line(other[0], other[1]).Heal()
	text := fmt.Sprintf("LINE BACK: %s - %s; %s had waited, caught up in order in %s ms", short(SouthGate), short(Coordinator),
		plural(len(d.waits), "record"), thousands(took.Milliseconds()))
	if !d.story.Live {
		d.say.entry(good, "%s", text)
		return nil
	}
	if err := d.wait(ctx, c, func() bool { return d.shows(SouthGate, d.newest) }); err != nil {
		return err
	}
	d.say.event(d.clock.Now(), good, "%s", text)
	for _, f := range d.figures(SouthGate) {
		n := len(f.Series)
		for _, p := range f.Series[n-min(n, d.story.Heal-d.story.Cut+1):] {
			d.row(plain, f.Short, value(p), "for "+p.PeriodStart.Time().Format("2 January"))
		}
	}
	return nil
}

func value(p node.Point) string {
	if p.State == node.NotReported {
		return "not reported"
	}
	return count(p.Value)
}

// proposeAlerts tells the alerts that the coordinator's picture drafts anew. It sends those
// that warn its own border, and tells which change an earlier one had foretold.
func (d *demo) proposeAlerts(ctx context.Context) error {
	p := d.coordinator().Picture(d.clock.Now())
	for i := range p.Drafts {
		draft := &p.Drafts[i]
		if d.alerts[draft.Record] || draft.PeriodStart.Time().Before(d.story.From) {
			continue
		}
		d.alerts[draft.Record] = true
		name := columnAt(draft.Place, draft.Indicator, draft.PlaceName)
		d.say.event(d.clock.Now(), warn, "ALERT DRAFTED: %s %s to %s, from %s the day before; usual %s", name, way(draft), thousands(draft.Value), thousands(draft.Before), thousands(draft.Median))
		d.foretold(draft)
		for _, w := range draft.Warns {
			if w.Place == southGatePlace().Key() {
				if err := d.sendAlert(ctx, draft, name, w.Days); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// foretold tells which change at an earlier station warned of this one: the one that lies
// as many days before it as the two stations are apart, else the first.
func (d *demo) foretold(draft *node.Draft) {
	var best *node.Station
	for i := range draft.Upstream {
		u := &draft.Upstream[i]
		exact := u.PeriodEnd.Time().AddDate(0, 0, u.Days).Equal(draft.PeriodEnd.Time())
		if u.PeriodEnd < draft.PeriodEnd && u.Value != nil && (best == nil || exact) {
			best = u
		}
	}
	if best == nil {
		return
	}
	d.say.event(d.clock.Now(), good, "AS FORETOLD: %s had gone %s to %s on %s", columnAt(best.Place, best.Indicator, best.PlaceName),
		way(draft), thousands(*best.Value), best.PeriodEnd.Time().Add(-oneDay).Format("2 January"))
}

// way is whether a change is one upwards. What foretells it changed the same way.
func way(draft *node.Draft) string {
	if draft.Upwards {
		return "up"
	}
	return "down"
}

func columnAt(place body.PlaceKey, indicator body.Indicator, otherwise string) string {
	for _, c := range columns() {
		if c.Place.Key() == place && c.Indicator == indicator {
			return c.Short
		}
	}
	return otherwise
}

// sendAlert has the crisis centre send a draft, and waits until every node holds it.
func (d *demo) sendAlert(ctx context.Context, draft *node.Draft, name string, days int) error {
	now := d.clock.Told()
	place := southGatePlace()
	word := "fewer"
	if draft.Upwards {
		word = "more"
	}
	headline := fmt.Sprintf("Expect %s arrivals in %s from %s on", word, place.Name, draft.PeriodStart.Time().AddDate(0, 0, days).Format("2 January"))
	a := &body.Alert{
		Common:     body.Common{Place: &place, Refs: []body.Ref{{Rel: "about", Record: draft.Record, Digest: draft.Digest}}},
		Identifier: body.CAPName("demo-" + strings.ReplaceAll(string(draft.Record.Institution), ".", "-") + "-" + draft.Record.Position.String()),
		Sender:     body.CAPName(Coordinator), Sent: body.CAPTimeOf(now.UTC()), Status: body.StatusActual, MsgType: body.MsgAlert,
		Scope: body.ScopePublic, Note: "Replay of the past in the " + NetworkName + ": nobody has to act.",
		Info: []body.AlertInfo{{
			Language: "en", Category: []body.CAPCategory{"Other"}, Event: "Change on the route", Urgency: "Expected", Severity: body.Moderate, Certainty: "Likely",
			Headline:    body.Text(headline),
			Description: body.Text(fmt.Sprintf("%s: %s to %s, from %s the day before; usual %s. Changes there reach %s about %s later.", name, way(draft), thousands(draft.Value), thousands(draft.Before), thousands(draft.Median), place.Name, plural(days, "day"))),
			Expires:     body.CAPTimeOf(now.UTC().Add(3 * oneDay).Truncate(time.Second)),
			Area:        []body.CAPArea{{AreaDesc: body.Text(place.Name)}},
		}},
	}
	said, err := d.publish(ctx, Coordinator, a)
	if err != nil {
		return err
	}
	held, err := d.everywhere(ctx, said.Name)
	if err != nil {
		return err
	}
	rest := ""
	if d.apart {
		rest = "; the others wait for the line"
	}
	d.say.event(d.clock.Now(), strong, "ALERT SENT by %s: %s. It is on %d of %d nodes%s.", short(Coordinator), headline, held, len(d.net.Nodes()), rest)
	return nil
}

// everywhere waits until every node that can be reached from the coordinator holds a
// record, and counts those that do.
func (d *demo) everywhere(ctx context.Context, name protocol.Name) (held int, err error) {
	apart := []protocol.InstitutionID{}
	if d.apart {
		apart = []protocol.InstitutionID{SouthGate, RiverTown, NorthernTown}
	}
	for _, n := range d.net.Nodes() {
		if !slices.Contains(apart, n.Institutions()[0]) {
			if err := d.wait(ctx, n, func() bool { return n.Holds(name) }); err != nil {
				return 0, err
			}
		}
		if n.Holds(name) {
			held++
		}
	}
	return held, nil
}
