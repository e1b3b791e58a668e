package intake

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// ErrMark is when the archive lacks what its own mark names: it is older than the node's last
// words, a restored copy or a damaged one. Writing would fork the feed.
var ErrMark = errors.New("the store is older than this node's own mark")

// marker writes the mark for all who wait for it at once: it costs three fsyncs.
type marker struct {
	signer Signer

	mu      sync.Mutex // guards next
	next    *marking   // what is not yet being written; its first waiter will
	writing sync.Mutex // one at a time; taken before mu
}

// marking is one write of the mark.
type marking struct {
	heads map[protocol.EpochID]protocol.Head
	n     int  // how many wait for it
	done  bool // guarded by marker.writing
	err   error
}

// set returns when the heads are in the mark, with fsync.
func (m *marker) set(heads map[protocol.EpochID]protocol.Head) error {
	m.mu.Lock()
	mine := m.next
	if mine == nil {
		mine = &marking{heads: map[protocol.EpochID]protocol.Head{}}
		m.next = mine
	}
	mine.n++
	for e, h := range heads {
		if mine.heads[e].Sequence < h.Sequence {
			mine.heads[e] = h
		}
	}
	m.mu.Unlock()

	m.writing.Lock()
	defer m.writing.Unlock()
	if !mine.done {
		m.mu.Lock()
		m.next = nil // who comes now waits for the next one
		m.mu.Unlock()
		mine.err, mine.done = m.signer.SetMark(mine.heads), true
	}
	if mine.err != nil && mine.n > 1 {
		return m.signer.SetMark(heads) // it may have been another's
	}
	return mine.err
}

// mark writes the positions of own records down, after their commit. What can't be
// written holds back all further writing until it can.
func (i *Intake) mark(ctx context.Context, heads map[protocol.EpochID]protocol.Head) {
	i.mu.Lock()
	maps.Copy(i.own, heads)
	i.mu.Unlock()
	err := i.marker.set(heads)
	if err == nil {
		return
	}
	i.log.ErrorContext(ctx, "mark not written", "err", err)
	i.mu.Lock()
	defer i.mu.Unlock()
	maps.Copy(i.unmarked, heads)
	i.judgeWritable()
}

// holdBack keeps links from sending an own record, and those after it, until release is
// called: its commit comes before its mark, and its mark before its first send.
func (i *Intake) holdBack(r *protocol.Record) (release func()) {
	e := r.EpochID()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sending[e] = r.Sequence
	return func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		delete(i.sending, e)
		close(i.marked)
		i.marked = make(chan struct{})
	}
}

// Marked gives a channel that is closed when the next own record may go to peers: ask for
// it before [Intake.MaySend].
func (i *Intake) Marked() <-chan struct{} {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.marked
}

// MaySend reports whether a record that is held may go to peers: not an own one before the
// mark names it. What may not is to be asked for again soon; it takes some fsyncs.
func (i *Intake) MaySend(n protocol.Name) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	e := n.EpochID()
	from, ok := i.sending[e]
	unmarked, late := i.unmarked[e]
	return (!ok || n.Sequence < from) && (!late || n.Sequence < unmarked.Sequence)
}

// Writable returns nil, or why this node writes nothing: [ErrReadOnly], with [ErrMark] if
// its store is older than its mark. One epoch that is forked is no reason: see
// [Intake.Stopped].
func (i *Intake) Writable() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.readOnly
}

// catchUp returns what Writable does, once it has tried to write the mark that could not
// be written before.
func (i *Intake) catchUp() error {
	i.mu.Lock()
	heads := maps.Clone(i.unmarked)
	i.mu.Unlock()
	if len(heads) == 0 {
		return i.Writable()
	}
	err := i.marker.set(heads)
	i.mu.Lock()
	defer i.mu.Unlock()
	if err == nil {
		for e, h := range heads {
			if i.unmarked[e] == h {
				delete(i.unmarked, e)
			}
		}
		i.judgeWritable()
	}
	return i.readOnly
}

// Behind reports whether the archive lacks what the mark names of an own epoch.
func (i *Intake) Behind(e protocol.EpochID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, behind := i.behind[e]
	return behind
}

// mayWrite returns nil, or why nothing may be written in a feed. An own trust feed lies on
// its carrier too, so that an archive that is older than the mark of other feeds keeps
// nobody from opening their next epochs.
func (i *Intake) mayWrite(f protocol.Feed) error {
	err := i.catchUp()
	if err == nil || f.Topic != protocol.Trust {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.markErr != nil || len(i.unmarked) > 0 {
		return err
	}
	for e := range i.behind {
		if e.Topic == protocol.Trust {
			return err
		}
	}
	return nil
}

// judgeWritable works out readOnly. The caller holds mu.
func (i *Intake) judgeWritable() {
	i.readOnly = nil
	switch {
	case i.markErr != nil:
		i.readOnly = fmt.Errorf("%w: %w; nobody can say whether this store is the newest: put the mark back; if that can't be: vardar run --resume", ErrReadOnly, i.markErr)
	case len(i.behind) > 0:
		for e, h := range i.behind {
			if current, ok := i.o.Trust.Current(e.Feed); ok && current.Epoch > e.Epoch {
				continue // a later epoch is open, and nothing is written in this one any more
			}
			if h.Sequence == protocol.MaxNumber { // see keys.Safe.RenewMark
				i.readOnly = fmt.Errorf("%w: %w: its mark was lost, and what it wrote last in %s is not known: vardar run --resume", ErrReadOnly, ErrMark, e)
				continue
			}
			name := protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: h.Sequence}}
			i.readOnly = fmt.Errorf("%w: %w: it does not hold %s, which this node wrote; wait until a peer has brought it back, or put the newer store back; if nobody has it: vardar run --resume", ErrReadOnly, ErrMark, name)
		}
	case len(i.unmarked) > 0:
		i.readOnly = fmt.Errorf("%w: its mark could not be written: see the log; it is tried again with the next record", ErrReadOnly)
	}
}

// loadMark compares the mark with the archive, and brings it up to what the archive holds:
// a crash may have come between a commit and its mark.
func (i *Intake) loadMark(ctx context.Context, h Held) {
	i.mu.Lock()
	i.markErr = h.MarkErr
	for e, head := range h.Mark {
		if _, known := i.own[e]; !known {
			i.own[e] = head
		}
		if !i.holds(e, head) {
			i.behind[e] = head
		}
	}
	i.judgeWritable()
	err := i.readOnly
	i.mu.Unlock()
	if err != nil {
		if !h.Resuming {
			i.log.ErrorContext(ctx, "node does not write", "err", err)
		}
		return
	}
	ahead := map[protocol.EpochID]protocol.Head{}
	for _, id := range i.o.Signer.Institutions() {
		for _, t := range protocol.Topics() {
			f := protocol.Feed{Institution: id, Topic: t}
			for _, epoch := range i.o.Store.Epochs(f) {
				e := protocol.EpochID{Feed: f, Epoch: epoch}
				if b := i.o.Store.Branches(e); len(b) == 1 && b[0].Head > h.Mark[e].Sequence {
					ahead[e] = headOf(b[0])
				}
			}
		}
	}
	if len(ahead) > 0 {
		i.mark(ctx, ahead)
	}
}

func headOf(b store.Branch) protocol.Head {
	return protocol.Head{Topic: b.Topic, Epoch: b.Epoch, Sequence: b.Head, Digest: b.Digest}
}

func (i *Intake) holds(e protocol.EpochID, head protocol.Head) bool {
	if head.Sequence == 0 {
		return true
	}
	held, err := i.o.Store.ByDigest(head.Digest)
	return err == nil && held.EpochID() == e && held.Sequence == head.Sequence
}

// cameHome looks at own records that a peer brought: they may be a tail this node had
// lost, or somebody else's who has its key. Once all that the mark names is held, the node
// writes again.
func (i *Intake) cameHome(ctx context.Context, c *chunk) {
	branches := i.o.Store.Branches(c.EpochID)
	if from, forked := i.o.Trust.Stops(c.EpochID, i.branches(c.EpochID)); forked {
		i.stop(ctx, c.EpochID, Stop{from, c.peer})
		return
	}
	i.mu.Lock()
	was := len(i.behind)
	for e, head := range i.behind {
		if i.holds(e, head) {
			delete(i.behind, e)
		}
	}
	i.judgeWritable()
	now := len(i.behind)
	i.mu.Unlock()
	if was > 0 && now == 0 {
		i.log.InfoContext(ctx, "own records came back, node writes again")
	}
	if now == 0 && len(branches) == 1 {
		i.mark(ctx, map[protocol.EpochID]protocol.Head{c.EpochID: headOf(branches[0])})
	}
}
