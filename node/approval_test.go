package node_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestKilledWhileARecordIsApproved: a node that ends between the decision and the note of what
// became of it, before or behind the signature, neither loses the record, nor says it twice, nor
// calls approved what is not signed. The form that it was filled in on is told.
func TestKilledWhileARecordIsApproved(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Second = []string{"phase"}
	n, stop := start(t, o)
	officer, approver := desk.By(t.Context(), "duty"), desk.By(t.Context(), "night")
	request := desk.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "reason=many came"}}
	done, err := n.Desk().Publish(officer, request)
	if err != nil || done.Waits == "" {
		t.Fatalf("%+v, %v", done, err)
	}
	again := func(killed func(p *staff.Pending)) {
		t.Helper()
		if _, err = n.Staff().Decide(t.Context(), done.Waits, func(p *staff.Pending) error { killed(p); return nil }); err != nil {
			t.Fatal(err)
		}
		stop()
		n, stop = start(t, o)
	}

	body := done.Body
	again(func(p *staff.Pending) { p.State, p.Decider = staff.PendingApproved, "night" })
	w, err := n.Desk().Second(approver, done.Waits)
	if err != nil || w.State != staff.PendingWaits || w.Decider != "" || string(w.Body) != string(body) {
		t.Fatalf("killed before the signature: %+v, %v", w, err)
	}
	sent, err := n.Desk().LetGo(approver, done.Waits)
	if err != nil {
		t.Fatal(err)
	}

	draft := keptDraft(t, n, done.Waits)
	again(func(p *staff.Pending) {
		p.State, p.Decider, p.Body, p.Draft = staff.PendingApproved, "night", body, draft.ID
		p.Record = staff.Pending{}.Record
	})
	w, err = n.Desk().Second(approver, done.Waits)
	if err != nil || w.State != staff.PendingApproved || w.Record != sent.Record || w.Decider != "night" || len(w.Body) != 0 {
		t.Fatalf("killed behind the signature: %+v, %v", w, err)
	}
	if draft, err = n.Staff().Draft("duty", draft.ID); err != nil || draft.Sent != sent.Record || draft.Waits != "" {
		t.Errorf("the form is not told: %+v, %v", draft, err)
	}
	if _, err = n.Desk().LetGo(approver, done.Waits); err == nil {
		t.Error("it is said twice")
	}
	l, err := n.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "approve"})
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := l.Rows.([]desk.AuditRow)
	if len(rows) != 3 || rows[1].Who != "night" || rows[1].On != sent.Record.String() || rows[1].Outcome != "done" {
		t.Errorf("noted: %+v", rows)
	}
	if l, err = n.Desk().List(t.Context(), desk.Query{What: desk.ListPhases}); err != nil || l.Total != 1 {
		t.Errorf("%d phases, %v", l.Total, err)
	}
}

// keptDraft keeps the form of something that waits.
func keptDraft(t *testing.T, n *node.Node, waits string) staff.Draft {
	t.Helper()
	id, err := n.Staff().NewDraftID()
	d := staff.Draft{ID: id, Account: "duty", As: capital, Form: "phase", Values: map[string]string{"reason": "many came"}, Waits: waits}
	if err == nil {
		err = n.Staff().KeepDraft(t.Context(), d)
	}
	if err != nil || strings.TrimSpace(id) == "" {
		t.Fatal(err)
	}
	return d
}
