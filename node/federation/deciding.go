package federation

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// deciding says on which days told, from 0, it is decided and paid together: the ministry asks
// before the line is cut, the town answers while it is, and what was decided becomes a plan, and
// the plan money.
type deciding struct {
	Consult  int
	Answer   int // those who still have a line
	CutOff   int // the town, which has none
	Conclude int // when the consultation is closed, and the line is back
	Plan     int
	Funds    int // and the regional report: the last day
}

// consultFor is how long answers are taken: until after the line is back, and before the
// morning on which the ministry concludes.
const consultFor = 3*oneDay + oneDay/2

// askedOf are the towns that the ministry asks, and that answer in this order.
func askedOf() []protocol.InstitutionID {
	return []protocol.InstitutionID{RiverTown, NorthGate, SouthGate}
}

// decide tells the parts of the deciding and paying together that fall on a day told.
func (d *demo) decide(ctx context.Context, i int) error {
	on := d.story.Decide
	for _, part := range []struct {
		day  int
		tell func(context.Context) error
	}{
		{on.Consult, d.consult},
		{on.Answer, d.respondInTime},
		{on.CutOff, d.respondCutOff},
		{on.Conclude, d.conclude},
		{on.Plan, d.learn},
		{on.Plan, d.proposePlan},
		{on.Funds, d.pay},
		{on.Funds, d.addUp},
	} {
		if part.day != i {
			continue
		}
		if err := part.tell(ctx); err != nil {
			return err
		}
	}
	return nil
}

// respondInTime has those answer who have a line.
func (d *demo) respondInTime(ctx context.Context) error {
	if err := d.respond(ctx, RiverTown, "position=neutral", "option=1", "text=Few arrive here, and the budget is small."); err != nil {
		return err
	}
	return d.respond(ctx, NorthGate, "position=amend", "option=2", "text=By arrivals, and at least fifty places to each.")
}

// respondCutOff has the town answer, with what it has said of places if it has.
func (d *demo) respondCutOff(ctx context.Context) error {
	set := []string{"position=support", "option=2", "text=They come to us first."}
	if !d.places.IsZero() {
		set = append(set, "capacity_ref="+d.places.String())
	}
	return d.respond(ctx, SouthGate, set...)
}

// states has an institution say something at its own desk, marked as invented.
func (d *demo) states(ctx context.Context, as protocol.InstitutionID, kind string, set ...string) (protocol.Name, error) {
	return d.says(ctx, node.PublishRequest{As: as, Kind: kind, Set: set})
}

// says is states, of what may be of an exercise.
func (d *demo) says(ctx context.Context, r node.PublishRequest) (protocol.Name, error) {
	r.Set = append([]string{"source.type=own", "source.name=" + invented}, r.Set...)
	said, err := d.net.Node(r.As).Desk().Publish(ctx, r)
	if err != nil {
		return said.Record, fmt.Errorf("%s by %s: %w", r.Kind, r.As, err)
	}
	return said.Record, nil
}

// known waits until the picture of somebody's node is as it must be.
func (d *demo) known(ctx context.Context, at protocol.InstitutionID, ok func(p node.Picture) bool) error {
	n := d.net.Node(at)
	return d.wait(ctx, n, func() bool { return ok(n.Picture(d.clock.Now())) })
}

// consult has the ministry ask the towns.
func (d *demo) consult(ctx context.Context) (err error) {
	set := []string{
		"question=Beds for the winter are few. By what are they to be shared?", "options.0=by residents", "options.1=by arrivals",
		"closes_at=" + body.TimeOf(d.clock.Now().Add(consultFor).UTC()).String(),
	}
	for i, id := range askedOf() {
		set = append(set, fmt.Sprintf("to.%d=%s", i, id))
	}
	if d.question, err = d.states(ctx, CrisisCentre, "consultation", set...); err != nil {
		return err
	}
	for _, id := range append(askedOf(), Coordinator) {
		if err = d.known(ctx, id, func(p node.Picture) bool { _, ok := consultationIn(p, d.question); return ok }); err != nil {
			return err
		}
	}
	c, _ := consultationIn(d.coordinator().Picture(d.clock.Now()), d.question)
	d.say.event(d.clock.Now(), strong, "CONSULTATION opened by %s (invented): %s %s are asked, until %s.",
		short(c.Institution), c.Question, plural(len(c.To), "town"), c.ClosesAt.Time().Format("2 January, 15:04"))
	return nil
}

// respond has a town answer at its own desk, and tells whether the ministry has the answer yet.
func (d *demo) respond(ctx context.Context, by protocol.InstitutionID, set ...string) error {
	said, err := d.states(ctx, by, "response", append(set, "thread="+d.question.String())...)
	if err != nil {
		return err
	}
	at := Coordinator
	if d.apart {
		at = by
	}
	if err := d.known(ctx, at, func(p node.Picture) bool { _, ok := responseIn(p, said); return ok }); err != nil {
		return err
	}
	a, _ := responseIn(d.net.Node(at).Picture(d.clock.Now()), said)
	if d.apart {
		d.say.event(d.clock.Now(), warn, "ANSWER by %s, signed in time, and no line is left: %s: %s", short(a.Institution), a.Position, a.Text)
		return nil
	}
	d.say.event(d.clock.Now(), plain, "ANSWER by %s: %s: %s", short(a.Institution), a.Position, a.Text)
	return nil
}

// consideration is what becomes of a town's answer, and why.
func consideration(of protocol.InstitutionID) (body.Consideration, string) {
	switch of {
	case RiverTown:
		return body.ConsideredNoted, "Its budget: see the plan."
	case NorthGate:
		return body.ConsideredAccepted, "No town is left without."
	default:
		return body.ConsideredPartly, "Yet not to one town alone."
	}
}

// conclude has the ministry decide: at first over the head of the town whose line was cut,
// which its own node refuses.
func (d *demo) conclude(ctx context.Context) error {
	answered := func(p node.Picture) bool {
		c, _ := consultationIn(p, d.question)
		return len(c.Answers) == len(askedOf())
	}
	if err := d.known(ctx, Coordinator, answered); err != nil {
		return err
	}
	c, _ := consultationIn(d.coordinator().Picture(d.clock.Now()), d.question)
	set, without := []string{"thread=" + d.question.String(), "decision=By arrivals, and at least fifty places to each."}, 0
	for i := range c.Answers {
		a := &c.Answers[i]
		if a.Institution == SouthGate {
			continue
		}
		set, without = append(set, considered(without, a)...), without+1
	}
	if err := d.passOver(ctx, set); err != nil {
		return err
	}
	for i := range c.Answers {
		if c.Answers[i].Institution == SouthGate {
			set = append(set, considered(without, &c.Answers[i])...)
		}
	}
	if _, err := d.states(ctx, CrisisCentre, "outcome", set...); err != nil {
		return err
	}
	concluded := func(p node.Picture) bool {
		now, ok := consultationIn(p, d.question)
		return ok && now.Outcome != nil
	}
	if err := d.known(ctx, Coordinator, concluded); err != nil {
		return err
	}
	c, _ = consultationIn(d.coordinator().Picture(d.clock.Now()), d.question)
	d.say.event(d.clock.Now(), good, "CONCLUDED by %s: %s", short(c.Institution), c.Outcome.Decision)
	for i := range c.Answers {
		d.row(plain, short(c.Answers[i].Institution), string(c.Answers[i].Consideration), c.Answers[i].Reason)
	}
	return nil
}

// passOver has the ministry try to conclude without a word on an answer.
func (d *demo) passOver(ctx context.Context, set []string) error {
	said, err := d.states(ctx, CrisisCentre, "outcome", set...)
	switch {
	case err == nil:
		d.problem("the node of %s let it conclude over an answer that was received: %s", CrisisCentre, said)
		return nil
	case node.Problem(err, "").Field != "considered":
		return err
	}
	d.say.event(d.clock.Now(), warn, "REFUSED by the node of %s itself: to conclude over an answer that was received", short(CrisisCentre))
	return nil
}

// considered sets what becomes of an answer, as the i-th of an outcome.
func considered(i int, a *node.ConsultationAnswer) []string {
	word, why := consideration(a.Institution)
	return []string{
		fmt.Sprintf("considered.%d.response=%s", i, a.Record), fmt.Sprintf("considered.%d.consideration=%s", i, word),
		fmt.Sprintf("considered.%d.reason=%s", i, why),
	}
}

// consultationIn finds a consultation in a picture.
func consultationIn(p node.Picture, name protocol.Name) (node.Consultation, bool) {
	return first(p.Consultations, func(c *node.Consultation) bool { return c.Record == name })
}

// responseIn finds an answer to a consultation in a picture.
func responseIn(p node.Picture, name protocol.Name) (node.ConsultationAnswer, bool) {
	for _, c := range p.Consultations {
		if a, ok := first(c.Answers, func(a *node.ConsultationAnswer) bool { return a.Record == name }); ok {
			return a, true
		}
	}
	return node.ConsultationAnswer{}, false
}

// first finds the first row of a picture that is meant.
func first[T any](rows []T, meant func(*T) bool) (row T, ok bool) {
	for i := range rows {
		if meant(&rows[i]) {
			return rows[i], true
		}
	}
	return row, false
}
