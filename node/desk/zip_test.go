package desk_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
)

// TestArchiveHasDatesThatThereAre: each entry is of a day that every program takes, before it and in the list at the end
// (APPNOTE 4.4.6), and the same files make the same bytes.
func TestArchiveHasDatesThatThereAre(t *testing.T) {
	files := []desk.EvidenceFile{{Name: "pack.json", Data: []byte("{}")}, {Name: "index.html", Data: bytes.Repeat([]byte("who "), 99)}}
	var first, again bytes.Buffer
	ok(t, desk.Zip(&first, files))
	ok(t, desk.Zip(&again, files))
	if !bytes.Equal(first.Bytes(), again.Bytes()) {
		t.Error("the same files make other bytes")
	}
	for head, at := range map[string]int{"PK\x03\x04": 10, "PK\x01\x02": 12} {
		entries := bytes.Split(first.Bytes(), []byte(head))[1:]
		if len(entries) != len(files) {
			t.Fatalf("%d entries begin with %q, want %d", len(entries), head, len(files))
		}
		for i, e := range entries {
			clock, date := binary.LittleEndian.Uint16(e[at-4:]), binary.LittleEndian.Uint16(e[at-2:])
			if day, month, year := date&31, date>>5&15, 1980+date>>9; clock != 0 || day != 1 || month != 1 || year != 1980 {
				t.Errorf("entry %d behind %q is of %d-%02d-%02d, clock %d; want 1980-01-01, 0", i, head, year, month, day, clock)
			}
		}
	}
}
