package web_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestPageShowsAnErasedAnswer on both sides: by whom and why, beside who has answered, and where the outcome is written.
func TestPageShowsAnErasedAnswer(t *testing.T) {
	b := meet(t)
	n := b.centre.says(centre, "consultation", "question=By residents or by arrivals?", "to="+string(gate), "closes_at=2036-11-12T09:00:00Z").Record
	b.gate.comes(n)
	asks, asked := b.centre.account(staff.Officer), b.gate.account(staff.Officer)
	path := "/policy/consultation/" + n.String()
	b.gate.until(func() bool { return asked.get(path).status == 200 })
	answer := b.gate.says(gate, "response", "thread="+n.String(), "position=oppose").Record
	b.centre.comes(answer)
	gone := must(b.centre.node.Desk().Erase(t.Context(), desk.EraseRequest{Record: answer.String(), Reason: "it named a person"}))(t)
	b.gate.comes(gone.Published.Record)
	for _, p := range []*browser{asks, asked} {
		b.gate.until(func() bool { return strings.Contains(p.get(path).body, "erased</span>") })
		p.get(path).wants(t, []string{"erased by " + string(centre), ": it named a person", "1 of 1"}, "<b>against it</b>", "No answer")
	}
	for language, says := range map[string]string{"mk": "избришано од " + string(centre), "sq": "fshirë nga " + string(centre), "sr-Latn": "izbrisano od strane " + string(centre), "el": "διαγράφηκε από " + string(centre)} {
		asks.language = language
		asks.get(path).wants(t, []string{says})
	}
}
