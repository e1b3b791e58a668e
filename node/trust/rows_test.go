package trust_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestRowsAndStopsOfAnEpoch(t *testing.T) {
	g, member, _ := admitted()
	e := epochOf(gevgelija, protocol.Situation)
	first := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	g.Add(first)
	second := member.write(keyFor(gevgelija, protocol.Situation, private("second")))
	g.Add(second)
	opener, void := first.Digest(), second.Digest()
	digest := func(s string) protocol.Digest { return protocol.DigestOf([]byte(s)) }
	row := func(sequence uint32, head string) protocol.HaveRow {
		return protocol.HaveRow{EpochID: e, Sequence: sequence, Head: digest(head).Prefix()}
	}
	tests := []struct {
		name     string
		branches []trust.Branch
		rows     []protocol.HaveRow
		from     uint32
		stopped  bool
	}{
		{"nothing held", nil, nil, 0, false},
		{"a branch without a record", []trust.Branch{{Root: opener, Parts: 1}}, nil, 0, false},
		{"one branch", []trust.Branch{{opener, 1, 42, digest("a"), protocol.Digest{}}}, []protocol.HaveRow{row(42, "a")}, 0, false},
		{
			"a fork",
			[]trust.Branch{{opener, 1, 42, digest("a"), protocol.Digest{}}, {opener, 40, 41, digest("b"), protocol.Digest{}}},
			[]protocol.HaveRow{row(41, "b"), row(42, "a")},
			40, true,
		},
		{
			"two forks, the later one met first",
			[]trust.Branch{{opener, 1, 42, digest("a"), protocol.Digest{}}, {opener, 40, 41, digest("b"), protocol.Digest{}}, {opener, 7, 7, digest("c"), protocol.Digest{}}},
			[]protocol.HaveRow{row(7, "c"), row(41, "b"), row(42, "a")},
			7, true,
		},
		{
			"a fork at the beginning",
			[]trust.Branch{{opener, 1, 2, digest("a"), protocol.Digest{}}, {opener, 1, 1, digest("b"), protocol.Digest{}}},
			[]protocol.HaveRow{row(1, "b"), row(2, "a")},
			1, true,
		},
		{
			"a branch under an opener that doesn't count",
			[]trust.Branch{{void, 1, 9, digest("v"), protocol.Digest{}}, {opener, 1, 42, digest("a"), protocol.Digest{}}},
			[]protocol.HaveRow{row(42, "a")},
			0, false,
		},
		{"it alone", []trust.Branch{{void, 1, 9, digest("v"), protocol.Digest{}}, {void, 3, 8, digest("w"), protocol.Digest{}}}, nil, 0, false},
		{"a branch under nobody's opener", []trust.Branch{{digest("nobody"), 1, 9, digest("v"), protocol.Digest{}}}, nil, 0, false},
		{
			"a fork beside it",
			[]trust.Branch{{void, 1, 9, digest("v"), protocol.Digest{}}, {opener, 1, 42, digest("a"), protocol.Digest{}}, {opener, 5, 6, digest("b"), protocol.Digest{}}},
			[]protocol.HaveRow{row(6, "b"), row(42, "a")},
			5, true,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.rows, g.Rows(e, tt.branches)); diff != "" {
				t.Errorf("Rows() differs (-want +got):\n%s", diff)
			}
			if from, stopped := g.Stops(e, tt.branches); from != tt.from || stopped != tt.stopped {
				t.Errorf("Stops() = %d, %t, want %d, %t", from, stopped, tt.from, tt.stopped)
			}
		})
	}
}

func TestHeldLastIsTheOneRow(t *testing.T) {
	e := epochOf(gevgelija, protocol.Situation)
	digest := func(s string) protocol.Digest { return protocol.DigestOf([]byte(s)) }
	row := func(sequence uint32, head string) protocol.HaveRow {
		return protocol.HaveRow{EpochID: e, Sequence: sequence, Head: digest(head).Prefix()}
	}
	both := []protocol.HaveRow{row(5, "short"), row(9, "long")}
	tests := []struct {
		name   string
		last   func(opener protocol.Digest) body.Last
		atLast [2]string // what the long and the short branch hold there
		want   []protocol.HaveRow
	}{
		{"the head of a branch", func(protocol.Digest) body.Last { return body.Last{Sequence: 5, Digest: digest("short")} }, [2]string{"other", ""}, []protocol.HaveRow{row(5, "short")}},
		{"within a branch", func(protocol.Digest) body.Last { return body.Last{Sequence: 4, Digest: digest("4")} }, [2]string{"4", "4"}, []protocol.HaveRow{row(4, "4")}},
		{"not held yet", func(protocol.Digest) body.Last { return body.Last{Sequence: 12, Digest: digest("12")} }, [2]string{}, both},
		{"held by nobody", func(protocol.Digest) body.Last { return body.Last{Sequence: 4, Digest: digest("x")} }, [2]string{"4", "4"}, both},
		{"unknown", func(protocol.Digest) body.Last { return body.Last{Unknown: true} }, [2]string{}, both},
		{"nothing counts", func(o protocol.Digest) body.Last { return body.Last{Digest: o} }, [2]string{}, nil},
		{"nothing of another opener counts", func(protocol.Digest) body.Last { return body.Last{Digest: digest("another opener")} }, [2]string{}, both},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, member, _ := admitted()
			opener := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
			g.Add(opener)
			next, last := keyFor(gevgelija, protocol.Situation, private("next")), tt.last(opener.Digest())
			next.FeedEpoch, next.Last = 2, &last
			g.Add(member.write(next))
			at := func(s string) protocol.Digest {
				if s == "" {
					return protocol.Digest{}
				}
				return digest(s)
			}
			branches := []trust.Branch{
				{Root: opener.Digest(), Parts: 1, Head: 9, Digest: digest("long"), AtLast: at(tt.atLast[0])},
				{Root: opener.Digest(), Parts: 3, Head: 5, Digest: digest("short"), AtLast: at(tt.atLast[1])},
			}
			if diff := cmp.Diff(tt.want, g.Rows(e, branches)); diff != "" {
				t.Errorf("Rows() differs (-want +got):\n%s", diff)
			}
			if from, stopped := g.Stops(e, branches); stopped != (len(tt.want) == 2) || stopped && from != 3 {
				t.Errorf("Stops() = %d, %t, want 3 while last is not held", from, stopped)
			}
		})
	}
}

func TestEpochThatWaitsIsStoppedWhole(t *testing.T) {
	g, member, _ := admitted()
	other := member.forked()
	one := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	two := other.write(keyFor(gevgelija, protocol.Situation, private("two")))
	g.Add(one)
	g.Add(two)
	e := epochOf(gevgelija, protocol.Situation)
	branches := []trust.Branch{{Root: two.Digest(), Parts: 1, Head: 3, Digest: two.Digest()}}
	if from, stopped := g.Stops(e, branches); !stopped || from != 1 {
		t.Errorf("Stops() = %d, %t, want 1", from, stopped)
	}
	if rows := g.Rows(e, branches); len(rows) != 1 {
		t.Errorf("Rows() = %v, want one: every branch that waits is passed on", rows)
	}
}
