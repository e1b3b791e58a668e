package web_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"testing"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// oneSheet prints the form that is filled in by hand: one A4, nothing cut, with its banner.
func (f *federated) oneSheet(t *testing.T, browser *chrome) {
	s := f.sites[town]
	must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "profile", Set: []string{
		"names.en=Demo south gate", "level=municipality", "duty_contact.office=Duty desk", "duty_contact.phone=+389 34 212 340",
	}}))(t)
	b := s.enter(t, browser, staff.Officer)
	for _, language := range everyLanguage() {
		b.speaks(language)
		b.open("/report/blank")
		b.says("+389 34 212 340")
		b.media("print", "", "")
		b.do(chromedp.EmulateViewport(paperWide, 900))
		if wide := eval[int64](b, "document.documentElement.scrollWidth"); wide > paperWide {
			t.Errorf("in %s it is %d px wide on a paper of %d: words are cut", language, wide, paperWide)
		}
		if !eval[bool](b, `getComputedStyle(document.querySelector(".banner")).display !== "none" && getComputedStyle(document.querySelector("nav")).display === "none"`) {
			t.Errorf("on paper in %s the banner is not seen, or the links between pages are", language)
		}
		if sheets := b.printed("report-blank-" + language); sheets.pages != 1 {
			t.Errorf("in %s it is %d pages", language, sheets.pages)
		}
		b.media("", "", "")
	}
	b.calm()
}

// everyLanguage are those that pages are offered in whose words differ.
func everyLanguage() []string { return []string{"en", "mk", "sq", "sr-Latn", "el"} }

// speaks chooses a language on a page.
func (b *tab) speaks(language string) {
	b.t.Helper()
	b.open("/")
	b.do(chromedp.SetValue(chromedp.CSS("#language"), language))
	b.marks() // the page may be in that language already
	b.press(`footer form[action="/language"] button`)
	b.until("window.never === undefined && document.documentElement.lang === " + quote(language))
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

// fullCase has a town in great need: long names, twelve lines, figures, crossings and what was
// said. It gives the incident, the request, and what a neighbour commits to all of it.
func (b *border) fullCase() (opener, request, commit string) {
	for id, name := range map[protocol.InstitutionID]string{
		centre: "Центар за управување со кризи и координација на помошта", gate: "Општина Јужна Порта, сектор за заштита и спасување", river: "Δήμος Ποταμιάς, Διεύθυνση Πολιτικής Προστασίας",
	} {
		s := b.gate
		if id == centre {
			s = b.centre
		}
		level := "municipality"
		if id == centre {
			level = "ministry"
		}
		s.says(id, "profile", "names.mk="+name, "level="+level, "duty_contact.office=Дежурна служба", "duty_contact.phone=+389 34 212 340")
	}
	phase := b.gate.says(gate, "phase", "place=MK-405", "phase=response", "reason=Дојдоа многу повеќе луѓе отколку што има места, и доаѓаат уште")
	var figures []string
	for i, what := range []string{"arrivals", "departures", "present", "sheltered", "children", "capacity_total", "capacity_free", "unaccompanied_children"} {
		figures = append(figures, fmt.Sprintf("figures.%s=%d", what, 900-100*i))
	}
	b.gate.says(gate, "report", append(figures, "place=MK-405", "period=2015-11-08", "summary=Местата се полни.")...)
	for i, name := range []string{"Граничен премин Богородица – Ευζώνοι", "Железничка станица Гевгелија, платформа за регистрација", "Транзитен центар Винојуг", "Пат М-1 кон Демир Капија"} {
		b.gate.says(gate, "route", "asset.type=border_crossing", "asset.name="+name, fmt.Sprintf("asset.code=x:gr-mk:crossing-%d", i), "state=closed", "place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z")
	}
	set := []string{
		"incident=" + phase.Record.String(), "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405",
		"deliver_to.contact.office=Магацин на Општината, Διεύθυνση Πολιτικής Προστασίας", "deliver_to.contact.phone=+389 34 212 341",
	}
	for i, what := range []string{"blanket", "bus", "tent", "bed_place", "water_litre", "meal", "interpreter", "medical_team", "generator", "shower", "hygiene_kit", "latrine"} {
		set = append(set, fmt.Sprintf("lines.%d.line=%d", i, i+1), fmt.Sprintf("lines.%d.type=%s", i, what), fmt.Sprintf("lines.%d.quantity=%d", i, 1200+i), fmt.Sprintf("lines.%d.unit=парчиња", i),
			fmt.Sprintf("lines.%d.description=Зимски, за деца и возрасни, да се достават ноќе; για παιδιά και ενήλικες, παράδοση τη νύχτα στην αποθήκη", i))
	}
	asked := b.gate.says(gate, "request", set...)
	for i := range 6 {
		b.gate.says(river, "note", "incident="+phase.Record.String(), fmt.Sprintf("text=%d. Автобусите тргнаа од Гевгелија и ќе пристигнат по полноќ; τα λεωφορεία ξεκίνησαν και θα φτάσουν μετά τα μεσάνυχτα, ώστε να είστε έτοιμοι.", i))
	}
	done := must(b.gate.node.Desk().Answer(b.t.Context(), desk.AnswerRequest{As: river, Record: asked.Record.String(), Step: "commit", Knowing: true}))(b.t)
	return phase.Record.String(), asked.Record.String(), done.Record.String()
}

// oneSheetEach prints what is carried in the hand: brief, request and delivery note are one
// A4 each, in every language, and their squares say what they should.
func oneSheetEach(t *testing.T, browser *chrome) {
	n := meet(t)
	opener, request, commit := n.fullCase()
	b := n.gate.enter(t, browser, staff.Officer)
	for _, language := range everyLanguage() {
		b.speaks(language)
		for _, paper := range []struct{ path, names string }{
			{"/incident/" + opener + "/brief", ""},
			{"/help/" + request + "/paper", request},
			{"/delivery/" + commit, commit},
		} {
			b.open(paper.path)
			b.media("print", "", "")
			b.do(chromedp.EmulateViewport(paperWide, 900))
			eval[bool](b, walk+";true")
			for _, wrong := range eval[[]string](b, fmt.Sprintf("walk.paper(%d)", paperWide)) {
				t.Errorf("%s in %s: %s", paper.path, language, wrong)
			}
			if rows := eval[int](b, `[...document.querySelectorAll("main tr")].filter(e => /(?<!\d)1[.,\u00a0\u202f ]?2(0\d|1[01])(?!\d)/.test(e.innerText)).length`); rows != 12 {
				t.Errorf("%s in %s has %d of 12 lines", paper.path, language, rows)
			}
			if sheets := b.printed(paper.path + "-" + language); sheets.pages != 1 {
				t.Errorf("%s in %s is %d sheets", paper.path, language, sheets.pages)
			}
			if paper.names != "" {
				if said := b.scan(); said != paper.names {
					t.Errorf("%s: the square says %q, want %q", paper.path, said, paper.names)
				}
			}
			b.media("", "", "")
		}
	}
	b.calm()
}

// scan reads the square on the page as a telephone does.
func (b *tab) scan() string {
	b.t.Helper()
	at := eval[cdppage.Viewport](b, `(r => ({x: r.x, y: r.y, width: r.width, height: r.height, scale: 2}))(document.querySelector("svg.qr").getBoundingClientRect())`)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	shot, err := chromedp.Call(ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{Clip: &at})
	ok(b.t, err)
	picture, err := png.Decode(bytes.NewReader(shot.Data))
	ok(b.t, err)
	bits, err := gozxing.NewBinaryBitmapFromImage(picture)
	ok(b.t, err)
	said, err := qrcode.NewQRCodeReader().Decode(bits, nil)
	ok(b.t, err)
	return said.GetText()
}
