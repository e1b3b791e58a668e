package duty

import (
	"context"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The kinds of events that are no records.
const (
	Change        = "change"        // the change rule proposes an alert
	AnswerDue     = "answer_due"    // a request waits for a word of this node's institution, and its time is nearly over
	SignatureDue  = "signature_due" // a fund plan waits for the signature of this node's institution
	Contradiction = "contradiction" // what another says can't be so if what this node's institution says is
)

// proposed gives the kinds that [Source.Proposed] tells of.
func proposed() []string { return []string{Change, AnswerDue, SignatureDue, Contradiction} }

// alert is the kind of a warning.
const alert = "alert"

// OfDesk reports whether what an event says is a sentence of the desk about several records, which a reader of another
// language has said in it.
func (e *Event) OfDesk() bool { return e.Kind == Change || e.Kind == Contradiction }

// isRecord reports whether an event is a record that has come.
func (e *Event) isRecord() bool { return !slices.Contains(proposed(), e.Kind) }

// Life is how long after it was written an event that names no end of its own wakes anybody:
// a shift of twelve hours. What a line brings later is read with the rest of the news.
const Life = 12 * time.Hour

// Event is one thing that happened, as it is told.
type Event struct {
	After       string                   `json:"after,omitempty"` // where a source goes on behind it; a change has none
	Kind        string                   `json:"kind"`            // alert, request, report …, or one that is no record: [Change]
	Type        string                   `json:"type,omitempty"`  // of the record
	Record      protocol.Name            `json:"record"`          // of a change: that it was found in
	Also        []protocol.Name          `json:"also,omitempty"`  // of a change: further records of one cause
	Once        string                   `json:"-"`               // of what is no record: what it is told once by; default: its record, and each of Also
	Digest      protocol.Digest          `json:"digest,omitzero"` // of the record
	Institution protocol.InstitutionID   `json:"institution"`     // its author
	Own         bool                     `json:"own,omitempty"`   // of this node
	To          []protocol.InstitutionID `json:"to,omitempty"`    // institutions of this node that it waits for; default: it concerns all
	Places      []string                 `json:"places,omitempty"`
	Severity    body.Severity            `json:"severity,omitempty"`
	Said        string                   `json:"said"`
	Body        body.Body                `json:"-"` // what its record says, for the pages; nil of what is no record, or not to be read
	Worded      bool                     `json:"-"` // for the pages: Said is a sentence of the desk, and not its record's line
	Handling    protocol.Handling        `json:"handling"`
	Exercise    bool                     `json:"exercise,omitempty"`
	Idle        bool                     `json:"idle,omitempty"`   // a test, a cancellation, what is beyond competence: it wakes nobody
	Beyond      string                   `json:"beyond,omitempty"` // why what its author says is kept and not counted: that goes to the log
	Written     protocol.Instant         `json:"written"`          // by its author's clock
	Accepted    protocol.Instant         `json:"accepted"`         // by this node's
	Ends        protocol.Instant         `json:"ends,omitzero"`    // by its own word
}

// end is when an event wakes nobody any more.
func (e *Event) end() protocol.Instant {
	if e.Ends != 0 {
		return e.Ends
	}
	return e.Written + protocol.Instant(Life.Milliseconds())
}

// once gives what an event that is no record was told by, if it was.
func (e *Event) once() []string {
	if e.Once != "" {
		return []string{e.Kind + " " + e.Once}
	}
	out := []string{e.Record.String()}
	for _, n := range e.Also {
		out = append(out, n.String())
	}
	return out
}

// gravity is the place of a severity in the words of CAP, the gravest first; none is the
// last.
func gravity(s body.Severity) int {
	if i := slices.Index(s.Words(), string(s)); i >= 0 {
		return i
	}
	return len(s.Words())
}

// gravest gives the event that is told first.
func gravest(events []Event) *Event {
	first := &events[0]
	for i := range events {
		if gravity(events[i].Severity) < gravity(first.Severity) {
			first = &events[i]
		}
	}
	return first
}

// News is what happened behind a cursor.
type News struct {
	Events []Event // of the kinds that were asked for
	Passed int     // how many were of others
	Next   string  // the cursor behind them
}

// Source is what tells of events; the desk is one.
type Source interface {
	// Events gives what happened behind a cursor, in the order in which this node took it; for
	// an empty one nothing, and the end. Kinds that are not asked for are passed over unread:
	// most of a catch-up concerns nobody at night. There is more as long as the cursor moves.
	Events(ctx context.Context, cursor string, asked func(kind string) bool) (News, error)
	// Proposed gives what is no record and waits for a person: the changes that an alert is
	// proposed for and nobody has dealt with, the answers and signatures that are due, and the
	// contradictions. It tells them as long as they wait.
	Proposed(ctx context.Context) ([]Event, error)
	// Over reports of each event whether it is over before its time: its author took it back,
	// a person dealt with it.
	Over(ctx context.Context, events []Event) []bool
	// Good reports of each event whether its record is of a quality, at least so good or not yet
	// verified, as it is now. What has no quality is neither.
	Good(ctx context.Context, events []Event, quality string) []bool
	// Changed tells when there may be news, until the function is called.
	Changed() (<-chan struct{}, func())
}

// Kept is the room's bucket; node fills it with the store's.
type Kept interface {
	Get(key []byte) (value []byte, ok bool, err error)
	Put(ctx context.Context, key, value []byte) error
}
