package intake

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Draft is what an own institution wants to say. The body has its salt already and has
// been found to fit.
type Draft struct {
	Institution protocol.InstitutionID
	Type        string
	Time        protocol.Instant
	Handling    protocol.Handling
	Exercise    bool
	Body        []byte
}

// Publish writes the next record of an own feed: it is signed, committed with fsync, and
// marked before anyone is sent it. When it returns, the record is recorded here; who has
// it is the links' to say.
//
// It returns [ErrNotMember], [ErrForked], [ErrReadOnly], store.ErrDiskFull, or the
// grammar's own error; nothing is written then.
func (i *Intake) Publish(ctx context.Context, d Draft) (store.Stored, error) {
	topic, err := protocol.TypeTopic(d.Type)
	if err != nil {
		return store.Stored{}, err
	}
	feed := protocol.Feed{Institution: d.Institution, Topic: topic}
	defer i.feeds.lock(feed)()
	r, err := i.next(feed)
	if err != nil {
		return store.Stored{}, fmt.Errorf("publish in %s: %w", feed, err)
	}
	r.Type, r.Time, r.Handling, r.Exercise = d.Type, d.Time, d.Handling, d.Exercise
	r.SetBody(d.Body)
	if err := i.write(ctx, &r); err != nil {
		return store.Stored{}, fmt.Errorf("publish %s: %w", r.Name, err)
	}
	return i.o.Store.Get(r.Name)
}

// next gives the position, chain and key epoch of the next record of an own feed.
func (i *Intake) next(feed protocol.Feed) (protocol.Record, error) {
	if err := i.Writable(); err != nil {
		return protocol.Record{}, err
	}
	opener, ok := i.o.Trust.Current(feed)
	if !ok {
		return protocol.Record{}, ErrNotMember
	}
	r := protocol.Record{Name: protocol.Name{Institution: feed.Institution, Position: protocol.Position{
		Topic: feed.Topic, Epoch: opener.Epoch, Sequence: 1,
	}}, Previous: opener.Digest}
	branches := i.o.Store.Branches(r.EpochID())
	if _, forked := i.o.Trust.Stops(r.EpochID(), i.branches(r.EpochID())); forked || i.isStopped(r.EpochID()) {
		return protocol.Record{}, ErrForked
	}
	if len(branches) > 0 {
		r.Sequence, r.Previous = branches[0].Head+1, branches[0].Digest
	}
	if r.Sequence > protocol.MaxNumber {
		return protocol.Record{}, fmt.Errorf("epoch %s is full: open the next one", r.EpochID())
	}
	return r, nil
}

// write signs and commits one own record. A trust record goes onto the carrier first, so
// that a restored node can't write its position a second time (epochs.md 19).
func (i *Intake) write(ctx context.Context, r *protocol.Record) error {
	if err := i.o.Signer.SignRecord(ctx, r); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	if err := r.Verify(); err != nil {
		return err
	}
	if r.Sequence == 1 {
		if err := i.o.Trust.CheckOpening(r); err != nil {
			return err
		}
	}
	if r.Topic == protocol.Trust {
		if err := i.o.Signer.AppendTrust(*r); err != nil {
			return err
		}
	}
	return i.keep(ctx, []protocol.Record{*r})
}

// keep commits own records, marks their heads, and tells everyone.
func (i *Intake) keep(ctx context.Context, records []protocol.Record) error {
	added, results, err := i.append(ctx, records)
	if err != nil {
		return err
	}
	for k, r := range results {
		if r.Status == store.Gap {
			return fmt.Errorf("%s hangs on a record that is not held: %w", records[k].Name, ErrReadOnly)
		}
	}
	if err := i.mark(records[len(records)-1]); err != nil {
		return err
	}
	i.count(func(n *Counts) { n.Published += len(added) })
	i.tell(ctx, added, nil)
	if err := i.o.Log.PublishLog(ctx, added); err != nil {
		i.log.WarnContext(ctx, "own record not published on LOG", "record", records[0].Name, "err", err)
	}
	return nil
}

// mark writes the position of an own record down, with fsync, after its commit and
// before its first send.
func (i *Intake) mark(r protocol.Record) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.heads[r.EpochID()] = protocol.Head{Topic: r.Topic, Epoch: r.Epoch, Sequence: r.Sequence, Digest: r.Digest()}
	return i.o.Signer.SetMark(i.heads)
}

// Writable returns nil, or why this node writes nothing.
func (i *Intake) Writable() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.readOnly
}

func (i *Intake) isStopped(e protocol.EpochID) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.stopped[e]
}

// TakeForkProof looks at the record that a peer says it holds where this node sent
// another. If it is authentic by an opener's key it is kept as a rival, and if the feed
// is our own, writing in that epoch stops. It returns false for a proof that proves
// nothing.
func (i *Intake) TakeForkProof(ctx context.Context, peer protocol.InstitutionID, held protocol.Record) bool {
	if !i.opens(&held) || held.Verify() != nil {
		i.drop(peer, 1, protocol.ErrNotSigned)
		return false
	}
	ours, err := i.o.Store.Get(held.Name)
	if err == nil && ours.Digest == held.Digest() {
		return false
	}
	added, results, err := i.append(ctx, []protocol.Record{held})
	if err != nil {
		return false
	}
	if i.isOwn(held.Institution) {
		i.mu.Lock()
		i.stopped[held.EpochID()] = true
		i.mu.Unlock()
		i.log.ErrorContext(ctx, "own feed forked", "record", held.Name, "peer", peer)
	}
	if results[0].Status == store.Added {
		i.tell(ctx, added, map[protocol.EpochID]bool{held.EpochID(): true})
	}
	return true
}

func (i *Intake) isOwn(id protocol.InstitutionID) bool {
	for _, own := range i.o.Signer.Institutions() {
		if own == id {
			return true
		}
	}
	return false
}

// branches gives the branches of an epoch as trust judges them.
func (i *Intake) branches(e protocol.EpochID) []trust.Branch {
	held := i.o.Store.Branches(e)
	out := make([]trust.Branch, len(held))
	for k, b := range held {
		out[k] = trust.Branch{Root: b.Root, Digest: b.Digest, Head: b.Head, Parts: b.Parts}
	}
	return out
}

// Rows gives the have rows of a group (epochs.md 17).
func (i *Intake) Rows(g protocol.Group) []protocol.HaveRow {
	var rows []protocol.HaveRow
	for _, f := range i.o.Store.Feeds() {
		if f.Group() != g {
			continue
		}
		for _, epoch := range i.o.Store.Epochs(f) {
			e := protocol.EpochID{Feed: f, Epoch: epoch}
			rows = append(rows, i.o.Trust.Rows(e, i.branches(e))...)
		}
	}
	return rows
}

// event gives what the board is told of a record: the verdicts that it can't compute.
func (i *Intake) event(r protocol.Record) board.Event {
	from, stopped := i.o.Trust.Stops(r.EpochID(), i.branches(r.EpochID()))
	return board.Event{
		Record: r, Digest: r.Digest(), Accepted: protocol.InstantOf(i.o.Clock()),
		Stopped:   stopped && r.Sequence >= from,
		Competent: i.o.Trust.May(r.Institution, r.Type),
	}
}
