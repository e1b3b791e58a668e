package edxl_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/edxl"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// example is a step that says all that its kind may.
func example(t *testing.T, s body.Step, answered body.Step) *body.ResourceStep {
	t.Helper()
	lat, lon := 41.1392, 22.5025
	l := body.Line{
		Line: 1, Type: "blanket", Quantity: 300, Unit: "pieces", Description: `Wool & fleece, <150 × 200> "new"`, Restrictions: "by road", Reason: "the road is open",
		Price: &body.Money{Amount: "1250.50", Currency: "EUR"}, Schedule: []body.Schedule{
			{Type: "requested_arrival", At: begun + 86400_000, Place: &body.Place{Scheme: body.ISOSubdivision, Code: "MK-405", Name: "Gevgelija", Lat: &lat, Lon: &lon}},
			{Type: "requested_return_departure", At: begun + 9*86400_000},
			{Type: "actual_return_arrival", At: begun + 10*86400_000},
		},
	}
	second := body.Line{Line: 2, Type: "meal", Quantity: 20, Unit: "pieces"}
	if s == body.StepStatus {
		l.State, second.State = body.StageInTransit, body.StageDeployed
	}
	if s == body.StepExtend {
		second.Schedule = l.Schedule[1:2]
	}
	if s == body.StepExtendReply || s == body.StepRecallReply {
		l.Response, second.Response = body.ResponseProvisional, body.ResponseDecline
	}
	out := &body.ResourceStep{Step: s, Lines: []body.Line{l, second}, Funding: &body.Funding{Code: "IPA-3", Info: "Emergency fund"}}
	out.To, out.Incident, out.Lang, out.Phase = []body.Addressee{"rs.pcinjski.demo-south-valley", "group:mk-southeast"}, name(t, "mk.national.centre/alert.1.3"), "mk", body.Response
	if s == body.StepRequest {
		out.AnswerBy, out.DeliverTo = begun+3600_000, &body.Delivery{Place: *l.Schedule[0].Place, Contact: &body.Contact{Office: "Depot", Phone: "+389 34 212 340"}}
	}
	if answered != 0 {
		out.Thread, out.Refs = name(t, town+"1"), []body.Ref{{Rel: body.RelAnswers, Record: name(t, river+"2"), Digest: protocol.Digest{1, 2}}}
	}
	return out
}

func written(t *testing.T, m *edxl.Message) edxl.Written {
	t.Helper()
	m.Record, m.Digest, m.Sent, m.Handling = name(t, town+"7"), protocol.Digest{7}, begun.Instant()+250, protocol.Green
	m.Sender = edxl.Office{Institution: "Municipality of Gevgelija", Contact: &body.Contact{Office: "Duty post", Phone: "+389 34 212 340", Email: "duty@example.org"}}
	raw, err := body.Marshal(m.Said, [16]byte{9})
	if err != nil {
		t.Fatal(err)
	}
	m.Raw = raw
	w, err := edxl.Write(m)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// report is a situation report with all that one may say.
func report(t *testing.T) *body.SituationReport {
	t.Helper()
	r := &body.SituationReport{
		Number: 4, Version: "update", Severity: body.Severe, Summary: "Cold & <wet>.", Actions: "Tents are put up.", Outlook: "Snow.", NextReportAt: begun + 86400_000, TopNeeds: []body.Sector{"shelter", "nfi"},
		Period: &body.Period{Start: begun - 86400_000, End: begun}, Figures: []body.Figure{
			{Indicator: body.Arrivals, Value: body.Exact(960), Method: body.Registered},
			{Indicator: body.UnaccompaniedChildren, Value: body.Below(5), By: &body.Breakdown{Sex: "f", Age: "5-17", Group: "refugees"}},
		},
	}
	r.Place, r.Phase, r.Incident, r.Reliability = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-405", Name: "Gevgelija"}, body.Response, name(t, "mk.national.centre/alert.1.3"), "B"
	return r
}

// examples are messages by the name of their file.
func examples(t *testing.T) map[string]*edxl.Message {
	t.Helper()
	out := map[string]*edxl.Message{}
	for _, k := range kinds {
		m := &edxl.Message{Said: example(t, k.step, k.answered), Role: k.role}
		if k.answered != 0 {
			m.Answered = example(t, k.answered, 0)
		}
		out[k.step.String()+"-"+k.want] = m
	}
	note := &body.Note{Topic: protocol.Resource, Kind: body.Question, Text: "Where are they?", Acknowledge: true}
	note.Thread = name(t, town+"1")
	answer := &body.Note{Topic: protocol.Resource, Kind: body.Answer, Text: "On the road."}
	answer.Thread, answer.Refs = note.Thread, []body.Ref{{Rel: body.RelAnswers, Record: name(t, river+"2"), Digest: protocol.Digest{1, 2}}}
	out["question"], out["answer"] = &edxl.Message{Said: note}, &edxl.Message{Said: answer}
	recalled := edxl.Recalled{Record: name(t, town+"1"), Sent: begun.Instant(), Thread: name(t, town+"1")}
	cancel, corrected, retracted := example(t, body.StepCancel, body.StepRequest), recalled, recalled
	cancel.Lines = cancel.Lines[:1]
	out["cancel"] = &edxl.Message{Said: cancel, Role: body.Requester, Answered: example(t, body.StepRequest, 0), Recalls: &recalled}
	corrected.Reason, retracted.Reason, retracted.Gone = "A zero too many.", "Asked twice.", true
	out["corrected"] = &edxl.Message{Said: example(t, body.StepRequest, 0), Role: body.Requester, Recalls: &corrected}
	out["retracted"] = &edxl.Message{Said: example(t, body.StepRequest, 0), Role: body.Requester, Recalls: &retracted, Exercise: true}
	out["report"] = &edxl.Message{Said: report(t)}
	out["report-bare"] = &edxl.Message{Said: &body.SituationReport{Summary: "All quiet."}, Exercise: true}
	return out
}

func TestMessagesOfEDXL(t *testing.T) {
	for file, m := range examples(t) {
		t.Run(file, func(t *testing.T) {
			w := written(t, m)
			got := string(w.Data) + "---- lost\n"
			for _, l := range w.Lost {
				got += l.Field + ": " + l.Why + "\n"
			}
			doc, err := read(w.Data)
			if err != nil {
				t.Fatal(err)
			}
			for _, wrong := range breaches(doc) {
				t.Error(wrong)
			}
			path := filepath.Join("testdata", file+".golden")
			if *update {
				if err = os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got), rewritten by -update:\n%s", path, diff)
			}
		})
	}
}

// TestReportSaysWhatTheRecordSays: each text and figure is in it, and what SitRep wants beyond is told.
func TestReportSaysWhatTheRecordSays(t *testing.T) {
	w := written(t, &edxl.Message{Said: report(t)})
	doc, err := read(w.Data)
	if err != nil {
		t.Fatal(err)
	}
	m := doc.message()
	text := m.at("report", "observationText").text
	for _, want := range []string{"Cold & <wet>.", "Outlook: Snow.", "arrivals 960 persons (registered)", "unaccompanied_children <5 persons (f, 5-17, refugees)"} {
		if !strings.Contains(text, want) {
			t.Errorf("observationText lacks %q: %q", want, text)
		}
	}
	got := []string{m.at("reportNumber").text, m.at("reportVersion").text, m.at("severity").text, m.at("forTimePeriod", "fromDateTime").text, m.at("actionPlan").text, m.at("incidentLifecyclePhase").text, m.at("reportConfidence").text, m.at("report", "immediateNeeds").text}
	want := []string{"4", "Update", "Severe", "2015-11-01T06:00:00+00:00", "Tents are put up.", "Response", "HighlyConfident", "shelter, nfi"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	bare := written(t, &edxl.Message{Said: &body.SituationReport{Summary: "All quiet."}})
	for _, field := range []string{"number", "version", "severity", "incident", "period", "reliability"} {
		if !slices.ContainsFunc(bare.Lost, func(l edxl.Lost) bool { return l.Field == field }) {
			t.Errorf("what the record does not say of %s is made up without a word: %v", field, fmt.Sprint(bare.Lost))
		}
	}
}
