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

// turn is a step that an institution takes in the exchange: what it answers, and of how much.
type turn struct {
	by    protocol.InstitutionID
	to    protocol.Name
	step  body.Step
	of    []goods
	state body.Stage // of a status
}

// answer has an institution take its turn at its own desk, once its own picture has come to
// what it answers, and tells it as soon as the coordinator's shows it.
func (d *demo) answer(ctx context.Context, t turn) (protocol.Name, error) {
	n, c := d.net.Node(t.by), d.coordinator()
	if err := d.wait(ctx, n, func() bool { return d.taken(n, t.to) }); err != nil {
		return t.to, err
	}
	r, _ := requestIn(n.Picture(d.clock.Now()), d.request)
	said, err := n.Desk().Answer(ctx, node.AnswerRequest{
		As: t.by, Record: t.to.String(), Step: t.step.String(), Lines: linesOf(r, t.of), Reason: reason(t.step), State: t.state,
	})
	if err != nil {
		return t.to, fmt.Errorf("%s: %w", t.step, err)
	}
	if err := d.wait(ctx, c, func() bool { return d.taken(c, said.Record) }); err != nil {
		return t.to, err
	}
	d.tellStep(t, said.Record)
	return said.Record, nil
}

// covered is why the town declines.
const covered = "Others have covered them."

func reason(step body.Step) string {
	if step == body.StepDecline {
		return covered + " " + invented
	}
	return invented
}

// taken reports whether a node's picture has come to a step of an exchange, and it counts.
func (d *demo) taken(n *node.Node, record protocol.Name) bool {
	_, ok := stepIn(n.Picture(d.clock.Now()), record)
	return ok
}

func stepIn(p node.Picture, record protocol.Name) (node.Step, bool) {
	i := slices.IndexFunc(p.Steps, func(s node.Step) bool { return s.Record == record && s.Ignored == "" })
	if i < 0 {
		return node.Step{}, false
	}
	return p.Steps[i], true
}

// linesOf gives the lines of a request that goods are about, with their quantities.
func linesOf(r node.Request, of []goods) []node.LineQuantity {
	var out []node.LineQuantity
	for _, l := range r.Lines {
		for _, g := range of {
			if g.kind == l.Type {
				out = append(out, node.LineQuantity{Line: l.Line, Quantity: g.quantity})
			}
		}
	}
	return out
}

// tellStep tells a step as the coordinator's picture has it, and behind a commitment what is
// still unmet.
func (d *demo) tellStep(t turn, record protocol.Name) {
	p, at := d.coordinator().Picture(d.clock.Now()), d.clock.Now()
	r, _ := requestIn(p, d.request)
	s, _ := stepIn(p, record)
	what, who := contents(r, s), short(s.Institution)
	switch t.step {
	case body.StepOffer:
		d.say.event(at, plain, "OFFER by %s: %s (invented)", who, what)
	case body.StepAccept:
		d.say.event(at, plain, "ACCEPTED by %s: %s", who, what)
	case body.StepDecline:
		d.say.event(at, plain, "DECLINED by %s: %s. %s", who, what, covered)
	case body.StepCommit:
		d.say.event(at, good, "COMMITTED: %s is bound to %s", who, what)
		d.say.event(at, warn, "STILL UNMET: %s", unmetOf(r))
	case body.StepStatus:
		d.say.event(at, good, "ARRIVED at %s: %s of %s", who, what, short(s.With))
	default: // the others are not told
	}
}

// contents says what a step is about.
func contents(r node.Request, s node.Step) string {
	var parts []string
	for _, l := range s.Lines {
		for _, of := range r.Lines {
			if l.Ignored == "" && of.Line == l.Answers {
				parts = append(parts, thousands(l.Quantity)+" "+things(of.Type))
			}
		}
	}
	return strings.Join(parts, ", ")
}

func unmetOf(r node.Request) string {
	var parts []string
	for _, l := range r.Lines {
		if l.Unmet > 0 {
			parts = append(parts, thousands(l.Unmet)+" "+things(l.Type))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
