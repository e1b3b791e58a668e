package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// funded has the centre propose a fund plan that the town refuses in its first version and has
// not answered in its second, and gives its name.
func (f *federated) funded(t *testing.T) protocol.Name {
	t.Helper()
	s := f.sites[centre]
	first := s.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(town),
		`rates=[{"currency":"MKD","rate":"61.5","as_of":"2015-11-03","source":"National bank"}]`,
		"lines.0.line=1", "lines.0.purpose=200 bed places", "lines.0.beneficiary="+string(town), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000", "lines.0.source=eu_ipa", "lines.0.source_ref=IPA II", "lines.0.status=requested", "lines.0.co_financing_percent=15",
		"lines.1.line=2", "lines.1.purpose=Interpreters", "lines.1.beneficiary="+string(town), "lines.1.year=2017", "lines.1.sector=protection", "lines.1.amount=9000.50", "lines.1.source=local_budget", "lines.1.status=secured").Record
	at := f.sites[town]
	at.planned(first, 1)
	said := must(at.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: town, Record: first.String(), Step: desk.AnswerRefuse, Reason: "too dear by <far>"}))(t)
	s.comes(said.Record)
	must(s.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: centre, Record: first.String(), Reason: "the council has asked for less", Set: []string{"lines.0.amount=110000"}}))(t)
	at.planned(first, 2)
	return first
}

// planned waits until a node knows a version of a plan.
func (s *site) planned(n protocol.Name, version int) {
	s.t.Helper()
	s.until(func() bool {
		v, err := s.node.Desk().FundPlan(s.t.Context(), desk.PlanQuestion{Record: n.String()})
		return err == nil && v.Version >= version
	})
}

// TestPlanIsShownVersionByVersion: its lines, its sums in one currency, who has said what of which
// version, what became otherwise, and the flows that hang on it.
func TestPlanIsShownVersionByVersion(t *testing.T) {
	f := federate(t)
	u, other := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	u.get("/funds").wants(t, []string{`id="plans"`, "No fund plan is known here yet"})
	n := f.funded(t)
	path := "/funds/plan/" + n.String()
	other.get("/funds").wants(t, []string{`href="` + path + `"`, "Winter places", "version 2: signed by 0 of 1", "waits for your signature", "Required <b>119,000.50</b>", "Gap <b>110,000</b>"})
	f.sites[centre].says(centre, "commit-flow", "recipient="+string(town), "amount=50000", "currency=EUR", "plan_lines.0.plan="+n.String(), "plan_lines.0.line=1")
	p := u.get(path)
	p.wants(t, []string{
		"<h1>Winter places</h1>", "version 2: signed by 0 of 1", "119,000.50 EUR", "1 EUR = 61.5 MKD", "1. 200 bed places", "EU: pre-accession (IPA)", "IPA II", "Co-financed by others, per cent: 15",
		"By sector", "By place", "By source of the money", "By year", `data-l="Gap"><b>60,000</b>`, "Planned 119,000.50", "Reported spent 0", `data-l="Secured">59,000.50`,
		"What became otherwise from version 1 to version 2", "<del>120,000</del> → <ins>110,000</ins>", "the council has asked for less",
		"refused", "too dear by &lt;far&gt;", "has not said yet", "only the donor says so", `href="/funds/flow/`,
	}, "waits for your signature")
	for _, name := range []string{"Committed 50,000 ·", `id="v1"`, `id="v2"`} {
		p.wants(t, []string{name})
	}
	u.get(path+"?from=2&to=1").wants(t, []string{"from version 2 to version 1", "<del>110,000</del> → <ins>120,000</ins>"})
	for query, want := range map[string]int{"?from=x": http.StatusBadRequest, "?to=9": http.StatusBadRequest} {
		if p = u.get(path + query); p.status != want {
			t.Errorf("%s: %d, want %d", query, p.status, want)
		}
	}
	u.get("/record/"+n.String()).wants(t, []string{`href="` + path + `"`})
	p = u.get(path)
	p.wants(t, []string{`<a href="` + path + `/plan.xlsx" download>`, `<a href="` + path + `/plan.csv" download>`})
	file := u.get(path + "/plan.csv")
	if file.status != http.StatusOK || !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") || !strings.Contains(file.body, "200 bed places") || !strings.Contains(file.body, ",#value,") {
		t.Errorf("as CSV: %d %v\n%s", file.status, file.header, file.body)
	}
	if file = u.get(path + "/plan.xlsx"); file.status != http.StatusOK || !strings.HasPrefix(file.body, "PK") || !strings.Contains(file.header.Get("Content-Disposition"), "version-2.xlsx") {
		t.Errorf("as XLSX: %d %v", file.status, file.header)
	}
	if file = u.get("/funds/plan/" + string(centre) + "/situation.1.1/plan.csv"); file.status != http.StatusNotFound {
		t.Errorf("a report as a plan's file: %d", file.status)
	}
	if p = u.get("/funds/plan/" + string(centre) + "/situation.1.1"); p.status != http.StatusNotFound {
		t.Errorf("a report is no plan: %d", p.status)
	}
}
