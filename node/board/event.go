package board

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// Event is a record that the archive holds, with the verdicts of the trust feeds. Clocks
// in it decide nothing.
type Event struct {
	Record    protocol.Record
	Digest    protocol.Digest  // of the record
	Accepted  protocol.Instant // by this node; shown, and no part of the digest
	Stopped   bool             // stands at or after a fork nobody has closed (epochs.md 11)
	Void      bool             // its author does not stand by it (epochs.md 10)
	Competent bool             // the charter lets its author say this
}

// Verdict is the news about a record that was told before.
type Verdict struct {
	Digest                   protocol.Digest
	Stopped, Void, Competent bool
}

// Standing says whether a record counts, and if not, why.
type Standing uint8

// The standings. Only records that count are in figures, states and what is due.
const (
	Counts           Standing = iota + 1
	Stopped                   // at or after a fork
	Void                      // disowned
	BeyondCompetence          // the charter does not let its author say this
	Unreadable                // its body does not fit its kind
	NeedsNewer                // its kind is not known to this version
	NoBody                    // withheld, erased or missing: the reason says which
	Sealed                    // for others, or not opened here
	Retracted                 // by a correction of its author
	Replaced                  // by a correction of its author: what counts is the replacement
	Ignored                   // a correction or a step that has no effect
	numStandings     = int(Ignored)
)

// String gives the word that stands in lists and in JSON.
func (s Standing) String() string {
	if s < Counts || s > Ignored {
		return fmt.Sprintf("standing(%d)", uint8(s))
	}
	return [...]string{
		"counts", "stopped", "void", "beyond competence", "unreadable", "needs a newer vardar",
		"no body", "sealed", "retracted", "replaced", "ignored",
	}[s-Counts]
}

// MarshalText writes the word.
func (s Standing) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (s *Standing) UnmarshalText(b []byte) error {
	for i := Counts; i <= Ignored; i++ {
		if i.String() == string(b) {
			*s = i
			return nil
		}
	}
	return fmt.Errorf("no standing is called %q", b)
}
