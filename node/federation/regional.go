package federation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// DemoRegional is the regional report as the coordinator's store has it; AddsUp counts the
// stores in which its figures are what its sources come to.
type DemoRegional struct {
	Figures  int `json:"figures"`
	Records  int `json:"records"`  // that they were made of
	Reported int `json:"reported"` // of the reports that were due
	Of       int `json:"of"`
	AddsUp   int `json:"adds_up"` // on so many nodes
}

// addUp has the regional body add up what the members report of the days told, once its own
// picture has what the coordinator's has.
func (d *demo) addUp(ctx context.Context) error {
	want := figuresOf(d.coordinator().Picture(d.clock.Now()))
	if err := d.known(ctx, Secretariat, func(p node.Picture) bool { return slices.Equal(figuresOf(p), want) }); err != nil {
		return err
	}
	said, err := d.net.Node(Secretariat).Desk().Publish(ctx, node.PublishRequest{
		As: Secretariat, Kind: "report", Regional: &node.RegionalAsk{}, Set: []string{
			"period=" + d.story.From.Format(time.DateOnly) + "/" + d.story.To.Add(oneDay).Format(time.DateOnly),
			"summary=REPLAY: what the members report of " + d.story.From.Format("2 January") + " to " + d.story.To.Format("2 January 2006") + ", added up by an invented institution.",
		},
	})
	if err != nil {
		return fmt.Errorf("the regional report: %w", err)
	}
	d.regional = said.Record
	if err := d.known(ctx, Coordinator, func(p node.Picture) bool { _, ok := regionalIn(p, d.regional); return ok }); err != nil {
		return err
	}
	r, _ := regionalIn(d.coordinator().Picture(d.clock.Now()), d.regional)
	d.say.event(d.clock.Now(), strong, "REGIONAL REPORT by %s: %s of %s; at the crisis centre it %s. %d of %s had come; never one from %s.", short(r.Institution),
		plural(r.Figures, "figure"), plural(r.Sources, "record"), r.Check, r.Coverage.Reported, plural(int(r.Coverage.Of), "report"), plural(never(&r), "member"))
	return nil
}

// never counts those who were to report and had not once.
func never(r *node.RegionalReport) (n int) {
	for i := range r.Coverage.Missing {
		if r.Coverage.Missing[i].Never() {
			n++
		}
	}
	return n
}

// figuresOf gives the records of the figures of a picture.
func figuresOf(p node.Picture) []protocol.Name {
	out := make([]protocol.Name, len(p.Figures))
	for i := range p.Figures {
		out[i] = p.Figures[i].Record
	}
	return out
}

// regionalIn finds a regional report in a picture.
func regionalIn(p node.Picture, name protocol.Name) (node.RegionalReport, bool) {
	return first(p.Regional, func(r *node.RegionalReport) bool { return r.Record == name })
}

// proveRegional adds the regional report up again in every store.
func (d *demo) proveRegional(coordinator node.Picture, found []node.Inspection) {
	if d.story.Decide == nil {
		return
	}
	r, held := regionalIn(coordinator, d.regional)
	d.report.Regional = DemoRegional{Figures: r.Figures, Records: r.Sources, Reported: int(r.Coverage.Reported), Of: int(r.Coverage.Of)}
	for i := range found {
		if at, ok := regionalIn(found[i].Picture, d.regional); ok && at.Check == node.AddsUp {
			d.report.Regional.AddsUp++
		}
	}
	if !held || r.Figures == 0 || d.report.Regional.AddsUp != len(found) {
		d.problem("the regional report that was told adds up on %d of %d nodes", d.report.Regional.AddsUp, len(found))
	}
}

// closeRegional tells what was counted of it.
func (d *demo) closeRegional() {
	if r := d.report.Regional; r.Figures > 0 {
		d.say.item(plain, "Regional report: %s of %s; adds up on %s. %d of %s had come.", plural(r.Figures, "figure"), plural(r.Records, "record"), plural(r.AddsUp, "node"), r.Reported, plural(r.Of, "report"))
	}
}

// suggested gives what the coordinator's phase board suggests and nobody has declared.
func (d *demo) suggested(ctx context.Context) ([]node.Territory, error) {
	l, err := d.coordinator().Desk().List(ctx, node.Query{What: node.ListTerritories})
	if err != nil {
		return nil, err
	}
	rows, ok := l.Rows.([]node.Territory)
	if !ok {
		return nil, fmt.Errorf("the phase board has rows of %T", l.Rows)
	}
	return slices.DeleteFunc(slices.Clone(rows), func(t node.Territory) bool { return t.Suggested == "" }), nil
}

// tellPhases tells what is suggested, and why.
func (d *demo) tellPhases(ctx context.Context) error {
	rows, err := d.suggested(ctx)
	for i := range rows {
		t := &rows[i]
		for j := range t.Signs {
			if s := &t.Signs[j]; s.Sign == node.SignArrivals {
				d.say.event(d.clock.Now(), warn, "PHASE SUGGESTED for %s: %s. %s people a day for 1,000 residents (invented), limit %s; nobody has declared it.",
					t.PlaceName, t.Suggested, thousands(s.Value/thousandth), thousands(s.Limit/thousandth))
			}
		}
	}
	return err
}

// thousandth is the unit in which the phase board counts arrivals.
const thousandth = 1000
