package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const pristina protocol.InstitutionID = "xk.national.demo-crisis-centre"

// TestKosovoIsNamedWithItsFootnoteOnEveryPage: in every language, wherever a page names it, in text and in
// what is read out, and under the page what the mark stands for.
func TestKosovoIsNamedWithItsFootnoteOnEveryPage(t *testing.T) {
	hour := &clock{now: hour()}
	near, far, records, waits := onKosovo(t, hour)
	at := regexp.MustCompile(`(?:` + strings.Join(must(atlas.New())(t).CountryNames("XK"), "|") + `)[-\pL]*(?: \*)?`)
	catalogue := must(lang.New())(t)
	named, looked := map[string]bool{}, map[string]bool{}
	for _, r := range []reader{{near, staff.Coordinator}, {near, staff.Officer}, {near, staff.Approver}, {near, staff.Admin}, {far, staff.Coordinator}} {
		u := r.at.account(r.role)
		for _, l := range catalogue.Languages() {
			u.language = l.Tag
			for _, path := range append(pagesOf(r.role, records), "/approvals/"+waits) {
				if looked[l.Tag+path] && path != "/" { // which each role has otherwise
					continue
				}
				hour.pass(time.Second) // nobody may ask for so many pages at once
				p := u.get(path)
				if p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
					continue
				}
				looked[l.Tag+path] = true
				for _, text := range wordsOf(p.body) {
					for _, name := range at.FindAllString(text, -1) {
						named[path] = true
						if !strings.HasSuffix(name, " *") {
							t.Errorf("%s in %s as %s names it without the mark: %s", path, l.Tag, r.role, text)
						}
					}
				}
				if strings.Contains(p.body, "<footer>") && !strings.Contains(p.body, "* "+catalogue.Speaker(l.Tag).Say("app.footnote")+"</footer>") {
					t.Errorf("%s in %s as %s does not say what the mark stands for", path, l.Tag, r.role)
				}
			}
		}
	}
	for _, path := range []string{"/", "/handover", "/search?q=kosovo", "/exercise", "/approvals/" + waits, "/situation", "/situation/phases", "/help"} {
		if !named[path] {
			t.Errorf("%s does not name it", path)
		}
	}
}

// onKosovo is two nodes on which Kosovo reports, is late, has a phase, needs, a request, a plan and an exercise, and
// on its own something waits for a second person.
func onKosovo(t *testing.T, hour *clock) (near, far *site, records []protocol.Name, waits string) {
	t.Helper()
	net := must(federation.Start(t.Context(), federation.Options{
		Dir: t.TempDir(), Clock: hour.Now,
		Each: func(_ protocol.InstitutionID, o *node.Options) {
			o.Pages, o.Free, o.Second = "127.0.0.1:0", roomy, []string{"capacity"}
		},
	}, federation.Plan{
		Network: "Test network", Registrars: map[protocol.InstitutionID][]string{centre: {"mk.", "xk."}},
		Nodes: [][]federation.Member{{{ID: centre, Level: body.Ministry}}, {{ID: pristina, Level: body.Ministry}}},
	}))(t)
	t.Cleanup(func() { ok(t, net.Close()) })
	near, far = &site{t: t, node: net.Node(pristina)}, &site{t: t, node: net.Node(centre)}
	for i, of := range [][]string{
		{"report", "place=XK", "period=2015-11-08", "figures.arrivals=960", "phase=response"},
		{"report", "place=XK", "period=2015-11-11", "na.0.field=figures.arrivals", "na.0.reason=nobody counted", "summary=Nobody counted."},
		{"phase", "place=XK", "phase=response", "reason=many came"},
		{"needs", "place=XK", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1", "method=registered"},
		{"request", "to.0=" + string(centre), "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=1400", "lines.0.unit=places", "answer_by=2015-11-14T20:00:00Z", "deliver_to.place=XK", "deliver_to.contact.office=Duty desk"},
		{"plan", "title=Winter places", "status=draft", "currency=EUR", "territory=XK", "period=2016-01-01/2017-01-01", "lines.0.line=1", "lines.0.purpose=80 bed places", "lines.0.sector=shelter", "lines.0.amount=1000", "lines.0.beneficiary=" + string(pristina), "lines.0.source=national_budget", "lines.0.status=planned", "lines.0.year=2016"},
	} {
		records = append(records, near.says(pristina, of[0], of[1:]...).Record)
		if i == 0 {
			hour.pass(72 * time.Hour)
		}
	}
	records = append(records, must(near.node.Desk().Publish(t.Context(), desk.Request{As: pristina, Kind: "phase", Exercise: true, Set: []string{
		"exercise=Flood 1", "place=XK", "phase=response", "reason=to see who answers", "valid_until=2015-11-13T12:00:00Z",
	}}))(t).Record)
	waits = must(near.node.Desk().Publish(t.Context(), desk.Request{As: pristina, Kind: "capacity", Knowing: true, Set: []string{"place=XK", "items.0.type=bus", "items.0.unit=buses", "items.0.available=7"}}))(t).Waits
	for _, n := range records {
		far.comes(n)
	}
	return near, far, records, waits
}

// pagesOf gives the paths that a role reads, those of a record for each of some records.
func pagesOf(role staff.Role, records []protocol.Name) (paths []string) {
	for _, row := range staff.Pages() {
		path, reads := strings.CutPrefix(row.Route, "GET ")
		if !reads || path == "/live" || !staff.May(role, row.Route) {
			continue
		}
		path = strings.NewReplacer("{$}", "", "{code}", "XK", "{id}", string(pristina), "{peer}", string(pristina)).Replace(path)
		switch {
		case path == "/search":
			paths = append(paths, "/search?q=kosovo")
		case strings.Contains(path, "{position}"):
			for _, n := range records {
				paths = append(paths, strings.NewReplacer("{institution}", string(n.Institution), "{position}", n.Position.String()).Replace(path))
			}
		case !strings.Contains(path, "{"):
			paths = append(paths, path)
		}
	}
	return paths
}

// wordsOf gives the texts of a page that somebody reads, or has read out, but for its foot.
func wordsOf(page string) (texts []string) {
	z, skip := html.NewTokenizer(strings.NewReader(page)), ""
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		it := z.Token()
		switch {
		case kind == html.TextToken && skip == "":
			texts = append(texts, it.Data)
		case kind == html.StartTagToken && skip == "" && (it.Data == "script" || it.Data == "style" || it.Data == "footer"):
			skip = it.Data
		case kind == html.EndTagToken && it.Data == skip:
			skip = ""
		}
		for _, a := range it.Attr {
			if a.Key == "title" || a.Key == "alt" || a.Key == "aria-label" {
				texts = append(texts, a.Val)
			}
		}
	}
	return texts
}
