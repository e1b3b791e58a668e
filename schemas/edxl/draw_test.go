package edxl_test

import (
	"slices"
	"strings"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// drawer draws what an exchange may say.
type drawer struct{ t *rapid.T }

func (d drawer) text(label string) body.Text {
	return body.Text(rapid.StringMatching(`[a-z<>&"'šя]{1,12}( [a-z\]]{1,8})?`).Draw(d.t, label))
}

func (d drawer) place(label string) *body.Place {
	p := body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}
	if rapid.Bool().Draw(d.t, label+" is a crossing") {
		p = body.Place{Scheme: body.Shared, Code: "gr-mk:bogorodica-evzoni", Name: "Богородица & Evzoni"}
	}
	if rapid.Bool().Draw(d.t, label+" lies somewhere") {
		lat, lon := float64(rapid.IntRange(-90000, 90000).Draw(d.t, "lat"))/1000, float64(rapid.IntRange(-180000, 180000).Draw(d.t, "lon"))/1000
		p.Lat, p.Lon = &lat, &lon
	}
	return &p
}

// rank puts the moments of a schedule into an order that a body may have.
var rank = []string{"departure", "arrival", "return_departure", "return_arrival", "begin_available", "end_available"}

func (d drawer) schedule(must body.ScheduleType) []body.Schedule {
	types := rapid.SliceOfNDistinct(rapid.SampledFrom(body.ScheduleType("").Words()), 0, 4, rapid.ID).Draw(d.t, "schedule")
	if must != "" && !slices.Contains(types, string(must)) {
		types = append(types, string(must))
	}
	var out []body.Schedule
	for _, word := range types {
		_, of, _ := strings.Cut(word, "_")
		hours := slices.Index(rank, of)
		if hours < 0 {
			hours = slices.Index(rank, word)
		}
		s := body.Schedule{Type: body.ScheduleType(word), At: begun + body.Time((hours+1)*3600_000+rapid.IntRange(0, 3599).Draw(d.t, "at")*1000)}
		if rapid.Bool().Draw(d.t, word+" has a place") {
			s.Place = d.place(word)
		}
		out = append(out, s)
	}
	return out
}

// answers gives what a line of a step may say.
func answers(s body.Step, solicited bool) []body.LineResponse {
	switch {
	case s == body.StepExtendReply || s == body.StepRecallReply:
		return []body.LineResponse{"accept", "decline", "provisional"}
	case s == body.StepCommit || s == body.StepOffer && solicited:
		return []body.LineResponse{"", "accept", "provisional"}
	}
	return []body.LineResponse{""}
}

func (d drawer) line(s body.Step, n int, solicited bool) body.Line {
	l := body.Line{
		Line: body.Positive(n), Type: body.ResourceType(rapid.SampledFrom([]string{"blanket", "meal", "x-covered-m2"}).Draw(d.t, "type")),
		Quantity: body.Positive(rapid.Int64Range(1, 1_000_000).Draw(d.t, "quantity")), Unit: "pieces",
		Response: rapid.SampledFrom(answers(s, solicited)).Draw(d.t, "response"),
	}
	if rapid.Bool().Draw(d.t, "described") {
		l.Description, l.Restrictions = d.text("description"), d.text("restrictions")
	}
	if rapid.Bool().Draw(d.t, "reasoned") || l.Response == "provisional" {
		l.Reason = d.text("reason")
	}
	if rapid.Bool().Draw(d.t, "priced") {
		l.Price = &body.Money{Amount: "1250.50", Currency: "EUR"}
	}
	if solicited && rapid.Bool().Draw(d.t, "renumbered") {
		l.Answers = body.Positive(rapid.IntRange(1, 9).Draw(d.t, "answers"))
	}
	must := body.ScheduleType("")
	if s == body.StepExtend {
		must = "requested_return_departure"
	}
	l.Schedule = d.schedule(must)
	if s == body.StepStatus {
		l.State = body.Stage(rapid.SampledFrom(body.Stage("").Words()).Draw(d.t, "state"))
	}
	return l
}

func (d drawer) step(s body.Step, solicited bool, answersName string) *body.ResourceStep {
	out := &body.ResourceStep{Step: s}
	for n := range rapid.IntRange(1, 3).Draw(d.t, "lines") {
		out.Lines = append(out.Lines, d.line(s, n+1, solicited))
	}
	if solicited {
		out.Thread = name(d.t, town+"1")
		out.Refs = []body.Ref{{Rel: body.RelAnswers, Record: name(d.t, answersName), Digest: protocol.Digest{1, 2}}}
	}
	if s == body.StepRequest {
		out.AnswerBy, out.DeliverTo = begun+3600_000, &body.Delivery{Place: *d.place("deliver"), Contact: &body.Contact{Office: "Depot <2>", Phone: "+389 34 212 340"}}
	}
	if rapid.Bool().Draw(d.t, "funded") {
		out.Funding = &body.Funding{Code: "IPA-3", Info: d.text("fund")}
	}
	if rapid.Bool().Draw(d.t, "said more") {
		out.Phase, out.Method, out.Lang, out.Incident = body.Response, body.Observed, "mk", name(d.t, "mk.national.centre/alert.1.3")
		out.To, out.ValidUntil, out.Place = []body.Addressee{"group:mk-southeast", "rs.pcinjski.demo-south-valley"}, begun+7200_000, d.place("place")
		out.NA, out.Source = []body.NotAvailable{{Field: "price", Reason: "not asked"}}, &body.Source{Type: body.MediaSource, Name: "A paper"}
	}
	return out
}
