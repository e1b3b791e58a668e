package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// posted sends the form of a practice with files, as a browser does.
func (b *browser) posted(form url.Values, files map[string][]byte) page {
	b.t.Helper()
	return b.postedTo("/practice/new", form, files)
}

// postedTo sends a form with files.
func (b *browser) postedTo(path string, form url.Values, files map[string][]byte) page {
	b.t.Helper()
	var out bytes.Buffer
	m := multipart.NewWriter(&out)
	for name, values := range form {
		for _, v := range values {
			ok(b.t, m.WriteField(name, v))
		}
	}
	for name, data := range files {
		part := must(m.CreateFormFile("file", name))(b.t)
		must(part.Write(data))(b.t)
	}
	ok(b.t, m.Close())
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, &out))(b.t)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return b.do(r)
}

// learnt has the centre tell of a practice with files, and the town do the same.
func (f *federated) learnt(t *testing.T) protocol.Name {
	t.Helper()
	s := f.sites[centre]
	n := must(s.node.Desk().Publish(t.Context(), desk.Request{
		Kind: "practice", Attach: []desk.AttachedFile{{Name: "план.pdf", Content: []byte("%PDF")}},
		Set: []string{
			"title=One number for each family", "summary=Nobody waits outside.", "problem=People stood in the rain.", "solution=Each family gets a number.", "place=MK-405", "sectors=registration_asylum,shelter", "phases=response",
			"results.0.what=hours that a family waits", "results.0.unit=hours", "results.0.before=9.5", "results.0.after=1", "cost.amount=1800.50", "cost.currency=EUR",
		},
	}))(t).Record
	f.sites[town].comes(n)
	f.sites[town].until(func() bool {
		_, err := f.sites[town].node.Desk().Practice(t.Context(), town, n.String(), 0)
		return err == nil
	})
	did := must(f.sites[town].node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: n.String(), Step: "adopt", Reason: "with two clerks more"}))(t).Record
	s.comes(did)
	f.sites[town].says(town, "capacity", "place=MK-405", "items.0.type=training_seat", "items.0.unit=seats", "items.0.total=10", "items.0.available=10", "items.0.offerable=true", "items.0.conditions=triage at the border")
	return n
}

// TestTwoPeopleLearnFromEachOther: a municipality tells of a practice with a file; the ministry
// finds it by the beginnings of words, keeps the file, does the same with a result of its own,
// confirms it and asks; the municipality sees all of it, and puts it right.
func TestTwoPeopleLearnFromEachOther(t *testing.T) {
	f := federate(t)
	writes, reads := f.sites[town].account(staff.Officer), f.sites[centre].account(staff.Officer)
	reads.get("/library").wants(t, []string{"No practice is known here yet", "Nobody offers training seats", `href="/practice/new"`, `href="/library" aria-current="page"`})
	form := writes.form("/practice/new")
	for name, value := range map[string]string{
		"title": "Номерца за регистрација", "problem": "People stood in the rain.", "solution": "Each family gets a number.", "context": "A hall with a door.", "place": "MK-405",
		"results.1.what": "hours that a family waits", "results.1.before": "9.5", "results.1.after": "soon", "results.1.unit": "hours", "cost.amount": "1800.50", "cost.currency": "EUR", "cost_note": "a month",
	} {
		form.Set(name, value)
	}
	form["sectors"], form["phases"] = []string{"registration_asylum", "shelter"}, []string{"response"}
	file := map[string][]byte{"план.pdf": []byte("<script>alert(1)</script>")}
	p := writes.posted(form, file)
	for _, kept := range []string{`id="why.results.1.after"`, `<option value="shelter" selected>`, "A hall with a door.", `href="#results.1.after"`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("a result that is no number: %d, without %s", p.status, kept)
		}
	}
	form.Set("results.1.after", "1")
	p = writes.posted(form, file)
	n, err := protocol.ParseName(strings.TrimPrefix(p.path, "/library/"))
	if err != nil {
		t.Fatalf("written, and led to %s: %d %s", p.path, p.status, p.body)
	}
	path := "/library/" + n.String()
	if again := writes.posted(form, file); !strings.HasSuffix(again.path, n.String()) {
		t.Errorf("sent twice it is %s too", again.path)
	}
	p.wants(t, []string{"Номерца за регистрација", "A hall with a door.", "9.5", "1,800.50 EUR", "a month", "план.pdf", "shelter", `href="/correct/` + n.String() + `"`}, `id="adopt"`)

	f.sites[centre].comes(n)
	f.sites[centre].until(func() bool { return strings.Contains(reads.get("/library").body, "Номерца") })
	for question, found := range map[string]bool{
		"q=reg+nome": true, "q=istracija": false, "q=засолниште": true, "q=Εκκλησια": false, "sector=shelter&phase=response": true, "sector=health": false, "phase=recovery": false, "place=MK-405": true, "place=RS": false,
	} {
		p = reads.get("/library?" + question)
		if got := strings.Contains(p.body, `<td><a href="`+path+`">`); got != found {
			t.Errorf("?%s finds it: %t, want %t", question, got, found)
		}
	}
	reads.get("/library").wants(t, []string{"Practices: 1 of 1", "New in the last 30 days", string(town) + " tells of it"})
	p = reads.get(path + "/file/1")
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Content-Disposition": "attachment; filename*=utf-8''%D0%BF%D0%BB%D0%B0%D0%BD.pdf",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if p.body != "<script>alert(1)</script>" {
		t.Errorf("the file came back as %q", p.body)
	}
	for _, no := range []string{"/file/2", "/file/0", "/file/x"} {
		if p = reads.get(path + no); p.status != http.StatusNotFound {
			t.Errorf("%s: %d", no, p.status)
		}
	}
	reads.get(path).wants(t, []string{`<details class="more" id="spare"><summary>Room for 2 more</summary>` + "\n" + `<fieldset><legend>Result 2</legend>`})
	form = filledIn(t, reads.get(path), "adopt", "results.0.what", "hours that a family waits", "results.0.before", "11", "results.0.after", "", "results.0.unit", "hours", "reason", "with two clerks more")
	p = reads.post(path, form)
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#results.0.after"`) || !strings.Contains(p.body, "with two clerks more") {
		t.Errorf("a result without what came of it: %d", p.status)
	}
	form.Set("results.0.after", "2")
	reads.post(path, form).wants(t, []string{"Do the same: 1", "with two clerks more", "<b>2</b>"})
	f.sites[hub].comes(n)
	judges := f.sites[hub].account(staff.Officer)
	f.sites[hub].until(func() bool { return judges.get(path).status == http.StatusOK })
	judges.get(path).wants(t, []string{`href="/endorse/` + n.String() + `"`})
	endorse := judges.form("/endorse/" + n.String())
	endorse.Set("stance", "confirm")
	endorse.Set("basis", "observed")
	endorse.Set("reason", "we have been there")
	judges.sent("/endorse/"+n.String(), endorse)
	note := reads.form("/note/" + n.String())
	note.Set("text", "Which hall was it?")
	reads.sent("/note/"+n.String(), note)
	f.sites[town].until(func() bool {
		p = writes.get(path)
		return strings.Contains(p.body, "Which hall was it?") && strings.Contains(p.body, "we have been there")
	})
	p.wants(t, []string{string(centre), "<b>2</b>", "Confirmed by 1, disputed by 0"}, `id="adopt"`)
	mend := writes.form("/correct/" + n.String())
	if diff := mend["sectors"]; strings.Join(diff, ",") != "registration_asylum,shelter" && mend.Get("title") == "" {
		t.Errorf("the form of a correction has %v", mend)
	}
	mend["sectors"] = []string{"registration_asylum", "shelter"}
	mend["phases"] = []string{"response"}
	mend.Set("summary", "Nobody waits outside.")
	mend.Set("reason", "left out")
	writes.sent("/correct/"+n.String(), mend)
	writes.get(path).wants(t, []string{"Nobody waits outside.", "план.pdf", "of what it said before it was put right"})
	if p = writes.get("/library?at=2015-01-01"); !strings.Contains(p.body, "No practice is known here yet") {
		t.Errorf("before anything was told: %d %s", p.status, p.body)
	}
	if p = writes.get("/library/" + string(town) + "/situation.1.1"); p.status != http.StatusNotFound {
		t.Errorf("a report in the library: %d", p.status)
	}
}

// TestBadInputIsRefusedInTheFormOfAPractice: what was typed stays, and leads to its field.
func TestBadInputIsRefusedInTheFormOfAPractice(t *testing.T) {
	f := federate(t)
	u := f.sites[town].account(staff.Officer)
	for _, bad := range [][]string{ // the field, then what is set
		{"title", "title", ""},
		{"problem", "problem", ""},
		{"solution", "solution", strings.Repeat("x", body.MaxText+1)},
		{"place", "place", "nowhere:1"},
		{"sectors", "sectors", "weather"},
		{"phases", "phases", "later"},
		{"results.0.what", "results.0.after", "1"},
		{"results.2.unit", "results.1.what", "a", "results.1.after", "1", "results.1.unit", "b", "results.2.what", "a", "results.2.after", "1"},
		{"cost.amount", "cost.amount", "much", "cost.currency", "EUR"},
		{"cost.currency", "cost.amount", "5"},
		{"attachments.0.url", "attachments.0.url", "javascript:alert(1)", "attachments.0.name", "a.pdf", "attachments.0.size", "7", "attachments.0.digest", strings.Repeat("ab", 32)},
		{"attachments.0.name", "attachments.0.url", "https://example.org/a", "attachments.0.name", "../a", "attachments.0.size", "7", "attachments.0.digest", strings.Repeat("ab", 32)},
		{"attachments.0.digest", "attachments.0.url", "https://example.org/a", "attachments.0.name", "a", "attachments.0.size", "7", "attachments.0.digest", "short"},
		{"attachments.0.size", "attachments.0.url", "https://example.org/a", "attachments.0.name", "a", "attachments.0.size", "0", "attachments.0.digest", strings.Repeat("ab", 32)},
	} {
		form := u.form("/practice/new")
		for _, pair := range [][2]string{{"title", "Numbers"}, {"problem", "Rain"}, {"solution", "Numbers"}} {
			form.Set(pair[0], pair[1])
		}
		for i := 1; i < len(bad); i += 2 {
			form.Set(bad[i], bad[i+1])
		}
		if p := u.posted(form, nil); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.`+bad[0]+`"`) {
			t.Errorf("%v: %d, and it does not stand at %s: %s", bad[1:], p.status, bad[0], regexp.MustCompile(`(?s)class="wrong".*?</div>`).FindString(p.body))
		}
	}
	form := u.form("/practice/new")
	form.Set("title", "Numbers")
	form.Set("problem", "Rain")
	form.Set("solution", "Numbers")
	for size, status := range map[int]int{body.MaxAttachedBytes + 1: http.StatusUnprocessableEntity, 0: http.StatusUnprocessableEntity, 2 << 20: http.StatusUnprocessableEntity} {
		p := u.posted(form, map[string][]byte{"a.bin": make([]byte, size)})
		if p.status != status || !strings.Contains(p.body, "file") {
			t.Errorf("a file of %d bytes: %d", size, p.status)
		}
	}
	u.post("/draft", form).wants(t, []string{"Tell of a practice", `href="/practice/new?draft=`})
	for _, question := range []string{"sector=weather", "phase=later", "place=nowhere:1"} {
		if p := u.get("/library?" + question); p.status != http.StatusBadRequest && p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `class="wrong"`) {
			t.Errorf("?%s: %d", question, p.status)
		}
	}
	if p := u.post("/library/"+string(town)+"/knowledge.1.99", url.Values{"as": {string(town)}}); p.status != http.StatusNotFound {
		t.Errorf("nothing is adopted: %d", p.status)
	}
}

// learntIsDone has a town tell of a practice with a file; somebody of the capital finds it by a
// word's beginning and does the same, and the town sees it where it stands.
func (f *federated) learntIsDone(t *testing.T, browser *chrome) {
	writes, reads := f.sites[town].enter(t, browser, staff.Officer), f.sites[centre].enter(t, browser, staff.Coordinator)
	path := filepath.Join(t.TempDir(), "plan.txt")
	ok(t, os.WriteFile(path, []byte("1 2 3"), 0o600))
	writes.press(`nav a[href="/library"]`)
	writes.says("No practice is known here yet")
	writes.press(`main a[href="/practice/new"]`)
	writes.says("Tell of a practice")
	writes.fill("title", "Номерца за регистрација")
	writes.do(chromedp.SendKeys(chromedp.CSS("#problem"), "People stood in the rain."))
	writes.do(chromedp.SendKeys(chromedp.CSS("#solution"), "Each family gets a number."))
	writes.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	writes.press(`#filling .actions button:not(.plain)`)
	writes.at("/library/" + string(town) + "/knowledge.1.")
	writes.says("plan.txt")
	reads.open("/library?q=registr")
	reads.again(func() bool { return eval[bool](reads, `document.body.innerText.includes("Номерца")`) })
	reads.press(`tbody a[href^="/library/"]`)
	reads.says("Each family gets a number.")
	reads.fill("results.0.what", "hours")
	reads.fill("results.0.after", strconv.Itoa(2))
	reads.fill("results.0.unit", "hours")
	reads.do(chromedp.SendKeys(chromedp.CSS("#reason"), "Two clerks more."))
	reads.press("#adopt button")
	reads.says("Do the same: 1")
	writes.says("Do the same: 1") // nobody has loaded it anew
	writes.says("Two clerks more.")
	endorses, practice := f.sites[hub].enter(t, browser, staff.Officer), eval[string](writes, "location.pathname")
	endorses.open("/library")
	endorses.again(func() bool { return eval[bool](endorses, `!!document.querySelector('main a[href="`+practice+`"]')`) })
	endorses.press(`main a[href="` + practice + `"]`)
	endorses.press(`main a[href^="/endorse/"]`)
	endorses.choose("stance", "confirm")
	endorses.choose("basis", "observed")
	endorses.types("reason", "We stood there.")
	endorses.sends(hub)
	writes.says("We stood there.")
	endorses.calm()
	writes.calm()
	reads.calm()
}
