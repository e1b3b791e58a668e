package federation_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// unmarkable has a node's mark stay as it is: it can't be replaced, since a folder that is
// not empty stands in its place.
func unmarkable(t *testing.T, dir string, id protocol.InstitutionID) (mend func()) {
	t.Helper()
	mark := filepath.Join(dir, string(id), "keys", "mark")
	kept, err := os.ReadFile(mark)
	if err != nil {
		t.Fatal(err)
	}
	if err = os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	if err = os.MkdirAll(filepath.Join(mark, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.RemoveAll(mark); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(mark, kept, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOwnRecordGoesNowhereBeforeItsMark(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "marked").Name)
	mend := unmarkable(t, dir, town)
	unmarked := say(t, n, town, "committed, and not marked")
	// What the same node passes on of others goes by: its line is up and not stuck.
	other := say(t, n, neighbour, "meanwhile")
	arrives(t, n, capital, other.Name)
	arrives(t, n, town, say(t, n, capital, "do you hear us").Name)
	if n.Node(capital).Holds(unmarked.Name) {
		t.Error("a record was sent that the mark does not name")
	}
	mend()
	arrives(t, n, capital, say(t, n, town, "marked again").Name)
	arrives(t, n, capital, unmarked.Name)
}

// Nor is it given to a peer that guesses its name.
func TestOwnRecordIsGivenToNobodyBeforeItsMark(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	marked := say(t, n, capital, "marked")
	v := turn(t, n, dir)
	v.request(protocol.OpHello, v.hello())
	mend := unmarkable(t, dir, capital)
	unmarked := say(t, n, capital, "committed, and not marked")
	bodies := func(name protocol.Name) *protocol.ErrorAnswer {
		return protocol.ParseErrorAnswer(v.request(protocol.OpBodies, protocol.BodiesQuestion{V: 1, Records: []protocol.Name{name}}))
	}
	ranged := func(name protocol.Name) *protocol.ErrorAnswer {
		return protocol.ParseErrorAnswer(v.request(protocol.OpRange, protocol.RangeQuestion{
			V: 1, Feed: name.Feed(), Epoch: 1, From: name.Sequence, To: name.Sequence, Bodies: true,
		}))
	}
	for what, ask := range map[string]func(protocol.Name) *protocol.ErrorAnswer{"bodies": bodies, "range": ranged} {
		if refused := ask(marked.Name); refused != nil {
			t.Errorf("%s of a marked record: %v", what, refused)
		}
		if refused := ask(unmarked.Name); refused == nil || refused.Code != protocol.CodeNotFound {
			t.Errorf("%s of a record that the mark does not name: %v, want %s", what, refused, protocol.CodeNotFound)
		}
	}
	mend()
	say(t, n, capital, "marked again")
	if refused := bodies(unmarked.Name); refused != nil {
		t.Errorf("bodies of a record that is marked at last: %v", refused)
	}
}
