package body

import (
	"errors"

	"github.com/vardar-network/vardar/protocol"
)

// TypeEndorsement gives the type of an [Endorsement] under a topic.
func TypeEndorsement(topic protocol.Topic) string { return typeOf(topic, wordEndorsement) }

// Endorsement says where a member stands on another's record, or on one field of it. Its
// one reference "endorses" names the record; the stance holds for that one version. It
// stands under the record's topic, that on a trust record under knowledge. Of one member's
// stances on a record and field the latest counts, and one on the whole record takes the
// place of those before it. Who may verify, and whether the record is its author's own, is
// judged by whoever folds it.
type Endorsement struct {
	Topic protocol.Topic `json:"-"`
	Common
	Stance Stance           `json:"stance"`
	Basis  EndorsementBasis `json:"basis"`
	Field  FieldName        `json:"field,omitempty"` // default: the whole record
	Value  Count            `json:"value,omitzero"`  // of the field, as the member has it
	Reason Text             `json:"reason,omitempty"`

	Results []PracticeResult `json:"results,omitempty" fit:"least=1 most=50"` // of a practice adopted: what came of it at home
}

// Stance is where a member stands.
type Stance string

// The four stances.
const (
	Confirm Stance = "confirm"
	Dispute Stance = "dispute"
	Verify  Stance = "verify" // by who is competent for the place, or above it
	Adopt   Stance = "adopt"  // a practice
)

// Words gives the vocabulary.
func (Stance) Words() []string { return []string{"confirm", "dispute", "verify", "adopt"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *Stance) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// EndorsementBasis is what a stance rests on.
type EndorsementBasis string

// The five.
const (
	OnObservation EndorsementBasis = "observed"   // seen or counted by the member itself
	OnRegister    EndorsementBasis = "registered" // in a register that the member keeps
	OnDocument    EndorsementBasis = "document"   // named in source
	OnAsking      EndorsementBasis = "asked"      // the author, or whoever counted
	OnUse         EndorsementBasis = "used"       // tried at home
)

// Words gives the vocabulary.
func (EndorsementBasis) Words() []string {
	return []string{"observed", "registered", "document", "asked", "used"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (e *EndorsementBasis) UnmarshalText(b []byte) error { return readWord(e, b, e.Words()) }

// FieldName names what of a record a stance is about: an indicator of a report (arrivals,
// x-lost-documents), or a member (state, residents, items.bed_place).
type FieldName string

// MaxBytes is the bound that [Parse] holds it to.
func (FieldName) MaxBytes() int { return MaxFieldName }

// MaxFieldName bounds the name of a field, in bytes; the longest word of one's own has 40.
const MaxFieldName = 80

// Pattern is the regular expression of words, parted by dots.
func (FieldName) Pattern() string { return fieldNamePattern }

// UnmarshalText reads it; [ErrTextTooLong] or [ErrPattern].
func (f *FieldName) UnmarshalText(b []byte) error {
	if len(b) > MaxFieldName {
		return refuse(ErrTextTooLong, "", "%d bytes, at most %d", len(b), MaxFieldName)
	}
	return readPattern(f, b, fieldNameExpr, "want an indicator such as arrivals, or the name of a member such as state")
}

// Type gives [TypeEndorsement] of its topic.
func (e *Endorsement) Type() string { return TypeEndorsement(e.Topic) }

// Endorses gives the record that the stance is on.
func (e *Endorsement) Endorses() Ref {
	ref, _ := e.Ref(RelEndorses)
	return ref
}

func (e *Endorsement) check() error {
	return errors.Join(e.checkStance(), e.checkValue(), e.checkTopic())
}

func (e *Endorsement) checkStance() error {
	switch {
	case e.Stance == Dispute && e.Reason == "":
		return refuse(ErrRequired, "reason", "say what is wrong with it")
	case e.Stance == Adopt && (e.Field != "" || !e.Value.IsZero()):
		return refuse(ErrForbidden, "field", "a practice is adopted whole: leave field and value out")
	case e.Stance != Adopt && len(e.Results) > 0:
		return refuse(ErrForbidden, "results", "they go with the stance adopt: leave them out")
	}
	return nil
}

func (e *Endorsement) checkValue() error {
	var field, source error
	if !e.Value.IsZero() && e.Field == "" && e.Stance != Adopt {
		field = refuse(ErrRequired, "field", "name the field that the value is of")
	}
	if e.Basis == OnDocument && (e.Source == nil || e.Source.Name == "" && e.Source.URL == "") {
		source = refuse(ErrRequired, "source", "name the document: give source with its name or its address")
	}
	return errors.Join(field, source)
}

func (e *Endorsement) checkTopic() error {
	if err := e.oneRef(RelEndorses); err != nil {
		return err
	}
	switch of := e.Endorses().Record.Topic; {
	case e.Stance == Adopt && of != protocol.Knowledge:
		return refuse(ErrReference, "refs", "only what stands under knowledge is adopted: confirm it, or dispute it")
	case of == protocol.Trust && e.Topic == protocol.Knowledge:
		return nil // trust has no endorsements of its own
	case of != e.Topic:
		return refuse(ErrReference, "refs", "it is about a record under %s: write it under that topic, under knowledge if it is trust", of)
	}
	return nil
}
