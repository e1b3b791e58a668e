package intake_test

import (
	"fmt"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestInventedTypesAreNotRemembered: an author may invent types without end. What it may
// say of those that are not remembered is told anew all the same when trust has news.
func TestInventedTypesAreNotRemembered(t *testing.T) {
	d := founded(t)
	identity := private("identity " + string(gevgelija))
	admission := &body.Admission{
		Institution: gevgelija, Level: body.NGO, FeedEpoch: 1, Key: protocol.KeyOf(identity),
		Proof: proofOf(gevgelija, protocol.UseIdentity, identity), Charter: d.trust.CharterDigest(),
	}
	first := d.must(d.say(admission))
	m := memberOf(gevgelija, penOf(gevgelija, protocol.Trust, identity, first.Digest))
	d.offer(protocol.Accepted, m.opens)
	pen := m.topics[protocol.Situation]
	var run []protocol.Record
	for k := range intake.MaxTypes + 50 {
		run = append(run, pen.raw(fmt.Sprintf("vardar.situation.invented%d.v1", k), []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`), true))
		if len(run) == protocol.MaxRunRecords {
			d.offer(protocol.Accepted, run)
			run = nil
		}
	}
	d.offer(protocol.Accepted, run)
	phase := &body.Phase{Reason: "because"}
	phase.Place, phase.Phase = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-405"}, body.Response
	said := pen.write(phase)
	d.offer(protocol.Accepted, []protocol.Record{said})
	if n := d.TypesTold(gevgelija); n > intake.MaxTypes {
		t.Errorf("%d types are remembered, want at most %d", n, intake.MaxTypes)
	}
	if s, _ := d.board.Standing(said.Digest()); s != board.BeyondCompetence {
		t.Errorf("a phase by an NGO stands as %q", s)
	}
	admission.Level = body.Municipality
	d.must(d.say(admission))
	if s, _ := d.board.Standing(said.Digest()); s != board.Counts {
		t.Errorf("a phase by a municipality stands as %q", s)
	}
}
