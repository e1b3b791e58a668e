package node

import (
	"context"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// linesPause is the shortest time between two looks at the lines: they tell of every
// acknowledgement, and a person reads what comes of it.
const linesPause = 200 * time.Millisecond

// tellLines keeps the board told of the state of the lines: silence is one thing, a cut
// line another, and neither is a figure.
func (n *Node) tellLines(ctx context.Context) error {
	changed, stop := n.links.Changed()
	defer stop()
	return atChanges(ctx, changed, func() { n.rooms.board.TellLine(n.lines()) })
}

// atChanges does something at once and after changes, at most once a pause, until ctx ends.
func atChanges(ctx context.Context, changed <-chan struct{}, do func()) error {
	for {
		do()
		pause := time.NewTimer(linesPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// lines gives the line to every institution: that of the link to the node that writes for
// it where there is one, and otherwise whether any line is up that could bring its news.
func (n *Node) lines() []board.Line {
	states := n.links.States()
	anyUp := slices.ContainsFunc(states, func(s link.State) bool { return s.Up })
	var lost protocol.Instant // when a line was last lost
	for _, s := range states {
		if !s.Up {
			lost = max(lost, protocol.InstantOf(s.Since))
		}
	}
	to := map[protocol.InstitutionID][]*link.State{} // by whom the node at the other end writes for
	for i := range states {
		s := &states[i]
		to[s.Peer] = append(to[s.Peer], s)
		for _, id := range s.Hosts {
			if id != s.Peer {
				to[id] = append(to[id], s)
			}
		}
	}
	own := n.Institutions()
	var out []board.Line
	for _, m := range n.rooms.trust.Members() {
		if slices.Contains(own, m.ID) {
			continue
		}
		line := board.Line{Institution: m.ID, State: board.LineDown}
		if anyUp {
			line.State = board.LineUp
		}
		if _, heard, ok := n.rooms.store.Beacon(m.ID); ok {
			line.Heard = heard
		}
		for _, s := range to[m.ID] {
			line.Since = protocol.InstantOf(s.Since)
			// A beacon that came after any line was lost came over one that is left.
			line.State = board.LineDown
			if s.Up || (anyUp && line.Heard > lost) {
				line.State = board.LineUp
				break
			}
		}
		out = append(out, line)
	}
	return out
}
