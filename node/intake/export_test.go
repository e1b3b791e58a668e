package intake

import "context"

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
