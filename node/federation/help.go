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
	// The picture comes to a record a moment after the store: no places shown yet are no 0.
	var places int64
	shown := func() (ok bool) {
		places, ok = placesIn(d.coordinator().Picture(d.clock.Now()), said.Name)
		return ok
	}
	if err := d.wait(ctx, d.coordinator(), shown); err != nil {
		return err
	}
	d.places = said.Name
	d.say.event(d.clock.Now(), plain, "%s: %s places for people to sleep, with Tabanovce (press, 3 November).", short(SouthGate), thousands(places))
	return nil
}

// placesIn is what a picture says of places in the town, if it has come to the record.
func placesIn(p node.Picture, record protocol.Name) (places int64, ok bool) {
	for _, c := range p.Capacities {
		for _, item := range c.Items {
			if c.Record == record && item.Type == "bed_place" && item.Total != nil {
				return int64(*item.Total), true
			}
		}
	}
	return 0, false
}

// ask has the town ask for help, once the coordinator's picture shows what comes.
func (d *demo) ask(ctx context.Context) error {
	now := d.clock.Told()
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
	if err := d.wait(ctx, c, func() bool { _, ok := d.requested(c); return ok }); err != nil {
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
	for _, o := range offered() {
		if err := d.deal(ctx, o); err != nil {
			return err
		}
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

// deal is one offer, what the town takes of it, and the commitment to that. Each side
// speaks once it holds what it answers.
func (d *demo) deal(ctx context.Context, o offer) error {
	by := d.net.Node(o.by)
	if err := d.wait(ctx, by, func() bool { _, ok := d.requested(by); return ok }); err != nil {
		return err
	}
	r, _ := d.requested(by)
	taken := slices.DeleteFunc(slices.Clone(o.lines), func(l body.Line) bool { return !slices.Contains(o.takes, l.Line) })
	answered := node.Said{Name: r.Record, Digest: r.Digest}
	for _, s := range []struct {
		by, reader protocol.InstitutionID
		step       body.Step
		lines      []body.Line
	}{
		{o.by, SouthGate, body.StepOffer, o.lines},
		{SouthGate, o.by, body.StepAccept, taken},
		{o.by, Coordinator, body.StepCommit, taken},
	} {
		said, err := d.step(ctx, s.by, s.step, answered, s.lines)
		if err != nil {
			return err
		}
		reader := d.net.Node(s.reader)
		if err := d.wait(ctx, reader, func() bool { return reader.Holds(said.Name) }); err != nil {
			return err
		}
		answered = said
		if s.step == body.StepOffer {
			d.say.event(d.clock.Now(), plain, "OFFER by %s: %s (invented)", short(o.by), linesText(o.lines))
		}
	}
	c := d.coordinator()
	if err := d.wait(ctx, c, func() bool { return d.bound(c, o.by, taken) }); err != nil {
		return err
	}
	d.say.event(d.clock.Now(), good, "COMMITTED: %s accepts %s, %s is bound", short(SouthGate), linesText(taken), short(o.by))
	return nil
}

// bound reports whether a node's picture has come to what a provider committed.
func (d *demo) bound(n *node.Node, by protocol.InstitutionID, taken []body.Line) bool {
	r, ok := d.requested(n)
	if !ok {
		return false
	}
	for _, want := range taken {
		for _, l := range r.Lines {
			if l.Line != int(want.Line) {
				continue
			}
			if !slices.ContainsFunc(l.With, func(w node.Dealing) bool { return w.Institution == by && w.Committed == int64(want.Quantity) }) {
				return false
			}
		}
	}
	return true
}

func linesText(lines []body.Line) string {
	var parts []string
	for _, l := range lines {
		parts = append(parts, thousands(int64(l.Quantity))+" "+things(l.Type))
	}
	return strings.Join(parts, ", ")
}

func (d *demo) step(ctx context.Context, by protocol.InstitutionID, s body.Step, answers node.Said, lines []body.Line) (node.Said, error) {
	ref := body.Ref{Rel: body.RelAnswers, Record: answers.Name, Digest: answers.Digest}
	said, err := d.publish(ctx, by, &body.ResourceStep{
		Step: s, Common: body.Common{Thread: d.request, Refs: []body.Ref{ref}}, Lines: lines,
	})
	if err != nil {
		return said, fmt.Errorf("%s: %w", s, err)
	}
	return said, nil
}
