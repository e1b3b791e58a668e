package web_test

import (
	"strings"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// shows waits for a pill with these words.
func (b *tab) shows(words string) {
	b.t.Helper()
	b.until(`[...document.querySelectorAll("main .pill")].some(e => e.innerText === ` + quote(words) + `)`)
}

// takes takes a step in a flow of funds, with what is to be typed into it.
func (b *tab) takes(step, member, value string) {
	b.t.Helper()
	b.press("#do-" + step + " summary")
	if member != "" {
		field := chromedp.CSS("#act-" + step + " [name=" + member + "]")
		b.do(chromedp.Clear(field), chromedp.SendKeys(field, value))
	}
	b.press("#act-" + step + " button")
}

// isReconciled has the capital pledge, commit and pay, and the town say that it has come and what
// became of it: the page of each says so by itself, and that both say the same.
func (w atWork) isReconciled() {
	donor, recipient := w.reader, w.officer
	donor.open("/funds")
	donor.choose("step", "pledge")
	donor.types("other", string(town))
	donor.types("amount", "500000.50")
	donor.types("currency", "EUR")
	donor.press("#begin .actions button")
	donor.at("/funds/flow/" + string(centre) + "/")
	path := eval[string](donor, "location.pathname")
	w.sites[town].folds(must(protocol.ParseName(strings.TrimPrefix(path, "/funds/flow/")))(w.t))
	recipient.open("/funds")
	recipient.press(`main a[href="` + path + `"]`)
	recipient.shows("pledged")
	donor.takes("commit", "", "")
	recipient.shows("committed") // nobody has loaded it anew
	donor.takes("pay", "amount", "200000.50")
	amount := `document.querySelector("#act-receive [name=amount]").value === `
	recipient.until(amount + `"200000.50"`) // folded away, the form is of now
	recipient.press("#do-receive summary")
	typed := func(value string) {
		eval[bool](recipient, `(e => (e.value = "", e.focus(), true))(document.querySelector("#act-receive [name=amount]"))`)
		recipient.do(chromedp.SendKeys(chromedp.CSS("#act-receive [name=amount]"), value))
	}
	typed("7")
	donor.takes("pay", "", "")
	recipient.until(`document.querySelector("#do-receive summary").innerText.endsWith("500,000.50 EUR")`)
	recipient.until(amount + `"7"`) // what is typed stays
	recipient.shows("paid")
	recipient.says("only the donor says so")
	typed("500000.05")
	recipient.press("#act-receive button")
	donor.says("the two differ")
	recipient.press(`main .timeline a[href^="/correct/"]`)
	recipient.until(`document.getElementById("amount")?.value === "500000.05"`)
	recipient.says("The flow of funds and its sums follow.")
	recipient.calm()
	recipient.fill("amount", "500000.50")
	recipient.types("reason", "Two digits were turned.")
	recipient.sends(town)
	donor.shows("reconciled") // by itself
	recipient.open(path)
	recipient.takes("report", "spent", "480000")
	for _, b := range []*tab{donor, recipient} {
		b.shows("reported")
		b.shows("reconciled")
		b.says("20,000.50 EUR")
	}
}

// isAimedAt has the capital adopt a strategy and the town one that supports it, and put it right: the
// alignment of the capital says so by itself.
func (w atWork) isAimedAt() {
	below, above := w.officer, w.reader
	adopts := func(b *tab, title string) {
		b.types("title", title)
		b.choose("status", "adopted")
		b.choose("period.start", "2026-01-01T00:00")
		b.choose("period.end", "2036-01-01T00:00")
		b.types("objectives.0.text", "Nobody sleeps outside.")
	}
	above.open("/policy/alignment")
	adopts(above, "Reception in the country")
	above.press("#write .actions button")
	above.at("/policy/strategy/" + string(centre) + "/")
	national := must(protocol.ParseName(strings.TrimPrefix(eval[string](above, "location.pathname"), "/policy/strategy/")))(w.t)
	above.open("/policy/alignment")
	above.shows("Nothing below supports it")
	above.marks()
	w.sites[town].lists(desk.ListStrategies, national)
	below.open("/policy/alignment")
	adopts(below, "Reception in the town")
	below.until(`(o => o && (o.selected = true))(document.querySelector('[id="objectives.0.supports"] option[value="` + national.String() + `#1"]'))`)
	below.press("#write .actions button")
	below.at("/policy/strategy/" + string(town) + "/")
	below.says(national.String() + "#1")
	above.says("Reception in the town")
	above.until(`[...document.querySelectorAll("main .pill")].every(e => e.innerText !== "Nothing below supports it")`)
	below.fill("title", "Reception at the gate")
	below.types("reason", "It has a name now.")
	below.press("#mend .actions button")
	above.says("Reception at the gate")
	above.unmoved()
}

// isSettled has the capital and the town say two numbers of one day, each of which reads it on its own Now, until the
// capital verifies the one that is right, and puts its own right.
func (w atWork) isSettled(body *tab) {
	officer, verifies := w.officer, w.reader
	of := []string{"place=MK-405", "period=2015-10-20"}
	right := w.sites[town].says(town, "report", append(of, "figures.arrivals=3391")...).Record
	wrong := w.sites[centre].says(centre, "report", append(of, "figures.arrivals=1200")...).Record
	officer.open("/")
	officer.says("we say 3,391, " + string(centre) + " says 1,200.")
	body.open("/")
	body.says("we say 1,200, " + string(town) + " says 3,391.")
	verifies.open("/situation/contradictions")
	verifies.press(`main a[href="/record/` + right.String() + `"]`)
	verifies.press(`main a[href="/endorse/` + right.String() + `"]`)
	for id, word := range map[string]string{"stance": "verify", "basis": "registered", "field": "arrivals"} {
		verifies.choose(id, word)
	}
	verifies.types("value", "3391")
	verifies.sends(centre)
	mended := desk.CorrectRequest{As: centre, Record: wrong.String(), Set: []string{"figures.arrivals=3391"}, Reason: "counted anew"}
	must(w.sites[centre].node.Desk().Correct(w.t.Context(), mended))(w.t)
	for _, b := range []*tab{officer, body} {
		b.until(`!document.querySelector("main").innerText.includes("we say")`) // by itself
	}
	verifies.open("/situation/contradictions")
	verifies.until(`!document.querySelector("main").innerText.includes("3,391")`)
	body.calm()
}
