package main

import (
	"crypto/ed25519"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// written makes the first record of a feed, by a key that any test may know.
func written(t *testing.T, id protocol.InstitutionID, b body.Body, salt byte) *evidence {
	t.Helper()
	raw, err := body.Marshal(b, [16]byte{salt})
	if err != nil {
		t.Fatal(err)
	}
	topic, err := protocol.TypeTopic(b.Type())
	if err != nil {
		t.Fatal(err)
	}
	private := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	r := protocol.Record{
		Name: protocol.Name{Institution: id, Position: protocol.Position{Topic: topic, Epoch: 1, Sequence: 1}},
		Type: b.Type(), Handling: protocol.Green, Previous: protocol.Digest{1}, Key: protocol.KeyOf(private),
	}
	r.SetBody(raw)
	r.Sign(private)
	return &evidence{file: "test", record: r}
}

// A feed that was rewritten after a witness held it verifies by itself. The witness tells.
func TestWitnessTellsOfARewrittenFeed(t *testing.T) {
	const town, office = "mk.southeast.gevgelija", "int.regional.secretariat"
	report := &body.SituationReport{Summary: "quiet"}
	then, now := written(t, town, report, 1), written(t, town, report, 2)
	g := then.record.Feed().Group()
	rows := []protocol.HaveRow{{EpochID: then.record.EpochID(), Sequence: 1, Head: then.record.Digest().Prefix()}}
	proof := &protocol.HaveProof{
		Groups: map[protocol.Group]protocol.Digest{g: protocol.GroupDigest(g, rows)}, Rows: map[protocol.Group][]protocol.HaveRow{g: rows},
	}
	for name, tt := range map[string]struct {
		shown *evidence
		holds bool
		says  string
	}{
		"as it was":    {then, true, "held by " + office},
		"as it is now": {now, false, "held another record at this position"},
	} {
		j := &judge{epochs: map[protocol.EpochID][]*evidence{}, haves: []have{{"have", proof}}}
		j.add(tt.shown)
		j.add(written(t, office, &body.Witness{Have: proof.Digest(), Groups: 1, Feeds: 1}, 3))
		v, err := j.verdict()
		if err != nil {
			t.Fatal(err)
		}
		f := v.Findings[0]
		if f.Holds != tt.holds || !strings.Contains(f.Said, tt.says) {
			t.Errorf("%s: holds %v, %q; want %v, %q", name, f.Holds, f.Said, tt.holds, tt.says)
		}
	}
}
