package web_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestEveryPageIsWholeInEveryLanguage: no page, of a record or of none, shows the key of a message or the name of
// a field instead of its words, and none says in English what is not somebody's own word or a command.
func TestEveryPageIsWholeInEveryLanguage(t *testing.T) {
	hour := &clock{now: hour()}
	s, far, records, _ := onKosovo(t, hour)
	records = append(records, saysMore(t, s, far)...)
	typed, english, looked, held := wordRuns(ownWords(s, records)), map[string]map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, role := range []staff.Role{staff.Coordinator, staff.Officer, staff.Admin} {
		u := s.account(role)
		for _, l := range must(lang.New())(t).Languages() {
			u.language = l.Tag
			for _, path := range pagesOf(role, records) {
				if looked[l.Tag+path] && path != "/" { // which each role has otherwise
					continue
				}
				looked[l.Tag+path] = true
				hour.pass(time.Second) // nobody may ask for so many pages at once
				p := u.get(path)
				if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") { // a file
					continue
				}
				whole(t, l.Tag, path, p)
				runs := wordRuns(said(p.body))
				switch l.Tag {
				case "en":
					english[path] = runs
				case "sr-Cyrl": // is made from the Latin letters
				default:
					held[l.Tag]++
					for run := range runs {
						if english[path][run] && !typed[run] && !strings.HasPrefix(run, "vardar ") {
							t.Errorf("%s in %s says as in English %q", path, l.Tag, run)
						}
					}
				}
			}
		}
	}
	if len(held) < 4 || held["mk"] < 300 {
		t.Errorf("so many pages were held against English: %v", held)
	}
}

// whole wants a page to be there, if it is of no record, and in its language, and to name no field as programs do.
func whole(t *testing.T, language, path string, p page) {
	t.Helper()
	want := http.StatusOK
	switch path {
	case "/regional/new":
		want = http.StatusUnprocessableEntity // a ministry draws up none
	case "/evidence/pack":
		want = http.StatusBadRequest // of nothing
	}
	if p.status != want && !strings.Contains(path, ".demo-") || p.status >= http.StatusInternalServerError || strings.Contains(p.body, "<html") && !strings.Contains(p.body, `lang="`+language+`"`) {
		t.Errorf("%s in %s: %d", path, language, p.status)
	}
	if found := regexp.MustCompile(`<span lang="en">[^<]*`).FindString(p.body); found != "" && language != "en" {
		t.Errorf("%s in %s says in English %s", path, language, found)
	}
	for _, text := range said(p.body) {
		if regexp.MustCompile(`\b(?:figures|items|lines|info|na|gaps|results)\.[a-z0-9]`).MatchString(text) {
			t.Errorf("%s in %s names a field as programs do: %s", path, language, text)
		}
	}
}

// ownWords are those of the authors of records, and the names of members.
func ownWords(s *site, records []protocol.Name) (texts []string) {
	for _, n := range records {
		texts = append(texts, regexp.MustCompile(`"[^"]*"`).FindAllString(s.said(n), -1)...)
	}
	return append(texts, "Test network", "Demo crisis centre")
}

// said gives the texts of a page but for what programs read.
func said(page string) []string {
	return wordsOf(regexp.MustCompile(`(?s)<(code|pre|textarea)\b.*?</(code|pre|textarea)>`).ReplaceAllString(page, ""))
}

// wordRuns gives each three words that stand behind one another in a text.
func wordRuns(texts []string) map[string]bool {
	out, word := map[string]bool{}, regexp.MustCompile(`^[(“"]*(\p{L}[\p{L}'’]*)[)”",;:.?!]*$`)
	for _, text := range texts {
		var run []string
		for _, w := range strings.Fields(text) {
			if m := word.FindStringSubmatch(w); m == nil {
				run = nil
			} else if run = append(run, strings.ToLower(m[1])); len(run) >= 3 {
				out[strings.Join(slices.Clone(run[len(run)-3:]), " ")] = true
			}
		}
	}
	return out
}

// saysMore has Kosovo's ministry say more kinds of things, and the other ministry judge, answer and speak
// against it.
func saysMore(t *testing.T, near, far *site) (records []protocol.Name) {
	t.Helper()
	comes := func(s *site, n protocol.Name) protocol.Name {
		t.Helper()
		s.comes(n)
		records = append(records, n)
		return n
	}
	answers := func(s *site, of protocol.Name, step string, set ...string) {
		t.Helper()
		s.until(func() bool {
			done, err := s.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: of.String(), Step: step, Set: set, Knowing: true})
			records = append(records, done.Record)
			if err != nil {
				records = records[:len(records)-1]
			}
			return err == nil
		})
	}
	said := map[string]protocol.Name{}
	for _, of := range [][]string{
		{"report", "place=XK", "period=2015-11-09", "figures.arrivals=1960", "figures.present=480"},
		{"route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=closed", "place=XK", "valid_until=2015-11-13T08:00:00Z", "observed_at=2015-11-12T08:00:00Z"},
		{"alert", "info.0.event=Many", "info.0.headline=Many may come", "info.0.area.0.areaDesc=South", "info.0.severity=Severe", "info.0.urgency=Expected", "info.0.certainty=Likely", "info.0.category=Transport", "info.0.expires=2015-11-14T00:00:00-00:00"},
		{"practice", "title=Numbers", "problem=Rain", "solution=A number for each family", "place=XK", "sectors=shelter", "phases=response"},
		{"consultation", "question=By residents?", "to=" + string(centre), "closes_at=2015-11-20T00:00:00Z"},
		{"project", "title=One queue", "period=2015-01-01/2036-01-01", "partners=" + string(centre), "objectives.0.text=Nobody is counted twice."},
		{"strategy", "title=Spring 2016", "level=national", "status=adopted", "period=2016-01-01/2017-01-01", "objectives.0.oid=1", "objectives.0.text=More places", "objectives.0.indicator=capacity_total", "objectives.0.baseline=500", "objectives.0.target=700"},
		{"pledge", "recipient=" + string(centre), "amount=1000", "currency=EUR"},
		{"note", "text=Who has buses?", "acknowledge=true", "to=" + string(centre)},
	} {
		said[of[0]] = comes(far, near.says(pristina, of[0], of[1:]...).Record)
	}
	comes(near, far.says(centre, "report", "place=XK", "period=2015-11-09", "figures.arrivals=900").Record)
	comes(near, far.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=open", "place=XK", "valid_until=2015-11-13T08:00:00Z", "observed_at=2015-11-12T08:00:00Z").Record)
	answers(far, said["report"], "dispute", "basis=observed", "field=arrivals", "value=900", "reason=counted twice")
	answers(far, said["practice"], "adopt", "reason=it works")
	answers(far, said["note"], "acknowledge", "state=read")
	comes(near, far.says(centre, "response", "thread="+said["consultation"].String(), "position=amend", "text=From December on").Record)
	for _, c := range []desk.CorrectRequest{
		{Record: said["route"].String(), Reason: "seen again", Set: []string{"state=restricted"}}, {Record: said["project"].String(), Reason: "nobody came", Retract: true},
	} {
		comes(far, must(near.node.Desk().Correct(t.Context(), c))(t).Record)
	}
	return records
}
