package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/edxl"
)

// spoken is a record that may be a message of EDXL.
type spoken struct {
	record protocol.Name
	digest protocol.Digest
}

// MessageQuestion asks for the message of a record, or for all of the exchange that it stands in.
type MessageQuestion struct {
	Record string
	Thread bool
	At     protocol.Instant
}

// Message gives a step or a note of an exchange, or a situation report, as a message of EDXL, or all
// of an exchange, a file each, with what EDXL can't say, for who may read bodies up to a mark. It
// is [NotFound] for a record that is not held, and [Usage] for one that EDXL has no message for.
func (d *Desk) Message(ctx context.Context, q MessageQuestion, ceiling protocol.Handling) (Exported, error) {
	n, err := d.named(d.o.Institutions[0], q.Record)
	if err != nil {
		return Exported{}, err
	}
	h, err := d.held(n)
	if err != nil {
		return Exported{}, err
	}
	e := &exporting{d: d, asked: q.At, ceiling: ceiling, lost: losses{}, read: map[string]*Held{}}
	m, err := e.momentOf(ctx, &h)
	if err != nil {
		return Exported{}, err
	}
	what, of := "message", []spoken{{n, h.Digest}}
	if q.Thread {
		if what, of = "exchange", exchanged(&m.view, n); of == nil {
			return Exported{}, problem(NotFound, "vardar list requests", "%s stands in no exchange that counts here", n)
		}
	} else if !Messaged(h.Type) {
		return Exported{}, &Problem{
			Kind: Usage, Field: "record", Detail: fmt.Sprintf("%s is %s, and EDXL has no message for it", n, article(body.ShortName(h.Type))),
			Mend: "want a step or a note of an exchange, or a situation report", Next: "vardar export " + ListReports + " --as " + AsEDXL,
		}
	}
	files := []EvidenceFile{}
	for i := range of {
		files = append(files, e.spoken(i, of[i], m, q.Thread)...)
	}
	return Exported{What: what, Format: AsEDXL, At: m.at, Exercise: h.Exercise, Rows: len(of), Each: q.Thread, Files: files, Loss: e.lost.list()}, nil
}

// Messaged reports whether EDXL has a message for a type, or for what a record of it corrects.
func Messaged(recordType string) bool {
	topic, word, _ := strings.Cut(strings.TrimPrefix(recordType, "vardar."), ".")
	word = strings.TrimSuffix(word, ".v1")
	_, step := body.StepOf(word)
	talks := word == "note" || word == "correction"
	return recordType == body.TypeReport || topic == protocol.Resource.String() && (step || talks) || topic == protocol.Situation.String() && word == "correction"
}

// exchanged gives the records of the exchange that one stands in, steps first; nil if it is in none.
func exchanged(view *board.View, n protocol.Name) (out []spoken) {
	var thread protocol.Name
	for i := range view.Steps {
		if s := &view.Steps[i]; s.Record == n || s.Correction == n {
			thread = s.Thread
		}
	}
	for i := range view.Notes {
		if o := &view.Notes[i]; (o.Record == n || o.Correction == n) && n.Topic == protocol.Resource {
			thread = o.Thread
		}
	}
	for i := range view.Steps {
		if s := &view.Steps[i]; s.Thread == thread {
			out = append(out, spoken{s.Record, s.Digest})
		}
	}
	for i := range view.Notes {
		if o := &view.Notes[i]; o.Thread == thread {
			out = append(out, spoken{o.Record, o.Digest})
		}
	}
	return out
}

// spokenRows gives what the rows of a list are of.
func spokenRows(rows any) (out []spoken) {
	switch rows := rows.(type) {
	case []ReportRow:
		for i := range rows {
			out = append(out, spoken{rows[i].Record, rows[i].Digest})
		}
	case []RequestRow:
		for i := range rows {
			out = append(out, spoken{rows[i].Record, rows[i].Digest})
		}
	case []OfferRow:
		for i := range rows {
			out = append(out, spoken{rows[i].Record, rows[i].Digest})
		}
	}
	return out
}

// messagesOf writes the records of a list as messages.
func (e *exporting) messagesOf(ctx context.Context) ([]EvidenceFile, error) {
	out := []EvidenceFile{}
	for i, s := range spokenRows(e.listing.Rows) {
		h := e.find(s.record.String(), s.digest.String())
		if h == nil {
			e.lost.add(i, memberRecord, "what it says is not here: erased, sealed, or let go")
			continue
		}
		m, err := e.momentOf(ctx, h)
		if err != nil {
			return nil, err
		}
		out = append(out, e.spoken(i, s, m, true)...)
	}
	return out, nil
}

// spoken writes a record as a message, and what corrects it as one more, if all is wanted: sent is sent.
func (e *exporting) spoken(row int, s spoken, now *moment, all bool) (out []EvidenceFile) {
	of := []spoken{s}
	for _, c := range correctionsOf(&now.view, s.record) {
		if all {
			of = append(of, c)
		} else {
			e.lost.add(row, memberRecord, "it was corrected, and EDXL says that in a message of its own: "+c.record.String())
		}
	}
	for _, n := range of {
		if file := e.written(row, e.message(row, n, now)); file != nil {
			out = append(out, *file)
		}
	}
	return out
}

// written writes a message; nil, with what is lost by that, for what can't be one.
func (e *exporting) written(row int, m *edxl.Message) *EvidenceFile {
	if m == nil {
		return nil
	}
	w, err := edxl.Write(m)
	switch {
	case errors.Is(err, edxl.ErrCharacter):
		e.lost.add(row, memberRecord, "XML can't hold one of its characters: it is not written")
	case errors.Is(err, edxl.ErrAnswered):
		e.lost.add(row, memberRecord, "what it answers is not here to be read: it is not written")
	case err != nil:
		e.lost.add(row, memberRecord, "EDXL has no message for it: it is not written")
	}
	if err != nil {
		return nil
	}
	for _, l := range w.Lost {
		e.lost.add(row, l.Field, l.Why)
	}
	name := fileOf(m.Record) + ".edxl.xml"
	if m.Exercise {
		name = "exercise-" + name
	}
	return &EvidenceFile{name, w.Data}
}

// correctionsOf gives what corrects a record, if anything is in force.
func correctionsOf(view *board.View, n protocol.Name) (out []spoken) {
	for i := range view.Corrections {
		if c := &view.Corrections[i]; c.Corrects == n && c.Standing == board.Counts && c.Action != board.Erase {
			out = append(out, spoken{c.Record, c.Digest})
		}
	}
	return out
}

// message gathers what a record needs to become a message; nil, with what is lost by that, if it can't.
func (e *exporting) message(row int, of spoken, now *moment) *edxl.Message {
	h, b := e.source(row, of.record, of.digest)
	if h == nil {
		return nil
	}
	switch is, why := e.d.o.Board.Standing(h.Digest); is {
	case board.Counts, board.Retracted, board.Replaced:
	default:
		e.lost.add(row, memberRecord, strings.TrimSuffix("it does not count here, and others would act on it, so it is not written: "+why, ": "))
		return nil
	}
	m := &edxl.Message{Record: h.Name, Digest: h.Digest, Sent: h.Time, Exercise: h.Exercise, Handling: h.Handling, Said: b, Raw: h.Body, Sender: e.d.office(h.Institution)}
	first := h.Name
	if c, corrects := b.(*body.Correction); corrects {
		if first = e.corrected(row, m, c); first.IsZero() {
			return nil
		}
	}
	if _, is := m.Said.(*body.ResourceStep); is {
		return e.stepped(row, m, now, first)
	}
	return m
}

// corrected makes a correction the message that takes the place of the one before, and gives the
// name of that; zero if it can't be read.
func (e *exporting) corrected(row int, m *edxl.Message, c *body.Correction) protocol.Name {
	ref, _ := c.Ref(body.RelCorrects)
	h, was := e.source(row, ref.Record, ref.Digest)
	if h == nil {
		return protocol.Name{}
	}
	own, _ := body.Members(m.Raw)
	for _, path := range own {
		top, _, _ := strings.Cut(path, ".")
		if !slices.Contains([]string{"action", "reason", "refs", "thread", "replacement"}, top) {
			e.lost.add(row, path, "it is the correction's own, and EDXL has no element for it")
		}
	}
	m.Said, m.Raw = was, h.Body
	m.Recalls = &edxl.Recalled{Record: h.Name, Sent: h.Time, Thread: h.Name, Gone: c.Action == body.Retract, Reason: c.Reason}
	if !m.Recalls.Gone {
		now, err := c.Replaced(h.Type)
		if err != nil {
			e.lost.add(row, memberRecord, "it can't be read by this version")
			return protocol.Name{}
		}
		m.Said, m.Raw = now, c.Replacement
	}
	if thread := m.Said.Base().Thread; !thread.IsZero() {
		m.Recalls.Thread = thread
	}
	return h.Name
}

// stepped adds what a step is in its exchange. One without effect is no message: others would act on it.
func (e *exporting) stepped(row int, m *edxl.Message, now *moment, first protocol.Name) *edxl.Message {
	s, _ := m.Said.(*body.ResourceStep)
	thread := s.Thread
	if thread.IsZero() {
		thread = first
	}
	t, ok := exchangeOf(&now.view, thread)
	if !ok {
		e.lost.add(row, memberRecord, "what began its exchange is not here, or does not count: it is not written")
		return nil
	}
	m.Role = t.role(m.Record.Institution)
	if is := t.record(first); is != nil && is.Ignored != "" && (m.Recalls == nil || !m.Recalls.Gone) {
		e.lost.add(row, memberRecord, "it has no effect in its exchange, and others would act on it: it is not written")
		return nil
	} else if is != nil {
		for _, l := range is.Lines {
			if l.Ignored != "" {
				e.lost.add(row, "lines", fmt.Sprintf("line %d has no effect here, and the message holds it: %s", l.Line, l.Ignored))
			}
		}
	}
	ref, answers := s.Ref(body.RelAnswers)
	if !answers {
		return m
	}
	h, b := e.source(row, ref.Record, ref.Digest)
	if h == nil {
		return m
	}
	m.Answered, _ = b.(*body.ResourceStep)
	if s.Step != body.StepCancel {
		return m
	}
	if m.Recalls != nil {
		e.lost.add(row, memberRecord, "EDXL-RM takes back a message once, and can't correct that: it is not written")
		return nil
	}
	m.Recalls, m.Taken = &edxl.Recalled{Record: h.Name, Sent: h.Time, Thread: thread}, e.taken(t, first, ref.Record)
	return m
}

// taken gives the lines of a record that were taken back before a cancellation of it.
func (e *exporting) taken(t *thread, before, of protocol.Name) (out []body.Positive) {
	for i := range t.steps {
		s := &t.steps[i]
		if s.Record == before {
			return out
		}
		if s.Step != body.StepCancel.String() || s.Answers != of || s.Ignored != "" {
			continue
		}
		if h := e.find(s.Record.String(), s.Digest.String()); h != nil {
			b, _ := body.Parse(h.Type, h.Body)
			if said, is := b.(*body.ResourceStep); is {
				for i := range said.Lines {
					out = append(out, said.Lines[i].Answered())
				}
			}
		}
	}
	return out
}

// momentOf gives the picture of the world that a record is of.
func (e *exporting) momentOf(ctx context.Context, h *Held) (*moment, error) {
	w := board.WorldOf(&h.Record)
	if e.now == nil || e.now.world != w {
		m, err := e.d.momentOf(ctx, e.asked, w)
		if err != nil {
			return nil, err
		}
		e.now = m
	}
	return e.now, nil
}

// office gives who answers for what an institution sends.
func (d *Desk) office(id protocol.InstitutionID) edxl.Office {
	o := edxl.Office{Institution: body.Label(id)}
	if m, ok := d.o.Trust.Member(id); ok && m.Profile != nil {
		o.Institution, o.Contact = m.Profile.NameIn("en"), m.Profile.DutyContact
	}
	return o
}
