package desk

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// checkHearing refuses what would count nowhere in a consultation, and an outcome that passes
// over an answer.
func (d *Desk) checkHearing(s *statement, b body.Body) error {
	switch b := b.(type) {
	case *body.Consultation:
		return d.checkQuestion(s, b)
	case *body.ConsultationResponse:
		return d.checkResponse(s, b)
	case *body.ConsultationOutcome:
		return d.checkOutcome(s, b)
	case *body.Correction:
		return d.checkMended(s, b)
	}
	return nil
}

func (d *Desk) checkQuestion(s *statement, c *body.Consultation) error {
	if err := d.checkAsked(s, c); err != nil {
		return err
	}
	switch {
	case c.ClosesAt.Instant() <= d.now():
		return &Problem{Kind: Refused, Field: "closes_at", Detail: "it would be closed already", Mend: "give a moment to come", Next: "vardar publish consultation --help"}
	case c.Line > 0:
		return d.checkLine(s, c)
	}
	return nil
}

// checkAsked wants somebody who can answer.
func (d *Desk) checkAsked(s *statement, c *body.Consultation) error {
	if slices.ContainsFunc(d.addressed(c.To), func(id protocol.InstitutionID) bool { return id != s.as }) {
		return nil
	}
	return &Problem{Kind: Refused, Field: "to", Detail: "it asks nobody but who asks", Mend: "name those who are to answer, or a group that has members", Next: "vardar list members"}
}

// checkLine wants the line that a consultation is about to be one of the plan that it names.
func (d *Desk) checkLine(s *statement, c *body.Consultation) error {
	ref, _ := c.Ref(body.RelAbout)
	view := d.world(s.world)
	p := planOf(&view, ref.Record)
	if p == nil {
		return &Problem{Kind: Refused, Field: "line", Detail: ref.Record.String() + " is no fund plan that counts here, and only a plan has lines", Mend: "leave the line out, or name the plan", Next: "vardar list plans"}
	}
	return wantLine(p, c.Line, "line")
}

// heard finds the consultation that a record answers or concludes.
func (d *Desk) heard(w board.World, c *body.Common, rel body.Relation) (*board.Consultation, error) {
	ref, _ := c.Ref(rel)
	row := d.questionOf(w, ref.Record, ref.Digest)
	switch {
	case row == nil:
		return nil, problem(NotFound, "vardar list consultations", "%s is no consultation that counts here", ref.Record)
	case row.State == board.ConsultationWithdrawn:
		return nil, problem(Refused, "vardar show "+row.Record.String(), "%s was taken back by who asked", row.Record)
	case row.State == board.ConsultationErased:
		return nil, problem(Refused, "vardar show "+row.Record.String(), "%s was erased: what it asked is gone", row.Record)
	}
	return row, nil
}

// questionOf gives a consultation as it stands, with whom it asks; nil where none counts.
func (d *Desk) questionOf(w board.World, n protocol.Name, digest protocol.Digest) *board.Consultation {
	view := d.world(w)
	address(&view, d.o.Trust)
	return pick(view.Consultations, func(c *board.Consultation) bool { return c.Record == n && c.Digest == digest })
}

func (d *Desk) checkResponse(s *statement, r *body.ConsultationResponse) error {
	c, err := d.heard(s.world, &r.Common, body.RelAnswers)
	if err != nil {
		return err
	}
	next := "vardar show " + c.Record.String()
	switch {
	case !d.mayBeHeard(c, s.as):
		return problem(Refused, next, "%s is not asked by this consultation", s.as)
	case c.State == board.ConsultationAhead:
		return problem(Refused, next, "this consultation opens at %s", c.OpensAt)
	case d.now() >= c.ClosesAt:
		return problem(Refused, next, "this consultation closed at %s: an answer would be late", c.ClosesAt)
	case c.State != board.ConsultationOpen:
		return problem(Refused, next, "this consultation is concluded")
	}
	return d.checkAnswer(s, c, r)
}

// mayBeHeard reports whether an answer of an institution would count by whom a consultation asks, or asked before it was put
// right: who asked can stop to wait for an answer, and not keep it from being given.
func (d *Desk) mayBeHeard(c *board.Consultation, id protocol.InstitutionID) bool {
	return id != c.Institution && asks(d.o.Trust, c.Addressees(), id, c.Ends())
}

// checkAnswer refuses an option that there is not, and needs and capacity that are none of the author's own.
func (d *Desk) checkAnswer(s *statement, c *board.Consultation, r *body.ConsultationResponse) error {
	next := "vardar show " + c.Record.String()
	switch {
	case int(r.Option) > len(c.Options):
		return &Problem{Kind: Refused, Field: "option", Detail: fmt.Sprintf("there is no option %d", r.Option), Mend: fmt.Sprintf("this consultation has %d options: leave it out, or choose one", len(c.Options)), Next: next}
	case !r.NeedsRef.IsZero() && r.NeedsRef.Institution != s.as:
		return &Problem{Kind: Refused, Field: "needs_ref", Detail: r.NeedsRef.String() + " is another's", Mend: "name an assessment of your own", Next: "vardar list needs --by " + string(s.as)}
	case !r.CapacityRef.IsZero() && r.CapacityRef.Institution != s.as:
		return &Problem{Kind: Refused, Field: "capacity_ref", Detail: r.CapacityRef.String() + " is another's", Mend: "name a declaration of your own", Next: "vardar list capacity --by " + string(s.as)}
	}
	if err := d.wantNeeds(r.NeedsRef, "needs_ref"); err != nil {
		return err
	}
	if h, err := d.held(r.CapacityRef); err == nil && h.Type != body.TypeCapacity {
		return &Problem{Kind: Refused, Field: "capacity_ref", Detail: h.String() + " is no declaration of capacity", Mend: "name another", Next: "vardar list capacity --by " + string(s.as)}
	}
	return nil
}

// checkOutcome refuses one before its time, one by somebody else, a second one, and one that
// passes over an answer. While answers signed in time may still come, it must be wanted.
func (d *Desk) checkOutcome(s *statement, o *body.ConsultationOutcome) error {
	c, err := d.heard(s.world, &o.Common, body.RelConcludes)
	if err != nil {
		return err
	}
	next := "vardar show " + c.Record.String()
	switch {
	case c.Institution != s.as:
		return problem(NotPermitted, next, "%s asked: only it concludes", c.Institution)
	case d.now() < c.ClosesAt:
		return problem(Refused, next, "this consultation is open until %s: answers may still come", c.ClosesAt)
	case c.Outcome != nil:
		return problem(Refused, "vardar correct "+c.Outcome.Record.String(), "this consultation is concluded: correct its outcome %s", c.Outcome.Record)
	}
	if err := considers(c, o); err != nil {
		return err
	}
	if d.awaited(c) && !s.knowing {
		silent := fmt.Sprintf("%d who were asked have not answered, and what they signed in time may come until %s", len(c.Silent), c.Until())
		if len(c.Silent) == 1 {
			silent = fmt.Sprintf("1 who was asked has not answered, and what it signed in time may come until %s", c.Until())
		}
		return &Problem{
			Kind: Refused, Detail: silent,
			Mend: "wait, or say that you know of it and conclude, and correct the outcome if an answer comes", Next: "vardar publish outcome --set thread=" + c.Record.String() + " --knowing",
		}
	}
	return nil
}

// considers wants a consideration of every answer that counts, and none of what came late.
func considers(c *board.Consultation, o *body.ConsultationOutcome) error {
	next := "vardar show " + c.Record.String()
	has := map[protocol.Digest]bool{}
	for i := range o.Considered {
		if err := checkConsidered(c, o, i); err != nil {
			return err
		}
		has[o.Considered[i].Digest] = true
	}
	for i := range c.Answers {
		if a := &c.Answers[i]; a.Counting() && !has[a.Digest] {
			return &Problem{
				Kind: Refused, Field: "considered", Detail: fmt.Sprintf("%s has answered, and nothing says what became of it: %s", a.Institution, a.Record),
				Mend: "consider every answer that was received, each with the reason", Next: next,
			}
		}
	}
	return nil
}

// checkConsidered wants one consideration of an outcome to be of an answer, as it counts.
func checkConsidered(c *board.Consultation, o *body.ConsultationOutcome, i int) error {
	k, field, next := &o.Considered[i], fmt.Sprintf("considered.%d.response", i), "vardar show "+c.Record.String()
	a := pick(c.Answers, func(a *board.ConsultationAnswer) bool { return a.Record == k.Response && a.Digest == k.Digest })
	switch {
	case a == nil && slices.ContainsFunc(c.Answers, func(a board.ConsultationAnswer) bool { return a.Record == k.Response }):
		return &Problem{Kind: Refused, Field: field, Detail: k.Digest.String() + " is not the digest of " + k.Response.String(), Mend: "leave it out: it is filled in", Next: next}
	case a == nil:
		return &Problem{Kind: Refused, Field: field, Detail: k.Response.String() + " is no answer to this consultation", Mend: "name one of its answers", Next: next}
	case a.State == board.AnswerLate:
		return &Problem{Kind: Refused, Field: field, Detail: k.Response.String() + " came late: to consider it would let it count", Mend: "leave it out", Next: next}
	case !a.Counting() || hasRead(o, a):
		return nil
	case a.Erased != nil:
		return erasedMeanwhile(field, c, a)
	}
	return &Problem{
		Kind: Refused, Field: field, Detail: fmt.Sprintf("%s put its answer %s right, by %s, and this considers what it said before", a.Institution, a.Record, a.Version),
		Mend: "read what it says, and say again what becomes of it", Next: next,
	}
}

// hasRead reports whether an outcome considers an answer as it counts.
func hasRead(o *body.ConsultationOutcome, a *board.ConsultationAnswer) bool {
	return a.Version.IsZero() || slices.ContainsFunc(o.Refs, func(ref body.Ref) bool { return ref.Rel == body.RelAbout && ref.Record == a.Version })
}

// checkMended holds a correction against what the record that it puts right is bound to.
func (d *Desk) checkMended(s *statement, b *body.Correction) error {
	ref, _ := b.Ref(body.RelCorrects)
	h, err := d.held(ref.Record)
	if err != nil {
		return nil //nolint:nilerr // what is not here is shown as astray
	}
	if err = d.stillSays(&h, s.after); err != nil {
		return err
	}
	if b.Action != body.Replace {
		return d.checkTakenBack(s, &h)
	}
	kind, err := b.Replaced(h.Type)
	if err != nil {
		return misfit(err, "vardar correct --help")
	}
	if _, err = d.checkBelonging(s, kind.Base().Project); err != nil {
		return err
	}
	if _, err = d.checkAddressees(kind.Base().To); err != nil {
		return err
	}
	switch kind := kind.(type) {
	case *body.Flow:
		if err = checkThread(&h, kind); err != nil {
			return err
		}
		return d.checkFlowMended(s, &h, kind)
	case *body.ResourceStep:
		if err = checkThread(&h, kind); err != nil {
			return err
		}
		return d.checkStepMended(s, &h, kind)
	case *body.Plan:
		return d.checkVersion(s, &h, kind)
	case *body.Consultation:
		return d.checkQuestionMended(s, &h, kind)
	case *body.ConsultationResponse:
		return d.checkAnswerMended(s, kind)
	case *body.ConsultationOutcome:
		var c *board.Consultation
		if c, err = d.heard(s.world, &kind.Common, body.RelConcludes); err != nil {
			return err
		}
		return considers(c, kind)
	case *body.Strategy:
		_, err = d.checkStrategy(s, kind)
		return err
	case *body.Project:
		_, err = d.checkProject(s, kind)
		return err
	}
	return nil
}

// checkTakenBack refuses to take back a question that is concluded, as its outcome stands with it, and an outcome: those who
// answered were told of it. An answer stays as it was once the consultation has closed: what was decided had it before it. A
// plan that money is for is taken back knowingly.
func (d *Desk) checkTakenBack(s *statement, h *Held) error {
	if was := d.questionOf(s.world, h.Name, h.Digest); was != nil && wasConcluded(was) {
		return concludedStays(was, "")
	}
	view := d.world(s.world)
	if p := planOf(&view, h.Name); p != nil && p.Record == h.Name && h.Type == body.TypePlan {
		return checkTakenOut(s, &view, p, nil)
	}
	if c := pick(view.Consultations, func(c *board.Consultation) bool {
		return slices.ContainsFunc(c.Answers, func(a board.ConsultationAnswer) bool { return a.Record == h.Name })
	}); c != nil && d.now() >= c.ClosesAt {
		return answerStays(c)
	}
	if h.Type != body.TypeOutcome || pick(view.Consultations, func(c *board.Consultation) bool { return c.Decides(h.Name) }) == nil {
		return nil
	}
	return &Problem{
		Kind: Refused, Detail: "those who answered were told of this outcome, and it stays", Mend: "put it right instead: what was decided before stays beside it",
		Next: "vardar correct " + h.String(),
	}
}

// wasConcluded reports whether those who answered a consultation were told of an outcome, though it may be gone.
func wasConcluded(c *board.Consultation) bool {
	return c.State == board.ConsultationConcluded || len(c.Undone) > 0
}

func concludedStays(c *board.Consultation, field string) error {
	if c.Outcome == nil {
		return &Problem{Kind: Refused, Field: field, Detail: "this consultation was concluded, and its outcome was taken back or erased", Mend: "leave the question as it was asked, and conclude it again", Next: "vardar publish outcome --set thread=" + c.Record.String()}
	}
	return &Problem{Kind: Refused, Field: field, Detail: "this consultation is concluded", Mend: "leave the question as it was asked, and correct its outcome, or ask anew", Next: "vardar correct " + c.Outcome.Record.String()}
}

// checkConcluded refuses to open a question again that is concluded, and to ask it of others.
func checkConcluded(was *board.Consultation, said *body.Consultation) error {
	switch {
	case was == nil || !wasConcluded(was):
		return nil
	case said.OpensAt.Instant() != was.OpensAt:
		return concludedStays(was, "opens_at")
	case said.ClosesAt.Instant() != was.ClosesAt:
		return concludedStays(was, "closes_at")
	case !slices.Equal(said.To, was.To):
		return concludedStays(was, "to")
	}
	return nil
}

// checkQuestionMended refuses what would make late what came in time, a question that asks nobody, and one that
// those who have answered were not asked: once an answer counts, its author stays asked, it stays open, the words stay, and
// options are only added behind the others, since an answer names one by its number.
func (d *Desk) checkQuestionMended(s *statement, h *Held, said *body.Consultation) error {
	was, next := d.questionOf(s.world, h.Name, h.Digest), "vardar show "+h.String()
	if err := checkConcluded(was, said); err != nil {
		return err
	}
	if closes := said.ClosesAt.Instant(); closes < d.now() && (was == nil || was.ClosesAt != closes) {
		return &Problem{Kind: Refused, Field: "closes_at", Detail: "it would be closed already", Mend: "give a moment to come", Next: next}
	}
	if err := d.checkAsked(s, said); err != nil {
		return err
	}
	switch {
	case was == nil || was.Counted() == 0:
		return nil
	case said.OpensAt.Instant() > d.now() && said.OpensAt.Instant() != was.OpensAt:
		return &Problem{Kind: Refused, Field: "opens_at", Detail: "an answer counts, and the consultation would not be open yet", Mend: "leave the opening as it is, or take it back and ask anew", Next: next}
	case string(said.Question) != was.Question:
		return &Problem{Kind: Refused, Field: "question", Detail: "an answer to the question as it stands counts", Mend: "leave its words as they are, or take it back and ask anew", Next: next}
	case len(said.Options) < len(was.Options) || !slices.Equal(said.Options[:len(was.Options)], was.Options):
		return &Problem{Kind: Refused, Field: "options", Detail: "answers name an option by its number, and one that counts would name another", Mend: "leave these options in their order, and add others behind them", Next: next}
	}
	for i := range was.Answers {
		if a := &was.Answers[i]; a.Counting() && !asks(d.o.Trust, said.To, a.Institution, was.Ends()) {
			return &Problem{Kind: Refused, Field: "to", Detail: string(a.Institution) + " has answered, and its answer counts", Mend: "leave it among those who are asked, or take the question back and ask anew", Next: next}
		}
	}
	return nil
}

// checkAnswerMended holds an answer to the closing.
func (d *Desk) checkAnswerMended(s *statement, answer *body.ConsultationResponse) error {
	c, err := d.heard(s.world, &answer.Common, body.RelAnswers)
	if err != nil {
		return err
	}
	if d.now() >= c.ClosesAt {
		return answerStays(c)
	}
	return d.checkAnswer(s, c, answer)
}

func answerStays(c *board.Consultation) error {
	return problem(Refused, "vardar show "+c.Record.String(), "this consultation closed at %s: an answer stays as it was", c.ClosesAt)
}
