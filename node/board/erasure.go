package board

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol/body"
)

// Action is what the row of a [Correction] did.
type Action string

// The three actions. The last took a body back: no correction, but a row of the same list,
// of who took back what.
const (
	Replace Action = Action(body.Replace)
	Retract Action = Action(body.Retract)
	Erase   Action = "erase"
)

// erasure is the essence of one. Whether its author may speak for the author of what it
// names, who tells the board says with its verdict (Competent).
type erasure struct {
	target   body.Ref
	hearing  body.Ref // the question that the erased answer, or outcome, is to, if it is one and that is said
	corrects body.Ref // what the erased correction put right or took back, the same
	reason   string
}

func newErasure(b *body.Erasure) *erasure {
	x := &erasure{target: b.Erases(), reason: string(b.Reason)}
	var answers bool
	if x.hearing, answers = b.Ref(body.RelAnswers); !answers {
		x.hearing, _ = b.Ref(body.RelConcludes)
	}
	x.corrects, _ = b.Ref(body.RelCorrects)
	return x
}

// standErasure judges an erasure, and lets it work on what it names.
func (b *Board) standErasure(e *entry, x *erasure) {
	t := b.entries[x.target.Digest]
	standing, why := e.judge()
	switch {
	case standing == BeyondCompetence && x.target.Record.Institution != e.name.Institution:
		why = "only its author, or its author's registrar, takes a body back"
	case standing == Counts:
		if flaw := b.erasureFlaw(e, x, t); flaw != "" {
			standing, why = Ignored, flaw
		}
	}
	was := e.standing
	b.put(e, standing, why, nil)
	if t != nil && (was == Counts || standing == Counts) { // or whoever floods it would cost the record
		b.takeBack(t)
	}
}

// erasureFlaw says what keeps an erasure from what it names; "" for nothing.
func (b *Board) erasureFlaw(e *entry, x *erasure, t *entry) string {
	switch {
	case t == nil && b.names[x.target.Record]:
		return "broken reference: the record of that name has another digest"
	case t == nil:
		return "the record it erases is not here"
	case t.name != x.target.Record:
		return "broken reference: that digest is another record's"
	case body.IsErasure(t.kind):
		return "an erasure is not erased"
	case t.exercise != e.exercise:
		return "an exercise does not erase what is real, nor the other way"
	}
	return ""
}

// takeBack lets the erasures of a record work on it. What its body said is shown no more
// at once, whether or not the archive has let the body go yet: so the picture is the same
// on every node that holds the same erasures.
func (b *Board) takeBack(t *entry) {
	var by *entry
	for _, e := range b.taking[t.digest] {
		if e.standing == Counts && (by == nil || byAuthor(e, by) < 0) {
			by = e
		}
	}
	if by == t.erased {
		return
	}
	b.reread(t, func() {
		if t.hidden != nil {
			t.said, t.hidden = *t.hidden, nil
		}
		t.erased = by
		t.hide()
	})
}

// goneBy says what took the place of a record, and is erased itself.
func goneBy(m *entry) string {
	return fmt.Sprintf("by %s, which was erased by %s", m.name, m.erased.name)
}

// hide puts away what a body says while an erasure is in force. It is forgotten when the
// board is told that the body is gone.
func (e *entry) hide() {
	if e.erased == nil {
		return
	}
	was := e.said
	e.hidden = &was
	e.said = said{own: NoBody, reason: "erased by " + e.erased.name.String() + ": " + e.erased.what.(*erasure).reason}
}
