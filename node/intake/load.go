package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// Held is what a node knows of itself besides its archive when it starts.
type Held struct {
	Mark  map[protocol.EpochID]protocol.Head  // the fsynced mark
	Trust []iter.Seq2[protocol.Record, error] // own trust feeds, from the carrier
}

// ErrMark: the archive lacks what its own mark names: it is older than the node's last
// words, a restored copy or a damaged one. Writing would fork the feed.
var ErrMark = errors.New("the store is older than this node's own mark")

// Load folds what the archive holds into trust and board, takes from the carrier what
// the archive lacks, and compares the mark. A store behind its mark leaves the node
// reading and exchanging, and refuses to publish with [ErrReadOnly] and why.
func (i *Intake) Load(ctx context.Context, h Held) error {
	if err := i.foldTrust(ctx); err != nil {
		return err
	}
	for _, feed := range h.Trust {
		if err := i.takeCarrier(ctx, feed); err != nil {
			return err
		}
	}
	if err := i.tellAll(ctx); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for e, head := range h.Mark {
		i.heads[e] = head
		held, err := i.o.Store.ByDigest(head.Digest)
		if err != nil || held.Sequence != head.Sequence {
			name := protocol.Name{Institution: e.Institution, Position: protocol.Position{Topic: e.Topic, Epoch: e.Epoch, Sequence: head.Sequence}}
			i.readOnly = fmt.Errorf("%w: %w: it does not hold %s, which this node wrote; put the newer store back, or stop here and ask your registrar", ErrReadOnly, ErrMark, name)
			i.log.ErrorContext(ctx, "store is older than the mark", "record", name)
		}
	}
	return nil
}

// foldTrust folds the trust topic, feed by feed and epoch by epoch. Openers may lie in
// feeds that come later: the fold takes them in any order.
func (i *Intake) foldTrust(ctx context.Context) error {
	for _, f := range i.o.Store.Feeds() {
		if f.Topic != protocol.Trust {
			continue
		}
		for _, epoch := range i.o.Store.Epochs(f) {
			e := protocol.EpochID{Feed: f, Epoch: epoch}
			for _, b := range i.o.Store.Branches(e) {
				for s, err := range i.o.Store.Range(ctx, e, b.Digest, 1, b.Head) {
					if err != nil {
						return err
					}
					i.o.Trust.Add(s.Record)
				}
			}
		}
	}
	return nil
}

func (i *Intake) takeCarrier(ctx context.Context, feed iter.Seq2[protocol.Record, error]) error {
	for r, err := range feed {
		if err != nil {
			return fmt.Errorf("read own trust feed from its carrier: %w", err)
		}
		if _, err := i.o.Store.ByDigest(r.Digest()); err == nil {
			continue
		}
		if err := r.Verify(); err != nil {
			return err
		}
		if err := i.keep(ctx, []protocol.Record{r}); err != nil {
			return err
		}
	}
	return nil
}

// boardLot is how many records the board is told of at once while loading.
const boardLot = 4096

func (i *Intake) tellAll(ctx context.Context) error {
	events := make([]board.Event, 0, boardLot)
	for s, err := range i.o.Store.All(ctx) {
		if err != nil {
			// One damaged record must not keep the rest from being shown.
			i.log.ErrorContext(ctx, "record not readable", "err", err)
			continue
		}
		e := i.event(s.Record)
		e.Accepted = s.Accepted
		if events = append(events, e); len(events) == boardLot {
			i.o.Board.Tell(events)
			events = make([]board.Event, 0, boardLot)
		}
	}
	i.o.Board.Tell(events)
	return ctx.Err()
}

// restand tells the board anew of every record of an epoch: a fork changed what counts.
func (i *Intake) restand(ctx context.Context, e protocol.EpochID) {
	var verdicts []board.Verdict
	for _, b := range i.o.Store.Branches(e) {
		for s, err := range i.o.Store.Range(ctx, e, b.Digest, 1, b.Head) {
			if err != nil {
				i.log.ErrorContext(ctx, "record not readable", "feed", e.Feed, "err", err)
				break
			}
			event := i.event(s.Record)
			verdicts = append(verdicts, board.Verdict{Digest: s.Digest, Stopped: event.Stopped, Void: event.Void, Competent: event.Competent})
		}
	}
	i.o.Board.Restand(verdicts)
}

// restandAuthor tells the board anew of what an author said: trust news may have changed
// what it may say.
func (i *Intake) restandAuthor(ctx context.Context, id protocol.InstitutionID) {
	for _, t := range protocol.Topics() {
		if t == protocol.Trust {
			continue
		}
		f := protocol.Feed{Institution: id, Topic: t}
		for _, epoch := range i.o.Store.Epochs(f) {
			i.restand(ctx, protocol.EpochID{Feed: f, Epoch: epoch})
		}
	}
}
