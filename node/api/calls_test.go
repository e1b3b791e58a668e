package api_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestSecondPersonDecidesByPrograms: what is handed in waits, and is let go, given back or taken back.
func TestSecondPersonDecidesByPrograms(t *testing.T) {
	p := meet(t)
	const alert = `{"kind":"alert","set":["info.0.category=Safety","info.0.event=Snow","info.0.urgency=Expected","info.0.severity=Severe","info.0.certainty=Likely","info.0.headline=Snow %d"]}`
	var numbers []string
	for i, by := range []staff.Role{staff.Officer, staff.Officer, ""} {
		p.centre.walk(step{by, "POST /v1/publish", fmt.Sprintf(alert, i), 200, `"waits":"`})
		waiting := must(p.centre.client.Approvals(t.Context()))(t)
		numbers = append(numbers, waiting[len(waiting)-1].ID)
	}
	at := func(i int, act string) string { return "/v1/approvals/" + numbers[i] + act }
	p.centre.walk(
		step{staff.Approver, "GET " + at(0, ""), "", 200, "Snow 0"},
		step{staff.Approver, "POST " + at(0, "/return"), `{}`, 422, `"field":"reason"`},
		step{staff.Approver, "POST " + at(0, "/return"), `{"reason":"which road?"}`, 200, `"state":"returned"`},
		step{staff.Approver, "GET " + at(0, ""), "", 200, "which road?"},
		step{staff.Approver, "POST " + at(0, "/approve"), `{}`, 409, "decided already"},
		step{staff.Approver, "POST " + at(1, "/approve"), `{}`, 200, `"record":`},
		step{staff.Officer, "GET /v1/lists/alerts", "", 200, "Snow 1"},
		step{staff.Approver, "POST " + at(2, "/withdraw"), `{}`, 403, "has handed this in"},
		step{staff.Approver, "GET /v1/approvals/9999", "", 404, `"mend":`},
		step{"", "POST " + at(2, "/withdraw"), `{}`, 200, `"state":"withdrawn"`},
		step{staff.Approver, "GET /v1/approvals", "", 200, `[]`},
	)
}

// TestFilesAreTakenInByPrograms: reports and a fund plan of a spreadsheet, or nothing of it.
func TestFilesAreTakenInByPrograms(t *testing.T) {
	n := open(t)
	file := func(more, text string) string {
		return fmt.Sprintf(`{"data":%q%s}`, base64.StdEncoding.EncodeToString([]byte(text)), more)
	}
	must(n.client.Publish(t.Context(), api.Request{Kind: "plan", Set: []string{
		"title=Winter places", "currency=EUR", "territory=MK-405", "period=2016-01-01", "lines.0.purpose=beds", "lines.0.beneficiary=mk.southeast.gevgelija", "lines.0.year=2016",
		"lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=eu_ipa", "lines.0.status=planned",
	}}))(t)
	sheet := must(n.client.PlanSheet(t.Context(), protocol.Name{Institution: centre, Position: must(protocol.ParsePosition("funding.1.1"))(t)}, 0, "csv"))(t)
	dearer := strings.Replace(string(sheet.Files[0].Data), ",5,", ",7,", 1)
	n.walk(
		step{staff.Officer, "POST /v1/import", file("", "place,period.start,period.end,figures.arrivals\nMK-405,2015-11-02,2015-11-03,960\n"), 200, "situation.1.1"},
		step{staff.Officer, "GET /v1/lists/reports", "", 200, "situation.1.1"},
		step{staff.Officer, "POST /v1/import", file("", "place,period.start,period.end,figures.arrivals\nMK-405,2015-11-03,2015-11-04,12.5\n"), 200, `"cell":"D2"`},
		step{staff.Officer, "POST /v1/plans/sheet", file(`,"record":"funding.1.1"`, dearer), 422, `"field":"reason"`},
		step{staff.Officer, "POST /v1/plans/sheet", file(`,"record":"funding.1.1","reason":"prices rose"`, dearer), 200, `"record":`},
		step{staff.Officer, "GET /v1/plans/" + string(centre) + "/funding.1.1", "", 200, `"prices rose"`},
	)
}

// TestSiteIsKeptByPrograms: counted, refused, and taken away once nobody is there.
func TestSiteIsKeptByPrograms(t *testing.T) {
	n := open(t)
	n.walk(
		step{staff.Officer, "POST /v1/sites", `{"place":"MK-405","name":"Town hall","night":40}`, 200, `"Town hall"`},
		step{staff.Officer, "POST /v1/sites", `{"place":"nowhere at all","name":"x"}`, 400, `"field":"place"`},
		step{staff.Officer, "POST /v1/sites/count", `{"place":"MK-405","people":12}`, 200, `"people":12`},
		step{staff.Officer, "GET /v1/sites", "", 200, `"people":12`},
		step{staff.Officer, "POST /v1/sites/count", `{"place":"MK-405","people":-1}`, 422, `"field":"people"`},
		step{staff.Officer, "POST /v1/sites/remove", `{"place":"MK-405"}`, 422, "12 people were there"},
		step{staff.Officer, "POST /v1/sites/count", `{"place":"MK-405","people":0}`, 200, `"people":0`},
		step{staff.Officer, "POST /v1/sites/remove", `{"place":"MK-405"}`, 200, `"Town hall"`},
		step{staff.Officer, "GET /v1/sites", "", 200, `[]`},
	)
}

// TestDeliveryAndSumAreReadByPrograms: what a town sends to the centre, and what it adds up of it once
// it is a regional body.
func TestDeliveryAndSumAreReadByPrograms(t *testing.T) {
	p := meet(t)
	ctx := t.Context()
	asked := must(p.centre.client.Publish(ctx, api.Request{Kind: "request", Body: []byte(`{"answer_by":"2036-11-05T12:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"blanket","quantity":300,"unit":"piece"}]}`)}))(t)
	must(p.centre.client.Publish(ctx, api.Request{Kind: "report", Set: []string{"place=MK", "period=2015-11-03", "figures.arrivals=960"}}))(t)
	has := func(ref string) func() bool {
		return func() bool {
			_, err := p.town.client.Show(ctx, ref)
			return err == nil
		}
	}
	p.town.until(has(asked.Record.String()))
	p.town.until(has(string(centre) + "/situation.1.1"))
	must(p.town.client.Publish(ctx, api.Request{Kind: "capacity", Body: []byte(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"type":"blanket","unit":"piece","total":90,"available":90,"offerable":true}]}`)}))(t)
	sent := must(p.town.client.Answer(ctx, api.AnswerRequest{Record: asked.Record.String(), Step: "commit", Lines: []api.LineQuantity{{Line: 1, Quantity: 90}}}))(t)
	p.town.walk(step{staff.Officer, "GET /v1/deliveries/" + sent.Record.String(), "", 200, `"quantity":90`})
	must(p.centre.client.Admit(ctx, api.AdmitRequest{Institution: town, Level: body.RegionalBody}))(t)
	p.town.until(func() bool { return must(p.town.client.Member(ctx, town))(t).Level == body.RegionalBody.String() })
	summed := must(p.town.client.Publish(ctx, api.Request{Kind: "report", Regional: &api.RegionalAsk{}, Set: []string{"period=2015-11-03/2015-11-04"}}))(t)
	p.town.walk(step{staff.Officer, "GET /v1/regional/" + summed.Record.String(), "", 200, "960"})
}

// TestWhoIsLateIsRemindedByPrograms: of what it owes, in words of one's own or since when; nobody who
// is not late, and nobody of what it does not owe.
func TestWhoIsLateIsRemindedByPrograms(t *testing.T) {
	p := meet(t)
	must(p.town.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"place=MK-405", "period=2015-10-20", "figures.arrivals=960"}}))(t)
	p.centre.until(func() bool {
		_, err := p.centre.client.Show(t.Context(), string(town)+"/situation.1.1")
		return err == nil
	})
	asks := func(whom protocol.InstitutionID, more string) string {
		return fmt.Sprintf(`{"institution":%q,"kind":%s}`, whom, more)
	}
	p.centre.walk(
		step{staff.Officer, "POST /v1/remind", asks(town, `"report"`), 200, "it is due since 2015-10-28 00:00 UTC"},
		step{staff.Officer, "POST /v1/remind", asks(town, `"report","reason":"Are you well?"`), 200, "Are you well?"},
		step{staff.Officer, "GET /v1/lists/notes", "", 200, "Are you well?"},
		step{staff.Officer, "POST /v1/remind", asks(town, `"route"`), 409, "nothing of that kind is overdue of " + string(town)},
		step{staff.Officer, "POST /v1/remind", asks(centre, `"report"`), 409, "nothing of that kind is overdue of " + string(centre)},
		step{staff.Officer, "POST /v1/remind", asks("mk.pelagonia.bitola", `"report"`), 422, "mk.pelagonia.bitola is no member of the network here"},
		step{staff.Officer, "POST /v1/remind", asks(town, `"reports"`), 400, `"field":"kind"`},
		step{staff.Auditor, "POST /v1/remind", asks(town, `"report"`), 403, "may not ask for POST /v1/remind"},
	)
}

// TestQuestionsThatHaveNoAnswerAreRefused: each with what is wrong with it and what to do.
func TestQuestionsThatHaveNoAnswerAreRefused(t *testing.T) {
	n := open(t)
	none := string(centre) + "/situation.1.99"
	n.walk(
		step{staff.Officer, "GET /v1/handover?as=rs.national.centre", "", 403, "rs.national.centre"},
		step{staff.Officer, "POST /v1/subscriptions", `{"name":"x","kinds":["gossip"]}`, 400, `"field":"kinds"`},
		step{staff.Officer, "POST /v1/subscriptions/remove", `{"number":9}`, 404, `"field":"number"`},
		step{staff.Officer, "POST /v1/subscriptions/looked", `{"number":9,"at":"2015-11-03T08:00:00.000Z"}`, 404, `"field":"number"`},
		step{staff.Officer, "GET /v1/search?q=x&limit=0", "", 400, `"field":"limit"`},
		step{staff.Officer, "POST /v1/alerts/dismiss", `{"record":"` + none + `"}`, 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/export/reports?format=pdf", "", 400, `"field":"format"`},
		step{staff.Auditor, "GET /v1/lists/audit?limit=0", "", 400, `"field":"limit"`},
		step{staff.Auditor, "GET /v1/export/audit?format=pdf", "", 400, `"field":"format"`},
		step{staff.Officer, "GET /v1/show?ref=Atlantis", "", 404, "Atlantis"},
		step{staff.Officer, "GET /v1/sites?as=rs.national.centre", "", 403, "rs.national.centre"},
		step{staff.Officer, "GET /v1/sites/movements?place=MK-405&limit=many", "", 400, `"field":"limit"`},
		step{staff.Officer, "GET /v1/messages/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/records/" + none + "/holders", "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/records/" + none + "/evidence", "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/incidents/" + none + "/brief", "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/exchanges/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/deliveries/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/flows/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/plans/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/plans/" + none + "/sheet", "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/consultations/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/strategies/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/projects/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/practices/" + none, "", 404, "situation.1.99"},
		step{staff.Officer, "GET /v1/regional/" + none, "", 404, "situation.1.99"},
	)
}
