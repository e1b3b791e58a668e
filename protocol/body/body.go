package body

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Body is what one record says. Only the kinds of this package fill it.
type Body interface {
	// Base gives the members that all bodies have.
	Base() *Common
	// Type gives the record type, such as vardar.situation.report.v1.
	Type() string
	// check holds the members against each other, when each fits by itself.
	check() error
}

// Types gives every type this version knows, topic by topic.
func Types() []string {
	types := []string{
		TypeCharter, TypeAdmission, TypeKey, TypeProfile,
		TypeAlert,
		TypeReport, TypeRoute, TypeNeeds, TypePhase,
		TypeCapacity,
		TypeConsultation, TypeResponse, TypeOutcome,
		TypeStrategy, TypeProject,
		TypePlan, TypePractice, TypeWitness,
	}
	for _, step := range Steps() {
		types = append(types, step.Type())
	}
	for _, step := range FlowSteps() {
		types = append(types, step.Type())
	}
	for _, topic := range protocol.Topics() {
		if topic != protocol.Trust {
			types = append(types, TypeNote(topic), TypeCorrection(topic), TypeAcknowledgement(topic), TypeErasure(topic), TypeEndorsement(topic))
		}
	}
	return types
}

// New gives an empty body of a type, to be filled in; [ErrUnknownKind].
func New(recordType string) (Body, error) {
	switch recordType {
	case TypeCharter:
		return &CharterRecord{}, nil
	case TypeAdmission:
		return &Admission{}, nil
	case TypeKey:
		return &KeyRecord{}, nil
	case TypeProfile:
		return &Profile{}, nil
	case TypeAlert:
		return &Alert{}, nil
	case TypeReport:
		return &SituationReport{}, nil
	case TypeRoute:
		return &Route{}, nil
	case TypeNeeds:
		return &Needs{}, nil
	case TypePhase:
		return &Phase{}, nil
	case TypeCapacity:
		return &Capacity{}, nil
	case TypeConsultation:
		return &Consultation{}, nil
	case TypeResponse:
		return &ConsultationResponse{}, nil
	case TypeOutcome:
		return &ConsultationOutcome{}, nil
	case TypeStrategy:
		return &Strategy{}, nil
	case TypeProject:
		return &Project{}, nil
	case TypePractice:
		return &Practice{}, nil
	case TypePlan:
		return &Plan{}, nil
	case TypeWitness:
		return &Witness{}, nil
	}
	if topic, word, ok := wordOf(recordType); ok {
		if b := newByWord(topic, word); b != nil {
			return b, nil
		}
	}
	return nil, &protocol.Violation{Field: "type", Rule: ErrUnknownKind, Detail: shown(recordType) + ": it may need a newer vardar"}
}

// newByWord gives an empty body of those kinds whose types are composed: steps, and what
// stands under any topic but trust; nil for the others. It is asked for each record that a
// node takes, so that no type is written out to compare with.
func newByWord(topic protocol.Topic, word string) Body {
	if step, ok := StepOf(word); ok && topic == protocol.Resource {
		return &ResourceStep{Step: step}
	}
	if step, ok := flowStepNamed(word); ok && topic == protocol.Funding {
		return &Flow{Step: step}
	}
	if topic == protocol.Trust {
		return nil
	}
	switch word {
	case wordNote:
		return &Note{Topic: topic}
	case wordCorrection:
		return &Correction{Topic: topic}
	case wordAcknowledgement:
		return &Acknowledgement{Topic: topic}
	case wordErasure:
		return &Erasure{Topic: topic}
	case wordEndorsement:
		return &Endorsement{Topic: topic}
	}
	return nil
}

// Parse reads the body of a record of a type: the one check that a body fits. It returns
// a [*protocol.Violation] of the first rule that is broken: [ErrUnknownKind] for a type
// this version does not know (keep the record, count it nowhere), a rule of
// [protocol.DecodeJSON] or [protocol.CheckSalt], or one of this package. Members that it
// does not know are named in Common.Unknown.
func Parse(recordType string, raw []byte) (Body, error) {
	b, err := New(recordType)
	if err != nil {
		return nil, err
	}
	if len(raw) > protocol.MaxBodyBytes {
		return nil, refuse(protocol.ErrBodyTooLong, "", "%d bytes: attach the longer material", len(raw))
	}
	unknown, err := protocol.DecodeJSON(raw, b)
	if err != nil {
		return nil, needed(b, mended(err))
	}
	if err := protocol.CheckSalt(raw); err != nil {
		return nil, mended(err)
	}
	if err := (&fitting{}).walk(reflect.ValueOf(b), ""); err != nil {
		return nil, err
	}
	if err := b.Base().checkCommon(); err != nil {
		return nil, first(err)
	}
	if err := b.check(); err != nil {
		return nil, first(err)
	}
	b.Base().Unknown = unknown
	return b, nil
}

// Marshal writes a body as JSON: salt first, then the members of [Common], then those of
// the kind, in the order of the types. It puts salt into b, and returns what [Parse] says
// of the bytes: what can't be read is never written. Unknown members are not written.
func Marshal(b Body, salt [16]byte) ([]byte, error) {
	b.Base().Salt = salt
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(b); err != nil {
		return nil, fmt.Errorf("write body of %s: %w", b.Type(), err)
	}
	raw := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	_, err := Parse(b.Type(), raw)
	if err != nil {
		return nil, err
	}
	return raw, nil
}

// ShortName gives the word that people name a type by: report of
// vardar.situation.report.v1. Steps of a flow whose word is another kind's too say that
// they are one: report-flow.
func ShortName(recordType string) string {
	if recordType == TypeAlert {
		return "alert"
	}
	parts := strings.Split(recordType, ".")
	if len(parts) != 4 {
		return recordType
	}
	if step, ok := FlowStepOf(recordType); ok && (step == FlowCommit || step == FlowReport || step == FlowCancel) {
		return parts[2] + "-flow"
	}
	return parts[2]
}

// typeOf writes vardar.<topic>.<kind>.v1.
func typeOf(topic protocol.Topic, kind string) string {
	return strings.Join([]string{"vardar", topic.String(), kind, "v1"}, ".")
}

// The words of the kinds that stand under any topic but trust.
const (
	wordNote            = "note"
	wordCorrection      = "correction"
	wordAcknowledgement = "acknowledgement"
	wordErasure         = "erasure"
	wordEndorsement     = "endorsement"
)

// wordOf undoes typeOf.
func wordOf(recordType string) (topic protocol.Topic, word string, ok bool) {
	topic, err := protocol.TypeTopic(recordType)
	rest, first := strings.CutSuffix(recordType, ".v1")
	return topic, rest[strings.LastIndexByte(rest, '.')+1:], err == nil && first
}
