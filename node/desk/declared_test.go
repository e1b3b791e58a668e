package desk_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestIndexSaysWhatTheRegistrarHasConfirmed: residents and own budget of a profile count as its
// author's word until its registrar confirms the record that names them, as any record is confirmed.
func TestIndexSaysWhatTheRegistrarHasConfirmed(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	profile := func(residents string) protocol.Name {
		return w.publish(desk.Request{As: gate, Kind: "profile", Set: []string{
			"names.en=South gate", "level=municipality", "residents.value=" + residents, "residents.source=Census 2002", "residents.year=2002",
			"budget.amount=6500000", "budget.currency=EUR", "budget.source=Budget 2016", "budget.year=2016",
		}}).Record
	}
	says := func(residents, budget board.RegistrarWord) {
		t.Helper()
		d := must(w.desk.Show(t.Context(), string(gate)))(t).Institution.Declared
		if d == nil || d.Residents.Word != residents || d.Budget.Word != budget {
			t.Fatalf("it shows %+v, want %s and %s", d, residents, budget)
		}
		for _, r := range rowsOf[desk.SolidarityRow](w, desk.Query{What: desk.ListSolidarity, By: string(gate)}) {
			if r.Parts[0].Registrar != residents || r.Parts[2].Registrar != budget || (r.Residents == nil) != (residents == board.RegistrarDisputes) {
				t.Errorf("the index has %+v, residents %v", r.Parts, r.Residents)
			}
		}
	}
	if v := must(w.desk.Show(t.Context(), string(gate)))(t).Institution; v.Declared != nil {
		t.Errorf("of who names nothing it shows %+v", v.Declared)
	}
	first := profile("22988")
	says(board.RegistrarSilent, board.RegistrarSilent)
	w.stance(desk.AnswerRequest{As: river, Record: first.String(), Step: "confirm", Set: []string{"basis=asked"}})
	says(board.RegistrarSilent, board.RegistrarSilent)
	w.stance(desk.AnswerRequest{As: centre, Record: first.String(), Step: "confirm", Set: []string{"basis=registered", "field=residents", "value=22988"}})
	says(board.RegistrarConfirms, board.RegistrarSilent)
	w.stance(desk.AnswerRequest{As: centre, Record: first.String(), Step: "dispute", Reason: "of another year", Set: []string{"basis=registered", "field=budget"}})
	says(board.RegistrarConfirms, board.RegistrarDisputes)
	if l := rowsOf[desk.EndorsementRow](w, desk.Query{What: desk.ListEndorsements, By: string(centre)}); len(l) != 2 || l[0].Ignored != "" || l[0].Of != first {
		t.Errorf("its stances are %+v", l)
	}
	second := profile("23000")
	says(board.RegistrarSilent, board.RegistrarSilent)
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: second.String(), Step: "confirm", Set: []string{"basis=registered"}})
	if err == nil || !strings.Contains(err.Error(), "nobody confirms or disputes a record of its own") {
		t.Errorf("it confirms itself: %v", err)
	}
	h := must(w.desk.Record(t.Context(), second, protocol.Digest{}))(t)
	if h.Type != body.TypeProfile {
		t.Errorf("the record is a %s", h.Type)
	}
}
