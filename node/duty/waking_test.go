package duty_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// shortly is longer than a waking waits for what comes with it.
const shortly = 10 * time.Second

// only gives the one text that was sent.
func only[T any](t *testing.T, all []T) T {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d were sent, want 1: %v", len(all), all)
	}
	return all[0]
}

// TestMailGoesOverARealServerOnce: by STARTTLS and with a log-in; what the server puts off is
// tried again, under the same ID, and once it has taken it never.
func TestMailGoesOverARealServerOnce(t *testing.T) {
	s := startMail(t)
	p := open(t, s.config()+"pages: https://node.example.org\nways: {post: {mail: [duty@example.org]}}\nrules: [{name: grave, kinds: [alert], wake: [post]}]\n")
	s.refuse(true)
	p.warns("Severe", "Many may come")
	p.step()
	p.passes(shortly)
	if n := len(s.mails()); n != 0 {
		t.Fatalf("%d mails were taken by a server that takes none", n)
	}
	if c := p.duty.Counts(); c.Failed != 1 || c.Sent != 0 {
		t.Errorf("counted %+v", c)
	}
	p.step() // it is not time yet
	if c := p.duty.Counts(); c.Failed != 1 {
		t.Errorf("tried again at once: %+v", c)
	}
	s.refuse(false)
	for range 5 {
		p.passes(time.Minute)
	}
	m := only(t, s.mails())
	text := string(must(io.ReadAll(m.Body))(t))
	if got := m.Header.Get("Subject"); got != "alert, severe: Many may come" {
		t.Errorf("subject %q", got)
	}
	if m.Header.Get("To") != "<duty@example.org>" || m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(m.Header.Get("Message-Id"), ".0@"+string(town)+">") {
		t.Errorf("header %v", m.Header)
	}
	for _, want := range []string{"vardar duty seen 1", "https://node.example.org/duty", string(centre) + "/alert.1.1"} {
		if !strings.Contains(strings.ReplaceAll(text, "=\r\n", ""), want) {
			t.Errorf("the mail lacks %q:\n%s", want, text)
		}
	}
	about := " " + string(centre) + "/alert.1.1"
	want := []string{"wake done" + about, "wake-message failed" + about, "wake-message done" + about}
	if got := p.acts(); !slices.Equal(got, want) {
		t.Errorf("noted %q, want %q", got, want)
	}
}

// TestHeadlineOfManyLinesIsOneSubject: who writes an alert adds nobody to those who get the mail.
func TestHeadlineOfManyLinesIsOneSubject(t *testing.T) {
	s := startMail(t)
	p := open(t, s.config()+"ways: {post: {mail: [duty@example.org]}}\nrules: [{name: grave, kinds: [alert], wake: [post]}]\n")
	p.warns("Severe", "Many\r\nBcc: spy@example.com\r\n\r\nmay come")
	p.step()
	p.passes(shortly)
	m := only(t, s.mails())
	if len(m.Header["Bcc"]) != 0 || !strings.Contains(m.Header.Get("Subject"), "spy@example.com") || strings.ContainsAny(m.Header.Get("Subject"), "\r\n") {
		t.Errorf("header %v", m.Header)
	}
}

// TestRestartNeitherLosesNorRepeats: what was sent is not sent again, what was not is.
func TestRestartNeitherLosesNorRepeats(t *testing.T) {
	way, sent := phone(t, "first")
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: grave, kinds: [alert], wake: [phone]}]\n")
	p.warns("Severe", "Many may come")
	p.passes(0)
	p.restart() // before its time has come
	p.passes(shortly)
	only(t, sent())
	p.restart()
	for range 10 {
		p.passes(10 * time.Minute)
	}
	only(t, sent())
	p.warns("Severe", "Many more")
	p.restart() // nobody has read the news yet
	p.step()
	p.passes(shortly)
	if got := sent(); len(got) != 2 || !strings.Contains(got[1], "Many more") {
		t.Errorf("sent %q", got)
	}
}

// TestDeputyIsWokenIfNobodyHasSeenIt, over a restart, and once.
func TestDeputyIsWokenIfNobodyHasSeenIt(t *testing.T) {
	way, sent := phone(t, "first")
	second := strings.Replace(way, "first", "deputy", 1)
	rules := "zone: Europe/Skopje\nways: {phone: " + way + ", deputy: " + second + "}\nrules: [{name: grave, kinds: [alert], wake: [phone], deputy: [deputy], after: 15m}]\n"
	p := open(t, rules)
	p.warns("Severe", "Many may come")
	p.passes(0)
	p.passes(shortly)
	if got := only(t, sent()); !strings.HasPrefix(got, "first\n") || !strings.Contains(got, "15:15") {
		t.Errorf("sent %q", got)
	}
	p.restart()
	p.passes(14 * time.Minute)
	only(t, sent())
	p.passes(2 * time.Minute)
	if got := sent(); len(got) != 2 || !strings.HasPrefix(got[1], "deputy\n") {
		t.Fatalf("sent %q, want the deputy to be woken", got)
	}
	p.restart()
	p.passes(time.Hour)
	if got := sent(); len(got) != 2 {
		t.Errorf("woken again: %q", got)
	}

	p.warns("Severe", "A second time")
	p.passes(0)
	p.passes(shortly)
	w := p.duty.Wakings()[0]
	seen := func(who string) duty.Waking {
		t.Helper()
		got, _, err := p.duty.Seen(t.Context(), w.ID, who)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := seen("duty.officer"); got.SeenBy != "duty.officer" || got.Seen == 0 {
		t.Errorf("seen: %+v", got)
	}
	if got := seen("somebody.else"); got.SeenBy != "duty.officer" {
		t.Errorf("seen a second time: %+v", got)
	}
	p.restart()
	p.passes(time.Hour)
	if got := sent(); len(got) != 3 {
		t.Errorf("the deputy was woken of what was seen: %q", got)
	}
	if _, _, err := p.duty.Seen(t.Context(), 99, "duty.officer"); err == nil {
		t.Error("a waking that is not there was seen")
	}
}

// TestActOnAWakingNamesAlsoTheRecordsThatItOnlyCounts: those beyond the twenty that are told, also on a node that was ended since; and
// no more of them once it was seen.
func TestActOnAWakingNamesAlsoTheRecordsThatItOnlyCounts(t *testing.T) {
	way, _ := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: grave, kinds: [alert], wake: [phone]}]\n")
	var all []string
	for range 30 {
		all = append(all, p.warns("Severe", "The river rises").Record.String())
	}
	p.step()
	p.passes(shortly)
	p.restart()
	if w := only(t, p.duty.Wakings()); len(w.Events) != 20 || w.More != 10 {
		t.Fatalf("it names %d and counts %d", len(w.Events), w.More)
	}
	for _, line := range p.acts() {
		for _, n := range all {
			if strings.HasPrefix(line, "wake") && !slices.Contains(strings.Fields(line), n) {
				t.Errorf("%s is not in %q", n, line)
			}
		}
	}
	if _, about, err := p.duty.Seen(t.Context(), 1, "duty.officer"); err != nil || len(about) != len(all) {
		t.Errorf("%d records were seen, want %d: %v", len(about), len(all), err)
	}
	p.warns("Severe", "The river falls")
	p.step()
	if _, about, err := p.duty.Seen(t.Context(), 1, "duty.officer"); err != nil || len(about) != 20 {
		t.Errorf("%d records are kept of what was seen: %v", len(about), err)
	}
}

// TestQuietHoursHoldBackAllButWhatIsGrave: what they held comes as one message when they end,
// without what is over by then.
func TestQuietHoursHoldBackAllButWhatIsGrave(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "zone: Europe/Skopje\nways: {phone: "+way+"}\nrules: [{name: grave, kinds: [alert], wake: [phone], quiet: {from: \"22:00\", to: \"06:00\", unless: Extreme}}]\n")
	p.passes(8 * time.Hour) // eleven in the evening in Skopje
	p.warns("Severe", "Two buses")
	over := p.warns("Moderate", "Three buses")
	p.warns("Minor", "Four buses")
	p.passes(0)
	p.passes(2 * time.Hour)
	if got := sent(); len(got) != 0 {
		t.Fatalf("woken at night: %q", got)
	}
	p.warns("Extreme", "The bridge is down")
	p.passes(0)
	p.passes(shortly)
	if got := only(t, sent()); !strings.Contains(got, "The bridge is down") || strings.Contains(got, "buses") {
		t.Errorf("sent %q", got)
	}
	p.news.over[over.Digest] = true
	p.restart()
	p.passes(4*time.Hour + 50*time.Minute) // ten to six
	only(t, sent())
	p.passes(15 * time.Minute)
	got := sent()
	if len(got) != 2 || !strings.Contains(got[1], "2 things") || !strings.Contains(got[1], "Two buses") || strings.Contains(got[1], "Three") || !strings.Contains(got[1], "Four") {
		t.Errorf("sent %q", got)
	}
}

// TestCatchUpIsNoStorm: what is over goes to the log alone, the rest is one message.
func TestCatchUpIsNoStorm(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: all, kinds: [alert, note], wake: [phone]}]\n")
	now := protocol.InstantOf(p.clock.Now())
	day := protocol.Instant(24 * time.Hour / time.Millisecond)
	for range 200 {
		p.news.happens(duty.Event{Kind: "alert", Institution: centre, Severity: "Extreme", Said: "over", Written: now - 2*day, Accepted: now, Ends: now - day})
		p.news.happens(duty.Event{Kind: "note", Institution: centre, Said: "old", Written: now - day, Accepted: now})
	}
	for range 30 {
		p.warns("Minor", "small")
	}
	p.warns("Extreme", "The bridge is down")
	p.passes(0)
	for range 20 {
		p.passes(shortly)
	}
	got := only(t, sent())
	if !strings.HasPrefix(got, "\n31 things: alert, extreme: The bridge is down\n") || strings.Contains(got, "old") || strings.Contains(got, "over") || !strings.Contains(got, "and 11 more") {
		t.Errorf("sent %q", got)
	}
	if c := p.duty.Counts(); c.Expired != 400 || c.Wakings != 1 {
		t.Errorf("counted %+v", c)
	}
	// What comes one behind the other is no storm either: the second waits.
	for range 6 {
		p.warns("Minor", "another")
		p.passes(shortly)
	}
	p.passes(2 * time.Minute)
	if got := sent(); len(got) > 3 {
		t.Errorf("%d messages, want them gathered: %q", len(got), got)
	}
}

// TestWhatIsGraveWaitsBehindNothingLesser: a severe alert is told at once behind a report, and takes along what waited; a second one
// behind it waits, an extreme one does not.
func TestWhatIsGraveWaitsBehindNothingLesser(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: all, kinds: [alert], wake: [phone]}]\n")
	told := func(want int, severity body.Severity, said string) {
		t.Helper()
		p.warns(severity, said)
		p.passes(0)
		p.passes(shortly)
		if got := sent(); len(got) != want {
			t.Fatalf("behind %s: %d messages, want %d: %q", said, len(got), want, got)
		}
	}
	told(1, "Minor", "one bus")
	told(1, "Moderate", "two buses")
	told(2, "Severe", "the river rises")
	if got := sent()[1]; !strings.Contains(got, "the river rises") || !strings.Contains(got, "two buses") {
		t.Errorf("sent %q", got)
	}
	told(2, "Severe", "the river still rises")
	told(2, "Minor", "three buses")
	told(3, "Extreme", "the bridge is down")
	p.passes(2 * time.Minute)
	told(4, "Minor", "four buses")
}

// TestCatchUpOfWhatWakesNobodyLooksForNoChanges: a change is looked for when the line has brought
// all there is, also if nobody is woken by what it brings.
func TestCatchUpOfWhatWakesNobodyLooksForNoChanges(t *testing.T) {
	p := open(t, "rules: [{name: r, kinds: [change]}]\n")
	p.news.changes = []duty.Event{{Kind: duty.Change, Institution: centre, Said: "arrivals went from 6532 to 960", Written: protocol.InstantOf(p.clock.Now())}}
	for range 300 {
		p.news.happens(duty.Event{Kind: "note", Institution: centre, Written: protocol.InstantOf(p.clock.Now())})
	}
	p.step()
	if got := p.duty.Wakings(); len(got) != 0 {
		t.Errorf("in a catch-up: %d wakings", len(got))
	}
	p.step()
	if got := p.duty.Wakings(); len(got) != 1 {
		t.Errorf("behind it: %d wakings, want 1", len(got))
	}
}

// TestExerciseSaysSoFirst, in every way that something is told.
func TestExerciseSaysSoFirst(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: all, kinds: [alert], wake: [phone], exercises: true}]\n")
	e := p.warns("Severe", "Many may come")
	e.Exercise = true
	p.news.events[0] = e
	p.warns("Severe", "A real one")
	p.passes(0)
	p.passes(3 * time.Minute)
	p.passes(3 * time.Minute)
	got := sent()
	slices.Sort(got)
	if len(got) != 2 || !strings.HasPrefix(got[0], "\nEXERCISE – alert, severe: Many may come\n") || !strings.HasPrefix(got[1], "\nalert, severe: A real one\n") {
		t.Errorf("sent %q: an exercise says so first, and is told apart", got)
	}
}

// TestExerciseWakesNobodyWhoDidNotAskForIt, and what is real wakes all the same.
func TestExerciseWakesNobodyWhoDidNotAskForIt(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: all, kinds: [alert], wake: [phone]}]\n")
	e := p.warns("Severe", "Only played")
	e.Exercise = true
	p.news.events[0] = e
	p.warns("Severe", "A real one")
	p.passes(0)
	p.passes(3 * time.Minute)
	p.passes(3 * time.Minute)
	if got := sent(); len(got) != 1 || !strings.HasPrefix(got[0], "\nalert, severe: A real one\n") {
		t.Errorf("sent %q, want the real one alone", got)
	}
}

// TestRuleChoosesByKindPlaceAndSeverity, and by whom it is for; of own records alerts alone wake.
func TestRuleChoosesByKindPlaceAndSeverity(t *testing.T) {
	own := func(e *duty.Event) { e.Own, e.Kind, e.Institution = true, "report", town }
	asked := func(e *duty.Event) { e.Kind, e.To = duty.AnswerDue, []protocol.InstitutionID{town} }
	signs := func(e *duty.Event) { e.Kind, e.Own, e.To = duty.SignatureDue, true, []protocol.InstitutionID{town} }
	tests := []struct {
		name string
		rule string
		with func(*duty.Event)
		want int
	}{
		{"all fits", "kinds: [alert], places: [MK], severity: Severe", func(*duty.Event) {}, 1},
		{"graver", "kinds: [alert], severity: Severe", func(e *duty.Event) { e.Severity = "Extreme" }, 1},
		{"less grave", "kinds: [alert], severity: Severe", func(e *duty.Event) { e.Severity = "Moderate" }, 0},
		{"of no severity", "kinds: [alert], severity: Severe", func(e *duty.Event) { e.Severity = "" }, 0},
		{"elsewhere", "kinds: [alert], places: [RS]", func(*duty.Event) {}, 0},
		{"another kind", "kinds: [request]", func(*duty.Event) {}, 0},
		{"an own alert", "kinds: [alert]", func(e *duty.Event) { e.Own = true }, 1},
		{"an own record", "kinds: [report]", own, 0},
		{"an own record, for its author", "kinds: [report], for: [" + string(town) + "]", own, 0},
		{"of another institution of the node", "kinds: [report], for: [" + string(centre) + "]", own, 1},
		{"what waits for another", "kinds: [answer_due], for: [" + string(centre) + "]", asked, 0},
		{"what waits for them", "kinds: [answer_due], for: [" + string(town) + "]", asked, 1},
		{"what waits for one, for all", "kinds: [answer_due]", asked, 1},
		{"a signature for another", "kinds: [signature_due], for: [" + string(centre) + "]", signs, 0},
		{"a signature for them, of an own plan", "kinds: [signature_due], for: [" + string(town) + "]", signs, 1},
		{"a test", "kinds: [alert]", func(e *duty.Event) { e.Idle = true }, 0},
		{"beyond competence", "kinds: [alert]", func(e *duty.Event) { e.Idle, e.Beyond = true, "beyond competence" }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, "rules: [{name: r, "+tt.rule+"}]\n")
			e := p.warns("Severe", "Many may come")
			tt.with(&e)
			p.news.events[0] = e
			p.step()
			if got := len(p.duty.Wakings()); got != tt.want {
				t.Errorf("%d wakings, want %d", got, tt.want)
			}
		})
	}
}

// TestWhatIsBeyondCompetenceGoesToTheLogWithTheReason, once for each rule that it would have
// rung by; a test does not.
func TestWhatIsBeyondCompetenceGoesToTheLogWithTheReason(t *testing.T) {
	p := open(t, "rules: [{name: night, kinds: [alert]}, {name: away, kinds: [alert], places: [RS]}]\n")
	for _, why := range []string{"beyond competence: it is a town", ""} {
		e := p.warns("Extreme", "Run")
		e.Idle, e.Beyond = true, why
		p.news.events[len(p.news.events)-1] = e
	}
	p.step()
	p.passes(time.Minute)
	if got := p.duty.Wakings(); len(got) != 0 {
		t.Errorf("woken: %+v", got)
	}
	said := strings.Count(p.said.String(), "nobody was woken")
	if said != 1 || !strings.Contains(p.said.String(), `rule=night record=`+string(centre)) || !strings.Contains(p.said.String(), `why="beyond competence: it is a town"`) {
		t.Errorf("the log says %s", p.said.String())
	}
}

// TestChangeIsToldOnce, whichever record of its cause it is found in, and not again behind a
// restart; one that was proposed before anybody was to be woken is none.
func TestChangeIsToldOnce(t *testing.T) {
	p := open(t, "rules: [{name: r, kinds: [change]}]\n")
	name := func(n uint32) protocol.Name {
		return protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: n}}
	}
	change := duty.Event{Kind: duty.Change, Institution: centre, Handling: protocol.Green, Record: name(2), Digest: protocol.DigestOf([]byte("2")), Said: "arrivals went from 6532 to 960", Written: protocol.InstantOf(p.clock.Now())}
	p.news.changes = []duty.Event{change}
	p.step()
	if got := len(p.duty.Wakings()); got != 1 {
		t.Fatalf("%d wakings, want 1", got)
	}
	change.Record, change.Digest, change.Also = name(1), protocol.DigestOf([]byte("1")), []protocol.Name{name(2)} // an earlier one came late
	p.news.changes = []duty.Event{change}
	p.restart()
	p.step()
	p.restart()
	p.step()
	if got := p.duty.Wakings(); len(got) != 1 {
		t.Errorf("%d wakings of one change", len(got))
	}
}

// TestWhatIsLimitedIsNotWrittenIntoMessages: they leave the node by ways that are not its own.
func TestWhatIsLimitedIsNotWrittenIntoMessages(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: r, kinds: [alert], wake: [phone]}]\n")
	e := p.warns("Severe", "where the convoy is")
	e.Handling = protocol.Amber
	p.news.events[0] = e
	p.passes(0)
	p.passes(shortly)
	if got := only(t, sent()); strings.Contains(got, "convoy") || !strings.Contains(got, "TLP:AMBER") {
		t.Errorf("sent %q", got)
	}
}

// TestCommandThatFailsIsSaidInBounds, and given up at last.
func TestCommandThatFailsIsSaidInBounds(t *testing.T) {
	way, _ := phone(t, "fail")
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: r, kinds: [alert], wake: [phone]}]\n")
	p.warns("Severe", "Many may come")
	p.passes(0)
	p.passes(shortly)
	m := only(t, p.duty.Wakings()[0].Messages)
	if m.Sent != 0 || !strings.Contains(m.Error, "no modem") || len(m.Error) > 2048 {
		t.Errorf("%d bytes: %.100q", len(m.Error), m.Error)
	}
	for range 60 {
		p.passes(10 * time.Minute)
	}
	m = only(t, p.duty.Wakings()[0].Messages)
	if m.Failed == 0 || m.Tries < 10 || m.Tries > 60 {
		t.Errorf("after ten hours: %+v", m)
	}
}

func TestQuietHoursByTheClockOnTheWall(t *testing.T) {
	q := duty.Quiet{From: "22:00", To: "06:00", Unless: body.Severity("Extreme")}
	zone := must(time.LoadLocation("Europe/Skopje"))(t)
	ok(t, duty.SettleQuiet(&q, zone))
	day := duty.Quiet{From: "12:00", To: "13:30", Zone: "Europe/Athens"}
	ok(t, duty.SettleQuiet(&day, zone))
	at := func(text string) time.Time { return must(time.Parse(time.RFC3339, text))(t) }
	tests := []struct {
		q          *duty.Quiet
		now, until string
	}{
		{&q, "2015-11-09T21:59:59+01:00", ""},
		{&q, "2015-11-09T22:00:00+01:00", "2015-11-10T06:00:00+01:00"},
		{&q, "2015-11-10T05:59:59+01:00", "2015-11-10T06:00:00+01:00"},
		{&q, "2015-11-10T06:00:00+01:00", ""},
		{&q, "2015-03-28T23:00:00+01:00", "2015-03-29T06:00:00+02:00"}, // the clock goes forward
		{&q, "2015-10-25T02:30:00+02:00", "2015-10-25T06:00:00+01:00"}, // and back
		{&day, "2015-11-09T11:30:00+01:00", "2015-11-09T13:30:00+02:00"},
		{&day, "2015-11-09T12:30:00+01:00", ""},
	}
	for _, tt := range tests {
		end, quiet := duty.QuietUntil(tt.q, at(tt.now))
		if quiet != (tt.until != "") || quiet && !end.Equal(at(tt.until)) {
			t.Errorf("at %s: %v until %s, want %q", tt.now, quiet, end, tt.until)
		}
	}
}
