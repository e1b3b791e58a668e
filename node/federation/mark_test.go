package federation_test

import (
	"os"
	"path/filepath"
	"testing"
)

func TestOwnRecordGoesNowhereBeforeItsMark(t *testing.T) {
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "marked").Name)
	// The mark can't be replaced: a folder that is not empty stands in its place.
	mark := filepath.Join(dir, string(town), "keys", "mark")
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
	unmarked := say(t, n, town, "committed, and not marked")
	// What the same node passes on of others goes by: its line is up and not stuck.
	other := say(t, n, neighbour, "meanwhile")
	arrives(t, n, capital, other.Name)
	arrives(t, n, town, say(t, n, capital, "do you hear us").Name)
	if n.Node(capital).Holds(unmarked.Name) {
		t.Error("a record was sent that the mark does not name")
	}
	if err = os.RemoveAll(mark); err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(mark, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, say(t, n, town, "marked again").Name)
	arrives(t, n, capital, unmarked.Name)
}
