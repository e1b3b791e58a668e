package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// borderDay is on which day told, from 0, the two sides of the border disagree: that of
// the peak.
const borderDay = 8

// crossing is where they meet. The code is the real one, so that two statements about it
// do meet; the name says that they are invented.
func crossing() body.Asset {
	return body.Asset{
		Type: "border_crossing", Name: "Bogorodica - Evzoni (" + inventedStatement + ")",
		Code: body.PlaceKey{Scheme: body.Shared, Code: "gr-mk:bogorodica-evzoni"},
	}
}

const inventedStatement = "invented statement"

// crossingValid is how long the statements stand: beyond the end of the story.
const crossingValid = 2 * oneDay

// sideOf makes one side's statement on the crossing.
func sideOf(direction body.Direction, state body.RouteState, anHour int64, now time.Time) *body.Route {
	r := &body.Route{
		Common: body.Common{Source: &body.Source{Type: body.OwnSource, Name: invented}},
		Asset:  crossing(), State: state, Direction: direction,
		Throughput: &body.Throughput{Count: body.Exact(anHour), PerHours: 1}, ObservedAt: body.TimeOf(now),
	}
	r.ValidUntil = body.TimeOf(now.Add(crossingValid))
	return r
}

// border has both towns of the border report the same crossing, each otherwise. The
// records are those of an exercise: they are shown apart everywhere, so that nobody takes
// them for what happened there.
func (d *demo) border(ctx context.Context) error {
	now := d.clock.Told()
	for _, s := range []struct {
		by   protocol.InstitutionID
		says *body.Route
	}{
		{NorthernTown, sideOf("out", body.RouteOpen, 300, now)},
		{SouthGate, sideOf("in", body.RouteCongested, 120, now)},
	} {
		if _, err := d.net.Node(s.by).Rehearse(ctx, s.by, s.says, protocol.Green); err != nil {
			return err
		}
	}
	d.disagree = true
	c := d.coordinator()
	shown := func() (node.Route, bool) {
		p := c.Picture(d.clock.Now())
		return disputed(slices.Concat(p.Routes, rehearsed(p)))
	}
	if err := d.wait(ctx, c, func() bool { _, ok := shown(); return ok }); err != nil {
		return err
	}
	r, _ := shown()
	d.say.event(d.clock.Now(), warn, "TWO SIDES DISAGREE (invented, an exercise): Bogorodica - Evzoni")
	for _, s := range r.Sides {
		d.row(plain, short(s.Institution)+" says", string(s.State), fmt.Sprintf("%s an hour %s", count(s.Throughput.Count), s.Direction))
	}
	d.say.event(d.clock.Now(), plain, "They contradict each other in %s: shown to both, until one corrects itself.", disputes(r))
	return nil
}

// disputed gives the crossing, once its sides contradict each other.
func disputed(routes []node.Route) (node.Route, bool) {
	for _, r := range routes {
		if r.Asset == crossing().Code && len(r.Contradictions) > 0 {
			return r, true
		}
	}
	return node.Route{}, false
}

// rehearsed are the routes of exercises.
func rehearsed(p node.Picture) []node.Route {
	if p.Exercise == nil {
		return nil
	}
	return p.Exercise.Routes
}

// proveBorder wants the contradiction that was told shown among exercises, and nowhere else.
func (d *demo) proveBorder(p node.Picture) {
	_, asReal := disputed(p.Routes)
	if _, ok := disputed(rehearsed(p)); d.disagree && !ok || asReal {
		d.problem("%s does not show, among exercises alone, that the two sides of the border disagree", Coordinator)
	}
}

// disputes names what the sides of a route differ in.
func disputes(r node.Route) string {
	var of []string
	for _, c := range r.Contradictions {
		if !slices.Contains(of, string(c.Of)) {
			of = append(of, string(c.Of))
		}
	}
	return strings.Join(of, " and ")
}

// closeBorder tells, from the coordinator's store, that the two sides disagree.
func (d *demo) closeBorder(p node.Picture) {
	if r, ok := disputed(rehearsed(p)); ok {
		d.say.item(plain, "%s on one crossing (invented, marked as an exercise) contradict each other in %s. No figure counts them.",
			plural(len(r.Sides), "statement"), disputes(r))
	}
}
