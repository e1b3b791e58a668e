package desk_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// paper drafts the next version.
func paper(t *testing.T, w *world, ch desk.CharterChange) desk.CharterPaper {
	t.Helper()
	return must(w.desk.DraftCharter(t.Context(), desk.DraftCharterRequest{CharterChange: ch}))(t).Paper
}

func signedBy(t *testing.T, n *network, id protocol.InstitutionID, p *desk.CharterPaper) error {
	t.Helper()
	alone := protocol.SignedCharter{Document: p.Document}
	ok(t, n.safes[id].SignCharter(t.Context(), id, &alone))
	return p.Add(alone.Signatures[0])
}

func TestVersionNeedsItsStewardsAndEachSignsOnce(t *testing.T) {
	n := found(t, centre, "rs.national.demo-centre", "hr.national.demo-centre")
	w := n.open(t, centre, body.Ministry, false)
	p := paper(t, w, desk.CharterChange{RecordsADay: 77})
	ok(t, signedBy(t, n, centre, &p))
	refused(t, signedBy(t, n, centre, &p), desk.Refused, string(centre)+" has signed this version already: a steward signs once")
	_, err := w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p})
	refused(t, err, desk.Refused, "signatures: version 2 is not signed by enough: 1 of 2 signatures of the stewards of version 2; signed by "+string(centre))
	forged := p
	forged.Signatures = append(forged.Signatures, protocol.CharterSignature{Steward: "rs.national.demo-centre", Signature: p.Signatures[0].Signature})
	_, err = w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: forged})
	refused(t, err, desk.Refused, "signatures: version 2 is not signed by enough: 1 of 2")
	refused(t, p.Add(forged.Signatures[1]), desk.Refused, "the signature of rs.national.demo-centre was not made by the key that the charter names for it")
	refused(t, p.Add(protocol.CharterSignature{Steward: gate}), desk.NotPermitted, string(gate)+" is no steward")
	ok(t, signedBy(t, n, "hr.national.demo-centre", &p))
	must(w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p}))(t)
	if got := must(w.desk.Charter(t.Context(), 0))(t); got.Version != 2 || len(got.Versions) != 2 {
		t.Errorf("charter = version %d of %d, want 2 of 2", got.Version, len(got.Versions))
	}
	_, err = w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p})
	refused(t, err, desk.Refused, "this version is in force already")
}

func TestVersionThatSkipsOneIsRefused(t *testing.T) {
	n := found(t, centre)
	w := n.open(t, centre, body.Ministry, false)
	p := paper(t, w, desk.CharterChange{RecordsADay: 77})
	p.Document = []byte(strings.Replace(string(p.Document), `"version": 2`, `"version": 3`, 1))
	_, err := p.Read()
	refused(t, err, desk.Refused, "version: ")
	p.Before = nil
	_, err = p.Read()
	refused(t, err, desk.Refused, "previous: version 3 goes on from ")
}

func TestMemberThatNeedsANewerVardarIsShown(t *testing.T) {
	w := solo(t)
	p := paper(t, w, desk.CharterChange{RecordsADay: 77})
	p.Document = []byte(strings.Replace(string(p.Document), `"version": 2`, `"version": 2, "moods": []`, 1))
	r := must(p.Read())(t)
	if said := strings.Join(r.Changes, "\n"); !strings.Contains(said, "moods: needs a newer vardar") {
		t.Errorf("changes = %s, want moods among what needs a newer vardar", said)
	}
	_, err := w.desk.DraftCharter(t.Context(), desk.DraftCharterRequest{Document: json.RawMessage(p.Document)})
	refused(t, err, desk.Refused, "moods: no member of a charter is called that")
}

// For thirty days people can object to what does not come back.
func TestShorterDaysAreToldBeforeAnythingGoes(t *testing.T) {
	n := found(t, centre)
	w := n.open(t, centre, body.Ministry, false)
	p := paper(t, w, desk.CharterChange{RetentionDays: map[string]int{body.TypeReport: 30}})
	ok(t, signedBy(t, n, centre, &p))
	must(w.desk.PublishCharter(t.Context(), desk.PublishCharterRequest{Paper: p}))(t)
	const want = "version 2 of the charter has bodies let go sooner than before, for good: vardar.situation.report.v1 (30 days); this node begins once it has followed that on 30 days"
	if got := w.said("charter"); len(got) != 1 || got[0] != want {
		t.Errorf("status says %q, want %q", got, want)
	}
	must(w.desk.AcceptCharter(t.Context(), desk.AcceptCharterRequest{Digest: p.Digest()}))(t)
	if got := w.said("charter"); len(got) != 0 {
		t.Errorf("once it has settled on it, status says %q", got)
	}
}
