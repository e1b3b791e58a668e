package web_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"golang.org/x/net/html"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
)

// moment is a day with an hour as the languages write it; with the zone behind it everything is said.
var moment = regexp.MustCompile(`(?:\d{4}-\d\d-\d\d|\d{1,2}[./] ?\d{1,2}[./] ?\d{4}\.?) \d\d:\d\d( [A-Z]{3,5}\b)?`)

// untimed gives the moments that a page shows without what says to a machine which they are, and to who
// points at them in which zone. What somebody typed is not looked at.
func untimed(page string) (wrong []string) {
	z, within := html.NewTokenizer(strings.NewReader(page)), ""
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		switch it := z.Token(); {
		case kind == html.StartTagToken && it.Data == "time":
			said := map[string]string{}
			for _, a := range it.Attr {
				said[a.Key] = a.Val
			}
			if _, err := time.Parse(time.RFC3339, said["datetime"]); err != nil || said["title"] == "" && !strings.Contains(page, "UTC</time>") {
				wrong = append(wrong, it.String())
			}
			within = it.Data
		case kind == html.StartTagToken && within == "" && slices.Contains([]string{"textarea", "code", "pre"}, it.Data):
			within = it.Data
		case kind == html.EndTagToken && it.Data == within:
			within = ""
		case kind == html.TextToken && strings.Contains(it.Data, "<time "):
			wrong = append(wrong, it.Data)
		case kind == html.TextToken && within == "":
			for _, m := range moment.FindAllStringSubmatch(it.Data, -1) {
				if m[1] == "" {
					wrong = append(wrong, it.Data)
				}
			}
		}
	}
	return wrong
}

// timed is what stands around a moment.
var timed = regexp.MustCompile(`<time [^>]*>|</time>`)

// shown is a page with its moments as they are read.
func (p page) shown() string { return timed.ReplaceAllString(p.body, "") }

// TestMomentIsSaidWithItsZone: alone, in a sentence and behind how old a figure is.
func TestMomentIsSaidWithItsZone(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("CET", 3600)
	s := open(t)
	s.reports(map[int]int{8: 960})
	strategy := must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "strategy", Set: []string{"title=Reception", "period=2015-07-02/2036-11-02", "status=adopted", "objectives.0.text=Nobody sleeps outside."}}))(t).Record
	u := s.account(staff.Officer)
	u.post("/handover", url.Values{"note": {"the bus waits"}})
	for path, wants := range map[string][]string{
		"/situation": {`<time datetime="2015-11-09T00:00:00Z" title="2015-11-09 01:00 CET +01:00">9 h</time>`},
		"/handover":  {`test.officer took over at <time datetime="2015-11-09T09:00:00Z" title="CET +01:00">2015-11-09 10:00</time>.`},
		"/record/" + strategy.String(): {
			`<dd><time datetime="2015-07-02T00:00:00Z" title="CET +01:00">2015-07-02 01:00</time> to <time datetime="2036-11-02T00:00:00Z" title="CET +01:00">2036-11-02 01:00</time></dd>`,
		},
	} {
		p := u.get(path)
		for _, want := range wants {
			if !strings.Contains(p.body, want) {
				t.Errorf("%s lacks %s:\n%s", path, want, p.body)
			}
		}
	}
}

// TestAgeAndItsMomentAreOfOneTime: of a period that is under way, of when its author signed, wherever its age stands.
func TestAgeAndItsMomentAreOfOneTime(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{9: 960})
	u := s.account(staff.Officer)
	for _, path := range []string{"/situation", "/situation/reporting", "/network/member/" + string(centre)} {
		if p := u.get(path); !strings.Contains(p.body, `<time datetime="2015-11-09T09:00:00Z" title="2015-11-09 09:00 UTC +00:00">0 s</time>`) || strings.Contains(p.body, ` title="2015-11-10 00:00`) {
			t.Errorf("%s:\n%s", path, p.body)
		}
	}
}

// TestTextBesideAMomentStaysText: a sentence with a moment in it is an element, and what else is put into it is not.
func TestTextBesideAMomentStaysText(t *testing.T) {
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	want := `&lt;b&gt;&amp; took over at <time datetime="2015-11-09T09:00:00Z" title="UTC +00:00">2015-11-09 09:00</time>.`
	if got := pages.SaidWhen(protocol.InstantOf(hour()), "handover.last", "<b>&"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
