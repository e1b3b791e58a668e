package store_test

import (
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

func TestDigestAtFollowsTheBranch(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	shared := a.run(3, "both")
	b := *a
	ours, theirs := a.run(3, "ours"), b.run(2, "theirs")
	for _, records := range [][]protocol.Record{shared, ours, theirs} {
		if _, err := s.Append(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	}
	e := shared[0].EpochID()
	tests := []struct {
		name     string
		head     protocol.Digest
		sequence uint32
		want     protocol.Digest
	}{
		{"the first branch", protocol.Digest{}, 5, ours[1].Digest()},
		{"another branch", theirs[1].Digest(), 5, theirs[1].Digest()},
		{"what both share", theirs[1].Digest(), 2, shared[1].Digest()},
		{"beyond a branch", theirs[1].Digest(), 6, protocol.Digest{}},
		{"no such branch", protocol.DigestOf([]byte("nothing")), 1, protocol.Digest{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := s.DigestAt(e, tt.head, tt.sequence)
			if got != tt.want || ok != !tt.want.IsZero() {
				t.Errorf("DigestAt() = %s, %v, want %s", got, ok, tt.want)
			}
		})
	}
}
