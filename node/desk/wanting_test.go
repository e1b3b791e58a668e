package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// wants publishes a request of the gate to the centre.
func (w *world) wants(answerBy string) (desk.Published, error) {
	w.t.Helper()
	return w.desk.Publish(w.t.Context(), desk.Request{As: gate, Kind: "request", Body: json.RawMessage(fmt.Sprintf(`{"answer_by":%q,"to":[%q],
		"deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"blanket","quantity":300,"unit":"piece"}]}`, answerBy, centre))})
}

// named says whether what ends soon, and what rings, name a request to the centre.
func (w *world) named(request protocol.Name) (ends, rings bool) {
	w.t.Helper()
	o := must(w.desk.Overview(w.t.Context(), desk.Account{Name: "duty"}, centre, 0))(w.t)
	ends = slices.ContainsFunc(o.Endings, func(e desk.Ending) bool { return e.Record == request })
	rings = slices.ContainsFunc(must(w.desk.Source().Proposed(w.t.Context()))(w.t), func(e duty.Event) bool { return e.Kind == duty.AnswerDue && e.Record == request })
	return ends, rings
}

// TestRequestThatIsOrderedWholeWaitsForNobody: what others are to bring, and have not bound
// themselves to yet, is unmet; and nobody else has to answer.
func TestRequestThatIsOrderedWholeWaitsForNobody(t *testing.T) {
	w := market(t)
	need := must(w.wants("2015-11-05T12:00:00Z"))(t)
	w.clock.pass(50 * time.Hour) // an hour before the answer is wanted
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 300})
	if ends, rings := w.named(need.Record); !ends || !rings {
		t.Errorf("all is offered and nothing ordered, and what ends names it: %t, what rings: %t", ends, rings)
	}
	w.answer(gate, offer.Record, "accept")
	if ends, rings := w.named(need.Record); ends || rings {
		t.Errorf("all is ordered, and what ends names it: %t, what rings: %t", ends, rings)
	}
}

// TestRequestThatNobodyCanAnswerInTimeIsRefused: at its author's own desk alone; over a line
// it is kept, since what was signed may have been long on its way.
func TestRequestThatNobodyCanAnswerInTimeIsRefused(t *testing.T) {
	w := market(t)
	for _, by := range []string{"2015-11-03T09:00:00Z", "2014-11-05T12:00:00Z"} { // now, and a year too early
		_, err := w.wants(by)
		refused(t, err, desk.Refused, "answer_by: nobody can answer by then: it is over already")
	}
	must(w.wants("2015-11-03T10:00:00Z"))(t)
}
