package node

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// rereadEvery is how often a node that runs reads all of its records again and hashes them, as it did when
// it started: what rots on the disk is found before the day that it is needed. rereadLook is how often it
// looks whether it is time: the machine may have slept.
const (
	rereadEvery = 24 * time.Hour
	rereadLook  = 10 * time.Minute
)

// reread is what the last reading of all records found.
type reread struct {
	mu      sync.Mutex // guards the rest
	at      time.Time  // zero: there was none since the start
	damaged int
	first   string // of what is damaged
}

// keepReading does it each day until ctx ends, the first time a day behind the start, which read them too. What
// did not reach the end is tried again at the next look.
func keepReading(ctx context.Context, now func() time.Time, read func(context.Context) bool) error {
	last := now()
	look := time.NewTicker(rereadLook)
	defer look.Stop()
	for {
		select {
		case <-look.C:
		case <-ctx.Done():
			return nil
		}
		if at := now(); at.Sub(last) >= rereadEvery && read(ctx) {
			last = at
		}
	}
}

// readAgain reads all records once, lot by lot, each in a reading transaction of its own, so that the file
// does not grow meanwhile. It reports whether it read them all.
func (n *Node) readAgain(ctx context.Context) bool {
	at, damaged, first := n.o.Clock(), 0, ""
	for _, err := range n.rooms.store.All(ctx) {
		var damage *store.Damage
		switch {
		case err == nil:
		case errors.As(err, &damage):
			if damaged++; damaged == 1 {
				first = err.Error()
			}
		default:
			if ctx.Err() == nil {
				n.o.Logger.ErrorContext(ctx, "records not read again", "err", err)
			}
			return false
		}
	}
	if damaged > 0 {
		n.o.Logger.ErrorContext(ctx, "damaged records found", "records", damaged, "err", first)
	}
	n.again.mu.Lock()
	defer n.again.mu.Unlock()
	n.again.at, n.again.damaged, n.again.first = at, damaged, first
	return true
}

// tell adds what was found to how the archive is.
func (r *reread) tell(h *desk.StoreHealth) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() {
		h.ReadAgain, h.Damaged, h.Damage = protocol.InstantOf(r.at), r.damaged, r.first
	}
}
