package web_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// led follows the link of a page to a form of funds that is filled in.
func led(t *testing.T, u *browser, at, link string) url.Values {
	t.Helper()
	u.get(at).wants(t, []string{`href="` + link + `#begin"`})
	return filledIn(t, u.get(html.UnescapeString(link)), "begin")
}

// flowOn gives the flow that a page was led to.
func flowOn(t *testing.T, p page) protocol.Name {
	t.Helper()
	name, ok := strings.CutPrefix(p.path, "/funds/flow/")
	if !ok {
		t.Fatalf("led to %s: %d\n%s", p.path, p.status, p.body)
	}
	return must(protocol.ParseName(name))(t)
}

// TestPledgeIsTiedToALineOfAPlan: from the line on the plan's page to the form, and from there, by
// the steps of both sides, to the gap of the plan on both nodes.
func TestPledgeIsTiedToALineOfAPlan(t *testing.T) {
	f := federate(t)
	n := f.funded(t)
	donor, recipient := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	plan, link := "/funds/plan/"+n.String(), "/funds?for="+strings.ReplaceAll(n.String(), "/", "%2f")+"&amp;line=1"
	recipient.get(plan).wants(t, []string{`<tr id="line-1"><td>1. 200 bed places`}, link)
	form := led(t, donor, plan, link)
	for name, want := range map[string]string{"step": "pledge", "other": string(town), "amount": "110000", "currency": "EUR", "plan_lines": n.String() + " 1", "needs_refs": "", "use_by": ""} {
		if form.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, form.Get(name), want)
		}
	}
	form.Set("use_by", "2016-12-31T12:00")
	p := donor.post("/funds", form)
	flow := flowOn(t, p)
	p.wants(t, []string{`<a href="` + plan + `#line-1">` + n.String() + ` · 1</a>`, "110,000 EUR", "2016-12-31"})
	f.sites[town].folds(flow)
	for _, u := range []*browser{donor, recipient} {
		u.get(plan).wants(t, []string{`data-l="Gap"><b>110,000</b>`, `data-l="Pledged only">110,000`})
	}
	for _, step := range []string{"commit", "pay"} {
		f.sites[town].folds(f.last(t, donor.post(p.path, act(t, donor.get(p.path), step, "")), centre))
	}
	f.sites[centre].folds(f.last(t, recipient.post(p.path, act(t, recipient.get(p.path), "receive", "")), town))
	for _, u := range []*browser{donor, recipient} {
		u.get(plan).wants(t, []string{`data-l="Gap"><b>0</b>`}, `data-l="Gap"><b>110,000</b>`)
		u.get(p.path).wants(t, []string{">reconciled<"})
	}
}

// TestPledgeIsTiedToNeeds: from what is not funded, from the place and from the record to the form,
// and what is committed there is not missing any more on either node.
func TestPledgeIsTiedToNeeds(t *testing.T) {
	f := federate(t)
	needs := f.sites[town].says(town, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=tent", "items.0.unit=tents", "items.0.required=10", "items.0.basis=count", "items.0.priority=1",
		"items.0.cost_estimate.amount=1000.50", "items.0.cost_estimate.currency=EUR").Record
	f.sites[centre].lists(desk.ListUnfunded, needs)
	donor, recipient := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	link := "/funds?for=" + strings.ReplaceAll(needs.String(), "/", "%2f")
	for _, at := range []string{"/place/MK-405", "/record/" + needs.String()} {
		recipient.get(at).wants(t, nil, link)
		if form := led(t, donor, at, link); form.Get("needs_refs") != needs.String() || form.Get("amount") != "1000.50" || form.Get("other") != string(town) {
			t.Errorf("%s leads to %v", at, form)
		}
	}
	form := led(t, donor, "/funds", link+"&amp;sector=shelter")
	form.Set("step", "commit")
	f.sites[town].folds(flowOn(t, donor.post("/funds", form)))
	for _, u := range []*browser{donor, recipient} {
		u.get("/funds").wants(t, []string{"All needs whose cost is known are funded."}, link)
	}
}

// TestBadAimsOfAFlowAreNamedBesideTheirFields, and what was typed stays.
func TestBadAimsOfAFlowAreNamedBesideTheirFields(t *testing.T) {
	f := federate(t)
	n := f.funded(t)
	u := f.sites[centre].account(staff.Officer)
	for _, tt := range []struct{ field, typed string }{
		{"needs_refs", "the tents"},
		{"needs_refs", n.String()},
		{"plan_lines", "the second line"},
		{"plan_lines", n.String()},
		{"plan_lines", n.String() + " 0"},
		{"plan_lines", "mk.southeast.nowhere/situation.1.1 1"},
		{"use_by", "soon"},
		{"project", "ours"},
		{"project", n.String()},
		{"other", "nobody"},
		{"currency", "euro"},
		{"amount", "0"},
		{"parent_flow", string(centre) + "/situation.1.1"},
	} {
		form := filledIn(t, u.get("/funds?for="+n.String()+"&line=1"), "begin", tt.field, tt.typed)
		p := u.post("/funds", form)
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.`+tt.field+`"`) || tt.field != "parent_flow" && !strings.Contains(p.body, tt.typed) {
			t.Errorf("%s is %q: %d\n%s", tt.field, tt.typed, p.status, p.body)
		}
	}
	for query, want := range map[string]int{
		"for=" + string(centre) + "/situation.1.1": http.StatusUnprocessableEntity, "for=" + string(town) + "/situation.1.99": http.StatusNotFound,
		"for=" + n.String() + "&line=9": http.StatusUnprocessableEntity, "for=" + n.String() + "&line=x": http.StatusBadRequest,
	} {
		if p := u.get("/funds?" + query); p.status != want {
			t.Errorf("%s: %d, want %d", query, p.status, want)
		}
	}
}
