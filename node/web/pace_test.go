package web_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// slowLine plays a page whose clock it holds: what is done, and at which millisecond, it gives back.
const slowLine = `(() => {
  document.body.innerHTML = '<span id="live"></span><main id="content" hx-trigger="look from:#live"></main><div id="ring" hx-trigger="look from:#live"></div><form id="other" hx-trigger="input"></form>';
  const live = document.getElementById("live"), did = [];
  let now = 1000, timer;
  performance.now = () => now;
  window.setTimeout = (f, after) => { timer = {f, at: now + after}; return 1; };
  const passes = to => { if (timer && timer.at <= to) { const t = timer; timer = undefined; now = t.at; t.f(); } now = to; };
  const tell = () => live.dispatchEvent(new CustomEvent("changed"));
  const request = (id, what) => document.getElementById(id).dispatchEvent(new CustomEvent("htmx:" + what + ":request", {bubbles: true}));
  PACE;
  live.addEventListener("look", () => { did.push(now); request("content", "before"); request("ring", "before"); });
  const answered = () => { request("ring", "finally"); request("content", "finally"); };
  tell();                                              // a quiet line: at once
  passes(1010); answered();
  passes(2000); tell();                                // and again, with the line's pace of before
  for (let t = 3000; t <= 5000; t += 1000) { passes(t); tell(); } // three more while it waits for the answer
  request("other", "finally");                         // of something else
  request("ring", "finally"); passes(5500);
  request("content", "finally");                       // it took 3,500 ms: once for all three, at 19,500
  passes(19000); tell();
  passes(20000); answered();
  passes(60000);                                       // and nothing without news
  return did;
})()`

// TestOpenPageLooksNoFasterThanItsLineInABrowser: by a clock that the test holds.
func TestOpenPageLooksNoFasterThanItsLineInABrowser(t *testing.T) {
	browser := chromium(t)
	s := open(t)
	b := s.tab(t, browser)
	b.open("/enter")
	script := string(must(os.ReadFile("static/pace.js"))(t))
	got := eval[[]int](b, strings.Replace(slowLine, "PACE;", script, 1))
	if diff := cmp.Diff([]int{1000, 2000, 19500}, got); diff != "" {
		t.Errorf("it looked at (-want +got):\n%s", diff)
	}
}

// sentForm plays a page on which a form is sent while it looks, and gives which answers to a look were put aside.
const sentForm = `(() => {
  document.body.innerHTML = '<span id="live"></span><main id="content" hx-trigger="look from:#live"><form id="sent"></form></main><form id="other" hx-trigger="input"></form>';
  let now = 1000;
  performance.now = () => now;
  PACE;
  const aside = (id, hx) => {
    const e = new CustomEvent("htmx:before:response", {bubbles: true, cancelable: true, detail: {ctx: {hx}}});
    document.getElementById(id).dispatchEvent(e);
    return e.defaultPrevented;
  };
  const away = {redirect: "/record/x"}, out = [aside("content", away)]; // nothing was sent: another tab has left
  document.getElementById("sent").dispatchEvent(new Event("submit", {bubbles: true}));
  now += 5000;
  out.push(aside("content", away), aside("content", {}), aside("other", away));
  now += 60000; // it was a file that came
  out.push(aside("content", away));
  return out;
})()`

// TestSentFormIsNotTakenBackByALookInABrowser: who leaves an exercise by a form comes to where it leads, and is not brought
// back by a look that asked for the page as it was within.
func TestSentFormIsNotTakenBackByALookInABrowser(t *testing.T) {
	browser := chromium(t)
	s := open(t)
	b := s.tab(t, browser)
	b.open("/enter")
	script := string(must(os.ReadFile("static/pace.js"))(t))
	got := eval[[]bool](b, strings.Replace(sentForm, "PACE;", script, 1))
	if diff := cmp.Diff([]bool{false, true, false, false, false}, got); diff != "" {
		t.Errorf("put aside (-want +got):\n%s", diff)
	}
}
