package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// named reports whether an institution is asked, as far as the record says it: who is in a
// group the charter says, and whoever shows the picture.
func (c *Consultation) named(id protocol.InstitutionID) bool {
	return slices.ContainsFunc(c.Addressees(), func(a body.Addressee) bool {
		one, ok := a.Institution()
		return !ok || one == id
	})
}

// Judge says of each answer whether it counts, by who is or was invited and, where it is known when
// this node had it, by that: what was signed before the closing counts if it came within
// [AnswerGrace] of it, or may have, or if who asked has considered it, and so had it in time.
// Of several by one institution the last one counts.
func (c *Consultation) Judge(invited func(protocol.InstitutionID) bool) {
	c.Answers, c.Positions, c.Waiting, c.Silent = slices.Clone(c.Answers), nil, nil, nil
	live, back := map[protocol.InstitutionID]*ConsultationAnswer{}, map[protocol.InstitutionID]bool{}
	for i := range c.Answers {
		a := &c.Answers[i]
		said := c.considered(a)
		a.Consideration, a.Reason, a.Outdated = "", "", false
		if said != nil {
			a.Consideration, a.Reason, a.Outdated = said.Consideration, string(said.Reason), !c.hasRead(a)
		}
		a.Unjudged = c.unjudged(a)
		switch {
		case a.withdrawn():
			a.State, back[a.Institution] = AnswerWithdrawn, said != nil
		case a.Institution == c.Institution || c.Erased == nil && !invited(a.Institution):
			a.State = AnswerUninvited
		case c.late(a):
			a.State = AnswerLate
		default:
			if before := live[a.Institution]; before != nil {
				before.State = AnswerReplaced
			}
			live[a.Institution], a.State = a, AnswerCounts
			if a.Erased != nil {
				a.State = AnswerErased
			}
		}
	}
	tally := map[body.ResponsePosition]int{}
	for i := range c.Answers {
		a := &c.Answers[i]
		if !a.Counting() {
			continue
		}
		tally[a.Position]++
		if c.Outcome != nil && (a.Consideration == "" || a.Outdated) {
			c.Waiting = append(c.Waiting, a.Record)
		}
	}
	for _, word := range body.ResponsePosition("").Words() {
		if n := tally[body.ResponsePosition(word)]; n > 0 {
			c.Positions = append(c.Positions, PositionCount{body.ResponsePosition(word), n})
		}
	}
	for _, id := range c.Invited {
		if live[id] == nil && !back[id] {
			c.Silent = append(c.Silent, id)
		}
	}
}

// Until is the last moment at which an answer that was signed before the closing may come.
func (c *Consultation) Until() protocol.Instant { return graceOf(c.ClosesAt) }

// graceOf is [AnswerGrace] behind a closing.
func graceOf(closes protocol.Instant) protocol.Instant {
	return closes + protocol.Instant(AnswerGrace.Milliseconds())
}

// considered gives what the outcome in force says of an answer; nil for nothing yet.
func (c *Consultation) considered(a *ConsultationAnswer) *body.Considered {
	if c.Outcome == nil {
		return nil
	}
	for i := range c.Outcome.Considered {
		if k := &c.Outcome.Considered[i]; k.Response == a.Record && k.Digest == a.Digest {
			return k
		}
	}
	return nil
}

// hasRead reports whether the outcome in force has considered an answer as it counts: one that its author put right in time
// may have come to who asked as it was before.
func (c *Consultation) hasRead(a *ConsultationAnswer) bool {
	return a.Version.IsZero() || slices.Contains(c.Outcome.Read, a.Version)
}
