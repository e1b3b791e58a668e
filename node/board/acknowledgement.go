package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Acknowledgement is the latest word of one institution on one record of another.
// Received is a machine's word; the others are a person's.
type Acknowledgement struct {
	Of          protocol.Name             `json:"of"`
	OfDigest    protocol.Digest           `json:"of_digest"`
	Institution protocol.InstitutionID    `json:"institution"`
	State       body.AcknowledgementState `json:"state"`
	Reason      string                    `json:"reason,omitempty"`
	Reference   ReferenceState            `json:"reference"`
	Record      protocol.Name             `json:"record"`
	Digest      protocol.Digest           `json:"digest"`
	AuthorTime  protocol.Instant          `json:"author_time"`

	Answered protocol.Instant `json:"-"` // when a person of theirs said so first, by its author's clock; zero: a machine alone did
}

// ReferenceState says whether a reference leads to its record.
type ReferenceState string

// The states of a reference.
const (
	RefHeld    ReferenceState = "held"
	RefWaiting ReferenceState = "waiting" // the record is not here
	RefBroken  ReferenceState = "broken"  // name and digest are of different records
)

// acknowledgement is the essence of one.
type acknowledgement struct {
	target body.Ref
	state  body.AcknowledgementState
	reason string
}

func newAcknowledgement(b *body.Acknowledgement) *acknowledgement {
	ref, _ := b.Ref(body.RelAcknowledges)
	return &acknowledgement{ref, b.State, string(b.Reason)}
}

// ackKey names who speaks on which record.
type ackKey struct {
	target      protocol.Digest
	institution protocol.InstitutionID
}

func compareAcks(a, b ackKey) int {
	return cmp.Or(compareDigests(a.target, b.target), cmp.Compare(a.institution, b.institution))
}

func foldAcknowledgement(_ ackKey, of []*entry) Acknowledgement {
	e := of[len(of)-1]
	a := e.now.(*acknowledgement)
	out := Acknowledgement{
		Of: a.target.Record, OfDigest: a.target.Digest, Institution: e.name.Institution, State: a.state,
		Reason: a.reason, Record: e.name, Digest: e.digest, AuthorTime: e.time,
	}
	for _, said := range of {
		if said.now.(*acknowledgement).state != body.Received && (out.Answered == 0 || said.time < out.Answered) {
			out.Answered = said.time
		}
	}
	return out
}

func (b *Board) ackRows(w *world) []Acknowledgement {
	out := []Acknowledgement{}
	led := map[ackKey]int{} // of records that are said again, the last word on either
	for _, a := range w.seen.rows(compareAcks) {
		if to := b.reissued().lead(body.Ref{Record: a.Of, Digest: a.OfDigest}); to != nil && b.world(to) == w {
			a.Of, a.OfDigest = to.name, to.digest
		}
		a.Reference = b.reference(a.Of, a.OfDigest)
		key := ackKey{a.OfDigest, a.Institution}
		at, known := led[key]
		switch {
		case !known:
			led[key] = len(out)
			out = append(out, a)
		case cmp.Or(compareNames(out[at].Record, a.Record), compareDigests(out[at].Digest, a.Digest)) < 0:
			out[at] = a
		}
	}
	slices.SortFunc(out, func(x, y Acknowledgement) int {
		return compareAcks(ackKey{x.OfDigest, x.Institution}, ackKey{y.OfDigest, y.Institution})
	})
	return out
}

// reference says whether a name and a digest lead to one record that is here.
func (b *Board) reference(n protocol.Name, d protocol.Digest) ReferenceState {
	if e := b.entries[d]; e != nil {
		if e.name == n {
			return RefHeld
		}
		return RefBroken
	}
	if b.names[n] {
		return RefBroken
	}
	return RefWaiting
}
