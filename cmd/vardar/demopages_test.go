package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/federation"
)

// TestDemonstrationOpensPagesAndStaysUntilItIsEnded: who reads on a terminal is told where
// to click and a word for each page, sees there what was told, and may go on after the proof.
func TestDemonstrationOpensPagesAndStaysUntilItIsEnded(t *testing.T) {
	ctx, kill := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Minute) // a bound on hanging
	defer kill()
	cmd := exec.CommandContext(ctx, "vardar", "demo", "november", "--day", "0s")
	cmd.Env = append(os.Environ(), "TMPDIR="+folder(t), "TEST_SCREEN=1", "NO_COLOR=1")
	told, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	h := &hearer{t: t, lines: bufio.NewScanner(told)}
	first := h.invitations("Pages to click while the story goes on")
	centre := first[string(federation.CrisisCentre.LocalName())]
	coordinator := centre.enter(t)
	if p := coordinator.get("/situation"); !strings.Contains(p, "DEMONSTRATION") || !strings.Contains(p, "Gevgelija") {
		t.Errorf("a coordinator's page while the story is told:\n%s", p)
	}
	last := h.invitations("To click: the nodes run again, until Ctrl-C")
	h.until("Ctrl-C ends the demonstration.")
	t.Run("the pages named at the end", func(t *testing.T) { walkNamed(t, last[federation.CrisisCentre.LocalName()], h.told.String()) })
	again := last[federation.CrisisCentre.LocalName()]
	if again.word != "" {
		t.Errorf("who has entered already is asked to enter: %+v", again)
	}
	if again.url != centre.url { // somebody else has taken the port meanwhile, and a cookie is of one
		coordinator = again.enterAgain(t)
	}
	if p := coordinator.get("/situation"); !strings.Contains(p, "the highest 11,572") || !strings.Contains(p, "DEMONSTRATION") {
		t.Errorf("the session, or the figures, did not outlive the proof:\n%s", p)
	}
	coordinator.readsTheStory(strings.Join(strings.Fields(h.told.String()), " "))
	town := last[federation.SouthGate.LocalName()]
	if town.word == first[federation.SouthGate.LocalName()].word {
		t.Error("a word was told twice: nothing knows one again")
	}
	stale := url.Values{"name": {town.name}, "word": {first[federation.SouthGate.LocalName()].word}, "password": {demoPassword}}
	if status, p := town.stranger(t).posts("/word", stale); status != http.StatusForbidden || !strings.Contains(p, "another word was made for the account since this one") || !strings.Contains(p, "vardar demo") {
		t.Errorf("who comes with the word of the beginning is not told that another was made: %d\n%s", status, p)
	}
	if p := town.enter(t).get("/"); !strings.Contains(p, "the highest 11,572") || !strings.Contains(p, `href="/report/new"`) {
		t.Errorf("an officer's page:\n%s", p)
	}
	if p := last[federation.Secretariat.LocalName()].enter(t).get("/node"); !strings.Contains(p, "DEMONSTRATION") {
		t.Errorf("the page of who keeps a node:\n%s", p)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

// walkNamed has somebody look in Chromium at the pages that the end names, as who has entered or
// enters by the word: each says what was counted, and no page complains.
func walkNamed(t *testing.T, coordinator invitation, told string) {
	t.Helper()
	_, ended, _ := strings.Cut(told, "Worth a look there")
	named := regexp.MustCompile(`(?m)^  `+regexp.QuoteMeta(coordinator.url)+`(/[a-z/]+)  (.+)$`).FindAllStringSubmatch(ended, -1)
	says := map[string][]string{
		"/funds": {"180,000"}, "/policy": {"By what are they to be shared"}, "/library": {"Numbers instead of queues"}, "/regional": {"adds up"},
		"/network/dropped": {string(federation.RiverTown), "not_signed"}, "/exercise": {"Two sides of a border", "running"},
		"/situation/contradictions": {"Bogorodica", string(federation.NorthernTown), string(federation.SouthGate)},
		"/situation/routes":         {"Bogorodica", string(federation.NorthernTown), string(federation.SouthGate), "disagree"},
	}
	if len(named) != len(says) {
		t.Fatalf("%d pages are named at the end, want %d:\n%s", len(named), len(says), told)
	}
	browser := chromium(t)
	browser.do(chromedp.Navigate(coordinator.url+"/enter"), chromedp.SendKeys(chromedp.CSS("#name"), coordinator.name), chromedp.SendKeys(chromedp.CSS("#password"), demoPassword))
	browser.do(chromedp.Click(chromedp.CSS("main form button")))
	browser.says("Situation")
	for _, page := range named {
		if len(says[page[1]]) == 0 {
			t.Errorf("%s is named at the end, and nobody knows what for", page[1])
		}
		browser.do(chromedp.Navigate(coordinator.url + page[1]))
		for _, said := range says[page[1]] {
			browser.says(said)
		}
		if page[1] == "/exercise" { // what is named behind it is seen in it alone
			browser.do(chromedp.Click(chromedp.CSS(`form[action="/exercise/enter"] button`)))
			browser.says("nothing here is real")
		}
	}
	browser.calm()
}

// chrome is a browser that runs, and what it complained about.
type chrome struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex // guards said
	said []string
}

// chromium starts a browser, which CI installs; elsewhere, where there is none, the walk is left out.
func chromium(t *testing.T) *chrome {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		missing(t, "chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(2*time.Minute), chromedp.Flag("lang", "en-US"))
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	c := &chrome{t: t}
	c.ctx, stop = chromedp.NewContext(ctx, chromedp.WithListener(c.listen))
	t.Cleanup(stop)
	c.begin()
	return c
}

func (c *chrome) begin() {
	c.t.Helper()
	if err := chromedp.Do(c.ctx); err != nil { // no deadline here: it would be the browser's
		c.t.Fatal(err)
	}
}

// listen keeps what the browser complains about.
func (c *chrome) listen(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := event.(type) {
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError {
			c.said = append(c.said, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		c.said = append(c.said, e.ExceptionDetails.Text)
	}
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 2*time.Minute) // a bound on hanging
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		c.t.Fatal(err)
	}
}

// says waits until the page says something; one that is just left answers nothing.
func (c *chrome) says(text string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute) // a bound on hanging
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.readyState === 'complete' ? document.body.innerText : ''"))
		if err == nil && strings.Contains(found, text) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("not said: %s\n%v\nthe page:\n%s", text, err, found)
		}
	}
}

func (c *chrome) calm() {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.said) > 0 {
		c.t.Errorf("the browser complains: %q", c.said)
	}
}

// demoPassword is what all choose who enter by a word here.
const demoPassword = "a sentence of the demonstration"

// hearer listens to a demonstration.
type hearer struct {
	t     *testing.T
	lines *bufio.Scanner
	told  strings.Builder
}

// until listens on to a line.
func (h *hearer) until(word string) {
	h.t.Helper()
	for h.lines.Scan() {
		h.told.WriteString(h.lines.Text() + "\n")
		if strings.Contains(h.lines.Text(), word) {
			return
		}
	}
	h.t.Fatalf("nothing said %q in\n%s", word, h.told.String())
}

// invitation is where somebody enters, and by which word.
type invitation struct{ url, name, word string }

// invitations listens to the next three, behind a title.
func (h *hearer) invitations(title string) map[string]invitation {
	h.t.Helper()
	h.until(title)
	out := map[string]invitation{}
	who := ""
	for h.lines.Scan() && h.lines.Text() != "" {
		line := h.lines.Text()
		h.told.WriteString(line + "\n")
		at := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/(?:word\?name=|enter as )([a-z]+)`).FindStringSubmatch(line)
		word := regexp.MustCompile(`one-time word ([0-9a-z-]{29});`).FindStringSubmatch(line)
		switch i := out[who]; {
		case at != nil:
			i.url, i.name = at[1], at[2]
			out[who] = i
		case word != nil:
			i.word = word[1]
			out[who] = i
		default:
			who, _, _ = strings.Cut(strings.TrimSpace(line), ":")
			name, _, _ := strings.Cut(who, " (")
			who = "demo-" + name
		}
	}
	if len(out) != 3 {
		h.t.Fatalf("%d are invited: %v\n%s", len(out), out, h.told.String())
	}
	return out
}

// browser is who has entered.
type browser struct {
	t      *testing.T
	client http.Client
	base   string
}

// stranger is somebody who has not entered yet.
func (i invitation) stranger(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, client: http.Client{Jar: jar}, base: i.url}
}

// enterAgain comes in by the password that was chosen.
func (i invitation) enterAgain(t *testing.T) *browser {
	t.Helper()
	b := i.stranger(t)
	if page := b.post("/enter", url.Values{"name": {i.name}, "password": {demoPassword}}); !strings.Contains(page, "Log out") {
		t.Fatalf("%s does not come in again:\n%s", i.name, page)
	}
	return b
}

// enter chooses a password by the word.
func (i invitation) enter(t *testing.T) *browser {
	t.Helper()
	b := i.stranger(t)
	page := b.get("/word?name=" + i.name)
	if !strings.Contains(page, `value="`+i.name+`"`) {
		t.Errorf("the name is not filled in:\n%s", page)
	}
	if page = b.post("/word", url.Values{"name": {i.name}, "word": {i.word}, "password": {demoPassword}}); !strings.Contains(page, "The password is chosen") {
		t.Fatalf("%s does not come in:\n%s", i.name, page)
	}
	return b
}

func (b *browser) get(path string) string {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, http.NoBody)
	if err != nil {
		b.t.Fatal(err)
	}
	status, page := b.do(r)
	if status != http.StatusOK {
		b.t.Fatalf("%s: %d\n%s", path, status, page)
	}
	return page
}

func (b *browser) post(path string, form url.Values) string {
	b.t.Helper()
	status, page := b.posts(path, form)
	if status != http.StatusOK {
		b.t.Fatalf("%s: %d\n%s", path, status, page)
	}
	return page
}

// posts sends a form that may be refused.
func (b *browser) posts(path string, form url.Values) (status int, page string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) do(r *http.Request) (status int, page string) {
	b.t.Helper()
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		b.t.Fatalf("%s: %v\n%s", r.URL.Path, err, text)
	}
	return resp.StatusCode, string(text)
}
