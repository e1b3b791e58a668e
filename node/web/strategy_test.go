package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// planned has the centre say a strategy, and put it right.
func (f *federated) planned(t *testing.T) protocol.Name {
	t.Helper()
	s := f.sites[centre]
	n := s.says(centre, "strategy", "title=Reception in the country", "status=adopted", "period=2015-01-01/2036-01-01", "objectives.0.text=Nobody sleeps outside.", "objectives.1.text=Buses run.").Record
	must(s.node.Desk().Correct(t.Context(), desk.CorrectRequest{Record: n.String(), Reason: "the council said so", Set: []string{"objectives.1.text=Buses run at night."}}))(t)
	s.until(func() bool {
		v, err := s.node.Desk().Strategy(t.Context(), desk.StrategyQuery{Record: n.String()})
		return err == nil && len(v.Versions) == 2
	})
	return n
}

// TestTwoPeopleAlignTheirStrategies: a ministry has a strategy, a municipality writes one that
// supports it by its page, and puts it right; the ministry sees what supports its own.
func TestTwoPeopleAlignTheirStrategies(t *testing.T) {
	f := federate(t)
	above, below := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	above.get("/policy").wants(t, []string{`href="/policy/alignment"`})
	below.get("/policy/alignment").wants(t, []string{"No strategy is known here yet", "Write a strategy", "local"})
	n := f.planned(t)
	f.sites[town].comes(n)
	f.sites[town].until(func() bool {
		v, err := f.sites[town].node.Desk().Strategy(t.Context(), desk.StrategyQuery{Record: n.String()})
		return err == nil && len(v.Versions) == 2
	})
	form := filledIn(t, below.get("/policy/alignment"), "write", "title", "Reception in the town", "status", "adopted", "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00",
		"objectives.0.text", "Nobody sleeps outside.", "objectives.0.indicator", "capacity_total", "objectives.0.baseline", "500", "objectives.0.target", "many", "objectives.0.supports", n.String()+"#1", "objectives.1.text", "Children learn.")
	p := below.post("/policy/alignment", form)
	for _, kept := range []string{`href="#objectives.0.target"`, `id="objectives.0.target" name="objectives.0.target" inputmode="numeric" value="many"`, `<option value="` + n.String() + `#1" selected>`, "Children learn."} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("a target that is no number: %d, without %s", p.status, kept)
		}
	}
	form.Set("objectives.0.target", "1500")
	p = below.post("/policy/alignment", form)
	if !strings.HasPrefix(p.path, "/policy/strategy/"+string(town)+"/policy.1.") {
		t.Fatalf("written, and led to %s: %s", p.path, p.body)
	}
	p.wants(t, []string{"Reception in the town", "Supports nothing above", n.String() + "#1", "No figure is reported on it"}, "A link leads nowhere")
	mine := must(protocol.ParseName(strings.TrimPrefix(p.path, "/policy/strategy/")))(t)
	p = below.post(p.path, filledIn(t, p, "mend", "reason", "", "title", "Reception and care"))
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#reason"`) || !strings.Contains(p.body, `value="Reception and care"`) {
		t.Errorf("a version without a reason: %d", p.status)
	}
	path := "/policy/strategy/" + mine.String()
	form = filledIn(t, below.get(path), "mend", "reason", "the council said so", "title", "Reception and care", "status", "adopted", "objectives.0.text", "Nobody sleeps outside.", "objectives.0.supports", n.String()+"#1", "objectives.1.text", "Children go to school.")
	below.post(path, form).wants(t, []string{"Reception and care", "the council said so", "<del>Children learn.</del>", "Version 2"})
	below.get(path+"?from=1&to=2").wants(t, []string{"What became otherwise from version 1 to version 2", "<del>Reception in the town</del>"})
	p = below.post(path, form)
	for _, want := range []string{"was put right by", "read what is in force now", "Nobody sleeps outside.", "the council said so", `value="` + form.Get("title") + `"`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("written over a version that was not read: %d, without %s", p.status, want)
		}
	}
	if strings.Contains(p.body, "Version 3") || strings.Contains(p.body, form.Get("after")) || strings.Contains(p.body, `href="#after"`) {
		t.Error("what was refused is written, or its form is still of the version before")
	}
	if p = below.post(path, filledIn(t, p, "mend")); p.status != http.StatusOK {
		t.Errorf("written over the version that was read since: %d", p.status)
	}
	if p = below.get(path + "?from=9"); p.status < 400 || p.status > 499 {
		t.Errorf("a version that there is not: %d", p.status)
	}
	f.sites[centre].comes(mine)
	f.sites[centre].until(func() bool {
		v, err := f.sites[centre].node.Desk().Strategy(t.Context(), desk.StrategyQuery{Record: mine.String()})
		return err == nil && len(v.Versions) == 3
	})
	above.get("/policy/alignment").wants(t, []string{"Reception and care", "Children go to school.", "Nothing below supports it", "Supported by"}, `id="mend"`)
	above.get("/policy/strategy/"+n.String()).wants(t, []string{"Supported by", string(town), "<del>Buses run.</del>", `id="mend"`})
	above.get(path).wants(t, []string{"Reception and care"}, `id="mend"`)
	if p = above.get("/policy/strategy/" + string(centre) + "/policy.1.99"); p.status != http.StatusNotFound {
		t.Errorf("a strategy that is not there: %d", p.status)
	}
	f.measuresATown(t, above)
	f.asksAbout(t, above, n)
}

// asksAbout has the ministry ask about a strategy from its page, which leads to the consultation.
func (f *federated) asksAbout(t *testing.T, ministry *browser, n protocol.Name) {
	t.Helper()
	page := "/policy/strategy/" + n.String()
	ministry.get(page).wants(t, []string{`href="/policy?about=` + strings.ReplaceAll(n.String(), "/", "%2f") + `"`}, `id="consultations"`)
	form := filledIn(t, ministry.get("/policy?about="+n.String()), "ask", "question", "Is that enough?", "to", string(town), "closes_at", time.Now().Add(time.Hour).Format("2006-01-02T15:04:05"))
	asked := ministry.post("/policy", form)
	ministry.get(page).wants(t, []string{`<h2 id="consultations">`, `<a href="` + asked.path + `">Is that enough?</a>`})
}

// measuresATown has the ministry write a strategy for a place, whose progress the town's figures
// are, and takes the place out again.
func (f *federated) measuresATown(t *testing.T, ministry *browser) {
	t.Helper()
	said := f.sites[town].says(town, "report", "place=MK-405", "period=2015-10-20", "figures.capacity_total=1000").Record
	f.sites[centre].comes(said)
	f.sites[centre].lists(desk.ListFigures, said)
	form := filledIn(t, ministry.get("/policy/alignment"), "write", "title", "Beds in the town", "status", "adopted", "place", "MK-4055", "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00",
		"objectives.0.text", "Beds for all.", "objectives.0.indicator", "capacity_total", "objectives.0.baseline", "500", "objectives.0.target", "1500")
	if p := ministry.post("/policy/alignment", form); p.status != http.StatusBadRequest || !strings.Contains(p.body, `href="#place"`) || !strings.Contains(p.body, `value="MK-4055"`) {
		t.Errorf("a place that there is not: %d", p.status)
	}
	form.Set("place", "MK-405")
	p := ministry.post("/policy/alignment", form)
	p.wants(t, []string{`href="/record/` + said.String() + `">1,000</a>`, "50.0 % of the way", `value="iso3166-2:MK-405"`}, "No figure is reported on it")
	rows := must(f.sites[centre].node.Desk().List(t.Context(), desk.Query{What: desk.ListStrategies, Place: "MK-405"}))(t).Rows.([]desk.StrategyRow)
	if len(rows) != 1 || rows[0].Title != "Beds in the town" {
		t.Errorf("of the place are %+v", rows)
	}
	form = filledIn(t, p, "mend", "reason", "everywhere", "place", "", "objectives.0.target", "2500")
	ministry.post(p.path, form).wants(t, []string{"No figure is reported on it", "<del>1,500</del> → <ins>2,500</ins>"}, `value="iso3166-2:MK-405"`)
}

// TestBadInputIsRefusedInTheFormOfAStrategy: what was typed stays, and the summary leads to the
// field.
func TestBadInputIsRefusedInTheFormOfAStrategy(t *testing.T) {
	f := federate(t)
	u := f.sites[town].account(staff.Officer)
	for _, bad := range [][]string{ // the field, then what is set
		{"title", "title", ""},
		{"status", "status", "approved"},
		{"period.end", "period.end", "2014-01-01T00:00"},
		{"period.start", "period.start", "soon"},
		{"objectives", "objectives.0.text", ""},
		{"objectives.0.text", "objectives.0.text", "", "objectives.0.oid", "1"},
		{"objectives.0.oid", "objectives.0.oid", "one two"},
		{"objectives.1.oid", "objectives.0.oid", "1", "objectives.1.oid", "1", "objectives.1.text", "Buses run."},
		{"objectives.0.indicator", "objectives.0.indicator", "happiness"},
		{"objectives.0.indicator", "objectives.0.target", "5"},
		{"objectives.0.unit", "objectives.0.indicator", "x-buses", "objectives.0.target", "5"},
		{"objectives.0.due", "objectives.0.due", "soon"},
	} {
		p := u.post("/policy/alignment", filledIn(t, u.get("/policy/alignment"), "write", append([]string{
			"title", "Reception", "status", "adopted", "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00", "objectives.0.text", "Nobody sleeps outside.",
		}, bad[1:]...)...))
		if p.status < 400 || p.status > 499 || !strings.Contains(p.body, `href="#`+bad[0]+`"`) || !strings.Contains(p.body, `id="`+bad[0]+`"`) {
			t.Errorf("%v: %d, and it does not lead to %s", bad[1:], p.status, bad[0])
		}
	}
}
