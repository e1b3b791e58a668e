package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestPageShowsWhatAQuestionSaidBefore: its words, its closing, and who was asked and is not any more, who may answer all the same; and
// that it was taken back, with the reason.
func TestPageShowsWhatAQuestionSaidBefore(t *testing.T) {
	b := meet(t)
	n := b.centre.says(centre, "consultation", "question=By residents or by arrivals?", "to="+string(gate)+","+string(river), "closes_at=2036-11-12T09:00:00Z").Record
	asks, asked := b.centre.account(staff.Officer), b.gate.account(staff.Officer)
	path := "/policy/consultation/" + n.String()
	asks.get(path).wants(t, nil, `id="before"`, "is not any more")
	mended, err := b.centre.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: centre, Record: n.String(), Reason: "the river is not concerned", Set: []string{
		"question=By arrivals?", "to=" + string(river), "closes_at=" + time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339),
	}})
	ok(t, err)
	asks.get(path).wants(t, []string{
		"By arrivals?</h1>", `<dt>Who was asked, and is not any more</dt><dd class="id">` + string(gate) + "</dd>", "What was asked before it was put right", "<br>By residents or by arrivals?", "2036-11-12",
	})
	b.gate.comes(mended.Record)
	b.gate.until(func() bool { return asked.get(path).status == 200 })
	asked.get(path).wants(t, []string{`id="answer"`, "By arrivals?</h1>"})
	answer := b.gate.says(gate, "response", "thread="+n.String(), "position=oppose").Record
	b.centre.comes(answer)
	for _, p := range []string{path, "/policy"} {
		b.centre.until(func() bool { return strings.Contains(asks.get(p).body, "0 of 1 and 1 of those asked before") })
	}
	for language, says := range map[string]string{"mk": "Кој беше прашан, а веќе не е", "sq": "Kush u pyet, dhe nuk pyetet më", "sr-Latn": "Ko je bio upitan, a više nije", "el": "Ποιος ρωτήθηκε, και δεν ερωτάται πια"} {
		asks.language = language
		asks.get(path).wants(t, []string{says})
	}
	asks.language = "en"
	_, err = b.centre.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: centre, Record: n.String(), Reason: "asked by letter", Retract: true})
	ok(t, err)
	asks.get(path).wants(t, []string{"By arrivals?</h1>", ": asked by letter", "taken back"}, `href="/retract/`)
}
