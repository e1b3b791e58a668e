package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// filledIn is the form of a page that has an id, with what is set over what stands in it.
func filledIn(t *testing.T, p page, id string, set ...string) url.Values {
	t.Helper()
	_, form, there := strings.Cut(p.body, `id="`+id+`" method="post"`)
	if !there {
		t.Fatalf("no form %s on %s:\n%s", id, p.path, p.body)
	}
	form, _, _ = strings.Cut(form, "</form>")
	out := fields(form)
	for i := 0; i+1 < len(set); i += 2 {
		out.Set(set[i], set[i+1])
	}
	return out
}

// opened has an institution ask another by its page, and gives the consultation.
func (f *federated) opened(t *testing.T, u *browser, set ...string) protocol.Name {
	t.Helper()
	form := filledIn(t, u.get("/policy"), "ask", append([]string{
		"question", "By residents or by arrivals?", "options", "By residents\nBy arrivals\n", "to", string(town) + ", " + string(hub),
		"closes_at", time.Now().Add(time.Hour).Format("2006-01-02T15:04:05"),
	}, set...)...)
	p := u.post("/policy", form)
	if !strings.HasPrefix(p.path, "/policy/consultation/"+string(centre)+"/policy.1.") {
		t.Fatalf("asked, and led to %s: %s", p.path, p.body)
	}
	return must(protocol.ParseName(strings.TrimPrefix(p.path, "/policy/consultation/")))(t)
}

// closes has the centre close a consultation now, and waits until it is.
func (f *federated) closes(t *testing.T, n protocol.Name) {
	t.Helper()
	d := f.sites[centre].node.Desk()
	must(d.Correct(t.Context(), desk.CorrectRequest{
		Record: n.String(), Reason: "all have answered", Set: []string{"closes_at=" + body.TimeOf(time.Now().Add(500*time.Millisecond)).String()},
	}))(t)
	f.sites[centre].until(func() bool {
		h, err := d.Hearing(t.Context(), centre, n.String(), 0) // what is said may not be in the picture yet
		return err == nil && h.State == board.ConsultationClosed
	})
}

// concluded has the centre ask town and hub, the town answer, and the centre decide, twice.
func (f *federated) concluded(t *testing.T) protocol.Name {
	t.Helper()
	n := f.sites[centre].says(centre, "consultation", "question=By residents or by arrivals?", "background=Seats of the winter plan.",
		`options=["By residents","By arrivals"]`, "to="+string(town)+","+string(hub), "closes_at=2036-11-10T00:00:00Z").Record
	f.sites[town].until(func() bool { // a record that has come may not be in the picture yet
		_, err := f.sites[town].node.Desk().Hearing(t.Context(), town, n.String(), 0)
		return err == nil
	})
	answer := f.sites[town].says(town, "response", "thread="+n.String(), "position=amend", "option=2", "text=From the first day.").Record
	f.sites[centre].comes(answer)
	f.closes(t, n)
	d := f.sites[centre].node.Desk()
	done := must(d.Publish(t.Context(), desk.Request{Kind: "outcome", Knowing: true, Set: []string{
		"thread=" + n.String(), "decision=By arrivals.", "considered.0.response=" + answer.String(), "considered.0.consideration=partly", "considered.0.reason=From December on.",
	}}))(t)
	must(d.Correct(t.Context(), desk.CorrectRequest{Record: done.Record.String(), Reason: "the law changed", Set: []string{"decision=By arrivals, from January on."}}))(t)
	return n
}

// TestTwoPeopleHoldAConsultation: a ministry asks by its page, a municipality answers by its
// own, and what is decided considers the answer.
func TestTwoPeopleHoldAConsultation(t *testing.T) {
	f := federate(t)
	asks, answers := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	asks.get("/").wants(t, []string{`href="/policy"`})
	asks.get("/policy").wants(t, []string{"No consultation is known here yet", "Open a consultation"})
	answers.get("/policy").wants(t, []string{"No consultation is known here yet"}, ">Open a consultation<")
	plan := f.funded(t)
	n := f.opened(t, asks, "about", plan.String(), "line", "2", "background", "Seats of the winter plan.")
	path := "/policy/consultation/" + n.String()
	asks.get(path).wants(t, []string{`href="/funds/plan/` + plan.String() + `#line-2"`, "Line of the plan 2", "Seats of the winter plan.", "0 of 2", "No answer"}, `id="answer"`, `id="conclude"`)
	asks.get("/funds/plan/"+plan.String()).wants(t, []string{`href="` + path + `">By residents or by arrivals?</a>`, `href="#line-2">Line of the plan 2</a>`})
	f.sites[town].comes(n)

	asks.get("/record/"+n.String()).wants(t, []string{`<a href="` + path + `#mend">`})
	answers.get(path).wants(t, []string{`id="answer"`}, `id="mend"`)
	must(f.sites[centre].node.Desk().Invite(t.Context(), desk.InviteRequest{Institution: abroad, Level: body.Municipality}))(t)
	stale := asks.get(path)
	mended := filledIn(t, stale, "mend", "background", "Seats of the winter plan, and beds.", "to", string(town)+" "+string(hub)+" "+string(abroad), "reason", "beds were left out")
	p := asks.post(path, mended)
	p.wants(t, []string{"winter plan, and beds.</p>", "By residents", "0 of 3", "put right", `id="mend"`})
	p = asks.post(path, filledIn(t, stale, "mend", "options", "By beds\nBy arrivals", "reason", "x"))
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "was put right by") || !strings.Contains(p.body, "By beds\nBy arrivals</textarea>") {
		t.Errorf("put right over what was not read: %d", p.status)
	}
	asks.post(path, filledIn(t, asks.get(path), "mend", "background", "", "to", string(town)+" "+string(hub), "reason", "no beds after all")).wants(t, []string{"0 of 2"}, "and beds.</p>")
	answers.get("/").wants(t, []string{`href="` + path + `"`, "an answer is due"})
	answers.get("/policy").wants(t, []string{"Due to us", `href="` + path + `"`})
	must(f.sites[town].node.Desk().Publish(t.Context(), desk.Request{Kind: "needs", Set: []string{
		"place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=600", "items.0.basis=count", "items.0.priority=1",
	}}))(t)
	p = answers.post(path, filledIn(t, answers.get(path), "answer", "position", "amend", "option", "2"))
	for _, kept := range []string{`href="#text"`, `<option value="amend" selected>`, `<option value="2" selected>`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("amended without what: %d, without %s", p.status, kept)
		}
	}
	needs := must(protocol.ParseName(string(town) + "/situation.1.2"))(t)
	p = answers.post(path, filledIn(t, answers.get(path), "answer", "position", "amend", "option", "2", "text", "from the first day", "needs_ref", needs.String()))
	p.wants(t, []string{"for it, amended", "By arrivals", "from the first day", `href="/record/` + needs.String() + `"`})
	answers.get("/").wants(t, nil, "an answer is due")
	answer := protocol.Name{Institution: town, Position: protocol.Position{Topic: protocol.Policy, Epoch: 1, Sequence: 1}}
	f.sites[centre].comes(answer)
	f.sites[centre].comes(needs)

	f.closes(t, n)
	asks.get("/").wants(t, []string{"the outcome is due"})
	asks.get(path).wants(t, []string{"1 of 2", "600", "Closed, the outcome awaited", `id="knowing"`, string(hub)})
	form := filledIn(t, asks.get(path), "conclude", "decision", "By arrivals.", "considered.0.consideration", "partly")
	p = asks.post(path, form)
	for _, kept := range []string{`<a href="#considered.0.reason">` + string(town) + " · for it, amended: Reason</a>", "By arrivals.</textarea>", `<option value="partly" selected>`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("considered without a reason: %d, without %s\n%s", p.status, kept, p.body)
		}
	}
	if strings.Contains(p.body, `id="mend"`) {
		t.Error("a question that is closed can be put right")
	}
	form.Set("considered.0.reason", "from December on")
	if p = asks.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "1 who was asked has not answered") || strings.Contains(p.body, "--knowing") {
		t.Errorf("concluded while an answer may come: %d", p.status)
	}
	form.Set("knowing", "yes")
	asks.post(path, form).wants(t, []string{"Concluded", "By arrivals.", "partly", "from December on", "Put the outcome right"}, "Decided before")
	form = filledIn(t, asks.get(path), "conclude", "decision", "By arrivals, from January on.", "reason", "the law changed")
	asks.post(path, form).wants(t, []string{"By arrivals, from January on.", "Decided before", "from December on"})
	f.sites[town].until(func() bool {
		h, err := f.sites[town].node.Desk().Hearing(t.Context(), town, n.String(), 0)
		return err == nil && h.Outcome != nil && len(h.Outcome.History) == 1
	})
	answers.get(path).wants(t, []string{"By arrivals, from January on.</p>\n<p class=\"soft\">put right: the law changed</p>", "Decided before", "By arrivals.", "partly", "from December on"}, `id="conclude"`, `id="answer"`)
	answers.get("/policy").wants(t, []string{"Concluded", "Decision: By arrivals, from January on."}, "Due to us")
	answers.get("/record/"+answer.String()).wants(t, []string{`href="` + path + `"`}, `href="/correct/`)
}

// TestQuestionIsPutRightOnItsPageUntilItIsAnswered: then its words stay, the page says why, and options are only
// added; what was typed stays where it is refused, and an answer to an option that is gone says so.
func TestQuestionIsPutRightOnItsPageUntilItIsAnswered(t *testing.T) {
	f := federate(t)
	asks := f.sites[centre].account(staff.Officer)
	n := f.opened(t, asks, "options", "By residents\nBy arrivals\nBy beds")
	path := "/policy/consultation/" + n.String()
	for _, of := range []protocol.Name{n, f.funded(t)} {
		if p := asks.get("/correct/" + of.String()); !strings.HasSuffix(p.path, of.String()) || strings.HasPrefix(p.path, "/correct/") || !strings.Contains(p.body, `id="mend"`) {
			t.Errorf("to put %s right leads to %s: %d", of, p.path, p.status)
		}
	}
	asks.get(path).wants(t, []string{`<textarea id="question"`}, `id="stands"`)
	mend := func(set ...string) page {
		t.Helper()
		return asks.post(path, filledIn(t, asks.get(path), "mend", append([]string{"reason", "a slip"}, set...)...))
	}
	if p := mend("question", ""); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#question"`) {
		t.Errorf("without a question: %d", p.status)
	}
	mend("question", "By whom, or by what?").wants(t, []string{"By whom, or by what?</h1>"})
	f.sites[town].comes(n)
	f.sites[town].until(func() bool {
		_, err := f.sites[town].node.Desk().Hearing(t.Context(), town, n.String(), 0)
		return err == nil
	})
	open := asks.get(path)
	f.sites[centre].comes(f.sites[town].says(town, "response", "thread="+n.String(), "position=support", "option=3").Record)
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, `id="stands"`) })
	asks.get(path).wants(t, []string{"An answer counts", "· By beds</p>"}, `id="question"`)
	p := asks.post(path, filledIn(t, open, "mend", "reason", "a slip", "question", "By what?"))
	for _, kept := range []string{`href="#question"`, "By what?</textarea>", "an answer to the question as it stands counts", `id="stands"`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("worded otherwise: %d, without %s", p.status, kept)
		}
	}
	p = mend("options", "By beds\nBy arrivals\nBy residents")
	for _, kept := range []string{`href="#options"`, "By beds\nBy arrivals\nBy residents</textarea>", "answers name an option by its number"} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("in another order: %d, without %s", p.status, kept)
		}
	}
	mend("options", "By residents\nBy arrivals\nBy beds\nBy both").wants(t, []string{"By both", "· By beds</p>"})
	if p = mend("to", string(hub)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, string(town)+" has answered, and its answer counts") {
		t.Errorf("who has answered is let go of: %d", p.status)
	}
}

// TestSilentOneIsRemindedAndWokenByItsRule: beside who is silent in a consultation stands a button
// for who asked; what it says reaches the other node, wakes there by rule and wants to be read.
func TestSilentOneIsRemindedAndWokenByItsRule(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duty.yaml")
	ok(t, os.WriteFile(file, fmt.Appendf(nil, "rules:\n  - {name: asked, kinds: [note], for: [%s]}\n", gate), 0o600))
	b := meet(t, func(id protocol.InstitutionID, o *node.Options) {
		if id == gate {
			o.Duty = file
		}
	})
	asks, asked := b.centre.account(staff.Officer), b.gate.account(staff.Officer)
	n := b.centre.says(centre, "consultation", "question=By residents or by arrivals?", "to="+string(gate)+","+string(river), "closes_at=2015-11-12T09:00:00Z").Record
	b.gate.comes(n)
	answer := b.gate.says(river, "response", "thread="+n.String(), "position=support").Record
	b.centre.comes(answer)
	path := "/policy/consultation/" + n.String()
	b.centre.until(func() bool { return !strings.Contains(asks.get(path).body, `value="`+string(river)+`"`) })
	asks.get(path).wants(t, []string{`name="step" value="remind"`, `name="institution" value="` + string(gate) + `"`}, `name="institution" value="`+string(river)+`"`)
	asked.get(path).wants(t, nil, `value="remind"`)
	form := url.Values{"as": {string(centre)}, "step": {"remind"}, "institution": {string(gate)}, "closes": {"2015-11-12 09:00 UTC +00:00"}}
	p := asks.post(path, form)
	reminder, err := protocol.ParseName(strings.TrimPrefix(p.path, "/record/"))
	if err != nil {
		t.Fatalf("reminded: %d at %s\n%s", p.status, p.path, p.body)
	}
	p.wants(t, []string{"is awaited until 2015-11-12 09:00 UTC &#43;00:00", string(gate)})
	form.Set("institution", string(river))
	if p = asks.post(path, form); p.status != http.StatusUnprocessableEntity && p.status != http.StatusConflict {
		t.Errorf("who has answered is reminded: %d", p.status)
	}
	b.gate.comes(reminder)
	woken := func() *desk.Waking {
		for _, w := range b.gate.node.Desk().Duty(t.Context(), protocol.Amber).Wakings {
			if w.Rule == "asked" && len(w.Events) == 1 && w.Events[0].Record == reminder {
				return &w
			}
		}
		return nil
	}
	b.gate.until(func() bool { return woken() != nil })
	b.clock.pass(10 * time.Second)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=1") // so that duty looks
	b.gate.until(func() bool { return strings.Contains(asked.get("/").body, fmt.Sprintf(`id="ring-%d"`, woken().ID)) })
	asked.get("/").wants(t, []string{`action="/acknowledge/` + reminder.String() + `"`})
	asked.get("/record/"+reminder.String()).wants(t, []string{"is awaited until 2015-11-12 09:00 UTC &#43;00:00", n.String()})
}

// TestBadInputIsRefusedInEachFormOfAConsultation: what was typed stays, and the summary leads
// to the field.
func TestBadInputIsRefusedInEachFormOfAConsultation(t *testing.T) {
	f := federate(t)
	asks, answers := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	n := f.opened(t, asks)
	path := "/policy/consultation/" + n.String()
	f.sites[town].comes(n)
	for kind, set := range map[string][]string{
		"needs":    {"place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=600", "items.0.basis=count", "items.0.priority=1"},
		"capacity": {"place=MK-405", "items.0.type=bed_place", "items.0.unit=place", "items.0.total=50", "items.0.available=5"},
	} {
		must(f.sites[town].node.Desk().Publish(t.Context(), desk.Request{Kind: kind, Set: set}))(t)
	}
	refuses := func(u *browser, path, id, field string, set ...string) {
		t.Helper()
		p := u.post(path, filledIn(t, u.get(path), id, set...))
		if p.status < 400 || p.status > 499 || !strings.Contains(p.body, `href="#`+field+`"`) || !strings.Contains(p.body, `id="`+field+`"`) {
			t.Errorf("%s with %v: %d, and it does not lead to %s\n%s", id, set, p.status, field, p.body)
		}
	}
	past, next := "2015-11-09T09:00", time.Now().Add(time.Hour).Format("2006-01-02T15:04")
	for _, bad := range [][]string{ // the field, then what is set
		{"question", "question", ""},
		{"to", "to", ""},
		{"to", "to", "nobody"},
		{"to", "to", "group:nobody"},
		{"to", "to", string(centre)},
		{"options", "options", "only one"},
		{"closes_at", "closes_at", past},
		{"closes_at", "closes_at", ""},
		{"closes_at", "closes_at", "tomorrow"},
		{"about", "about", "the winter plan"},
		{"line", "line", "three", "about", string(centre) + "/situation.1.1"},
		{"about", "line", "3"},
		{"line", "line", "3", "about", string(centre) + "/situation.1.1"},
	} {
		refuses(asks, "/policy", "ask", bad[0], append([]string{"question", "Why?", "to", string(town), "closes_at", next}, bad[1:]...)...)
	}
	for _, bad := range [][]string{
		{"to", "to", ""},
		{"to", "to", string(centre)},
		{"options", "options", "only one"},
		{"closes_at", "closes_at", past},
		{"closes_at", "closes_at", ""},
		{"reason", "reason", ""},
	} {
		refuses(asks, path, "mend", bad[0], append([]string{"reason", "a slip"}, bad[1:]...)...)
	}
	for _, bad := range [][]string{
		{"position", "position", ""},
		{"position", "position", "perhaps"},
		{"text", "position", "amend"},
		{"option", "position", "support", "option", "3"},
		{"option", "position", "support", "option", "both"},
		{"needs_ref", "position", "support", "needs_ref", "ours"},
		{"capacity_ref", "position", "support", "capacity_ref", "ours"},
	} {
		refuses(answers, path, "answer", bad[0], bad[1:]...)
	}
	if p := answers.post(path, url.Values{"as": {string(town)}, "step": {"sing"}}); p.status != http.StatusBadRequest {
		t.Errorf("an act that there is not: %d", p.status)
	}
	if p := answers.post("/policy", url.Values{"as": {string(town)}, "question": {"Why?"}, "to": {string(centre)}, "closes_at": {next}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a municipality asks: %d", p.status)
	}
	if p := asks.get("/policy/consultation/" + string(centre) + "/policy.1.99"); p.status != http.StatusNotFound {
		t.Errorf("a consultation that is not there: %d", p.status)
	}
}

// types writes into a field of several lines that is empty.
func (b *tab) types(id, value string) {
	b.t.Helper()
	b.until(`document.getElementById("` + id + `")?.value === ""`)
	b.do(chromedp.SendKeys(chromedp.CSS(`[id="`+id+`"]`), value))
}

// questionIsAnswered has a person at the centre ask, and one in the town answer from what Now
// says is due; when it is closed the centre considers the answer and decides, and the page that is
// open in the town says so.
func (f *federated) questionIsAnswered(t *testing.T, browser *chrome) {
	asks, answers := f.sites[centre].enter(t, browser, staff.Officer), f.sites[town].enter(t, browser, staff.Officer)
	asks.press(`nav a[href="/policy"]`)
	asks.at("/policy")
	asks.types("question", "By residents or by arrivals?")
	asks.types("to", string(town))
	eval[bool](asks, `document.getElementById("closes_at").value = "2036-11-10T09:00", true`)
	asks.press("#ask .actions button")
	asks.at("/policy/consultation/" + string(centre))
	asks.says("Nobody has answered yet.")
	path := eval[string](asks, "location.pathname")
	answers.again(func() bool { return eval[bool](answers, `!!document.querySelector('main a[href="`+path+`"]')`) })
	answers.press(`main a[href="` + path + `"]`)
	answers.says("Open")
	eval[bool](answers, `document.getElementById("position").value = "amend", true`)
	answers.types("text", "From the first day.")
	answers.press("#answer .actions button")
	answers.says("for it, amended")
	asks.until(`/From the first day\./.test(document.body.innerText)`) // by itself
	asks.says("1 of 1")
	f.closes(t, must(protocol.ParseName(strings.TrimPrefix(path, "/policy/consultation/")))(t))
	asks.again(func() bool { return eval[bool](asks, `!!document.getElementById("conclude")`) }) // the hour makes no record that a page could hear of
	answers.marks()
	asks.types("decision", "By arrivals, from the first day.")
	eval[bool](asks, `document.getElementById("considered.0.consideration").value = "accepted", true`)
	asks.types("considered.0.reason", "Whoever comes eats on that day.")
	asks.press("#conclude .actions button")
	asks.says("Put the outcome right")
	for _, b := range []*tab{asks, answers} {
		b.says("Concluded")
		b.says("By arrivals, from the first day.")
		b.says("Whoever comes eats on that day.")
	}
	answers.unmoved()
	answers.calm()
	asks.calm()
}
