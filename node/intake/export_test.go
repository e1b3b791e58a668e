package intake

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
)

// TakeAll passes a batch through the door, as Run does, and gives nothing to LOG.
func (i *Intake) TakeAll(ctx context.Context, batch []Arrived) { i.commit(ctx, i.check(batch)) }

// Drain tells and logs what was committed.
func (i *Intake) Drain(ctx context.Context) { i.drain(ctx) }

// MarkWaiters is how many callers wait for the mark, if one of them is writing it.
func (i *Intake) MarkWaiters() int {
	i.marker.mu.Lock()
	defer i.marker.mu.Unlock()
	if i.marker.next == nil {
		return 0
	}
	return i.marker.next.n + 1
}

// MaxTypes is how many types of one author are remembered.
const MaxTypes = maxTypes

// TypesTold is how many types of an author are remembered.
func (i *Intake) TypesTold(id protocol.InstitutionID) int {
	i.told.mu.Lock()
	defer i.told.mu.Unlock()
	return len(i.told.may[id])
}

// GroupsRemembered is of how many groups the rows are remembered.
func (i *Intake) GroupsRemembered() int {
	i.have.mu.Lock()
	defer i.have.mu.Unlock()
	return len(i.have.groups)
}

// LogIsFull reports whether the commit stage would wait for the board and LOG.
func (i *Intake) LogIsFull() bool {
	i.logs.mu.Lock()
	defer i.logs.mu.Unlock()
	return i.logs.full()
}

// NewsWaits reports whether news of trust waits for what is being judged, or is coming.
func (i *Intake) NewsWaits() bool {
	free := i.judging.TryRLock()
	if free {
		i.judging.RUnlock()
	}
	return !free
}

// Swept gives up to when the last sweep went.
func (i *Intake) Swept() protocol.Instant { return protocol.Instant(i.retention.upTo.Load()) }
