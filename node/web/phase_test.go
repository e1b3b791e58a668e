package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestPhaseBoardIsReadByWhoeverReadsTheSituation: who declared what, since when and until when, how
// often it asks for reports, what is suggested with each reason and its quality; of one place, and as
// it was.
func TestPhaseBoardIsReadByWhoeverReadsTheSituation(t *testing.T) {
	b := meet(t)
	before := protocol.InstantOf(b.clock.Now())
	b.clock.pass(time.Minute)
	b.centre.says(centre, "phase", "place=MK", "phase=preparedness", "report_every_h=12", "valid_until=2015-12-01T00:00:00Z", "reason=Many may come")
	b.clock.pass(time.Hour)
	figure := b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.present=477", "figures.capacity_total=500").Record
	b.gate.lists(desk.ListFigures, figure)
	const path = "/situation/phases"
	declared := []string{"Many may come", "preparedness</a>", "a report every 12 hours", "2015-11-09 09:01", "until 2015-12-01", `href="/network/member/` + string(centre)}
	suggested := []string{"suggested: response", "95.4 % of the places are taken (limit 90.0 %)", `href="/record/` + figure.String() + `"`, `<span class="soft">why</span></summary>`}
	writes, auditor := b.centre.account(staff.Coordinator), b.gate.account(staff.Auditor)
	for _, u := range []*browser{writes, b.gate.account(staff.Officer), b.gate.account(staff.Approver), auditor} {
		u.get("/situation").wants(t, []string{`href="` + path + `"`})
		u.get(path).wants(t, append(declared, suggested...))
	}
	p := writes.get(path)
	p.wants(t, []string{`href="/phase/new?place=iso3166-2%3aMK-405&amp;phase=response"`})
	if strings.Index(p.body, "suggested: response") > strings.Index(p.body, "Many may come") {
		t.Error("a response stands behind what is only prepared for")
	}
	auditor.get(path).wants(t, nil, "/phase/new")
	if p = b.gate.account(staff.Admin).get(path); p.status != http.StatusForbidden {
		t.Errorf("who keeps the machine reads it: %d", p.status)
	}
	writes.get("/").wants(t, []string{`href="` + path + `"`})
	writes.get(path+"?place=MK-405").wants(t, append(suggested, `value="MK-405"`, "/list/territories/csv?place=MK-405"), declared[0])
	writes.get("/list/territories/csv?place=MK-405").wants(t, []string{"MK-405", "95"}, declared[0])
	writes.get(path+"?place=RS").wants(t, []string{"Nothing is of what was chosen"}, "suggested")
	if p = writes.get(path + "?place=nowhere"); p.status != http.StatusBadRequest {
		t.Errorf("of no place: %d", p.status)
	}
	writes.get(path+"?at="+before.String()).wants(t, []string{"No phase was declared yet"}, "suggested", declared[0])
	writes.get(path+"?at="+(before+2*60*1000).String()).wants(t, declared, "suggested")
	writes.language = "el"
	writes.get(path).wants(t, []string{"Κηρύχθηκε από", "Επειδή"}, "Declared by", "Because")
}

// TestPhaseBoardSaysWhichOfTwoPhasesCounts: the ministry's, and the town's below it says so, there and on the page of the place.
func TestPhaseBoardSaysWhichOfTwoPhasesCounts(t *testing.T) {
	b := meet(t)
	town := b.gate.says(gate, "phase", "place=MK-405", "phase=recovery", "reason=All have left").Record
	b.centre.comes(town)
	above := b.centre.says(centre, "phase", "place=MK-405", "phase=response", "reason=More will come").Record
	u := b.centre.account(staff.Coordinator)
	b.centre.until(func() bool { return strings.Contains(u.get("/situation/phases").body, "All have left") })
	mark := `<a class="pill watch" href="/incident/` + above.String() + `">What ` + string(centre) + ` declared counts, which is above</a>`
	for _, path := range []string{"/situation/phases", "/place/iso3166-2:MK-405"} {
		p := u.get(path)
		p.wants(t, []string{mark})
		if strings.Index(p.body, "More will come") > strings.Index(p.body, "All have left") || strings.Count(p.body, "which is above") != 1 {
			t.Errorf("%s: what counts does not stand first, or is said to be below another", path)
		}
	}
}
