package web_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestRegistrarConfirmsOnThePageOfAMember: what a municipality says of its residents and its budget
// stands there as its own word until its registrar confirms it, on the form that every record has;
// the index of solidarity marks it likewise. Beside it, training that is wanted meets a seat that
// speaks of the same.
func TestRegistrarConfirmsOnThePageOfAMember(t *testing.T) {
	b := meet(t)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "figures.present=40")
	said := b.gate.says(gate, "profile", "names.en=South gate", "level=municipality", "residents.value=22988", "residents.source=Census 2002", "residents.year=2002",
		"budget.amount=6500000.50", "budget.currency=EUR", "budget.source=Budget 2016", "budget.year=2016").Record
	b.centre.comes(said)
	member, path := "/network/member/"+string(gate), "/endorse/"+said.String()
	u, own := b.centre.account(staff.Officer), b.gate.account(staff.Officer)
	u.get(member).wants(t, []string{"Residents and own budget", "22,988", "Census 2002, 2002", "6,500,000.50 EUR", "not confirmed", `href="` + path + `"`}, "confirmed by the registrar")
	own.get(member).wants(t, []string{"not confirmed"}, `href="`+path+`"`)
	own.get("/help/solidarity").wants(t, []string{"not confirmed", `data-l="Index">Not enough data</td>`}, "confirmed by the registrar", `data-l="Index"><b>`)
	form := u.form(path)
	for name, value := range map[string]string{"stance": "confirm", "basis": "registered", "field": "residents", "value": "22988"} {
		form.Set(name, value)
	}
	word := u.sent(path, form)
	b.gate.comes(word)
	for _, page := range []string{member, "/help/solidarity"} {
		own.get(page).wants(t, []string{"confirmed by the registrar"})
	}
	u.get("/record/"+said.String()).wants(t, []string{"Where others stand on it", "Residents 22,988"}, "not counted")

	b.gate.says(gate, "capacity", "place=MK-405", "items.0.type=bus", "items.0.unit=pieces", "items.0.available=1", "training_needs=First aid and triage")
	b.gate.says(river, "capacity", "place=MK-401", "items.0.type=training_seat", "items.0.unit=seats", "items.0.available=10", "items.0.offerable=true", "items.0.conditions=Triage for volunteers")
	own.get("/help/capacity").wants(t, []string{"First aid and triage", "training wanted", "10 ", "both speak of: triage", "15 km"})
}
