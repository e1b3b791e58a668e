package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// dealing is how one line stands with one other institution.
type dealing struct {
	state                       body.LineState // committed, once anything is: where it is say the stages
	offered, ordered, committed int64
	stages                      map[body.LineState]int64 // of what is committed
	consumed                    int64                    // of what is closed
	until                       protocol.Instant         // as agreed; 0: nobody has asked for longer
	asked                       []question               // that are not answered, as they were said
}

// question is one line of a step that wants an answer.
type question struct {
	step body.Step
	by   body.Role
	of   *entry
	line int
}

// stage gives where it is as a whole: where that is which has come the least far.
func (d *dealing) stage() body.LineState {
	for s := body.Committed; s <= body.Closed; s++ {
		if d.stages[s] > 0 {
			return s
		}
	}
	return d.state
}

// in gives how much of what is committed is in one of some states.
func (d *dealing) in(states []body.LineState) int64 {
	var n int64
	for _, s := range states {
		n += d.stages[s]
	}
	return n
}

// shift takes a step behind the commit that is allowed.
func (d *dealing) shift(m move, l *stepLine, a *Attempt) {
	to := a.Step.Leads(a.Stage, a.Response)
	if from, err := body.Sources(a.Step, a.By, to); err == nil && to != 0 {
		d.moved(from, to, l.quantity)
	}
	d.ask(m, l)
}

// moved takes so many from the first of the states that have some.
func (d *dealing) moved(from []body.LineState, to body.LineState, n int64) {
	d.stages[to] += n
	for _, s := range from {
		some := min(n, d.stages[s])
		d.stages[s] -= some
		n -= some
	}
}

// ask keeps what a step asks or agrees on, and lets go of what it answers.
func (d *dealing) ask(m move, l *stepLine) {
	switch m.step {
	case body.StepAskStatus, body.StepExtend, body.StepRecall:
		d.asked = append(d.asked, question{m.step, m.role, m.taken, l.line})
	case body.StepConsumed:
		d.consumed += l.quantity
	case body.StepExtendReply:
		if asked := stepOf(m.answered).line(l.answers); l.response == body.ResponseAccept && asked != nil {
			d.until = asked.until
		}
	default: // the others agree on nothing
	}
	d.asked = slices.DeleteFunc(d.asked, func(q question) bool { return d.settled(&q, m, l) })
}

// settled reports whether a question is answered by a step, or has no sense behind it: a reply
// that is provisional leaves it open, and what is not there any more is neither kept nor given
// back.
func (d *dealing) settled(q *question, m move, l *stepLine) bool {
	switch {
	case replies(m.step) == q.step && q.of == m.answered && q.line == l.answers:
		return l.response != body.ResponseProvisional
	case q.step == body.StepAskStatus:
		tells := m.step == body.StepStatus || m.step == body.StepReturned || m.step == body.StepConsumed
		return tells && m.role != q.by || d.stage() == body.Closed
	}
	return m.step == body.StepRelease && q.step == body.StepRecall || d.stages[body.Deployed] == 0
}

// open reports whether a question still waits for its answer.
func (d *dealing) open(of protocol.Digest, line int) bool {
	return slices.ContainsFunc(d.asked, func(q question) bool { return q.of.digest == of && q.line == line })
}

// staged gives the states in which anything is, in their order; nothing while all of it is as
// it was committed.
func staged(of map[body.LineState]int64) []Staged {
	var out []Staged
	for s := body.Committed; s <= body.Closed; s++ {
		if of[s] > 0 {
			out = append(out, Staged{s.String(), of[s]})
		}
	}
	if len(out) == 1 && out[0].State == body.Committed.String() {
		return nil
	}
	return out
}

// In gives how much of what is committed is in one of these states.
func (d *Dealing) In(states []body.LineState) int64 {
	var n int64
	for _, s := range states {
		for _, at := range d.stages() {
			if at.State == s.String() {
				n += at.Quantity
			}
		}
	}
	return n
}

// stages gives where all of it is.
func (d *Dealing) stages() []Staged {
	if d.Stages == nil && d.Committed > 0 {
		return []Staged{{body.Committed.String(), d.Committed}}
	}
	return d.Stages
}
