package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
)

// TestKeeperReadsNothingOfWhatRecordsSay: who keeps the machine sees how it is, and on no
// page what a record says that is not for everybody.
func TestKeeperReadsNothingOfWhatRecordsSay(t *testing.T) {
	b := meet(t)
	alert := b.centre.warns("Secret headline")
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=31337", "summary=secret summary")
	b.centre.says(centre, "note", "incident="+alert.Record.String(), "text=secret note", "acknowledge=true")
	b.centre.says(centre, "capacity", "items.0.type=bed_place", "items.0.unit=places", "items.0.total=27182", "place=MK-405")
	keeper, reader := b.centre.account(staff.Admin), b.centre.account(staff.Coordinator)
	seen := func(u *browser) (said string) {
		for _, row := range staff.Pages() {
			method, path, _ := strings.Cut(row.Route, " ")
			if method != http.MethodGet || strings.HasPrefix(path, "/static") || path == "/live" || path == "/ring" {
				continue
			}
			path = strings.NewReplacer("{$}", "", "{institution}", string(centre), "{position}", alert.Record.Position.String(), "{code}", "MK-405", "{id}", string(centre)).Replace(path)
			said += u.get(path).body
		}
		return said
	}
	all, little := seen(reader), seen(keeper)
	for _, secret := range []string{"Secret headline", "31337", "secret note", "27,182"} {
		if !strings.Contains(all, secret) && !strings.Contains(all, strings.ReplaceAll(secret, ",", "")) {
			t.Errorf("a coordinator never reads %q", secret)
		}
		if strings.Contains(little, secret) || strings.Contains(little, strings.ReplaceAll(secret, ",", "")) {
			t.Errorf("who keeps the machine reads %q", secret)
		}
	}
	b.centre.until(func() bool { return strings.Contains(keeper.get("/").body, "there was never a backup") })
	keeper.get("/").wants(t, []string{"Next dates", "node key of " + string(centre), "2 accounts", "none was made", string(gate)}, "Report</a>")
	keeper.get("/node").wants(t, []string{"Looked at", ">charter<", ">gap<", "it is in force", "Charter, version 1, ends"}, ":00Z")
	keeper.get("/network/links").wants(t, []string{"We send to " + string(gate) + ": all topics of all regions, with bodies up to TLP:AMBER, those of others up to TLP:GREEN."})
	keeper.language = "mk"
	keeper.get("/network/links").wants(t, []string{"Ѝ испраќаме на " + string(gate) + ": сите теми на сите региони, со содржини до TLP:AMBER, а туѓи до TLP:GREEN."}, "We send", "sends us", "all topics")
	keeper.language = ""
	keeper.get("/network/dropped").wants(t, []string{"Nothing was dropped", "All is here", "No feed is forked"})
	b.centre.account(staff.Auditor).get("/").wants(t, []string{"chose a password", "the newest first"})
}

// TestCoordinatorSeesWhatIsNewByIncidentTheGravestFirst, until they say that they have.
func TestCoordinatorSeesWhatIsNewByIncidentTheGravestFirst(t *testing.T) {
	b := meet(t)
	u := b.centre.account(staff.Coordinator)
	b.centre.until(func() bool { return strings.Contains(u.get("/").body, "<b>2</b> overdue") }) // what the gate promises comes over the line
	u.get("/").wants(t, []string{"Nothing new", "<b>2</b> overdue", "<b>0</b> requests unmet", "<b>0</b> contradictions", "<b>0</b> waiting for us"})
	b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=10", "summary=quiet")
	alert := b.centre.warns("Many may come")
	b.gate.comes(alert.Record)
	request := b.gate.says(gate, "request", "incident="+alert.Record.String(), "to.0="+string(centre), "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	note := b.gate.says(gate, "note", "thread="+request.Record.String(), "text=can you hear us", "acknowledge=true")
	b.centre.comes(request.Record) // of another feed than the note: either may come first
	b.centre.comes(note.Record)
	b.centre.until(func() bool { return strings.Contains(u.get("/").body, "<b>1</b> request unmet") }) // what has come may not be in the picture yet
	p := u.get("/")
	p.wants(t, []string{"4 new records", "<b>1</b> request unmet", "<b>2</b> waiting for us", "can you hear us", "Asked of us, and not answered", "2015-11-09 20:00", `<a href="/incident/` + alert.Record.String() + `/brief">Brief for print</a>`, "Of no municipality enough is known.", "Not enough data: 2"})
	grave, apart := strings.Index(p.body, `href="/incident/`+alert.Record.String()+`"`), strings.Index(p.body, "Outside any incident")
	if grave < 0 || apart < grave || strings.Index(p.body, "can you hear us") > apart {
		t.Errorf("the note of the incident stands outside it, or the gravest is not first:\n%s", p.body)
	}
	if forged := u.post("/acknowledge/"+note.Record.String(), url.Values{"as": {string(gate)}}); forged.status != http.StatusForbidden {
		t.Errorf("read in the name of another: %d", forged.status)
	}
	u.post("/acknowledge/"+note.Record.String(), url.Values{"as": {string(centre)}}).wants(t, []string{"<b>1</b> waiting for us"}, `action="/acknowledge/`)
	must(b.centre.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: request.Record.String(), Step: "commit"}))(t)
	u.get("/").wants(t, []string{"<b>0</b> requests unmet", "<b>0</b> waiting for us"})
	at := regexp.MustCompile(`name="at" value="([^"]+)"`).FindStringSubmatch(p.body)
	if at == nil {
		t.Fatalf("nothing to press:\n%s", p.body)
	}
	b.clock.pass(time.Minute)
	later := b.centre.says(centre, "note", "text=one more")
	if p = u.post("/looked", url.Values{"at": {at[1]}}); p.path != "/" {
		t.Errorf("I have seen all: %d %s", p.status, p.body)
	}
	p.wants(t, []string{"1 new record", later.Record.String()}, "4 new records", "Many may come</a></h2>")
	if p = u.post("/looked", url.Values{"at": {"2030-01-01T00:00:00.000Z"}}); p.status != http.StatusBadRequest {
		t.Errorf("the future was seen: %d", p.status)
	}
	b.clock.pass(9 * 24 * time.Hour)
	if p = u.post("/enter", url.Values{"name": {"test.coordinator"}, "password": {password}}); p.path != "/" {
		t.Fatalf("log in: %d %s", p.status, p.body)
	}
	u.get("/").wants(t, []string{"<b>3</b> overdue"})
	u.get("/situation/reporting").wants(t, []string{"silent"})
}

// TestAnswerThatIsDueIsRemindedOnce, two hours before its time, and no more once it is given; a
// request that gives an hour is reminded of behind half of it.
func TestAnswerThatIsDueIsRemindedOnce(t *testing.T) {
	b := meet(t)
	asks := func(by, what string) protocol.Name {
		return b.gate.says(gate, "request", "to.0="+string(centre), "lines.0.line=1", "lines.0.type="+what, "lines.0.quantity=4", "lines.0.unit=buses", "answer_by="+by, "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk").Record
	}
	reminded := func(n protocol.Name) (times int, over bool) {
		for _, w := range b.centre.node.Desk().Duty(t.Context(), protocol.Amber).Wakings {
			for i := range w.Events {
				if w.Events[i].Kind == duty.AnswerDue && w.Events[i].Record == n {
					times, over = times+1, over || w.Ended != 0
				}
			}
		}
		return times, over
	}
	looks := func() { b.centre.says(centre, "note", "text=something happens, so that duty looks") }
	long := asks("2015-11-09T20:00:00Z", "bus")
	b.centre.comes(long)
	b.clock.pass(8*time.Hour + 59*time.Minute)
	short := asks("2015-11-09T18:59:00Z", "bus")
	b.centre.comes(short)
	looks()
	b.clock.pass(time.Minute)
	looks()
	b.centre.until(func() bool { n, _ := reminded(long); return n == 1 })
	if n, _ := reminded(short); n != 0 {
		t.Fatalf("reminded %d times of what was asked a minute ago", n)
	}
	must(b.centre.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: long.String(), Step: "decline", Reason: "none"}))(t)
	b.clock.pass(10 * time.Second)
	looks()
	b.centre.until(func() bool { _, over := reminded(long); return over })
	b.clock.pass(time.Hour)
	looks()
	b.centre.until(func() bool { n, _ := reminded(short); return n == 1 })
	b.clock.pass(2 * time.Hour)
	looks()
	b.centre.until(func() bool { n, _ := reminded(short); return n == 1 })
	if n, _ := reminded(long); n != 1 {
		t.Errorf("reminded %d times of what was answered", n)
	}
}

// TestContradictionStandsWithBothVoices, and neither is believed.
func TestContradictionStandsWithBothVoices(t *testing.T) {
	b := meet(t)
	side := func(s *site, as protocol.InstitutionID, state string) desk.Published {
		return s.says(as, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state="+state, "place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z")
	}
	side(b.centre, centre, "open")
	other := side(b.gate, gate, "closed")
	b.centre.comes(other.Record)
	u := b.centre.account(staff.Coordinator)
	u.get("/").wants(t, []string{`href="/situation/contradictions"><b>1</b>`})
	p := u.get("/situation/contradictions")
	p.wants(t, []string{"Bogorodica", "They differ in the state", string(centre), string(gate), ">open<", ">closed<"})
	golden(t, "contradictions", p)
	u.get("/situation/routes").wants(t, []string{"the two sides disagree"})
}

// TestPostIsHandedOver: what happened since, what is open, and what the one before said.
func TestPostIsHandedOver(t *testing.T) {
	b := meet(t)
	u := b.gate.account(staff.Officer)
	u.get("/handover").wants(t, []string{"Nobody has taken over yet", "Nothing has happened since"})
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	u.get("/handover").wants(t, []string{"arrivals 960"})
	b.clock.pass(time.Minute)
	p := u.post("/handover", url.Values{"note": {"the bus driver <b>waits</b> at the gate"}})
	if p.path != "/handover" {
		t.Fatalf("take over: %d %s", p.status, p.body)
	}
	p.wants(t, []string{"test.officer took over at 2015-11-09 09:01", "the bus driver &lt;b&gt;waits&lt;/b&gt; at the gate", "Nothing has happened since"})
	if p = u.post("/handover", url.Values{"note": {strings.Repeat("x", staff.MaxHandoverNote+1)}}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "longer than 4 KiB") {
		t.Errorf("a long note: %d", p.status)
	}
	l := must(b.gate.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "take-over"}))(t)
	if rows, _ := l.Rows.([]desk.AuditRow); len(rows) != 2 || rows[1].Who != "test.officer" || rows[1].As != gate || strings.Contains(rows[1].On, "driver") {
		t.Errorf("noted: %+v", rows)
	}
}

// TestOfficerOfSeveralActsForOneOfThem, and for no other.
func TestOfficerOfSeveralActsForOneOfThem(t *testing.T) {
	b := meet(t)
	done := must(b.gate.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "duty.both", Role: staff.Officer, Institutions: []protocol.InstitutionID{gate, river}}))(t)
	u := b.gate.browser()
	u.post("/word", url.Values{"name": {"duty.both"}, "word": {done.Word}, "password": {password}}).wants(t, []string{"The password is chosen"})
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	u.get("/").wants(t, []string{"<option selected>" + string(gate), "<option>" + string(river), ">960<"})
	if p := u.post("/as", url.Values{"institution": {string(river)}}); p.path != "/" {
		t.Fatalf("act for another: %d %s", p.status, p.body)
	}
	u.get("/").wants(t, []string{"<option selected>" + string(river)}, ">960<")
	form := u.form("/report/new")
	form.Set("place", "MK-405")
	form.Set("figures.arrivals", "12")
	if p := u.post("/report/new", form); p.path != "/record/"+string(river)+"/situation.1.1" {
		t.Errorf("published: %d %s\n%s", p.status, p.path, p.body)
	}
	if p := u.post("/as", url.Values{"institution": {string(centre)}}); p.status != http.StatusForbidden {
		t.Errorf("it acts for an institution that is not its own: %d", p.status)
	}
	one := b.gate.account(staff.Officer) // of the first alone
	if p := one.post("/as", url.Values{"institution": {string(river)}}); p.status != http.StatusForbidden {
		t.Errorf("an officer of one acts for another that this node hosts: %d", p.status)
	}
	one.get("/").wants(t, []string{`<span class="who">` + string(gate)}, "<option>", "<option selected>")
}

// TestChangeThatStandsOutIsShownWhereItIsWanted: the alert that the rule proposes stands among
// the alerts, on Now, in the handover of who may send it, and on the page of its place.
func TestChangeThatStandsOutIsShownWhereItIsWanted(t *testing.T) {
	s := open(t)
	for day := range 15 {
		n := 5000
		if day == 14 {
			n = 100
		}
		at := time.Date(2015, time.October, 25+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
		must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Set: []string{"place=MK", "period=" + at, fmt.Sprintf("figures.arrivals=%d", n)}}))(t)
	}
	u := s.account(staff.Coordinator)
	shown := []string{"/", "/situation/alerts", "/handover", "/place/MK"}
	for _, path := range shown {
		u.get(path).wants(t, []string{"5,000 → 100"})
	}
	s.until(func() bool { return len(s.node.Desk().Duty(t.Context(), protocol.Amber).Wakings) == 1 })
	u.language = "mk" // whom it wakes reads it in the language of the page
	u.get("/duty").wants(t, []string{"пристигнати, Северна Македонија: од 5.000 на 100"}, "arrivals at", "North Macedonia: ")
	inLetter := must(web.Lines(s.node.Desk, "mk"))(t)
	if said := inLetter(&s.node.Desk().Duty(t.Context(), protocol.Amber).Wakings[0].Events[0]); said != "пристигнати, Северна Македонија: од 5.000 на 100" {
		t.Errorf("in a letter: %q", said)
	}
	u.language = "en"
	record := regexp.MustCompile(`name="record" value="([^"]+)"`).FindStringSubmatch(u.get("/situation/alerts").body)
	if record == nil {
		t.Fatal("nothing to dismiss it by")
	}
	if p := u.post("/situation/alerts/dismiss", url.Values{"record": {record[1]}}); p.path != "/situation/alerts" {
		t.Errorf("dismissed: %d %s\n%s", p.status, p.path, p.body)
	}
	for _, path := range shown {
		u.get(path).wants(t, nil, "5,000 → 100")
	}
}

// TestKeeperReadsOneVerdictOnNowAndOnTheNodePage: what the doctor found is no secret of its
// page, and what only wants to be looked at is neither well nor broken.
func TestKeeperReadsOneVerdictOnNowAndOnTheNodePage(t *testing.T) {
	s := open(t)
	u := s.account(staff.Admin)
	both := func(class, said string) {
		t.Helper()
		for _, path := range []string{"/", "/node"} {
			u.get(path).wants(t, []string{`<span class="pill ` + class + `">` + said + `</span>`}, "All is well")
		}
		if got := must(s.node.Status(t.Context()))(t).Verdict; got.Said != said {
			t.Errorf("the command line says %q, the pages %q", got.Said, said)
		}
	}
	both("watch", "there was never a backup")
	must(s.node.Desk().Backup(t.Context(), desk.BackupRequest{To: t.TempDir(), Recipients: []string{"age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}}))(t)
	both("watch", "no backup was ever opened")
	ok(t, os.Chmod(filepath.Join(s.options.Dir, "keys"), 0o755))
	u.get("/node").wants(t, []string{`<span class="pill watch">keys</span>`})
	u.get("/").wants(t, []string{`<span class="pill watch">keys</span>`})
}

// TestManyNotesAreFoldedToTheNewestOfEachThread: all of them wait, and each can be acknowledged;
// seven stand on the page unfolded, and no thread twice.
func TestManyNotesAreFoldedToTheNewestOfEachThread(t *testing.T) {
	b := meet(t)
	alert := b.centre.warns("Many may come")
	b.gate.comes(alert.Record)
	var last desk.Published
	for i := range 10 {
		set := []string{fmt.Sprintf("text=question %d?", i), "acknowledge=true"}
		if i >= 8 {
			set = append(set, "incident="+alert.Record.String())
		}
		last = b.gate.says(gate, "note", set...)
	}
	b.centre.comes(last.Record)
	p := b.centre.account(staff.Coordinator).get("/")
	p.wants(t, []string{"<b>10</b> waiting for us", "and 3 more</summary>"})
	before, folded, _ := strings.Cut(p.body, `<details class="more" id="unread-more">`)
	shown := regexp.MustCompile(`action="/acknowledge/`)
	if n, m := len(shown.FindAllString(before, -1)), len(shown.FindAllString(folded, -1)); n != 7 || m != 3 {
		t.Errorf("%d notes are shown and %d folded away, want 7 and 3:\n%s", n, m, p.body)
	}
	_, waiting, _ := strings.Cut(before, `id="waiting"`)
	if !strings.Contains(waiting, "question 9?") || strings.Contains(waiting, "question 8?") || !strings.Contains(folded, "question 8?") || !strings.Contains(folded, "question 0?") {
		t.Errorf("of a thread the newest is shown:\n%s", p.body)
	}
}

// TestPageThatDoesNotOpenAsksForNothing: what is forbidden, or nowhere, does not open when something
// is new, and would be refused again each time.
func TestPageThatDoesNotOpenAsksForNothing(t *testing.T) {
	u := meet(t).centre.account(staff.Officer)
	for path, asks := range map[string]bool{"/situation": true, "/node": false, "/no/such/page": false} {
		if p := u.get(path); strings.Contains(p.body, `hx-get="`+path) != asks {
			t.Errorf("%s, answered %d, asks for itself: %t, want %t", path, p.status, !asks, asks)
		}
	}
}
