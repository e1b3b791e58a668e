package desk

import (
	"context"
	"iter"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// The pace at which changes are told.
const (
	// changesPause is the shortest time between two: lines tell of every acknowledgement,
	// and a person reads slower.
	changesPause = time.Second
	// changesWait is the longest: without any news figures age, and somebody falls silent.
	changesWait = 5 * time.Minute
)

// Changes gives the instant whenever what is shown of the node may be another than at the
// last one, until ctx ends or the caller stops.
func (d *Desk) Changes(ctx context.Context) iter.Seq[protocol.Instant] {
	return func(yield func(protocol.Instant) bool) {
		told, endTold := d.o.Board.Subscribe()
		defer endTold()
		moved, endMoved := d.o.Links.Changed()
		defer endMoved()
		woken, endWoken := d.o.Duty.Changed()
		defer endWoken()
		wait := time.NewTimer(changesWait)
		defer wait.Stop()
		for {
			select {
			case <-told:
			case <-moved:
			case <-woken:
			case <-wait.C:
			case <-ctx.Done():
				return
			}
			if !yield(d.now()) {
				return
			}
			wait.Reset(changesPause)
			select {
			case <-wait.C:
			case <-ctx.Done():
				return
			}
			wait.Reset(changesWait)
		}
	}
}
