package link_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Rows of any number, with names as long as names may be, come in pages that each fit a
// message, every row once.
func TestRowsComeInPagesThatFitAMessage(t *testing.T) {
	const n = 15_000
	group := protocol.Feed{Institution: "mk.southeast.x", Topic: protocol.Situation}.Group()
	rows := make([]protocol.HaveRow, n)
	for k := range rows {
		id, err := protocol.ParseInstitution("mk.southeast." + strings.Repeat("a", 20) + fmt.Sprintf("%06d", k))
		if err != nil {
			t.Fatal(err)
		}
		rows[k] = protocol.HaveRow{
			EpochID:  protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: protocol.Situation}, Epoch: protocol.MaxNumber},
			Sequence: protocol.MaxNumber, Head: protocol.DigestOf([]byte(id)).Prefix(),
		}
	}
	slices.Reverse(rows) // whatever order they are held in
	var got []protocol.HaveRow
	var last *protocol.HaveRow
	for {
		answer := link.Page([]protocol.Group{group}, last, func(protocol.Group) []protocol.HaveRow { return slices.Clone(rows) })
		data, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > protocol.MaxControlBytes {
			t.Fatalf("a page of %d rows has %d bytes, more than a message takes", len(answer.Rows), len(data))
		}
		got = append(got, answer.Rows...)
		if answer.Next == nil {
			break
		}
		last = answer.Next
	}
	slices.Reverse(rows)
	if !slices.Equal(got, rows) {
		t.Errorf("%d rows came, want each of %d once, sorted", len(got), n)
	}
}
