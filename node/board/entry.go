package board

import (
	"cmp"
	"errors"
	"unique"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// entry is what the board keeps of one record: header and essentials, never the body.
type entry struct {
	name     protocol.Name
	digest   protocol.Digest
	kind     string // the record's type
	time     protocol.Instant
	accepted protocol.Instant
	exercise bool
	state    protocol.BodyState
	verdict  Verdict

	said          // what its body says
	hidden *said  // the same while an erasure is in force, and the body is still told of
	erased *entry // that erasure

	standing Standing // after verdicts and corrections
	why      string
	now      essence // what counts of it; nil if nothing
	by       *entry  // the correction in force

	belongs protocol.Name // the project that it was put with
}

// said is what was read in a body.
type said struct {
	own    Standing // whatever the verdicts say
	reason string   // why own is not Counts
	what   essence  // nil unless own is Counts
	newer  bool     // some members are of a newer version

	plays    protocol.Name   // what began the exercise that it is part of
	reissues []body.Ref      // void records of its author that it says again (epochs.md 15)
	speaksOf []protocol.Name // other records: its thread's, its incident's, those it refers to
	project  protocol.Name   // that it belongs to
}

// essence is what a kind's fold needs of a body.
type essence any

// identity is the essence of kinds that the board only counts: trust's own.
type identity struct{}

// newEntry reads an event's body, once.
func newEntry(e *Event) *entry {
	r := &e.Record
	out := &entry{
		name: r.Name, digest: e.Digest, kind: intern(r.Type), time: r.Time,
		accepted: e.Accepted, exercise: r.Exercise, state: r.BodyState,
		verdict: Verdict{e.Digest, e.Stopped, e.Void, e.Competent},
	}
	out.name.Institution = protocol.InstitutionID(intern(string(r.Institution)))
	out.read(r)
	return out
}

// read judges the body and takes what is needed of it.
func (e *entry) read(r *protocol.Record) {
	e.said, e.hidden = said{own: Counts}, nil
	defer e.hide()
	switch {
	case r.BodyState != protocol.BodyHeld:
		e.own = NoBody
		return
	case r.Sealed:
		e.own = Sealed
		return
	}
	b, err := body.Parse(r.Type, r.Body)
	switch {
	case errors.Is(err, body.ErrUnknownKind):
		e.own = NeedsNewer
	case err != nil:
		e.own, e.reason = Unreadable, err.Error()
	default:
		e.what, e.newer = essenceOf(b, e.name), len(b.Base().Unknown) > 0
		e.speaksOf, e.project = speaksOf(b.Base()), b.Base().Project
		if e.exercise {
			e.plays = playsIn(b, e.name)
		}
		for _, r := range b.Base().Refs {
			if r.Rel == body.RelReissues {
				e.reissues = append(e.reissues, r)
			}
		}
	}
}

// essenceOf takes from a body what the fold of its kind needs.
func essenceOf(b body.Body, name protocol.Name) essence {
	switch b := b.(type) {
	case *body.SituationReport:
		if b.Regional != nil {
			return &regional{b} // what others report, added up: no word of its author's own
		}
		return newReport(b)
	case *body.Route:
		return newRoute(b)
	case *body.Phase:
		return newPhase(b)
	case *body.Alert:
		return newAlert(b)
	case *body.Needs:
		return newNeeds(b)
	case *body.Capacity:
		return newCapacity(b)
	case *body.ResourceStep:
		return newStep(b, name)
	case *body.Flow:
		return newFlowStep(b, name)
	case *body.Plan:
		return newPlan(b)
	case *body.Consultation:
		return newConsultation(b)
	case *body.ConsultationResponse:
		return newResponse(b)
	case *body.ConsultationOutcome:
		return newOutcome(b)
	case *body.Strategy:
		return newStrategy(b)
	case *body.Project:
		return newProject(b)
	case *body.Practice:
		return newPractice(b)
	case *body.Note:
		return newNote(b, name)
	case *body.Correction:
		return newCorrection(b)
	case *body.Acknowledgement:
		return newAcknowledgement(b)
	case *body.Erasure:
		return newErasure(b)
	case *body.Endorsement:
		return newEndorsement(b)
	}
	return identity{}
}

// better reports whether a second telling of a record knows more of its body: erased is
// final, a body that is here beats one that is not, and withheld says more than missing,
// so that the order of telling changes nothing.
func better(a, b protocol.BodyState) bool {
	rank := func(s protocol.BodyState) int {
		switch s {
		case protocol.BodyErased:
			return 3
		case protocol.BodyHeld:
			return 2
		case protocol.BodyWithheld:
			return 1
		case protocol.BodyMissing:
		}
		return 0
	}
	return rank(a) > rank(b)
}

// judge gives the standing that verdicts and body make, before corrections.
func (e *entry) judge() (Standing, string) {
	switch {
	case e.verdict.Void:
		return Void, ""
	case e.verdict.Stopped:
		return Stopped, ""
	case e.own != Counts:
		return e.own, e.reason
	case !e.verdict.Competent:
		return BeyondCompetence, ""
	}
	return Counts, ""
}

// before orders the statements of one feed: epoch, then sequence; never a clock. Of rivals
// at one position the digest decides, so that the order is whole.
func before(a, b *entry) int {
	return cmp.Or(
		cmp.Compare(a.name.Epoch, b.name.Epoch),
		cmp.Compare(a.name.Sequence, b.name.Sequence),
		compareDigests(a.digest, b.digest),
	)
}

func compareDigests(a, b protocol.Digest) int { return cmp.Compare(string(a[:]), string(b[:])) }

func compareNames(a, b protocol.Name) int {
	return cmp.Or(
		cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic),
		cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Sequence, b.Sequence),
	)
}

// byName puts records of several feeds in one order; two of one name are of a fork.
func byName(a, b *entry) int {
	return cmp.Or(compareNames(a.name, b.name), compareDigests(a.digest, b.digest))
}

// intern makes equal strings share their bytes: the same places, units and institutions
// stand in every record.
func intern(s string) string { return unique.Make(s).Value() }

func internKey(k body.PlaceKey) body.PlaceKey {
	return body.PlaceKey{Scheme: body.Scheme(intern(string(k.Scheme))), Code: intern(k.Code)}
}
