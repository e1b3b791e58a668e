package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// held opens a node that holds phases for a second person.
func held(t *testing.T) *site {
	t.Helper()
	return open(t, func(o *node.Options) { o.Second = []string{"phase"} })
}

// phase fills in the form of one.
func (b *browser) phase(reason string) url.Values {
	b.t.Helper()
	form := b.form("/phase/new")
	form.Set("place", "MK-405")
	form.Set("phase", "response")
	form.Set("reason", reason)
	return form
}

// waits gives the numbers of what an approver is shown.
func (b *browser) waits() []string {
	b.t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`href="(/approvals/[0-9a-z-]{19})"`).FindAllStringSubmatch(b.get("/approvals").body, -1) {
		out = append(out, m[1])
	}
	return out
}

// wrote reports whether anything is written of situations.
func (s *site) wrote() bool {
	_, err := s.node.Desk().Record(s.t.Context(), protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}}, protocol.Digest{})
	return err == nil
}

// TestSecondPersonLetsARecordGo: what an officer says of a kind that is held is signed when
// an approver has seen it, as it was seen, and not before; given back it is a draft again.
func TestSecondPersonLetsARecordGo(t *testing.T) {
	s := held(t)
	officer, approver := s.account(staff.Officer), s.account(staff.Approver)
	form := officer.phase("many came <b>today</b>")
	p := officer.post("/phase/new", form)
	if p.path != "/drafts" {
		t.Fatalf("it was sent at once: %d %s\n%s", p.status, p.path, p.body)
	}
	p.wants(t, []string{"waits for a second person", "Gevgelija: response"})
	if officer.post("/phase/new", form); len(approver.waits()) != 1 || s.wrote() {
		t.Fatalf("sent twice: %d wait", len(approver.waits()))
	}
	if p = officer.get(approver.waits()[0]); p.status != http.StatusForbidden {
		t.Errorf("an officer decides: %d", p.status)
	}
	at := approver.waits()[0]
	approver.get(at).wants(t, []string{"handed in by test.officer", "<dt>Reason</dt><dd>many came &lt;b&gt;today&lt;/b&gt;</dd>", "<dt>Phase</dt><dd>response</dd>", "<summary>As programs read it</summary>", "TLP:"})
	if p = approver.post(at+"/return", url.Values{"reason": {" "}}); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "says why") {
		t.Errorf("given back without a reason: %d %s", p.status, p.body)
	}
	if p = approver.post(at+"/return", url.Values{"reason": {"say how many"}}); p.path != "/approvals" {
		t.Fatalf("given back: %d %s %s", p.status, p.path, p.body)
	}
	if p = approver.post(at+"/approve", nil); p.status != http.StatusUnprocessableEntity || s.wrote() {
		t.Errorf("what was given back is sent all the same: %d %s", p.status, p.body)
	}
	p = officer.get("/drafts")
	p.wants(t, []string{"Given back:", "say how many"})
	draft := regexp.MustCompile(`href="(/phase/new\?draft=[^"]+)"`).FindStringSubmatch(p.body)
	if draft == nil {
		t.Fatalf("what was given back is no draft:\n%s", p.body)
	}
	form = officer.form(draft[1])
	if form.Get("reason") != "many came <b>today</b>" {
		t.Errorf("the draft is %v", form)
	}
	form.Set("reason", "960 came today")
	if p = officer.post("/phase/new", form); p.path != "/drafts" {
		t.Fatalf("handed in again: %d %s\n%s", p.status, p.path, p.body)
	}
	at = approver.waits()[0]
	p = approver.post(at+"/approve", nil)
	n, err := protocol.ParseName(strings.TrimPrefix(p.path, "/record/"))
	if err != nil || !strings.Contains(s.said(n), "960 came today") {
		t.Fatalf("let go: %d %s %v\n%s", p.status, p.path, err, p.body)
	}
	if p = approver.post(at+"/approve", nil); p.status != http.StatusUnprocessableEntity || len(approver.waits()) != 0 {
		t.Errorf("let go twice: %d %s", p.status, p.body)
	}
	officer.get("/drafts").wants(t, []string{"test.approver approved it", n.String(), "There is none."})
	approver.get(at).wants(t, []string{"960 came today"})
	must(s.node.Desk().Erase(t.Context(), desk.EraseRequest{Record: n.String(), Reason: "it named a person"}))(t)
	approver.get(at).wants(t, []string{"Its body is not here: erased by"}, "960 came today", "As programs read it")
	officer.get("/drafts").wants(t, []string{"Its body is not here: erased by"}, "960 came today")
	l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "phase"}))(t)
	var acts []string
	rows, _ := l.Rows.([]desk.AuditRow)
	for i := len(rows) - 1; i >= 0; i-- {
		acts = append(acts, rows[i].Who+" "+rows[i].Act+" "+rows[i].Outcome)
	}
	if got, want := strings.Join(acts, "; "), "test.officer hand-in done; test.approver return done; test.approver approve refused; test.officer hand-in done; test.approver approve refused"; got != want {
		t.Errorf("noted: %s\nwant:  %s", got, want)
	}
}

// TestNobodyIsTheirOwnSecondPerson: no account, no program, and not by way of a correction.
func TestNobodyIsTheirOwnSecondPerson(t *testing.T) {
	s := held(t)
	one, other := s.account(staff.Approver), s.named("night", staff.Approver)
	if p := one.post("/phase/new", one.phase("many came")); p.path != "/drafts" {
		t.Fatalf("an approver's own goes at once: %d %s", p.status, p.path)
	}
	at := one.waits()[0]
	one.get(at).wants(t, []string{"somebody else decides"}, at+"/approve")
	if p := one.post(at+"/approve", nil); p.status != http.StatusForbidden || s.wrote() {
		t.Fatalf("an approver approves their own: %d %s", p.status, p.body)
	}
	p := other.post(at+"/approve", nil)
	n, err := protocol.ParseName(strings.TrimPrefix(p.path, "/record/"))
	if err != nil {
		t.Fatalf("another one: %d %s", p.status, p.body)
	}
	retract := one.form("/retract/" + n.String())
	retract.Set("reason", "nobody came")
	if p = one.post("/retract/"+n.String(), retract); p.path != "/drafts" || len(other.waits()) != 1 {
		t.Errorf("a correction of it goes at once: %d %s", p.status, p.path)
	}
	ctx := desk.By(t.Context(), "token room", centre)
	done := must(s.node.Desk().Publish(ctx, desk.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "reason=by a program"}}))(t)
	if done.Waits == "" || !done.Record.IsZero() || len(other.waits()) != 2 {
		t.Errorf("a program's goes at once: %+v", done)
	}
	if _, err := s.node.Desk().LetGo(ctx, done.Waits); err == nil {
		t.Error("a program approves its own")
	}
	tried := must(s.node.Desk().Publish(ctx, desk.Request{Kind: "phase", DryRun: true, Set: []string{"place=MK-405", "phase=response", "reason=by a program"}}))(t)
	if tried.Waits != "" || !strings.Contains(strings.Join(tried.Warnings, " "), "second person") {
		t.Errorf("only tried: %+v", tried)
	}
	note := one.form("/note/" + n.String())
	note.Set("text", "a kind that is not held")
	one.sent("/note/"+n.String(), note)
}

// TestSecondPersonReadsWhatTakesTheRecordsPlace, as the record itself is read once it is published.
func TestSecondPersonReadsWhatTakesTheRecordsPlace(t *testing.T) {
	s := open(t, func(o *node.Options) { o.Second = []string{"correction"} })
	officer, approver := s.account(staff.Officer), s.account(staff.Approver)
	approver.language = "mk"
	report := must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Set: []string{"place=MK-405", "period=2015-11-08", "figures.arrivals=11572", "summary=The night was calm."}}))(t)
	form := officer.form("/correct/" + report.Record.String())
	form.Set("figures.arrivals", "11752")
	form.Set("reason", "two digits changed places")
	if p := officer.post("/correct/"+report.Record.String(), form); p.path != "/drafts" {
		t.Fatalf("it was sent at once: %d %s\n%s", p.status, p.path, p.body)
	}
	wants := []string{"<h3>На негово место</h3>", "<dt>пристигнати</dt><dd>11.752 лица</dd>", "<dd>The night was calm.</dd>", "two digits changed places", "<dt>Исправа</dt>"}
	at := approver.waits()[0]
	approver.get(at).wants(t, wants, "11.572")
	p := approver.post(at+"/approve", nil)
	if !strings.HasPrefix(p.path, "/record/") {
		t.Fatalf("let go: %d %s", p.status, p.path)
	}
	approver.get(p.path).wants(t, wants)
}

// TestHandedInIsTakenBackWhileNobodyHasDecided, by who handed it in and nobody else; its form is a
// draft again, and is handed in anew.
func TestHandedInIsTakenBackWhileNobodyHasDecided(t *testing.T) {
	s := held(t)
	officer, other, approver := s.account(staff.Officer), s.named("night", staff.Officer), s.account(staff.Approver)
	form := officer.phase("many came")
	officer.post("/phase/new", form)
	at := approver.waits()[0]
	officer.get("/drafts").wants(t, []string{`action="` + at + `/withdraw"`, "Take it back"})
	for _, stranger := range []*browser{other, approver} {
		if p := stranger.post(at+"/withdraw", nil); p.status != http.StatusForbidden || len(approver.waits()) != 1 {
			t.Errorf("somebody else takes it back: %d %s", p.status, p.body)
		}
	}
	p := officer.post(at+"/withdraw", nil)
	p.wants(t, []string{"test.officer took it back at 2015-11-09 09:00.", "Declare a phase"}, at+"/withdraw")
	if p.path != "/drafts" || len(approver.waits()) != 0 {
		t.Errorf("taken back: %s, %d wait", p.path, len(approver.waits()))
	}
	approver.get(at).wants(t, []string{"test.officer took it back"}, at+"/approve")
	for _, act := range []string{"/approve", "/return"} {
		if p = approver.post(at+act, url.Values{"reason": {"no"}}); p.status != http.StatusUnprocessableEntity || s.wrote() {
			t.Errorf("%s of what was taken back: %d %s", act, p.status, p.body)
		}
	}
	if officer.post("/phase/new", form); len(approver.waits()) != 1 {
		t.Error("what was taken back is not handed in again")
	}
	approver.post(approver.waits()[0]+"/return", url.Values{"reason": {"say how many"}})
	if p = officer.post(at+"/withdraw", nil); p.status != http.StatusUnprocessableEntity {
		t.Errorf("taken back twice: %d", p.status)
	}
	l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "withdraw"}))(t)
	rows, _ := l.Rows.([]desk.AuditRow)
	if len(rows) != 4 || rows[1].Who != "test.officer" || rows[1].Outcome != "done" || !strings.Contains(rows[1].On, strings.TrimPrefix(at, "/approvals/")) {
		t.Errorf("noted: %+v", rows)
	}
}

// TestDecidedAndTakenBackAtOnce: exactly one of both holds, and what was taken back is never signed.
func TestDecidedAndTakenBackAtOnce(t *testing.T) {
	s := held(t)
	d := s.node.Desk()
	author, second := desk.By(t.Context(), "duty", centre), desk.By(t.Context(), "night", centre)
	for round := range 12 {
		w := must(d.Publish(author, desk.Request{Kind: "phase", Knowing: true, Set: []string{"place=MK-405", "phase=response", fmt.Sprintf("reason=round %d", round)}}))(t)
		var back, decided error
		var sent desk.Published
		var both sync.WaitGroup
		both.Go(func() { back = d.TakeBack(author, w.Waits) })
		both.Go(func() {
			if round%2 == 0 {
				sent, decided = d.LetGo(second, w.Waits)
			} else {
				decided = d.GiveBack(second, w.Waits, "say how many")
			}
		})
		both.Wait()
		if (back == nil) == (decided == nil) {
			t.Fatalf("round %d: taken back: %v, decided: %v", round, back, decided)
		}
		v := must(d.Second(second, w.Waits))(t)
		if want := map[bool]string{true: staff.PendingWithdrawn, false: []string{staff.PendingApproved, staff.PendingReturned}[round%2]}[back == nil]; v.State != want || v.Record != sent.Record {
			t.Fatalf("round %d: it is %s as %s, want %s", round, v.State, v.Record, want)
		}
	}
}

// TestPhaseBoardSaysWhatWaits: to who handed it in and to who may let it go, and to nobody else;
// not of what is past, nor of another place, and no more when it is let go.
func TestPhaseBoardSaysWhatWaits(t *testing.T) {
	s := held(t)
	officer, approver, other := s.account(staff.Officer), s.account(staff.Approver), s.account(staff.Coordinator)
	officer.post("/phase/new", officer.phase("many came"))
	const path, said = "/situation/phases", "waits for a second person"
	one := approver.waits()[0]
	officer.get(path).wants(t, []string{"Gevgelija", said, "many came", `href="/drafts"`}, one)
	approver.get(path+"?place=MK").wants(t, []string{"Gevgelija", said, `href="` + one + `"`})
	other.get(path).wants(t, []string{"No phase was declared yet"}, "many came", said)
	for _, q := range []string{"?place=RS", "?at=" + protocol.InstantOf(hour()).String()} {
		officer.get(path+q).wants(t, nil, "many came")
	}
	form := fields(approver.get(one).body)
	approver.post(one+"/approve", form)
	officer.get(path).wants(t, []string{"many came", "response</a>"}, said)
}
