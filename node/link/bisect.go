package link

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// common gives the last sequence of one of our branches that the peer holds too.
func (p *peer) common(ctx context.Context, mine protocol.HaveRow, theirs []protocol.HaveRow) (uint32, error) {
	b, ok := p.l.branch(ctx, mine)
	if !ok {
		return 0, nil
	}
	best := uint32(0)
	for _, r := range theirs {
		if r.Sequence <= mine.Sequence {
			if d, ok := p.l.digestAt(ctx, b, r.Sequence); ok && d == r.Head {
				best = max(best, r.Sequence)
				continue
			}
		}
		at, err := p.bisect(ctx, b, r, min(mine.Sequence, r.Sequence))
		if err != nil {
			return 0, err
		}
		best = max(best, at)
	}
	return best, nil
}

// bisect finds the last sequence, up to limit, at which the peer's branch that row r
// names holds what ours holds.
func (p *peer) bisect(ctx context.Context, ours store.Branch, r protocol.HaveRow, limit uint32) (uint32, error) {
	q := protocol.BisectQuestion{V: protocol.ControlVersion, Feed: ours.Feed, Epoch: ours.Epoch}
	if r.Head != (protocol.DigestPrefix{}) {
		q.Head = &r.Head
	}
	low, high := uint32(0), limit // held at low, not known above
	for low < high {
		q.Sequences = probes(low, high)
		var a protocol.BisectAnswer
		if err := p.askFor(ctx, protocol.OpBisect, q, &a); err != nil {
			if refused(err) {
				return low, nil
			}
			return 0, err
		}
		if len(a.Digests) != len(q.Sequences) {
			return 0, fmt.Errorf("%s answered %d digests to %d questions", p.id, len(a.Digests), len(q.Sequences))
		}
		// The chain makes agreement a prefix: the first step that differs bounds it.
		differs := sort.Search(len(q.Sequences), func(k int) bool {
			d, ok := p.l.digestAt(ctx, ours, q.Sequences[k])
			return !ok || a.Digests[k] == nil || *a.Digests[k] != d
		})
		if differs > 0 {
			low = q.Sequences[differs-1]
		}
		if differs < len(q.Sequences) {
			high = q.Sequences[differs] - 1
		}
	}
	return low, nil
}

// probeCount is how many sequences one bisect question names: 16 to a question find any
// fork among two thousand million records in eight.
const probeCount = 16

// probes gives up to probeCount sequences spread over (low, high], high among them.
func probes(low, high uint32) []uint32 {
	n := min(probeCount, high-low)
	var out []uint32
	for k := uint32(1); k <= n; k++ {
		out = append(out, low+uint32(uint64(high-low)*uint64(k)/uint64(n))) //nolint:gosec // at most high
	}
	return slices.Compact(out)
}

// branch finds the branch that holds what a row names, which may have grown since.
func (l *Links) branch(ctx context.Context, row protocol.HaveRow) (store.Branch, bool) {
	branches := l.o.Store.Branches(row.EpochID)
	for _, b := range branches {
		if b.Head == row.Sequence && b.Digest.Prefix() == row.Head {
			return b, true
		}
	}
	for _, b := range branches {
		if b.Head > row.Sequence {
			if d, ok := l.digestAt(ctx, b, row.Sequence); ok && d == row.Head {
				return b, true
			}
		}
	}
	return store.Branch{}, false
}

// branchWith finds the branch that a peer's question names by the digest of some record
// at its end; the first branch if it names none, or none that is held.
func (l *Links) branchWith(ctx context.Context, e protocol.EpochID, head *protocol.DigestPrefix, at uint32) (store.Branch, bool) {
	branches := l.o.Store.Branches(e)
	if len(branches) == 0 {
		return store.Branch{}, false
	}
	if head != nil && len(branches) > 1 {
		for _, b := range branches {
			if b.Digest.Prefix() == *head {
				return b, true
			}
		}
		if b, ok := l.branch(ctx, protocol.HaveRow{EpochID: e, Sequence: at, Head: *head}); ok {
			return b, true
		}
	}
	return branches[0], true
}

// digestAt gives the digest of a branch at a sequence.
func (l *Links) digestAt(ctx context.Context, b store.Branch, sequence uint32) (protocol.DigestPrefix, bool) {
	if sequence == b.Head {
		return b.Digest.Prefix(), true
	}
	for s, err := range l.o.Store.Range(ctx, b.EpochID, b.Digest, sequence, sequence) {
		return s.Digest.Prefix(), err == nil || s.Sequence == sequence
	}
	return protocol.DigestPrefix{}, false
}
