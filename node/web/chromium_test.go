package web_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestPagesInARealBrowser is what people do with the pages, on three nodes.
func TestPagesInARealBrowser(t *testing.T) {
	browser := chromium(t)
	f := federate(t)
	t.Run("an officer's report is seen on another node", func(t *testing.T) { f.reportIsSeen(t, browser) })
	t.Run("a question is answered on another node", func(t *testing.T) { f.questionIsAnswered(t, browser) })
	t.Run("what a town has learnt is done elsewhere", func(t *testing.T) { f.learntIsDone(t, browser) })
	t.Run("a ministry takes part in a town's project", func(t *testing.T) { f.projectIsJoined(t, browser) })
	t.Run("a ministry and a town agree on a fund plan", func(t *testing.T) { f.planIsAgreed(t, browser) })
	t.Run("a regional report is read on another node", func(t *testing.T) { f.regionalIsRead(t, browser) })
	t.Run("a page changes in place", func(t *testing.T) { f.changesInPlace(t, browser) })
	t.Run("a form is kept and added up while it is filled in", func(t *testing.T) { f.typedIsKept(t, browser) })
	t.Run("by the keyboard alone", func(t *testing.T) { f.keyboardAlone(t, browser) })
	t.Run("a screen reader is told what is wrong", func(t *testing.T) { f.readerIsTold(t, browser) })
	t.Run("the blank form is one sheet of paper", func(t *testing.T) { f.oneSheet(t, browser) })
	t.Run("brief, request and delivery note are one sheet each", func(t *testing.T) { oneSheetEach(t, browser) })
	t.Run("an open page rings", func(t *testing.T) { f.rings(t, browser) })
	t.Run("a deputy sleeps while somebody has seen it", func(t *testing.T) { deputySleeps(t, browser) })
	t.Run("a code is asked for", func(t *testing.T) { codeIsAskedFor(t, browser) })
	t.Run("two people exercise while a real alert comes", func(t *testing.T) { f.exercised(t, browser) })
	t.Run("a change needs no alert", func(t *testing.T) { needsNoAlert(t, browser) })
	t.Run("an officer of two institutions acts for the second", func(t *testing.T) { actsForAnother(t, browser) })
	t.Run("a night of four people on three nodes", func(t *testing.T) { fourPeopleAtNight(t, browser) })
	t.Run("every form is sent", func(t *testing.T) { f.everyFormIsSent(t, browser) }) // it warns, and everybody's pages ring from then on
	browser.sentAll(t)
	t.Run("anybody can read every page", func(t *testing.T) { f.accessible(t) })
}

func (f *federated) reportIsSeen(t *testing.T, browser *chrome) {
	officer := f.sites[town].enter(t, browser, staff.Officer)
	coordinator := f.sites[centre].enter(t, browser, staff.Coordinator)
	coordinator.open("/situation")
	coordinator.says("Each institution's latest word")
	coordinator.marks()
	officer.press("nav a.filled")
	officer.says("Situation report")
	officer.fill("figures.arrivals", "1987")
	officer.press("form.stack .actions button")
	officer.at("/record/" + string(town) + "/situation.1.2")
	officer.until(`/recorded here; [012] of 1 ha(s|ve) it/.test(document.body.innerText)`)
	coordinator.says("1,987")
	coordinator.unmoved()
	officer.says("recorded here; 1 of 1 has it")
	coordinator.press(`a[href="/record/` + string(town) + `/situation.1.2"]`)
	coordinator.says("its own signature holds")
	coordinator.copies(string(town) + "/situation.1.2")
	officer.calm()
	coordinator.calm()
}

// copies takes the name of the record on the page into the clipboard, by one press.
func (b *tab) copies(name string) {
	b.t.Helper()
	must(chromedp.Call(b.ctx, cdpbrowser.SetPermission, cdpbrowser.SetPermissionParams{
		Permission: &cdpbrowser.PermissionDescriptor{Name: "clipboard-read"}, Setting: cdpbrowser.PermissionSettingGranted, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID,
	}))(b.t)
	b.press("button.copy")
	b.until(`document.querySelector("button.copy").textContent === "Copied"`)
	if got := eval[string](b, "navigator.clipboard.readText()"); got != name {
		b.t.Errorf("the clipboard has %q, want %q", got, name)
	}
}

// typedIsKept fills a report in, presses nothing, and finds it among the drafts.
func (f *federated) typedIsKept(t *testing.T, browser *chrome) {
	b := f.sites[hub].enter(t, browser, staff.Officer)
	b.open("/report/new")
	b.until(`document.querySelector("#typed").textContent === ""`)
	b.fill("figures.present", "12")
	b.fill("figures.children", "13")
	b.until(`/it is more than present/.test(document.querySelector("#typed").textContent)`)
	b.do(chromedp.SendKeys(chromedp.CSS(`[id="figures.present"]`), "0")) // behind the 12
	b.until(`/^Kept /.test(document.querySelector("#typed").textContent.trim())`)
	b.open("/drafts")
	b.press(`main a[href^="/report/new?draft="]`)
	b.until(`document.getElementById("figures.present")?.value === "120"`)
	b.calm()
}

// marks leaves a mark in the page that is lost when it is loaded anew.
func (b *tab) marks() {
	b.t.Helper()
	b.do(chromedp.Evaluate[chromedp.Void](`void (window.never = "loaded anew")`))
}

// unmoved fails if the page that was marked was loaded anew.
func (b *tab) unmoved() {
	b.t.Helper()
	if !eval[bool](b, `window.never === "loaded anew"`) {
		b.t.Errorf("the page was loaded anew: %s", eval[string](b, "location.href"))
	}
}

// again loads the page anew until it is as it should be.
func (b *tab) again(met func() bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for !met() {
		if ctx.Err() != nil {
			b.t.Fatalf("not in %s; the page:\n%s", patience, eval[string](b, "location.href + '\\n' + document.body.innerText"))
		}
		b.do(chromedp.Reload())
	}
}

// keyboardAlone comes in, reports, answers a note and leaves without a mouse, and sees at each
// step where the focus is.
func (f *federated) keyboardAlone(t *testing.T, browser *chrome) {
	f.sites[town].enter(t, browser, staff.Approver)
	b := f.sites[town].tab(t, browser)
	b.open("/enter")
	b.tabTo(`e.id === "name"`)
	b.do(chromedp.KeyEvent("duty.approver"))
	b.tabTo(`e.id === "password"`)
	b.do(chromedp.KeyEvent(password))
	b.do(chromedp.KeyEvent("\r"))
	b.says("Log out")
	b.tabTo(`e.textContent === "Go to the content"`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.hash === "#content"`)
	b.tabTo(`e.matches(".actions a.filled")`)
	b.do(chromedp.KeyEvent("\r"))
	b.says("Situation report")
	b.tabTo(`e.id === "figures.arrivals"`)
	b.do(chromedp.KeyEvent("many"))
	b.tabTo(`e.id === "figures.departures"`)
	b.do(chromedp.KeyEvent("-1"))
	b.tabTo(`e.matches(".actions button")`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`document.activeElement.id === "wrong" && document.title.startsWith("Error: ")`)
	for _, of := range [][2]string{{"figures.departures", "\b"}, {"figures.arrivals", "2100"}} {
		field := of[0]
		b.tabTo(`e.matches("#wrong a") && e.hash === "#` + field + `"`)
		b.pressEnter()
		b.until(`document.activeElement.id === "` + field + `"`)
		eval[bool](b, `document.activeElement.select(), true`)
		b.do(chromedp.KeyEvent(of[1]))
	}
	b.tabTo(`e.matches(".actions button")`)
	b.do(chromedp.KeyEvent("\r"))
	b.at("/record/" + string(town) + "/situation.1.")
	asked := f.sites[centre].says(centre, "note", "text=Can you hear us?", "acknowledge=true")
	f.sites[town].comes(asked.Record)
	b.tabTo(`e.textContent === "Now"`)
	b.do(chromedp.KeyEvent("\r"))
	b.says("Can you hear us?")
	b.tabTo(`e.getAttribute("href") === "/record/` + asked.Record.String() + `"`)
	b.do(chromedp.KeyEvent("\r"))
	b.at("/record/" + asked.Record.String())
	b.tabTo(`e.getAttribute("href") === "/note/` + asked.Record.String() + `"`)
	b.do(chromedp.KeyEvent("\r"))
	b.at("/note/")
	b.tabTo(`e.id === "text"`)
	b.do(chromedp.KeyEvent("We hear you."))
	b.tabTo(`e.matches("main .actions button")`)
	b.do(chromedp.KeyEvent("\r"))
	b.at("/record/" + string(town) + "/")
	b.says("We hear you.")
	b.tabTo(`e.textContent === "Now"`)
	b.do(chromedp.KeyEvent("\r"))
	b.says("Can you hear us?")
	b.tabTo(`e.matches("form[action='/acknowledge/` + asked.Record.String() + `'] button")`)
	b.do(chromedp.KeyEvent("\r"))
	b.until(`location.pathname === "/" && !document.querySelector("form[action^='/acknowledge/']")`)
	b.tabTo(`e.textContent === "Log out"`)
	b.do(chromedp.KeyEvent("\r"))
	b.at("/enter")
	b.calm()
}

// pressEnter presses the key as a keyboard does: what it writes is not written where the press has
// led. chromedp.KeyEvent writes it there, which sends the form that a link leads into.
func (b *tab) pressEnter() {
	b.t.Helper()
	enter := input.DispatchKeyEventParams{Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13}
	for _, enter.Type = range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeChar, input.DispatchKeyEventTypeKeyUp} {
		if enter.Text = ""; enter.Type == input.DispatchKeyEventTypeChar {
			enter.Text = "\r"
		}
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, enter)
		ok(b.t, err)
	}
}

// tabTo presses the tab key until what has the focus fits, and sees that it is seen.
func (b *tab) tabTo(fits string) {
	b.t.Helper()
	var been []string
	for range 200 {
		b.do(chromedp.KeyEvent("\t"))
		where := eval[struct {
			Fits, Seen bool
			What       string
		}](b, `(e => ({Fits: !!(`+fits+`), What: e.outerHTML.slice(0, 80),
			Seen: e === document.body || getComputedStyle(e).outlineStyle !== "none" && parseFloat(getComputedStyle(e).outlineWidth) >= 2}))(document.activeElement)`)
		if !where.Seen {
			b.t.Errorf("nobody sees that the focus is at %s", where.What)
		}
		if where.Fits {
			return
		}
		been = append(been, where.What)
	}
	b.t.Fatalf("the tab key does not lead to %s, but to\n%s", fits, strings.Join(been, "\n"))
}

// accessible goes through every page of the table by axe's rules of WCAG 2.2 AA, in light and
// dark, on a telephone and a screen.
func (f *federated) accessible(t *testing.T) {
	s := f.sites[centre]
	s.warns("Many may come")
	request, commit := f.exchanges()
	consultation, planned, learnt, joint := f.concluded(t), f.planned(t), f.learnt(t), f.joint(t, centre)
	funded, summed := f.funded(t), f.summed(t)
	pledge := s.says(centre, "pledge", "recipient="+string(town), "amount=500000.50", "currency=EUR", "in_kind=500 tents", "earmarking=soft", "plan_lines.0.plan="+funded.String(), "plan_lines.0.line=1").Record
	waits := must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "reason=many came"}}))(t)
	var visits []visit
	for _, row := range staff.Pages() {
		path, isPage := strings.CutPrefix(row.Route, "GET ")
		if !isPage || strings.HasPrefix(path, "/static") || path == "/live" || path == "/ring" || path == "/subscriptions/{number}" || strings.HasPrefix(path, "/evidence") || strings.HasPrefix(path, "/list/") || strings.Contains(path, "/file/") || strings.HasSuffix(path, "/edxl") || strings.Contains(path, ".") { // a file is to be kept, and not shown
			continue
		}
		position := "situation.1.1"
		switch {
		case strings.HasPrefix(path, "/help/{"):
			position = request.Position.String()
		case strings.HasPrefix(path, "/funds/plan/{"):
			position = funded.Position.String()
		case strings.HasPrefix(path, "/funds/flow/{"):
			position = pledge.Position.String()
		case strings.HasPrefix(path, "/policy/consultation/{"):
			position = consultation.Position.String()
		case strings.HasPrefix(path, "/policy/strategy/{"):
			position = planned.Position.String()
		case strings.HasPrefix(path, "/library/{"):
			position = learnt.Position.String()
		case strings.HasPrefix(path, "/policy/project/{"):
			position = joint.Position.String()
		case strings.HasPrefix(path, "/delivery/"):
			position = commit.Position.String()
		case strings.HasPrefix(path, "/regional/"):
			path, position = strings.ReplaceAll(path, "{institution}", string(hub)), summed.Position.String()
		}
		path = strings.ReplaceAll(example(path, position), "{number}", waits.Waits)
		for _, r := range []staff.Role{"", staff.Officer, staff.Coordinator, staff.Admin, staff.Auditor, staff.Approver} {
			if (r == "") != (row.Roles == nil) || !staff.May(r, row.Route) {
				continue
			}
			at := s
			if strings.HasPrefix(path, "/regional/") { // what a ministry does not draw up
				at = f.sites[hub]
			}
			visits = append(visits, visit{reader{at, r}, path, nil})
			if path != "/" { // which each role has otherwise
				break
			}
		}
	}
	for _, of := range []protocol.Name{request, pledge} { // a form with a table of lines, and one of money
		visits = append(visits, visit{reader{s, staff.Officer}, "/correct/" + of.String(), nil})
	}
	t.Run("on a telephone in every language", func(t *testing.T) { narrow(t, visits) })
	inHalves(t, append(visits, f.states(t)...))
}

// reader is who reads pages: somebody of a role at a node; of none: who has not logged in.
type reader struct {
	at   *site
	role staff.Role
}

// visit is a page that somebody reads.
type visit struct {
	reader

	path  string     // or what it is called
	comes func(*tab) // how somebody comes to it; nil: by its path
}

// inHalves has two browsers go through the pages at once, one half each: on a machine with two
// processors nothing else is left to do by then.
func inHalves(t *testing.T, visits []visit) {
	t.Helper()
	for half := range 2 {
		t.Run(fmt.Sprintf("half %d", half+1), func(t *testing.T) {
			t.Parallel()
			browser, tabs := chromium(t), map[reader]*tab{}
			for i, v := range visits {
				if i%2 != half {
					continue
				}
				switch {
				case tabs[v.reader] != nil:
				case v.role == "":
					tabs[v.reader] = v.at.tab(t, browser)
				default:
					tabs[v.reader] = v.at.enterAs(t, browser, fmt.Sprintf("half%d.%s", half+1, v.role), v.role)
				}
				// A slash would part the name into tests within tests.
				t.Run(fmt.Sprintf("%s as %s", strings.ReplaceAll(v.path, "/", " "), cmp.Or(v.role, "nobody")), func(t *testing.T) {
					if v.comes == nil {
						tabs[v.reader].readable(t, v.path, v.role)
					} else {
						tabs[v.reader].held(t, v.path, v.comes)
					}
				})
			}
		})
	}
}

// exchanges has the centre ask for blankets, and commit some that the town asks for.
func (f *federated) exchanges() (request, commit protocol.Name) {
	ask := []string{"answer_by=2036-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=40", "lines.0.unit=pieces"}
	s := f.sites[centre]
	own, asked := s.says(centre, "request", ask...), f.sites[town].says(town, "request", ask...)
	s.until(func() bool { // a record that has come may not be in the picture yet
		_, err := s.node.Desk().Exchange(s.t.Context(), centre, asked.Record.String(), 0)
		return err == nil
	})
	done := must(s.node.Desk().Answer(s.t.Context(), desk.AnswerRequest{Record: asked.Record.String(), Step: "commit"}))(s.t)
	return own.Record, done.Record
}

// readable holds a page against the rules.
func (b *tab) readable(t *testing.T, path string, r staff.Role) {
	name := path
	if path == "/" {
		name = "/now-" + string(r) // of its pictures
	}
	b.held(t, name, func(b *tab) {
		b.open(path)
		if status := eval[int](b, `performance.getEntriesByType("navigation")[0].responseStatus`); status != 200 {
			t.Errorf("status %d", status)
		}
	})
}

// held holds what somebody comes to against them.
func (b *tab) held(t *testing.T, name string, comes func(*tab)) {
	outer := b.t
	b.t = t
	defer func() { b.t = outer }()
	comes(b)
	eval[bool](b, axe+";true")
	eval[bool](b, walk+";true")
	for _, scheme := range []string{"light", "dark"} {
		b.media("", "prefers-color-scheme", scheme)
		for _, width := range []int64{360, 640, 768, 1280} { // 640 is what 1280 are, enlarged to 200 %
			b.do(chromedp.EmulateViewport(width, 900))
			if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > width {
				t.Errorf("%s: %d px wide on a screen of %d: %q", scheme, wide, width, eval[[]string](b, `[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".wide")).map(e => e.outerHTML.slice(0, 120))`))
			}
			if eval[bool](b, `[...document.querySelectorAll("thead")].some(e => getComputedStyle(e).position === "absolute" && e.getBoundingClientRect().right > 0)`) {
				t.Errorf("%s: at %d px the heads of columns lie over the words", scheme, width)
			}
			if width == 640 {
				continue
			}
			for _, cut := range eval[[]string](b, fmt.Sprintf("walk.whole(%d)", width)) {
				t.Errorf("%s, %d px: %s", scheme, width, cut)
			}
			b.picture(name, width, scheme)
			if width == 768 { // between the two, by axe's rules, nothing is otherwise
				continue
			}
			rules := `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`
			if scheme == "dark" { // nothing else is otherwise
				rules = `{type: "rule", values: ["color-contrast"]}`
			}
			found := eval[struct {
				Passes     int
				Violations []string
			}](b, `axe.run({runOnly: `+rules+`, resultTypes: ["violations"]}).then(r => ({Passes: r.passes.length,
				Violations: r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 160) + " " + n.failureSummary))}))`)
			if found.Passes == 0 {
				t.Errorf("%s, %d px: no rule was looked at", scheme, width)
			}
			for _, violation := range found.Violations {
				t.Errorf("%s, %d px: %s", scheme, width, violation)
			}
		}
	}
	b.alike(t, name)
	b.calm()
}

// example fills a route's parts in.
func example(path, position string) string {
	if strings.HasPrefix(path, "/incident/") {
		position = "alert.1.1"
	}
	return strings.NewReplacer("{$}", "", "/search", "/search?q=demo", "{institution}", string(centre), "{position}", position, "{file}", "vardar.css", "{code}", "MK-405", "{id}", string(centre), "{peer}", string(town)).Replace(path)
}
