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

// On these days told the help scene goes on: places are reported, help is asked for two
// days ahead of the peak, offered, and bound.
const (
	placesDay = 2 // 3 November
	askDay    = 6 // 7 November
	offerDay  = 7 // 8 November
)

// placesReported is what the press reported on 3 November 2015 for the two centres of the
// country together (sites/site-observations.csv of the project's data).
const placesReported = 500

const invented = "Invented for the demonstration."

// asked is what the town asks for; every number of help is invented, and says so.
func asked() []body.Line {
	return []body.Line{
		{Line: 1, Type: "bed_place", Quantity: 1500, Unit: body.Places, Description: invented},
		{Line: 2, Type: "blanket", Quantity: 10000, Unit: "pieces", Description: invented},
		{Line: 3, Type: "meal", Quantity: 12000, Unit: "pieces", Description: invented},
	}
}

// offered is who offers what of it, and which lines of it the town takes.
func offered() []offer {
	line := func(n body.Positive, quantity body.Positive) body.Line {
		of := asked()[n-1]
		return body.Line{Line: n, Type: of.Type, Quantity: quantity, Unit: of.Unit, Description: invented}
	}
	return []offer{
		{SouthValley, []body.Line{line(2, 4000), line(3, 12000)}, []body.Positive{2, 3}},
		{Croatia, []body.Line{line(1, 600)}, []body.Positive{1}},
		{Austria, []body.Line{line(1, 500), line(2, 3000)}, []body.Positive{1}},
	}
}

type offer struct {
	by    protocol.InstitutionID
	lines []body.Line
	takes []body.Positive
}

// help tells the part of the help scene that falls on a day told.
func (d *demo) help(ctx context.Context, i int) error {
	switch i {
	case placesDay:
		return d.reportPlaces(ctx)
	case askDay:
		return d.ask(ctx)
	case offerDay:
		return d.negotiate(ctx)
	}
	return nil
}

func (d *demo) reportPlaces(ctx context.Context) error {
	place, total := southGatePlace(), body.Quantity(placesReported)
	said, err := d.publish(ctx, SouthGate, &body.Capacity{
		Common: body.Common{Place: &place, Method: body.Relayed, Source: &body.Source{Type: body.MediaSource, Name: "Crisis Management Centre, in IBNA", AsOf: "2015-11-03"}},
		Items:  []body.CapacityItem{{Type: "bed_place", Unit: body.Places, Total: &total, Conditions: "Gevgelija and Tabanovce together."}},
	})
	if err != nil {
		return err
	}
	c := d.coordinator()
	if err := Wait(ctx, c, func() bool { return c.Holds(said.Name) }); err != nil {
		return err
	}
	d.say.event(d.clock.Now(), plain, "%s: %s places for people to sleep, with Tabanovce (press, 3 November).", short(SouthGate), thousands(d.places()))
	return nil
}

// places is what the coordinator's picture says of places in the town.
func (d *demo) places() int64 { return placesIn(d.coordinator().Picture(d.clock.Now())) }

func placesIn(p node.Picture) int64 {
	for _, c := range p.Capacities {
		if c.Institution != SouthGate {
			continue
		}
		for _, item := range c.Items {
			if item.Type == "bed_place" && item.Total != nil {
				return int64(*item.Total)
			}
		}
	}
	return 0
}

// ask has the town ask for help, once the coordinator's picture shows what comes.
func (d *demo) ask(ctx context.Context) error {
	now := d.clock.Now()
	said, err := d.publish(ctx, SouthGate, &body.ResourceStep{
		Step: body.StepRequest, Common: body.Common{To: []body.Addressee{
			body.Addressee(Coordinator), body.Addressee(SouthValley), body.Addressee(Croatia), body.Addressee(Austria),
		}},
		AnswerBy:  body.TimeOf(now.Add(oneDay).Truncate(time.Second)),
		DeliverTo: &body.Delivery{Place: southGatePlace(), Contact: &body.Contact{Office: "Demo South Gate, duty office"}},
		Lines:     asked(),
	})
	if err != nil {
		return err
	}
	d.request = said.Name
	c := d.coordinator()
	if err := Wait(ctx, c, func() bool { _, ok := d.requested(c); return ok }); err != nil {
		return err
	}
	r, _ := d.requested(c)
	var parts []string
	for _, l := range r.Lines {
		parts = append(parts, thousands(l.Quantity)+" "+things(l.Type))
	}
	d.say.event(d.clock.Now(), strong, "HELP ASKED by %s: %s (invented).", short(r.Institution), strings.Join(parts, ", "))
	return nil
}

func things(t body.ResourceType) string {
	return strings.ReplaceAll(string(t), "_", " ") + "s"
}

// requested is the request as a node's picture has it.
func (d *demo) requested(n *node.Node) (node.Request, bool) {
	p := n.Picture(d.clock.Now())
	return requestIn(p, d.request)
}

func requestIn(p node.Picture, name protocol.Name) (node.Request, bool) {
	i := slices.IndexFunc(p.Requests, func(r node.Request) bool { return r.Record == name })
	if i < 0 {
		return node.Request{}, false
	}
	return p.Requests[i], true
}

// negotiate has three countries offer, the town accept by the line, and each commit.
func (d *demo) negotiate(ctx context.Context) error {
	town := d.net.Node(SouthGate)
	for _, o := range offered() {
		by := d.net.Node(o.by)
		if err := Wait(ctx, by, func() bool { _, ok := d.requested(by); return ok }); err != nil {
			return err
		}
		r, _ := d.requested(by)
		made, err := d.step(ctx, o.by, body.StepOffer, body.Ref{Rel: body.RelAnswers, Record: r.Record, Digest: r.Digest}, o.lines)
		if err != nil {
			return err
		}
		if err = Wait(ctx, town, func() bool { return town.Holds(made.Name) }); err != nil {
			return err
		}
		d.say.event(d.clock.Now(), plain, "OFFER by %s: %s", short(o.by), linesText(o.lines))
		taken := slices.DeleteFunc(slices.Clone(o.lines), func(l body.Line) bool { return !slices.Contains(o.takes, l.Line) })
		order, err := d.step(ctx, SouthGate, body.StepAccept, body.Ref{Rel: body.RelAnswers, Record: made.Name, Digest: made.Digest}, taken)
		if err != nil {
			return err
		}
		if err = Wait(ctx, by, func() bool { return by.Holds(order.Name) }); err != nil {
			return err
		}
		bound, err := d.step(ctx, o.by, body.StepCommit, body.Ref{Rel: body.RelAnswers, Record: order.Name, Digest: order.Digest}, taken)
		if err != nil {
			return err
		}
		c := d.coordinator()
		if err := Wait(ctx, c, func() bool { return c.Holds(bound.Name) && c.Holds(order.Name) && c.Holds(made.Name) }); err != nil {
			return err
		}
		d.say.event(d.clock.Now(), good, "COMMITTED: %s accepts %s, %s is bound", short(SouthGate), linesText(taken), short(o.by))
		if err := d.pause(ctx, 6*len(offered())); err != nil {
			return err
		}
	}
	r, _ := d.requested(d.coordinator())
	for _, l := range r.Lines {
		d.row(plain, things(l.Type)+" asked for", thousands(l.Quantity), "committed "+thousands(l.Committed)+", unmet "+thousands(l.Unmet))
	}
	return nil
}

func linesText(lines []body.Line) string {
	var parts []string
	for _, l := range lines {
		parts = append(parts, thousands(int64(l.Quantity))+" "+things(l.Type))
	}
	return strings.Join(parts, ", ")
}

func (d *demo) step(ctx context.Context, by protocol.InstitutionID, s body.Step, answers body.Ref, lines []body.Line) (node.Said, error) {
	said, err := d.publish(ctx, by, &body.ResourceStep{
		Step: s, Common: body.Common{Thread: d.request, Refs: []body.Ref{answers}}, Lines: lines,
	})
	if err != nil {
		return said, fmt.Errorf("%s: %w", s, err)
	}
	return said, nil
}
