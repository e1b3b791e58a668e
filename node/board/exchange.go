package board

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// thread is the fold of all that stands under one name: an exchange of help and its
// notes.
type thread struct {
	request *Request
	offers  []Offer
	steps   []Step
	notes   []Note
}

// exchange is what the reducer knows while it goes through a thread.
type exchange struct {
	name  protocol.Name // of the thread
	root  *entry
	begun *step // what root says, retracted or not
	reissues
	lines   map[protocol.Digest]map[int]int            // of each step so far: its line to the root's
	with    map[protocol.Digest]protocol.InstitutionID // of each step so far: the side that is not the root's author
	deals   map[deal]*dealing
	gone    map[int]bool // lines that the root's author has cancelled
	offered []*entry
	verdict map[protocol.Digest]Step
}

// deal is one of the root's lines with one other institution.
type deal struct {
	line int
	with protocol.InstitutionID
}

// foldThread goes through a thread in its one order. A step that its state or its
// author's role does not allow is kept, and says why it has no effect.
func foldThread(root protocol.Name, of []*entry) *thread {
	out := &thread{}
	x := &exchange{
		name: root, reissues: reissuesIn(of), lines: map[protocol.Digest]map[int]int{},
		with: map[protocol.Digest]protocol.InstitutionID{}, deals: map[deal]*dealing{}, gone: map[int]bool{}, verdict: map[protocol.Digest]Step{},
	}
	for _, e := range x.inOrder(of, x.name) {
		if n, ok := e.now.(*note); ok {
			out.notes = append(out.notes, n.of(e, x))
			continue
		}
		if s := stepOf(e); s != nil {
			row := x.apply(e, s, root)
			x.verdict[e.digest] = row
			out.steps = append(out.steps, row)
		}
	}
	x.cancel()
	if x.root != nil && x.begun.kind == body.StepRequest {
		out.request = x.request()
	}
	for _, e := range x.offered {
		out.offers = append(out.offers, x.offer(e))
	}
	return out
}

// at gives the record of the thread to which a reference leads; nil if there is none.
func (x *exchange) at(ref body.Ref) *entry {
	if to := x.lead(ref); to != nil {
		return to
	}
	if e := x.held[ref.Digest]; e != nil && e.name == ref.Record {
		return e
	}
	return nil
}

// nameOf gives the name to which a reference leads, whether its record is here or not.
func (x *exchange) nameOf(ref body.Ref) protocol.Name {
	if to := x.lead(ref); to != nil {
		return to.name
	}
	return ref.Record
}

// stepOf gives what a step says: as corrected, or as it was if it does not count.
func stepOf(e *entry) *step {
	if s, ok := e.now.(*step); ok {
		return s
	}
	s, _ := e.what.(*step)
	return s
}

// apply takes one step and says what became of it.
func (x *exchange) apply(e *entry, s *step, root protocol.Name) Step {
	row := Step{
		Thread: root, Record: e.name, Digest: e.digest, Step: s.kind.String(), Institution: e.name.Institution,
		AuthorTime: e.time, Answers: x.nameOf(s.answers), Standing: e.standing, Lines: []StepLine{},
	}
	if e.by != nil {
		row.Correction = e.by.name
	}
	for _, l := range s.lines {
		row.Lines = append(row.Lines, StepLine{Line: l.line, Quantity: l.quantity})
	}
	if e.name == root {
		row.Ignoring = x.begin(e, s)
		return row
	}
	if s.kind == body.StepOffer {
		x.offered = append(x.offered, e)
	}
	if e.now == nil {
		row.Ignoring = notCounting(e.standing)
		return row
	}
	m, why := x.move(e, s)
	if why.set() {
		row.Ignoring = why
		return row
	}
	row.With = m.with
	x.lines[e.digest], x.with[e.digest] = map[int]int{}, m.with
	stopped := 0
	for i, l := range s.lines {
		at, why := x.step(m, &l)
		row.Lines[i].Answers = at
		if at > 0 {
			x.lines[e.digest][l.line] = at
		}
		if row.Lines[i].Ignoring = why; why.set() {
			stopped++
		}
	}
	if stopped == len(s.lines) {
		row.Ignoring = row.Lines[0].Ignoring
	}
	return row
}

// begin takes the record that began the exchange. Retracted it still says what was asked.
func (x *exchange) begin(e *entry, s *step) Ignoring {
	switch {
	case e.now == nil && e.standing != Retracted:
		return notCounting(e.standing)
	case x.root != nil:
		return ignoring(CodeSecondRoot, "another record of this name began the exchange")
	case s.kind != body.StepRequest && !s.unsolicited:
		return ignoring(CodeNoBeginning, "this does not begin an exchange")
	}
	x.root, x.begun = e, s
	if s.kind == body.StepOffer {
		x.offered = append(x.offered, e)
	}
	x.lines[e.digest] = map[int]int{}
	for _, l := range s.lines {
		x.lines[e.digest][l.line] = l.line
	}
	return Ignoring{}
}

// move is a step with its role and the other side.
type move struct {
	step     body.Step
	role     body.Role
	with     protocol.InstitutionID // the side that is not the root's author
	taken    *entry                 // the step itself
	answered *entry
	direct   bool // a commit on the request itself
}

// move finds a step's role, and checks that it answers what it may answer; otherwise it
// says why it has no effect.
func (x *exchange) move(e *entry, s *step) (move, Ignoring) {
	if x.root == nil {
		return move{}, ignoring(CodeNoRoot, "the record that began the exchange is not here, or does not count")
	}
	answered := x.at(s.answers)
	if answered == nil || x.lines[answered.digest] == nil {
		return move{}, ignoring(CodeNoAnswered, "what it answers is not in this exchange, or has no effect")
	}
	m := move{step: s.kind, taken: e, answered: answered, with: e.name.Institution}
	asked := x.begun.kind == body.StepRequest
	own := e.name.Institution == x.root.name.Institution
	m.role = body.Provider
	if own == asked {
		m.role = body.Requester
	}
	if own {
		m.with = x.with[answered.digest]
	}
	to := stepOf(answered).kind
	m.direct = s.kind == body.StepCommit && to == body.StepRequest
	if _, err := x.allowed(m); err != nil {
		return m, ignoring(CodeRole, err.Error(), s.kind, m.role)
	}
	if !slices.Contains(body.Answerable(m.step, m.role), to) {
		return m, ignoring(CodeAnswers, fmt.Sprintf("a %s by the %s does not answer a %s", s.kind, m.role, to), s.kind, m.role, to)
	}
	if !own && answered != x.root && x.with[answered.digest] != e.name.Institution {
		return m, ignoring(CodeBetweenOthers, fmt.Sprintf("what it answers was between others: %v", body.ErrStepRole))
	}
	return m, Ignoring{}
}

// allowed asks whether the step is ever this role's.
func (x *exchange) allowed(m move) (body.Role, error) {
	role, ok := body.RoleIn(m.step)
	if ok && role != m.role {
		return role, fmt.Errorf("%s by the %s: %w", m.step, m.role, body.ErrStepRole)
	}
	return role, nil
}

// step takes one line of a step; it gives the root's line, 0 if there is none, and why it has
// no effect.
func (x *exchange) step(m move, l *stepLine) (int, Ignoring) {
	at := x.lines[m.answered.digest][l.answers]
	of := x.begun.line(at)
	switch {
	case of == nil:
		return 0, ignoring(CodeNoLine, fmt.Sprintf("what it answers has no line %d", l.answers), l.answers)
	case of.kind != l.kind || of.unit != l.unit:
		return at, ignoring(CodeGoods, fmt.Sprintf("line %d is about %s in %s, not %s in %s", at, of.kind, of.unit, l.kind, l.unit), at, of.kind, of.unit, l.kind, l.unit)
	}
	if m.step == body.StepCancel && m.answered == x.root {
		return at, x.takeBack(at)
	}
	d := x.deals[deal{at, m.with}]
	if d == nil {
		d = x.fresh(of)
	}
	a := &Attempt{m.step, m.role, m.direct, l.stage, l.response, l.quantity}
	footing := x.footing(m, d, of, l)
	if breach := footing.Allow(a); breach != nil {
		return at, breach.ignoring(footing, a)
	}
	if !m.step.Binding() {
		d.shift(m, l, a)
		return at, Ignoring{}
	}
	if next, err := body.NextState(d.state, m.step, m.role); err == nil {
		d.state = next // committed it stays with the rest of an order
	}
	d.count(m.step, l.quantity)
	x.deals[deal{at, m.with}] = d
	return at, Ignoring{}
}

// footing gives how a line stands between the two, as the rules ask.
func (x *exchange) footing(m move, d *dealing, of, l *stepLine) *Footing {
	return &Footing{
		State: d.stage(), Offered: d.offered, Ordered: d.ordered, Committed: d.committed,
		Wanted: of.quantity, Promised: x.sum(of.line, func(d *dealing) int64 { return d.committed }),
		Gone: x.gone[of.line], Waits: d.open(m.answered.digest, l.answers), In: d.in,
	}
}

// takeBack cancels what is not committed of a line, by the word of who began the exchange.
func (x *exchange) takeBack(line int) Ignoring {
	if x.gone[line] {
		return ignoring(CodeCancelled, fmt.Sprintf("line %d is cancelled already: %v", line, body.ErrStepState), line)
	}
	x.gone[line] = true
	for k, d := range x.deals {
		if k.line == line && d.state.Open() {
			d.state = body.Cancelled
		}
	}
	return Ignoring{}
}

// fresh is a line before the other side has spoken.
func (x *exchange) fresh(of *stepLine) *dealing {
	d := &dealing{state: body.Requested, stages: map[body.LineState]int64{}}
	if x.begun.kind == body.StepOffer {
		d.state, d.offered = body.Offered, of.quantity
	}
	if x.gone[of.line] {
		d.state = body.Cancelled
	}
	return d
}

// count takes the number of a step that is agreed on.
func (d *dealing) count(step body.Step, n int64) {
	switch step {
	case body.StepOffer:
		d.offered = n
	case body.StepAccept:
		d.ordered = n
	case body.StepCommit:
		d.committed += n
		d.stages[body.Committed] += n
	default: // they say no number that is held
	}
}

func (x *exchange) sum(line int, of func(*dealing) int64) int64 {
	var n int64
	for k, d := range x.deals {
		if k.line == line {
			n += of(d)
		}
	}
	return n
}

// cancel closes what is not committed when the author has retracted what began it.
func (x *exchange) cancel() {
	if x.root == nil || x.root.standing != Retracted {
		return
	}
	for _, d := range x.deals {
		if d.state != body.Committed {
			d.state = body.Cancelled
		}
	}
}

func (x *exchange) dealings(line int) []Dealing {
	var out []Dealing
	for k, d := range x.deals {
		if k.line != line {
			continue
		}
		row := Dealing{
			Institution: k.with, State: d.stage().String(), Offered: d.offered, Ordered: d.ordered, Committed: d.committed,
			Stages: staged(d.stages), Consumed: d.consumed, Until: d.until,
		}
		for _, q := range d.asked {
			row.Asked = append(row.Asked, Question{q.step.String(), q.of.name, q.line})
		}
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b Dealing) int { return cmp.Compare(a.Institution, b.Institution) })
	return out
}
