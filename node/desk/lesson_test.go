package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// learnt is what a practice of the centre says that begins with an exercise, once that is over.
func (w *world) learnt(from protocol.Name) *body.Practice {
	w.t.Helper()
	w.clock.pass(time.Date(2015, 11, 3, 12, 0, 0, 0, time.UTC).Sub(w.clock.Now())) // when what w.begin begins ends
	p := must(w.desk.Publish(w.t.Context(), desk.Request{As: centre, Kind: "practice", From: from.String(), DryRun: true, Set: []string{"solution=Call the deputy after an hour."}}))(w.t)
	if p.Exercise {
		w.t.Error("what was learnt is only played")
	}
	return must(body.Parse(p.Type, p.Body))(w.t).(*body.Practice)
}

// TestPracticeBeginsWithWhoAnsweredInTheExercise after how long by the authors' clocks, and who did
// not; what is real, or of another exercise, is no part of it.
func TestPracticeBeginsWithWhoAnsweredInTheExercise(t *testing.T) {
	w := market(t)
	flood, fire := w.begin("Flood 1", ""), w.begin("Fire 2", "")
	within := flood.Record.String()
	w.stock(within, 100)
	w.stock("", 100)
	alert := w.publish(desk.Request{As: centre, Kind: "alert", Within: within, Handling: protocol.Green, Set: []string{
		"info.0.event=Flood", "info.0.headline=The river rises", "info.0.area.0.areaDesc=The valley", "info.0.severity=Severe", "info.0.urgency=Expected", "info.0.certainty=Likely", "info.0.category=Met",
	}}).Record
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: alert.String(), Step: "acknowledge", Set: []string{"state=received"}}))(t) // by a machine: nobody has read it yet
	w.clock.pass(5 * time.Minute)
	request, other, really := w.asks(within, 60).Record, w.asks(fire.Record.String(), 60).Record, w.asks("", 60).Record
	note := w.publish(desk.Request{As: centre, Kind: "note", Within: within, Handling: protocol.Amber, Set: []string{"text=Is the bridge up?", "acknowledge=true", "to=" + string(river)}}).Record
	quiet := w.publish(desk.Request{As: centre, Kind: "note", Within: within, Set: []string{"text=Nobody need answer."}}).Record
	asked := w.publish(desk.Request{As: centre, Kind: "consultation", Within: within, Set: []string{"to.0=" + string(river), "to.1=" + string(gate), "question=Where shall they sleep?", "closes_at=2015-11-03T11:00:00Z"}}).Record
	w.clock.pass(12 * time.Minute)
	w.answer(river, alert, "acknowledge")
	w.answer(river, request, "commit", desk.LineQuantity{Line: 1, Quantity: 60})
	w.clock.pass(time.Hour)
	w.answer(river, really, "commit", desk.LineQuantity{Line: 1, Quantity: 10})
	w.publish(desk.Request{As: gate, Kind: "response", Within: within, Set: []string{"thread=" + asked.String(), "position=support", "text=In the school."}})
	w.answer(gate, alert, "acknowledge")
	_, err := w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "practice", From: flood.Record.String(), Set: []string{"solution=x"}})
	refused(t, err, desk.Refused, "from: the exercise “Flood 1” is not over: who answers whom in it, and after how long, is not known yet: wait for its end, or end it")
	got := w.learnt(flood.Record)
	if got.Title != "Learnt in the exercise “Flood 1”" || got.Problem != "to see who answers" || got.Place.Key().String() != "iso3166-2:MK-405" {
		t.Errorf("the practice is %q of %s: %q", got.Title, got.Place.Key(), got.Problem)
	}
	want := fmt.Sprintf(`Exercise “Flood 1” of %[1]s; records in it: 12; of these count: 12
%[4]s
Who took part, and with how many records: %[1]s 5, %[3]s 3, %[2]s 4
Requests, alerts, consultations and notes that wanted an answer: 4; of these without any: 1
Who answered, and after how many hours and minutes by the authors' clocks:
an alert, %[5]s (The river rises), was answered by %[3]s 0:17, %[2]s 1:17
a consultation, %[8]s (Where shall they sleep?), was answered by %[2]s 1:12; and not by %[3]s
a note, %[7]s, was answered by nobody; asked were %[3]s
a request, %[6]s, was answered by %[3]s 0:12; and not by %[1]s`, centre, gate, river, flood.Record, alert, request, note, asked)
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got.Context), "\n")); diff != "" {
		t.Error(diff)
	}
	for _, n := range []protocol.Name{other, really, quiet} {
		if strings.Contains(string(got.Context), n.String()) {
			t.Errorf("%s is in it:\n%s", n, got.Context)
		}
	}
	_, err = w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "practice", From: request.String(), Set: []string{"solution=x"}})
	refused(t, err, desk.Refused, request.String()+" is a request of "+string(gate)+", and what is filled in comes from an earlier practice of")
}

// TestLongExerciseSaysHowMuchIsLeftOut: what does not fit into a text is counted.
func TestLongExerciseSaysHowMuchIsLeftOut(t *testing.T) {
	w := market(t)
	x := w.begin("Flood 1", "").Record
	const all = 60
	for i := range all {
		w.publish(desk.Request{As: gate, Kind: "note", Within: x.String(), Set: []string{fmt.Sprintf("text=Question %d, of many that were asked in a long night", i), "acknowledge=true"}})
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: x.String(), Reason: "the night is over", Set: []string{"valid_until=" + w.clock.Now().Add(time.Minute).UTC().Format(time.RFC3339)}}))(t)
	lines := strings.Split(string(w.learnt(x).Context), "\n")
	if want := fmt.Sprintf("records in it: %d; of these count: %d", all+2, all+1); !strings.HasSuffix(lines[0], want) || lines[2] != fmt.Sprintf("Who took part, and with how many records: %s 1, %s %d", centre, gate, all) {
		t.Errorf("%q by %q, want %s", lines[0], lines[2], want)
	}
	told := 0
	for _, l := range lines {
		if strings.HasPrefix(l, "a note, ") {
			told++
		}
	}
	if want := fmt.Sprintf("Others, for whom there is no room here: %d", all-told); told < 10 || told == all || lines[len(lines)-1] != want {
		t.Errorf("%d are told, and then %q, want %q", told, lines[len(lines)-1], want)
	}
}
