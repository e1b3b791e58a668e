package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// On these days told the help scene goes on: places are reported, help is asked for two
// days ahead of the peak, offered and bound, and there on the day of the peak.
const (
	placesDay = 2 // 3 November
	askDay    = 6 // 7 November
	offerDay  = 7 // 8 November
	arriveDay = 8 // 9 November
)

// placesReported is what the press reported on 3 November 2015 for the two centres of the
// country together (sites/site-observations.csv of the project's data).
const placesReported = 500

const invented = "Invented for the demonstration."

// staying is for how many people the town asks, of those who are on their way. It is
// invented, as all that is offered is, and said so.
const staying = 2000

// goods are so many things of a kind, in the unit that the kind suggests.
type goods struct {
	kind     body.ResourceType
	quantity int64
}

// besides is what the officer adds to what is worked out of the number of people.
func besides() []goods { return []goods{{"blanket", 10000}, {"meal", 12000}} }

// offer is what an institution has, what of it it offers, and which kinds the town takes.
type offer struct {
	by        protocol.InstitutionID
	has, says []goods
	takes     []body.ResourceType
}

// offered is who offers what. One offers more than it has: its own node does not let it
// promise that. Of another's the town has no use for what is covered already.
func offered() []offer {
	return []offer{
		{
			SouthValley,
			[]goods{{"blanket", 4000}, {"meal", 15000}, {"water_litre", 30000}},
			[]goods{{"blanket", 4000}, {"meal", 12000}, {"water_litre", 30000}},
			[]body.ResourceType{"blanket", "meal", "water_litre"},
		},
		{Croatia, []goods{{"bed_place", 600}, {"latrine", 40}}, []goods{{"bed_place", 700}, {"latrine", 40}}, []body.ResourceType{"bed_place", "latrine"}},
		{Austria, []goods{{"bed_place", 500}, {"meal", 5000}}, []goods{{"bed_place", 500}, {"meal", 5000}}, []body.ResourceType{"bed_place"}},
	}
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
	case arriveDay:
		return d.arrive(ctx)
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

// ask has the town's desk work out what so many people need, and ask for what is missing, in
// one act: the form that an officer fills in on the pages.
func (d *demo) ask(ctx context.Context) error {
	town := d.net.Node(SouthGate).Desk()
	f, err := town.NewForm(ctx, SouthGate, node.FormNeeds, "")
	if err != nil {
		return err
	}
	put(&f, "place", southGatePlace().Key().String())
	put(&f, "population.in_need", strconv.Itoa(staying))
	put(&f, "deliver_to.contact.office", "Demo South Gate, duty office ("+inventedStatement+")")
	if err = town.WorkOut(&f); err != nil {
		return err
	}
	amend(&f)
	said, err := town.SendForm(ctx, f)
	if err != nil {
		return err
	}
	d.needs, d.request = said.Record, said.Linked
	if _, err = town.Answer(ctx, node.AnswerRequest{As: SouthGate, Record: said.Record.String(), Step: node.AnswerNote, Reason: invented}); err != nil {
		return err
	}
	c := d.coordinator()
	linked := func() bool {
		n, ok := needsIn(c.Picture(d.clock.Now()), d.needs)
		return ok && slices.Contains(n.Requests, d.request)
	}
	if err = d.wait(ctx, c, linked); err != nil {
		return err
	}
	d.tellAsked(c.Picture(d.clock.Now()))
	return nil
}

// amend adds rows to those that were worked out, as an officer does.
func amend(f *node.Form) {
	more := besides()
	for i := 0; len(more) > 0 && has(f, fmt.Sprintf("items.%d.item", i)); i++ {
		row := func(part string) string { return fmt.Sprintf("items.%d.%s", i, part) }
		if get(f, row("item")) != "" {
			continue
		}
		put(f, row("item"), string(more[0].kind))
		put(f, row("required"), strconv.FormatInt(more[0].quantity, 10))
		more = more[1:]
	}
}

func has(f *node.Form, field string) bool {
	for i := range f.Fields {
		if f.Fields[i].Name == field {
			return true
		}
	}
	return false
}

func get(f *node.Form, field string) string {
	for i := range f.Fields {
		if f.Fields[i].Name == field {
			return f.Fields[i].Value
		}
	}
	return ""
}

func put(f *node.Form, field, value string) {
	for i := range f.Fields {
		if f.Fields[i].Name == field {
			f.Fields[i].Value = value
		}
	}
}

// tellAsked tells what the coordinator's picture shows of needs and request.
func (d *demo) tellAsked(p node.Picture) {
	n, _ := needsIn(p, d.needs)
	d.say.event(d.clock.Now(), strong, "NEEDS of %s, for %s people who are to stay (invented): worked out, less what is there", short(n.Institution), count(n.InNeed))
	for i := range n.Items {
		item := &n.Items[i]
		note := "its own " + string(item.Basis)
		if item.StandardRef != "" {
			note = strings.Replace(item.StandardRef, " Handbook", "", 1)
		}
		if item.Available != nil {
			note = fmt.Sprintf("%s are there, %s missing", thousands(*item.Available), thousands(item.Missing))
		}
		d.row(plain, things(item.Item)+" needed", thousands(item.Required), note)
	}
	r, _ := requestIn(p, d.request)
	var parts []string
	for _, l := range r.Lines {
		parts = append(parts, thousands(l.Quantity)+" "+things(l.Type))
	}
	d.say.event(d.clock.Now(), strong, "HELP ASKED by %s in the same act: %s.", short(r.Institution), strings.Join(parts, ", "))
}

func things(t body.ResourceType) string {
	switch t {
	case "water_litre":
		return "litres of water"
	default:
		return strings.ReplaceAll(string(t), "_", " ") + "s"
	}
}

func requestIn(p node.Picture, name protocol.Name) (node.Request, bool) {
	return first(p.Requests, func(r *node.Request) bool { return r.Record == name })
}

func needsIn(p node.Picture, name protocol.Name) (node.Needs, bool) {
	return first(p.Needs, func(n *node.Needs) bool { return n.Record == name })
}

// negotiate has three countries offer, the town accept by the line, and each commit.
func (d *demo) negotiate(ctx context.Context) error {
	for _, o := range offered() {
		if err := d.deal(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", o.by, err)
		}
		if err := d.pause(ctx, 6*len(offered())); err != nil {
			return err
		}
	}
	p := d.coordinator().Picture(d.clock.Now())
	r, _ := requestIn(p, d.request)
	for _, l := range r.Lines {
		d.row(plain, things(l.Type)+" asked for", thousands(l.Quantity), "committed "+thousands(l.Committed)+", unmet "+thousands(l.Unmet))
	}
	n, _ := needsIn(p, d.needs)
	d.say.event(d.clock.Now(), plain, "The needs of %s are %s, as every node counts from these records.", short(n.Institution), n.State)
	return nil
}

// deal is one offer, what the town takes of it, and the commitment to that. Each side
// answers at its own desk, once its own picture has come to what it answers.
func (d *demo) deal(ctx context.Context, o offer) error {
	if err := d.declare(ctx, o); err != nil {
		return err
	}
	made, err := d.answer(ctx, turn{by: o.by, to: d.request, step: body.StepOffer, of: o.says})
	if err != nil {
		return err
	}
	var taken, left []goods
	for _, g := range o.says {
		if slices.Contains(o.takes, g.kind) {
			taken = append(taken, g)
		} else {
			left = append(left, g)
		}
	}
	ordered, err := d.answer(ctx, turn{by: SouthGate, to: made, step: body.StepAccept, of: taken})
	if err != nil {
		return err
	}
	if len(left) > 0 {
		if _, err = d.answer(ctx, turn{by: SouthGate, to: made, step: body.StepDecline, of: left}); err != nil {
			return err
		}
	}
	return d.commit(ctx, o, turn{by: o.by, to: ordered, step: body.StepCommit, of: taken})
}

// declare has a provider say what it has, which bounds what its node lets it promise.
func (d *demo) declare(ctx context.Context, o offer) error {
	at := d.columnsOf(o.by)[0].Place
	r := node.PublishRequest{As: o.by, Kind: "capacity", Set: []string{"place=" + at.Key().String(), "source.type=own", "source.name=" + invented}}
	for i, g := range o.has {
		for _, part := range []string{"type=" + string(g.kind), "unit=" + string(g.kind.Unit()), fmt.Sprintf("available=%d", g.quantity), "offerable=true"} {
			r.Set = append(r.Set, fmt.Sprintf("items.%d.%s", i, part))
		}
	}
	n := d.net.Node(o.by)
	said, err := n.Desk().Publish(ctx, r)
	if err != nil {
		return err
	}
	return d.wait(ctx, n, func() bool {
		return slices.ContainsFunc(n.Picture(d.clock.Now()).Capacities, func(c node.Capacity) bool { return c.Record == said.Record })
	})
}

// commit binds a provider to what was ordered of it: to all, or where its own node refuses to
// promise more than is declared, to that.
func (d *demo) commit(ctx context.Context, o offer, t turn) error {
	said, err := d.answer(ctx, t)
	if errors.Is(err, node.ErrStock) {
		d.say.event(d.clock.Now(), warn, "REFUSED by the node of %s itself: to promise more than is declared there", short(o.by))
		t.of = within(t.of, o.has)
		said, err = d.answer(ctx, t)
	}
	d.bound = append(d.bound, turn{by: SouthGate, to: said, step: body.StepStatus, of: t.of, state: body.StageDeployed})
	return err
}

// arrive has the town say that what was promised is there.
func (d *demo) arrive(ctx context.Context) error {
	for _, t := range d.bound {
		if _, err := d.answer(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// within takes of each of some goods at most what there is.
func within(of, most []goods) []goods {
	out := slices.Clone(of)
	for i := range out {
		for _, m := range most {
			if m.kind == out[i].kind {
				out[i].quantity = min(out[i].quantity, m.quantity)
			}
		}
	}
	return out
}
