package web_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestIgnoredStepSaysWhyInTheReadersLanguage: two promise the same buses while the line is cut,
// and both nodes say alike whose promise has no effect, and why.
func TestIgnoredStepSaysWhyInTheReadersLanguage(t *testing.T) {
	b := meet(t)
	request := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	b.centre.comes(request.Record)
	b.network.Line(gate, centre).Cut()
	for s, as := range map[*site]protocol.InstitutionID{b.gate: river, b.centre: centre} {
		must(s.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: as, Record: request.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 4}}}))(t)
	}
	b.network.Line(gate, centre).Heal()
	for _, s := range []*site{b.gate, b.centre} {
		u := s.account(staff.Officer)
		read := func(language string) string {
			u.language = language
			return u.get("/help/" + request.Record.String()).body
		}
		s.until(func() bool {
			return strings.Contains(read("en"), "more would be committed than is open: 4 on top of 4, of 4")
		})
		for language, want := range map[string]string{"mk": "би се обврзало повеќе", "sq": "do të zotohej më shumë", "sr-Latn": "obavezalo bi se više", "el": "θα δεσμευόταν περισσότερο"} {
			page := read(language)
			if strings.Count(page, want) != 1 || strings.Contains(page, "would be committed") {
				t.Errorf("in %s the page does not say %q once", language, want)
			}
		}
	}
}

// TestStepThatIsIgnoredAsAWholeSaysWhy: none of its lines has a reason of its own.
func TestStepThatIsIgnoredAsAWholeSaysWhy(t *testing.T) {
	s := open(t)
	u := s.account(staff.Officer)
	request := s.says(centre, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	cancel := must(s.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: request.Record.String(), Step: "cancel", Lines: []desk.LineQuantity{{Line: 1, Quantity: 4}}, Reason: "they came"}))(t)
	must(s.node.Desk().Correct(t.Context(), desk.CorrectRequest{Record: cancel.Record.String(), Retract: true, Reason: "they went again"}))(t)
	for language, want := range map[string]string{"en": "the record does not count: taken back", "mk": "записот не важи: "} {
		u.language = language
		u.get("/help/"+request.Record.String()).wants(t, []string{want})
	}
}

// TestEveryReasonOfAnIgnoredStepHasItsWords in the catalogue; that each language has them too,
// another test says.
func TestEveryReasonOfAnIgnoredStepHasItsWords(t *testing.T) {
	var words map[string]any
	ok(t, json.Unmarshal(must(os.ReadFile("../lang/catalogues/en.json"))(t), &words))
	for _, c := range board.Codes() {
		if words["ignored."+string(c)] == nil {
			t.Errorf("nothing is said of %s", c)
		}
	}
}
