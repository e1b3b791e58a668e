package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol/body"
)

// withTown opens a node whose institution has invited a town.
func withTown(t *testing.T, change ...func(*node.Options)) *site {
	t.Helper()
	s := open(t, change...)
	must(s.node.Desk().Invite(t.Context(), desk.InviteRequest{Institution: town, Level: body.Municipality, Addresses: []string{"127.0.0.1:4222"}}))(t)
	return s
}

// TestPaymentIsPutRightFromThePageOfItsFlow: the page leads to a form that shows what stands and says what it
// changes; of two officers who opened it the later overwrites nothing.
func TestPaymentIsPutRightFromThePageOfItsFlow(t *testing.T) {
	s := withTown(t)
	first, second := s.account(staff.Officer), s.named("night", staff.Officer)
	commit := s.says(centre, "commit-flow", "recipient="+string(town), "amount=100", "currency=EUR")
	pay := s.says(centre, "pay", "thread="+commit.Record.String(), "amount=60")
	flow, path := "/funds/flow/"+commit.Record.String(), "/correct/"+pay.Record.String()
	first.get(flow).wants(t, []string{`href="` + path + `"`, `href="/correct/` + commit.Record.String() + `"`})
	first.get("/record/"+pay.Record.String()).wants(t, []string{`href="` + path + `"`})
	first.get(path).wants(t, []string{"You put right: payment.", "The flow of funds and its sums follow.", ">Amount"}, "EARMARKING", `name="currency"`)
	mine, theirs := first.form(path), second.form(path)
	if mine.Get("amount") != "60" || mine.Get("after") == "" {
		t.Errorf("the form has %v", mine)
	}
	mine.Set("amount", "100.01")
	mine.Set("reason", "A digit was missing.")
	p := first.post(path, mine)
	for _, want := range []string{`href="#amount"`, "100 EUR are committed and not yet paid, and this would pay 100.01", `value="100.01"`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("more than is committed: %d, without %s", p.status, want)
		}
	}
	mine.Set("amount", "80")
	first.sent(path, mine)
	first.get(flow).wants(t, []string{"80 EUR"}, "60 EUR")
	theirs.Set("amount", "70")
	theirs.Set("reason", "Mistyped.")
	p = second.post(path, theirs)
	for _, want := range []string{"was put right by", `value="70"`, `<a href="` + path + `">Open it as it stands now</a>`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("over a version that was not read: %d, without %s", p.status, want)
		}
	}
	if anew := second.form(path); anew.Get("amount") != "80" {
		t.Errorf("anew: %v", anew)
	}
	first.get(flow).wants(t, []string{"80 EUR"}, "70 EUR")
	reader := s.account(staff.Auditor)
	reader.get(flow).wants(t, nil, `href="/correct/`)
}

// TestPromiseIsPutRightWithWhatItIsFor: lists are typed a line each, and what may be empty is taken out.
func TestPromiseIsPutRightWithWhatItIsFor(t *testing.T) {
	s := withTown(t)
	u := s.account(staff.Officer)
	plan := s.says(centre, "plan", "title=Winter", "territory=MK-405", "period=2015-11-09/2016-03-01", "currency=EUR", "lines.0.purpose=Beds", "lines.0.amount=5", "lines.0.beneficiary="+string(town), "lines.0.payer="+string(centre), "lines.0.year=2015", "lines.0.sector=shelter", "lines.0.source=un", "lines.0.status=requested",
		"lines.1.line=2", "lines.1.purpose=Blankets", "lines.1.amount=5", "lines.1.beneficiary="+string(town), "lines.1.payer="+string(centre), "lines.1.year=2015", "lines.1.sector=nfi", "lines.1.source=un", "lines.1.status=requested").Record.String()
	pledge := s.says(centre, "pledge", "recipient="+string(town), "amount=100", "currency=EUR", "in_kind=Beds", "plan_lines.0.plan="+plan, "plan_lines.0.line=1")
	path := "/correct/" + pledge.Record.String()
	form := u.form(path)
	if form.Get("plan_lines") != plan+" 1" {
		t.Errorf("the form has %v", form)
	}
	form.Set("plan_lines", plan+" 1\r\n"+plan+" 2\r\n")
	form.Set("in_kind", "")
	form.Set("reason", "For both lines, and in money.")
	said := s.said(u.sent(path, form))
	if !strings.Contains(said, `"plan_lines":[{"line":1,"plan":"`+plan+`"},{"line":2,"plan":"`+plan+`"}]`) || strings.Contains(said, "in_kind") {
		t.Errorf("the pledge says %s", said)
	}
}

// TestRequestIsPutRightFromItsPage: while it has answers, its numbers.
func TestRequestIsPutRightFromItsPage(t *testing.T) {
	b := meet(t)
	u := b.gate.account(staff.Officer)
	request := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=40", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: river, Record: request.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 3}}}))(t)
	page, path := "/help/"+request.Record.String(), "/correct/"+request.Record.String()
	u.get(page).wants(t, []string{`href="` + path + `"`})
	u.get(path).wants(t, []string{"You put right: request.", "change the number alone", ">Office that takes it", "<th>How many</th>"})
	u.get("/record/"+strings.TrimPrefix(page, "/help/")).wants(t, []string{"What of it is met", `data-l="Wanted">40 `, `data-l="Committed">3<`, `data-l="Unmet"><b>37</b>`})
	form := u.form(path)
	if form.Get("lines.0.quantity") != "40" || form.Get("deliver_to.place") != "iso3166-2:MK-405" || form.Get("deliver_to.contact.office") != "Duty desk" {
		t.Errorf("the form has %v", form)
	}
	form.Set("lines.0.quantity", "2")
	form.Set("reason", "A zero too many.")
	if p := u.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#lines.0.quantity"`) || !strings.Contains(p.body, "3 of line 1 are committed") {
		t.Errorf("below what is committed: %d\n%s", p.status, p.body)
	}
	form.Set("lines.0.quantity", "4")
	u.sent(path, form)
	u.get(page).wants(t, []string{"Line 1: 4 buses", "Committed 3"}, "no effect")
}

// TestWhatWaitsForASecondPersonOverwritesNothing: what came into force meanwhile was not read by who handed it in.
func TestWhatWaitsForASecondPersonOverwritesNothing(t *testing.T) {
	s := withTown(t, func(o *node.Options) { o.Second = []string{"correction"} })
	one, two, approver := s.account(staff.Officer), s.named("night", staff.Officer), s.account(staff.Approver)
	commit := s.says(centre, "commit-flow", "recipient="+string(town), "amount=100", "currency=EUR")
	path := "/correct/" + commit.Record.String()
	for u, amount := range map[*browser]string{one: "90", two: "80"} {
		form := u.form(path)
		form.Set("amount", amount)
		form.Set("reason", "Mistyped.")
		if p := u.post(path, form); p.path != "/drafts" {
			t.Fatalf("it was sent at once: %d %s", p.status, p.path)
		}
	}
	waits := approver.waits()
	approver.post(waits[0]+"/approve", nil)
	if p := approver.post(waits[1]+"/approve", nil); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "was put right by") {
		t.Errorf("the second: %d %s", p.status, p.path)
	}
}

// TestOfferAndCancellationArePutRightFromThePageOfTheExchange: each beside its step, for its author alone.
func TestOfferAndCancellationArePutRightFromThePageOfTheExchange(t *testing.T) {
	b := meet(t)
	gives, reads := b.gate.account(staff.Officer), b.gate.account(staff.Auditor)
	request := b.gate.says(river, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=40", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	answer := func(step string, to desk.Published, n int64) desk.Published {
		return must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: gate, Record: to.Record.String(), Step: step, Lines: []desk.LineQuantity{{Line: 1, Quantity: n}}}))(t)
	}
	offer := answer("offer", request, 9)
	page, path := "/help/"+request.Record.String(), "/correct/"+offer.Record.String()
	gives.get(page).wants(t, []string{`href="` + path + `"`})
	reads.get(page).wants(t, nil, `href="`+path+`"`)
	gives.get(path).wants(t, []string{"You put right: offer.", "<th>How many</th>", "<th>Description</th>"})
	form := gives.form(path)
	if form.Get("lines.0.quantity") != "9" || form.Get("lines.0.unit") != "buses" {
		t.Errorf("the form has %v", form)
	}
	form.Set("lines.0.type", "tent")
	form.Set("reason", "A bus too many.")
	if p := gives.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#lines.0.quantity"`) || !strings.Contains(p.body, "it would have no effect") {
		t.Errorf("an offer of something else: %d", p.status)
	}
	form.Set("lines.0.type", "bus")
	form.Set("lines.0.quantity", "8")
	gives.sent(path, form)
	cancel := answer("cancel", offer, 8)
	path = "/correct/" + cancel.Record.String()
	gives.get(page).wants(t, []string{"1: 8", `href="` + path + `"`})
	form = gives.form(path)
	form.Set("lines.0.reason", "They broke down.")
	form.Set("reason", "It did not say why.")
	if said := b.gate.said(gives.sent(path, form)); !strings.Contains(said, "They broke down.") {
		t.Errorf("the cancellation says %s", said)
	}
}

// TestCancellationOfAFlowSaysOtherwiseWhy: the reason that it gives stands beside that of the correction.
func TestCancellationOfAFlowSaysOtherwiseWhy(t *testing.T) {
	s := withTown(t)
	u := s.account(staff.Officer)
	commit := s.says(centre, "commit-flow", "recipient="+string(town), "amount=100", "currency=EUR")
	cancel := s.says(centre, "cancel-flow", "thread="+commit.Record.String(), "reason=The budget")
	path := "/correct/" + cancel.Record.String()
	u.get("/funds/flow/"+commit.Record.String()).wants(t, []string{`href="` + path + `"`})
	u.get(path).wants(t, []string{">Why it is taken back", "The budget</textarea>"})
	form := u.form(path)
	form.Set("because", "The budget is cut by half.")
	form.Set("reason", "Half a sentence.")
	if said := s.said(u.sent(path, form)); !strings.Contains(said, `"reason":"The budget is cut by half."`) {
		t.Errorf("the cancellation says %s", said)
	}
	form = u.form(path)
	form.Set("because", "")
	form.Set("reason", "Nothing.")
	if p := u.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#because"`) {
		t.Errorf("without a reason: %d", p.status)
	}
}
