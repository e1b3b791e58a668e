package web_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// part gives what stands below a heading of a page.
func (p page) part(heading string) string {
	at := regexp.MustCompile(`<h2[^>]*>(?:<a [^>]*>)?` + regexp.QuoteMeta(heading) + `<`).FindStringIndex(p.shown())
	if at == nil {
		return ""
	}
	below, _, _ := strings.Cut(p.shown()[at[1]:], "<h2")
	return below
}

// TestOfficerReadsOnNowWhatIsTheirs (pages.md §1): one sentence of what is due and of the last report, three buttons, and below
// them what waits, the own figures with their age, what others ask for, where the own records are, and whom to call.
func TestOfficerReadsOnNowWhatIsTheirs(t *testing.T) {
	b := meet(t)
	b.centre.says(centre, "profile", "names.en=Demo crisis centre", "level=ministry", "duty_contact.office=Duty desk", "duty_contact.phone=+38923249100")
	u := b.gate.account(staff.Officer)
	u.get("/").wants(t, []string{"<h1>1 thing is due</h1>", "situation report</span> never heard", "No report was published here yet."})

	sent := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572", "phase=response").Record
	asked := b.centre.says(centre, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4000", "lines.0.unit=buses", "answer_by=2015-11-11T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record
	own := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=tent", "lines.0.quantity=77", "lines.0.unit=pieces", "answer_by=2015-11-11T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record
	note := b.centre.says(centre, "note", "text=can you hear us?", "acknowledge=true").Record
	b.gate.comes(asked)
	b.gate.comes(note)
	b.centre.comes(own)
	b.gate.until(func() bool { return strings.Count(u.get("/").body, "recorded; 1 of 1 has it") == 2 })
	p := u.get("/")
	p.wants(t, []string{"<h1>No report is due.</h1>", "Last report 2015-11-09 09:00, read by 1 node."})
	main := regexp.MustCompile(`(?s)<main.*</main>`).FindString(p.body)
	if buttons := regexp.MustCompile(`<a class="filled" href="([^"]+)"`).FindAllStringSubmatch(main, -1); len(buttons) != 3 || buttons[0][1] != "/report/new" || buttons[1][1] != "/needs/new" || buttons[2][1] != "/route/new" {
		t.Errorf("the buttons lead to %q", buttons)
	}
	for heading, want := range map[string]string{
		"Waiting for us":                "can you hear us?",
		"Our figures":                   `href="/record/` + sent.String() + `">11,572<`,
		"Requests that we could answer": `<a href="/help/` + asked.String() + `">` + string(centre) + "</a>: buses: 4,000",
		"Our records on the way":        `href="/record/` + own.String() + `"`,
		"Duty numbers":                  "+38923249100",
	} {
		if said := p.part(heading); !strings.Contains(strings.ReplaceAll(said, "&#43;", "+"), want) {
			t.Errorf("below %q no %q: %s", heading, want, said)
		}
	}
	if said := p.part("Requests that we could answer"); strings.Contains(said, own.String()) {
		t.Errorf("our own request is one that we could answer: %s", said)
	}
	if said := p.part("Our figures"); !strings.Contains(said, `data-l="Age">9 h<`) {
		t.Errorf("a figure without its age: %s", said)
	}

	b.clock.pass(30 * time.Hour)
	b.gate.named("test.later", staff.Officer).get("/").wants(t, []string{"<h1>1 thing is due</h1>", "situation report · Gevgelija</span>", "silent, since 2015-11-10 00:00"}, "No report is due.")
}

// TestCoordinatorReadsOnNowHowItStands (pages.md §1): what phase places are in, how the neighbours' lines are and who of them is
// late, and what closes this week, the soonest first, and nothing behind that.
func TestCoordinatorReadsOnNowHowItStands(t *testing.T) {
	b := meet(t)
	u := b.centre.account(staff.Coordinator)
	request := func(by, what string) string {
		return b.centre.says(centre, "request", "lines.0.line=1", "lines.0.type="+what, "lines.0.quantity=4", "lines.0.unit=pieces", "answer_by="+by, "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record.String()
	}
	later, soon, far := request("2015-11-12T20:00:00Z", "tent"), request("2015-11-10T20:00:00Z", "bus"), request("2015-11-17T20:00:00Z", "blanket")
	alert := b.centre.says(centre, "alert", "place=MK-405", "info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.headline=Snow", "info.0.area.0.areaDesc=Gevgelija", "info.0.expires=2015-11-11T06:00:00-00:00").Record.String()
	b.centre.says(centre, "phase", "place=MK", "phase=response", "reason=many came")
	b.centre.until(func() bool { // what is due is told of a line after the line itself
		said := u.get("/").part("Neighbours")
		return strings.Contains(said, "line up") && !strings.Contains(said, "line cut")
	})
	p := u.get("/")
	if said := p.part("Phases"); !strings.Contains(said, "North Macedonia") || !strings.Contains(said, "response") {
		t.Errorf("the phase board on Now: %s", said)
	}
	if said := p.part("Neighbours"); !strings.Contains(said, "/network/member/"+string(gate)) || !strings.Contains(said, "never heard") {
		t.Errorf("the neighbours: %s", said)
	}
	ends := p.part("Closing this week")
	if a, b := strings.Index(ends, `"/help/`+soon), strings.Index(ends, `"/help/`+later); a < 0 || b < a || strings.Contains(ends, far) || !strings.Contains(ends, alert) {
		t.Errorf("what closes: %s", ends)
	}
	b.network.Line(gate, centre).Cut()
	b.centre.until(func() bool { return strings.Contains(u.get("/").part("Neighbours"), "line cut since") })
	b.centre.says(centre, "note", "text=nobody hears it")
	b.centre.until(func() bool { return regexp.MustCompile(`[0-9]+ waits?`).MatchString(u.get("/").part("Neighbours")) })
}

// TestNowFoldsTheOlderRecordsOfAnIncident: the newest three are read at once; what came before stands on the same page, folded, and
// is never one record alone.
func TestNowFoldsTheOlderRecordsOfAnIncident(t *testing.T) {
	b := meet(t)
	u := b.centre.account(staff.Coordinator)
	opener := b.gate.says(gate, "note", "text=a bus has turned over").Record
	told := func(text string) string {
		b.centre.comes(b.gate.says(gate, "note", "text="+text, "thread="+opener.String()).Record)
		return regexp.MustCompile(`(?s)<section id="g-.*?</section>`).FindString(u.get("/").body)
	}
	told("first")
	told("second")
	if said := told("third"); !strings.Contains(said, "first") || strings.Contains(said, "<details") {
		t.Errorf("of four records some are folded away: %s", said)
	}
	said := told("fourth")
	folded, open, found := strings.Cut(said, "</details>")
	if !found || !strings.Contains(folded, "2 earlier records</summary>") || !strings.Contains(folded, "first") || strings.Contains(folded, "second") || !strings.Contains(open, "second") || !strings.Contains(open, "fourth") {
		t.Errorf("of five records: %s", said)
	}
}

// TestKeeperReadsOnNowHowTheNodeIs (pages.md §1): its lines with backlog, version and clock, its store and backups, what was
// dropped, and the next dates.
func TestKeeperReadsOnNowHowTheNodeIs(t *testing.T) {
	b := meet(t)
	u := b.centre.account(staff.Admin)
	b.centre.until(func() bool { return strings.Contains(u.get("/").part("Lines"), "line up") })
	must(b.centre.node.Desk().Backup(t.Context(), desk.BackupRequest{To: t.TempDir(), Recipients: []string{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}}))(t)
	p := u.get("/")
	for heading, want := range map[string]string{
		"Lines":                `(?s)/network/member/` + string(gate) + `.*line up.*data-l="Waiting">0<.*data-l="Version">vardar.*[0-9]+ ms ahead`,
		"Store and backup":     `(?s)<dt>Records</dt><dd>[1-9].*<dt>Free on the disk</dt><dd>512.0 GiB of 1.0 TiB.*<dt>Last backup</dt><dd>2015-11-09 09:00.*<dt>Last restore test</dt><dd><span class="pill late">none was made`,
		"Dropped, gaps, forks": `(?s)<b>0</b> dropped.*<b>0</b> gaps.*<b>0</b> forks`,
		"Next dates":           `(?s)Charter, version 1, ends.*node key of ` + string(centre),
		"Accounts":             `1 account · active: 1`,
	} {
		if said := p.part(heading); !regexp.MustCompile(want).MatchString(said) {
			t.Errorf("below %q no %q: %s", heading, want, said)
		}
	}
}
