package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestWhoActsForOneActsForNoOther: on a node that hosts several, an office of one of them
// neither says nor takes back nor admits anything in another's name.
func TestWhoActsForOneActsForNoOther(t *testing.T) {
	w := market(t)
	theirs := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=of the gate"}})
	ctx := desk.By(t.Context(), "river.duty", river)
	own := must(w.desk.Publish(ctx, desk.Request{Kind: "report", Set: []string{"summary=of the river"}}))(t)
	if own.Record.Institution != river {
		t.Errorf("written as %s, want %s", own.Record.Institution, river)
	}
	const want = "river.duty does not act for "
	_, err := w.desk.Publish(ctx, desk.Request{As: gate, Kind: "report", Set: []string{"summary=x"}})
	refused(t, err, desk.NotPermitted, want+string(gate))
	_, err = w.desk.Correct(ctx, desk.CorrectRequest{As: gate, Record: theirs.Record.String(), Retract: true, Reason: "x"})
	refused(t, err, desk.NotPermitted, want+string(gate))
	_, err = w.desk.Correct(ctx, desk.CorrectRequest{Record: theirs.Record.String(), Retract: true, Reason: "x"})
	refused(t, err, desk.NotPermitted, "")
	_, err = w.desk.Erase(ctx, desk.EraseRequest{Record: theirs.Record.String(), Reason: "x"})
	refused(t, err, desk.NotPermitted, "")
	_, err = w.desk.RotateKey(ctx, desk.RotateRequest{As: gate, Use: protocol.UseNode})
	refused(t, err, desk.NotPermitted, want+string(gate))
	_, err = w.desk.Invite(ctx, desk.InviteRequest{Institution: "mk.southeast.demo-newcomer", Level: body.Municipality})
	refused(t, err, desk.NotPermitted, "")
	_, err = w.desk.Post(ctx, desk.Account{Role: desk.Roles()[0]}, gate, 0)
	refused(t, err, desk.NotPermitted, want+string(gate))
	must(w.desk.Correct(ctx, desk.CorrectRequest{Record: own.Record.String(), Retract: true, Reason: "x"}))(t)

	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAudit, Match: "river.duty"}))(t)
	rows, _ := l.Rows.([]desk.AuditRow)
	if len(rows) != 8 || rows[0].As != river || rows[len(rows)-1].As != river {
		t.Errorf("noted = %+v", rows)
	}
	_, err = w.desk.Publish(desk.By(t.Context(), "gone.duty", "mk.southeast.gone"), desk.Request{Kind: "report", Set: []string{"summary=x"}})
	refused(t, err, desk.NotPermitted, "gone.duty acts for no institution of this node")
}
