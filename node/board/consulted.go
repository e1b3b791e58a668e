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

// Addressees gives whose answers count: whom it asks now, and whom an earlier version asked.
func (c *Consultation) Addressees() []body.Addressee { return slices.Concat(c.To, c.ToBefore) }

// askedBefore gives whom the versions of a question asked that counted before the one in force, without those of now. No
// clock is asked whether an answer came before its author was let go: who asks says both hours of a version, and would
// date it back.
func (b *Board) askedBefore(e *entry, now []body.Addressee) (out []body.Addressee) {
	versions := []essence{e.what}
	for _, m := range b.mended(e) {
		if c, ok := m.what.(*correction); ok {
			versions = append(versions, c.replaced)
		}
	}
	for _, v := range versions {
		c, ok := v.(*consultation)
		if !ok {
			continue
		}
		for _, a := range c.row.To {
			if !slices.Contains(now, a) && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
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

// TellAnew tells the board at which instants the archive began anew: it was restored, or found to be older than it had
// been. What it had accepted by then and lost comes in again, and when it came first is not known here.
func (b *Board) TellAnew(at ...protocol.Instant) {
	b.fold.Lock()
	b.anewAt = append(b.anewAt, at...)
	b.fold.Unlock()
	b.notify()
}

// Anew gives the instants that [Board.TellAnew] told.
func (b *Board) Anew() []protocol.Instant {
	b.fold.Lock()
	defer b.fold.Unlock()
	return slices.Clone(b.anewAt)
}

// since gives from when on this node knows what it had accepted, up to an instant: its first record, or its last
// beginning.
func (b *Board) since(at protocol.Instant) protocol.Instant {
	out := b.firstAt
	for _, anew := range b.anewAt {
		if anew <= at {
			out = max(out, anew)
		}
	}
	return out
}

// late reports whether an answer came too late. Where that can't be told the answer has the benefit of the doubt, unless
// who asked has left it out.
func (c *Consultation) late(a *ConsultationAnswer) bool {
	return a.AuthorTime >= c.ClosesAt ||
		a.Consideration == "" && a.Accepted > c.Until() && (!a.Unjudged || c.leftOut(a))
}

// unjudged reports whether an answer that was signed in time may have been here in time as well: this node has it since
// later, and began anew since it was signed. What was not asked yet had no answer.
func (c *Consultation) unjudged(a *ConsultationAnswer) bool {
	return a.AuthorTime < c.ClosesAt && a.Consideration == "" && a.Accepted > c.Until() && a.Since > max(a.AuthorTime, c.AuthorTime)
}

// leftOut reports whether who asked decided behind the time in which answers may come, and knew of this one, as far as
// can be told: the outcome is older than what this node knows, or came behind the answer.
func (c *Consultation) leftOut(a *ConsultationAnswer) bool {
	o := c.Outcome
	return o != nil && o.AuthorTime > c.Until() && (o.AuthorTime < a.Since || o.Accepted >= a.Accepted)
}

// dressConsultations adds when this node had each answer, and the outcome.
func (b *Board) dressConsultations(v *View) {
	v.Consultations = slices.Clone(v.Consultations)
	for i := range v.Consultations {
		c := &v.Consultations[i]
		c.Answers = slices.Clone(c.Answers)
		for j := range c.Answers {
			if e := b.entries[c.Answers[j].Digest]; e != nil {
				c.Answers[j].Accepted, c.Answers[j].Since = e.accepted, b.since(e.accepted)
			}
		}
		if c.Outcome != nil {
			decided := *c.Outcome // pictures share it
			decided.Accepted, c.Outcome = b.entries[decided.Digest].accepted, &decided
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
