package board_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// saying gives lines that all say the same of what they were asked.
func saying(response body.LineResponse, n ...int64) []body.Line {
	all := lines(n...)
	for i := range all {
		all[i].Response = response
		if response == body.ResponseProvisional {
			all[i].Reason = "if the road is open"
		}
	}
	return all
}

// until is an extension to a day.
func until(d int, n int64) []body.Line {
	all := lines(n)
	all[0].Schedule = []body.Schedule{{Type: "requested_return_departure", At: body.TimeOf(day(d))}}
	return all
}

// deployed is a promise of which all is there.
func deployed(t *testing.T) *promised {
	t.Helper()
	p := promise(t)
	p.says(p.asks, body.StepStatus, stage(body.StageDeployed, 400))
	return p
}

// TestFirstReplyToAQuestionCounts: a later one has no effect and says why; one that is
// provisional leaves the question open.
func TestFirstReplyToAQuestionCounts(t *testing.T) {
	const answered = "the question was answered already"
	tests := []struct {
		name    string
		replies []body.LineResponse
		ignored []string
		want    string
	}{
		{"yes, then no", []body.LineResponse{"accept", "decline"}, []string{"", answered}, "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z"},
		{"no, then yes", []body.LineResponse{"decline", "accept"}, []string{"", answered}, "deployed: 400 deployed"},
		{"yes twice", []body.LineResponse{"accept", "accept"}, []string{"", answered}, "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z"},
		{"perhaps", []body.LineResponse{"provisional"}, []string{""}, "deployed: 400 deployed; asked extend"},
		{"perhaps, then no, then yes", []body.LineResponse{"provisional", "decline", "accept"}, []string{"", "", answered}, "deployed: 400 deployed"},
		{"yes, then perhaps", []body.LineResponse{"accept", "provisional"}, []string{"", answered}, "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := deployed(t)
			question := p.says(p.asks, body.StepExtend, lines(400))
			var replies []board.Event
			for _, r := range tt.replies {
				replies = append(replies, p.replies(p.gives, body.StepExtendReply, &question, saying(r, 400)))
			}
			pic := picture(t, day(6), p.events...)
			for i := range replies {
				if got := ignored(t, pic, &replies[i]); tt.ignored[i] == "" && got != "" || !strings.Contains(got, tt.ignored[i]) {
					t.Errorf("reply %d is ignored: %q, want %q", i+1, got, tt.ignored[i])
				}
			}
			if got := stood(only(t, only(t, pic.Requests).Lines[0].With)); got != tt.want {
				t.Errorf("the line stands at %q, want %q", got, tt.want)
			}
		})
	}
}

// TestReplyThatIsTakenBackMakesRoomForAnother.
func TestReplyThatIsTakenBackMakesRoomForAnother(t *testing.T) {
	p := deployed(t)
	question := p.says(p.asks, body.StepExtend, lines(400))
	no := p.replies(p.gives, body.StepExtendReply, &question, saying("decline", 400))
	yes := p.replies(p.gives, body.StepExtendReply, &question, saying("accept", 400))
	p.events = append(p.events, p.gives.correct(&no, nil))
	pic := picture(t, day(6), p.events...)
	if got := ignored(t, pic, &yes); got != "" {
		t.Errorf("ignored: %q", got)
	}
	if got := stood(only(t, only(t, pic.Requests).Lines[0].With)); got != "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z" {
		t.Errorf("the line stands at %q", got)
	}
}

// TestSeveralQuestionsStandBesideEachOther, each until it is answered itself.
func TestSeveralQuestionsStandBesideEachOther(t *testing.T) {
	p := deployed(t)
	where := p.says(p.gives, body.StepAskStatus, lines(400))
	longer := p.says(p.asks, body.StepExtend, until(12, 400))
	longest := p.says(p.asks, body.StepExtend, until(15, 400))
	back := p.says(p.gives, body.StepRecall, lines(150))
	p.wants(t, "deployed: 400 deployed; asked ask_status; asked extend; asked extend; asked recall")
	p.replies(p.gives, body.StepExtendReply, &longest, saying("accept", 400))
	p.wants(t, "deployed: 400 deployed; until 2015-11-15T00:00:00.000Z; asked ask_status; asked extend; asked recall")
	p.replies(p.asks, body.StepRecallReply, &back, saying("decline", 150))
	p.replies(p.gives, body.StepExtendReply, &longer, saying("decline", 400))
	p.wants(t, "deployed: 400 deployed; until 2015-11-15T00:00:00.000Z; asked ask_status")
	p.replies(p.asks, body.StepRelease, &where, lines(300))
	p.replies(p.asks, body.StepStatus, &where, stage(body.StageReturning, 300))
	p.wants(t, "deployed: 100 deployed, 300 returning; until 2015-11-15T00:00:00.000Z")
}

// TestQuestionOfWhatIsGoneIsNoQuestion: nobody keeps longer, or gives back, what is not there.
func TestQuestionOfWhatIsGoneIsNoQuestion(t *testing.T) {
	p := deployed(t)
	p.says(p.asks, body.StepExtend, lines(400))
	back := p.says(p.gives, body.StepRecall, lines(400))
	p.says(p.asks, body.StepRelease, lines(400))
	p.wants(t, "released: 400 released")
	late := p.asks.stepSaying(body.StepRecallReply, &p.request, &back, saying("decline", 400))
	if got := ignored(t, picture(t, day(6), append(p.events, late)...), &late); !strings.Contains(got, "answered already") {
		t.Errorf("ignored: %q", got)
	}
}

// TestOneReplyCountsWhateverTheOrder: of any questions and replies each question has one answer
// at most, and the picture hangs on no order of arrival.
func TestOneReplyCountsWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := deployed(t)
		asked := map[body.Step][]board.Event{}
		final := map[string]bool{} // replies that say yes or no
		for range rapid.IntRange(1, 14).Draw(rt, "steps") {
			step := rapid.SampledFrom([]body.Step{body.StepExtend, body.StepRecall, body.StepExtendReply, body.StepRecallReply, body.StepStatus}).Draw(rt, "step")
			by, n := p.asks, rapid.Int64Range(1, 9).Draw(rt, "quantity")
			if step == body.StepRecall || step == body.StepExtendReply {
				by = p.gives
			}
			switch step {
			case body.StepExtend, body.StepRecall:
				asked[step] = append(asked[step], p.says(by, step, until(rapid.IntRange(10, 20).Draw(rt, "until"), n)))
			case body.StepStatus:
				p.says(by, step, stage(body.StageReturning, n))
			default:
				of := asked[map[body.Step]body.Step{body.StepExtendReply: body.StepExtend, body.StepRecallReply: body.StepRecall}[step]]
				if len(of) == 0 {
					continue
				}
				says := rapid.SampledFrom([]body.LineResponse{"accept", "decline", "provisional"}).Draw(rt, "response")
				e := p.replies(by, step, &of[rapid.IntRange(0, len(of)-1).Draw(rt, "question")], saying(says, n))
				final[e.Record.String()] = says != body.ResponseProvisional
			}
		}
		want := picture(t, day(6), p.events...)
		counts := map[string]int{}
		for _, s := range want.Steps {
			if s.Ignored == "" && final[s.Record.String()] {
				counts[s.Answers.String()]++
			}
		}
		for question, n := range counts {
			if n > 1 {
				rt.Errorf("%d replies to %s count", n, question)
			}
		}
		got := picture(t, day(6), rapid.Permutation(slices.Clone(p.events)).Draw(rt, "order")...)
		if diff := cmp.Diff(show(want), show(got)); diff != "" {
			rt.Errorf("the pictures differ:\n%s", diff)
		}
	})
}
