package desk

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// redirect lets a person name the exchange, or anything said in it, where only one step of it
// can be meant: the one offer to accept, the one order to commit, what was said last between
// the two about what is committed. That one is answered, so that all nodes read both in this
// order.
func (a *answer) redirect(view *board.View, step body.Step) error {
	t, ok := exchangeOf(view, namedIn(a.thread()))
	if !ok || a.to.Topic != protocol.Resource {
		return nil
	}
	may := words(body.Answerable(step, t.role(a.as)))
	here, there := t.step(a.to.Name, a.to.Digest)
	if there && slices.Contains(may, here.Step) && step.Binding() && (step != body.StepCommit || here.Record != t.name) {
		return nil
	}
	if there && slices.Contains(may, here.Step) && replies(step) {
		return nil // to that question
	}
	wanted := rootLines(here, a.r.Lines)
	open := t.open(may)
	last := t.meant(step, may, func(s *board.Step) bool {
		if len(open) > 0 && !slices.Contains(open, s.Record) && replies(step) {
			return false
		}
		return a.between(t, s, here) && !slices.ContainsFunc(wanted, func(root int) bool { return lineOf(s, root) == 0 })
	})
	_, never := body.NextState(0, step, t.role(a.as))
	switch {
	case len(last) == 1:
		h, err := a.d.held(last[0])
		*a.to = h
		if to := t.record(last[0]); to != nil && len(wanted) > 0 {
			a.r.Lines = slices.Clone(a.r.Lines)
			for i, root := range wanted {
				a.r.Lines[i].Line = lineOf(to, root)
			}
		}
		return err
	case len(last) == 0 && there && here.Record == t.name && !slices.Contains(may, here.Step) && !errors.Is(never, body.ErrStepRole):
		return problem(Refused, "vardar show "+a.to.String(), "nobody has answered %s with %s yet", a.to.Name, anyOf(may))
	case len(last) == 0:
		return nil // as it was asked for, without an offer; or what the check of the step refuses
	}
	var names []string
	for _, n := range last {
		names = append(names, n.String())
	}
	return &Problem{Kind: Usage, Field: "record", Detail: fmt.Sprintf("%d records could be meant: %s", len(last), strings.Join(names, ", ")), Mend: "name one", Next: "vardar answer " + names[0] + " " + a.r.Step}
}

// replies reports whether a step is the answer to one question.
func replies(step body.Step) bool {
	return step == body.StepExtendReply || step == body.StepRecallReply
}

// open gives the questions of some kinds that are still to be answered.
func (t *thread) open(kinds []string) []protocol.Name {
	var out []protocol.Name
	for i := range t.lines {
		for _, d := range t.lines[i].with {
			for _, q := range d.Asked {
				if slices.Contains(kinds, q.Step) {
					out = append(out, q.Record)
				}
			}
		}
	}
	return out
}

// between reports whether a step is one of those between who answers and the other side, and
// of the dealing of the record that was named, if that is one's.
func (a *answer) between(t *thread, s, here *board.Step) bool {
	switch {
	case s.Record == t.name:
		return false // it is answered where it is named
	case a.as != t.by:
		return s.With == a.as
	}
	return here == nil || here.With == "" || s.With == here.With
}

// rootLines gives the lines of what began the exchange that are meant by those of a step;
// none if one is not in it.
func rootLines(here *board.Step, lines []LineQuantity) []int {
	var out []int
	for _, l := range lines {
		if here == nil {
			return nil
		}
		i := slices.IndexFunc(here.Lines, func(s board.StepLine) bool { return s.Line == l.Line })
		if i < 0 {
			return nil
		}
		out = append(out, cmp.Or(here.Lines[i].Answers, l.Line))
	}
	return out
}

// meant gives the steps of some kinds that count and could be answered: all of them, and
// behind the commit the newest with each that the exchange is with.
func (t *thread) meant(step body.Step, kinds []string, chosen func(*board.Step) bool) []protocol.Name {
	var all []protocol.Name
	newest := map[protocol.InstitutionID]protocol.Name{}
	for i := range t.steps {
		if s := &t.steps[i]; s.Ignored == "" && slices.Contains(kinds, s.Step) && chosen(s) {
			all, newest[s.With] = append(all, s.Record), s.Record
		}
	}
	if step.Binding() {
		return all
	}
	all = nil
	for _, with := range slices.Sorted(maps.Keys(newest)) {
		all = append(all, newest[with])
	}
	return all
}
