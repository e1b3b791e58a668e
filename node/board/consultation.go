package board

import (
	"cmp"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// AnswerGrace is how long after the closing of a consultation an answer may still arrive that
// was signed before it: a line may be cut (domain.md §4).
const AnswerGrace = 72 * time.Hour

// ConsultationState says how far a consultation is.
type ConsultationState string

// The states.
const (
	ConsultationAhead     ConsultationState = "not open yet"
	ConsultationOpen      ConsultationState = "open"
	ConsultationClosed    ConsultationState = "closed" // its outcome is awaited
	ConsultationConcluded ConsultationState = "concluded"
	ConsultationWithdrawn ConsultationState = "taken back"
	ConsultationErased    ConsultationState = "erased" // what it asked is gone; those who have answered stay
)

// Consultation is a question with all answers to it, and its outcome.
type Consultation struct {
	Record      protocol.Name            `json:"record"`
	Digest      protocol.Digest          `json:"digest"`
	Institution protocol.InstitutionID   `json:"institution"`
	AuthorTime  protocol.Instant         `json:"author_time"`
	Question    string                   `json:"question"`
	Options     []body.Label             `json:"options,omitempty"`
	Background  string                   `json:"background,omitempty"`
	OpensAt     protocol.Instant         `json:"opens_at,omitzero"`
	ClosesAt    protocol.Instant         `json:"closes_at,omitzero"`
	About       protocol.Name            `json:"about,omitzero"` // a policy, a plan
	Line        int                      `json:"line,omitempty"` // of that plan
	To          []body.Addressee         `json:"to"`
	ToBefore    []body.Addressee         `json:"to_before,omitempty"` // whom earlier versions asked, and this one does not: what they have answered counts
	Before      []Asked                  `json:"before,omitempty"`    // what it said before it was put right, the oldest first
	Project     protocol.Name            `json:"project,omitzero"`
	Correction  protocol.Name            `json:"correction,omitzero"`
	Reason      string                   `json:"reason,omitempty"` // of that correction
	State       ConsultationState        `json:"state"`
	TakenBack   *TakenBack               `json:"taken_back,omitempty"` // by who asked; concluded before, it stays so
	Erased      *TakenBack               `json:"erased,omitempty"`     // by who asked, or its registrar; concluded, it stays so
	Answers     []ConsultationAnswer     `json:"answers"`              // by institution, in the order of its feed
	Positions   []PositionCount          `json:"positions,omitempty"`
	Outcome     *Outcome                 `json:"outcome,omitempty"`
	Undone      []Decided                `json:"undone,omitempty"`    // what was decided behind that, or where none is in force, and taken back or erased
	Ignored     []IgnoredOutcome         `json:"ignored,omitempty"`   // outcomes by others
	Waiting     []protocol.Name          `json:"waiting,omitempty"`   // answers that count and are not considered
	Invited     []protocol.InstitutionID `json:"invited,omitempty"`   // whom To means; no part of the digest
	Silent      []protocol.InstitutionID `json:"no_answer,omitempty"` // of these, who has said nothing that counts, or was considered and taken back; the same
}

// AnswerState says whether an answer counts.
type AnswerState string

// The states.
const (
	AnswerCounts    AnswerState = "counts"
	AnswerReplaced  AnswerState = "replaced" // by a later one of the same institution
	AnswerLate      AnswerState = "late"
	AnswerUninvited AnswerState = "not invited"
	AnswerErased    AnswerState = "erased"     // it was received, and is considered as one that counts; what it said is gone
	AnswerWithdrawn AnswerState = "taken back" // by its author, before the closing
)

// ConsultationAnswer is one answer.
type ConsultationAnswer struct {
	Record        protocol.Name          `json:"record"`
	Digest        protocol.Digest        `json:"digest"`
	Institution   protocol.InstitutionID `json:"institution"`
	AuthorTime    protocol.Instant       `json:"author_time"`
	Accepted      protocol.Instant       `json:"accepted,omitzero"`         // by this node; no part of the digest
	Since         protocol.Instant       `json:"-"`                         // what this node had accepted before, when it had this one, is not known; the same
	Unjudged      bool                   `json:"arrival_unknown,omitempty"` // whether it came in time can't be told here: it may have been here before Since; the same
	Position      body.ResponsePosition  `json:"position,omitempty"`        // erased: none
	Option        int                    `json:"option,omitempty"`          // of the options, from 1, as the version has them that it is to
	Read          protocol.Name          `json:"read,omitzero"`             // the version of the question that it is to; none: as it was asked first
	Text          string                 `json:"text,omitempty"`
	NeedsRef      protocol.Name          `json:"needs_ref,omitzero"`
	CapacityRef   protocol.Name          `json:"capacity_ref,omitzero"`
	Correction    protocol.Name          `json:"correction,omitzero"`
	Version       protocol.Name          `json:"version,omitzero"`     // its last correction by the closing: as what it counts; none: as it was said first
	TakenBack     *TakenBack             `json:"taken_back,omitempty"` // by its author; behind the closing it counts all the same
	Erased        *TakenBack             `json:"erased,omitempty"`     // by its author, or its author's registrar
	State         AnswerState            `json:"state"`
	Consideration body.Consideration     `json:"consideration,omitempty"`
	Reason        string                 `json:"reason,omitempty"`            // of the consideration
	Outdated      bool                   `json:"considered_before,omitempty"` // that is of what it said before that version, and it is not considered yet
}

// PositionCount counts the answers of a position that count.
type PositionCount struct {
	Position body.ResponsePosition `json:"position"`
	Answers  int                   `json:"answers"`
}

// Outcome is the decision in force, with those before it.
type Outcome struct {
	Record     protocol.Name     `json:"record"`
	Digest     protocol.Digest   `json:"digest"`
	AuthorTime protocol.Instant  `json:"author_time"`
	Accepted   protocol.Instant  `json:"-"` // by this node; no part of the digest
	Decision   string            `json:"decision"`
	Considered []body.Considered `json:"considered"`
	Read       []protocol.Name   `json:"read,omitempty"`      // the corrections of answers that it has considered them as
	Correction protocol.Name     `json:"correction,omitzero"` // that put it right last
	Reason     string            `json:"reason,omitempty"`    // of that correction
	History    []Decided         `json:"history,omitempty"`   // what was decided before, the oldest first
}

// Decided is an earlier decision.
type Decided struct {
	Record     protocol.Name     `json:"record"`
	AuthorTime protocol.Instant  `json:"author_time"`
	Decision   string            `json:"decision"`
	Considered []body.Considered `json:"considered"`
	Reason     string            `json:"reason,omitempty"`     // of the correction, if it was one
	TakenBack  *TakenBack        `json:"taken_back,omitempty"` // by its author, who should have put it right
	Erased     *TakenBack        `json:"erased,omitempty"`     // by its author, or its author's registrar: what it said is gone
}

// IgnoredOutcome is one by somebody who did not ask.
type IgnoredOutcome struct {
	Record protocol.Name   `json:"record"`
	Digest protocol.Digest `json:"digest"`
}

// consultation, response and outcome are the essences of the three kinds.
type (
	consultation struct{ row Consultation }
	response     struct {
		to    body.Ref
		about []body.Ref // the version of the question that it is to is among them, if that was put right
		row   ConsultationAnswer
	}
	outcome struct {
		to         body.Ref
		about      []body.Ref // the corrections of answers that it had read are among them
		decision   string
		considered []body.Considered
	}
)

func newConsultation(b *body.Consultation) *consultation {
	c := &consultation{row: Consultation{
		Question: string(b.Question), Options: b.Options, Background: string(b.Background), OpensAt: b.OpensAt.Instant(), ClosesAt: b.ClosesAt.Instant(),
		Line: int(b.Line), To: b.To, Project: b.Project,
	}}
	if ref, ok := b.Ref(body.RelAbout); ok {
		c.row.About = ref.Record
	}
	return c
}

func newResponse(b *body.ConsultationResponse) *response {
	r := &response{row: ConsultationAnswer{
		Position: b.Position, Option: int(b.Option), Text: string(b.Text), NeedsRef: b.NeedsRef, CapacityRef: b.CapacityRef,
	}}
	r.to, _ = b.Ref(body.RelAnswers)
	r.about = aboutOf(&b.Common)
	return r
}

// aboutOf gives what a record says that it is about.
func aboutOf(c *body.Common) []body.Ref {
	return slices.DeleteFunc(slices.Clone(c.Refs), func(ref body.Ref) bool { return ref.Rel != body.RelAbout })
}

func newOutcome(b *body.ConsultationOutcome) *outcome {
	o := &outcome{about: aboutOf(&b.Common), decision: string(b.Decision), considered: b.Considered}
	o.to, _ = b.Ref(body.RelConcludes)
	return o
}

// heardBy gives the digest of the consultation that a record belongs to. One that was taken
// back is shown all the same, as others have answered it; and so is an outcome, as others were told of it.
func heardBy(e *entry) (protocol.Digest, bool) {
	switch s := e.spoken().(type) {
	case *consultation:
		return e.digest, true
	case *response:
		return s.to.Digest, true
	case *outcome:
		return s.to.Digest, true
	}
	_, asked := e.what.(*consultation)
	return e.digest, asked && e.standing == Retracted || e.erasedAs(body.TypeConsultation) || e.erasedAs(body.TypeResponse) || e.erasedAs(body.TypeOutcome)
}

// foldHearing keeps what belongs to a consultation: they are joined at the question, since
// whom a reference leads to hangs on verdicts that may change.
func foldHearing(_ protocol.Digest, of []*entry) []*entry { return slices.Clone(of) }

// consultationRows gives all consultations of a world at an instant, by name.
func (b *Board) consultationRows(w *world, at protocol.Instant) []Consultation {
	lead := b.reissued()
	var asked, erased []*entry
	said := map[protocol.Digest][]*entry{}
	hear := func(e *entry, ref body.Ref) {
		if to := lead.lead(ref); to != nil {
			ref = refOf(to)
		}
		if root := b.entries[ref.Digest]; root != nil && root.name == ref.Record {
			said[ref.Digest] = append(said[ref.Digest], e)
		}
	}
	for _, members := range w.hearings.rows(compareDigests) {
		for _, e := range members {
			switch s := e.spoken().(type) {
			case *response:
				hear(e, s.to)
			case *outcome:
				hear(e, s.to)
			default:
				if e.erasedAs(body.TypeResponse) || e.erasedAs(body.TypeOutcome) {
					erased = append(erased, e)
				} else {
					asked = append(asked, e)
				}
			}
		}
	}
	for _, e := range erased {
		hear(e, b.erasedTo(e, said))
	}
	var out []Consultation
	for _, e := range asked {
		c := b.consulted(e, at)
		slices.SortFunc(said[e.digest], byAuthor)
		b.hear(&c, said[e.digest])
		c.Judge(c.named)
		if c.concluded() {
			c.State = ConsultationConcluded
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y Consultation) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out
}

// consulted is the row of a question before it is answered; of one that was taken back it is what it said last, and of one that
// was erased what its corrections said stands as what it said before.
func (b *Board) consulted(e *entry, at protocol.Instant) Consultation {
	var row Consultation
	var asked []Asked
	inForce := -1
	for _, m := range b.stages(e) {
		if m.erased != nil {
			asked = append(asked, Asked{Record: m.name, AuthorTime: m.time, To: []body.Addressee{}, Erased: erasedBy(m.erased)})
		} else if q, reason, ok := readable[*consultation](m); ok {
			row, row.Reason = q.row, reason
			asked, inForce = append(asked, Asked{m.name, m.time, row.Question, row.Options, row.Background, row.OpensAt, row.ClosesAt, row.To, reason, nil}), len(asked)
		}
	}
	if e.erased != nil {
		row, inForce, asked = Consultation{To: []body.Addressee{}, Erased: erasedBy(e.erased)}, -1, asked[1:]
	}
	row.Record, row.Digest, row.Institution, row.AuthorTime = e.name, e.digest, e.name.Institution, e.time
	row.Answers = []ConsultationAnswer{}
	for i := range asked {
		if i != inForce {
			row.Before = append(row.Before, asked[i])
		}
	}
	row.ToBefore = row.letGo()
	if e.by != nil {
		row.Correction = e.by.name
	}
	switch {
	case row.Erased != nil:
		row.State = ConsultationErased
	case e.now == nil:
		row.State, row.TakenBack = ConsultationWithdrawn, tookBack(e)
	case at < row.OpensAt:
		row.State = ConsultationAhead
	case at < row.ClosesAt:
		row.State = ConsultationOpen
	default:
		row.State = ConsultationClosed
	}
	return row
}

// hear takes the answers and the outcomes; of the outcomes the last one is in force that was not taken back or erased.
func (b *Board) hear(c *Consultation, of []*entry) {
	var before []Decided
	for _, e := range of {
		_, said := e.spoken().(*outcome)
		switch {
		case !said && !e.erasedAs(body.TypeOutcome):
			c.Answers = append(c.Answers, b.answered(e, c))
		case e.name.Institution == c.Institution:
			o, versions := b.decided(e)
			before = c.decide(o, versions, before)
		case e.now != nil:
			c.Ignored = append(c.Ignored, IgnoredOutcome{e.name, e.digest})
		}
	}
}

// decided gives what an outcome said, the oldest first, and as what it is in force; nil where it was taken back, or where what
// it said last is erased.
func (b *Board) decided(e *entry) (*Outcome, []Decided) {
	var out *Outcome
	var versions []Decided
	for _, m := range b.stages(e) {
		if m.erased != nil {
			out, versions = nil, append(versions, Decided{Record: m.name, AuthorTime: m.time, Considered: []body.Considered{}, Erased: erasedBy(m.erased)})
		} else if s, reason, ok := readable[*outcome](m); ok {
			out = &Outcome{Record: e.name, Digest: e.digest, AuthorTime: e.time, Decision: s.decision, Considered: b.considered(s), Read: b.hasRead(s), Reason: reason}
			versions = append(versions, Decided{Record: m.name, AuthorTime: m.time, Decision: s.decision, Considered: out.Considered, Reason: reason})
		}
	}
	if back := tookBack(e); back != nil || e.erased != nil {
		out, versions[len(versions)-1].TakenBack = nil, back
	}
	if out != nil && e.by != nil {
		out.Correction = e.by.name
	}
	return out, versions
}

// considered gives the considerations, each at the record that its answer goes on in.
func (b *Board) considered(s *outcome) []body.Considered {
	out := append([]body.Considered{}, s.considered...)
	for i := range out {
		if to := b.reissued().lead(body.Ref{Record: out[i].Response, Digest: out[i].Digest}); to != nil {
			out[i].Response, out[i].Digest = to.name, to.digest
		}
	}
	return out
}

// hasRead gives the corrections of answers that an outcome names, each where it goes on.
func (b *Board) hasRead(s *outcome) []protocol.Name {
	var out []protocol.Name
	for _, ref := range s.about {
		if to := b.reissued().lead(ref); to != nil {
			ref = refOf(to)
		}
		out = append(out, ref.Record)
	}
	return out
}
