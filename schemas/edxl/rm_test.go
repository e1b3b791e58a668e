package edxl_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/edxl"
)

// begun is when the exchanges of the tests begin.
var begun = body.TimeOf(time.Date(2015, 11, 2, 6, 0, 0, 0, time.UTC))

func name(t interface{ Fatal(...any) }, s string) protocol.Name {
	n, err := protocol.ParseName(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	town  = "mk.southeast.demo-south-gate/resource.1."
	river = "mk.southeast.demo-river-town/resource.1."
)

// told is a message with what it is of.
type told struct {
	m    *edxl.Message
	step *body.ResourceStep
	doc  *node
	edxl.Written
}

func (d drawer) told(s body.Step, role body.Role, answered body.Step) *told {
	solicited := s != body.StepRequest && answered != 0
	step := d.step(s, solicited, river+"2")
	raw, err := body.Marshal(step, [16]byte{9})
	if err != nil {
		d.t.Fatalf("%s: %v", s, err)
	}
	m := &edxl.Message{
		Record: name(d.t, town+"7"), Digest: protocol.Digest{7}, Sent: begun.Instant() + 250, Handling: protocol.Green, Exercise: rapid.Bool().Draw(d.t, "exercise"),
		Said: step, Raw: raw, Role: role, Sender: edxl.Office{Institution: "Municipality of Gevgelija", Contact: &body.Contact{Office: "Duty & post", Email: "duty@example.org"}},
	}
	if solicited {
		m.Answered = d.step(answered, false, "")
	}
	out := &told{m: m, step: step}
	if out.Written, err = edxl.Write(m); err != nil {
		d.t.Fatalf("%s: %v", s, err)
	}
	if out.doc, err = read(out.Data); err != nil {
		d.t.Fatalf("%s: %v\n%s", s, err, out.Data)
	}
	return out
}

func (x *told) loses(field string) bool {
	return slices.ContainsFunc(x.Lost, func(l edxl.Lost) bool { return l.Field == field })
}

func (x *told) says() string { return x.doc.message().at("MessageDescription").text }

// kinds are the steps by who takes them and what they answer (domain.md §4), with their message.
var kinds = []struct {
	step     body.Step
	role     body.Role
	answered body.Step
	want     string
}{
	{body.StepRequest, body.Requester, 0, "RequestResource"},
	{body.StepOffer, body.Provider, body.StepRequest, "ResponseToRequestResource"},
	{body.StepOffer, body.Provider, 0, "OfferUnsolicitedResource"},
	{body.StepAccept, body.Requester, body.StepOffer, "RequisitionResource"},
	{body.StepCommit, body.Provider, body.StepAccept, "CommitResource"},
	{body.StepDecline, body.Provider, body.StepRequest, "ResponseToRequestResource"},
	{body.StepDecline, body.Provider, body.StepAccept, "CommitResource"},
	{body.StepDecline, body.Requester, body.StepOffer, "RequestInformation"},
	{body.StepStatus, body.Provider, body.StepCommit, "ReportResourceDeploymentStatus"},
	{body.StepAskStatus, body.Requester, body.StepCommit, "RequestResourceDeploymentStatus"},
	{body.StepExtend, body.Requester, body.StepCommit, "RequestExtendedDeploymentDuration"},
	{body.StepExtendReply, body.Provider, body.StepExtend, "ResponseToRequestExtendedDeploymentDuration"},
	{body.StepRecall, body.Provider, body.StepCommit, "RequestReturn"},
	{body.StepRecallReply, body.Requester, body.StepRecall, "ResponseToRequestReturn"},
	{body.StepRelease, body.Requester, body.StepCommit, "ReleaseResource"},
	{body.StepReturned, body.Provider, body.StepRelease, "ReportResourceDeploymentStatus"},
	{body.StepConsumed, body.Requester, body.StepCommit, "ReportResourceDeploymentStatus"},
}

// TestMessageSaysWhatTheStepSays holds every message to the table of its schema, reads it back, and
// compares it with the record: what is not in it must be told as lost.
func TestMessageSaysWhatTheStepSays(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.step.String()+" "+k.want, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				x := drawer{r}.told(k.step, k.role, k.answered)
				if x.Name != k.want || x.doc.message().name != k.want {
					r.Fatalf("it is %s, want %s", x.Name, k.want)
				}
				for _, wrong := range breaches(x.doc) {
					r.Errorf("%s", wrong)
				}
				x.compareHeader(r)
				for i := range x.step.Lines {
					x.compareLine(r, &x.step.Lines[i])
				}
				x.compareMembers(r)
				if r.Failed() {
					r.Logf("%s\n%+v", x.Data, x.Lost)
				}
			})
		})
	}
}

func (x *told) compareHeader(r *rapid.T) {
	m := x.doc.message()
	sent, err := time.Parse(time.RFC3339, m.at("SentDateTime").text)
	if err != nil || protocol.InstantOf(sent) != x.m.Sent {
		r.Errorf("SentDateTime is %q, want %s: %v", m.at("SentDateTime").text, x.m.Sent, err)
	}
	origin, before := x.m.Record, ""
	if !x.step.Thread.IsZero() {
		origin = x.step.Thread
	}
	if ref, answers := x.step.Ref(body.RelAnswers); answers {
		before = ref.Record.String()
	}
	got := []string{m.at("MessageID").text, m.at("OriginatingMessageID").text, m.at("PrecedingMessageID").text, x.doc.at("combinedConfidentiality").text, x.doc.at("distributionStatus").text}
	want := []string{x.m.Record.String(), origin.String(), before, "TLP:GREEN", map[bool]string{true: "Exercise", false: "Actual"}[x.m.Exercise]}
	if !slices.Equal(got, want) {
		r.Errorf("the header says %q, want %q", got, want)
	}
	if x.m.Exercise != strings.Contains(x.says(), "EXERCISE") {
		r.Errorf("of an exercise (%t) it says %q", x.m.Exercise, x.says())
	}
	if len(m.all("ResourceInformation")) != len(x.step.Lines) {
		r.Errorf("%d lines, want %d", len(m.all("ResourceInformation")), len(x.step.Lines))
	}
}

// compareLine compares a line of the record with the one of its number.
func (x *told) compareLine(r *rapid.T, l *body.Line) {
	var info *node
	for _, i := range x.doc.message().all("ResourceInformation") {
		if i.at("ResourceInfoElementID").text == fmt.Sprint(l.Line) {
			info = i
		}
	}
	if info == nil {
		r.Fatalf("line %d is not in it", l.Line)
	}
	assigned, resource, answer := info.at("AssignmentInformation"), info.at("Resource"), info.at("ResponseInformation")
	x.same(r, "lines.type", resource.at("TypeStructure", "Value").text, string(l.Type))
	x.same(r, "lines.description", resource.at("Description").text, string(l.Description))
	x.same(r, "lines.quantity", assigned.at("Quantity", "MeasuredQuantity", "Amount").text, fmt.Sprint(l.Quantity))
	if amount, err := strconv.ParseFloat(assigned.at("Quantity", "MeasuredQuantity", "Amount").text, 64); err == nil && int64(amount) != int64(l.Quantity) {
		r.Errorf("line %d is %v, want %d", l.Line, amount, l.Quantity)
	}
	if assigned.in != nil {
		x.same(r, "lines.unit", assigned.at("Quantity", "MeasuredQuantity", "UnitOfMeasure", "Value").text, string(l.Unit))
	}
	x.same(r, "lines.restrictions", assigned.at("Restrictions").text, string(l.Restrictions))
	if l.Price != nil {
		x.same(r, "lines.price", assigned.at("PriceQuote", "MeasuredQuantity", "Amount").text, string(l.Price.Amount))
	}
	x.same(r, "lines.reason", answer.at("ResponseReason").text, string(l.Reason))
	if answer.in != nil {
		says := map[bool]string{true: "decline", false: "accept"}[x.step.Step == body.StepDecline]
		if l.Response != "" {
			says = string(l.Response)
		}
		x.same(r, "lines.response", strings.ToLower(answer.at("ResponseType").text), says)
		x.same(r, "lines.answers", answer.at("PrecedingResourceInfoElementID").text, fmt.Sprint(l.Answered()))
	} else if l.Answered() != l.Line {
		x.same(r, "lines.answers", "", fmt.Sprint(l.Answered()))
	}
	if l.State != "" {
		x.same(r, "lines.state", resource.at("ResourceStatus", "DeploymentStatus", "Value").text, string(l.State))
	}
	x.compareSchedule(r, l, info)
}

// same wants a value in its element, or told as lost and said in words.
func (x *told) same(r *rapid.T, field, got, want string) {
	if got != want && (!x.loses(field) || !strings.Contains(x.says(), want) || got != "") {
		r.Errorf("%s is %q, want %q; lost: %t, said: %q", field, got, want, x.loses(field), x.says())
	}
}

func (x *told) compareSchedule(r *rapid.T, l *body.Line, info *node) {
	got := map[string]string{}
	for _, s := range info.all("ScheduleInformation") {
		got[s.at("ScheduleType").text] = strings.Join([]string{s.at("DateTime").text, s.at("Location", "LocationDescription").text, s.at("Location", "TargetArea", "Point", "pos").text}, "|")
	}
	reports := false
	for _, s := range l.Schedule {
		word := ""
		for part := range strings.SplitSeq(string(s.Type), "_") {
			word += strings.ToUpper(part[:1]) + part[1:]
		}
		want := []string{s.At.Time().Format("2006-01-02T15:04:05-07:00"), "", ""}
		if p := s.Place; p != nil {
			want[1] = strings.TrimSpace(p.Key().String() + " " + string(p.Name))
			if p.Lat != nil {
				want[2] = fmt.Sprintf("%v %v", *p.Lat, *p.Lon)
			}
		}
		has, in := got[word]
		delete(got, word)
		reports = reports || s.Type == "report_to"
		switch {
		case in && has == strings.Join(want, "|"):
		case !in && x.loses("lines.schedule") && strings.Contains(x.says(), strings.TrimSpace("Line "+fmt.Sprint(l.Line)+": "+word+" "+want[0]+" "+want[1])):
		default:
			r.Errorf("%s of line %d is %q, want %q", word, l.Line, has, want)
		}
	}
	if x.step.DeliverTo != nil && !reports {
		delete(got, "ReportTo")
	}
	if x.Name == "CommitResource" && len(got) == 1 && got["Committed"] == x.m.Sent.Time().Format("2006-01-02T15:04:05.999-07:00")+"||" {
		delete(got, "Committed")
	}
	if len(got) > 0 {
		r.Errorf("line %d has entries that the record has not: %v", l.Line, got)
	}
}

// compareMembers wants each value of the body somewhere in the document, or its member told as lost.
func (x *told) compareMembers(r *rapid.T) {
	var all any
	if err := json.Unmarshal(x.m.Raw, &all); err != nil {
		r.Fatal(err)
	}
	delete(all.(map[string]any), "salt")
	texts := map[string]bool{}
	x.doc.texts(texts)
	x.compareValue(r, "", all, texts)
}

func (n *node) texts(out map[string]bool) {
	if n.in == nil {
		out[n.text] = true
	}
	for _, in := range n.in {
		in.texts(out)
	}
}

func (x *told) compareValue(r *rapid.T, path string, v any, texts map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			x.compareValue(r, strings.TrimPrefix(path+"."+k, "."), v[k], texts)
		}
	case []any:
		for _, of := range v {
			x.compareValue(r, path, of, texts)
		}
	default:
		said := fmt.Sprint(v)
		if f, is := v.(float64); is {
			said = strconv.FormatFloat(f, 'f', -1, 64)
		}
		said = strings.Replace(said, "Z", "+00:00", 1)
		in := func(text string) bool {
			return strings.Contains(text, said) || strings.EqualFold(strings.ReplaceAll(said, "_", ""), text) || strings.Contains(said, text) && strings.HasPrefix(said, "group:") && text != ""
		}
		for parent := path; ; parent = parent[:strings.LastIndex(parent, ".")] {
			if x.loses(parent) {
				return
			}
			if !strings.Contains(parent, ".") {
				break
			}
		}
		if !slices.ContainsFunc(slices.Collect(maps.Keys(texts)), in) {
			r.Errorf("%s says %q: it is not in the message, and not told as lost", path, said)
		}
	}
}
