package intake

import (
	"slices"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// have remembers the rows and the digest of each group until one of its records or the
// trust topic changes: a hub answers 45 peers with the same 300 groups.
type have struct {
	mu     sync.Mutex // guards what follows
	trust  uint64     // grows with every change of trust
	groups map[protocol.Group]groupRows
}

type groupRows struct {
	order, trust uint64
	rows         []protocol.HaveRow
	digest       protocol.Digest
}

func (h *have) trustChanged() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.trust++
}

// Rows gives the have rows of a group (epochs.md 17), in the order of its digest.
func (i *Intake) Rows(g protocol.Group) []protocol.HaveRow {
	return slices.Clone(i.rows(g).rows)
}

// Digest gives the digest of a group; zero if it has no rows.
func (i *Intake) Digest(g protocol.Group) protocol.Digest { return i.rows(g).digest }

func (i *Intake) rows(g protocol.Group) groupRows {
	h := &i.have
	h.mu.Lock()
	trust, held := h.trust, h.groups[g]
	h.mu.Unlock()
	// What comes between this question and the rows is asked for again the next time.
	order := i.o.Store.Order(g)
	switch {
	case order == 0:
		return groupRows{} // not remembered: a peer may name groups without end
	case held.order == order && held.trust == trust:
		return held
	}
	out := groupRows{order: order, trust: trust}
	var last protocol.EpochID
	for _, row := range i.o.Store.Rows(g) {
		if row.EpochID != last {
			last = row.EpochID
			out.rows = append(out.rows, i.o.Trust.Rows(last, i.branches(last))...)
		}
	}
	out.digest = protocol.GroupDigest(g, out.rows)
	h.mu.Lock()
	h.groups[g] = out
	h.mu.Unlock()
	return out
}
