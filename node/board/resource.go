package board

import (
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Request is an exchange that a request began: what is needed, and how far each line has
// come with each provider.
type Request struct {
	Record      protocol.Name            `json:"record"`
	Digest      protocol.Digest          `json:"digest"`
	Institution protocol.InstitutionID   `json:"institution"`
	AuthorTime  protocol.Instant         `json:"author_time"`
	To          []body.Addressee         `json:"to,omitempty"`
	Addressed   []protocol.InstitutionID `json:"addressed,omitempty"` // whom To means now; whoever shows the row says it
	AnswerBy    protocol.Instant         `json:"answer_by"`
	Late        bool                     `json:"late"` // answer_by is over and something is unmet
	DeliverTo   body.PlaceKey            `json:"deliver_to"`
	DeliverName string                   `json:"deliver_name,omitempty"`
	Footnote    bool                     `json:"footnote,omitempty"`
	Incident    protocol.Name            `json:"incident,omitzero"`
	Cancelled   bool                     `json:"cancelled"` // retracted by its author; what was committed stays so
	Correction  protocol.Name            `json:"correction,omitzero"`
	Lines       []RequestLine            `json:"lines"`
	Quality     *Quality                 `json:"quality,omitempty"` // of the weakest assessment that it asks for, by [View.Grade]; no part of the digest

	needs []body.Ref // the assessments that it asks for
}

// RequestLine is one line of a request, or of an offer that nobody asked for.
type RequestLine struct {
	Line        int               `json:"line"`
	Type        body.ResourceType `json:"type"`
	Unit        string            `json:"unit"`
	Description string            `json:"description,omitempty"`
	Quantity    int64             `json:"quantity"`
	State       string            `json:"state"`     // a word of body.LineState; committed: all of it is
	Offered     int64             `json:"offered"`   // by all who have not been declined since
	Ordered     int64             `json:"ordered"`   // accepted by the requester
	Committed   int64             `json:"committed"` // providers are bound to
	Unmet       int64             `json:"unmet"`     // quantity without what is committed, at least 0
	With        []Dealing         `json:"with,omitempty"`
}

// Dealing is a line between its author and one other institution.
type Dealing struct {
	Institution protocol.InstitutionID `json:"institution"`
	State       string                 `json:"state"`
	Offered     int64                  `json:"offered"`
	Ordered     int64                  `json:"ordered"`
	Committed   int64                  `json:"committed"`
	Stages      []Staged               `json:"stages,omitempty"`   // where what is committed is now; none: as it was committed
	Consumed    int64                  `json:"consumed,omitempty"` // used up, of what is closed
	Until       protocol.Instant       `json:"until,omitzero"`     // how long it stays, as extended
	Asked       []Question             `json:"asked,omitempty"`    // what is not answered, as it was said
}

// Question is a line of a step that waits for its answer: the first that says yes or no counts.
type Question struct {
	Step   string        `json:"step"` // ask_status, extend or recall
	Record protocol.Name `json:"record"`
	Line   int           `json:"line"` // of that record
}

// Staged is how much is in a state.
type Staged struct {
	State    string `json:"state"` // a word of body.LineState, from committed to closed
	Quantity int64  `json:"quantity"`
}

// Offer is an offer, made on request or unasked.
type Offer struct {
	Record      protocol.Name            `json:"record"`
	Digest      protocol.Digest          `json:"digest"`
	Thread      protocol.Name            `json:"thread"` // its own name, if unasked
	Institution protocol.InstitutionID   `json:"institution"`
	AuthorTime  protocol.Instant         `json:"author_time"`
	Unsolicited bool                     `json:"unsolicited"`
	To          []body.Addressee         `json:"to,omitempty"`
	Addressed   []protocol.InstitutionID `json:"addressed,omitempty"` // whom To means now; whoever shows the row says it
	ValidUntil  protocol.Instant         `json:"valid_until,omitzero"`
	Expired     bool                     `json:"expired"`
	Cancelled   bool                     `json:"cancelled"`
	Correction  protocol.Name            `json:"correction,omitzero"`
	Lines       []OfferLine              `json:"lines"`
	Ignoring
}

// OfferLine is one line of an offer.
type OfferLine struct {
	Line      int               `json:"line"`
	Answers   int               `json:"answers,omitempty"` // line of the request
	Type      body.ResourceType `json:"type"`
	Unit      string            `json:"unit"`
	Quantity  int64             `json:"quantity"`
	Says      string            `json:"description,omitempty"`
	Response  body.LineResponse `json:"response,omitempty"` // provisional: the reason says what it hangs on
	Reason    string            `json:"reason,omitempty"`
	State     string            `json:"state"`
	Ordered   int64             `json:"ordered"`
	Committed int64             `json:"committed"`
	With      []Dealing         `json:"with,omitempty"` // of an offer that nobody asked for
	Ignoring
}

// Step is one record of an exchange and what became of it.
type Step struct {
	Thread      protocol.Name          `json:"thread"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Step        string                 `json:"step"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Answers     protocol.Name          `json:"answers,omitzero"`
	With        protocol.InstitutionID `json:"with,omitempty"` // the side that did not begin the exchange; empty where all of them are meant
	Standing    Standing               `json:"standing"`
	Correction  protocol.Name          `json:"correction,omitzero"`
	Lines       []StepLine             `json:"lines"`
	Ignoring                           // where none of its lines has an effect
}

// StepLine is one line of a step; ignored says why it has no effect.
type StepLine struct {
	Line     int   `json:"line"`
	Answers  int   `json:"answers,omitempty"`
	Quantity int64 `json:"quantity"`
	Ignoring
}

// step is the essence of a step.
type step struct {
	kind        body.Step
	thread      protocol.Name
	answers     body.Ref
	refs        []body.Ref
	unsolicited bool
	to          []body.Addressee
	answerBy    protocol.Instant
	validUntil  protocol.Instant
	deliver     body.PlaceKey
	deliverName string
	incident    protocol.Name
	lines       []stepLine
}

// stepLine is a line as its author wrote it.
type stepLine struct {
	line, answers int
	kind          body.ResourceType
	unit          string
	quantity      int64
	description   string
	response      body.LineResponse
	reason        string
	stage         body.Stage
	until         protocol.Instant // of an extension
}

func newStep(b *body.ResourceStep, name protocol.Name) *step {
	s := &step{
		kind: b.Step, thread: b.Thread, unsolicited: b.Unsolicited(), to: b.To, refs: b.Refs,
		answerBy: b.AnswerBy.Instant(), validUntil: b.ValidUntil.Instant(), incident: b.Incident,
	}
	if s.thread.IsZero() {
		s.thread = name
	}
	s.answers, _ = b.Ref(body.RelAnswers)
	if b.DeliverTo != nil {
		s.deliver, s.deliverName = internKey(b.DeliverTo.Place.Key()), string(b.DeliverTo.Place.Name)
	}
	for i := range b.Lines {
		l := &b.Lines[i]
		s.lines = append(s.lines, stepLine{
			int(l.Line), int(l.Answered()), l.Type, intern(string(l.Unit)), int64(l.Quantity),
			string(l.Description), l.Response, string(l.Reason), l.State, l.Until(),
		})
	}
	return s
}

// line gives a line by its number.
func (s *step) line(n int) *stepLine {
	for i := range s.lines {
		if s.lines[i].line == n {
			return &s.lines[i]
		}
	}
	return nil
}

// threadOf gives the thread a record is shown in.
func threadOf(e *entry) (protocol.Name, bool) {
	said := e.what
	if said == nil {
		said = e.now
	}
	switch s := said.(type) {
	case *step:
		return s.thread, true
	case *note:
		return s.row.Thread, true
	}
	return protocol.Name{}, false
}

// refsOf gives what a record of a thread names.
func refsOf(e *entry) []body.Ref {
	var out []body.Ref
	for _, said := range []essence{e.what, e.now} {
		switch s := said.(type) {
		case *step:
			out = append(out, s.refs...)
		case *flowStep:
			out = append(out, s.said.Refs...)
		case *note:
			out = append(out, s.refs...)
		}
		if e.what == e.now {
			break
		}
	}
	return out
}
