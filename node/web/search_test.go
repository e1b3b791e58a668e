package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestSearchFindsWhatItsReaderMayRead: by words in any of the alphabets, in groups, as this
// node knew it then; what is called just so is opened.
func TestSearchFindsWhatItsReaderMayRead(t *testing.T) {
	b := meet(t)
	s := b.centre
	alert := s.warns("Šta dolazi u Đorče Petrov")
	s.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "summary=Автобуси за Ѓорче чекаат")
	s.says(centre, "report", "place=MK-405", "period=2015-11-07", "figures.arrivals=17", "summary=Λεωφορεία στην Ειδομένη")
	officer, keeper := s.account(staff.Officer), s.account(staff.Admin)
	found := func(u *browser, q string) page { return u.get("/search?q=" + url.QueryEscape(q)) }

	for q, want := range map[string]string{
		"avtobusi":                "Автобуси за", // a word in the other alphabet
		"ГЈОРЧЕ автоб":            "Автобуси за", // the beginnings of two, in another spelling
		"sta dolazi":              "Šta dolazi",
		"шта долази":              "Šta dolazi",
		"djorce":                  "Šta dolazi",
		"ειδομενη":                "Λεωφορεία", // without its accent
		"demo south":              `href="/network/member/` + string(gate) + `"`,
		"гевгел":                  `href="/place/iso3166-2:MK-405"`,
		"северна маке":            `href="/place/iso3166-1:MK"`,
		"demo-crisis situation 1": "Автобуси за", // of a record's name
	} {
		if p := found(officer, q); p.status != http.StatusOK || !strings.Contains(p.body, want) {
			t.Errorf("%q does not find %q: %d\n%s", q, want, p.status, p.body)
		}
	}
	found(officer, "dolazi").wants(t, []string{"Incidents", `href="/incident/` + alert.Record.String() + `"`, "last 90 days"}, "Places", "Institutions")
	found(officer, "ειδομενη").wants(t, []string{`<details class="grounds"><summary>`}) // its quality, and why
	found(officer, "dolazi").wants(t, nil, `class="grounds"`)                           // an alert has none
	for quality, of := range map[string][2]string{"weak": {"Λεωφορεία", "Nothing is of what was chosen"}, "good": {"Nothing is of what was chosen", "Λεωφορεία"}} {
		officer.get("/search?q=ειδομενη&quality="+quality).wants(t, []string{of[0], `<input type="hidden" name="q" value="ειδομενη">`, `<option value="` + quality + `" selected>`}, of[1])
	}
	officer.get("/search?q=docna&at=30m&quality=weak").wants(t, []string{"Nothing is of what was chosen"}) // also as it was known then
	officer.get("/search").wants(t, nil, `name="quality"`)
	found(officer, "").wants(t, []string{"Give the name of a record"}, "last 90 days")
	found(officer, "avtobusi nigde").wants(t, []string{"has all of these words: avtobusi nigde"}, "Автобуси")
	found(officer, "ltor").wants(t, []string{"has all of these words"}) // the middle of a word
	if p := found(officer, strings.Repeat("x", desk.MaxSearch+1)); p.status != http.StatusBadRequest {
		t.Errorf("a long text: %d", p.status)
	}
	for q, path := range map[string]string{
		alert.Record.String():         "/record/" + alert.Record.String(),
		"alert.1.1":                   "/record/" + alert.Record.String(), // of its own
		strings.ToUpper(string(gate)): "/network/member/" + string(gate),
		"mk-405":                      "/place/iso3166-2:MK-405",
		"iso3166-1:MK":                "/place/iso3166-1:MK",
		string(centre) + "/alert.1.2": "/search", // which nobody wrote
		"mk.southeast.demo-nobody":    "/search",
		"mk":                          "/search", // no code in small letters, since me and at are words
	} {
		if p := found(officer, q); p.path != path || p.status != http.StatusOK {
			t.Errorf("%q leads to %s (%d), want %s", q, p.path, p.status, path)
		}
	}
	// Who keeps the machine finds institutions, and nothing of what records say.
	found(keeper, "avtobusi").wants(t, []string{"has all of these words"}, "Автобуси", "last 90 days")
	found(keeper, "demo south").wants(t, []string{string(gate)}, `name="quality"`)
	if p := found(keeper, alert.Record.String()); p.path != "/search" {
		t.Errorf("who keeps the machine is led to %s", p.path)
	}
	b.clock.pass(time.Hour)
	s.says(centre, "note", "text=доцна вест")
	found(officer, "docna").wants(t, []string{"доцна вест"})
	officer.get("/search?q=docna&at=30m").wants(t, []string{"has all of these words", `name="q" value="docna"`}, "доцна вест")
	officer.get("/search?q=alert.1.1&at=30m").wants(t, []string{"As this node knew it at"})
}

// TestSearchShowsTheNewestOfMany, and says that there are more.
func TestSearchShowsTheNewestOfMany(t *testing.T) {
	b := meet(t)
	for i := range 50 {
		b.clock.pass(time.Minute)
		b.centre.says(centre, "note", "text=bus number "+strings.Repeat("i", i+1)+".")
	}
	p := b.centre.account(staff.Officer).get("/search?q=bus")
	p.wants(t, []string{"There is more than is shown", " " + strings.Repeat("i", 50) + "."}, " "+strings.Repeat("i", 30)+".")
	if n := strings.Count(p.body, "bus number"); n != 20 {
		t.Errorf("%d are shown", n)
	}
}
