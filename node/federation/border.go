package federation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// frontier is a crossing of which both sides report, each otherwise: on which day told, from 0,
// and by whom. Its name and code are real, so that two statements about it do meet; what they
// say is invented.
type frontier struct {
	Day  int
	Name body.Label
	Code string
	Out  protocol.InstitutionID // on whose side people leave
	In   protocol.InstitutionID // on whose side they come in; it begins the exercise
}

const inventedStatement = "invented statement"

// exerciseTitle is under which name somebody finds the exercise on the pages.
const exerciseTitle = "Two sides of a border"

// crossingValid is how long exercise and statements stand: beyond the end of the story. A
// statement on a route may stand for three days at most.
const crossingValid = 2 * oneDay

// key is that of the crossing.
func (f *frontier) key() body.PlaceKey { return body.PlaceKey{Scheme: body.Shared, Code: f.Code} }

// border has both sides of a crossing report it, each otherwise, in an exercise with a name: it
// is shown apart everywhere, so that nobody takes it for what happened there, and whoever enters
// the exercise sees it.
func (d *demo) border(ctx context.Context, f *frontier) (err error) {
	now := d.clock.Told()
	until := "valid_until=" + body.TimeOf(now.Add(crossingValid)).String()
	at := d.columnsOf(f.In)[0].Place
	d.exercise, err = d.says(ctx, node.PublishRequest{As: f.In, Kind: "phase", Exercise: true, Set: []string{
		"exercise=" + exerciseTitle, "place=" + at.Key().String(), "phase=response", "reason=To see what two sides say of one crossing. " + invented, until,
	}})
	if err != nil {
		return err
	}
	for _, s := range []struct {
		by   protocol.InstitutionID
		says []string
	}{
		{f.Out, []string{"direction=out", "state=open", "throughput.count=300"}},
		{f.In, []string{"direction=in", "state=congested", "throughput.count=120"}},
	} {
		n := d.net.Node(s.by)
		if err := d.wait(ctx, n, func() bool { _, err := n.Desk().Exercise(d.exercise); return err == nil }); err != nil {
			return err
		}
		set := slices.Concat(s.says, []string{
			"throughput.per_hours=1", "asset.type=border_crossing", "asset.name=" + string(f.Name) + " (" + inventedStatement + ")", "asset.code=" + f.key().String(),
			"observed_at=" + body.TimeOf(now).String(), until,
		})
		if _, err := d.says(ctx, node.PublishRequest{As: s.by, Kind: "route", Within: d.exercise.String(), Set: set}); err != nil {
			return err
		}
	}
	var r node.Route
	disputed := func(p node.Picture) (ok bool) {
		r, ok = d.disputed(slices.Concat(d.rehearsed(p), elsewhere(p))) // where it stands is proved at the end
		return ok
	}
	if err := d.known(ctx, Coordinator, disputed); err != nil {
		return err
	}
	d.say.event(d.clock.Now(), warn, "TWO SIDES DISAGREE (invented, an exercise): %s", f.Name)
	for _, s := range r.Sides {
		d.row(plain, short(s.Institution)+" says", string(s.State), fmt.Sprintf("%s an hour %s", count(s.Throughput.Count), s.Direction))
	}
	d.say.event(d.clock.Now(), plain, "They contradict each other in %s: shown to both, until one corrects itself.", disputes(r))
	return nil
}

// disputed gives the crossing, once its sides contradict each other.
func (d *demo) disputed(routes []node.Route) (node.Route, bool) {
	return first(routes, func(r *node.Route) bool { return r.Asset == d.story.Border.key() && len(r.Contradictions) > 0 })
}

// rehearsed are the routes of the exercise.
func (d *demo) rehearsed(p node.Picture) []node.Route {
	return p.In(node.World{Exercise: true, Name: d.exercise}).Routes
}

// elsewhere are those that are real, or of an exercise without a name.
func elsewhere(p node.Picture) []node.Route {
	return slices.Concat(p.Routes, p.In(node.World{Exercise: true}).Routes)
}

// proveBorder wants the contradiction that was told shown in its exercise, and nowhere else.
func (d *demo) proveBorder(p node.Picture) {
	if d.story.Border == nil {
		return
	}
	_, other := d.disputed(elsewhere(p))
	if _, ok := d.disputed(d.rehearsed(p)); !ok || other {
		d.problem("%s does not show, in the exercise alone, that the two sides of the border disagree", Coordinator)
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
	if r, ok := d.disputed(d.rehearsed(p)); ok {
		d.say.item(plain, "%s on one crossing (invented, marked as an exercise) contradict each other in %s. No figure counts them.",
			plural(len(r.Sides), "statement"), disputes(r))
	}
}
