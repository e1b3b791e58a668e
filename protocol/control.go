package protocol

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strconv"
)

// MaxControlBytes bounds a JSON control message.
const MaxControlBytes = 1 << 20

// ControlVersion is the value of "v" in every control message of wire version 1.
const ControlVersion = 1

// controlMessage is what every message of this file can do: say whether it is of this
// version, and speaks of something that can be.
type controlMessage interface{ check() error }

// DecodeControl reads a control message; it returns [ErrControlTooLong], what
// [DecodeJSON] says, [ErrControlVersion] unless "v" is 1, or [ErrControlBounds]. Unknown
// members are ignored.
func DecodeControl(data []byte, v any) error {
	if len(data) > MaxControlBytes {
		return &Violation{Rule: ErrControlTooLong}
	}
	if _, err := DecodeJSON(data, v); err != nil {
		return err
	}
	if m, ok := v.(controlMessage); ok {
		return m.check()
	}
	return nil
}

func isVersion(v int) error {
	if v != ControlVersion {
		return broken(ErrControlVersion, "v", strconv.Itoa(v))
	}
	return nil
}

// outside makes an error of ErrControlBounds unless ok.
func outside(ok bool, field string) error {
	if ok {
		return nil
	}
	return &Violation{Field: field, Rule: ErrControlBounds}
}

func isNumber(n uint32) bool { return n >= 1 && n <= MaxNumber }

// ErrorCode is why a question got no answer.
type ErrorCode string

// The codes of an error answer (wire.md §5).
const (
	CodeBadRequest   ErrorCode = "bad_request"
	CodeNotFound     ErrorCode = "not_found"
	CodeNotWanted    ErrorCode = "not_wanted"
	CodeNotPermitted ErrorCode = "not_permitted"
	CodeBusy         ErrorCode = "busy"
	CodeTooLarge     ErrorCode = "too_large"
	CodeInternal     ErrorCode = "internal"
)

// ErrorAnswer answers any question that can't be. It is an error.
type ErrorAnswer struct {
	V      int       `json:"v"`
	Code   ErrorCode `json:"error"`
	Detail string    `json:"detail,omitempty"`
}

func (e *ErrorAnswer) check() error { return cmp.Or(isVersion(e.V), outside(e.Code != "", "error")) }

// Error gives code and detail.
func (e *ErrorAnswer) Error() string {
	if e.Detail == "" {
		return "peer answered " + string(e.Code)
	}
	return "peer answered " + string(e.Code) + ": " + e.Detail
}

// ParseErrorAnswer gives the error answer that data is, or nil if it is something else.
func ParseErrorAnswer(data []byte) *ErrorAnswer {
	var e ErrorAnswer
	if len(data) > 0 && data[0] == '{' && DecodeControl(data, &e) == nil {
		return &e
	}
	return nil
}

// Hello opens a connection, both ways.
type Hello struct {
	V            int             `json:"v"`
	Wire         []string        `json:"wire"`               // wire versions spoken: "v1"
	Software     string          `json:"software"`           // for people
	Institutions []InstitutionID `json:"institutions"`       // hosted; the first names the node
	Policy       *Digest         `json:"policy"`             // of the policy in force, null if none
	Charter      Digest          `json:"charter"`            // of the charter's first version: it names the network
	Charters     []Digest        `json:"charters,omitempty"` // of the later versions held, at most MaxCharters
	Time         Instant         `json:"time"`
	Packing      []string        `json:"packing,omitempty"`  // "zstd", and the name of a dictionary
	Session      string          `json:"session,omitempty"`  // of the dialler: another one says that it began anew
	Instance     string          `json:"instance,omitempty"` // of the dialler: one for each start of its process
	Copied       bool            `json:"copied,omitempty"`   // of the listener: another copy of the dialler dials too
}

// MaxCharters bounds the later versions of the charter that a hello names. A network
// writes one a year or so.
const MaxCharters = 64

func (h *Hello) check() error {
	return cmp.Or(isVersion(h.V), outside(len(h.Wire) > 0 && len(h.Institutions) > 0, "institutions"),
		outside(len(h.Charters) <= MaxCharters, "charters"))
}

// HaveAnswer is the answer to have: a digest for each group of the policy.
type HaveAnswer struct {
	V      int              `json:"v"`
	Groups map[Group]Digest `json:"-"`
}

type haveJSON struct {
	V      int               `json:"v"`
	Groups map[string]string `json:"groups"`
}

func (h *HaveAnswer) check() error { return isVersion(h.V) }

// MarshalJSON writes {"v":1,"groups":{"situation mk.southeast":"555d…"}}.
func (h HaveAnswer) MarshalJSON() ([]byte, error) {
	groups := make(map[string]string, len(h.Groups))
	for g, d := range h.Groups {
		groups[g.String()] = d.Hex()
	}
	return json.Marshal(haveJSON{h.V, groups})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (h *HaveAnswer) UnmarshalJSON(b []byte) error {
	var j haveJSON
	if _, err := DecodeJSON(b, &j); err != nil {
		return err
	}
	groups := make(map[Group]Digest, len(j.Groups))
	for text, digest := range j.Groups {
		g, err := ParseGroup(text)
		if err != nil {
			return located(err, "groups")
		}
		var d Digest
		if !decodeHex(d[:], digest) {
			return broken(ErrDigestText, "groups", digest)
		}
		groups[g] = d
	}
	h.V, h.Groups = j.V, groups
	return nil
}

// MaxRowsAPage bounds one page of rows.
const MaxRowsAPage = 10_000

// RowsQuestion asks for the rows of groups, or with own for those of the asker's own
// feeds; After is the last row's key of the page before.
type RowsQuestion struct {
	V      int      `json:"v"`
	Groups []Group  `json:"groups,omitempty"`
	After  *HaveRow `json:"after,omitempty"`
}

func (q *RowsQuestion) check() error { return isVersion(q.V) }

// RowsAnswer is one page; Next is the last row when there is more.
type RowsAnswer struct {
	V    int       `json:"v"`
	Rows []HaveRow `json:"rows"`
	Next *HaveRow  `json:"next,omitempty"`
}

func (a *RowsAnswer) check() error {
	return cmp.Or(isVersion(a.V), outside(len(a.Rows) <= MaxRowsAPage, "rows"))
}

// MaxBisect bounds the sequences of one bisect question.
const MaxBisect = 1024

// BisectQuestion asks for the digests at some sequences of an epoch.
type BisectQuestion struct {
	V         int      `json:"v"`
	Feed      Feed     `json:"feed"`
	Epoch     uint32   `json:"epoch"`
	Sequences []uint32 `json:"sequences"`
	// Head asks along the branch that ends in this digest, when an epoch has several.
	Head *DigestPrefix `json:"head,omitempty"`
}

func (q *BisectQuestion) check() error {
	ok := len(q.Sequences) > 0 && len(q.Sequences) <= MaxBisect
	for _, n := range q.Sequences {
		ok = ok && isNumber(n)
	}
	return cmp.Or(isVersion(q.V), outside(isNumber(q.Epoch), "epoch"), outside(ok, "sequences"))
}

// BisectAnswer has one digest a question, null where nothing is held.
type BisectAnswer struct {
	V       int             `json:"v"`
	Digests []*DigestPrefix `json:"-"`
}

type bisectJSON struct {
	V       int           `json:"v"`
	Digests []maybeDigest `json:"digests"`
}

// maybeDigest is a digest or null, the one place where a list holds nulls.
type maybeDigest struct{ digest *DigestPrefix }

func (m maybeDigest) MarshalJSON() ([]byte, error) { return json.Marshal(m.digest) }

func (m *maybeDigest) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		m.digest = nil
		return nil
	}
	d := &jsonDecoder{scanner: scanner{data: b}}
	m.digest = new(DigestPrefix)
	return d.asText(m.digest)
}

func (a *BisectAnswer) check() error {
	return cmp.Or(isVersion(a.V), outside(len(a.Digests) > 0 && len(a.Digests) <= MaxBisect, "digests"))
}

// MarshalJSON writes {"v":1,"digests":["27a3…",null]}.
func (a BisectAnswer) MarshalJSON() ([]byte, error) {
	digests := make([]maybeDigest, len(a.Digests))
	for i, d := range a.Digests {
		digests[i].digest = d
	}
	return json.Marshal(bisectJSON{a.V, digests})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *BisectAnswer) UnmarshalJSON(b []byte) error {
	var j bisectJSON
	if _, err := DecodeJSON(b, &j); err != nil {
		return err
	}
	a.V, a.Digests = j.V, make([]*DigestPrefix, len(j.Digests))
	for i, m := range j.Digests {
		a.Digests[i] = m.digest
	}
	return nil
}

// Outcome is what a receiver did with a run.
type Outcome string

// UnmarshalText reads one of the five; the peer that sends another speaks another
// version.
func (o *Outcome) UnmarshalText(b []byte) error {
	switch v := Outcome(b); v {
	case Accepted, Parked, Dropped, Unwanted, Forked:
		*o = v
		return nil
	}
	return misfit("", "want accepted, parked, dropped, unwanted or fork, got %s", quoted(string(b)))
}

// The outcomes of intake (design.md §4, wire.md §4).
const (
	Accepted Outcome = "accepted"
	Parked   Outcome = "parked"
	Dropped  Outcome = "dropped"
	Unwanted Outcome = "unwanted"
	Forked   Outcome = "fork"
)

// RunOutcome answers one run of a frame. Sequence is the head now held in that epoch;
// with fork, the position at which another record is held, and Record, Previous and Key
// prove it.
type RunOutcome struct {
	Feed     Feed    `json:"feed"`
	Epoch    uint32  `json:"epoch"`
	Sequence uint32  `json:"sequence"`
	Outcome  Outcome `json:"outcome"`
	Record   string  `json:"record,omitempty"` // base64 of the entry held there
	Previous *Digest `json:"previous,omitempty"`
	Key      *Key    `json:"key,omitempty"`
}

// NewFork is the outcome that shows the record held at a position.
func NewFork(held *Record) RunOutcome {
	bare := held.WithoutBody(BodyMissing)
	if held.BodyState != BodyHeld {
		bare.BodyState = held.BodyState
	}
	return RunOutcome{
		Feed: held.Feed(), Epoch: held.Epoch, Sequence: held.Sequence, Outcome: Forked,
		Record:   base64.StdEncoding.EncodeToString(AppendEntry(nil, &bare)),
		Previous: &held.Previous, Key: &held.Key,
	}
}

// Held gives the record that the answer fork shows, so that its signature can be
// checked. Of any other outcome it returns [ErrJSONMissing].
func (o *RunOutcome) Held() (Record, error) {
	if o.Outcome != Forked || o.Previous == nil || o.Key == nil {
		return Record{}, &Violation{Field: "record", Rule: ErrJSONMissing}
	}
	entry, ok := decodeDocument(base64.StdEncoding, o.Record)
	if !ok {
		return Record{}, misfit("record", "want canonical base64")
	}
	name := Name{o.Feed.Institution, Position{o.Feed.Topic, o.Epoch, o.Sequence}}
	return ParseEntry(entry, name, *o.Key, *o.Previous)
}

// Acknowledgement answers a frame, after the commit. Busy: nothing was taken, send again
// after one second.
type Acknowledgement struct {
	V    int          `json:"v"`
	Runs []RunOutcome `json:"runs"`
	Busy bool         `json:"busy"`
}

func (a *Acknowledgement) check() error {
	for _, run := range a.Runs {
		if !isNumber(run.Epoch) || run.Sequence > MaxNumber {
			return cmp.Or(isVersion(a.V), outside(false, "runs"))
		}
	}
	return isVersion(a.V)
}
