package web_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestFragmentsAreWhatTheyWere: each piece that an open page takes in without being loaded
// anew.
func TestFragmentsAreWhatTheyWere(t *testing.T) {
	t.Setenv("TZ", "UTC")
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	at := protocol.InstantOf(hour())
	event := func(name, said string) duty.Event {
		alert := &body.Alert{Info: []body.AlertInfo{{Headline: body.Text(said)}}}
		return duty.Event{Kind: "alert", Record: must(protocol.ParseName(name))(t), Institution: centre, Severity: "Severe", Body: alert, Written: at}
	}
	earnest := desk.Waking{ID: 7, Made: at, Events: []duty.Event{event(string(centre)+"/alert.1.1", "Many <b>may</b> come"), event(string(centre)+"/alert.1.2", "More may come")}, More: 3}
	played := desk.Waking{ID: 8, Made: at, Exercise: true, Events: []duty.Event{event(string(centre)+"/alert.1.3", "Only played")}}
	for name, render := range map[string]func() (string, error){
		"ring":         func() (string, error) { return pages.Ringing(staff.Officer, earnest, played) },
		"ring-auditor": func() (string, error) { return pages.Ringing(staff.Auditor, played) }, // who may read, and not say that it was seen
		"ring-admin":   func() (string, error) { return pages.Ringing(staff.Admin, earnest) },  // who may not open it
		"ring-none":    func() (string, error) { return pages.Ringing(staff.Officer) },
		"typed":        func() (string, error) { return pages.Typed(nil, true) },
		"typed-try":    func() (string, error) { return pages.Typed(nil, false) }, // nothing is kept of what is only tried
		"typed-wrong": func() (string, error) {
			return pages.Typed(&desk.Problem{Kind: desk.Usage, Detail: "children is 13", Mend: "it is more than present"}, true)
		},
		"typed-out": pages.TypedOut,
		"lines":     func() (string, error) { return linesOf(s.account(staff.Officer).get("/situation").body) },
	} {
		path := filepath.Join("testdata", "fragment-"+name+".golden")
		got := must(render())(t) + "\n"
		if *update {
			ok(t, os.WriteFile(path, []byte(got), 0o600))
		}
		if diff := cmp.Diff(string(must(os.ReadFile(path))(t)), got); diff != "" {
			t.Errorf("%s (-want +got), rewritten by -update:\n%s", path, diff)
		}
	}
}

// TestDroppedSaysInWordsWhichRuleWasBroken: in the language of the page, beside the name that the log and the counters have;
// one of the many rules of how things are written as that.
func TestDroppedSaysInWordsWhichRuleWasBroken(t *testing.T) {
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	for _, of := range [][3]string{
		{"en", "not_signed", "The signature is not of the key that it names"},
		{"mk", "not_signed", "Потписот не е од клучот што го наведува"},
		{"el", "frame_cut", "Δεν είναι γραμμένο όπως ζητά το πρωτόκολλο"},
		{"sq", "wrong_key", "Nënshkruar me çelës tjetër"},
		{"sr-Latn", "no_opener", "Nema zapisa o ključu"},
	} {
		if p := must(pages.Dropped(of[0], of[1]))(t); !strings.Contains(p, "<td>"+of[2]) || !strings.Contains(p, of[1]+"</span>") {
			t.Errorf("%s: %s", of, p)
		}
	}
}

// linesOf cuts the state of the lines out of a page, as htmx does.
func linesOf(page string) (string, error) {
	if found := regexp.MustCompile(`<span[^>]* id="lines".*?</span>`).FindString(page); found != "" {
		return found, nil
	}
	return "", errors.New("the page does not say how the lines are")
}

// TestEveryFragmentHasAGoldenFile reads the templates for what htmx asks for and what it takes
// out of the answer: whatever is added there has a file that says what it is.
func TestEveryFragmentHasAGoldenFile(t *testing.T) {
	has := map[string][]string{
		"/ring":        {"fragment-ring", "fragment-ring-none", "fragment-ring-auditor", "fragment-ring-admin"},
		"/duty/seen":   {"fragment-ring", "fragment-ring-none"}, // what is left of what rings
		"/typed":       {"fragment-typed", "fragment-typed-try", "fragment-typed-wrong", "fragment-typed-out"},
		"{{.Address}}": {"situation", "contradictions"}, // the page itself, of which are taken:
		"#content":     {"situation", "contradictions"},
		"#lines":       {"fragment-lines"},
	}
	asked := map[string]bool{}
	for _, file := range must(filepath.Glob("templates/*.html"))(t) {
		text := string(must(os.ReadFile(file))(t))
		for _, m := range regexp.MustCompile(`hx-(?:get|post|put|patch|delete|select|select-oob)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
			asked[m[1]] = true
			if has[m[1]] == nil {
				t.Errorf("%s: htmx takes %s, and no golden file says what that is", file, m[1])
			}
		}
	}
	for what, files := range has {
		if !asked[what] {
			t.Errorf("htmx takes %s nowhere", what)
		}
		for _, name := range files {
			if text := must(os.ReadFile(filepath.Join("testdata", name+".golden")))(t); len(text) == 0 {
				t.Errorf("the golden file of %s is empty", what)
			}
		}
	}
}
