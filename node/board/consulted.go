package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Asked is what a question said before it was put right.
type Asked struct {
	Record     protocol.Name    `json:"record"` // the question, or its correction
	AuthorTime protocol.Instant `json:"author_time"`
	Question   string           `json:"question"`
	Options    []body.Label     `json:"options,omitempty"`
	Background string           `json:"background,omitempty"`
	OpensAt    protocol.Instant `json:"opens_at,omitzero"`
	ClosesAt   protocol.Instant `json:"closes_at,omitzero"`
	To         []body.Addressee `json:"to"`
	Reason     string           `json:"reason,omitempty"` // of the correction, if it was one
	Erased     *TakenBack       `json:"erased,omitempty"` // what it said is gone
}

// TakenBack says by which correction its author took a record back, and why.
type TakenBack struct {
	Record     protocol.Name    `json:"record"`
	AuthorTime protocol.Instant `json:"author_time"`
	Reason     string           `json:"reason"`
}

// Counted gives how many answers count, those too that were received and erased.
func (c *Consultation) Counted() int {
	n := 0
	for i := range c.Answers {
		if c.Answers[i].Counting() {
			n++
		}
	}
	return n
}

// Addressees gives whose answers count: whom it asks now, and whom an earlier version asked.
func (c *Consultation) Addressees() []body.Addressee { return slices.Concat(c.To, c.ToBefore) }

// readable gives an essence of a record, or of what its correction puts there.
func readable[E essence](m *entry) (of E, reason string, ok bool) {
	if c, corrects := m.what.(*correction); corrects {
		of, ok = c.replaced.(E)
		return of, c.reason, ok
	}
	of, ok = m.what.(E)
	return of, "", ok
}

// stages gives a record and its corrections that are in force or were, in their order, and those whose bodies were taken back.
func (b *Board) stages(e *entry) []*entry {
	return append([]*entry{e}, b.touched(e)...)
}

// erasedBy says by which erasure a body was taken back; nil: it was not.
func erasedBy(by *entry) *TakenBack {
	if by == nil {
		return nil
	}
	return &TakenBack{by.name, by.time, by.what.(*erasure).reason}
}

// letGo gives whom the versions of a question asked that counted before the one in force, without those of now. No
// clock is asked whether an answer came before its author was let go: who asks says both hours of a version, and would
// date it back.
func (c *Consultation) letGo() (out []body.Addressee) {
	for i := range c.Before {
		for _, a := range c.Before[i].To {
			if !slices.Contains(c.To, a) && !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	return out
}

// never is behind every closing, with room for [AnswerGrace].
const never = protocol.Instant(1) << 62

// closing gives the last closing that any version of a question has said: what was signed before it was in time when it was made,
// wherever the closing was moved to by a version that its author had not seen. Of a question that is erased nobody knows it.
func (c *Consultation) closing() protocol.Instant {
	if c.Erased != nil {
		return never
	}
	last := c.ClosesAt
	for i := range c.Before {
		last = max(last, c.Before[i].ClosesAt)
	}
	return last
}

// spoken gives what counts of a record, or of an outcome or an answer that was taken back what it said.
func (e *entry) spoken() essence {
	if e.standing == Retracted {
		switch e.what.(type) {
		case *outcome, *response:
			return e.what
		}
	}
	return e.now
}

// tookBack says by what a record was taken back; nil: it was not.
func tookBack(e *entry) *TakenBack {
	if e.standing != Retracted {
		return nil
	}
	c, _ := e.by.what.(*correction)
	return &TakenBack{e.by.name, e.by.time, c.reason}
}

// Decides reports whether a record is an outcome of a consultation that is in force, or was until another came.
func (c *Consultation) Decides(n protocol.Name) bool {
	return c.Outcome != nil && (c.Outcome.Record == n || slices.ContainsFunc(c.Outcome.History, func(d Decided) bool { return d.Record == n }))
}

// decide takes what an outcome said, and says, behind what was decided before, which it gives with that: the last of it is in
// force, as the outcome says, unless it was taken back or erased.
func (c *Consultation) decide(o *Outcome, said, before []Decided) []Decided {
	before = slices.Clone(before)
	if o != nil {
		o.History = append(before, said[:len(said)-1]...)
		c.Outcome, c.Undone = o, nil
	} else {
		c.Undone = append(c.Undone, said...)
	}
	return append(before, said...)
}

// concluded reports whether a consultation has an outcome, and had one before its question was taken back, if it was.
func (c *Consultation) concluded() bool {
	if c.Outcome == nil || c.TakenBack == nil || c.Erased != nil {
		return c.Outcome != nil
	}
	first := c.Outcome.Record
	if len(c.Outcome.History) > 0 {
		first = c.Outcome.History[0].Record
	}
	return compareNames(first, c.TakenBack.Record) < 0
}

// Ends is when nobody can be asked any more: the closing, or the first outcome if that came before it.
func (c *Consultation) Ends() protocol.Instant {
	closes := c.ClosesAt
	if c.Erased != nil {
		closes = never
	}
	switch {
	case c.Outcome == nil:
		return closes
	case len(c.Outcome.History) > 0:
		return min(closes, c.Outcome.History[0].AuthorTime)
	}
	return min(closes, c.Outcome.AuthorTime)
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
	if c.hasReadErased(a) {
		return false
	}
	return a.AuthorTime >= c.closing() ||
		c.considered(a) == nil && a.Accepted > graceOf(c.closing()) && (!a.Unjudged || c.leftOut(a))
}

// unjudged reports whether an answer that was signed in time may have been here in time as well: this node has it since
// later, and began anew since it was signed. What was not asked yet had no answer.
func (c *Consultation) unjudged(a *ConsultationAnswer) bool {
	return a.AuthorTime < c.closing() && c.considered(a) == nil && a.Accepted > graceOf(c.closing()) && a.Since > max(a.AuthorTime, c.AuthorTime)
}

// leftOut reports whether who asked decided behind the time in which answers may come, and knew of this one, as far as
// can be told: the outcome is older than what this node knows, or came behind the answer.
func (c *Consultation) leftOut(a *ConsultationAnswer) bool {
	o := c.Outcome
	return o != nil && o.AuthorTime > graceOf(c.closing()) && (o.AuthorTime < a.Since || o.Accepted >= a.Accepted)
}

// hasReadErased reports whether an answer is to a version of the question whose body was taken back: who knows what closing that said.
func (c *Consultation) hasReadErased(a *ConsultationAnswer) bool {
	return slices.ContainsFunc(c.Before, func(q Asked) bool { return q.Erased != nil && q.Record == a.Read })
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

// Counting reports whether an answer counts, or was received and erased.
func (a *ConsultationAnswer) Counting() bool {
	return a.State == AnswerCounts || a.State == AnswerErased
}

// withdrawn reports whether its author has taken an answer back before the closing.
func (a *ConsultationAnswer) withdrawn() bool {
	return a.TakenBack != nil && a.TakenBack.Record == a.Version
}

// IsVersion reports whether a record is a question, or a correction that put it right.
func (c *Consultation) IsVersion(n protocol.Name) bool {
	return n == c.Record || n == c.Correction || slices.ContainsFunc(c.Before, func(q Asked) bool { return q.Record == n })
}

// ChosenIn gives the option that stood at a number in the version of a question that an answer is to ([ConsultationAnswer]
// says which): what its author chose, whatever stands there now. "" where none did.
func (c *Consultation) ChosenIn(version protocol.Name, number int) body.Label {
	if version.IsZero() {
		version = c.Record
	}
	was := Consultation{Options: c.Options}
	for i := range c.Before {
		if c.Before[i].Record == version {
			was.Options = c.Before[i].Options
		}
	}
	return was.Chosen(number)
}

// Forgotten reports whether the version of a question that an answer is to is erased, and with it the words of its options.
func (c *Consultation) Forgotten(version protocol.Name) bool {
	return c.Erased != nil && (version.IsZero() || version == c.Record) || slices.ContainsFunc(c.Before, func(q Asked) bool { return q.Erased != nil && q.Record == version })
}

// Chosen gives the option that stands at a number now; "" where none does: an answer may have come from where the
// options were others.
func (c *Consultation) Chosen(number int) body.Label {
	if number < 1 || number > len(c.Options) {
		return ""
	}
	return c.Options[number-1]
}
