package intake

import (
	"context"
	"maps"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// MaxLogWaiting is how many committed records may wait to be told and put on LOG
	// before the commit stage waits for that: some look-aheads' worth. What the
	// institution itself says never waits.
	MaxLogWaiting = 16_384
	// MaxLogWaitingBytes bounds them in bytes: of the longest bodies so many would take
	// four gigabytes.
	MaxLogWaitingBytes = 32 << 20
	// tellLot is how many records the board is told of at once, so that what the
	// institution itself says comes in between.
	tellLot = 512
)

// logQueue holds what is committed and acknowledged, and not yet told to the board and on
// LOG: reading the bodies costs more than all that comes before it, and nobody waits.
type logQueue struct {
	mu      sync.Mutex        // guards what follows, down to the blank line
	news    []fresh           // to be told and put on LOG
	bytes   int               // of news
	changed authors           // whose standing the trust among them may change
	records []protocol.Record // to be put on LOG
	gone    []protocol.Record // to be taken out of LOG, behind what is to be put there
	drained chan struct{}     // closed when all is taken; nil: nobody waits

	wake chan struct{} // told that there is something
}

// authors are institutions, of which trust has news.
type authors map[protocol.InstitutionID]bool

func (q *logQueue) put(news []fresh, changed authors, records ...protocol.Record) {
	if len(news)+len(records)+len(changed) == 0 {
		return
	}
	q.mu.Lock()
	for _, f := range news {
		q.bytes += protocol.EntrySize(f.Record)
	}
	q.news, q.records = append(q.news, news...), append(q.records, records...)
	if q.changed == nil {
		q.changed = authors{}
	}
	maps.Copy(q.changed, changed)
	q.mu.Unlock()
	q.stir()
}

// erase has records taken out of LOG whose bodies were erased.
func (q *logQueue) erase(gone []protocol.Record) {
	q.mu.Lock()
	q.gone = append(q.gone, gone...)
	q.mu.Unlock()
	q.stir()
}

func (q *logQueue) stir() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *logQueue) takeGone() []protocol.Record {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := q.gone
	q.gone = nil
	return gone
}

func (q *logQueue) take() ([]fresh, authors, []protocol.Record) {
	q.mu.Lock()
	defer q.mu.Unlock()
	news, changed, records := q.news, q.changed, q.records
	q.news, q.bytes, q.changed, q.records = nil, 0, nil, nil
	if q.drained != nil {
		close(q.drained)
		q.drained = nil
	}
	return news, changed, records
}

// full reports whether as much waits as may. The caller holds mu.
func (q *logQueue) full() bool {
	return len(q.news) >= MaxLogWaiting || q.bytes >= MaxLogWaitingBytes
}

// room waits until there is room for more.
func (q *logQueue) room(ctx context.Context) {
	q.mu.Lock()
	if !q.full() {
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

// runLog tells and publishes what was committed, after it was acknowledged, and at the
// end what the commit stage and the last sweep still left.
func (i *Intake) runLog(ctx context.Context, ends ...<-chan struct{}) {
	for _, end := range ends {
		for ended := false; !ended; {
			select {
			case <-i.logs.wake:
			case <-end:
				ended = true
			}
			i.drain(ctx)
		}
	}
}

// drain tells the board and LOG what waits for it. Told to stop it goes on: what is
// committed would be missing on LOG.
func (i *Intake) drain(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	news, changed, records := i.logs.take()
	if len(news) == 0 && len(changed) > 0 {
		i.tell(ctx, nil, changed)
	}
	for len(news) > 0 {
		lot := news[:min(tellLot, len(news))]
		if news = news[len(lot):]; len(news) > 0 {
			i.tell(ctx, lot, nil)
		} else {
			i.tell(ctx, lot, changed)
		}
		for _, f := range lot {
			records = append(records, *f.Record)
		}
	}
	if len(records) > 0 {
		i.strip(records)
		if err := i.o.Log.PublishLog(ctx, records); err != nil {
			i.log.WarnContext(ctx, "records not published on LOG", "count", len(records), "err", err)
		}
		i.count(func(n *Counts) { n.Told += len(records) })
	}
	// What is taken back from now on finds its record on LOG, or is stripped before.
	if gone := i.logs.takeGone(); len(gone) > 0 {
		if err := i.o.Log.EraseLog(ctx, gone); err != nil {
			i.log.WarnContext(ctx, "erased bodies not taken out of LOG", "count", len(gone), "err", err)
		}
	}
}
