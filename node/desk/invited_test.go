package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Towns that come to the southeast besides those of the market.
const (
	during   protocol.InstitutionID = "mk.southeast.demo-during"   // while a consultation is open
	newcomer protocol.InstitutionID = "mk.southeast.demo-newcomer" // when it is over
)

// regroup has the centre publish a version of the charter with other entries of the group that the tests ask.
func regroup(t *testing.T, n *network, w *world, entries ...string) {
	t.Helper()
	p := paper(t, w, desk.CharterChange{Groups: map[string][]string{"mk-southeast": entries}})
	ok(t, signedBy(t, n, centre, &p))
	must(w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p}))(t)
}

// asked says whom a consultation asked, who is silent, and how many answers count.
func (w *world) asked(of protocol.Name, at protocol.Instant, invited, silent string, counts int) {
	w.t.Helper()
	h := must(w.desk.Hearing(w.t.Context(), centre, of.String(), at))(w.t)
	said := func(ids []protocol.InstitutionID) string {
		var names []string
		for _, id := range ids {
			names = append(names, strings.TrimPrefix(id.LocalName(), "demo-"))
		}
		return strings.Join(names, " ")
	}
	if got := said(h.Invited); got != invited {
		w.t.Errorf("at %s asked are %q, want %q", at, got, invited)
	}
	if got := said(h.Silent); got != silent {
		w.t.Errorf("at %s silent are %q, want %q", at, got, silent)
	}
	if h.Counted() != counts {
		w.t.Errorf("at %s %d answers count, want %d: %+v", at, h.Counted(), counts, h.Answers)
	}
}

// TestAskedIsWhomTheGroupMeantWhenItEnded: who came, went or was taken out of the group behind the closing
// changes nothing of who was asked, who was silent and which answers count; while it is open, that does. An earlier
// instant is shown by what was known then.
func TestAskedIsWhomTheGroupMeantWhenItEnded(t *testing.T) {
	n := found(t, centre)
	w := n.open(t, centre, body.Ministry, false)
	w.host(gate)
	w.host(river)
	c := w.consult()
	w.clock.pass(time.Hour)
	begun := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	w.host(during)
	w.asked(c.Record, 0, "during river-town south-gate", "during river-town south-gate", 0)
	answer := must(w.respond(gate, c.Record))(t)
	w.clock.pass(48 * time.Hour)
	must(w.conclude(c.Record, true, answer.Record))(t)
	w.clock.pass(time.Hour)
	over := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	later := w.consult()
	w.clock.pass(time.Hour)
	w.host(newcomer)
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: river}))(t)
	w.asked(later.Record, 0, "during newcomer south-gate", "during newcomer south-gate", 0)
	must(w.respond(gate, later.Record))(t)
	w.clock.pass(time.Hour)
	whole := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	regroup(t, n, w, string(newcomer), string(during))
	w.clock.pass(time.Hour)
	for _, at := range []protocol.Instant{0, over} {
		w.asked(c.Record, at, "during river-town south-gate", "during river-town", 1)
	}
	w.asked(c.Record, begun, "river-town south-gate", "river-town south-gate", 0)
	w.asked(later.Record, 0, "during newcomer", "during newcomer", 0)
	w.asked(later.Record, whole, "during newcomer south-gate", "during newcomer", 1)
	rows := rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations})
	i := slices.IndexFunc(rows, func(r desk.ConsultationRow) bool { return r.Record == c.Record })
	if got := rows[i].Silent; !slices.Equal(got, []protocol.InstitutionID{during, river}) {
		t.Errorf("listed as silent are %v", got)
	}
}

// TestWhoComesBehindAnEarlyOutcomeWasNotAsked, though the closing is still to come; another outcome later on changes
// nothing of that.
func TestWhoComesBehindAnEarlyOutcomeWasNotAsked(t *testing.T) {
	w := market(t)
	c := w.consult()
	w.clock.pass(time.Hour)
	decide := func(decision body.Text) {
		o := &body.ConsultationOutcome{Decision: decision}
		o.Thread, o.Refs = c.Record, []body.Ref{{Rel: body.RelConcludes, Record: c.Record, Digest: c.Digest}}
		w.say(centre, o) // past its desk, which waits for the closing
	}
	decide("At once.")
	w.clock.pass(time.Hour)
	w.host(newcomer)
	w.asked(c.Record, 0, "river-town south-gate", "river-town south-gate", 0)
	w.clock.pass(time.Hour)
	decide("At once, and by arrivals.")
	w.asked(c.Record, 0, "river-town south-gate", "river-town south-gate", 0)
}
