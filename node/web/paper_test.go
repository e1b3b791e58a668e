package web_test

import (
	"context"
	"regexp"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// oneSheet prints the form that is filled in by hand: one A4, nothing cut, with its banner.
func (f *federated) oneSheet(t *testing.T, browser *chrome) {
	s := f.sites[town]
	must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "profile", Set: []string{
		"names.en=Demo south gate", "level=municipality", "duty_contact.office=Duty desk", "duty_contact.phone=+389 34 212 340",
	}}))(t)
	b := s.enter(t, browser, staff.Officer)
	b.open("/report/blank")
	b.says("+389 34 212 340")
	b.media("print", "", "")
	b.do(chromedp.EmulateViewport(680, 900)) // 180 mm between the margins of an A4
	if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > 680 {
		t.Errorf("it is %d px wide on a paper of 680: words are cut", wide)
	}
	if !eval[bool](b, `getComputedStyle(document.querySelector(".banner")).display !== "none" && getComputedStyle(document.querySelector("nav")).display === "none"`) {
		t.Error("on paper the banner is not seen, or the links between pages are")
	}
	if pages := b.printed("report-blank"); pages != 1 {
		t.Errorf("it is %d pages", pages)
	}
	b.media("", "", "")
	b.calm()
}

// printed prints the page, sees that it is on A4, and counts the sheets; the folder that
// VARDAR_SCREENSHOTS names keeps it.
func (b *tab) printed(path string) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Call(ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PreferCSSPageSize: new(true)})
	ok(b.t, err)
	b.keep(path, "pdf", pdf.Data)
	text := string(pdf.Data)
	if !regexp.MustCompile(`/MediaBox \[0 0 59[45]\S* 84[12]`).MatchString(text) {
		b.t.Errorf("it is no A4: %s", regexp.MustCompile(`/MediaBox[^]]*]`).FindString(text))
	}
	return len(regexp.MustCompile(`/Type\s*/Page\b`).FindAllString(text, -1))
}
