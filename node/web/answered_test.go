package web_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestPageShowsAnErasedAnswer on both sides: by whom and why, beside who has answered, and where the outcome is written.
func TestPageShowsAnErasedAnswer(t *testing.T) {
	b := meet(t)
	n := b.centre.says(centre, "consultation", "question=By residents or by arrivals?", "to="+string(gate), "closes_at=2036-11-12T09:00:00Z").Record
	b.gate.comes(n)
	asks, asked := b.centre.account(staff.Officer), b.gate.account(staff.Officer)
	path := "/policy/consultation/" + n.String()
	b.gate.until(func() bool { return asked.get(path).status == 200 })
	answer := b.gate.says(gate, "response", "thread="+n.String(), "position=oppose").Record
	b.centre.comes(answer)
	gone := must(b.centre.node.Desk().Erase(t.Context(), desk.EraseRequest{Record: answer.String(), Reason: "it named a person"}))(t)
	b.gate.comes(gone.Published.Record)
	for _, p := range []*browser{asks, asked} {
		b.gate.until(func() bool { return strings.Contains(p.get(path).body, "erased</span>") })
		p.get(path).wants(t, []string{"erased by " + string(centre), ": it named a person", "1 of 1"}, "<b>against it</b>", "No answer")
	}
	for language, says := range map[string]string{"mk": "избришано од " + string(centre), "sq": "fshirë nga " + string(centre), "sr-Latn": "izbrisano od strane " + string(centre), "el": "διαγράφηκε από " + string(centre)} {
		asks.language = language
		asks.get(path).wants(t, []string{says})
	}
}

// TestPageShowsAnAnswerThatWasTakenBackBehindTheClosing, past its author's desk: it counts, and is asked about with the outcome.
func TestPageShowsAnAnswerThatWasTakenBackBehindTheClosing(t *testing.T) {
	f := federate(t)
	asked, answer := f.heardLongAgo()
	back := &body.Correction{Topic: protocol.Policy, Action: body.Retract, Reason: "never said so"}
	back.Thread, back.Refs = asked.Record, []body.Ref{{Rel: body.RelCorrects, Record: answer.Record, Digest: answer.Digest}}
	undone, _ := f.sites[town].signs(town, 1, back)
	f.sites[centre].comes(undone)
	asks := f.sites[centre].account(staff.Officer)
	path := "/policy/consultation/" + asked.Record.String()
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, "never said so") })
	asks.get(path).wants(t, []string{"counts</span> · <b>against it</b>", "taken back", ": never said so", "arrivals count", "1 of 1", `id="considered.0.consideration"`})
	form := filledIn(t, asks.get(path), "conclude", "decision", "By arrivals.", "considered.0.consideration", "partly", "considered.0.reason", "from December on")
	for _, tt := range []struct{ member, typed, says string }{
		{"considered.0.response", "", `<li><a href="#considered">What became of the answers</a>: `},
		{"considered.0.digest", "sha-256:" + strings.Repeat("0", 64), `<li><a href="#considered.0.response">` + string(town) + " · against it</a>: "},
		{"considered.0.consideration", "yes", `<li><a href="#considered.0.consideration">` + string(town) + " · against it: What became of it</a>: "},
	} {
		typed := maps.Clone(form)
		typed.Del(tt.member)
		if tt.typed != "" {
			typed.Set(tt.member, tt.typed)
		}
		if p := asks.post(path, typed); p.status < 400 || !strings.Contains(p.body, tt.says) {
			t.Errorf("%s %q: %d\n%s", tt.member, tt.typed, p.status, faultsOf(p.body))
		}
	}
}

// TestOutcomeConsidersTheAnswerThatItsFormShowed: a correction that was signed in time comes while the outcome is being
// written, and another behind it. The first is shown before anything is decided; the second is owed a word.
func TestOutcomeConsidersTheAnswerThatItsFormShowed(t *testing.T) {
	f := federate(t)
	asked, answer := f.heardLongAgo()
	mends := func(daysAgo int, text body.Text) {
		r := &body.ConsultationResponse{Position: body.PositionAmend, Text: text}
		r.Thread, r.Refs = asked.Record, []body.Ref{asked}
		c := &body.Correction{Topic: protocol.Policy, Action: body.Replace, Reason: "the council met", Replacement: must(body.ReplacementOf(r))(t)}
		c.Thread, c.Refs = asked.Record, []body.Ref{{Rel: body.RelCorrects, Record: answer.Record, Digest: answer.Digest}}
		n, _ := f.sites[town].signs(town, daysAgo, c)
		f.sites[centre].comes(n)
	}
	asks := f.sites[centre].account(staff.Officer)
	path := "/policy/consultation/" + asked.Record.String()
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, "arrivals count") })
	conclude := func(id string, more ...string) url.Values {
		return filledIn(t, asks.get(path), id, append([]string{"decision", "By arrivals.", "considered.0.consideration", "partly", "considered.0.reason", "from December on"}, more...)...)
	}
	form := conclude("conclude")
	mends(15, "by arrivals and residents")
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, "by arrivals and residents") })
	if p := asks.post(path, form); p.status < 400 || !strings.Contains(p.body, string(town)+" put its answer "+answer.Record.String()+" right") || !strings.Contains(p.body, "by arrivals and residents") {
		t.Errorf("%d\n%s", p.status, faultsOf(p.body))
	}
	asks.post(path, conclude("conclude")).wants(t, []string{"What became of it: <b>partly</b>. from December on"}, "not considered yet")

	mends(14, "by neither")
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, "by neither") })
	asks.get(path).wants(t, []string{`What became of it: <b>partly</b>. from December on <span class="soft">The outcome considers what it said before that.</span></p>`, `<p><span class="pill late">not considered yet</span></p>`})
	asks.post(path, conclude("conclude", "reason", "an answer was put right")).wants(t, []string{"What became of it: <b>partly</b>. from December on"}, "not considered yet")
}

// TestPageShowsWhatWasDecidedAndAskedThoughItIsErased: by whom and why, on both sides, and that another outcome is due.
func TestPageShowsWhatWasDecidedAndAskedThoughItIsErased(t *testing.T) {
	f := federate(t)
	asked, _ := f.heardLongAgo()
	asks, answers := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	path := "/policy/consultation/" + asked.Record.String()
	f.sites[centre].until(func() bool { return strings.Contains(asks.get(path).body, "arrivals count") })
	asks.post(path, filledIn(t, asks.get(path), "conclude", "decision", "By arrivals.", "considered.0.consideration", "partly", "considered.0.reason", "from December on"))
	erase := func(n protocol.Name) {
		gone := must(f.sites[centre].node.Desk().Erase(t.Context(), desk.EraseRequest{As: centre, Record: n.String(), Reason: "it named a person"}))(t)
		f.sites[town].comes(gone.Published.Record)
	}
	erase(must(f.sites[centre].node.Desk().Hearing(t.Context(), centre, asked.Record.String(), 0))(t).Outcome.Record)
	says := "erased by " + string(centre)
	asks.get(path).wants(t, []string{"the outcome is due", `<h2 id="undone">Decided, and taken back or erased`, says, ": it named a person", `id="conclude"`}, "By arrivals.", "Take the question back")
	answers.get(path).wants(t, []string{`<h2 id="undone">`, says}, "By arrivals.")

	erase(asked.Record)
	for _, u := range []*browser{asks, answers} {
		u.get(path).wants(t, []string{"<h1>" + asked.Record.String() + "</h1>", "Erased</span>", says, `<h2 id="undone">`, "arrivals count", "counts</span>"}, "By residents or by arrivals?", `id="conclude"`, "is due")
		u.get("/policy").wants(t, []string{`<h2 id="erased">Erased</h2>`, `<a href="` + path + `">` + asked.Record.String() + "</a>"})
	}
}

// TestAnswerSaysWhichWordsItsFormShowed: who asks puts them right while somebody is writing the answer.
func TestAnswerSaysWhichWordsItsFormShowed(t *testing.T) {
	b := meet(t)
	n := b.centre.says(centre, "consultation", "question=By what?", `options=["By residents","By arrivals"]`, "to="+string(gate)+","+string(river), "closes_at=2036-11-12T09:00:00Z").Record
	b.gate.comes(n)
	asked, path := b.gate.account(staff.Officer), "/policy/consultation/"+n.String()
	b.gate.until(func() bool { return asked.get(path).status == 200 })
	stale := asked.get(path)
	mended := must(b.centre.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: centre, Record: n.String(), Reason: "others", Set: []string{`options=["By beds","By days"]`}}))(t)
	b.gate.comes(mended.Record)
	b.gate.until(func() bool { return strings.Contains(asked.get(path).body, "By beds") })
	asked.post(path, filledIn(t, stale, "answer", "position", "support", "option", "2")).wants(t, []string{`<span class="pill watch">before it was put right: By arrivals</span>`}, "· By days")
	asked.post(path, filledIn(t, asked.get(path), "answer", "position", "support", "option", "2")).wants(t, []string{"· By days</p>"})
}

// TestAboutLeadsToThePageOfWhatItIs, also of what puts that right; what has none, or counts no more, is shown as a record.
func TestAboutLeadsToThePageOfWhatItIs(t *testing.T) {
	f := federate(t)
	asks, d := f.sites[centre].account(staff.Officer), f.sites[centre].node.Desk()
	about := func(of protocol.Name) string {
		t.Helper()
		return "/policy/consultation/" + f.opened(t, asks, "about", of.String()).String()
	}
	project := f.joint(t, centre)
	path := about(project)
	asks.get(path).wants(t, []string{`<a href="/policy/project/` + project.String() + `">`})
	mended := must(d.Correct(t.Context(), desk.CorrectRequest{Record: project.String(), Reason: "a slip", Set: []string{"title=Two queues"}}))(t)
	asks.get(about(mended.Record)).wants(t, []string{`<a href="/policy/project/` + project.String() + `">` + mended.Record.String()})
	must(d.Correct(t.Context(), desk.CorrectRequest{Record: project.String(), Reason: "given up", Retract: true}))(t)
	asks.get(path).wants(t, []string{`<dd class="id"><a href="/record/` + project.String() + `">`})
}
