package protocol_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

func TestHaveProofHoldsItsRowsAgainstTheirGroups(t *testing.T) {
	group, err := protocol.ParseGroup("situation mk.southeast")
	if err != nil {
		t.Fatal(err)
	}
	feed := protocol.Feed{Institution: "mk.southeast.gevgelija", Topic: protocol.Situation}
	rows := []protocol.HaveRow{{EpochID: protocol.EpochID{Feed: feed, Epoch: 1}, Sequence: 42, Head: protocol.DigestPrefix{1, 2}}}
	proof := protocol.HaveProof{
		V: protocol.ControlVersion, Vardar: protocol.VardarHave,
		Groups: map[protocol.Group]protocol.Digest{group: protocol.GroupDigest(group, rows)},
		Rows:   map[protocol.Group][]protocol.HaveRow{group: rows},
	}
	read := func() (*protocol.HaveProof, error) {
		raw, bad := json.Marshal(proof)
		if bad != nil {
			t.Fatal(bad)
		}
		return protocol.ParseHaveProof(raw)
	}
	got, err := read()
	if err != nil || got.Digest() != protocol.HavesDigest(proof.Groups) {
		t.Fatalf("read back: %v, %v", got, err)
	}
	rows[0].Sequence++
	if _, err := read(); !errors.Is(err, protocol.ErrHaveProof) {
		t.Errorf("another row under the same digest: %v, want ErrHaveProof", err)
	}
	rows[0].Sequence--
	proof.Vardar = "charter"
	if _, err := read(); !errors.Is(err, protocol.ErrControlVersion) {
		t.Errorf("a document of another kind: %v, want ErrControlVersion", err)
	}
	proof.Vardar, proof.V = protocol.VardarHave, 2
	if _, err := read(); !errors.Is(err, protocol.ErrControlVersion) {
		t.Errorf("version 2: %v, want ErrControlVersion", err)
	}
}

func FuzzParseHaveProof(f *testing.F) {
	rows := []protocol.HaveRow{{EpochID: protocol.EpochID{Feed: protocol.Feed{Institution: "mk.a.b", Topic: protocol.Situation}, Epoch: 1}, Sequence: 42, Head: protocol.DigestPrefix{1}}}
	group := rows[0].Group()
	seed, err := json.Marshal(protocol.HaveProof{
		V: protocol.ControlVersion, Vardar: protocol.VardarHave, Rows: map[protocol.Group][]protocol.HaveRow{group: rows},
		Groups: map[protocol.Group]protocol.Digest{group: protocol.GroupDigest(group, rows)},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := protocol.ParseHaveProof(text)
		if err != nil {
			mustNameRule(t, err)
			return
		}
		mustReadAgain(t, p, new(protocol.HaveProof))
	})
}
