package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// begin begins an exercise of three hours; to asks who may take part.
func (w *world) begin(name, to string) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: centre, Kind: "phase", Exercise: true, Body: json.RawMessage(fmt.Sprintf(
		`{"exercise":%q,"place":{"scheme":"iso3166-2","code":"MK-405"},"phase":"response","reason":"to see who answers","valid_until":"2015-11-03T12:00:00Z"%s}`, name, to))})
}

// stock says within a world how many blankets the river town has.
func (w *world) stock(within string, n int) {
	w.t.Helper()
	w.publish(desk.Request{As: river, Kind: "capacity", Within: within, Body: json.RawMessage(fmt.Sprintf(
		`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"type":"blanket","unit":"piece","total":%d,"available":%d,"offerable":true}]}`, n, n))})
}

// asks asks within a world for blankets.
func (w *world) asks(within string, n int) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: gate, Kind: "request", Within: within, Body: json.RawMessage(fmt.Sprintf(
		`{"answer_by":"2015-11-05T12:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"blanket","quantity":%d,"unit":"piece"}]}`, n))})
}

func TestEachExerciseHasAStockOfItsOwn(t *testing.T) {
	w := market(t)
	flood, fire := w.begin("Flood 1", "").Record.String(), w.begin("Fire 2", "").Record.String()
	w.stock("", 100)
	w.stock(flood, 30)
	w.stock(fire, 20)
	commit := func(to protocol.Name, n int64) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: to.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: n}}})
		return err
	}
	played, other, really := w.asks(flood, 300).Record, w.asks(fire, 300).Record, w.asks("", 300).Record
	ok(t, commit(played, 30))
	refused(t, commit(played, 1), desk.Refused, "lines[0].quantity: 1 blanket are promised, and "+string(river)+" has declared 0 that are free")
	ok(t, commit(other, 20))
	refused(t, commit(other, 1), desk.Refused, "lines[0].quantity: 1 blanket are promised, and "+string(river)+" has declared 0 that are free")
	// Nothing of it was taken from what is real.
	ok(t, commit(really, 100))
	refused(t, commit(really, 1), desk.Refused, "lines[0].quantity: 1 blanket are promised, and "+string(river)+" has declared 0 that are free")
	for within, want := range map[string]int64{"": 100, flood: 30, fire: 20} {
		l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListRequests, Within: within}))(t)
		if rows := l.Rows.([]desk.RequestRow); len(rows) != 1 || rows[0].Lines[0].Committed != want || l.Exercise != (within != "") {
			t.Errorf("within %q the requests are %+v, want one with %d committed", within, rows, want)
		}
	}
}

func TestWhoIsInAnExerciseSeesAndSaysNothingElse(t *testing.T) {
	w := market(t)
	began := w.begin("Flood 1", "")
	w.asks("", 50)
	x := must(w.desk.Join(t.Context(), gate, began.Record.String()))(t)
	inside := desk.Within(desk.By(t.Context(), "ana", gate), x.World())
	said := must(w.desk.Publish(inside, desk.Request{Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=7"}}))(t)
	if !said.Exercise {
		t.Error("what is said in an exercise is real")
	}
	for ctx, want := range map[string]int{"inside": 1, "outside": 0} {
		c := t.Context()
		if ctx == "inside" {
			c = inside
		}
		if rows := must(w.desk.List(c, desk.Query{What: desk.ListReports}))(t).Rows.([]desk.ReportRow); len(rows) != want {
			t.Errorf("%s %d reports are listed, want %d", ctx, len(rows), want)
		}
		if rows := must(w.desk.List(c, desk.Query{What: desk.ListRequests}))(t).Rows.([]desk.RequestRow); len(rows) != 1-want {
			t.Errorf("%s %d requests are listed, want %d", ctx, len(rows), 1-want)
		}
	}
	// What a real report is filled in from is no report of an exercise.
	_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "report", From: "last"})
	refused(t, err, desk.NotFound, string(gate)+" has not published a report yet")
	// Filled in from one, it is still real.
	again := w.publish(desk.Request{As: gate, Kind: "report", From: said.Record.String(), Set: []string{"figures.arrivals=8"}, Body: json.RawMessage(fmt.Sprintf(
		`{"refs":[{"rel":"exercise","record":%q,"digest":%q}]}`, began.Record, began.Digest))})
	b := must(body.Parse(again.Type, again.Body))(t)
	if _, left := b.Base().Ref(body.RelExercise); left || again.Exercise {
		t.Errorf("a real report says that it is of an exercise: %s", again.Body)
	}
}

func TestExerciseRefusesWhoWasNotAskedAndWhatIsOver(t *testing.T) {
	w := market(t)
	began := w.begin("Flood 1", `,"to":["`+string(gate)+`"]`).Record.String()
	report := func(as protocol.InstitutionID) error {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: as, Kind: "report", Within: began, Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=7"}})
		return err
	}
	ok(t, report(gate))
	refused(t, report(river), desk.Refused, string(river)+" was not asked to take part in the exercise")
	w.clock.pass(4 * time.Hour)
	refused(t, report(gate), desk.Refused, "the exercise \"Flood 1\" is over")
	rows := must(w.desk.List(t.Context(), desk.Query{What: desk.ListExercises}))(t).Rows.([]desk.ExerciseRow)
	if len(rows) != 1 || rows[0].State != board.ExerciseOver || rows[0].Records != 2 || rows[0].From == 0 {
		t.Errorf("exercises = %+v", rows)
	}
}

func TestExerciseIsEndedByItsAuthor(t *testing.T) {
	w := market(t)
	began := w.begin("Flood 1", "").Record
	w.clock.pass(time.Hour)
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: began.String(), Set: []string{"valid_until=2015-11-03T09:30:00Z"}, Reason: "ended"}))(t)
	_, err := w.desk.Join(t.Context(), gate, began.String())
	refused(t, err, desk.Refused, "the exercise \"Flood 1\" is over")
}

func TestWhatBeginsNoExerciseIsRefused(t *testing.T) {
	w := market(t)
	inside := w.begin("Flood 1", "").Record.String()
	phase := func(more ...string) desk.Request {
		return desk.Request{As: centre, Kind: "phase", Set: append([]string{"place=MK-405", "phase=response", "reason=why", "exercise=Fire 2"}, more...)}
	}
	for why, r := range map[string]desk.Request{
		"exercise: what is real begins no exercise":   phase("valid_until=2015-11-03T12:00:00Z"),
		"exercise: no exercise begins within another": func() desk.Request { q := phase("valid_until=2015-11-03T12:00:00Z"); q.Within = inside; return q }(),
		"valid_until: an exercise has an end":         func() desk.Request { q := phase(); q.Exercise = true; return q }(),
		"who is who is not played":                    {As: gate, Kind: "profile", Within: inside, Set: []string{"level=municipality"}},
	} {
		_, err := w.desk.Publish(t.Context(), r)
		refused(t, err, desk.Refused, why)
	}
	_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "note", Within: "situation.1.1", Set: []string{"text=hello"}})
	refused(t, err, desk.NotFound, string(gate)+"/situation.1.1 began no exercise that counts here")
}

// TestPictureIsOfOneWorld: a played figure changes nothing of what is real, nor of another
// exercise, and an exercise's picture has nothing else.
func TestPictureIsOfOneWorld(t *testing.T) {
	w := market(t)
	flood, fire := w.begin("Flood 1", "").Record, w.begin("Fire 2", "").Record
	report := func(within string, exercise bool, arrivals int) {
		w.publish(desk.Request{As: gate, Kind: "report", Within: within, Exercise: exercise, Set: []string{"place=MK-405", "period=2015-11-02", fmt.Sprintf("figures.arrivals=%d", arrivals)}})
	}
	report("", false, 100)
	asked := map[string]desk.PictureQuery{"real": {}, "without a name": {Exercise: true}, "flood": {Within: flood.String()}, "fire": {Within: fire.String()}}
	draw := func() map[string]desk.Picture {
		out := map[string]desk.Picture{}
		for of, q := range asked {
			out[of] = must(w.desk.Picture(t.Context(), q))(t)
		}
		return out
	}
	before := draw()
	report(flood.String(), false, 7)
	after := draw()
	for of, p := range after {
		was, same := before[of], of != "flood"
		if (p.Digest == was.Digest) != same || same && cmp.Diff(said(p), said(was)) != "" {
			t.Errorf("%s: the digest is %s, was %s; %s", of, p.Digest, was.Digest, cmp.Diff(said(was), said(p)))
		}
	}
	if p := after["flood"]; len(p.Figures) != 1 || p.Figures[0].Value.String() != "7" || !p.Exercise || p.Within != flood || len(p.Phases) != 1 {
		t.Errorf("the picture of the exercise is %s", said(p))
	}
	if p := after["real"]; len(p.Figures) != 1 || p.Figures[0].Value.String() != "100" || p.Exercise || len(p.Phases) != 0 {
		t.Errorf("the real picture is %s", said(p))
	}
	report("", true, 11)
	if p := draw(); len(p["without a name"].Figures) != 1 || p["real"].Digest != after["real"].Digest || p["flood"].Digest != after["flood"].Digest {
		t.Errorf("what is played without a name is %s", said(p["without a name"]))
	}
	_, err := w.desk.Picture(t.Context(), desk.PictureQuery{Within: string(gate) + "/situation.1.1"})
	refused(t, err, desk.NotFound, string(gate)+"/situation.1.1 began no exercise that counts here")
}

// said writes a picture as programs read it.
func said(p desk.Picture) string {
	text, err := json.Marshal(p)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestStreamIsOfOneWorld: whoever is told what happens is not told of what is only played, unless
// they ask for it.
func TestStreamIsOfOneWorld(t *testing.T) {
	w := market(t)
	flood := w.begin("Flood 1", "").Record.String()
	for of, q := range map[string]desk.WatchQuery{"quiet": {}, "played": {Within: flood}, "without a name": {Exercise: true}} {
		q.What = []string{desk.EventReady, desk.EventRecord}
		for e, err := range w.desk.Watch(t.Context(), q) {
			ok(t, err)
			if e.What == desk.EventReady {
				note := func(text, within string, exercise bool) {
					w.publish(desk.Request{As: gate, Kind: "note", Within: within, Exercise: exercise, Set: []string{"text=" + text}})
				}
				note("played", flood, false)
				note("without a name", "", true)
				note("quiet", "", false)
				continue
			}
			if e.Said != "note: "+of || e.Exercise == (of == "quiet") {
				t.Errorf("%+v hears first of %+v", q, e)
			}
			break
		}
	}
	for _, err := range w.desk.Watch(t.Context(), desk.WatchQuery{Within: string(gate) + "/situation.1.1"}) {
		refused(t, err, desk.NotFound, string(gate)+"/situation.1.1 began no exercise that counts here")
	}
}

// TestVoidBeginningOfAnExerciseIsSaidAgain: what is said again is no exercise within another.
func TestVoidBeginningOfAnExerciseIsSaidAgain(t *testing.T) {
	w := market(t)
	began := w.begin("Flood 1", "")
	w.options.Board.Restand([]board.Verdict{{Digest: began.Digest, Void: true, Competent: true}})
	again := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: began.Record.String(), Reissue: true}))(t)
	x := must(w.desk.Exercise(again.Record))(t)
	if x.Title != "Flood 1" || x.State != board.ExerciseRunning {
		t.Errorf("said again: %+v", x)
	}
	if _, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: began.Record.String(), Reissue: true}); err == nil {
		t.Error("it was said again twice")
	}
}
