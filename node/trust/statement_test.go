package trust_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// chain is one branch of a member's trust feed, and what it stated of an epoch.
type chain struct {
	*pen
	said *said
}

// said is a statement; stated anew when its chain, on any branch, goes on with another.
type said struct {
	body.Last
	anew bool
}

// statementsDrawn draws a member that opens the second epoch of a feed and states again and
// again what counts of the first, on branches of its trust feed, and is admitted to a
// second epoch of that as its registrar likes.
func statementsDrawn(t *rapid.T) (records []protocol.Record, chains []*chain) {
	registrar := penOf(association)
	admitted := registrar.write(admission(gevgelija))
	member := newPen(gevgelija, identity(gevgelija), admitted.Digest())
	first := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	records = append(records, admitted, first)
	state := func(p *pen) *said {
		s := &said{Last: body.Last{Sequence: uint32(rapid.IntRange(1, 3).Draw(t, "last")), Digest: protocol.DigestOf([]byte("head"))}}
		records = append(records, p.write(stating(s.Last)))
		return s
	}
	chains = []*chain{{pen: member, said: state(member)}}
	for range rapid.IntRange(1, 30).Draw(t, "acts") {
		c := rapid.SampledFrom(chains).Draw(t, "chain")
		switch rapid.IntRange(0, 4).Draw(t, "act") {
		case 0:
			other := &chain{pen: c.forked(), said: c.said}
			other.hand = byte(len(chains)) + 1
			chains = append(chains, other)
			// Both go on, or there would be no fork.
			records = append(records, c.unknown(), other.unknown())
		case 1:
			records = append(records, c.unknown())
		default:
			c.said.anew = true
			c.said = state(c.pen)
		}
	}
	return records, chains
}

// stating opens the second epoch of gevgelija's situation feed, or states its last again.
func stating(last body.Last) *body.KeyRecord {
	next := keyFor(gevgelija, protocol.Situation, private("next node"))
	next.FeedEpoch, next.Last = 2, &last
	return next
}

func TestTheNewestStatementOfEachBranchSpeaks(t *testing.T) {
	e := epochOf(gevgelija, protocol.Situation)
	rapid.Check(t, func(t *rapid.T) {
		records, chains := statementsDrawn(t)
		g := network()
		for _, r := range shuffled(t, records) {
			g.Add(r)
		}
		want := map[body.Last]bool{} // what nobody has stated anew
		for _, c := range chains {
			if !c.said.anew {
				want[c.said.Last] = true
			}
		}
		if got, ok := g.Last(e); ok != (len(want) == 1) || ok && !want[got] {
			t.Fatalf("Last() = %v, %t; the newest of %d branches are %v", got, ok, len(chains), want)
		}
	})
}

func TestStatementsAndWhatVoidsThemInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records, chains := statementsDrawn(t)
		registrar := penOf(association)
		registrar.write(admission(gevgelija))
		for range rapid.IntRange(0, 4).Draw(t, "admissions") {
			next := admission(gevgelija)
			next.FeedEpoch, next.Last = 2, lastDrawn(t, records, gevgelija)
			r := registrar.write(next)
			records = append(records, r)
			later := newPen(gevgelija, identity(gevgelija), r.Digest())
			later.epoch.Epoch = 2
			records = append(records, later.write(stating(chains[0].said.Last)))
		}
		inOrder, anyOrder := network(), network()
		for _, r := range records {
			inOrder.Add(r)
		}
		for _, r := range shuffled(t, records) {
			anyOrder.Add(r)
		}
		if diff := cmp.Diff(answers(inOrder, records), answers(anyOrder, records)); diff != "" {
			t.Fatalf("another order of arrival, other answers (-in order +shuffled):\n%s", diff)
		}
	})
}

// restated gives a registry in which a member has stated n times what counts of an epoch,
// and its registrar n times what counts of its trust feed.
func restated(n int) *trust.Registry {
	g, registrar := network(), penOf(association)
	admitted := registrar.write(admission(gevgelija))
	g.Add(admitted)
	member := newPen(gevgelija, identity(gevgelija), admitted.Digest())
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	for k := range n {
		g.Add(member.write(stating(body.Last{Sequence: uint32(k) + 1, Digest: protocol.DigestOf([]byte("head"))})))
		again := admission(gevgelija)
		again.FeedEpoch, again.Last = 2, &body.Last{Unknown: true}
		g.Add(registrar.write(again))
	}
	return g
}

// TestAQuestionCostsNoMoreForEachStatement counts allocations, since every opener that is
// looked at costs some.
func TestAQuestionCostsNoMoreForEachStatement(t *testing.T) {
	branches := []trust.Branch{{Root: protocol.DigestOf([]byte("root")), Parts: 1, Head: 9}}
	count := func(n int) map[string]float64 {
		g := restated(n)
		out := map[string]float64{}
		for _, topic := range []protocol.Topic{protocol.Trust, protocol.Situation} {
			e := epochOf(gevgelija, topic)
			out["Last of "+topic.String()] = testing.AllocsPerRun(5, func() { g.Last(e) })
			out["Stands of "+topic.String()] = testing.AllocsPerRun(5, func() { g.Stands(e, branches) })
		}
		out["Member"] = testing.AllocsPerRun(5, func() { g.Member(gevgelija) })
		return out
	}
	few, many := count(4), count(64)
	for what, n := range many {
		if n > few[what]+2 {
			t.Errorf("%s: %.0f allocations with 64 statements, %.0f with 4", what, n, few[what])
		}
	}
}

// BenchmarkForks judges an epoch that its author forked again and again: ns/op must grow
// as the number of branches does, not as its square.
func BenchmarkForks(b *testing.B) {
	for _, n := range []int{1000, 2000, 4000, 8000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			g, member, _ := admitted()
			opener := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
			g.Add(opener)
			branches := make([]trust.Branch, n)
			for k := range branches {
				branches[k] = trust.Branch{Root: opener.Digest(), Parts: uint32(k) + 1, Head: uint32(n), Digest: protocol.DigestOf([]byte{byte(k), byte(k >> 8)})}
			}
			for b.Loop() {
				g.Judge(epochOf(gevgelija, protocol.Situation), branches)
			}
		})
	}
}
