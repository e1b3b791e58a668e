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
	said := ""
	remind := func(as, whom protocol.InstitutionID, kind string) error {
		_, err := w.desk.Remind(t.Context(), as, whom, kind, func(since string) string { said = since; return "Please report, due " + since })
		return err
	}
	const report = "vardar.situation.report.v1"
	refused(t, remind(centre, gate, report), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	w.clock.pass(8 * 24 * time.Hour)
	refused(t, remind(gate, gate, report), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	refused(t, remind(centre, gate, "vardar.alert.cap.v1"), desk.Refused, "nothing of that kind is overdue of "+string(gate))
	ok(t, remind(centre, gate, report))
	due, err := time.Parse(time.RFC3339, said)
	if err != nil || !strings.HasSuffix(said, "Z") || !due.Before(w.clock.Now()) {
		t.Errorf("due since %q: %v", said, err)
	}
}
