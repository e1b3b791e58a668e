package edxl

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// The lists that words are of.
const (
	listTypes    = "urn:vardar:resource-type"
	listUnits    = "urn:vardar:unit"
	listStages   = "urn:vardar:deployment-status"
	listCurrency = "urn:iso:std:iso:4217"
)

// line writes one line of a step; of a cancellation one of what it takes back.
func (w *writer) line(name string, s *body.ResourceStep, l *body.Line) *element {
	info := tag("rmsg:ResourceInformation", leaf("rmsg:ResourceInfoElementID", fmt.Sprint(l.Line)))
	answer := answerOf(s, l)
	if responds(name) {
		info.add(tag("rmsg:ResponseInformation", leaf("rm:PrecedingResourceInfoElementID", fmt.Sprint(l.Answered())),
			leaf("rm:ResponseType", answer), some("rm:ResponseReason", string(l.Reason))))
	} else {
		w.unanswered(l)
	}
	resource := tag("rmsg:Resource", valueList("rmsg:TypeStructure", "rm:ValueListURN", "rm:Value", listTypes, string(l.Type)), some("rmsg:Description", string(l.Description)))
	resource.add(status(name, s, l, answer))
	info.add(resource, w.assignment(name, l, answer))
	info.add(w.schedule(name, s, l, answer)...)
	return info
}

// answerOf gives the ResponseType of a line: what it says, or what its step says.
func answerOf(s *body.ResourceStep, l *body.Line) string {
	says := l.Response
	if says == "" {
		says = body.ResponseAccept
		if s.Step == body.StepDecline {
			says = body.ResponseDecline
		}
	}
	return strings.ToUpper(string(says[:1])) + string(says[1:])
}

// unanswered says in words what only an answer has an element for.
func (w *writer) unanswered(l *body.Line) {
	if l.Reason != "" {
		w.speaks("lines.reason", fmt.Sprintf("Line %d: %s", l.Line, l.Reason))
	}
	if l.Answered() != l.Line {
		w.speaks("lines.answers", fmt.Sprintf("Line %d answers line %d.", l.Line, l.Answers))
	}
}

// status writes where things are; in the answer to RequestReturn it is required.
func status(name string, s *body.ResourceStep, l *body.Line, answer string) *element {
	where, free := "", ""
	switch {
	case name == returnAnswer:
		where = string(body.StageDeployed)
		free = map[string]string{"Accept": "it will be returned", "Decline": "it will not be returned", "Provisional": "it may be returned"}[answer]
	case name != deployment:
		return nil
	case s.Step == body.StepReturned:
		where = "back"
	case s.Step == body.StepConsumed:
		where = "consumed"
	default:
		where = string(l.State)
	}
	return tag("rmsg:ResourceStatus", valueList("rmsg:DeploymentStatus", "rm:ValueListURN", "rm:Value", listStages, where), some("rmsg:Availability", free))
}

// assignment writes how much, and at what price. A line that CommitResource declines must not
// have it.
func (w *writer) assignment(name string, l *body.Line, answer string) *element {
	if name == commitResource && answer == "Decline" {
		w.speaks("lines.quantity", fmt.Sprintf("Line %d: %d %s are declined.", l.Line, l.Quantity, l.Unit))
		if l.Restrictions != "" {
			w.speaks("lines.restrictions", fmt.Sprintf("Line %d: %s", l.Line, l.Restrictions))
		}
		w.unpriced(l)
		return nil
	}
	a := tag("rmsg:AssignmentInformation",
		measured("rmsg:Quantity", fmt.Sprint(l.Quantity), listUnits, string(l.Unit)), some("rmsg:Restrictions", string(l.Restrictions)))
	switch {
	case l.Price != nil && name != requestResource:
		a.add(measured("rmsg:PriceQuote", string(l.Price.Amount), listCurrency, string(l.Price.Currency)))
	default:
		w.unpriced(l)
	}
	return a
}

func (w *writer) unpriced(l *body.Line) {
	if l.Price != nil {
		w.speaks("lines.price", fmt.Sprintf("Line %d: price %s %s.", l.Line, l.Price.Amount, l.Price.Currency))
	}
}

func measured(name, amount, list, unit string) *element {
	return tag(name, tag("rm:MeasuredQuantity", leaf("rm:Amount", amount), valueList("rm:UnitOfMeasure", "rm:ValueListURN", "rm:Value", list, unit)))
}

// schedule writes when and where; what a message has no such entry for is said in words.
func (w *writer) schedule(name string, s *body.ResourceStep, l *body.Line, answer string) []*element {
	var out []*element
	reports := false
	for i := range l.Schedule {
		at := &l.Schedule[i]
		word := camel(string(at.Type))
		reports = reports || at.Type == "report_to"
		if !slices.Contains(strings.Fields(scheduled(name)), word) {
			where := ""
			if at.Place != nil {
				where = " " + strings.TrimSpace(at.Place.Key().String()+" "+string(at.Place.Name))
			}
			w.speaks("lines.schedule", strings.TrimSpace(fmt.Sprintf("Line %d: %s %s", l.Line, word, moment(at.At)))+where)
			continue
		}
		out = append(out, entry(word, moment(at.At), at.Place))
	}
	if d := s.DeliverTo; d != nil && !reports {
		out = append(out, entry("ReportTo", "", &d.Place))
	}
	if name == commitResource && answer != "Decline" && out == nil {
		out = append(out, entry("Committed", stamp(w.m.Sent), nil)) // one is required (EDXL-RM 1.0 §3)
	}
	return out
}

func entry(word, at string, place *body.Place) *element {
	e := tag("rmsg:ScheduleInformation", leaf("rmsg:ScheduleType", word), some("rmsg:DateTime", at))
	if place != nil {
		e.add(location("rmsg:Location", place))
	}
	return e
}

// camel writes requested_arrival as EDXL-RM does: RequestedArrival.
func camel(word string) string {
	var out strings.Builder
	for part := range strings.SplitSeq(word, "_") {
		out.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return out.String()
}

// scheduled gives the ScheduleType of a message, as its schema has them.
func scheduled(name string) string {
	const (
		there   = " RequestedArrival EstimatedArrival ActualArrival RequestedDeparture EstimatedDeparture ActualDeparture"
		span    = " BeginAvailable EndAvailable"
		back    = " RequestedReturnDeparture RequestedReturnArrival"
		planned = " EstimatedReturnDeparture EstimatedReturnArrival"
	)
	switch name {
	case requestResource:
		return "RequestedArrival RequestedDeparture ReportTo Route" + planned
	case "ResponseToRequestResource":
		return "EstimatedArrival EstimatedDeparture RequestedArrival RequestedDeparture EstimatedReturnDeparture ReportTo Route" + back + span
	case requisition:
		return "EstimatedArrival EstimatedDeparture RequestedArrival RequestedDeparture ReportTo Route" + planned
	case commitResource:
		return "ActualDeparture Committed RequestedArrival RequestedDeparture EstimatedArrival EstimatedDeparture ReportTo Current Route" + back + planned + span
	case unsolicited:
		return "EstimatedArrival EstimatedDeparture Route" + back + span
	case "ReleaseResource", returnAnswer:
		return "ActualReturnDeparture Current Committed ReportTo Route" + there + back + planned + span
	case "RequestReturn":
		return "Committed ReportTo Route" + there + back + span
	case "RequestExtendedDeploymentDuration":
		return "RequestedReturnArrival RequestedReturnDeparture Committed ReportTo Route" + there + planned
	case "ResponseToRequestExtendedDeploymentDuration":
		return "EndAvailable RequestedReturnArrival RequestedReturnDeparture Committed ReportTo Route" + there + planned
	}
	all := "ActualReturnDeparture ActualReturnArrival Committed ReportTo Route" + there + back + planned + span
	if name == "RequestResourceDeploymentStatus" {
		return all
	}
	return all + " Current"
}
