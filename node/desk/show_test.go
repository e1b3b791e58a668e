package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
)

// TestRequestThatIsShownSaysHowFarItIsMet: line by line, also once it was put right; what is no request says nothing of it.
func TestRequestThatIsShownSaysHowFarItIsMet(t *testing.T) {
	w := market(t)
	w.stock("", 100)
	need := w.need(50, 10).Record
	commit := w.answer(river, need, "commit", desk.LineQuantity{Line: 1, Quantity: 30}).Record
	met := func(asked, committed, unmet int64) {
		t.Helper()
		of := must(w.desk.Show(t.Context(), need.String()))(t).Record.Request
		if of == nil || len(of.Lines) != 2 || of.Lines[0].Quantity != asked || of.Lines[0].Committed != committed || of.Lines[0].Unmet != unmet || of.Lines[1].Unmet != 10 {
			t.Errorf("it says %+v", of)
		}
	}
	met(50, 30, 20)
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: need.String(), Reason: "more came", Set: []string{"lines.0.quantity=80"}}))(t)
	met(80, 30, 50)
	if of := must(w.desk.Show(t.Context(), commit.String()))(t).Record.Request; of != nil {
		t.Errorf("a commitment is the request %+v", of)
	}
}
