package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestMoreThanCameIsPassedOnOnlyKnowingly: all that is passed on of a flow, by however many others, is held against what came by
// it, at each step; what was said knowingly once is not asked for anew, and so is what came in another currency.
func TestMoreThanCameIsPassedOnOnlyKnowingly(t *testing.T) {
	w := market(t)
	came := must(w.flow(centre, "receive", "donor="+string(secretary), "amount=50", "currency=EUR"))(t).Record
	begin := func(kind, amount, currency string, knowing bool) (desk.Published, error) {
		return w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: kind, Knowing: knowing, Set: []string{"recipient=" + string(river), "amount=" + amount, "currency=" + currency, "parent_flow=" + came.String()}})
	}
	step := func(in protocol.Name, step, amount string, knowing bool) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: in.String(), Step: step, Set: []string{"amount=" + amount}, Knowing: knowing})
		return err
	}
	first := must(begin("commit-flow", "40", "EUR", false))(t).Record
	_, err := begin("commit-flow", "4000", "MKD", false)
	refused(t, err, desk.Refused, "currency: "+came.String()+" came in EUR, and is passed on in MKD: nobody can tell whether that is more")
	other := must(begin("commit-flow", "4000", "MKD", true))(t).Record
	ok(t, step(other, "pay", "4000", false))
	_, err = begin("pledge", "20", "EUR", false)
	refused(t, err, desk.Refused, "amount: with this 60 EUR of "+came.String()+" are passed on in all, and 50 are known here to have come by it: give what came, or say that you know of it")
	second := must(begin("pledge", "20", "EUR", true))(t).Record
	ok(t, step(second, "commit", "20", false))
	ok(t, step(first, "pay", "40", false))
	refused(t, step(second, "pay", "15", false), desk.Refused, "amount: with this 55 EUR of "+came.String())
	ok(t, step(second, "pay", "10", false))
	ok(t, step(second, "pay", "10", true))
	mend := desk.CorrectRequest{As: centre, Record: first.String(), Reason: "mistyped", Set: []string{"amount=45"}}
	_, err = w.desk.Correct(t.Context(), mend)
	refused(t, err, desk.Refused, "amount: with this 65 EUR of "+came.String())
	mend.Knowing = true
	must(w.desk.Correct(t.Context(), mend))(t)

	promise := must(w.flow(centre, "commit-flow", "recipient="+string(gate), "amount=10", "currency=EUR"))(t).Record
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: promise.String(), Reason: "it is theirs", Set: []string{"parent_flow=" + came.String()}})
	refused(t, err, desk.Refused, "amount: with this 75 EUR of "+came.String())
}
