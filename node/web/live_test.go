package web_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// stream opens the stream of an open page; who comes back says so. It gives how the answer
// begins, and its lines.
func (b *browser) stream(back bool) (page, *bufio.Scanner) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	r := must(http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/live", http.NoBody))(b.t)
	r.Header.Set("HX-Request", "true")
	if back {
		r.Header.Set("Last-Event-ID", "1")
	}
	resp, err := b.client.Do(r)
	ok(b.t, err)
	b.t.Cleanup(func() { cancel(); _ = resp.Body.Close() })
	return page{status: resp.StatusCode, header: resp.Header}, bufio.NewScanner(resp.Body)
}

// TestPageIsToldWhenToLookAgain: at news, and when it comes back; and who has not logged in
// is told nothing.
func TestPageIsToldWhenToLookAgain(t *testing.T) {
	s := open(t)
	stranger, _ := s.browser().stream(false)
	if stranger.status != http.StatusUnauthorized || stranger.header.Get("Hx-Redirect") != "/enter" {
		t.Errorf("a stranger: %d %v", stranger.status, stranger.header)
	}
	b := s.account(staff.Officer)
	told, lines := b.stream(false)
	if told.status != http.StatusOK || told.header.Get("Content-Type") != "text/event-stream" || told.header.Get("Content-Encoding") != "" {
		t.Fatalf("%d %v", told.status, told.header)
	}
	next := func(lines *bufio.Scanner, want string) {
		t.Helper()
		for lines.Scan() {
			if line := lines.Text(); line != "" {
				if line != want {
					t.Errorf("told %q, want %q", line, want)
				}
				return
			}
		}
		t.Errorf("the stream ended before %q: %v", want, lines.Err())
	}
	next(lines, "id: 1")
	s.reports(map[int]int{7: 960})
	next(lines, "event: changed")
	_, again := b.stream(true)
	next(again, "id: 1")
	next(again, "event: changed")
}

// TestPageThatLooksByItselfKeepsNoSessionAlive: a screen that was left is shut.
func TestPageThatLooksByItselfKeepsNoSessionAlive(t *testing.T) {
	u := open(t).account(staff.Officer)
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, u.base+"/situation", http.NoBody))(t)
	if p := u.do(r); p.status != http.StatusOK || p.header.Get("Set-Cookie") == "" {
		t.Fatalf("a reader's own visit prolongs nothing: %d %v", p.status, p.header)
	}
	r.Header.Set("HX-Request", "true")
	if p := u.do(r); p.status != http.StatusOK || p.header.Get("Set-Cookie") != "" {
		t.Errorf("an open page prolongs its session: %d %v", p.status, p.header)
	}
}

// changesInPlace has a coordinator read a long page while news come: rows change, and the
// reader keeps place, focus and what was typed.
func (f *federated) changesInPlace(t *testing.T, browser *chrome) {
	s := f.sites[centre]
	var last desk.Published
	for i := range 60 {
		last = must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "note", Set: []string{fmt.Sprintf("text=note %d", i)}}))(t)
	}
	b := s.enter(t, browser, staff.Coordinator)
	b.open("/handover")
	row := "n-" + strings.NewReplacer("/", "-", ".", "-").Replace(last.Record.String())
	b.do(chromedp.SendKeys(chromedp.CSS("#note"), "half a sentence"))
	b.marks()
	eval[bool](b, `document.querySelector('#`+row+` a').focus({preventScroll: true}), document.getElementById("`+row+`").scrollIntoView({block: "center"}), true`)
	before := eval[float64](b, `document.getElementById("`+row+`").getBoundingClientRect().top`)
	must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "request", Set: []string{
		"to.0=" + string(town), "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=" + protocol.InstantOf(time.Now().Add(time.Hour)).String(),
		"deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk",
	}}))(t)
	b.until(`document.querySelectorAll("main td.n").length > 0`) // a table stands above the row now
	if after := eval[float64](b, `document.getElementById("`+row+`").getBoundingClientRect().top`); after < before-2 || after > before+2 {
		t.Errorf("the row that was read moved from %g to %g", before, after)
	}
	if !eval[bool](b, `document.activeElement.closest("li")?.id === "`+row+`" && document.getElementById("note").value === "half a sentence"`) {
		t.Error("the reader lost the focus, or what was typed")
	}
	second := must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "note", Set: []string{"text=behind the first look"}}))(t)
	b.until(`document.querySelector("main a[href='/record/` + second.Record.String() + `']")`)
	b.unmoved()
	b.calm()
}
