package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Stop says where an own epoch was forked.
type Stop struct {
	Sequence uint32                 // the first position at which another record is known
	Peer     protocol.InstitutionID // who proved it; empty: this node holds both
}

// The private bucket of intake, and its keys: stopped/ and the epoch, for own epochs of
// which a peer proved a fork that can't be kept as a branch, since its beginning is not
// held.
const (
	ownBucket     = "intake"
	stoppedPrefix = "stopped/"
)

// Stopped gives the own epochs in which this node writes no more, since another record
// is held at a position of theirs (epochs.md 7), until what counts of them is stated and
// held. In a trust feed it goes on (epochs.md 13).
func (i *Intake) Stopped() map[protocol.EpochID]Stop {
	out := map[protocol.EpochID]Stop{}
	for _, id := range i.o.Signer.Institutions() {
		for _, t := range protocol.Topics() {
			f := protocol.Feed{Institution: id, Topic: t}
			for _, epoch := range i.o.Store.Epochs(f) {
				e := protocol.EpochID{Feed: f, Epoch: epoch}
				if from, stopped := i.o.Trust.Stops(e, i.branches(e)); stopped {
					out[e] = Stop{Sequence: from}
				}
			}
		}
	}
	i.mu.Lock()
	proved := maps.Clone(i.stopped)
	i.mu.Unlock()
	for e, s := range proved {
		if _, closed := i.o.Trust.Closed(e, i.branches(e)); !closed {
			out[e] = s
		}
	}
	return out
}

// isStopped reports whether an own epoch is forked.
func (i *Intake) isStopped(e protocol.EpochID) bool {
	i.mu.Lock()
	_, proved := i.stopped[e]
	i.mu.Unlock()
	if proved {
		return true
	}
	_, stopped := i.o.Trust.Stops(e, i.branches(e))
	return stopped
}

// TakeForkProof looks at the record that a peer says it holds where this node sent
// another. If it is authentic by its own signature it is kept, and if it stands in an own
// feed, where this node holds another, writing in that epoch stops for good. It returns
// false for a proof that proves nothing: then nothing of it is kept, and nobody stops. Once begun it
// goes on, though the line over which the proof came has gone down: half of it would leave a picture that
// shows as counting what is stopped, and a stop that the next start has forgotten.
func (i *Intake) TakeForkProof(ctx context.Context, peer protocol.InstitutionID, held protocol.Record) bool {
	ctx = context.WithoutCancel(ctx)
	held = held.WithoutBody(protocol.BodyWithheld) // whatever the link's policy carries
	if i.isOwn(held.Institution) {
		defer i.feeds.lock(held.Feed())()
	}
	l := &lot{changed: authors{}}
	rival := i.takeProof(ctx, peer, held, l)
	if len(l.news) > 0 {
		i.tell(ctx, l.news, l.changed) // at once: a person is to see it
	}
	for _, f := range l.news {
		i.logs.put(nil, nil, *f.Record)
	}
	return rival
}

// takeProof judges the record, and keeps it.
func (i *Intake) takeProof(ctx context.Context, peer protocol.InstitutionID, held protocol.Record, l *lot) bool {
	defer i.judge(held.Topic)()
	own := i.isOwn(held.Institution)
	c := &chunk{EpochID: held.EpochID(), peer: peer, records: []protocol.Record{held}, head: held.Digest(), size: protocol.EntrySize(&held)}
	err := i.admit(c)
	if err == nil {
		err = held.Verify()
	}
	if err != nil {
		i.drop(peer, 1, err)
		return false
	}
	rival, err := i.contradicts(&held, c.head)
	if err != nil {
		i.log.WarnContext(ctx, "fork not looked at", "record", held.Name, "err", err)
		return false
	}
	counts := func(o trust.Opener) bool { return o.Key == held.Key && (o.Counts || o.Waits) }
	if own && rival && slices.ContainsFunc(i.o.Trust.Openers(c.EpochID), counts) {
		i.stop(ctx, held.EpochID(), Stop{held.Sequence, peer})
	}
	if !own && !rival {
		return false // no proof, and nothing that came the way of other records
	}
	if err := i.settle(ctx, l, []*chunk{c}); err != nil {
		i.log.WarnContext(ctx, "proof of a fork not kept", "record", held.Name, "err", err)
	}
	return rival
}

// contradicts reports whether another record than this one is held at its position.
func (i *Intake) contradicts(r *protocol.Record, digest protocol.Digest) (bool, error) {
	rivals, err := i.o.Store.At(r.Name)
	for _, s := range rivals {
		if s.Digest != digest {
			return true, nil
		}
	}
	return false, err
}

// stop notes an own fork, on disk first: it must outlive the process that heard of it.
func (i *Intake) stop(ctx context.Context, e protocol.EpochID, s Stop) {
	key := []byte(stoppedPrefix + e.String())
	value := strconv.FormatUint(uint64(s.Sequence), 10) + " " + string(s.Peer)
	if err := i.o.Store.Private(ownBucket).Put(ctx, key, []byte(value)); err != nil {
		i.log.ErrorContext(ctx, "own fork not noted on disk", "feed", e.Feed, "epoch", e.Epoch, "err", err)
	}
	i.mu.Lock()
	_, known := i.stopped[e]
	if !known {
		i.stopped[e] = s
	}
	i.mu.Unlock()
	if !known {
		i.log.ErrorContext(ctx, "own feed forked: a copy of this node is or was running", "feed", e.Feed, "epoch", e.Epoch, "sequence", s.Sequence, "peer", s.Peer)
	}
}

// loadStopped reads what stop noted.
func (i *Intake) loadStopped(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	for entry, err := range i.o.Store.Private(ownBucket).Each(ctx, []byte(stoppedPrefix)) {
		if err != nil {
			return err
		}
		e, err := protocol.ParseEpochID(string(entry[0][len(stoppedPrefix):]))
		if err != nil {
			return fmt.Errorf("note of an own fork: %w", err)
		}
		number, peer, _ := bytes.Cut(entry[1], []byte(" "))
		sequence, err := strconv.ParseUint(string(number), 10, 32)
		if err != nil {
			return fmt.Errorf("note of an own fork: %w", errors.Join(store.ErrDamaged, err))
		}
		i.stopped[e] = Stop{uint32(sequence), protocol.InstitutionID(peer)} //nolint:gosec // parsed as 32 bits
	}
	return nil
}
