package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
)

// TestProofSaysWhatDoesNotHold: of a record that lies where nothing counts, or whose author was put out, and
// of one of which all holds nothing.
func TestProofSaysWhatDoesNotHold(t *testing.T) {
	w := market(t)
	of := func(p desk.Published) desk.Proof {
		t.Helper()
		return must(w.desk.Show(t.Context(), p.Record.String()))(t).Record.Proof
	}
	first, other := w.reportAt(gate, "iso3166-2:MK-405", 960), w.reportAt(river, "iso3166-2:MK-405", 12)
	holds := of(first)
	if holds.KeyFails != "" || holds.ChainFails != "" || holds.NotIn != "" || holds.Admission.Institution != centre {
		t.Fatalf("of one of which all holds: %+v", holds)
	}

	w.options.Board.Restand([]board.Verdict{{Digest: first.Digest, Void: true, Competent: true}})
	if p := of(first); p.ChainFails != "it lies in a part of its chain that does not count" {
		t.Errorf("void: %+v", p)
	}

	if p := of(other); p.NotIn != "" {
		t.Errorf("a member: %+v", p)
	}
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: river}))(t)
	if p := of(other); p.NotIn != "it has been put out of the network since" {
		t.Errorf("put out: %+v", p)
	}
}
