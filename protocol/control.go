package protocol

import "encoding/json"

// MaxControlBytes bounds a JSON control message.
const MaxControlBytes = 1 << 20

// ControlVersion is the value of "v" in every control message of wire version 1.
const ControlVersion = 1

// DecodeControl reads a control message; it returns [ErrControlTooLong], or what
// [DecodeJSON] says. Unknown members are ignored.
func DecodeControl(data []byte, v any) error {
	if len(data) > MaxControlBytes {
		return &Violation{Rule: ErrControlTooLong}
	}
	_, err := DecodeJSON(data, v)
	return err
}

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
	if len(data) == 0 || data[0] != '{' || DecodeControl(data, &e) != nil || e.Code == "" {
		return nil
	}
	return &e
}

// Hello opens a connection, both ways.
type Hello struct {
	V            int             `json:"v"`
	Wire         []string        `json:"wire"`         // wire versions spoken: "v1"
	Software     string          `json:"software"`     // for people
	Institutions []InstitutionID `json:"institutions"` // hosted; the first names the node
	Policy       *Digest         `json:"policy"`       // of the policy in force, null if none
	Charter      Digest          `json:"charter"`
	Time         Instant         `json:"time"`
	Packing      []string        `json:"packing,omitempty"` // "zstd"
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
	h.V, h.Groups = j.V, make(map[Group]Digest, len(j.Groups))
	for text, digest := range j.Groups {
		g, err := ParseGroup(text)
		if err != nil {
			return err
		}
		var d Digest
		if !decodeHex(d[:], digest) {
			return broken(ErrDigestText, "groups."+text, digest)
		}
		h.Groups[g] = d
	}
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

// RowsAnswer is one page; Next is the last row when there is more.
type RowsAnswer struct {
	V    int       `json:"v"`
	Rows []HaveRow `json:"rows"`
	Next *HaveRow  `json:"next,omitempty"`
}

// MaxBisect bounds the sequences of one bisect question.
const MaxBisect = 1024

// BisectQuestion asks for the digests at some sequences of an epoch.
type BisectQuestion struct {
	V         int      `json:"v"`
	Feed      Feed     `json:"feed"`
	Epoch     uint32   `json:"epoch"`
	Sequences []uint32 `json:"sequences"`
}

// BisectAnswer has one digest a question, null where nothing is held.
type BisectAnswer struct {
	V       int             `json:"v"`
	Digests []*DigestPrefix `json:"-"`
}

type bisectJSON struct {
	V       int             `json:"v"`
	Digests json.RawMessage `json:"digests"`
}

// MarshalJSON writes {"v":1,"digests":["27a3…",null]}.
func (a BisectAnswer) MarshalJSON() ([]byte, error) {
	digests, err := json.Marshal(a.Digests)
	if err != nil {
		return nil, err
	}
	return json.Marshal(bisectJSON{a.V, digests})
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *BisectAnswer) UnmarshalJSON(b []byte) error {
	var j bisectJSON
	if _, err := DecodeJSON(b, &j); err != nil {
		return err
	}
	a.V = j.V
	return json.Unmarshal(j.Digests, &a.Digests)
}

// RangeQuestion asks for the records of an epoch from From to To. The answer is one
// frame from From on, as far as it fits; the asker asks on.
type RangeQuestion struct {
	V      int    `json:"v"`
	Feed   Feed   `json:"feed"`
	Epoch  uint32 `json:"epoch"`
	From   uint32 `json:"from"`
	To     uint32 `json:"to"`
	Bodies bool   `json:"bodies"`
	// Head asks for the branch that ends in this digest, when an epoch has several.
	Head *DigestPrefix `json:"head,omitempty"`
}

// MaxBodiesAsked bounds one bodies question.
const MaxBodiesAsked = 64

// BodiesQuestion asks for records with their bodies; the answer is a frame of runs of
// one.
type BodiesQuestion struct {
	V       int    `json:"v"`
	Records []Name `json:"records"`
}

// CharterQuestion asks for the charter with a digest; the answer is its envelope.
type CharterQuestion struct {
	V      int    `json:"v"`
	Digest Digest `json:"digest"`
}

// Outcome is what a receiver did with a run.
type Outcome string

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

// Acknowledgement answers a frame, after the commit. Busy: nothing was taken, send again
// after one second.
type Acknowledgement struct {
	V    int          `json:"v"`
	Runs []RunOutcome `json:"runs"`
	Busy bool         `json:"busy"`
}
