package protocol

import "fmt"

// Topic is the group of kinds that travel together. The numbers are those of a run
// on the wire (wire.md §4); the list is closed in version 1.
type Topic uint8

// The seven topics.
const (
	Trust Topic = iota + 1
	Alert
	Situation
	Resource
	Policy
	Funding
	Knowledge
)

// Topics gives all topics in the order of their numbers.
func Topics() [7]Topic {
	return [7]Topic{Trust, Alert, Situation, Resource, Policy, Funding, Knowledge}
}

// String gives the topic as it stands in a field.
func (t Topic) String() string {
	if !t.Valid() {
		return fmt.Sprintf("topic(%d)", uint8(t))
	}
	return [...]string{"trust", "alert", "situation", "resource", "policy", "funding", "knowledge"}[t-Trust]
}

// Valid reports whether t is one of the seven.
func (t Topic) Valid() bool { return t >= Trust && t <= Knowledge }

// ParseTopic reads a topic's name; it returns a [*Violation] of [ErrTopic].
func ParseTopic(s string) (Topic, error) {
	for _, t := range Topics() {
		if t.String() == s {
			return t, nil
		}
	}
	return 0, broken(ErrTopic, "", s)
}

// MarshalText writes the name.
func (t Topic) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads the name as [ParseTopic] does.
func (t *Topic) UnmarshalText(b []byte) error {
	topic, err := ParseTopic(string(b))
	if err == nil {
		*t = topic
	}
	return err
}

// Handling says how far a record may be shared: TLP 2.0 of FIRST. On the wire it is
// the number minus one.
type Handling uint8

// The five marks, from open to closed.
const (
	Clear       Handling = iota + 1 // shareable without limit
	Green                           // the community of the network
	Amber                           // the recipient's institution and those who need to know
	AmberStrict                     // the recipient's institution only; always sealed
	Red                             // named recipients only; always sealed
)

// String gives the mark as it stands in a field.
func (h Handling) String() string {
	if !h.Valid() {
		return fmt.Sprintf("handling(%d)", uint8(h))
	}
	return [...]string{"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"}[h-Clear]
}

// token is the mark as it stands in a subject.
func (h Handling) token() string {
	if !h.Valid() {
		return "unmarked"
	}
	return [...]string{"clear", "green", "amber", "strict", "red"}[h-Clear]
}

// Valid reports whether h is one of the five.
func (h Handling) Valid() bool { return h >= Clear && h <= Red }

// ParseHandling reads a mark; it returns a [*Violation] of [ErrHandling].
func ParseHandling(s string) (Handling, error) {
	for h := Clear; h <= Red; h++ {
		if h.String() == s {
			return h, nil
		}
	}
	return 0, broken(ErrHandling, "", s)
}

// MarshalText writes the mark.
func (h Handling) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads the mark as [ParseHandling] does.
func (h *Handling) UnmarshalText(b []byte) error {
	v, err := ParseHandling(string(b))
	if err == nil {
		*h = v
	}
	return err
}
