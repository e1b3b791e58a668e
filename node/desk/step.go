package desk

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// thread is an exchange as the board sees it now.
type thread struct {
	name  protocol.Name
	asked bool // begun by a request; otherwise by an offer nobody asked for
	by    protocol.InstitutionID
	lines []rootLine
	steps []board.Step
}

// rootLine is a line of what began the exchange.
type rootLine struct {
	line       int
	kind       body.ResourceType
	unit       string
	state      string
	quantity   int64
	with       []board.Dealing
	ordered    int64
	committed  int64
	standalone bool // of an offer nobody asked for
}

// exchangeOf finds a thread among what counts.
func exchangeOf(view *board.View, name protocol.Name) (*thread, bool) {
	t := &thread{name: name}
	for i := range view.Steps {
		if view.Steps[i].Thread == name {
			t.steps = append(t.steps, view.Steps[i])
		}
	}
	for i := range view.Requests {
		if r := &view.Requests[i]; r.Record == name {
			t.asked, t.by = true, r.Institution
			for _, l := range r.Lines {
				t.lines = append(t.lines, rootLine{l.Line, l.Type, l.Unit, l.State, l.Quantity, l.With, l.Ordered, l.Committed, false})
			}
			return t, true
		}
	}
	for i := range view.Offers {
		if o := &view.Offers[i]; o.Record == name && o.Unsolicited {
			t.by = o.Institution
			for _, l := range o.Lines {
				t.lines = append(t.lines, rootLine{l.Line, l.Type, l.Unit, l.State, l.Quantity, l.With, l.Ordered, l.Committed, true})
			}
			return t, true
		}
	}
	return nil, false
}

// step gives the step that a record took.
func (t *thread) step(n protocol.Name, digest protocol.Digest) (*board.Step, bool) {
	for i := range t.steps {
		if t.steps[i].Record == n && t.steps[i].Digest == digest {
			return &t.steps[i], true
		}
	}
	return nil, false
}

func (t *thread) line(n int) (*rootLine, bool) {
	for i := range t.lines {
		if t.lines[i].line == n {
			return &t.lines[i], true
		}
	}
	return nil, false
}

// role gives the side that an institution is on.
func (t *thread) role(id protocol.InstitutionID) body.Role {
	if (id == t.by) == t.asked {
		return body.Requester
	}
	return body.Provider
}

// rootLineOf gives the thread's line that a line of a step is about.
func rootLineOf(answered *board.Step, line int) (int, bool) {
	for _, l := range answered.Lines {
		if l.Line != line {
			continue
		}
		if l.Ignored != "" {
			return 0, false
		}
		if l.Answers > 0 {
			return l.Answers, true
		}
		return l.Line, true
	}
	return 0, false
}

// dealing gives how a line stands between the two.
func (l *rootLine) dealing(with protocol.InstitutionID) board.Dealing {
	for _, d := range l.with {
		if d.Institution == with {
			return d
		}
	}
	if l.standalone {
		return board.Dealing{Institution: with, State: body.Offered.String(), Offered: l.quantity}
	}
	return board.Dealing{Institution: with, State: body.Requested.String()}
}

func stateOf(word string) body.LineState {
	for s := body.NotBegun; s <= body.Cancelled; s++ {
		if s.String() == word {
			return s
		}
	}
	return body.NotBegun
}

// move is a step that somebody wants to take.
type move struct {
	as       protocol.InstitutionID
	step     body.Step
	role     body.Role
	with     protocol.InstitutionID // the side that did not begin the thread
	answered *board.Step
	direct   bool // a commit on the request itself
	knowing  bool
	view     *board.View
}

// checkStep refuses a step that all nodes would show as ignored, and one that promises
// what the provider does not have. What begins an exchange may always be said.
func (d *Desk) checkStep(s *statement, step *body.ResourceStep) (warnings []string, err error) {
	if step.Step == body.StepRequest && step.AnswerBy.Instant() <= d.now() {
		return nil, overAlready()
	}
	view := d.world(s.world)
	if step.Step == body.StepRequest || step.Unsolicited() {
		return offerWarnings(&view, s.as, step), nil
	}
	ref, _ := step.Ref(body.RelAnswers)
	t, ok := exchangeOf(&view, step.Thread)
	if !ok {
		return nil, problem(NotFound, "vardar list requests", "no exchange that counts here began with %s", step.Thread)
	}
	answered, ok := t.step(ref.Record, ref.Digest)
	if !ok {
		return nil, problem(NotFound, "vardar show "+ref.Record.String(), "%s is no step of the exchange that began with %s", ref.Record, step.Thread)
	}
	if answered.Ignored != "" {
		return nil, problem(Refused, "vardar show "+step.Thread.String(), "%s has no effect itself: %s", answered.Record, answered.Ignored)
	}
	m := move{as: s.as, step: step.Step, role: t.role(s.as), with: s.as, answered: answered, knowing: s.knowing, view: &view}
	if s.as == t.by {
		m.with = answered.With
	}
	if err := m.fits(t); err != nil {
		return nil, err
	}
	for i := range step.Lines {
		if err := m.checkLine(t, step, i); err != nil {
			return nil, err
		}
	}
	if step.Step == body.StepOffer {
		return offerWarnings(&view, s.as, step), nil
	}
	if step.Step == body.StepCommit {
		return nil, checkStock(&view, s.as, step)
	}
	return nil, nil
}

// fits asks whether the step is this side's, and answers what it may answer.
func (m *move) fits(t *thread) error {
	next := "vardar show " + t.name.String()
	if role, ok := body.RoleIn(m.step); ok && role != m.role {
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("%s is for the %s to say, and %s is the %s here", m.step, role, m.as, m.role), Next: next, Err: body.ErrStepRole}
	}
	m.direct = m.step == body.StepCommit && m.answered.Step == body.StepRequest.String()
	if may := words(body.Answerable(m.step, m.role)); !slices.Contains(may, m.answered.Step) {
		return problem(Refused, next, "%s by the %s answers %s, and %s is %s", article(m.step.String()), m.role, anyOf(may), m.answered.Record, article(m.answered.Step))
	}
	if m.as != t.by && m.answered.Record != t.name && m.answered.With != m.as {
		return problem(Refused, next, "%s was between others", m.answered.Record)
	}
	return nil
}

func words[T fmt.Stringer](of []T) []string {
	out := make([]string, len(of))
	for i, w := range of {
		out[i] = w.String()
	}
	return out
}

func anyOf(words []string) string {
	out := ""
	for i, w := range words {
		if i > 0 {
			out += " or "
		}
		out += article(w)
	}
	return out
}

// checkLine holds one line against its state and its numbers.
func (m *move) checkLine(t *thread, step *body.ResourceStep, i int) error {
	l := &step.Lines[i]
	field := fmt.Sprintf("lines[%d]", i)
	next := "vardar show " + t.name.String()
	at, ok := rootLineOf(m.answered, int(l.Answered()))
	root, there := t.line(at)
	if !ok || !there {
		return &Problem{Kind: Refused, Field: field + ".line", Detail: fmt.Sprintf("%s has no line %d that counts", m.answered.Record, l.Answered()), Next: next}
	}
	if root.kind != l.Type || root.unit != string(l.Unit) {
		return &Problem{
			Kind: Refused, Field: field + ".type", Detail: fmt.Sprintf("line %d is about %s in %s, not %s in %s", at, root.kind, root.unit, l.Type, l.Unit),
			Mend: "leave type and unit as they are", Next: next,
		}
	}
	if m.step == body.StepCancel && m.answered.Record == t.name {
		return m.checkTakeBack(root, field)
	}
	deal := root.dealing(m.with)
	footing := board.Footing{
		State: stateOf(deal.State), Offered: deal.Offered, Ordered: deal.Ordered, Committed: deal.Committed,
		Wanted: root.quantity, Promised: root.committed, Gone: root.state == body.Cancelled.String(), Waits: waits(&deal, m.answered, int(l.Answered())), In: deal.In,
	}
	attempt := &board.Attempt{Step: m.step, By: m.role, Direct: m.direct, Stage: l.State, Response: l.Response, Quantity: int64(l.Quantity)}
	if breach := footing.Allow(attempt); breach != nil {
		return m.said(breach, &deal, l, field)
	}
	return m.checkKnowing(root, deal, int64(l.Quantity), field+".quantity")
}

// said tells why a line has no effect, and how to mend it.
func (m *move) said(b *board.Breach, deal *board.Dealing, l *body.Line, field string) error {
	p := &Problem{Kind: Refused, Field: field, Detail: b.Error(), Next: "vardar show " + m.answered.Thread.String(), Err: b}
	switch b.Rule {
	case board.RuleOffered:
		p.Field, p.Mend = field+".quantity", fmt.Sprintf("want at most %d", b.Most)
		p.Detail = fmt.Sprintf("%d are accepted of %d that were offered", l.Quantity, b.Most)
	case board.RuleOrdered:
		p.Field, p.Mend = field+".quantity", fmt.Sprintf("want at most %d", b.Most)
	case board.RuleSide:
		p.Field = field + ".state"
	case board.RuleNothing:
		p.Detail = fmt.Sprintf("nothing of line %d is %s: with %s it is %s", l.Line, body.EitherState(b.From), m.with, deal.State)
	case board.RuleFewer:
		p.Field, p.Mend = field+".quantity", fmt.Sprintf("want at most %d", b.Most)
		p.Detail = fmt.Sprintf("%d of line %d are %s, and not %d", b.Most, l.Line, body.EitherState(b.From), l.Quantity)
	case board.RuleReplied:
		p.Detail = m.answered.Record.String() + " was answered already"
	case board.RuleState: // it says so itself
		if m.step == body.StepOffer && deal.State == body.Offered.String() {
			m.offeredAlready(p, int(l.Answered()))
		}
	}
	return p
}

// offeredAlready names the own offer that stands for a line, and how it is put right or taken back: of one provider
// one does.
func (m *move) offeredAlready(p *Problem, line int) {
	for i := range m.view.Steps {
		s := &m.view.Steps[i]
		at := slices.IndexFunc(s.Lines, func(l board.StepLine) bool { return l.Ignored == "" && cmp.Or(l.Answers, l.Line) == line })
		if at < 0 || s.Thread != m.answered.Thread || s.Institution != m.as || s.Step != body.StepOffer.String() || s.Standing == board.Retracted {
			continue
		}
		p.Detail, p.Mend = fmt.Sprintf("of line %d an offer of yours stands already: %s", line, s.Record), "put that right, or cancel it and offer anew"
		p.Next = fmt.Sprintf("vardar correct %s --set lines.%d.quantity=QUANTITY --reason TEXT", s.Record, at)
	}
}

// waits reports whether a question is still to be answered between the two.
func waits(deal *board.Dealing, question *board.Step, line int) bool {
	return slices.ContainsFunc(deal.Asked, func(q board.Question) bool { return q.Record == question.Record && q.Line == line })
}

// checkTakeBack refuses to cancel where nothing is left to be taken back.
func (m *move) checkTakeBack(root *rootLine, field string) error {
	next := "vardar show " + m.answered.Thread.String()
	switch {
	case root.state == body.Cancelled.String():
		return &Problem{Kind: Refused, Field: field, Detail: fmt.Sprintf("line %d is cancelled already", root.line), Next: next}
	case root.committed >= root.quantity:
		return &Problem{
			Kind: Refused, Field: field, Detail: fmt.Sprintf("all of line %d is committed: there is nothing left to cancel", root.line),
			Mend: "agree with who has committed it, by a note", Next: next,
		}
	}
	return nil
}

// checkKnowing refuses to accept more than was asked for, unless the requester says that it
// knows. It is the desk's own rule: all nodes count what was accepted.
func (m *move) checkKnowing(root *rootLine, deal board.Dealing, quantity int64, field string) error {
	beyond := root.ordered - deal.Ordered + quantity - root.quantity
	if m.step != body.StepAccept || beyond <= 0 || m.role != body.Requester || root.standalone || m.knowing {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: field, Detail: fmt.Sprintf("with this %d more are ordered than the %d that were asked for", beyond, root.quantity),
		Mend: "accept fewer, or say that you know of it", Next: "vardar answer " + m.answered.Record.String() + " accept --knowing",
	}
}
