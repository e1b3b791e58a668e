package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// funded has the centre propose a fund plan that the town refuses in its first version and has
// not answered in its second, and gives its name.
func (f *federated) funded(t *testing.T) protocol.Name {
	t.Helper()
	s := f.sites[centre]
	first := s.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2018-01-01", "cosigners="+string(town),
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
		"<h1>Winter places</h1>", "version 2: signed by 0 of 1", "119,000.50 EUR", "1 EUR = 61.5 MKD", "2015-11-03 · National bank", "1. 200 bed places", "EU: pre-accession (IPA)", "IPA II", "Co-financed by others, per cent: 15",
		"By sector", "By place", "By source of the money", "By year", `data-l="Gap"><b>60,000</b>`, "Planned 119,000.50", "Reported spent 0", `data-l="Secured">59,000.50`,
		`EUR <span class="soft">plans: 1 · proposed: 1</span> <span class="soft">flows reconciled: 0 of 1</span> <span class="pill watch">unreconciled: 1</span></td>`,
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
	u.get("/funds/plan").wants(t, []string{`Pledged only 0 · <span class="soft">flows reconciled: 0 of 1</span> <span class="pill watch">unreconciled: 1</span></li>`})
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

// planOnPaper fills the form of a new plan that the town is to sign.
func planOnPaper(t *testing.T, u *browser, set ...string) url.Values {
	t.Helper()
	return filledIn(t, u.get("/funds/plan"), "write", append([]string{
		"title", "Winter places", "status", "proposed", "currency", "EUR", "territory", "MK-405", "period.start", "2016-01-01T00:00", "period.end", "2017-01-01T00:00", "cosigners", string(town),
		"lines.0.purpose", "200 bed places", "lines.0.beneficiary", string(town), "lines.0.year", "2016", "lines.0.sector", "shelter", "lines.0.amount", "120000", "lines.0.source", "eu_ipa", "lines.0.status", "requested",
		"lines.1.purpose", "Interpreters", "lines.1.beneficiary", string(town), "lines.1.year", "2016", "lines.1.sector", "protection", "lines.1.amount", "9000.50", "lines.1.source", "local_budget", "lines.1.status", "secured",
		"rates.0.currency", "MKD", "rates.0.rate", "61.5", "rates.0.as_of", "2015-11-03", "rates.0.source", "National bank",
	}, set...)...)
}

// TestPlanSaysHowGoodTheNeedsBehindItsLinesAre, with why; of one that a later word has replaced nothing.
func TestPlanSaysHowGoodTheNeedsBehindItsLinesAre(t *testing.T) {
	b := meet(t)
	assess := func() string {
		return b.centre.says(centre, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=60", "items.0.basis=count", "items.0.priority=1").Record.String()
	}
	plan := func(needs string) string {
		return "/funds/plan/" + b.centre.says(centre, "plan", "title=Beds", "status=draft", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(gate),
			"lines.0.purpose=beds", "lines.0.beneficiary="+string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=1", "lines.0.source=eu_ipa", "lines.0.status=planned", "lines.0.needs_refs.0="+needs).Record.String()
	}
	old, u := assess(), b.centre.account(staff.Officer)
	path := plan(old)
	u.get(path).wants(t, []string{`href="/record/` + old + `">` + old + `</a> <details class="grounds">`})
	plan(assess())
	u.get(path).wants(t, []string{`href="/record/` + old + `"`}, `class="grounds"`)
}

// TestTwoPeopleAgreeOnAPlan: a ministry writes it, a town refuses it, the ministry writes the next
// version, and the town signs the one that it was shown, and no other.
func TestTwoPeopleAgreeOnAPlan(t *testing.T) {
	f := federate(t)
	writes, signs, stranger := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer), f.sites[hub].account(staff.Officer)
	signs.get("/funds/plan").wants(t, []string{"No fund plan is known here yet"}, `id="write"`)
	p := writes.post("/funds/plan", planOnPaper(t, writes))
	if !strings.HasPrefix(p.path, "/funds/plan/"+string(centre)+"/funding.1.") {
		t.Fatalf("written, and led to %s: %s", p.path, p.body)
	}
	path, n := p.path, must(protocol.ParseName(strings.TrimPrefix(p.path, "/funds/plan/")))(t)
	p.wants(t, []string{"version 1: signed by 0 of 1", "129,000.50 EUR", "1 EUR = 61.5 MKD", `id="mend"`}, `id="cosign"`, `id="refuse"`, `id="close"`)
	writes.get("/funds/plan").wants(t, []string{`id="sums"`, `<a href="/list/plan-sums/csv" download>`})
	for _, id := range []protocol.InstitutionID{town, hub} {
		f.sites[id].planned(n, 1)
	}
	stranger.get(path).wants(t, []string{"Winter places"}, `id="cosign"`, `id="mend"`)
	old := signs.get(path)
	form := filledIn(t, old, "cosign")
	form.Set("as", string(hub))
	if p = stranger.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, string(hub)+" is not among those who are to sign this plan") {
		t.Errorf("somebody who is not asked signs: %d %s", p.status, p.body)
	}
	if p = signs.post(path, filledIn(t, old, "refuse")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#why-not"`) {
		t.Errorf("refused without a reason: %d", p.status)
	}
	signs.post(path, filledIn(t, old, "refuse", "reason", "too dear")).wants(t, []string{"too dear", `id="cosign"`}, `id="refuse"`)
	stale := writes.get(path)
	writes.post(path, filledIn(t, stale, "mend", "lines.0.amount", "110000", "lines.1.drop", "1", "lines.2.purpose", "Buses", "lines.2.beneficiary", string(town), "lines.2.year", "2016", "lines.2.sector", "protection",
		"lines.2.amount", "7", "lines.2.source", "un", "lines.2.status", "planned", "reason", "the council has asked for less")).
		wants(t, []string{"version 2: signed by 0 of 1", "110,007 EUR", "<del>120,000</del> → <ins>110,000</ins>", "Line 2 is taken out", "Line 3 is new"}, "The plan itself")
	writes.post(path, filledIn(t, writes.get(path), "mend", "lines.1.drop", "1", "reason", "no buses")).wants(t, []string{"version 3: signed by 0 of 1", "Line 3 is taken out"})
	writes.post(path, filledIn(t, writes.get(path), "mend", "lines.1.purpose", "Buses again", "lines.1.beneficiary", string(town), "lines.1.year", "2016", "lines.1.sector", "protection",
		"lines.1.amount", "8", "lines.1.source", "un", "lines.1.status", "planned", "reason", "some are wanted all the same")).
		wants(t, []string{"version 4: signed by 0 of 1", "Line 4 is new"}) // flows may name 2 and 3
	if p = writes.post(path, filledIn(t, stale, "mend", "title", "By another hand", "reason", "x")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "was put right by") || !strings.Contains(p.body, `value="By another hand"`) {
		t.Errorf("written over a version that was not read: %d", p.status)
	}
	f.sites[town].planned(n, 4)
	signs.get("/").wants(t, []string{"Plans that wait for our signature", `href="` + path + `"`, "version 4: signed by 0 of 1"})
	p = signs.post(path, filledIn(t, old, "cosign"))
	for _, want := range []string{"is version 1 of this plan, and version 4 is in force", "from version 1 to version 4", "Sign version 4", "version 4: signed by 0 of 1"} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("signed what was not shown: %d, without %q", p.status, want)
		}
	}
	form = filledIn(t, p, "cosign")
	for _, bad := range []string{"", protocol.DigestOf([]byte("another")).String()} {
		wrong := maps.Clone(form)
		wrong.Set("digest", bad)
		if p = signs.post(path, wrong); p.status == http.StatusOK {
			t.Errorf("signed by the digest %q: %d", bad, p.status)
		}
	}
	signs.post(path, form).wants(t, []string{"version 4: signed by 1 of 1", ">agreed<"}, `id="cosign"`)
	signs.get("/").wants(t, nil, "Plans that wait for our signature", `href="`+path+`"`)
	f.sites[centre].until(func() bool {
		v, err := f.sites[centre].node.Desk().FundPlan(t.Context(), desk.PlanQuestion{Record: n.String()})
		return err == nil && v.Agreed == 4
	})
	writes.post(path, filledIn(t, writes.get(path), "close", "reason", "the year is over")).wants(t, []string{">closed<", "version 4: signed by 1 of 1, then closed as version 5", "the year is over"}, `id="mend"`, `id="close"`)
	for _, list := range []string{"/funds", "/funds/plan"} {
		writes.get(list).wants(t, []string{"version 4: signed by 1 of 1, then closed as version 5"}, "version 5: signed by")
	}
}

// TestLineThatMoneyIsForIsTakenOutOnThePageKnowingly: in the form and as a file a box stands beside the refusal, and the
// money stands apart in the sums then.
func TestLineThatMoneyIsForIsTakenOutOnThePageKnowingly(t *testing.T) {
	f := federate(t)
	u := f.sites[centre].account(staff.Officer)
	path := u.post("/funds/plan", planOnPaper(t, u)).path
	record := strings.TrimPrefix(path, "/funds/plan/")
	flow := f.sites[centre].says(centre, "commit-flow", "recipient="+string(town), "amount=700", "currency=EUR", "plan_lines.0.plan="+record, "plan_lines.0.line=2").Record.String()
	form := filledIn(t, u.get(path), "mend", "lines.1.drop", "1", "reason", "nobody needs it")
	csv := strings.SplitAfter(strings.TrimSpace(u.get(path+"/plan.csv").body), "\n")
	p := u.get(path)
	if strings.Contains(p.body, `name="knowing"`) {
		t.Error("the box stands there before anything is refused")
	}
	back := filledIn(t, p, "back", "reason", "nobody needs it")
	for language, said := range map[string]string{"en": "money is for lines that are taken out: 2: 700 EUR, ", "mk": "има пари за ставки што се вадат: 2: 700 EUR, ", "el": "υπάρχουν χρήματα για γραμμές που αφαιρούνται: 2: 700 EUR, "} {
		u.language = language
		if p := u.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, said+flow) || !strings.Contains(p.body, `id="knowing"`) {
			t.Errorf("in %s: %d, without %q or the box: %s", language, p.status, said, p.body)
		}
	}
	u.language = "en"
	for what, p := range map[string]page{
		"the form": u.post(path, form),
		"the file": u.postedTo("/funds/plan/sheet", back, map[string][]byte{"plan.csv": []byte(strings.Join(csv[:len(csv)-1], ""))}),
	} {
		said := "money is for lines that are taken out: 2: 700 EUR, " + flow
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, said) || !strings.Contains(p.body, `name="knowing"`) {
			t.Errorf("%s: %d, without %q or the box: %s", what, p.status, said, p.body)
		}
	}
	form.Set("knowing", "yes")
	form.Set("rates.0.rate", "61.7")
	u.post(path, form).wants(t, []string{"The plan itself<br>Exchange rate: <del>61.5 MKD (2015-11-03 · National bank)</del> → <ins>61.7 MKD (2015-11-03 · National bank)</ins></li>", "Line 2 is taken out", "<td>no longer in the plan EUR", "<td>no longer in the plan: "}, `name="knowing"`)
	u.get("/funds/plan").wants(t, []string{"<br>no longer in the plan · EUR"})
	u.language = "mk"
	u.get(path).wants(t, []string{"1 EUR = 61,7 MKD", "<del>61,5 MKD (3.11.2015 · National bank)</del> → <ins>61,7 MKD (3.11.2015 · National bank)</ins>"}, "= 61.7", "2015-11-03 ·")
}

// TestPlanThatNoFormHoldsLeadsToItsSpreadsheet: to what it is downloaded as, and to where it comes
// back.
func TestPlanThatNoFormHoldsLeadsToItsSpreadsheet(t *testing.T) {
	f := federate(t)
	u := f.sites[centre].account(staff.Officer)
	var lines []string
	for n := 1; n <= 61; n++ {
		lines = append(lines, fmt.Sprintf(`{"line":%d,"purpose":"Beds","beneficiary":%q,"year":2016,"sector":"shelter","amount":"5","source":"un","status":"planned"}`, n, town))
	}
	done := f.sites[centre].says(centre, "plan", "title=Many lines", "status=draft", "currency=EUR", "territory=MK-405", "period=2016-01-01T00:00:00Z/2017-01-01T00:00:00Z", "lines=["+strings.Join(lines, ",")+"]")
	path := "/funds/plan/" + done.Record.String()
	u.get(path).wants(t, []string{"It has more than 60 lines", `<a href="` + path + `/plan.xlsx" download>XLSX</a>`, `<a href="#do-back">`, `id="do-back"`, `id="back"`}, `id="mend"`)
}

// TestPlanComesBackAsAFile: its next version, and a new plan; what is wrong is named by its cell,
// a file of a version that is over is refused, and nothing is written of either.
func TestPlanComesBackAsAFile(t *testing.T) {
	f := federate(t)
	u, stranger := f.sites[centre].account(staff.Officer), f.sites[hub].account(staff.Officer)
	p := u.post("/funds/plan", planOnPaper(t, u))
	path, record := p.path, strings.TrimPrefix(p.path, "/funds/plan/")
	f.sites[hub].planned(must(protocol.ParseName(record))(t), 1)
	p.wants(t, []string{`id="back"`, `name="record" value="` + record + `"`})
	stranger.get(path).wants(t, nil, `id="back"`)
	csv := u.get(path + "/plan.csv").body
	form := filledIn(t, u.get(path), "back", "reason", "the council has asked for less")
	brings := func(u *browser, form url.Values, file string) page {
		return u.postedTo("/funds/plan/sheet", form, map[string][]byte{"plan.csv": []byte(file)})
	}
	refused := func(what string, p page, wants ...string) {
		t.Helper()
		for _, want := range append(wants, `id="back"`) {
			if p.status != http.StatusUnprocessableEntity && p.status != http.StatusBadRequest || !strings.Contains(p.body, want) {
				t.Errorf("%s: %d, without %q: %s", what, p.status, want, p.body)
			}
		}
	}
	refused("a cell that is no amount", brings(u, form, strings.Replace(csv, "120000", "half a million", 1)), "mend these cells", "· lines.amount", "the council has asked for less")
	refused("no table", brings(u, form, "hello"), `href="#file"`)
	refused("no file", u.postedTo("/funds/plan/sheet", form, nil), `href="#file"`)
	unsaid := maps.Clone(form)
	unsaid.Set("reason", "")
	refused("no reason", brings(u, unsaid, strings.Replace(csv, "120000", "110000", 1)), `href="#reason"`)
	if p = brings(stranger, form, strings.Replace(csv, "120000", "1", 1)); p.status == http.StatusOK {
		t.Errorf("somebody else brings its next version: %d", p.status)
	}
	u.get(path).wants(t, []string{"version 1: signed by 0 of 1"})
	p = brings(u, form, strings.Replace(csv, "120000", "110000", 1))
	if p.wants(t, []string{"version 2: signed by 0 of 1", "the council has asked for less", "119,000.50 EUR"}); p.path != path {
		t.Errorf("brought, and led to %s", p.path)
	}
	refused("a version that is over", brings(u, form, strings.Replace(csv, "120000", "100000", 1)), "another version than the one in force")
	p = brings(u, filledIn(t, u.get("/funds/plan"), "back"), strings.ReplaceAll(csv, "Winter places", "Summer places"))
	if p.wants(t, []string{"<h1>Summer places</h1>", "version 1: signed by 0 of 1"}); p.path == path {
		t.Error("a new plan was written over another")
	}
}

// TestBadInputIsRefusedInTheFormOfAPlan: what was typed stays, and the summary leads to the field.
func TestBadInputIsRefusedInTheFormOfAPlan(t *testing.T) {
	f := federate(t)
	u := f.sites[centre].account(staff.Officer)
	bad := [][]string{ // the field, then what is set
		{"title", "title", ""},
		{"currency", "currency", "euro"},
		{"territory", "territory", ""},
		{"territory", "territory", "the border"},
		{"period.end", "period.end", "2014-01-01T00:00"},
		{"cosigners", "cosigners", ""},
		{"cosigners", "cosigners", "mk.southeast.nowhere"},
		{"cosigners", "cosigners", string(centre)},
		{"project", "project", "the project"},
		{"lines.0.purpose", "lines.0.purpose", "", "lines.0.beneficiary", "", "lines.0.year", "", "lines.0.sector", "", "lines.0.amount", "", "lines.0.source", "", "lines.0.status", ""},
		{"lines.0.amount", "lines.0.amount", "half a million"},
		{"lines.0.amount", "lines.0.amount", "0"},
		{"lines.0.year", "lines.0.year", "next"},
		{"lines.0.sector", "lines.0.sector", "weather"},
		{"lines.0.beneficiary", "lines.0.beneficiary", ""},
		{"lines.0.needs_refs", "lines.0.needs_refs", string(centre) + "/funding.1.1"},
		{"rates.0.rate", "rates.0.rate", "much"},
	}
	for _, row := range bad {
		set := append([]string{"title", "Kept as typed", "lines.1.purpose", "", "lines.1.beneficiary", "", "lines.1.year", "", "lines.1.sector", "", "lines.1.amount", "", "lines.1.source", "", "lines.1.status", ""}, row[1:]...)
		p := u.post("/funds/plan", planOnPaper(t, u, set...))
		if p.status < 400 || p.status > 499 || !strings.Contains(p.body, `href="#`+row[0]+`"`) || !strings.Contains(p.body, `id="`+row[0]+`"`) {
			t.Errorf("%v: %d, and it does not lead to %s", row[1:], p.status, row[0])
		}
		if row[0] != "title" && !strings.Contains(p.body, `value="Kept as typed"`) {
			t.Errorf("%v: what was typed is gone", row[1:])
		}
	}
	if p := f.sites[town].account(staff.Officer).post("/funds/plan", planOnPaper(t, u, "as", string(town))); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a municipality writes a plan: %d", p.status)
	}
}

// TestEmptyRowsOfAPlanAreFoldedAway: one line waits open; what is filled in stands open, also when it is
// refused; the rest, and the exchange rate that few plans have, wait behind one press.
func TestEmptyRowsOfAPlanAreFoldedAway(t *testing.T) {
	f := federate(t)
	u := f.sites[centre].account(staff.Officer)
	stands := func(p page, lines, rates, folded int) {
		t.Helper()
		open := regexp.MustCompile(`(?s)<details class="more".*?</details>`).ReplaceAllString(p.body, "")
		got := [3]int{strings.Count(open, `.purpose" name=`), strings.Count(open, `.rate" name=`), strings.Count(p.body, `.purpose" name=`) - strings.Count(open, `.purpose" name=`)}
		if want := [3]int{lines, rates, folded}; got != want {
			t.Errorf("%s: lines, rates and folded lines %v, want %v", p.path, got, want)
		}
	}
	stands(u.get("/funds/plan"), 1, 0, 2)
	p := u.post("/funds/plan", planOnPaper(t, u, "title", "", "rates.0.currency", "MKD", "lines.1.purpose", "Blankets"))
	stands(p, 2, 1, 3)
	stands(u.get("/funds/plan/"+f.funded(t).String()), 2, 1, 3)
}

// planIsAgreed has a ministry write a plan, a town refuse it, the ministry write it anew, and the
// town sign that one once it was shown it.
func (f *federated) planIsAgreed(t *testing.T, browser *chrome) {
	writes, signs := f.sites[centre].enter(t, browser, staff.Officer), f.sites[town].enter(t, browser, staff.Officer)
	writes.press(`nav a[href="/funds"]`)
	writes.press(`main a[href="/funds/plan"]`)
	writes.says("Write a fund plan")
	for _, said := range [][2]string{
		{"title", "Winter places"},
		{"currency", "EUR"},
		{"territory", "MK-405"},
		{"lines.0.purpose", "200 bed places"},
		{"lines.0.beneficiary", string(town)},
		{"lines.0.year", "2016"},
		{"lines.0.amount", "120000"},
	} {
		writes.fill(said[0], said[1])
	}
	writes.types("cosigners", string(town))
	chosen := map[string]string{"status": "proposed", "period.start": "2016-01-01T00:00", "period.end": "2017-01-01T00:00", "lines.0.sector": "shelter", "lines.0.source": "eu_ipa", "lines.0.status": "requested"}
	for id, value := range chosen {
		eval[bool](writes, `document.getElementById("`+id+`").value = "`+value+`", true`)
	}
	writes.press("#write .actions button")
	writes.at("/funds/plan/" + string(centre) + "/funding.1.")
	writes.says("version 1: signed by 0 of 1")
	path := eval[string](writes, "location.pathname")
	signs.open("/")
	signs.again(func() bool { return eval[bool](signs, `!!document.querySelector('main a[href="`+path+`"]')`) })
	signs.press(`main a[href="` + path + `"]`)
	signs.says("200 bed places")
	eval[bool](signs, `document.querySelector("#refuse").closest("details").open = true`)
	signs.do(chromedp.SendKeys(chromedp.CSS("#refuse [name=reason]"), "too dear"))
	signs.press("#refuse button")
	signs.says("too dear")
	writes.says("too dear") // nobody has loaded it anew
	writes.fill("lines.0.amount", "110000")
	writes.fill("reason", "the town has asked for less")
	writes.press("#mend .actions button")
	writes.says("version 2: signed by 0 of 1")
	signs.says("version 2: signed by 0 of 1")
	signs.press("#cosign button") // a form stays as it was opened
	signs.says("version 2 is in force")
	signs.says("Sign version 2")
	signs.press("#cosign button")
	signs.says("version 2: signed by 1 of 1")
	writes.says("version 2: signed by 1 of 1")
	writes.calm()
	signs.calm()
}
