package web_test

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// walk is what is asked of every page; each of its functions says what is wrong there.
//
//go:embed testdata/walk.js
var walk string

// paperWide are the 180 mm between the margins of an A4, in the browser's pixels.
const paperWide = 680

// telephone is how wide the smallest screen is that pages are made for (pages.md §1).
const telephone = 360

// dress is what a reader has asked their machine for.
type dress map[string]string

// alike holds a page against those who print it, who have no mouse, and who see otherwise.
func (b *tab) alike(t *testing.T, path string) {
	t.Helper()
	eval[bool](b, walk+";true")
	for _, wrong := range eval[[]string](b, "[...walk.owned(), ...walk.leaves()]") {
		t.Error(wrong)
	}
	b.onPaper(t, path)
	b.byKeys(t)
	for _, d := range []dress{
		{"forced-colors": "active", "prefers-reduced-motion": "reduce", "prefers-color-scheme": "light"},
		{"forced-colors": "active", "prefers-color-scheme": "dark"},
		{"prefers-reduced-motion": "reduce", "prefers-color-scheme": "dark"},
	} {
		b.wants("", d)
		still := d["prefers-reduced-motion"] != ""
		for _, wrong := range eval[[]string](b, fmt.Sprintf("walk.told(%t)", still)) {
			t.Errorf("%v: %s", d, wrong)
		}
	}
	b.wants("", nil)
}

// onPaper prints a page: on A4, nothing cut, nothing to press, and on each sheet whose it is.
func (b *tab) onPaper(t *testing.T, path string) {
	t.Helper()
	b.wants("print", dress{"prefers-color-scheme": "dark"}) // paper is white for who reads in the dark too
	b.do(chromedp.EmulateViewport(paperWide, 900))
	for _, wrong := range eval[[]string](b, fmt.Sprintf("walk.paper(%d)", paperWide)) {
		t.Errorf("printed: %s", wrong)
	}
	if ground := eval[string](b, "getComputedStyle(document.body).backgroundColor"); ground != "rgb(255, 255, 255)" {
		t.Errorf("printed on %s", ground)
	}
	if sheets := b.printed(path); sheets.pages == 0 || sheets.marked != sheets.pages {
		t.Errorf("printed: %d of %d sheets say that this is a demonstration", sheets.marked, sheets.pages)
	}
	b.wants("", nil)
}

// narrow holds the pages against a telephone in the languages that they are not walked through in,
// whose words are longer. Only the width is asked about, so a page is put into one that is open.
func narrow(t *testing.T, visits []visit) {
	t.Helper()
	browser, tabs, looked := chromium(t), map[reader]*tab{}, 0
	for _, v := range visits {
		if v.role == "" {
			continue
		}
		if tabs[v.reader] == nil {
			b := v.at.enterAs(t, browser, fmt.Sprintf("narrow.%s", v.role), v.role)
			b.do(chromedp.EmulateViewport(telephone, 900))
			eval[bool](b, walk+";true")
			tabs[v.reader] = b
		}
		for _, language := range everyLanguage()[1:] {
			for _, wrong := range eval[[]string](tabs[v.reader], fmt.Sprintf("walk.narrow(%q, %q)", v.path, language)) {
				t.Errorf("%s as %s in %s: %s", v.path, v.role, language, wrong)
			}
			looked++
		}
	}
	if looked < 200 {
		t.Errorf("%d pages were looked at", looked)
	}
}

// byKeys goes round the page by the tab key, and to its content by the first stop.
func (b *tab) byKeys(t *testing.T) {
	t.Helper()
	b.do(chromedp.EmulateViewport(1280, 900))
	presses := eval[int](b, "walk.presses()")
	b.do(chromedp.KeyEvent(strings.Repeat("\t", presses)))
	for _, wrong := range eval[[]string](b, "walk.round()") {
		t.Errorf("by the keyboard: %s", wrong)
	}
	eval[bool](b, `document.querySelector(".skip").focus(), true`)
	b.do(chromedp.KeyEvent("\r"), chromedp.KeyEvent("\t"))
	if at := eval[string](b, `document.activeElement.closest("header, nav, .skip")?.outerHTML.slice(0, 80) ?? ""`); at != "" {
		t.Errorf("the way to the content leads to %s", at)
	}
}
