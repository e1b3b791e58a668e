package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestWhoIsLateIsReminded: since when it is due is computed here and said with its zone, and who is
// not late, or asks itself, is not reminded.
func TestWhoIsLateIsReminded(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	var said protocol.Instant
	remind := func(as, whom protocol.InstitutionID, kind string) error {
		_, err := w.desk.Remind(t.Context(), desk.RemindRequest{As: as, Institution: whom, Kind: kind, Words: func(since protocol.Instant) string { said = since; return "Please report" }})
		return err
	}
	const report = "vardar.situation.report.v1"
	refused(t, remind(centre, gate, report), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	w.clock.pass(8 * 24 * time.Hour)
	refused(t, remind(gate, gate, report), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	refused(t, remind(centre, gate, "alert"), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	ok(t, remind(centre, gate, report))
	for reason, text := range map[string]string{"": `"Please send your report: it is due since ` + said.Time().UTC().Format("2006-01-02 15:04") + ` UTC."`, "Where is it?": `"Where is it?"`} {
		p, err := w.desk.Remind(t.Context(), desk.RemindRequest{As: centre, Institution: gate, Kind: "report", Reason: reason, DryRun: true})
		ok(t, err)
		if !strings.Contains(string(p.Body), `"text":`+text) || !strings.Contains(string(p.Body), `"acknowledge":true`) {
			t.Errorf("a program's reminder is %s, want %s", p.Body, text)
		}
	}
	if said == 0 || !said.Time().Before(w.clock.Now()) {
		t.Errorf("due since %s", said)
	}
}
