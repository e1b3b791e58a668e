package web_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// axe is the checker of accessibility; see testdata/axe/README.txt.
//
//go:embed testdata/axe/axe.min.js
var axe string

// patience is how long a page may take on a machine with much other work; every wait is for
// a condition, and this is its end.
const patience = 3 * time.Minute

// chromium starts the browser that all tests of a run share. Where there is none the test
// is skipped, but for CI, which installs it.
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
		if os.Getenv("CI") == "true" {
			t.Fatal("no chromium: .ci/run installs it with its fonts")
		}
		t.Skip("no chromium here: apt-get install chromium fonts-dejavu-core")
	}
	// Its profile lies in a folder that chromedp makes, and takes away again when the last of
	// the browser's processes lets go of it, which a folder of the test could not wait for.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.WSURLReadTimeout(patience), chromedp.Flag("lang", "en-US"))
	ctx, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, shut := chromedp.NewContext(ctx)
	t.Cleanup(shut)
	ok(t, chromedp.Do(ctx)) // no deadline here: it would be the browser's
	return &chrome{ctx: ctx}
}

// chrome is a browser that runs.
type chrome struct {
	ctx context.Context

	mu   sync.Mutex      // guards sent
	sent map[string]bool // the addresses that forms were sent to
}

// tab is a tab of somebody's browser, with cookies of its own.
type tab struct {
	t       *testing.T
	browser *chrome
	ctx     context.Context
	base    string

	mu   sync.Mutex
	said []string // what the browser complained about
}

// tab opens one at a node's pages.
func (s *site) tab(t *testing.T, browser *chrome) *tab {
	t.Helper()
	b := &tab{t: t, browser: browser, base: "http://" + s.node.PagesAddr()}
	var shut context.CancelFunc
	b.ctx, shut = chromedp.NewContext(browser.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.listen))
	t.Cleanup(shut)
	ok(t, chromedp.Do(b.ctx))
	return b
}

// listen keeps what the browser complains about: scripts, policies, answers that failed; and where
// it sends forms to. That a form was refused is no failure: the page says so.
func (b *tab) listen(event any) {
	var said string
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if e.Request.Method == http.MethodPost {
			b.browser.noted(e.Request.URL)
		}
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 422") {
			said = e.Entry.Text + " " + e.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			said = fmt.Sprint(e.Type, e.Args)
		}
	}
	if said != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.said = append(b.said, said)
	}
}

// calm fails if the browser complained.
func (b *tab) calm() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.t.Errorf("the browser complains: %s", s)
	}
	b.said = nil
}

// do does steps.
func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	ok(b.t, chromedp.Do(ctx, steps...))
}

// open goes to a page.
func (b *tab) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// eval evaluates an expression, a promise to its end.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return must(chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise)))(b.t)
}

// until waits for a condition in the page; a page that is just left answers nothing.
func (b *tab) until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		met, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+condition+")"))
		if err == nil && met {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			text, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
			b.t.Fatalf("not in %s: %s\n%v\nthe page:\n%s", patience, condition, err, text)
		}
	}
}

// says waits until the page says something.
func (b *tab) says(text string) {
	b.t.Helper()
	b.until("document.body.innerText.includes(" + quote(text) + ")")
}

// at waits for a page by its path.
func (b *tab) at(prefix string) {
	b.t.Helper()
	b.until("location.pathname.startsWith(" + quote(prefix) + ")")
}

func quote(s string) string {
	text, _ := json.Marshal(s) //nolint:errchkjson // a string
	return string(text)
}

// fill types a value into a field that is empty or not.
func (b *tab) fill(id, value string) {
	b.t.Helper()
	b.until(`document.readyState === "complete"`) // else what is found may be gone when it is written into
	sel := chromedp.CSS(`[id="` + id + `"]`)
	b.do(chromedp.Clear(sel), chromedp.SendKeys(sel, value))
}

// press clicks what a selector finds, in the middle of the screen: at its foot may be what rings. A
// link to another page is followed there: what comes next may have its like on the page that is left.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`(e => e && (e.scrollIntoView({block: "center"}), true))(document.querySelector(%q))`, selector))
	leaves := eval[bool](b, fmt.Sprintf(`(e => window.left = !!e && !e.hasAttribute("download") && !e.hash)(document.querySelector(%q).closest("a[href]"))`, selector))
	b.do(chromedp.Click(chromedp.CSS(selector)))
	if leaves {
		b.until("!window.left")
	}
}

// enter makes an account of a role and logs it in, as a person does.
func (s *site) enter(t *testing.T, browser *chrome, r staff.Role) *tab {
	t.Helper()
	return s.enterAs(t, browser, "duty."+string(r), r)
}

// enterAs is the same for an account of this name.
func (s *site) enterAs(t *testing.T, browser *chrome, name string, r staff.Role) *tab {
	t.Helper()
	done, err := s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: name, Role: r})
	if err != nil { // an earlier test made it
		done = must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffReset, Name: name}))(t)
	}
	b := s.tab(t, browser)
	b.byWord(name, done.Word)
	return b
}

// byWord comes in by the word that an account began with.
func (b *tab) byWord(name, word string) {
	b.t.Helper()
	b.open("/word")
	b.fill("name", name)
	b.fill("word", word)
	b.fill("password", password)
	b.press("form.stack button")
	b.says("The password is chosen")
	b.open("/")
}
