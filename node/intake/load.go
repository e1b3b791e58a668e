package intake

import (
	"context"
	"fmt"
	"iter"
	"log/slog"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Held is what a node knows of itself besides its archive when it starts.
type Held struct {
	Mark    map[protocol.EpochID]protocol.Head // the fsynced mark
	MarkErr error                              // why it can't be read; the node then writes nothing
	// Resuming says that the next epochs are about to be opened where the archive and the mark
	// don't allow to write: it is no news then.
	Resuming bool
	// Trust reads own trust feeds from their carriers, now and again whenever the carrier
	// and the archive turn out to differ.
	Trust map[protocol.InstitutionID]iter.Seq2[protocol.Record, error]
}

// Load folds what the archive holds into trust and board, takes from the carriers what
// the archive lacks, and compares the mark. A store behind its mark, and a mark that
// can't be read, leave the node reading and exchanging, and refuse to publish with
// [ErrReadOnly] and why. A carrier that is not there or damaged is logged: what is to be
// written on it meets the same error.
func (i *Intake) Load(ctx context.Context, h Held) error {
	if err := SettledIn(i.o.Store, i.o.Trust); err != nil {
		i.log.ErrorContext(ctx, "it is not known which versions of the charter this node has settled on: a rival of one of them can stop it", "err", err)
	}
	if err := i.loadDrops(ctx); err != nil {
		i.log.ErrorContext(ctx, "it is not known what was dropped before: counted from now on", "err", err)
	}
	if err := i.foldTrust(ctx); err != nil {
		return err
	}
	i.hearAll()
	if err := i.loadStopped(ctx); err != nil {
		return err
	}
	i.carriers = h.Trust
	if err := i.tellAll(ctx); err != nil {
		return err
	}
	for _, id := range i.o.Signer.Institutions() {
		if err := i.takeCarrier(ctx, id); err != nil {
			if ctx.Err() != nil {
				return err
			}
			i.log.WarnContext(ctx, "carrier of the identity key not read: trust records can't be written", "institution", id, "err", err)
		}
	}
	i.loadMark(ctx, h)
	return ctx.Err()
}

// foldTrust folds the trust topic and notes who is a member.
func (i *Intake) foldTrust(ctx context.Context) error {
	if err := FoldTrust(ctx, i.o.Store, i.o.Trust, i.log); err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, m := range i.o.Trust.Members() {
		i.members[m.ID] = !m.Out
	}
	return nil
}

// FoldTrust tells a registry of every trust record that a store holds, feed by feed and
// epoch by epoch. Openers may lie in feeds that come later: the fold takes them in any
// order. A damaged record is logged and must not keep the node from reading the rest; the
// error is ctx's.
func FoldTrust(ctx context.Context, s *store.Store, g *trust.Registry, log *slog.Logger) error {
	for _, f := range s.Feeds() {
		if f.Topic != protocol.Trust {
			continue
		}
		for _, epoch := range s.Epochs(f) {
			e := protocol.EpochID{Feed: f, Epoch: epoch}
			for _, b := range s.Branches(e) {
				for held, err := range s.Range(ctx, e, b.Digest, 1, b.Head) {
					if ctx.Err() != nil {
						return ctx.Err()
					}
					if err != nil {
						log.ErrorContext(ctx, "trust record not readable", "feed", f, "err", err)
					}
					if !held.Digest.IsZero() {
						g.Add(held.Record)
					}
				}
			}
		}
	}
	return nil
}

// takeCarrier takes in what an institution's carrier holds and the archive lacks: a crash
// came between the two, or the archive is a new one. The feed's lock is held, or nothing
// runs yet.
func (i *Intake) takeCarrier(ctx context.Context, id protocol.InstitutionID) error {
	feed := i.carriers[id]
	if feed == nil {
		return nil
	}
	var lacking []protocol.Record
	var broken error
	wrote := map[protocol.EpochID]protocol.Head{}
	defer func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		for e, head := range wrote { // an older copy of the carrier says nothing new
			if i.own[e].Sequence < head.Sequence {
				i.own[e] = head
			}
		}
	}()
	for r, err := range feed {
		if err != nil {
			broken = fmt.Errorf("read the trust feed of %s from its carrier: %w", id, err)
			break
		}
		wrote[r.EpochID()] = protocol.Head{Topic: r.Topic, Epoch: r.Epoch, Sequence: r.Sequence, Digest: r.Digest()}
		if _, err := i.o.Store.ByDigest(r.Digest()); err != nil {
			lacking = append(lacking, r)
		}
	}
	if len(lacking) > 0 {
		if err := i.keep(ctx, lacking); err != nil {
			return err
		}
		i.log.InfoContext(ctx, "own trust records taken from their carrier", "institution", id, "count", len(lacking))
	}
	return broken
}

// giveCarrier puts on the carrier what the archive holds of an own trust feed and it
// lacks: an older copy of the stick was put in.
func (i *Intake) giveCarrier(ctx context.Context, feed protocol.Feed) error {
	for _, epoch := range i.o.Store.Epochs(feed) {
		e := protocol.EpochID{Feed: feed, Epoch: epoch}
		i.mu.Lock()
		head := i.own[e].Digest // of what this node wrote; zero: of the branch held first
		i.mu.Unlock()
		for s, err := range i.o.Store.Range(ctx, e, head, 1, protocol.MaxNumber) {
			if err != nil {
				return err
			}
			if err := i.o.Signer.AppendTrust(s.Record); err != nil {
				return err
			}
		}
	}
	return nil
}

// GiveCarrier puts on the carrier of an institution's identity key what the archive holds
// of its trust feed and the carrier lacks: it is a new one.
func (i *Intake) GiveCarrier(ctx context.Context, id protocol.InstitutionID) error {
	feed := protocol.Feed{Institution: id, Topic: protocol.Trust}
	defer i.feeds.lock(feed)()
	return i.giveCarrier(ctx, feed)
}

// boardLot is how many records the board is told of at once while loading.
const boardLot = 4096

func (i *Intake) tellAll(ctx context.Context) error {
	i.told.mu.Lock()
	defer i.told.mu.Unlock()
	events := make([]board.Event, 0, boardLot)
	anew := spans{}
	for s, err := range i.o.Store.All(ctx) {
		if err != nil {
			// One damaged record must not keep the rest from being shown.
			i.log.ErrorContext(ctx, "record not readable", "err", err)
			if s.Digest.IsZero() {
				continue
			}
		}
		e := s.EpochID()
		if _, known := i.told.stand[e]; !known {
			i.look(e, anew)
		}
		record := s.Record
		events = append(events, i.event(fresh{&record, s.Digest}, s.Accepted))
		if len(events) == boardLot {
			i.o.Board.Tell(events)
			events = make([]board.Event, 0, boardLot)
		}
	}
	i.o.Board.Tell(events)
	for e, s := range anew {
		i.restand(ctx, e, s)
	}
	i.letGo(ctx) // the node may have stopped between an erasure and the body
	return ctx.Err()
}
