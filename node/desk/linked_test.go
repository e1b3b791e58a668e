package desk_test

import (
	"encoding/json"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const needed = `{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[
	{"sector":"nfi","item":"blanket","unit":"piece","required":300,"available":100,"basis":"count","priority":1,"deadline":"2015-11-04T06:00:00Z"},
	{"sector":"food","item":"meal","unit":"piece","required":50,"available":80,"basis":"estimate","priority":2},
	{"sector":"shelter","item":"tent","unit":"piece","required":20,"basis":"estimate","priority":1}]}`

// written counts the records of the gate's two feeds.
func (w *world) written() (needs, requests int) {
	w.t.Helper()
	return len(rowsOf[desk.NeedsRow](w, desk.Query{What: desk.ListNeeds})), len(rowsOf[desk.RequestRow](w, desk.Query{What: desk.ListRequests}))
}

func TestNeedsAndRequestAreOneAct(t *testing.T) {
	w := market(t)
	ask := desk.Request{As: gate, Kind: "needs", Body: json.RawMessage(needed), Ask: json.RawMessage(`{"answer_by":"2015-11-05T12:00:00Z"}`)}
	trial := ask
	trial.DryRun = true
	if p := must(w.desk.Publish(t.Context(), trial))(t); !p.DryRun || p.Record.Sequence != 0 || p.Linked.Sequence != 0 {
		t.Errorf("tried: %+v", p)
	}
	if n, r := w.written(); n != 0 || r != 0 {
		t.Errorf("a trial wrote %d needs and %d requests", n, r)
	}
	p := w.publish(ask)
	l := must(w.desk.Show(t.Context(), p.Linked.String()))(t)
	b := must(body.Parse(l.Record.Type, l.Record.Body))(t).(*body.ResourceStep)
	if ref, ok := b.Ref(body.RelNeeds); !ok || ref.Record != p.Record || ref.Digest != p.Digest {
		t.Errorf("the request names %v, and the needs are %s", ref, p.Record)
	}
	// What is there already is not asked for.
	if len(b.Lines) != 2 || b.Lines[0].Quantity != 200 || b.Lines[0].Schedule[0].At.String() != "2015-11-04T06:00:00Z" || b.Lines[1].Type != "tent" || b.DeliverTo.Place.Code != "MK-405" {
		t.Errorf("it asks for %+v", b.Lines)
	}
	w.answer(river, p.Linked, "commit", desk.LineQuantity{Line: 1, Quantity: 200})
	rows := rowsOf[desk.NeedsRow](w, desk.Query{What: desk.ListNeeds})
	if len(rows) != 1 || rows[0].State != "partially met" || rows[0].Items[0].State != "met" || rows[0].Items[2].State != "open" {
		t.Errorf("needs are %+v", rows)
	}
	unmet := rowsOf[desk.UnmetRow](w, desk.Query{What: desk.ListUnmet})
	if len(unmet) != 1 || unmet[0].Item != "tent" || unmet[0].Affected != nil {
		t.Errorf("unmet are %+v", unmet)
	}
}

func TestWhatOfTheTwoDoesNotFitKeepsBothBack(t *testing.T) {
	w := market(t)
	for _, tt := range []struct {
		name, kind, needs, ask, want string
		is                           desk.Kind
	}{
		{"a request without a time", "needs", needed, `{}`, "ask.answer_by: ", desk.Refused},
		{"a request that is no object", "needs", needed, `[]`, "a member's value does not fit", desk.Refused},
		{"a line of nothing", "needs", needed, `{"answer_by":"2015-11-05T12:00:00Z","lines":[{"line":1,"type":"tent","unit":"piece","quantity":0}]}`, "ask.lines[0].quantity: ", desk.Refused},
		{"needs of nothing", "needs", `{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[]}`, `{"answer_by":"2015-11-05T12:00:00Z"}`, "items: ", desk.Refused},
		{"nothing is missing", "needs", `{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"sector":"food","item":"meal","unit":"piece","required":5,"available":8,"basis":"count","priority":1}]}`, `{"answer_by":"2015-11-05T12:00:00Z"}`, "ask: nothing is missing", desk.Refused},
		{"another kind", "phase", `{}`, `{"answer_by":"2015-11-05T12:00:00Z"}`, "ask: only a needs assessment", desk.Usage},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: tt.kind, Body: json.RawMessage(tt.needs), Ask: json.RawMessage(tt.ask)})
			refused(t, err, tt.is, tt.want)
			if n, r := w.written(); n != 0 || r != 0 {
				t.Errorf("%d needs and %d requests were written", n, r)
			}
		})
	}
	if p := w.publish(desk.Request{As: gate, Kind: "needs", Body: json.RawMessage(needed)}); p.Record.Sequence != 1 || p.Linked != (protocol.Name{}) {
		t.Errorf("needs alone: %+v", p)
	}
}
