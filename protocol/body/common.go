package body

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Salt is the 16 random bytes at the beginning of a body, so that an erased body can't
// be guessed from its digest.
type Salt [16]byte

// MarshalText writes base64.
func (s Salt) MarshalText() ([]byte, error) {
	return []byte(base64.StdEncoding.EncodeToString(s[:])), nil
}

// UnmarshalText reads canonical base64 of 16 bytes; [protocol.ErrSalt].
func (s *Salt) UnmarshalText(b []byte) error {
	raw, err := base64.StdEncoding.Strict().DecodeString(string(b))
	if err != nil || len(raw) != len(s) || len(b) != base64.StdEncoding.EncodedLen(len(s)) {
		return refuse(protocol.ErrSalt, "", "want base64 of 16 random bytes")
	}
	*s = Salt(raw)
	return nil
}

// Pattern is the regular expression of base64 of 16 bytes: the last digit before the
// padding carries two bits.
func (Salt) Pattern() string { return `[A-Za-z0-9+/]{21}[AQgw]==` }

// The relations between records that a rule looks for. Others are kept and shown.
const (
	RelAnswers      Relation = "answers"
	RelCorrects     Relation = "corrects"
	RelAcknowledges Relation = "acknowledges"
	RelReissues     Relation = "reissues" // epochs.md 15
	RelErases       Relation = "erases"
	RelEndorses     Relation = "endorses"
	RelNeeds        Relation = "needs" // of a request: the assessment whose needs it asks for
	RelAbout        Relation = "about" // what an alert, a question or a word is about
	RelConcludes    Relation = "concludes"
	RelSupports     Relation = "supports"   // of a strategy: one above, with objectives that its own support
	RelExercise     Relation = "exercise"   // of what is played: the record that began the exercise
	RelAggregates   Relation = "aggregates" // of a regional report: a member's that a figure was made of
	RelRequests     Relation = "requests"   // of an assessment: an earlier request that goes on for it
)

// Relation says what a reference is to the record it stands in. The list is open.
type Relation string

// Pattern is the regular expression of a relation.
func (Relation) Pattern() string { return relationPattern }

// UnmarshalText reads it; [ErrPattern].
func (r *Relation) UnmarshalText(b []byte) error {
	return readPattern(r, b, relationExpr, "want a word such as answers")
}

// Ref names another record and its digest. One whose digest does not match is shown as
// a broken reference.
type Ref struct {
	Rel    Relation        `json:"rel"`
	Record protocol.Name   `json:"record"`
	Digest protocol.Digest `json:"digest"`
}

// Addressee is an institution, or a group of the charter as group:mk-southeast.
type Addressee string

// Pattern is the regular expression of both.
func (Addressee) Pattern() string {
	return `group:` + tokenPattern + `|(?:[a-z]{2}|int)\.` + tokenPattern + `\.` + tokenPattern
}

// UnmarshalText reads it; [protocol.ErrInstitution] or [ErrPattern].
func (a *Addressee) UnmarshalText(b []byte) error {
	s := string(b)
	if group, ok := strings.CutPrefix(s, "group:"); ok {
		if strings.Contains(group, "--") || !tokenExpr.MatchString(group) {
			return refuse(ErrPattern, "", "%s: want a group of the charter, such as group:mk-southeast", shown(s))
		}
	} else if _, err := protocol.ParseInstitution(s); err != nil {
		return err
	}
	*a = Addressee(s)
	return nil
}

// Group gives the group's name, and false for an institution.
func (a Addressee) Group() (string, bool) { return strings.CutPrefix(string(a), "group:") }

// Institution gives the institution, and false for a group.
func (a Addressee) Institution() (protocol.InstitutionID, bool) {
	if _, group := a.Group(); group {
		return "", false
	}
	return protocol.InstitutionID(a), true
}

// Source is where a statement comes from.
type Source struct {
	Type SourceType `json:"type"`
	Name Label      `json:"name,omitempty"`
	URL  URI        `json:"url,omitempty"`
	AsOf AsOf       `json:"as_of,omitempty"`
}

// NotAvailable says why a figure or member is absent. It counts as present in the
// completeness of a record.
type NotAvailable struct {
	Field  Label `json:"field"` // name of a member or of an indicator
	Reason Text  `json:"reason"`
}

// Common are the members that any body may have (domain.md §3). Zero values are absent.
type Common struct {
	Salt        Salt           `json:"salt"`
	Phase       PhaseName      `json:"phase,omitempty"`
	Place       *Place         `json:"place,omitempty"`
	To          []Addressee    `json:"to,omitempty" fit:"least=1 unique"`
	Thread      protocol.Name  `json:"thread,omitzero"` // the record that began the exchange
	Refs        []Ref          `json:"refs,omitempty" fit:"least=1"`
	Project     protocol.Name  `json:"project,omitzero"`  // a project record
	Incident    protocol.Name  `json:"incident,omitzero"` // the alert or phase record that opened it
	Lang        Language       `json:"lang,omitempty"`
	ValidFrom   Time           `json:"valid_from,omitzero"`
	ValidUntil  Time           `json:"valid_until,omitzero"`
	Method      Method         `json:"method,omitempty"`
	Source      *Source        `json:"source,omitempty"`
	Reliability Reliability    `json:"reliability,omitempty"` // when relaying someone else
	NA          []NotAvailable `json:"na,omitempty" fit:"least=1"`

	// Unknown are the paths of members this version doesn't know: kept in the record,
	// ignored here, and shown as needing a newer version.
	Unknown []string `json:"-"`
}

// Base gives the members that all bodies have.
func (c *Common) Base() *Common { return c }

// Ref gives the first reference of a relation.
func (c *Common) Ref(rel Relation) (Ref, bool) {
	for _, r := range c.Refs {
		if r.Rel == rel {
			return r, true
		}
	}
	return Ref{}, false
}

// checkCommon holds the common members against each other.
func (c *Common) checkCommon() error {
	var place, validity error
	if c.Place != nil {
		place = c.Place.check("place")
	}
	if !c.ValidFrom.IsZero() && !c.ValidUntil.IsZero() && c.ValidUntil <= c.ValidFrom {
		validity = refuse(ErrPeriod, "valid_until", "it lies at or before valid_from: give a later moment")
	}
	return errors.Join(place, validity)
}

// oneRef wants exactly one reference of a relation; [ErrReference].
func (c *Common) oneRef(rel Relation) error {
	n := 0
	for _, r := range c.Refs {
		if r.Rel == rel {
			n++
		}
	}
	if n != 1 {
		return refuse(ErrReference, "refs", "%d references say %s: name exactly one record, with its digest", n, rel)
	}
	return nil
}
