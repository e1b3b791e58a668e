package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestPagesAreReadInTheChosenLanguage: before somebody logs in and after; what the browser
// asks for counts until somebody chooses. The names of places are data.
func TestPagesAreReadInTheChosenLanguage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Coordinator)
	b.language = "mk-MK,mk;q=0.9,en;q=0.5"
	s.reports(map[int]int{1: 11572})
	b.get("/situation").wants(t, []string{`<html lang="mk">`, "<h1>Состојба</h1>", "11.572", "пристигнати", "Страницата ја преведе машина"}, "Situation", "11,572")
	if p := b.post("/language", url.Values{"language": {"sr-Cyrl"}, "back": {"/network"}}); p.path != "/network" || !strings.Contains(p.body, `<html lang="sr-Cyrl">`) {
		t.Errorf("choose a language: %d %s\n%s", p.status, p.path, p.body)
	}
	for _, back := range []string{"https://evil.example.org/", "//evil.example.org", `/\evil.example.org`, ""} {
		if p := b.post("/language", url.Values{"language": {"el"}, "back": {back}}); p.path != "/" || p.status != http.StatusOK {
			t.Errorf("back to %q leads to %s (%d)", back, p.path, p.status)
		}
	}
	b.post("/leave", nil)
	b.get("/enter").wants(t, []string{`<html lang="el">`, "Συνθηματικό"}, "Password")
	b.post("/language", url.Values{"language": {"klingon"}, "back": {"/enter"}})
	b.get("/enter").wants(t, []string{`<html lang="en">`, "Password"}, "machine translated")
}

// TestRecordIsSaidInTheLanguageOfThePage: what its author typed stays as it is.
func TestRecordIsSaidInTheLanguageOfThePage(t *testing.T) {
	b := meet(t)
	report := b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=11572", "summary=The night was calm.", "na.0.field=figures.departures", "na.0.reason=nobody counted", "na.1.field=x-tents_wet", "na.1.reason=dark")
	relayed := b.centre.says(centre, "report", "place=MK", "period=2015-11-07", "figures.arrivals=9", "source.type=public", "source.name=A bureau", "source.as_of=2016-09-21")
	route := b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=closed", "place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z")
	request := b.centre.says(centre, "request", "to.0="+string(gate), "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=1400", "lines.0.unit=places", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	u := b.centre.account(staff.Coordinator)
	for _, tt := range []struct {
		of                protocol.Name
		en, mk, el, serbs string
	}{
		{report.Record, "arrivals 11,572 persons, departures not reported, tents wet not reported at North Macedonia; The night was calm.", "Северна Македонија: пристигнати 11.572 лица, заминати не е известено, tents wet не е известено; The night was calm.", "Βόρεια Μακεδονία: αφίξεις 11.572 άτομα, αναχωρήσεις δεν αναφέρθηκε, tents wet δεν αναφέρθηκε; The night was calm.", "Северна Македонија: пристигли 11.572 лица, отишли није јављено, tents wet није јављено; The night was calm."},
		{route.Record, "Bogorodica: closed", "Bogorodica: затворено", "Bogorodica: κλειστό", "Bogorodica: затворено"},
		{request.Record, "request beds: 1,400", "барање легла: 1.400", "αίτημα κλίνες: 1.400", "захтев кревети: 1.400"},
	} {
		for language, said := range map[string]string{"en": tt.en, "mk": tt.mk, "el": tt.el, "sr-Cyrl": tt.serbs} {
			u.language = language
			u.get("/record/"+tt.of.String()).wants(t, []string{"<p>" + said + "</p>"})
		}
	}
	for language, day := range map[string]string{"en": ">2016-09-21<", "mk": ">21.9.2016<", "el": ">21/9/2016<", "sr-Cyrl": ">21. 9. 2016.<"} {
		u.language = language
		u.get("/record/"+relayed.Record.String()).wants(t, []string{day})
	}
}

// TestMistakeIsSaidInTheLanguageOfThePage: what is wrong with a form, field by field, and what
// is refused on a page of its own.
func TestMistakeIsSaidInTheLanguageOfThePage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	for language, says := range map[string][2]string{
		"en":      {"this field is empty: fill it in", "name"},
		"mk":      {"ова поле е празно: пополнете го", "име"},
		"sr-Cyrl": {"ово поље је празно: попуните", "име"},
		"el":      {"αυτό το πεδίο είναι κενό: συμπληρώστε το", "όνομα"},
	} {
		b.language = language
		form := b.form("/report/new")
		form.Set("figures.arrivals", "sixty")
		for i, p := range []page{b.post("/report/new", form), b.get("/incident/" + string(centre) + "/nonsense")} {
			if !strings.Contains(p.body, says[i]) || strings.Contains(p.body, `<span lang="en">`) {
				t.Errorf("in %s: %d %s", language, p.status, p.body)
			}
		}
	}
}

// TestQuestionThatClosesBeforeItOpensIsSaidInTheLanguageOfThePage: no field is called by its name in a record.
func TestQuestionThatClosesBeforeItOpensIsSaidInTheLanguageOfThePage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Coordinator)
	for language, says := range map[string]string{
		"en": "it lies at or before the opening: give a later moment", "mk": "не е по отворањето: наведете подоцнежен момент", "sq": "nuk është pas hapjes: jepni një çast më të vonë",
		"sr-Latn": "nije posle otvaranja: navedite kasniji trenutak", "el": "δεν είναι μετά το άνοιγμα: δώστε μεταγενέστερη στιγμή",
	} {
		b.language = language
		p := b.post("/policy", filledIn(t, b.get("/policy"), "ask", "question", "Why?", "to", string(gate), "opens_at", "2036-11-10T09:00", "closes_at", "2036-11-09T09:00"))
		if text := regexp.MustCompile("<[^>]*>").ReplaceAllString(p.body, " "); p.status != http.StatusUnprocessableEntity || !strings.Contains(text, says) || strings.Contains(text, "opens_at") {
			t.Errorf("in %s: %d %s", language, p.status, text)
		}
	}
}

// TestChecksAreNamedInEveryLanguage: all that the doctor looks at and finds, and the states of
// accounts, are named by the catalogues, which each language has whole.
func TestChecksAreNamedInEveryLanguage(t *testing.T) {
	english, names := must(lang.New())(t).Speaker("en"), regexp.MustCompile(`(?:Finding\{\s*|Check\{\s*Name: |Check\{\{Name: |(?:What|Name): +|found\(|problemCheck\(|look\(|\t\{|\[\]\[2\]string\{\{|\}, \{)"([a-z ]+)", (?:s|f|e|h|r|"|str|no|w|b|d|OK|S|i|err|o)`)
	seen := 0
	for _, file := range []string{"status.go", "doctor.go", "backupfinding.go", "staff.go", "duty.go", "clock.go", "governing.go", "key.go", "quota.go", "reissue.go", "linktest.go", filepath.Join("..", "doctor.go")} {
		for _, m := range names.FindAllStringSubmatch(string(must(os.ReadFile(filepath.Join("..", "desk", file)))(t)), -1) {
			seen++
			if key := "check." + strings.ReplaceAll(m[1], " ", "_"); english.Say(key) == key {
				t.Errorf("%s: no catalogue names the check %q", file, m[1])
			}
		}
	}
	if seen < 40 {
		t.Errorf("%d names were found", seen)
	}
	s := open(t)
	b := s.account(staff.Admin)
	b.language = "mk"
	p := b.get("/node")
	p.wants(t, []string{">празнина</span>", ">проверка на копијата</span>", "дали копијата се отвора се знае дури кога ќе се отвори", "активна: 1"}, ">gap<", ">backup check<", " active")
}

// TestBooksOfTheNodeAreSaidInTheLanguage: who acted and how it ended, why an account is shut, what a key is for and
// which rule woke, where each of them has a word that programs know.
func TestBooksOfTheNodeAreSaidInTheLanguage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Admin)
	b.language = "mk"
	for _, act := range []url.Values{{"do": {"lock"}, "name": {"nobody"}}, {"do": {"add"}, "name": {"night"}, "role": {"officer"}}, {"do": {"lock"}, "name": {"night"}}} {
		b.post("/staff", act)
	}
	b.get("/staff").wants(t, []string{"од администратор"}, "by an administrator")
	b.get("/audit").wants(t, []string{"<td>јазолот</td>", ">не е најдено<"}, "<td>node</td>", "not-found")
	b.get("/node").wants(t, []string{"клуч „линија“"}, "„link“")
	b.get("/duty").wants(t, []string{"<b>отворени страници</b>"}, "<b>pages</b>")
}

// TestEmptyNameOfAnInstitutionIsRefusedInTheLanguage: what should stand there is told in no English.
func TestEmptyNameOfAnInstitutionIsRefusedInTheLanguage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Admin)
	b.language = "mk"
	for _, path := range []string{"/network/invite", "/network/links"} {
		p := b.post(path, url.Values{})
		if p.status != http.StatusBadRequest || !strings.Contains(p.body, "се бара на пример mk.southeast.gevgelija") || strings.Contains(p.body, "lower-case tokens") || strings.Contains(p.body, `<span lang="en">`) {
			t.Errorf("%s: %d %v", path, p.status, said(p.body))
		}
	}
}

// TestKindThatHasNoQualityIsNamedInTheLanguage: as pages call it.
func TestKindThatHasNoQualityIsNamedInTheLanguage(t *testing.T) {
	b := open(t).account(staff.Coordinator)
	b.language = "el"
	p := b.post("/subscriptions", url.Values{"name": {"x"}, "kinds": {"ask_status"}, "quality": {"good"}})
	if !strings.Contains(p.body, "ερώτηση πού βρίσκεται δεν έχει ποιότητα") {
		t.Errorf("%d %v", p.status, said(p.body))
	}
}

// TestWhyARecordStandsAsItDoesIsSaidInTheLanguage: what put it right is named, in no English.
func TestWhyARecordStandsAsItDoesIsSaidInTheLanguage(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{1: 11572})
	first := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListReports}))(t).Rows.([]desk.ReportRow)[0].Record
	done := must(s.node.Desk().Correct(t.Context(), desk.CorrectRequest{Record: first.String(), Reason: "бројано двапати", Set: []string{"figures.arrivals=11570"}}))(t)
	b := s.account(staff.Coordinator)
	b.language = "mk"
	b.get("/record/"+first.String()).wants(t, []string{"заменето: со " + done.Record.String()}, "by "+done.Record.String())
}

// TestClosedMemberIsAnnouncedInTheLanguage: also who goes on in its place.
func TestClosedMemberIsAnnouncedInTheLanguage(t *testing.T) {
	b := meet(t)
	must(b.centre.node.Desk().Close(t.Context(), desk.CloseRequest{Institution: river, Successor: gate, Reason: "споена"}))(t)
	u := b.centre.account(staff.Officer)
	for language, says := range map[string]string{
		"en": string(river) + " was closed by its registrar: nothing is exchanged with it; " + string(gate) + " goes on in its place",
		"mk": string(river) + " е исклучен од неговиот регистратор: со него не се разменува ништо; на негово место продолжува " + string(gate),
		"el": "τον " + string(river) + " τον έκλεισε ο υπεύθυνος εγγραφής του: δεν ανταλλάσσεται τίποτα μαζί του· στη θέση του συνεχίζει ο " + string(gate),
	} {
		u.language = language
		u.get("/network/member/"+string(river)).wants(t, []string{`<p class="pill cut">` + says + "</p>"})
	}
}

// TestNumbersAndWhatTheyCountAreOfThePagesLanguage: the amounts and results of a practice, and what a capacity counts.
func TestNumbersAndWhatTheyCountAreOfThePagesLanguage(t *testing.T) {
	s := open(t)
	practice := s.says(centre, "practice", "title=Numbers", "problem=Rain", "solution=Numbers", "summary=Numbers", "results.0.what=litres", "results.0.unit=l", "results.0.before=12500.5", "results.0.after=1500", "cost.amount=120000.5", "cost.currency=EUR")
	s.says(centre, "capacity", "place=MK-405", "items.0.type=bed_place", "items.0.unit=places", "items.0.total=1021", "items.0.available=21")
	u := s.account(staff.Coordinator)
	for language, want := range map[string][]string{
		"mk":      {"120.000,5 EUR", ">12.500,5<", "<b>1.500</b>", `1.021 <span class="soft">место</span>`},
		"sr-Latn": {"120.000,5 EUR", ">12.500,5<", "<b>1.500</b>", `1.021 <span class="soft">mesto</span>`},
		"el":      {"120.000,5 EUR", ">12.500,5<", "<b>1.500</b>", `1.021 <span class="soft">θέσεις</span>`},
	} {
		u.language = language
		u.get("/library/"+practice.Record.String()).wants(t, want[:3])
		u.get("/place/MK-405").wants(t, want[3:])
	}
}

// TestRelationsAreNamedInEveryLanguage: each that a rule looks for, on the page of a record that names another.
func TestRelationsAreNamedInEveryLanguage(t *testing.T) {
	c := must(lang.New())(t)
	for _, rel := range []body.Relation{
		body.RelAnswers, body.RelCorrects, body.RelAcknowledges, body.RelReissues, body.RelErases, body.RelEndorses, body.RelNeeds,
		body.RelAbout, body.RelConcludes, body.RelSupports, body.RelExercise, body.RelAggregates, body.RelRequests,
	} {
		for _, l := range c.Languages() {
			if key := "told.rel." + string(rel); c.Speaker(l.Tag).Say(key) == key {
				t.Errorf("%s: no word for %s", l.Tag, rel)
			}
		}
	}
}
