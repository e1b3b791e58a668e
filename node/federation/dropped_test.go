package federation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// droppedAt is what the desk of a running node lists of what was dropped, and since when.
func droppedAt(t *testing.T, n *federation.Network, id protocol.InstitutionID) ([]desk.DroppedRow, desk.Status) {
	t.Helper()
	s, err := n.Node(id).Desk().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l, err := n.Node(id).Desk().List(t.Context(), desk.Query{What: desk.ListDropped})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(s.Dropped, l.Rows); d != "" {
		t.Errorf("status and list differ: %s", d)
	}
	return s.Dropped, s
}

func TestWhatWasDroppedOutlivesARestart(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	for range 2 {
		v.push([]byte("vf\x01 nothing of the kind"))
	}
	forged := v.writes(salted("x", 0))
	forged[0].Signature[9] ^= 1
	v.push(frameOf(t, forged...))
	before, was := droppedAt(t, n, capital)
	if len(before) != 2 || before[0].Records+before[1].Records != 3 || before[0].Peer != town || before[1].Peer != town || was.Counts.Dropped != 3 || was.DroppedSince == 0 {
		t.Fatalf("dropped %+v of %d since %s, want two frames that are none and a record that is not signed", before, was.Counts.Dropped, was.DroppedSince)
	}
	if err := errors.Join(n.Stop(capital), n.Restart(t.Context(), capital)); err != nil {
		t.Fatal(err)
	}
	after, is := droppedAt(t, n, capital)
	if d := cmp.Diff(before, after); d != "" || is.DroppedSince != was.DroppedSince || is.Counts.Dropped != 3 {
		t.Errorf("a restart changes what was dropped, since %s and then since %s: %s", was.DroppedSince, is.DroppedSince, d)
	}
	told := false
	for _, f := range is.Verdict.Findings {
		told = told || f.What == "dropped" && strings.HasPrefix(f.Said, "3 records were dropped since "+min(before[0].First, before[1].First).String()+", the last ")
	}
	if !told {
		t.Errorf("the verdict is silent on it: %+v", is.Verdict.Findings)
	}
	// What comes now is added to it.
	v.dial()
	v.push([]byte("vf\x01 nothing of the kind"))
	last, _ := droppedAt(t, n, capital)
	for i := range last {
		more := last[i].Rule != protocol.RuleName(protocol.ErrNotSigned)
		if more && (last[i].Records != 3 || last[i].First != before[i].First || last[i].Last <= before[i].Last) || !more && last[i] != before[i] {
			t.Errorf("dropped %+v, before the restart %+v", last[i], before[i])
		}
	}
}
