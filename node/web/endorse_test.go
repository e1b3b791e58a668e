package web_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestRecordIsJudgedOnItsPage by somebody of another institution, with basis and value; who
// goes beyond its competence is told so beside the field.
func TestRecordIsJudgedOnItsPage(t *testing.T) {
	b := meet(t)
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "figures.present=40").Record
	b.centre.comes(said)
	record, path := "/record/"+said.String(), "/endorse/"+said.String()
	u := b.centre.account(staff.Officer)
	u.get(record).wants(t, []string{`href="` + path + `"`})
	b.gate.account(staff.Officer).get(record).wants(t, nil, `href="`+path+`"`)
	form := u.form(path)
	for name, value := range map[string]string{"stance": "verify", "basis": "registered", "field": "arrivals", "value": "960", "reason": "as in the register"} {
		form.Set(name, value)
	}
	u.sent(path, form)
	u.get(record).wants(t, []string{"Where others stand on it", "verify, as the authority", "arrivals 960", "as in the register"}, "not counted")

	own := b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=960").Record
	b.gate.comes(own)
	g := b.gate.named("test.other", staff.Officer)
	path = "/endorse/" + own.String()
	form = g.form(path)
	form.Set("stance", "verify")
	form.Set("basis", "observed")
	p := g.post(path, form)
	if p.status != http.StatusUnprocessableEntity && p.status != http.StatusForbidden && p.status != http.StatusConflict || !strings.Contains(p.body, `id="why.stance"`) {
		t.Errorf("a municipality verifies for the country: %d %s", p.status, p.body)
	}
}

// TestQualityOfAFigureGrowsByAWordFromAnotherNode: somebody at the centre verifies it on their own
// page, and whoever reads it at its author's node sees that its quality is another, and by whom.
func TestQualityOfAFigureGrowsByAWordFromAnotherNode(t *testing.T) {
	b := meet(t)
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960").Record
	b.centre.comes(said)
	author, verifies := b.gate.account(staff.Officer), b.centre.account(staff.Officer)
	record, path := "/record/"+said.String(), "/endorse/"+said.String()
	quality := func() (score int, grounds string) {
		t.Helper()
		found := regexp.MustCompile(`(?s)<h2 id="quality">.*?(\d+) of 100.*?</details>`).FindStringSubmatch(author.get(record).body)
		if found == nil {
			t.Fatalf("%s has no quality:\n%s", record, author.get(record).body)
		}
		return must(strconv.Atoi(found[1]))(t), found[0]
	}
	before, grounds := quality()
	if !strings.Contains(grounds, "not yet verified") {
		t.Errorf("before anybody has verified it: %s", grounds)
	}
	form := verifies.form(path)
	for name, value := range map[string]string{"stance": "verify", "basis": "registered", "field": "arrivals", "value": "960", "reason": "as in the register"} {
		form.Set(name, value)
	}
	verifies.sent(path, form)
	b.gate.until(func() bool { return strings.Contains(author.get(record).body, "as in the register") })
	after, grounds := quality()
	if after <= before || strings.Contains(grounds, "not yet verified") {
		t.Errorf("verified at another node it has %d of 100, before %d: %s", after, before, grounds)
	}
	author.get(record).wants(t, []string{"verify, as the authority", string(centre), "arrivals 960"}, "not counted")
	author.get("/situation").wants(t, []string{fmt.Sprintf("%d of 100", after)}, fmt.Sprintf("%d of 100", before))
}

// TestQualityStandsBesideWhatIsDecidedOn: the stock behind an offer, the state of a crossing, needs,
// capacity, and the brief's figures.
func TestQualityStandsBesideWhatIsDecidedOn(t *testing.T) {
	b := meet(t)
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "method=registered")
	b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=open", "place=MK-405", "valid_until=2015-11-10T00:00:00Z", "observed_at=2015-11-09T08:00:00Z", "method=observed")
	b.centre.says(centre, "capacity", "place=MK-405", "items.0.type=bed_place", "items.0.unit=place", "items.0.total=500", "items.0.available=400", "items.0.offerable=true", "method=registered")
	b.centre.says(centre, "needs", "place=MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1", "method=registered")
	lacks := b.gate.says(gate, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=50", "items.0.basis=count", "items.0.priority=1", "method=registered").Record
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=1400")
	hearing := b.centre.says(centre, "consultation", "question=Where do they sleep?", "to="+string(gate), "closes_at=2015-11-12T09:00:00Z").Record
	b.gate.comes(hearing)
	b.gate.until(func() bool {
		_, err := b.gate.node.Desk().Hearing(t.Context(), gate, hearing.String(), 0)
		return err == nil
	})
	b.gate.says(gate, "capacity", "place=MK-405", "items.0.type=bus", "items.0.unit=buses", "items.0.total=5", "items.0.available=4")
	b.centre.comes(b.gate.says(gate, "response", "thread="+hearing.String(), "position=support").Record)
	asked := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=50", "lines.0.unit=place", "deliver_to.place.scheme=iso3166-2", "deliver_to.place.code=MK-405", "deliver_to.contact.office=Duty desk", "answer_by=2015-11-10T00:00:00Z", "to="+string(centre), "refs.0.rel=needs", "refs.0.record="+lacks.String()).Record
	b.centre.comes(asked)
	alert := b.centre.warns("Many may come")
	u := b.centre.account(staff.Coordinator)
	why := `<span class="soft">why</span></summary>`
	for path, beside := range map[string]string{
		"/help/" + asked.String(): `400</a> <span class="pill open">`, "/situation/routes": `open</a> both`, "/help/capacity": `data-l="Said"`, "/place/MK-405": "blanket",
		"/incident/" + alert.Record.String(): "960",
	} {
		u.get(path).wants(t, []string{beside, why})
	}
	u.get("/record/"+asked.String()).wants(t, []string{`id="quality"`, why}, "Not scored")
	u.get("/record/"+alert.Record.String()).wants(t, []string{"Not scored: this kind has no cadence"}, `id="quality"`)
	for path, want := range map[string]int{
		"/place/MK-405":             4, // of figure, crossing, needs and capacity
		"/situation/contradictions": 2, "/help": 1, "/policy/consultation/" + hearing.String(): 2,
	} {
		b.centre.until(func() bool { return strings.Count(u.get(path).body, why) >= want })
	}
	chosen := []string{"/situation", "/situation/routes", "/help", "/help/capacity", "/help/solidarity", "/place/MK-405", "/incident/" + alert.Record.String(), "/network/member/" + string(gate)}
	for _, path := range chosen {
		u.get(path+"?quality=weak").wants(t, []string{why, `<option value="weak" selected>`})
		u.get(path+"?quality=good").wants(t, []string{"Nothing is of what was chosen", `<option value="good" selected>`}, why)
		if p := u.get(path + "?quality=best"); p.status != http.StatusBadRequest || !strings.Contains(p.body, "no quality is called") {
			t.Errorf("%s of a quality that there is not: %d", path, p.status)
		}
	}
	for path, by := range map[string]string{"/funds/plan": "by who has signed it", "/library": "by who has adopted", "/policy": "by who has answered it"} {
		if p := u.get(path + "?quality=good"); p.status != http.StatusBadRequest || !strings.Contains(p.body, by) {
			t.Errorf("%s, of which nothing is scored, chosen by quality: %d", path, p.status)
		}
	}
	for _, word := range desk.QualityWords() {
		u.get("/situation").wants(t, []string{`<option value="` + word + `"`})
	}
	beside := "/policy/consultation/" + hearing.String()
	u.get(beside+"?quality=weak").wants(t, []string{why, `<option value="weak" selected>`}, "Nothing is of what was chosen")
	u.get(beside+"?quality=good").wants(t, []string{"Nothing is of what was chosen", "2 are left out", "for it"}, why)
	u.get("/situation/contradictions?quality=unverified").wants(t, []string{why, `<option value="unverified" selected>`}) // each is as good as its weaker side
	u.get("/situation/contradictions?quality=good").wants(t, []string{"Nothing is of what was chosen"}, why)
	shown := u.choose(hearing, alert.Record, asked, lacks)
	for _, route := range []string{"/search", "/network/member/{id}", "/record/{institution}/{position}", "/incident/{institution}/{position}", "/help/{institution}/{position}", "/policy/consultation/{institution}/{position}"} {
		if !shown[route] {
			t.Errorf("nothing on %s has a quality here, so that this proves nothing of it", route)
		}
	}
	u.get("/incident/"+alert.Record.String()+"/brief").wants(t, []string{"960", " · weak"})
}

// shownWhole are the pages that show a quality and are not chosen by it, each with the reason.
func shownWhole() map[string]string {
	return map[string]string{
		"/{$}":                                 "Now has the figures of one's own side in what is contradicted, and the few who bear the most",
		"/handover":                            "what is handed over is all",
		"/record/{institution}/{position}":     "it has one quality, its own",
		"/funds/plan/{institution}/{position}": "it is signed as a whole",
	}
}

// choose opens each page that there is, those of a record by the name of each of some, and tells where
// something has a quality. A page that shows one is chosen by it, or among those of shownWhole.
func (u *browser) choose(of ...protocol.Name) (shown map[string]bool) {
	u.t.Helper()
	shown = map[string]bool{}
	for _, row := range staff.Pages() {
		method, route, _ := strings.Cut(row.Route, " ")
		if method != http.MethodGet || route == "/live" || strings.HasSuffix(route, "/{format}") { // without an end; a file
			continue
		}
		path := strings.NewReplacer("{id}", string(gate), "{code}", "MK-405", "{$}", "").Replace(route)
		if path == "/search" {
			path += "?q=demo-crisis+situation"
		}
		names := of
		if !strings.Contains(path, "{institution}/{position}") {
			names = of[:1]
		}
		for _, n := range names {
			p := u.get(strings.Replace(path, "{institution}/{position}", n.String(), 1))
			if !strings.Contains(p.body, `class="grounds"`) {
				continue
			}
			shown[route] = true
			if shownWhole()[route] == "" && !strings.Contains(p.body, `name="quality"`) {
				u.t.Errorf("%s lists what has a quality, and does not choose by it", p.path)
			}
			break
		}
	}
	return shown
}
