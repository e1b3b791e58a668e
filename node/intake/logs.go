package intake

import (
	"context"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// MaxLogWaiting is how many committed records may wait for LOG before the commit stage
// waits for it: some look-aheads' worth. What the institution itself says never waits.
const MaxLogWaiting = 16_384

// logQueue holds what is committed and not yet on LOG, in the order of its commits.
type logQueue struct {
	mu      sync.Mutex // guards records
	records []protocol.Record
	wake    chan struct{} // told that there are records
	drained chan struct{} // closed when they are taken; nil: nobody waits
}

func (q *logQueue) put(records []protocol.Record) {
	if len(records) == 0 {
		return
	}
	q.mu.Lock()
	q.records = append(q.records, records...)
	q.mu.Unlock()
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *logQueue) take() []protocol.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	records := q.records
	q.records = nil
	if q.drained != nil {
		close(q.drained)
		q.drained = nil
	}
	return records
}

// room waits until fewer than MaxLogWaiting records wait.
func (q *logQueue) room(ctx context.Context) {
	q.mu.Lock()
	if len(q.records) < MaxLogWaiting {
		q.mu.Unlock()
		return
	}
	if q.drained == nil {
		q.drained = make(chan struct{})
	}
	drained := q.drained
	q.mu.Unlock()
	select {
	case <-drained:
	case <-ctx.Done():
	}
}

// runLog publishes what was committed, after it was acknowledged, and at the end what
// the commit stage still left.
func (i *Intake) runLog(ctx context.Context, committed <-chan struct{}) {
	for {
		select {
		case <-i.logs.wake:
			i.publishLog(ctx)
		case <-committed:
			i.publishLog(context.WithoutCancel(ctx))
			return
		}
	}
}

func (i *Intake) publishLog(ctx context.Context) {
	records := i.logs.take()
	if len(records) == 0 {
		return
	}
	if err := i.o.Log.PublishLog(context.WithoutCancel(ctx), records); err != nil && ctx.Err() == nil {
		i.log.WarnContext(ctx, "records not published on LOG", "count", len(records), "err", err)
	}
}
