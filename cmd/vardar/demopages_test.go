package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

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
	again := last[federation.CrisisCentre.LocalName()]
	if again.word != "" {
		t.Errorf("who has entered already is asked to enter: %+v", again)
	}
	if again.url != centre.url {
		t.Logf("somebody else has taken %s meanwhile", centre.url)
	} else if p := coordinator.get("/situation"); !strings.Contains(p, "the highest 11,572") || !strings.Contains(p, "DEMONSTRATION") {
		t.Errorf("the session, or the figures, did not outlive the proof:\n%s", p)
	}
	town := last[federation.SouthGate.LocalName()]
	if town.word == first[federation.SouthGate.LocalName()].word {
		t.Error("a word was told twice: nothing knows one again")
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

// enter chooses a password by the word.
func (i invitation) enter(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, client: http.Client{Jar: jar}, base: i.url}
	page := b.get("/word?name=" + i.name)
	if !strings.Contains(page, `value="`+i.name+`"`) {
		t.Errorf("the name is not filled in:\n%s", page)
	}
	form := url.Values{"name": {i.name}, "word": {i.word}, "password": {"a sentence of the demonstration"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/word", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if page = b.do(r); !strings.Contains(page, "The password is chosen") {
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
	return b.do(r)
}

func (b *browser) do(r *http.Request) string {
	b.t.Helper()
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %d %v\n%s", r.URL.Path, resp.StatusCode, err, text)
	}
	if err = resp.Body.Close(); err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}
