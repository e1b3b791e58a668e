package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// whyOf gives the reason of a step as a code with what is put in: that of the step, or of its
// only line.
func whyOf(t *testing.T, p board.Picture, e *board.Event) string {
	t.Helper()
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Digest == e.Digest {
			if s.Ignored == "" || s.IgnoredCode == "" {
				t.Errorf("%s has an effect, or no code: %s", s.Step, show(s))
			}
			return fmt.Sprint(s.IgnoredCode, s.IgnoredArgs)
		}
	}
	t.Fatalf("step %s is not shown", e.Record.Name)
	return ""
}

// TestEveryReasonHasACodeAndWhatIsPutIn: for each way in which a step of an exchange can have no
// effect.
func TestEveryReasonHasACodeAndWhatIsPutIn(t *testing.T) {
	asks, a, b := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100, 20)
	offer := a.step(body.StepOffer, &request, &request, 60)
	accept := asks.step(body.StepAccept, &request, &offer, 40)
	commit := a.step(body.StepCommit, &request, &accept, 40)
	takeBack := asks.stepSaying(body.StepCancel, &request, &request, []body.Line{{Line: 2, Type: "blanket", Quantity: 20, Unit: "pieces"}})
	there := asks.step(body.StepStatus, &request, &commit, 40)
	extend := asks.step(body.StepExtend, &request, &there, 40)
	reply := a.step(body.StepExtendReply, &request, &extend, 40)
	all := []board.Event{request, offer, accept, commit, takeBack, there, extend, reply}
	elsewhere, stopped := b.request(5), b.step(body.StepOffer, &request, &request, 5)
	stopped.Stopped = true
	bales := []body.Line{{Line: 1, Type: "blanket", Quantity: 5, Unit: "bales"}}
	second := func(n int64) []body.Line {
		return []body.Line{{Line: 2, Type: "blanket", Quantity: body.Positive(n), Unit: "pieces"}}
	}
	more := b.step(body.StepOffer, &request, &request, 10)
	all = append(all, more)
	rival := request // another record at the position of the first
	rival.Record.SetBody(elsewhere.Record.Body)
	rival.Digest = rival.Record.Digest()
	seen := map[string]bool{}
	for _, tt := range []struct {
		bad  board.Event
		want string
	}{
		{stopped, "standing[stopped]"},
		{b.step(body.StepOffer, &elsewhere, &elsewhere, 5), "no_root[]"},
		{b.step(body.StepOffer, &request, &elsewhere, 5), "no_answered[]"},
		{a.step(body.StepAccept, &request, &offer, 60), "role[accept provider]"},
		{b.step(body.StepOffer, &request, &offer, 5), "answers[offer provider offer]"},
		{b.step(body.StepCommit, &request, &accept, 40), "between_others[]"},
		{asks.stepSaying(body.StepAccept, &request, &offer, second(5)), "no_line[2]"},
		{b.stepSaying(body.StepOffer, &request, &request, bales), "goods[1 blanket pieces blanket bales]"},
		{asks.stepSaying(body.StepCancel, &request, &request, second(20)), "line_cancelled[2]"},
		{asks.step(body.StepAccept, &request, &offer, 40), "state[accept requester deployed]"},
		{asks.step(body.StepAccept, &request, &more, 11), "beyond_offered[11 10]"},
		{a.step(body.StepCommit, &request, &accept, 1), "beyond_ordered[1 40 40]"},
		{a.step(body.StepReturned, &request, &commit, 40), "nothing[returned provider deployed]"},
		{asks.step(body.StepConsumed, &request, &there, 41), "fewer[41 40]"},
		{a.step(body.StepExtendReply, &request, &extend, 40), "replied[]"},
	} {
		events := append(slices.Clone(all), tt.bad)
		if tt.want == "replied[]" && string(tt.bad.Digest[:]) < string(reply.Digest[:]) {
			tt.bad = reply // the smaller digest counts; the other comes too late
		}
		if got := whyOf(t, picture(t, day(2), events...), &tt.bad); got != tt.want {
			t.Errorf("ignored: %s, want %s", got, tt.want)
		}
		code, _, _ := strings.Cut(tt.want, "[")
		seen[code] = true
	}
	seen["second_root"], seen["no_beginning"] = true, true // the first see below; the other no body that can be read says
	for _, c := range board.Codes() {
		if !seen[string(c)] {
			t.Errorf("no step is ignored for %s", c)
		}
	}
	if p := picture(t, day(2), append(slices.Clone(all), rival)...); !slices.ContainsFunc(p.Steps, func(s board.Step) bool { return s.IgnoredCode == board.CodeSecondRoot }) {
		t.Errorf("of two records at one position both begin the exchange: %s", show(p.Steps))
	}
	// What answers another step begins no exchange of its own.
	began := a.step(body.StepCommit, &offer, &offer, 5)
	if got := whyOf(t, picture(t, day(2), offer, began), &began); got != "no_root[]" {
		t.Errorf("a thread that an answer would begin: %s", got)
	}
}
