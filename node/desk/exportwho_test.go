package desk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestFileOfWhoDoesWhatForOthersHoldsBackWhatIsMarked: a row of a plan or a flow for named recipients is left out, and where a row
// helps stands nowhere if needs for named recipients say it; who may read all is told all.
func TestFileOfWhoDoesWhatForOthersHoldsBackWhatIsMarked(t *testing.T) {
	w := market(t)
	red := func(as protocol.InstitutionID, b body.Body) protocol.Name {
		t.Helper()
		return must(w.intake.Publish(t.Context(), intake.Draft{Institution: as, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t).Name
	}
	n := &body.Needs{Items: []body.Need{{Sector: "nfi", Item: "blanket", Unit: "pieces", Required: 5, Basis: body.BasisCount, Priority: 1}}}
	n.Place, n.To = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-101"}, []body.Addressee{body.Addressee(river)}
	needs := red(gate, n)
	line := func(needs ...protocol.Name) body.PlanLine {
		return body.PlanLine{Line: 1, Purpose: "Stoves", Beneficiary: river, Year: 2016, Sector: "nfi", Amount: "77", Source: "un", Status: body.LinePlanned, NeedsRefs: needs}
	}
	hidden := &body.Plan{
		Title: "Hidden", Status: body.PlanProposed, Period: body.Period{Start: body.TimeOf(w.clock.Now()), End: body.TimeOf(w.clock.Now().AddDate(1, 0, 0))}, Currency: "EUR",
		Territory: body.Place{Scheme: body.ISOSubdivision, Code: "MK-201"}, Lines: []body.PlanLine{line()}, Cosigners: []protocol.InstitutionID{river},
	}
	hidden.To = []body.Addressee{body.Addressee(river)}
	red(centre, hidden)
	open := w.propose("lines.0.needs_refs.0=" + needs.String()).Record
	w.propose()
	flow := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=41", "currency=EUR", "plan_lines.0.plan="+open.String(), "plan_lines.0.line=1"))(t).Record
	must(w.flow(centre, "pay", "thread="+flow.String(), "amount=41"))(t)
	secret := must(w.flow(centre, "commit-flow", "recipient="+string(gate), "amount=43", "currency=EUR", "place=MK-405"))(t)
	pay := &body.Flow{Step: body.FlowPay, Donor: centre, Recipient: gate, Amount: "43", Currency: "EUR"}
	pay.Thread, pay.Refs = secret.Record, []body.Ref{{Rel: body.RelAnswers, Record: secret.Record, Digest: secret.Digest}}
	pay.To = []body.Addressee{body.Addressee(gate)}
	red(centre, pay)

	whole := string(must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListWho}, desk.AsCSV, protocol.Red))(t).Files[0].Data)
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListWho}, desk.AsHXL, protocol.Red))(t)
	file := string(e.Files[0].Data)
	for said, others := range map[string]bool{"MK-101": false, "MK-201": false, ",77,": false, ",43,": false, "MK-405": true, ",41,": true, ",120000,": true} {
		if !strings.Contains(whole, said) || strings.Contains(file, said) != others {
			t.Errorf("%s: want it in the file for others: %t\n%s\n%s", said, others, whole, file)
		}
	}
	if !slices.ContainsFunc(e.Loss, func(l desk.Loss) bool { return l.Field == "where" && l.Rows == 2 && strings.Contains(l.Why, "TLP:RED") }) {
		t.Errorf("lost %+v", e.Loss)
	}
}
