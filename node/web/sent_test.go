package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// choose chooses from a list.
func (b *tab) choose(id, value string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => e && (e.value = %[2]q) && e.value === %[2]q)(document.getElementById(%[1]q))`, id, value))
}

// sends presses the button of the form on the page, and gives the record that is shown then.
func (b *tab) sends(id protocol.InstitutionID) protocol.Name {
	b.t.Helper()
	b.press("#filling > .actions button:not(.plain)")
	b.at("/record/" + string(id) + "/")
	return must(protocol.ParseName(strings.TrimPrefix(eval[string](b, "location.pathname"), "/record/")))(b.t)
}

// atWork are an officer of the town, who writes, and a coordinator at the centre, who reads what
// comes over the line, and writes what a town may not; and who keeps either node.
type atWork struct {
	*federated

	t                                  *testing.T
	officer, reader, keeper, registrar *tab
}

// everyFormIsSent has the two send each form that no other scene sends.
func (f *federated) everyFormIsSent(t *testing.T, browser *chrome) {
	w := atWork{
		f, t, f.sites[town].enter(t, browser, staff.Officer), f.sites[centre].enter(t, browser, staff.Coordinator),
		f.sites[town].enter(t, browser, staff.Admin), f.sites[centre].enter(t, browser, staff.Admin),
	}
	for _, scene := range []struct {
		name string
		play func(atWork)
	}{
		{"a report is only tried", atWork.isOnlyTried},
		{"a second person decides", func(w atWork) { w.secondPersonDecides(f.sites[town].enter(w.t, browser, staff.Approver)) }},
		{"a known crossing is closed in three steps", atWork.saidInThree},
		{"a warning is read while its page is open", atWork.isWarned},
		{"a report is judged, put right and taken back", atWork.isTakenBack},
		{"a sheet with a bad cell is put right", atWork.isReportedInASheet},
		{"own stock is declared", atWork.isKeptAndDeclared},
		{"a town's strategy supports that of the country", atWork.isAimedAt},
		{"a flow of funds is reconciled", atWork.isReconciled},
		{"a contradiction is verified and put right", func(w atWork) { w.isSettled(f.sites[centre].enter(w.t, browser, staff.Officer)) }},
		{"a town is found and reminded", atWork.isFoundAndReminded},
		{"a link is agreed on anew, paused and resumed", atWork.isAgreedOnAnew},
		{"somebody is logged out elsewhere", func(w atWork) {
			w.isLoggedOut(f.sites[town].enterAs(w.t, browser, "day.officer", staff.Officer), f.sites[town].tab(w.t, browser))
		}},
		{"a draft is dropped, and what was handed in taken back", atWork.isPutAside},
		{"a town offers seats of a course", atWork.isTaughtByTheTown},
		{"a plan comes back as a sheet", atWork.isPlannedInASheet},
		{"what is new is seen", atWork.isSeen},
		{"something is followed", atWork.isFollowed},
		{"a stick is written and read", atWork.isCarried},
		{"a node and its people are kept", atWork.areKept},
	} {
		t.Run(scene.name, func(t *testing.T) {
			tabs := []*tab{w.officer, w.reader, w.keeper, w.registrar}
			w.t = t
			for _, b := range tabs {
				b.t = t
			}
			scene.play(w)
			for _, b := range tabs {
				b.calm()
			}
		})
	}
}

// secondPersonDecides has an officer declare what the figures suggest, and hand it in: given back it
// is put right and handed in again, let go it stands on the phase board of the other node, and not
// before.
func (w atWork) secondPersonDecides(approver *tab) {
	officer, reads := w.officer, w.reader
	day := func(days int) string { return time.Now().UTC().AddDate(0, 0, days).Format(time.DateOnly) }
	w.sites[town].says(town, "report", "place=MK-405", "period="+day(-1)+"/"+day(0), "figures.present=477", "figures.capacity_total=500")
	reads.open("/situation")
	reads.press(`main a[href="/situation/phases"]`)
	reads.says("95.4 % of the places are taken")
	reads.marks()
	officer.open("/situation/phases")
	officer.says("suggested: response")
	officer.press(`main a[href="/phase/new?place=iso3166-2%3aMK-405&phase=response"]`)
	officer.until(`document.getElementById("phase")?.value === "response"`)
	officer.types("reason", "The hall is full.")
	officer.press("#filling > .actions button:not(.plain)")
	officer.at("/drafts")
	officer.says("waits for a second person")
	approver.open("/approvals")
	approver.press(`main a[href^="/approvals/"]`)
	approver.says("The hall is full.")
	approver.types("reason", "Say how full.")
	approver.press(`form[action$="/return"] button`)
	approver.until(`location.pathname === "/approvals"`)
	officer.open("/drafts")
	officer.says("Say how full.")
	officer.press(`main a[href^="/phase/new?draft="]`)
	officer.until(`document.getElementById("reason")?.value === "The hall is full."`)
	officer.fill("reason", "960 are in a hall for 500.")
	officer.press("#filling > .actions button:not(.plain)")
	officer.at("/drafts")
	approver.open("/approvals")
	approver.press(`main a[href^="/approvals/"]`)
	approver.says("960 are in a hall for 500.")
	if said := eval[string](reads, `document.querySelector("main").innerText`); strings.Contains(said, "hall") {
		w.t.Errorf("the other node knows what nobody has let go:\n%s", said)
	}
	approver.press(`form[action$="/approve"] button`)
	approver.at("/record/" + string(town) + "/")
	officer.open("/drafts")
	officer.says("duty.approver approved it")
	reads.says("960 are in a hall for 500.") // by itself, over the line
	reads.unmoved()
	approver.calm()
}

// isOnlyTried has an officer try a report out: the page says so first, nothing is kept, and nothing
// comes to the other node, which hears what the town says after it.
func (w atWork) isOnlyTried() {
	b, reads := w.officer, w.reader
	reads.open("/situation")
	b.open("/report/new")
	b.press(`main form[action="/try"] button`)
	b.until(`location.pathname === "/" && document.querySelector(".trying")`)
	b.says("TRYING OUT: nothing that you send is published or leaves this node.")
	b.press("nav a.filled")
	b.until(`document.querySelector(".trying") && document.getElementById("figures.arrivals")`)
	b.fill("figures.arrivals", "7654")
	b.press("#filling > .actions button:not(.plain)")
	b.says("no record was written, and nothing left this node")
	b.open("/drafts")
	b.says("There is none.")
	b.press(".trying button")
	b.until(`location.pathname === "/" && !document.querySelector(".trying")`)
	b.press("nav a.filled")
	b.until(`document.getElementById("figures.arrivals")`)
	b.fill("figures.arrivals", "7655")
	b.sends(town)
	reads.says("7,655")
	b.open("/situation")
	for _, of := range []*tab{b, reads} {
		if eval[bool](of, `document.body.innerText.includes("7,654")`) {
			w.t.Error("what was only tried stands in the situation")
		}
	}
}

// saidInThree says of a crossing that is known that it is closed: press it, choose, send. Nothing
// else is asked for, which is what makes it a matter of seconds.
func (w atWork) saidInThree() {
	w.sites[town].says(town, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=open", "place=MK-405", "observed_at="+protocol.InstantOf(time.Now()).String(), "valid_until="+protocol.InstantOf(time.Now().Add(time.Hour)).String())
	b, reads := w.officer, w.reader
	reads.open("/situation/routes")
	reads.says("Bogorodica")
	reads.marks()
	b.open("/route/new")
	b.press(`main a[href^="/route/new?about="]`)
	b.choose("state", "closed")
	said := b.sends(town)
	reads.until(`[...document.querySelectorAll("main a[href='/record/` + said.String() + `']")].some(e => e.innerText === "closed")`)
	reads.unmoved()
}

// isWarned has the centre send an alert, which no town may, and the town reads it.
func (w atWork) isWarned() {
	b, reads := w.reader, w.officer
	reads.open("/situation/alerts")
	reads.marks()
	b.open("/alert/new")
	for id, value := range map[string]string{"info.0.event": "Bridge shut", "info.0.headline": "The bridge is shut for lorries", "info.0.area.0.areaDesc": "Gevgelija", "place": "MK-405"} {
		b.fill(id, value)
	}
	for id, value := range map[string]string{"info.0.severity": "Severe", "info.0.urgency": "Immediate", "info.0.certainty": "Observed", "info.0.category": "Transport"} {
		b.choose(id, value)
	}
	b.sends(centre)
	reads.until(`document.querySelector("main").innerText.includes("The bridge is shut for lorries")`) // by itself, in the list
	reads.unmoved()
}

// isTakenBack has an officer put a report right and take it back, which somebody at the other node
// has judged meanwhile.
func (w atWork) isTakenBack() {
	b, reads := w.officer, w.reader
	report := w.sites[town].says(town, "report", "place=MK-405", "period=2015-10-01", "figures.arrivals=4811").Record
	w.sites[centre].comes(report)
	reads.open("/record/" + report.String())
	reads.press(`main a[href="/endorse/` + report.String() + `"]`)
	reads.choose("stance", "dispute")
	reads.choose("basis", "observed")
	reads.types("reason", "We counted fewer.")
	reads.sends(centre)
	b.open("/record/" + report.String())
	b.says("We counted fewer.")
	b.press(`main a[href="/correct/` + report.String() + `"]`)
	b.until(`document.getElementById("figures.arrivals")?.value === "4811"`)
	b.fill("figures.arrivals", "4118")
	b.types("reason", "The digits were turned.")
	put := b.sends(town)
	reads.open("/record/" + report.String())
	reads.says("replaced: by " + put.String())
	b.open("/record/" + report.String())
	b.press(`main a[href="/retract/` + report.String() + `"]`)
	b.types("reason", "It was another town's.")
	back := b.sends(town)
	reads.says("taken back: by " + back.String()) // by itself
}

// isReportedInASheet sends a file with a bad cell, is shown which, and sends the one that was put
// right after it has been looked at.
func (w atWork) isReportedInASheet() {
	b, reads := w.officer, w.reader
	looks := func(arrivals string) {
		b.puts("#file", "report.csv", "place,period.start,period.end,figures.arrivals\nMK-405,2015-10-10,2015-10-11,"+arrivals+"\n")
		b.press(`form[enctype] button`)
	}
	b.open("/report/new")
	b.press(`main a[href="/report/sheet"]`)
	b.says("Look at it")
	looks("many")
	b.until(`document.activeElement.getAttribute("role") === "alert" && document.querySelector("td.bad")?.innerText.startsWith("many")`)
	b.press(`main [role=alert] a`)
	b.until(`location.hash === "#" + document.querySelector("td.bad").id && !document.querySelector("main form[action='/report/sheet/send']")`)
	looks("3391")
	b.says("1 row can be sent")
	b.press(`main form[action="/report/sheet/send"] button`)
	b.says("All rows are recorded")
	sent := eval[string](b, `document.querySelector("main td a[href^='/record/']").pathname`)
	w.sites[centre].comes(must(protocol.ParseName(strings.TrimPrefix(sent, "/record/")))(w.t))
	reads.open(sent)
	reads.says("3,391")
}

// isKeptAndDeclared has an officer note a site, who is there and what comes in, and declare it: the
// other node learns of the beds that are free, and of nothing else.
func (w atWork) isKeptAndDeclared() {
	b, reads := w.officer, w.reader
	b.open("/help/stock")
	for id, value := range map[string]string{"place": "x:mk:reception-south", "name": "Reception camp", "night": "500"} {
		b.fill(id, value)
	}
	b.press(`main form:has(input[name=act][value=set]) button`)
	b.until(`document.getElementById("site")?.innerText === "Reception camp"`)
	for act, value := range map[string]string{"people": "412", "quantity": "300"} {
		eval[bool](b, `document.getElementById("`+act+`").closest("details").open = true`)
		b.fill(act, value)
		b.press(`main details[open]:has(#` + act + `) button`)
		b.until(`!document.querySelector("main details[open]")`)
	}
	b.says("300")
	reads.open("/help/capacity")
	reads.marks()
	b.press(`main form:has(#digest) button`)
	reads.until(`/\b88\b/.test(document.querySelector("main").innerText)`) // by itself
	reads.unmoved()
	if said := eval[string](reads, `document.querySelector("main").innerText`); strings.Contains(said, "412") {
		w.t.Errorf("the other node learns who is there:\n%s", said)
	}
}

// isFoundAndReminded looks for the town by a word, sees that its report is late and reminds it, and
// takes the post over; the town reads the reminder.
func (w atWork) isFoundAndReminded() {
	b, reads := w.reader, w.officer
	reads.open("/")
	reads.marks()
	b.fill("q", "south gate")
	b.press(`form[action="/search"] button`)
	b.press(`main a[href="/network/member/` + string(town) + `"]`)
	b.says("Demo south gate")
	b.open("/situation/reporting")
	b.press(`main form[action="/situation/remind"]:has(input[value="` + string(town) + `"]) button`)
	b.at("/record/" + string(centre) + "/")
	b.says("Please send your")
	reads.says("Please send your")
	reads.unmoved()
	b.open("/handover")
	b.types("note", "The town is reminded.")
	b.press(`form[action="/handover"] button`)
	b.until(`document.querySelector(".first")?.innerText.includes("duty.coordinator took over") && document.querySelector(".note").innerText === "The town is reminded."`)
}

// isAgreedOnAnew has who keeps the town's node propose a policy, at first a wrong one, and who keeps
// the centre's approve it; while the line is paused nothing goes, and then it goes on.
func (w atWork) isAgreedOnAnew() {
	here, there := w.keeper, w.registrar
	here.open("/network/links")
	here.press(`main a[href="/network/links/` + string(centre) + `#propose"]`)
	here.until(`location.hash === "#propose"`)
	here.fill("ours.groups", "the weather")
	here.press("#propose .actions button")
	here.until(`document.activeElement.id === "wrong" && document.querySelector("#wrong a").hash === "#ours.groups"`)
	here.fill("ours.groups", "* *")
	here.choose("theirs.bodies", "TLP:RED")
	here.press("#propose .actions button")
	here.says("waits for the peer's signature")
	there.open("/network/links")
	there.again(func() bool {
		return eval[bool](there, `/ waits for our signature[^]*We send to [^]*bodies up to TLP:RED/.test(document.querySelector("main").innerText)`)
	})
	there.press(`main form[action="/network/links/` + string(town) + `/approve"] button`)
	there.at("/network/links/" + string(town))
	there.until(`document.querySelector("#link li").innerText.includes("TLP:RED")`)
	here.again(func() bool {
		return eval[bool](here, `!document.querySelector("#link").innerText.includes("waits for the peer")`)
	})

	here.press(`#link form[action$="/pause"] button`)
	here.until(`document.querySelector("h1").innerText.includes("paused")`)
	said := w.sites[town].says(town, "report", "place=MK-405", "period=2015-10-02", "figures.arrivals=733").Record
	here.press(`#link form[action$="/resume"] button`)
	w.sites[centre].comes(said)
	here.press(`#link form[action$="/test"] button`)
	here.says("What the test found")
}

// needsNoAlert has a coordinator decide that a change that stands out needs no alert.
func needsNoAlert(t *testing.T, browser *chrome) {
	s := open(t)
	for day := range 15 {
		n := 5000
		if day == 14 {
			n = 100
		}
		must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Set: []string{"place=MK-405", "period=" + time.Date(2015, time.October, 25+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), fmt.Sprintf("figures.arrivals=%d", n)}}))(t)
	}
	b := s.enter(t, browser, staff.Coordinator)
	b.open("/situation/alerts")
	b.says("5,000 → 100")
	b.press(`form[action="/situation/alerts/dismiss"] button`)
	b.until(`location.pathname === "/situation/alerts" && !document.body.innerText.includes("5,000 → 100")`)
	b.calm()
}
