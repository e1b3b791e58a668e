package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
)

// TestTrainingIsFoundByItsWords: in each language, whatever the ending, in either alphabet; by
// what they speak of, and not by the word training; and who wants it is not matched with itself.
func TestTrainingIsFoundByItsWords(t *testing.T) {
	tests := []struct {
		why, wants, offers string
		words              []string
	}{
		{"the same words", "First aid and triage.", "Course in triage, ten people", []string{"triage"}},
		{"another ending", "Interpreting for Arabic", "For interpreters: arabic, farsi", []string{"interpreting", "arabic"}},
		{"Macedonian", "Обука за тријажа и прва помош", "обука: тријажата на граница", []string{"trijaza"}},
		{"Serbian in two alphabets", "Тријажа и прва помоћ", "obuka iz prve pomoći", []string{"pomoc"}},
		{"Albanian", "Trajnim për ndihmën e parë", "Ndihma e shpejtë: trajnim", []string{"ndihmen"}},
		{"Greek", "Εκπαίδευση στις πρώτες βοήθειες", "Σεμινάριο: πρώτη βοήθεια", []string{"βοηθειεσ"}},
		{"of nothing but training", "Training for our staff", "Training course for staff, ten seats", nil},
		{"of nothing but training, in Macedonian", "Обука за вработени", "Курс: обука на вработени", nil},
		{"of nothing but training, in Albanian", "Trajnim për stafin, kurse", "Trajnime dhe kurse", nil},
		{"of nothing but training, in Greek", "Εκπαίδευση του προσωπικού", "Σεμινάρια εκπαίδευσης για το προσωπικό", nil},
		{"of something else", "Water supply", "Registration of minors", nil},
		{"a beginning that is no word", "Community work", "Communication lines", nil},
	}
	w := market(t) // of each institution the latest declaration is the live one
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			w.wantsTraining(tt.wants)
			w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(fmt.Sprintf(
				`{"place":{"scheme":"iso3166-2","code":"MK-401"},"items":[{"type":"training_seat","unit":"seats","available":10,"conditions":%q,"offerable":true}]}`, tt.offers))})
			var got []string
			for _, r := range rowsOf[desk.MatchRow](w, desk.Query{What: desk.ListMatches}) {
				if r.Lack != desk.LackTraining || r.For != gate || r.Institution != river || r.Text != tt.wants {
					t.Errorf("a suggestion is %+v", r)
				}
				got = r.Words
			}
			if diff := cmp.Diff(tt.words, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func (w *world) wantsTraining(text string, gaps ...string) {
	w.t.Helper()
	said := fmt.Sprintf(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"type":"bus","unit":"pieces","available":1}],"training_needs":%q`, text)
	for _, g := range gaps {
		said += `,"gaps":[` + g + `]`
	}
	w.publish(desk.Request{As: gate, Kind: "capacity", Body: json.RawMessage(said + "}")})
}

// TestTrainingAndExpertiseAreRanked by how much of what is wanted they speak of, with the reasons;
// an offer that nobody asked for counts by its description, and what may not be offered does not.
func TestTrainingAndExpertiseAreRanked(t *testing.T) {
	w := market(t)
	w.wantsTraining("First aid, triage and water testing", `{"type":"expert_day","unit":"days","required":4}`)
	w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-401"},"items":[
		{"type":"expert_day","unit":"days","available":2,"readiness_hours":24,"conditions":"testing of water","offerable":true},
		{"type":"training_seat","unit":"seats","available":5,"conditions":"triage"},
		{"type":"tent","unit":"pieces","available":5,"conditions":"water, triage, first aid","offerable":true}]}`)})
	w.publish(desk.Request{As: centre, Kind: "offer", Body: json.RawMessage(`{"lines":[{"line":1,"type":"training_seat","quantity":12,"unit":"seats","description":"First aid and triage for volunteers"}]}`)})
	before := len(rowsOf[desk.OfferRow](w, desk.Query{What: desk.ListOffers}))
	var got []string
	for _, r := range rowsOf[desk.MatchRow](w, desk.Query{What: desk.ListMatches}) {
		got = append(got, fmt.Sprintf("%s: %d. %s, %d %s, %d: %v", r.Lack, r.Rank, r.Institution, r.Free, r.Type, r.Fit, r.Reasons))
	}
	want := []string{
		"gap: 1. " + string(river) + ", 2 expert_day, 500: [covers 2 of 4 both speak of water, testing ready in 24 h 15 km as the crow flies said 0 h ago]",
		"training: 1. " + string(centre) + ", 12 training_seat, 600: [both speak of first, aid, triage when it is ready is not said how far is not known said 0 h ago]",
		"training: 2. " + string(river) + ", 2 expert_day, 400: [both speak of water, testing ready in 24 h 15 km as the crow flies said 0 h ago]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if after := len(rowsOf[desk.OfferRow](w, desk.Query{What: desk.ListOffers})); after != before {
		t.Errorf("%d offers after the question, %d before: a suggestion is no act", after, before)
	}
}
