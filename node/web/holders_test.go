package web_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// A record's page says since when this node has known that another holds it, or why it does not know.
func TestPageOfARecordSaysSinceWhenItIsHeld(t *testing.T) {
	b := meet(t)
	u := b.gate.account(staff.Officer)
	said := func(text string) protocol.Name {
		n := b.gate.says(gate, "note", "place=MK-405", "text="+text).Record
		b.gate.until(func() bool {
			have, _ := b.gate.node.Links().Holders(n)
			return len(have) > 0
		})
		return n
	}
	sooner := said("In the instant at which the node was started.")
	b.clock.pass(time.Hour)
	later := said("An hour later.")
	b.clock.pass(time.Hour)
	const begun, since = "not known since when: the record was here before this node was started, or the line added, ", "known here since "
	u.get("/record/"+sooner.String()).wants(t, []string{string(centre), begun, "09:00"}, since)
	u.get("/record/"+later.String()).wants(t, []string{string(centre), since, "10:00"}, "not known", "nobody else yet")
}
