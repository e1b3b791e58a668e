package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestAmountIsReadAsItIsWrittenOrRefused: pages in four languages print 25.000 for what is typed as 25000, so that
// nobody's 25.000 is guessed, in any form; what can be read in one way alone is read.
func TestAmountIsReadAsItIsWrittenOrRefused(t *testing.T) {
	f := federate(t)
	donor, recipient := f.sites[centre].account(staff.Officer), f.sites[town].account(staff.Officer)
	donor.language, recipient.language = "mk", "mk"
	refuses := func(p page, field, typed string) {
		t.Helper()
		digits := strings.NewReplacer(".", "", ",", "").Replace(typed)
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s of %s: %d", typed, field, p.status)
		}
		for _, said := range []string{`id="why.` + field + `"`, `value="` + typed + `"`, "може да се прочита на два начина", "&#34;" + digits + "&#34; или ", "0&#34;, како што е мислено"} {
			if !strings.Contains(p.body, said) {
				t.Errorf("%s of %s: not said: %s", typed, field, said)
			}
		}
	}
	form := fields(donor.get("/funds").body)
	for name, value := range map[string]string{"step": "commit", "other": string(town), "amount": "35.000", "currency": "EUR"} {
		form.Set(name, value)
	}
	refuses(donor.post("/funds", form), "amount", "35.000")
	form.Set("amount", "35 000,50")
	p := donor.post("/funds", form)
	p.wants(t, []string{"35.000,50 EUR"})
	path := p.path
	f.sites[town].folds(f.last(t, p, centre))
	step := func(u *browser, step string, set ...string) page {
		t.Helper()
		form := act(t, u.get(path), step, "")
		for i := 0; i < len(set); i += 2 {
			form.Set(set[i], set[i+1])
		}
		return u.post(path, form)
	}
	refuses(step(donor, "pay", "amount", "1,000"), "pay.amount", "1,000")
	step(donor, "pay").wants(t, []string{"35.000,50 EUR"}) // as the page itself has filled it in
	refuses(step(recipient, "receive", "amount", "25.000"), "receive.amount", "25.000")
	received := f.last(t, step(recipient, "receive", "amount", "25000", "knowing", "yes"), town)
	refuses(step(recipient, "report", "spent", "1.000"), "report.spent", "1.000")
	short := step(recipient, "report", "spent", "20000", "unspent", "99")
	if short.status != http.StatusUnprocessableEntity || !strings.Contains(short.body, `id="why.report.unspent"`) || !strings.Contains(short.body, `name="knowing"`) {
		t.Errorf("99 left of 5000: %d", short.status)
	}
	mend := recipient.form("/correct/" + received.String())
	mend.Set("amount", "26.000")
	mend.Set("reason", "Mistyped.")
	refuses(recipient.post("/correct/"+received.String(), mend), "amount", "26.000")

	refuses(donor.post("/funds/plan", planOnPaper(t, donor, "lines.0.amount", "110.000")), "lines.0.amount", "110.000")
	refuses(donor.post("/funds/plan", planOnPaper(t, donor, "rates.0.currency", "MKD", "rates.0.rate", "61.695")), "rates.0.rate", "61.695")
	donor.post("/funds/plan", planOnPaper(t, donor, "rates.0.currency", "GBP", "rates.0.rate", "0,83275")).wants(t, []string{"0,83275 GBP"})

	needs := recipient.form("/needs/new")
	for name, value := range map[string]string{"place": "MK-405", "population.in_need": "30", "items.0.item": "bed_place", "items.0.required": "30", "items.0.cost_estimate.amount": "9.000", "items.0.cost_estimate.currency": "EUR"} {
		needs.Set(name, value)
	}
	refuses(recipient.post("/needs/new", needs), "items.0.cost_estimate.amount", "9.000")
	practice := recipient.form("/practice/new")
	practice.Set("cost.amount", "4.500")
	practice.Set("cost.currency", "EUR")
	practice.Set("results.0.what", "waiting")
	practice.Set("results.0.after", "1.250")
	p = recipient.post("/practice/new", practice)
	refuses(p, "cost.amount", "4.500")
	refuses(p, "results.0.after", "1.250")
}
