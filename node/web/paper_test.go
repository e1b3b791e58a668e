package web_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
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
	b.do(chromedp.EmulateViewport(paperWide, 900))
	if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > paperWide {
		t.Errorf("it is %d px wide on a paper of %d: words are cut", wide, paperWide)
	}
	if !eval[bool](b, `getComputedStyle(document.querySelector(".banner")).display !== "none" && getComputedStyle(document.querySelector("nav")).display === "none"`) {
		t.Error("on paper the banner is not seen, or the links between pages are")
	}
	if sheets := b.printed("report-blank"); sheets.pages != 1 {
		t.Errorf("it is %d pages", sheets.pages)
	}
	b.media("", "", "")
	b.calm()
}

// sheets are a page on paper: how many, and how many of them have the banner.
type sheets struct{ pages, marked int }

// printed prints the page, sees that it is on A4, and counts the sheets; the folder that
// VARDAR_SCREENSHOTS names keeps it.
func (b *tab) printed(path string) sheets {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	pdf, err := chromedp.Call(ctx, cdppage.PrintToPDF, cdppage.PrintToPDFParams{PreferCSSPageSize: new(true)})
	ok(b.t, err)
	b.keep(path, "pdf", pdf.Data)
	if !regexp.MustCompile(`/MediaBox \[0 0 59[45]\S* 84[12]`).Match(pdf.Data) {
		b.t.Errorf("it is no A4: %s", regexp.MustCompile(`/MediaBox[^]]*]`).Find(pdf.Data))
	}
	return sheets{len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(pdf.Data, -1)), inked(pdf.Data)}
}

// inked counts the sheets of a PDF on which something is in the ink of the banner.
func inked(pdf []byte) int {
	ink := regexp.MustCompile(`\.3569 \.1647 \.6157 rg`) // --demo of vardar.css, in light
	n := 0
	for _, part := range bytes.Split(pdf, []byte("stream\n"))[1:] {
		unpacked, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // no text, and nothing packed
		}
		if text, err := io.ReadAll(unpacked); err == nil && ink.Match(text) {
			n++
		}
	}
	return n
}
