package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestStickTakesThePlaceOfTheLine: an officer writes what the capital lacks, and the capital's
// administrator, who may read none of it, takes it in.
func TestStickTakesThePlaceOfTheLine(t *testing.T) {
	b := meet(t)
	officer, keeper := b.gate.account(staff.Officer), b.centre.account(staff.Admin)
	b.gate.until(func() bool { return strings.Contains(officer.get("/network/carry").body, "Write for "+string(centre)) })
	b.network.Line(centre, gate).Cut()
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572", "summary=many")

	stick := officer.post("/network/carry/"+string(centre), url.Values{})
	if kept := stick.header.Get("Content-Disposition"); stick.status != http.StatusOK || kept != `attachment; filename="for-mk.national.demo-crisis-centre-20151109-0900.vardar"` {
		t.Fatalf("written: %d, kept as %q\n%s", stick.status, kept, stick.body)
	}
	if strings.Contains(stick.body, "11572") {
		t.Error("whoever finds the stick reads it")
	}
	taken := keeper.sends("/network/carry", []byte(stick.body))
	taken.wants(t, []string{"New records from " + string(gate) + ": ", "here already: "})
	if strings.Contains(taken.body, "New records from "+string(gate)+": 0;") {
		t.Errorf("nothing is new:\n%s", taken.body)
	}
	b.centre.comes(said.Record)
	keeper.sends("/network/carry", []byte(stick.body)).wants(t, []string{"New records from " + string(gate) + ": 0;"})

	for body, why := range map[string]string{
		stick.body[:len(stick.body)-1]: "the bundle ends too early or was altered on its way",
		"place,period\nMK-405,2015\n":  "this is no bundle",
	} {
		if p := keeper.sends("/network/carry", []byte(body)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, why) {
			t.Errorf("%d, want %q:\n%s", p.status, why, p.body)
		}
	}
	if p := officer.sends("/network/carry", []byte(stick.body)); !strings.Contains(p.body, "this bundle is for "+string(centre)) {
		t.Errorf("read by who wrote it:\n%s", p.body)
	}
	if p := officer.post("/network/carry/hr.national.nobody", url.Values{}); p.status != http.StatusNotFound || p.header.Get("Content-Disposition") != "" {
		t.Errorf("for nobody: %d", p.status)
	}
}
