package desk

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// summary says in a line what a record says, for lists and for watching. What can't be
// read is said to be so.
func (d *Desk) summary(h *Held) string {
	b, why := d.open(h)
	if b == nil {
		return why
	}
	return d.line(b)
}

// Said gives what a record says, for who says it in another language: its body, or nil and in English why there is none.
func (d *Desk) Said(n protocol.Name) (b body.Body, english string) {
	h, err := d.held(n)
	if err != nil {
		return nil, err.Error()
	}
	if b, english = d.open(&h); b != nil {
		english = d.line(b)
	}
	return b, english
}

// open reads what a record says; nil, and why, if it can't be read.
func (d *Desk) open(h *Held) (b body.Body, why string) {
	switch {
	case h.BodyState != protocol.BodyHeld:
		return nil, "body " + d.noBody(h)
	case h.Sealed:
		return nil, "sealed"
	}
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return nil, "can't be read: " + err.Error()
	}
	return b, ""
}

// line says a body in a line.
func (d *Desk) line(b body.Body) string {
	switch b := b.(type) {
	case *body.SituationReport:
		return d.reportLine(b)
	case *body.Route:
		return fmt.Sprintf("%s: %s", b.Asset.Name, b.State)
	case *body.Phase:
		return fmt.Sprintf("%s: %s", d.o.Atlas.Says(*b.Place), b.Phase)
	case *body.Witness:
		if b.Feeds == 1 {
			return fmt.Sprintf("held %s in 1 feed", b.Have)
		}
		return fmt.Sprintf("held %s in %d feeds and branches", b.Have, b.Feeds)
	case *body.Alert:
		return alertLine(b)
	case *body.Needs:
		if len(b.Items) == 1 {
			return fmt.Sprintf("%s: 1 kind of thing is needed", d.o.Atlas.Says(*b.Place))
		}
		return fmt.Sprintf("%s: %d kinds of things are needed", d.o.Atlas.Says(*b.Place), len(b.Items))
	case *body.Capacity:
		if len(b.Items) == 1 {
			return "1 kind of thing is declared"
		}
		return fmt.Sprintf("%d kinds of things are declared", len(b.Items))
	case *body.ResourceStep:
		return stepLine(b)
	case *body.Flow:
		return flowLine(b)
	case *body.Plan:
		return planLine(b)
	case *body.Consultation, *body.ConsultationResponse, *body.ConsultationOutcome:
		return hearingLine(b)
	case *body.Strategy:
		return strategyLine(b)
	case *body.Project:
		return projectLine(b)
	case *body.Practice:
		return short(string(b.Title))
	case *body.Note:
		return short(string(b.Text))
	case *body.Correction:
		ref, _ := b.Ref(body.RelCorrects)
		return fmt.Sprintf("%s %s: %s", b.Action, ref.Record, short(string(b.Reason)))
	case *body.Erasure:
		return fmt.Sprintf("erase %s: %s", b.Erases().Record, short(string(b.Reason)))
	case *body.Endorsement:
		return endorsementLine(b)
	case *body.Acknowledgement:
		ref, _ := b.Ref(body.RelAcknowledges)
		return fmt.Sprintf("%s %s", ref.Record, b.State)
	}
	return trustLine(b)
}

func trustLine(b body.Body) string {
	switch b := b.(type) {
	case *body.Admission:
		return fmt.Sprintf("%s admitted as %s", b.Institution, b.Level)
	case *body.KeyRecord:
		if b.FeedTopic != 0 {
			return fmt.Sprintf("%s key, opens %s epoch %d", b.Use, b.FeedTopic, b.FeedEpoch)
		}
		return fmt.Sprintf("%s key", b.Use)
	case *body.Profile:
		return "profile of " + string(b.NameIn("en"))
	case *body.CharterRecord:
		return "charter"
	}
	return b.Type()
}

func (d *Desk) reportLine(r *body.SituationReport) string {
	var words []string
	for i := range r.Figures {
		f := &r.Figures[i]
		words = append(words, fmt.Sprintf("%s %s %s", f.Indicator, f.Value, f.In()))
	}
	for _, na := range r.NA {
		words = append(words, fmt.Sprintf("%s not reported", na.Field))
	}
	s := strings.Join(words, ", ")
	if r.Place != nil && s != "" {
		s += " at " + d.o.Atlas.Says(*r.Place)
	}
	if r.Summary != "" {
		if s != "" {
			s += "; "
		}
		s += short(string(r.Summary))
	}
	return s
}

func alertLine(a *body.Alert) string {
	if len(a.Info) == 0 {
		return string(a.MsgType)
	}
	n := &a.Info[0]
	if n.Headline != "" {
		return fmt.Sprintf("%s: %s", n.Severity, short(string(n.Headline)))
	}
	return fmt.Sprintf("%s: %s", n.Severity, n.Event)
}

func stepLine(s *body.ResourceStep) string {
	var words []string
	for i := range s.Lines {
		l := &s.Lines[i]
		words = append(words, fmt.Sprintf("%d %s", l.Quantity, l.Type))
	}
	return s.Step.String() + " " + strings.Join(words, ", ")
}

// short cuts a text to a line.
func short(s string) string {
	const most = 120
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
