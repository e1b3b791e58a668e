package intake

import "context"

// TakeAll passes a batch through the door, as Run does, and gives nothing to LOG.
func (i *Intake) TakeAll(ctx context.Context, batch []Arrived) { i.commit(ctx, i.check(batch)) }

// Drain tells and logs what was committed.
func (i *Intake) Drain(ctx context.Context) { i.drain(ctx) }
