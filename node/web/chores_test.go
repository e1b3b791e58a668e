package web_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// isLoggedOut has somebody who is logged in twice end the other log-in, choose another password, and
// leave everywhere.
func (w atWork) isLoggedOut(here, there *tab) {
	there.open("/enter")
	there.fill("name", "day.officer")
	there.fill("password", password)
	there.press("form.stack button")
	there.says("Log out")
	here.open("/account")
	here.press(`#ending input[type=checkbox]`)
	here.fill("proof", password)
	here.press("#ending .actions button")
	here.says("Logged out there.")
	there.open("/drafts")
	there.at("/enter")
	here.fill("old", password)
	here.fill("password", "another "+password)
	here.press(`main form[action="/account"] button`)
	here.says("The password is changed.")
	here.press(`main form[action="/account/leave"] button`)
	here.at("/enter")
	here.fill("name", "day.officer")
	here.fill("password", "another "+password)
	here.press("form.stack button")
	here.says("Log out")
	here.calm()
	there.calm()
}

// isPutAside has an officer keep a draft and drop it, and take back what was handed in.
func (w atWork) isPutAside() {
	b := w.officer
	b.open("/route/new")
	b.fill("asset.name", "The old bridge")
	b.press(`#filling button[formaction="/draft"]`)
	b.at("/drafts")
	kept := eval[string](b, `[...document.querySelectorAll("main tr[id^=kept-]")].find(e => e.querySelector("a[href^='/route/new']")).id`)
	b.press("#" + kept + ` form[action="/drafts/drop"] button`)
	b.until(`location.pathname === "/drafts" && !document.getElementById("` + kept + `")`)
	b.open("/phase/new?place=iso3166-2%3aMK-405&phase=response")
	b.types("reason", "Too soon.")
	b.press("#filling > .actions button:not(.plain)")
	b.at("/drafts")
	b.press(`main form[action$="/withdraw"] button`)
	b.says("duty.officer took it back")
}

// isTaughtByTheTown has the town declare seats of a course, and the centre's page say so by itself.
func (w atWork) isTaughtByTheTown() {
	b, reads := w.officer, w.reader
	reads.open("/help/capacity")
	reads.marks()
	b.open("/library")
	b.press(`main a[href="/capacity/new"]`)
	b.until(`document.getElementById("items.0.type")`)
	b.fill("place", "MK-405")
	for id, word := range map[string]string{"items.0.type": "training_seat", "items.0.offerable": "true"} {
		b.choose(id, word)
	}
	for id, number := range map[string]string{"items.0.total": "641", "items.0.available": "613"} {
		b.fill(id, number)
	}
	b.sends(town)
	reads.until(`/\b613\b/.test(document.querySelector("main").innerText)`)
	reads.unmoved()
}

// isPlannedInASheet has the centre take the file of its plan, and bring it back as the next version.
func (w atWork) isPlannedInASheet() {
	b := w.reader
	n := w.sites[centre].says(centre, "plan", "title=Summer places", "status=draft", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "lines.0.line=1", "lines.0.purpose=80 bed places",
		"lines.0.beneficiary="+string(town), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000", "lines.0.source=eu_ipa", "lines.0.status=planned").Record
	b.open("/funds/plan/" + n.String())
	file := eval[string](b, `fetch(document.querySelector("main a[download][href$='.csv']").href).then(r => r.text())`)
	b.press("#do-back summary")
	b.puts("#file", "plan.csv", strings.ReplaceAll(file, "120000", "110000"))
	b.types("why-back", "the council has asked for less")
	b.press("#back .actions button")
	b.until(`location.pathname === "/funds/plan/` + n.String() + `"`)
	b.says("110,000 EUR")
	b.says("the council has asked for less")
}

// puts chooses a file of these words.
func (b *tab) puts(selector, name, words string) {
	b.t.Helper()
	path := filepath.Join(b.t.TempDir(), name)
	ok(b.t, os.WriteFile(path, []byte(words), 0o600))
	b.do(chromedp.SetUploadFiles(chromedp.CSS(selector), []string{path}))
}

// isSeen has a coordinator say that all that is new was seen: it is new no more.
func (w atWork) isSeen() {
	b := w.reader
	n := w.sites[centre].says(centre, "note", "text=nothing much").Record
	b.open("/")
	b.until(`document.querySelector('main section a[href="/record/` + n.String() + `"]')`)
	b.press(`main form[action="/looked"] button`)
	b.until(`!document.querySelector('main section a[href="/record/` + n.String() + `"]')`)
}

// isFollowed has a coordinator follow what there is, say that what is new was seen, and follow it no more.
func (w atWork) isFollowed() {
	b := w.reader
	b.open("/subscriptions")
	b.fill("name", "At the gate")
	b.press("#new .actions button")
	b.press(`main a[href^="/subscriptions/"]`)
	b.until(`document.querySelector("main form[action^='/subscriptions/'] button")`)
	b.marks()
	b.press(`main form[action^="/subscriptions/"] button`)
	b.until(`window.never === undefined`)
	b.open("/subscriptions")
	b.press(`main form:has(input[name=do][value=remove]) button`)
	b.until(`!document.querySelector('main a[href^="/subscriptions/"]')`)
}

// isCarried has the town write what the centre lacks onto a stick, and the centre read it.
func (w atWork) isCarried() {
	b, reads, dir := w.officer, w.reader, w.t.TempDir()
	progress := chromedp.Events(b.ctx, cdpbrowser.DownloadProgress)
	must(chromedp.Call(b.ctx, cdpbrowser.SetDownloadBehavior, cdpbrowser.SetDownloadBehaviorParams{
		Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(b.ctx).BrowserContextID, DownloadPath: dir, EventsEnabled: new(true),
	}))(w.t)
	b.open("/network/carry")
	b.press(`[id="all-` + string(centre) + `"]`)
	b.press(`main form[action="/network/carry/` + string(centre) + `"] button`)
	var stick string
	for of, err := range progress {
		ok(w.t, err)
		if of.State == cdpbrowser.DownloadProgressStateCompleted {
			stick = filepath.Join(dir, of.GUID)
			break
		}
	}
	reads.open("/network/carry")
	reads.puts("#file", "stick.vardar", string(must(os.ReadFile(stick))(w.t)))
	reads.press(`main form[action="/network/carry"] button`)
	reads.says("here already")
}

// areKept has who keeps a node tell a program and stop, give a token and take it away, make an
// account, and make a link to another node and end it; the registrar invites.
func (w atWork) areKept() {
	b := w.keeper
	b.open("/duty/rules")
	b.fill("name", "room")
	b.fill("url", "https://room.example.org/vardar")
	b.press("#new .actions button")
	b.says("whsec_")
	b.press(`#webhook-room button[value=remove]`)
	b.says("No program is told of anything.")

	b.open("/staff")
	b.fill("name", "evening.watch")
	b.press(`main form:has(input[name=do][value=add]) .actions button`)
	b.until(`document.querySelector("p.sheet") && document.getElementById("account-evening-watch")`)
	b.fill("token", "hall")
	b.press(`main form[action="/staff/token"] .actions button`)
	b.until(`document.querySelector("p.sheet") && document.getElementById("token-hall")`)
	b.press(`#token-hall form[action="/staff/token/remove"] button`)
	b.until(`document.getElementById("token") && !document.getElementById("token-hall")`)

	b.open("/network/links")
	b.fill("peer", string(hub))
	b.fill("address", "127.0.0.1:1") // nobody is there
	b.press(`main form[action="/network/links"] button`)
	b.at("/network/links/" + string(hub))
	b.press("#remove button")
	b.until(`location.pathname === "/network/links" && !document.querySelector('main a[href="/network/links/` + string(hub) + `"]')`)
	b.bears("status of 404 (Not Found) " + b.base + "/network/links/" + string(hub)) // its open page may have asked for itself anew before it was left

	w.registrar.open("/network/invite")
	w.registrar.fill("institution", "mk.southeast.demo-north-gate")
	w.registrar.choose("level", "municipality")
	w.registrar.press(`main form[action="/network/invite"] button`)
	w.registrar.until(`document.querySelector(".paper pre")?.innerText.length > 100`)
}

// bears lets the browser have complained of one thing.
func (b *tab) bears(complaint string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.said = slices.DeleteFunc(b.said, func(s string) bool { return strings.HasSuffix(s, complaint) })
}

// actsForAnother has an officer of two institutions report for the second.
func actsForAnother(t *testing.T, browser *chrome) {
	s := meet(t).gate
	done := must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "duty.both", Role: staff.Officer, Institutions: []protocol.InstitutionID{gate, river}}))(t)
	b := s.tab(t, browser)
	b.byWord("duty.both", done.Word)
	b.marks()
	b.choose("as", string(river))
	b.press(`form[action="/as"] button`)
	b.until(`window.never === undefined && document.getElementById("as")?.value === "` + string(river) + `"`)
	b.press("nav a.filled")
	b.until(`document.getElementById("figures.arrivals")`)
	b.fill("place", "MK-405")
	b.fill("figures.arrivals", "12")
	b.sends(river)
	b.calm()
}
