package desk_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestEveryActIsNotedWithWhoDidIt: done or refused; only what was never understood, and
// what was only tried, is no act.
func TestEveryActIsNotedWithWhoDidIt(t *testing.T) {
	w := solo(t)
	ctx := desk.By(t.Context(), "duty")
	note := desk.Request{Kind: "note", Set: []string{"text=Who has tents?"}}
	said := must(w.desk.Publish(ctx, note))(t)
	note.DryRun = true
	must(w.desk.Publish(ctx, note))(t)
	_, err := w.desk.Publish(ctx, desk.Request{Kind: "nte"})
	refused(t, err, desk.Usage, "")
	gone, leave := context.WithCancel(ctx)
	leave() // who hangs up has still asked for it
	_, err = w.desk.Publish(gone, desk.Request{As: "rs.national.centre", Kind: "note"})
	refused(t, err, desk.NotPermitted, "")
	must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: gate, Level: body.Municipality}))(t)
	must(w.desk.Correct(ctx, desk.CorrectRequest{Record: said.Record.String(), Retract: true, Reason: "asked twice"}))(t)

	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAudit}))(t)
	rows, _ := l.Rows.([]desk.AuditRow)
	slices.Reverse(rows)
	var got []string
	for _, r := range rows {
		got = append(got, r.Who+" "+r.Act+" "+r.On+" "+r.Outcome)
	}
	want := []string{
		"duty publish " + said.Record.String() + " done", "duty publish note not-permitted", "node invite " + string(gate) + " done",
		"duty correct mk.national.demo-crisis-centre/situation.1.2 done",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("acts (-want +got):\n%s", diff)
	}
}
