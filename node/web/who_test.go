package web_test

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestWhoDoesWhatWhereIsAListAMapAndAFile: what is committed and what is paid for, on the map by
// place with words for who sees no map, and as CSV.
func TestWhoDoesWhatWhereIsAListAMapAndAFile(t *testing.T) {
	b := meet(t)
	u := b.centre.account(staff.Officer)
	u.get("/help/solidarity").wants(t, []string{"Nothing is committed yet, and nothing is paid"}, `<figure`)
	needs := b.gate.says(gate, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=400", "items.0.basis=estimate", "items.0.priority=1")
	asks := func(place string) desk.Published {
		t.Helper()
		return b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=300", "lines.0.unit=places", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place="+place, "deliver_to.contact.office=Duty desk")
	}
	here, apart := asks("MK-405"), asks("x:gr-mk:bogorodica-evzoni")
	for _, record := range []desk.Published{needs, here, apart} {
		b.centre.comes(record.Record)
	}
	for _, r := range []desk.AnswerRequest{
		{As: centre, Record: here.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 120}}},
		{As: centre, Record: apart.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 30}}},
	} {
		must(b.centre.node.Desk().Answer(t.Context(), r))(t)
	}
	flow := func(set ...string) desk.Published {
		t.Helper()
		f := b.centre.says(centre, "commit-flow", append(set, "recipient="+string(gate), "amount=5000", "currency=EUR")...)
		b.centre.says(centre, "pay", "thread="+f.Record.String(), "amount=4500.50")
		return f
	}
	plan := b.centre.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01T00:00:00Z/2017-01-01T00:00:00Z", "cosigners="+string(gate),
		"lines.0.purpose=Beds for the cold", "lines.0.beneficiary="+string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000.50", "lines.0.source=eu_amif", "lines.0.status=requested")
	placed, silent := flow("needs_refs.0="+needs.Record.String()), flow()

	p := u.get("/help/solidarity")
	p.wants(t, []string{
		`href="/help/` + here.Record.String() + `"`, `href="/funds/flow/` + placed.Record.String() + `"`, `href="/funds/flow/` + silent.Record.String() + `"`,
		"4,500.50 EUR", "1 of them names no place", `<a href="/help/3w.csv" download>`, "Resolution 1244",
	})
	// In the table what names no place has none.
	for _, row := range regexp.MustCompile(`<tr><td class="id">.*?</tr>`).FindAllString(p.body, -1) {
		if strings.Contains(row, silent.Record.String()) && strings.Contains(row, "Gevgelija") {
			t.Errorf("a place is made up: %s", row)
		}
	}
	said := regexp.MustCompile(`<a href="/place/iso3166-2:MK-405" aria-label="([^"]*)"`).FindAllStringSubmatch(p.body, -1)
	if len(said) != 1 || said[0][1] != "Gevgelija 1 helps: beds: 120, 1 funded activity (shelter)" {
		t.Errorf("the mark on the map says %q", said)
	}
	words := regexp.MustCompile(`(?s)<ul class="plain" id="who-where">.*?</ul>`).FindString(p.body)
	for _, want := range []string{">Gevgelija</a>: 1 helps; beds: 120, 1 funded activity (shelter)<", "(not on this map)</span>: 1 helps; beds: 30<"} {
		if !strings.Contains(words, want) {
			t.Errorf("in words the map says %s, without %s", words, want)
		}
	}
	for _, path := range []string{"/funds", "/funds/flow/" + placed.Record.String()} {
		u.get(path).wants(t, []string{`/place/iso3166-2:MK-405">Gevgelija</a>: shelter`})
	}
	csv := u.get("/help/3w.csv")
	if csv.status != http.StatusOK || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") {
		t.Errorf("CSV: %d %v", csv.status, csv.header)
	}
	for _, want := range []string{ // what is planned stands beside it, in the file alone
		"mk.national.demo-crisis-centre,cash,,,,120000.50,EUR,shelter,Beds for the cold,Gevgelija,iso3166-2:MK-405," + string(gate) + ",planned,,,,,1,," + plan.Record.String() + ",proposed,2016,requested,\r\n",
		"mk.national.demo-crisis-centre,bed_place,120,places,,,,,,Gevgelija,iso3166-2:MK-405," + string(gate) + ",committed,,,," + here.Record.String() + ",1,,,,,,\r\n",
		"mk.national.demo-crisis-centre,cash,,,4500.50,,EUR,shelter,,Gevgelija,iso3166-2:MK-405," + string(gate) + ",partly_paid,donor_only,,1,,," + placed.Record.String() + ",,,,,poor\r\n",
		"mk.national.demo-crisis-centre,cash,,,4500.50,,EUR,,,,," + string(gate) + ",partly_paid,donor_only,,1,,," + silent.Record.String() + ",,,,,\r\n",
	} {
		if !strings.Contains(csv.body, want) {
			t.Errorf("CSV lacks %q:\n%s", want, csv.body)
		}
	}
}

// TestWhatIsMadeOfRecordsIsChosenByTheirQuality, on the page, in its file and in the lists that are taken
// away: what rests on no assessment has none, is left out where a quality is asked for, and is counted.
func TestWhatIsMadeOfRecordsIsChosenByTheirQuality(t *testing.T) {
	s := meet(t).gate
	u := s.account(staff.Officer)
	needs := s.says(gate, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=tent", "items.0.unit=tents", "items.0.required=10", "items.0.basis=count", "items.0.priority=1",
		"items.0.cost_estimate.amount=1000.50", "items.0.cost_estimate.currency=EUR")
	s.says(gate, "receive", "donor="+string(river), "amount=400", "currency=EUR", "needs_refs.0="+needs.Record.String())
	s.says(gate, "receive", "donor="+string(river), "amount=7", "currency=EUR")
	const why, none = `<details class="grounds">`, "Nothing is of what was chosen"
	for _, tt := range []struct {
		path        string
		words, past int // qualities on the page, and rows that are left out
	}{
		{"/help/solidarity", 3, 0},                    // the index, what is unmet, and the flow for it
		{"/help/solidarity?quality=unverified", 3, 2}, // the flow for nothing, and the town that says nothing,
		{"/help/solidarity?quality=good", 0, 5},
		{"/funds", 1, 0},
		{"/funds?quality=unverified", 1, 0},
		{"/funds?quality=good", 0, 1},
	} {
		p := u.get(tt.path)
		if got := strings.Count(p.body, why); got != tt.words {
			t.Errorf("%s has %d rows with a quality, want %d", tt.path, got, tt.words)
		}
		omitted := regexp.MustCompile(`id="omitted">(\d+)`).FindStringSubmatch(p.body)
		if (omitted != nil) != (tt.past > 0) || omitted != nil && omitted[1] != strconv.Itoa(tt.past) {
			t.Errorf("%s leaves %q out, want %d", tt.path, omitted, tt.past)
		}
		if tt.words == 0 && !strings.Contains(p.body, none) {
			t.Errorf("%s does not say that nothing is of the quality", tt.path)
		}
	}
	u.get("/help/solidarity?quality=unverified").wants(t, []string{`href="/help/3w.csv?quality=unverified"`, `href="/list/solidarity/xlsx?quality=unverified"`})
	for path, want := range map[string]string{"/help/3w.csv": "7,,EUR", "/help/3w.csv?quality=unverified": "400,,EUR"} {
		if body := u.get(path).body; !strings.Contains(body, want) || strings.Contains(path, "unverified") && strings.Contains(body, "7,,EUR") {
			t.Errorf("%s has %s", path, body)
		}
	}
	for what, want := range map[string]int{"3w": 1, "unfunded": 1, "solidarity": 1} {
		for quality, rows := range map[string]int{"unverified": want, "good": 0} {
			l := must(s.node.Desk().List(t.Context(), desk.Query{What: what, Quality: quality}))(t)
			if l.Total != rows {
				t.Errorf("the list %s has %d rows that are %s, want %d", what, l.Total, quality, rows)
			}
		}
	}
}

// TestLedgerAndWhoDoesWhatSayOfWhomTheyAreMade: who has said what it needs, above the ledger, and who
// what it has, above what is done; without either nobody is told to have got or done nothing.
func TestLedgerAndWhoDoesWhatSayOfWhomTheyAreMade(t *testing.T) {
	b := meet(t)
	for _, r := range []desk.Published{
		b.gate.says(gate, "profile", "names.en=South gate", "level=municipality", "seat=MK-405"),
		b.gate.says(gate, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=400", "items.0.basis=estimate", "items.0.priority=1"),
	} {
		b.centre.comes(r.Record)
	}
	b.centre.says(centre, "phase", "place=MK-405", "phase=response", "reason=Arrivals")
	page := b.centre.account(staff.Officer).get("/help/solidarity").body
	_, ledger, _ := strings.Cut(page, "Help given and received</h2>")
	ledger, who, _ := strings.Cut(ledger, `<h2 id="who">`)
	if !strings.Contains(ledger, "1 of 1 reported") {
		t.Errorf("above the ledger stands\n%s", ledger)
	}
	if !strings.Contains(who, "0 of 1 reported") || !strings.Contains(who, string(gate)) {
		t.Errorf("above who does what stands\n%s", who)
	}
}
