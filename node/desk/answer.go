package desk

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The words for what is answered outside an exchange of help; where somebody stands on a
// record is said by the words of [body.Stance].
const (
	AnswerNote        = "note"
	AnswerRemind      = "remind" // those who are silent in a consultation
	AnswerAcknowledge = "acknowledge"
	AnswerCosign      = "cosign" // a version of a fund plan
	AnswerRefuse      = "refuse" // the same, or to take part in a project, with the reason
	AnswerAccept      = "accept" // to take part in a project; of an offer, the step of the exchange
)

// AnswerWords gives the words for what can be answered: the steps of an exchange but for the
// request, which answers nothing, those of a flow of funds, a note, a reminder, an acknowledgement, the
// words of who signs a plan, and the stances.
func AnswerWords() []string {
	out := words(body.Steps()[1:])
	for _, step := range words(body.FlowSteps()) {
		if !slices.Contains(out, step) { // one commits and cancels in both
			out = append(out, step)
		}
	}
	return append(append(out, AnswerNote, AnswerRemind, AnswerAcknowledge, AnswerCosign, AnswerRefuse), body.Stance("").Words()...)
}

// LineQuantity is --line N=QTY: so many of the line with that number; 0, which JSON leaves out,
// for all of it.
type LineQuantity struct {
	Line     int   `json:"line"`
	Quantity int64 `json:"quantity,omitempty"`
}

// UnmarshalJSON refuses a 0 that somebody has written: who reckons that nothing is to be promised
// must not promise all of it.
func (l *LineQuantity) UnmarshalJSON(b []byte) error {
	var read struct {
		Line     int    `json:"line"`
		Quantity *int64 `json:"quantity"`
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&read); err != nil {
		return err
	}
	*l = LineQuantity{Line: read.Line}
	if read.Quantity == nil {
		return nil
	}
	if l.Quantity = *read.Quantity; l.Quantity == 0 {
		return fmt.Errorf("lines: %d of line %d are none: give a whole number of 1 or more, or leave quantity out for all of it", l.Quantity, l.Line)
	}
	return nil
}

// AnswerRequest answers a record: with a step of a resource exchange or of a flow of funds, a
// note, an acknowledgement, or a stance.
type AnswerRequest struct {
	As      protocol.InstitutionID   `json:"as,omitempty"`
	Record  string                   `json:"record"`
	Digest  protocol.Digest          `json:"digest,omitzero"`    // of the record as it was read; none: as it is here
	Step    string                   `json:"step"`               // one of AnswerWords
	Lines   []LineQuantity           `json:"lines,omitempty"`    // default: all lines, whole
	Reason  string                   `json:"reason,omitempty"`   // of a decline, a refusal or a stance; the text of a note or a reminder
	State   body.Stage               `json:"state,omitempty"`    // of a status: where it is now
	Says    body.LineResponse        `json:"response,omitempty"` // of a reply: accept, decline or provisional
	To      []protocol.InstitutionID `json:"to,omitempty"`       // of a reminder: whom; default all who are silent
	Until   string                   `json:"until,omitempty"`    // of an extension: a moment, as in a body
	Body    json.RawMessage          `json:"body,omitempty"`     // further members
	Set     []string                 `json:"set,omitempty"`      // of acknowledge: state=read unless told; of a stance: basis, field, value
	DryRun  bool                     `json:"dry_run,omitempty"`
	Wait    int                      `json:"wait,omitempty"`
	WaitMS  int                      `json:"wait_ms,omitempty"`
	Knowing bool                     `json:"knowing,omitempty"` // accept more than was asked for, receive more than was paid, report on less than was received, give up an adoption
	Form    bool                     `json:"-"`                 // it was written in a form, as people write amounts
	Anyway

	wrong gathered // with the form that it is made of
}

// Answer writes the answer, under the mark of what it answers and in its thread. A step
// that the line's state or the institution's role does not allow, and a promise beyond
// the own stock, are refused.
func (d *Desk) Answer(ctx context.Context, r AnswerRequest) (out Published, err error) {
	defer func() {
		d.note(ctx, act{"answer", r.As, onRecord(out.Record, r.Record), r.DryRun || out.Waits != ""}, err)
	}()
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Published{}, err
	}
	if !slices.Contains(AnswerWords(), r.Step) {
		return Published{}, &Problem{Kind: Usage, Field: "step", Detail: "no step is called " + quoted(r.Step), Mend: OneOf(r.Step, AnswerWords()), Next: "vardar answer --help"}
	}
	n, err := d.named(as, r.Record)
	if err != nil {
		return Published{}, err
	}
	h, err := d.heldAs(n, r.Digest)
	if err != nil {
		return Published{}, err
	}
	if len(r.To) > 0 && r.Step != AnswerRemind {
		return Published{}, &Problem{Kind: Usage, Field: "to", Detail: "only a reminder is to some of those who are silent", Mend: "leave it out", Next: "vardar answer --help"}
	}
	a := answer{d: d, as: as, r: &r, to: &h}
	recordType, doc, err := a.compose()
	if err != nil {
		return Published{}, err
	}
	given, err := readDocument(r.Body)
	if err != nil {
		return Published{}, err
	}
	maps.Copy(doc, given)
	kind, err := body.New(recordType)
	if err != nil {
		return Published{}, misfit(err, "")
	}
	wrong := r.wrong
	err = d.setAll(doc, kind, r.Set, &wrong)
	if r.Form {
		err = cmp.Or(err, readAmounts(doc, nil, kind, &wrong))
	}
	if err != nil {
		return Published{}, err
	}
	if len(wrong.found) > 0 {
		return Published{}, cmp.Or(wrong.addBody(recordType, doc, "vardar answer --help"), wrong.problem())
	}
	if step, of := body.FlowStepOf(recordType); of {
		d.fillFlow(step, as, board.WorldOf(&h.Record), doc)
	}
	document, err := writeDocument(doc)
	if err != nil {
		return Published{}, failure(err)
	}
	return d.say(ctx, statement{
		as: as, recordType: recordType, document: document, handling: max(h.Handling, d.handling(recordType)),
		world: board.WorldOf(&h.Record), dryRun: r.DryRun, wait: r.Wait, waitMS: r.WaitMS, knowing: r.Knowing, anyway: r.Anyway,
	})
}

// answer is one that is being written.
type answer struct {
	d  *Desk
	as protocol.InstitutionID
	r  *AnswerRequest
	to *Held
}

func (a *answer) compose() (recordType string, doc map[string]any, err error) {
	switch a.r.Step {
	case AnswerNote:
		doc := map[string]any{"thread": a.thread(), "kind": string(body.Answer), "refs": a.refs(body.RelAnswers)}
		return body.TypeNote(a.topic()), a.worded(doc, "text"), nil
	case AnswerRemind:
		return a.reminding()
	case AnswerAcknowledge:
		doc := map[string]any{"thread": a.thread(), "state": string(body.Read), "refs": a.refs(body.RelAcknowledges)}
		return body.TypeAcknowledgement(a.topic()), a.worded(doc, "reason"), nil
	}
	if recordType, doc, ok := a.takingPart(); ok {
		return recordType, doc, nil
	}
	if recordType, doc, ok, err := a.funding(); ok || err != nil {
		return recordType, doc, err
	}
	if a.r.Step == AnswerCosign || a.r.Step == AnswerRefuse {
		return a.signature()
	}
	if slices.Contains(body.Stance("").Words(), a.r.Step) {
		return a.stance()
	}
	return a.step()
}

// worded puts what was said in words, if anything was, into a member.
func (a *answer) worded(doc map[string]any, member string) map[string]any {
	if a.r.Reason != "" {
		doc[member] = a.r.Reason
	}
	return doc
}

// topic is that of the record answered; trust has no notes.
func (a *answer) topic() protocol.Topic {
	if a.to.Topic == protocol.Trust {
		return protocol.Knowledge
	}
	return a.to.Topic
}

func (a *answer) refs(rel body.Relation) []any {
	return []any{map[string]any{"rel": string(rel), "record": a.to.String(), "digest": a.to.Digest.String()}}
}

// thread gives the thread of the record answered: the one it names, or itself.
func (a *answer) thread() string {
	var common struct {
		Thread string `json:"thread"`
	}
	if json.Unmarshal(a.to.Body, &common) == nil && common.Thread != "" {
		return common.Thread
	}
	return a.to.String()
}

// step composes a step of an exchange: the lines are those of the record answered, type,
// unit and number as they are there.
func (a *answer) step() (string, map[string]any, error) {
	step, _ := body.StepOf(a.r.Step)
	view := a.d.world(board.WorldOf(&a.to.Record))
	if err := a.redirect(&view, step); err != nil {
		return "", nil, err
	}
	doc, err := a.d.current(a.to)
	if err != nil {
		return "", nil, err
	}
	lines, _ := doc["lines"].([]any)
	if a.to.Topic != protocol.Resource || len(lines) == 0 {
		return "", nil, problem(Refused, "vardar list requests", "%s is %s, and %s answers a step of an exchange of help", a.to.Name, article(shortName(a.to.Type)), a.r.Step)
	}
	chosen, err := a.choose(lines)
	if err != nil {
		return "", nil, err
	}
	return step.Type(), map[string]any{
		"thread": a.thread(), "refs": a.refs(body.RelAnswers), "lines": chosen,
	}, nil
}

// choose takes the lines that were asked for, or all, with their quantities.
func (a *answer) choose(lines []any) ([]any, error) {
	wanted := map[string]LineQuantity{}
	for _, l := range a.r.Lines {
		if l.Quantity < 0 || l.Line < 1 {
			return nil, &Problem{Kind: Usage, Field: "line", Detail: fmt.Sprintf("%d=%d is no line and quantity", l.Line, l.Quantity), Mend: "write --line 1=300", Next: "vardar answer --help"}
		}
		wanted[fmt.Sprint(l.Line)] = l
	}
	var out []any
	for _, entry := range lines {
		l, _ := entry.(map[string]any)
		number := fmt.Sprint(l["line"])
		w, ok := wanted[number]
		if !ok && len(a.r.Lines) > 0 {
			continue
		}
		delete(wanted, number)
		line := map[string]any{"line": l["line"], "type": l["type"], "unit": l["unit"], "quantity": l["quantity"]}
		if w.Quantity > 0 {
			line["quantity"] = w.Quantity
		}
		a.say(line)
		out = append(out, line)
	}
	for number := range wanted {
		return nil, &Problem{Kind: Refused, Field: "line", Detail: a.to.String() + " has no line " + number, Next: "vardar show " + a.to.String()}
	}
	return out, nil
}

// say writes what the step says of each of its lines.
func (a *answer) say(line map[string]any) {
	for member, said := range map[string]string{"reason": a.r.Reason, "state": string(a.r.State), "response": string(a.r.Says)} {
		if said != "" {
			line[member] = said
		}
	}
	if a.r.Until != "" {
		line["schedule"] = []any{map[string]any{"type": "requested_return_departure", "at": a.r.Until}}
	}
}
