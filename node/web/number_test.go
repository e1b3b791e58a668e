package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alexedwards/scs/v2/memstore"
	"golang.org/x/net/html"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
)

// bare is a whole number that a template prints as it comes, see [web.Bare], or a day as programs write it.
var bare = regexp.MustCompile(`\b1000\d{3}\b|\b\d{4}-\d\d-\d\d\b`)

// undivided gives the numbers and days that a page shows or reads out as programs write them. Names of records, codes,
// and what somebody types or a machine reads are no such numbers.
func undivided(page string) (wrong []string) {
	z, within := html.NewTokenizer(strings.NewReader(page)), ""
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		switch it := z.Token(); {
		case kind == html.StartTagToken && within == "" && (slices.Contains([]string{"textarea", "code", "pre", "option"}, it.Data) || isCode(it)):
			within = it.Data
		case kind == html.EndTagToken && it.Data == within:
			within = ""
		case kind == html.TextToken && within == "" && bare.MatchString(it.Data):
			wrong = append(wrong, strings.TrimSpace(it.Data))
		case kind == html.StartTagToken:
			for _, a := range it.Attr {
				if slices.Contains([]string{"aria-label", "title", "data-l"}, a.Key) && bare.MatchString(a.Val) {
					wrong = append(wrong, it.Data+" "+a.Key+": "+a.Val)
				}
			}
		}
	}
	return wrong
}

// isCode reports whether an element holds what is copied as it stands, such as the name of a record.
func isCode(it html.Token) bool {
	return slices.ContainsFunc(it.Attr, func(a html.Attribute) bool { return a.Key == "class" && slices.Contains(strings.Fields(a.Val), "id") })
}

// TestNumbersAndDaysAreWrittenAsTheLanguageDoes walks the table in Macedonian: no page prints a number or a day as it comes.
func TestNumbersAndDaysAreWrittenAsTheLanguageDoes(t *testing.T) {
	b := meet(t, func(_ protocol.InstitutionID, o *node.Options) { o.Second = []string{"needs"} })
	early, aside := b.early(), notAsked()
	b.centre.warns("Many may come")
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-09", "figures.arrivals=11572")
	waits := must(b.centre.node.Desk().Publish(t.Context(), desk.Request{Kind: "needs", Set: []string{"place=MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1", "method=registered"}}))(t).Waits
	pages := must(web.New(web.Options{Desk: b.centre.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: b.clock.Now}))(t)
	pages.BareNumbers()
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	who := map[staff.Role]*browser{}
	for _, r := range staff.Roles() {
		b.centre.account(r)
		who[r] = b.centre.browser()
		who[r].base, who[r].language = server.URL, "mk"
		who[r].post("/enter", url.Values{"name": {"test." + string(r)}, "password": {password}})
	}
	who[staff.Officer].post("/subscriptions", follows("Figures", "report", ""))
	read := 0
	for _, row := range staff.Pages() {
		if !strings.HasPrefix(row.Route, "GET ") || len(row.Roles) == 0 || aside[row.Route] != "" {
			continue
		}
		for _, r := range row.Roles {
			if p := who[r].get(shownAt(row.Route, early, waits)); p.status == http.StatusOK && strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
				read++
				for _, said := range undivided(p.body) {
					t.Errorf("%s, read by the %s, says %s", p.path, r, said)
				}
			}
		}
	}
	if read < 100 {
		t.Errorf("%d pages were read", read)
	}
}
