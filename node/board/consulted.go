package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Counted gives how many answers count.
func (c *Consultation) Counted() int {
	n := 0
	for _, p := range c.Positions {
		n += p.Answers
	}
	return n
}

// Ends is when nobody can be asked any more: the closing, or the first outcome if that came before it.
func (c *Consultation) Ends() protocol.Instant {
	switch {
	case c.Outcome == nil:
		return c.ClosesAt
	case len(c.Outcome.History) > 0:
		return min(c.ClosesAt, c.Outcome.History[0].AuthorTime)
	}
	return min(c.ClosesAt, c.Outcome.AuthorTime)
}

// dressConsultations adds when this node had each answer.
func (b *Board) dressConsultations(v *View) {
	v.Consultations = slices.Clone(v.Consultations)
	for i := range v.Consultations {
		c := &v.Consultations[i]
		c.Answers = slices.Clone(c.Answers)
		for j := range c.Answers {
			if e := b.entries[c.Answers[j].Digest]; e != nil {
				c.Answers[j].Accepted = e.accepted
			}
		}
		c.Judge(c.named)
	}
}

// Counting reports whether an answer counts.
func (a *ConsultationAnswer) Counting() bool { return a.State == AnswerCounts }

// Chosen gives the option that stands at a number now; "" where none does: an answer may have come from where the
// options were others.
func (c *Consultation) Chosen(number int) body.Label {
	if number < 1 || number > len(c.Options) {
		return ""
	}
	return c.Options[number-1]
}
