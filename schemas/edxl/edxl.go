// Package edxl writes records as messages of OASIS EDXL: the steps of a resource exchange and its
// notes as EDXL-RM 1.0 (with the errata of 2009), situation reports as EDXL-SitRep 1.0, each of them
// in an envelope of EDXL-DE 1.0, which has what those can't say: whether it is an exercise, how far it
// may be shared, to whom it goes. What no element is there for is told as lost, by the name of the member.
package edxl

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Reasons why a record is no message.
var (
	ErrCharacter = errors.New("a text holds a character that XML can't hold")
	ErrNoMessage = errors.New("EDXL has no message for it")
	ErrAnswered  = errors.New("what it answers is not here")
)

// Message is a record with what has to be known of others to write it.
type Message struct {
	Record   protocol.Name
	Digest   protocol.Digest
	Sent     protocol.Instant
	Exercise bool
	Handling protocol.Handling

	Said body.Body // a step, a note of an exchange or a situation report; of a correction what it says now, or no more
	Raw  []byte    // that, as it was signed: its members that have no place are told as lost

	Role     body.Role          // of a step's author
	Answered *body.ResourceStep // what a step answers
	Taken    []body.Positive    // of a cancellation: lines that were taken back before
	Recalls  *Recalled          // of a cancellation and of a correction: the message that no longer holds
	Sender   Office
}

// Recalled is a message that another takes the place of, or takes back.
type Recalled struct {
	Record protocol.Name
	Sent   protocol.Instant
	Thread protocol.Name // that it stands in; its own name if it began it
	Gone   bool          // nothing comes in its place
	Reason body.Text
}

// Office is who answers for a message: never a person.
type Office struct {
	Institution body.Label    // its name
	Contact     *body.Contact // nil: the institution names none
}

// Lost is a member that has no element, and what became of it.
type Lost struct{ Field, Why string }

// Written is a message as it is sent.
type Written struct {
	Name string // of the message: RequestResource
	Data []byte
	Lost []Lost
}

// Write gives a record as an XML document. It returns [ErrNoMessage] for one that is neither a step
// nor a note of an exchange nor a report, [ErrAnswered] for a step that can't be understood without
// what it answers, and [ErrCharacter] for a text that would change on the way.
func Write(m *Message) (Written, error) {
	w := &writer{m: m, lost: map[Lost]bool{}, said: map[string]bool{}}
	var p payload
	var err error
	switch b := m.Said.(type) {
	case *body.ResourceStep:
		p, err = w.step(b)
	case *body.Note:
		p = w.note(b)
	case *body.SituationReport:
		p = w.sitrep(b)
	default:
		err = ErrNoMessage
	}
	if err != nil {
		return Written{}, err
	}
	doc := w.envelope(&p)
	if err = w.rest(); err != nil {
		return Written{}, err
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if err = doc.write(&out, 0); err != nil {
		return Written{}, err
	}
	lost := slices.SortedFunc(maps.Keys(w.lost), func(a, b Lost) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Why, b.Why))
	})
	return Written{p.name, out.Bytes(), lost}, nil
}

// writer is one message on its way.
type writer struct {
	m     *Message
	lost  map[Lost]bool
	said  map[string]bool // members that stand in the message, or are told as lost
	words []string        // what MessageDescription says for want of an element
	keys  []*element      // keywords of the envelope
}

// payload is what goes into the envelope.
type payload struct {
	name string // of the message
	sort string // distributionType of EDXL-DE
	root *element
}

// has notes that members stand in the message.
func (w *writer) has(members ...string) {
	for _, m := range members {
		w.said[m] = true
	}
}

// loses notes that a member has no place.
func (w *writer) loses(member, why string) {
	w.said[member] = true
	w.lost[Lost{member, why}] = true
}

// speaks says in words what has no element.
func (w *writer) speaks(member, words string) {
	w.words = append(w.words, words)
	w.loses(member, "there is no element for it: a person reads it in the description, and a program does not")
}

// keeps puts what has no element into a keyword of the envelope.
func (w *writer) keeps(member string, values ...string) {
	w.keys = append(w.keys, valueList("de:keyword", "de:valueListUrn", "de:value", "urn:vardar:"+member, values...))
	w.loses(member, "there is no element for it: it is a keyword of the envelope, urn:vardar:"+member+", that other programs pass over")
}

// rest tells all members as lost that nobody spoke of.
func (w *writer) rest() error {
	members, err := body.Members(w.m.Raw)
	if err != nil {
		return err
	}
	for _, path := range members {
		if !w.said[path] {
			w.loses(path, "EDXL has no element for it")
		}
	}
	w.loses("signature", "EDXL has no element for it: the evidence of the record holds it")
	return nil
}

// common takes the members that any body may have.
func (w *writer) common(c *body.Common) {
	keep := func(member, value string) {
		if value != "" {
			w.keeps(member, value)
		}
	}
	keep("phase", string(c.Phase))
	keep("method", string(c.Method))
	keep("reliability", string(c.Reliability))
	keep("project", nameOf(c.Project))
	keep("valid_from", moment(c.ValidFrom))
	keep("valid_until", moment(c.ValidUntil))
	if c.Place != nil {
		w.keeps("place", c.Place.Key().String())
		w.has("place.scheme", "place.code")
	}
	var refs []string
	for _, r := range c.Refs {
		refs = append(refs, strings.Join([]string{string(r.Rel), r.Record.String(), r.Digest.String()}, " "))
	}
	if refs != nil {
		w.keeps("refs", refs...)
	}
	w.has("to", "thread", "incident", "lang", "refs.rel", "refs.record", "refs.digest")
}

// moment writes a moment that may not be given.
func moment(t body.Time) string {
	if t.IsZero() {
		return ""
	}
	return stamp(t.Instant())
}

func nameOf(n protocol.Name) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}
