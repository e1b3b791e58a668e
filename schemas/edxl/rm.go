package edxl

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// The messages whose rules differ from the others' in a way that the code asks for.
const (
	requestResource = "RequestResource"
	requisition     = "RequisitionResource"
	commitResource  = "CommitResource"
	unsolicited     = "OfferUnsolicitedResource"
	asksInformation = "RequestInformation"
	tellsAnswer     = "ResponseToRequestInformation"
	returnAnswer    = "ResponseToRequestReturn"
	deployment      = "ReportResourceDeploymentStatus"
)

// begins reports whether a message begins a thread, and names none before it.
func begins(name string) bool { return name == requestResource || name == unsolicited }

// responds reports whether each line of a message must say what it answers, and how.
func responds(name string) bool {
	return strings.HasPrefix(name, "ResponseTo") && name != tellsAnswer || name == commitResource
}

// sortOf gives the distributionType of a message.
func sortOf(name string) string {
	switch {
	case responds(name), name == tellsAnswer:
		return "Response"
	case strings.HasPrefix(name, "Request"), name == requisition:
		return "Request"
	}
	return "Report"
}

// step writes a step as the message that domain.md §4 names.
func (w *writer) step(s *body.ResourceStep) (payload, error) {
	said, lines, name := s, s.Lines, ""
	var err error
	switch {
	case s.Step == body.StepCancel:
		said, lines, err = w.cancelled(s)
		if err == nil {
			name, err = w.messageOf(said)
		}
	case s.Step == body.StepDecline && w.m.Role == body.Requester:
		name = asksInformation
		w.loses("step", "EDXL-RM has no refusal of an offer: it is written as RequestInformation, whose description says so")
		w.words = append(w.words, "The offer is declined.")
	default:
		name, err = w.messageOf(s)
	}
	if err != nil {
		return payload{}, err
	}
	w.common(&s.Common)
	w.deadline(s)
	var info []*element
	for i := range lines {
		info = append(info, w.line(name, said, &lines[i]))
	}
	w.has("lines.line", "lines.type", "lines.quantity", "lines.unit", "lines.description", "lines.state", "lines.restrictions", "lines.response", "lines.answers", "lines.reason",
		"lines.price.amount", "lines.price.currency", "lines.schedule.type", "lines.schedule.at", "lines.schedule.place.scheme", "lines.schedule.place.code",
		"lines.schedule.place.name", "lines.schedule.place.lat", "lines.schedule.place.lon", "deliver_to.place.scheme", "deliver_to.place.code", "deliver_to.place.name",
		"deliver_to.place.lat", "deliver_to.place.lon", "deliver_to.contact.office", "deliver_to.contact.phone", "deliver_to.contact.email", "funding.code", "funding.info")
	root := w.header(name, said)
	root.add(info...)
	return payload{name, sortOf(name), root}, nil
}

// messageOf gives the message of a step that begins a thread or answers another.
func (w *writer) messageOf(s *body.ResourceStep) (string, error) {
	var answers body.Step
	if s.Step != body.StepRequest && !s.Unsolicited() {
		if w.m.Answered == nil {
			return "", ErrAnswered
		}
		if answers = w.m.Answered.Step; s == w.m.Answered {
			answers = body.StepRequest // an offer that is taken back
		}
	}
	rm, ok := s.Step.RM(w.m.Role, answers)
	if !ok {
		return "", ErrNoMessage
	}
	return rm.Name, nil
}

// cancelled gives the request or the offer that a cancellation takes back, with the lines of the
// message: those that are gone, or what is left if others stand, since an update is whole.
func (w *writer) cancelled(s *body.ResourceStep) (*body.ResourceStep, []body.Line, error) {
	of := w.m.Answered
	if of == nil || w.m.Recalls == nil {
		return nil, nil, ErrAnswered
	}
	gone := map[body.Positive]*body.Line{}
	for i := range s.Lines {
		gone[s.Lines[i].Answered()] = &s.Lines[i]
	}
	var taken, left []body.Line
	for _, l := range of.Lines {
		if g := gone[l.Line]; g != nil {
			l.Quantity = g.Quantity
			taken = append(taken, l)
		} else if !slices.Contains(w.m.Taken, l.Line) {
			left = append(left, l)
		}
	}
	w.loses("step", "EDXL-RM has no step for it: it is the message that it takes back, with MessageRecall")
	for i := range s.Lines {
		if l := &s.Lines[i]; l.Reason != "" {
			w.speaks("lines.reason", fmt.Sprintf("Line %d is taken back: %s", l.Answered(), l.Reason))
		}
	}
	if left == nil {
		w.m.Recalls.Gone = true
		return of, taken, nil
	}
	w.loses("lines", "EDXL-RM takes back whole messages: it is an update that holds the lines that are left")
	return of, left, nil
}

// deadline says until when an answer is wanted.
func (w *writer) deadline(s *body.ResourceStep) {
	if !s.AnswerBy.IsZero() {
		w.words = append(w.words, "Answer by "+moment(s.AnswerBy)+".")
		w.keeps("answer_by", moment(s.AnswerBy))
	}
	if !s.ValidUntil.IsZero() {
		w.words = append(w.words, "Valid until "+moment(s.ValidUntil)+".")
	}
}

// header writes what stands before the lines.
func (w *writer) header(name string, s *body.ResourceStep) *element {
	m, prefix := w.m, "rm:"
	if name == requestResource {
		prefix = "rmsg:" // its schema has a type of its own for Funding
	}
	funding := tag("rmsg:Funding")
	if s.Funding != nil {
		funding.add(some(prefix+"FundCode", string(s.Funding.Code)), some(prefix+"FundingInfo", string(s.Funding.Info)))
	}
	switch {
	case s.Funding != nil && name == unsolicited:
		w.speaks("funding", strings.TrimSpace(fmt.Sprintf("Funding: %s %s", s.Funding.Code, s.Funding.Info)))
		funding = nil
	case s.Funding == nil && name == requisition:
		funding.add(leaf("rm:FundingInfo", "not stated"))
		w.loses("funding", "the record has none, and RequisitionResource wants it: its FundingInfo says \"not stated\"")
	case s.Funding == nil:
		funding = nil
	}
	root := w.top(name, &s.Common)
	root.add(funding, office("", &m.Sender, "Sender", nil))
	if d := s.DeliverTo; d != nil {
		root.add(office("Place of delivery", &Office{Contact: d.Contact}, "", location("rm:ContactLocation", &d.Place)))
	}
	return root
}

// top writes what stands before the offices.
func (w *writer) top(name string, c *body.Common) *element {
	m := w.m
	if m.Exercise {
		w.words = append([]string{"EXERCISE: this is only played."}, w.words...)
	}
	origin, before := c.Thread, ""
	if ref, ok := c.Ref(body.RelAnswers); ok && !begins(name) {
		before = ref.Record.String()
	}
	if r := m.Recalls; r != nil {
		origin = r.Thread
		if r.Reason != "" {
			w.speaks("reason", string(r.Reason))
		}
	}
	if origin.IsZero() {
		origin = m.Record
	}
	root := tag("rmsg:"+name, leaf("rmsg:MessageID", m.Record.String()), leaf("rmsg:SentDateTime", stamp(m.Sent)),
		leaf("rmsg:MessageContentType", name), some("rmsg:MessageDescription", strings.Join(w.words, "\n")),
		leaf("rmsg:OriginatingMessageID", origin.String()), some("rmsg:PrecedingMessageID", before))
	root.declare("rmsg", NamespaceRMsg)
	root.declare("rm", NamespaceRM)
	root.declare("xpil", namespaceParty)
	root.declare("xnl", namespaceNames)
	root.declare("gml", namespaceGML)
	if !c.Incident.IsZero() {
		root.add(tag("rmsg:IncidentInformation", leaf("rm:IncidentID", c.Incident.String())))
	}
	if r := m.Recalls; r != nil {
		sort := "Update"
		if r.Gone {
			sort = "Cancel"
		}
		root.add(tag("rmsg:MessageRecall", leaf("rm:RecallMessageID", r.Record.String()), leaf("rm:RecallType", sort)))
	}
	return root
}

// office writes who can be asked: never a person.
func office(says string, o *Office, role string, at *element) *element {
	party := tag("rm:AdditionalContactInformation")
	if o.Institution != "" {
		says = string(o.Institution)
		party.add(tag("xpil:PartyName", tag("xnl:OrganisationName", leaf("xnl:NameElement", says))))
	}
	if c := o.Contact; c != nil {
		says = strings.TrimPrefix(says+", ", ", ") + string(c.Office)
		if c.Phone != "" {
			party.add(tag("xpil:ContactNumbers", tag("xpil:ContactNumber", leaf("xpil:ContactNumberElement", string(c.Phone)))))
		}
		if c.Email != "" {
			mail := leaf("xpil:ElectronicAddressIdentifier", string(c.Email))
			mail.attr = [][2]string{{"xpil:Type", "EMAIL"}}
			party.add(tag("xpil:ElectronicAddressIdentifiers", mail))
		}
	}
	if party.in == nil {
		party = nil
	}
	return tag("rmsg:ContactInformation", leaf("rm:ContactDescription", says), some("rm:ContactRole", role), at, party)
}

// location writes a place: its code and name, and where it lies.
func location(name string, p *body.Place) *element {
	at := tag(name, leaf("rm:LocationDescription", strings.TrimSpace(p.Key().String()+" "+string(p.Name))))
	if p.Lat != nil && p.Lon != nil {
		at.add(tag("rm:TargetArea", tag("gml:Point", leaf("gml:pos", number(*p.Lat)+" "+number(*p.Lon)))))
	}
	return at
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// note writes a question or a message as RequestInformation, an answer as the response to it.
func (w *writer) note(n *body.Note) payload {
	name := asksInformation
	if n.Kind == body.Answer {
		name = tellsAnswer
	}
	w.words = append(w.words, string(n.Text))
	w.common(&n.Common)
	w.has("text")
	if n.Kind == body.Message {
		w.keeps("kind", string(n.Kind))
	}
	if n.Acknowledge {
		w.keeps("acknowledge", "true")
		w.words = append(w.words, "Please confirm that you have read this.")
	}
	w.has("kind", "acknowledge")
	root := w.top(name, &n.Common)
	root.add(office("", &w.m.Sender, "Sender", nil))
	return payload{name, sortOf(name), root}
}
