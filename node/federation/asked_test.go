package federation_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Whom a peer hosts is its own word: of those it is given what the policy carries, and
// bodies by the marks, while of its own feeds it is given all (epochs.md 17).
func TestWhoSaysThatItHostsOthersIsGivenNoMoreOfThem(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	said := map[protocol.InstitutionID]node.Said{}
	for _, id := range []protocol.InstitutionID{town, neighbour} {
		s, err := n.Node(id).Say(t.Context(), id, note("for those who must know"), protocol.AmberStrict)
		if err != nil {
			t.Fatal(err)
		}
		brings(t, n, id, s)
		said[id] = s
	}
	v := turn(t, n, dir)
	claims := v.hello()
	claims.Institutions = append(claims.Institutions, neighbour)
	v.request(protocol.OpHello, claims)

	if got := v.bodyOf(said[town].Name); got != protocol.BodyHeld {
		t.Errorf("the body of an own record is in state %v", got)
	}
	if got := v.bodyOf(said[neighbour].Name); got != protocol.BodyWithheld {
		t.Errorf("the body of another's record is in state %v, want withheld", got)
	}
	answer := v.request(protocol.OpBodies, protocol.BodiesQuestion{V: 1, Records: []protocol.Name{said[neighbour].Name}})
	if refused := protocol.ParseErrorAnswer(answer); refused == nil || refused.Code != protocol.CodeNotFound {
		t.Errorf("another's body is given: %v", refused)
	}
	if got := v.own(claims); !slices.Contains(got, said[town].Feed()) || !slices.Contains(got, said[neighbour].Feed()) {
		t.Errorf("rows of %v are given, want both", got)
	}

	terms := link.Everything()
	terms.Ours.Groups = []string{"alert *"}
	if _, err := n.Node(capital).Links().Propose(t.Context(), town, terms); err != nil {
		t.Fatal(err)
	}
	if got := v.own(claims); !slices.Contains(got, said[town].Feed()) || slices.Contains(got, said[neighbour].Feed()) {
		t.Errorf("rows of %v are given, want none of what the policy does not carry", got)
	}
}

// brings has an author give the capital a record with its body, though no policy lets a
// body under that mark pass.
func brings(t *testing.T, n *federation.Network, author protocol.InstitutionID, s node.Said) {
	t.Helper()
	arrives(t, n, capital, s.Name)
	held, err := n.Node(author).Store().Get(s.Name)
	if err != nil {
		t.Fatal(err)
	}
	a, err := n.Node(author).Push(t.Context(), capital, frameOf(t, held.Record))
	if err != nil || a.Runs[0].Outcome != protocol.Accepted {
		t.Fatalf("answer %+v, %v", a, err)
	}
}

// bodyOf asks for a record and gives the state of its body.
func (v *villain) bodyOf(name protocol.Name) protocol.BodyState {
	v.t.Helper()
	q := protocol.RangeQuestion{V: 1, Feed: name.Feed(), Epoch: name.Epoch, From: name.Sequence, To: name.Sequence, Bodies: true}
	runs, err := protocol.ParseFrame(v.request(protocol.OpRange, q), packer(v.t))
	if err != nil {
		v.t.Fatal(err)
	}
	return runs[0].Records[0].BodyState
}

// own asks for the rows of own feeds and gives which feeds have some.
func (v *villain) own(as protocol.Hello) []protocol.Feed {
	v.t.Helper()
	var a protocol.RowsAnswer
	if err := protocol.DecodeControl(v.request(protocol.OpOwn, as), &a); err != nil {
		v.t.Fatal(err)
	}
	var feeds []protocol.Feed
	for _, r := range a.Rows {
		feeds = append(feeds, r.Feed)
	}
	return feeds
}

// No attachments are kept yet: who asks for one is told that it is not here, and goes on.
func TestFileThatIsAskedForIsNotFound(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	answer := v.request(protocol.OpFile, map[string]any{"v": 1, "digest": protocol.DigestOf(nil), "record": "mk.southeast.south-gate/situation.1.1", "offset": 0})
	if refused := protocol.ParseErrorAnswer(answer); refused == nil || refused.Code != protocol.CodeNotFound {
		t.Errorf("answer %s, want %s", answer, protocol.CodeNotFound)
	}
	v.goesOn()
}
