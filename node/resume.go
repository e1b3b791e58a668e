package node

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// resumedBucket holds, as keys, the own epochs that a resumption opened: what counts of the
// epoch before is stated again as own records come home, until a person says it.
const resumedBucket = "resumed"

// resume goes on writing where this node can't go on in the open epochs: after a restore
// or a move its keys are fresh, its store is older than its mark, that is lost, or a feed is
// forked. It
// opens the next epoch of every own data feed that needs one, `last` unknown, and names
// the link and age keys that its trust feed does not name yet. It needs nobody else: the
// identity key lies with its trust feed on the carrier, so that no trust record is forked
// (epochs.md 19). Where nothing is needed it does nothing, so that one that was cut off is
// made again.
func (r *rooms) resume(ctx context.Context, o Options) (opened []protocol.EpochID, err error) {
	for _, id := range r.safe.Institutions() {
		did, err := r.resumeOf(ctx, o, id, r.needsEpoch)
		if opened = append(opened, did...); err != nil {
			return opened, err
		}
	}
	return opened, nil
}

// resumeOf is resume for one institution and the feeds that are due.
func (r *rooms) resumeOf(ctx context.Context, o Options, id protocol.InstitutionID, due func(protocol.Feed) bool) (opened []protocol.EpochID, err error) {
	if err = r.nameKeys(ctx, o, id); err != nil {
		return nil, err
	}
	var key *keys.Prepared
	for _, t := range protocol.Topics() {
		f := protocol.Feed{Institution: id, Topic: t}
		if t == protocol.Trust || !due(f) {
			continue
		}
		if key == nil {
			if key, err = r.unusedKey(id); err != nil {
				return opened, err
			}
		}
		e, err := r.openNext(ctx, o, f, key)
		if err != nil {
			return opened, err
		}
		opened = append(opened, e)
	}
	return opened, nil
}

// renewMark makes the mark anew if it is missing or damaged, and reports whether it did: no
// own epoch that was ever opened is written in again, since nobody can say what peers have
// seen of it. The trust feed is on its carrier.
func (r *rooms) renewMark(ctx context.Context, o Options) (bool, error) {
	_, err := r.safe.Mark(ctx)
	if !errors.Is(err, keys.ErrMark) && !errors.Is(err, keys.ErrNoMark) {
		return false, err
	}
	var epochs []protocol.EpochID
	for _, id := range r.safe.Institutions() {
		if away := r.safe.Carrier(id); away != nil {
			return false, away // no epoch can be opened
		}
		for _, t := range protocol.Topics() {
			f := protocol.Feed{Institution: id, Topic: t}
			if n := r.newestEpoch(f); n > 0 && t != protocol.Trust {
				epochs = append(epochs, protocol.EpochID{Feed: f, Epoch: n})
			}
		}
	}
	o.Logger.WarnContext(ctx, "mark made anew", "err", err)
	return true, r.safe.RenewMark(epochs)
}

// comeBack writes the first trust records of an institution whose registrar has admitted it
// anew, as far as they are not written yet: it takes the invitation with an identity key
// that was never used, and goes on in its feeds. Where this node can't, since their keys or
// their openers are lost, it opens their next epochs.
func (r *rooms) comeBack(ctx context.Context, o Options, who Opening, inv *protocol.Invitation) error {
	id, e := inv.Institution, r.trustEpoch(inv.Institution)
	if len(r.store.Branches(e)) == 0 {
		if err := r.freshIdentity(ctx, e); err != nil {
			return err
		}
		k, err := r.claimRecord(inv)
		if err != nil {
			return err
		}
		if err := r.publish(ctx, o, id, k); err != nil {
			return err
		}
	}
	due := func(f protocol.Feed) bool { return r.newestEpoch(f) == 0 || r.needsEpoch(f) }
	if _, err := r.resumeOf(ctx, o, id, due); err != nil {
		return err
	}
	if m, ok := r.trust.Member(id); ok && m.Profile != nil {
		return nil
	}
	return r.publish(ctx, o, id, who.profile())
}

// freshIdentity sees to it that the current identity key opened no epoch before this one.
// The carrier of another one is given the trust feed as far as it is held.
func (r *rooms) freshIdentity(ctx context.Context, e protocol.EpochID) error {
	key, _ := r.safe.Public(e.Institution, protocol.UseIdentity)
	used := false
	for n := uint32(1); n < e.Epoch; n++ {
		before := protocol.EpochID{Feed: e.Feed, Epoch: n}
		used = used || slices.ContainsFunc(r.trust.Openers(before), func(o trust.Opener) bool { return o.Key == key })
	}
	if !used {
		return nil
	}
	if err := r.safe.ReplaceIdentity(e.Institution); err != nil {
		return err
	}
	return r.intake.GiveCarrier(ctx, e.Institution)
}

// nameKeys publishes the link and age keys of an institution that its trust feed does not
// name: peers know this node by the one, and seal to the other.
func (r *rooms) nameKeys(ctx context.Context, o Options, id protocol.InstitutionID) error {
	current, _ := r.safe.Public(id, protocol.UseLink)
	if named, ok := r.trust.LinkKey(id); !ok || named != current {
		k, err := r.keyRecord(id, protocol.UseLink)
		if err != nil {
			return err
		}
		if err := r.publish(ctx, o, id, k); err != nil {
			return err
		}
	}
	own := r.safe.Recipient(id)
	if m, ok := r.trust.Member(id); ok && m.AgeRecipient == own {
		return nil
	}
	return r.publish(ctx, o, id, &body.KeyRecord{Use: protocol.UseAge, Key: body.KeyText(own)})
}

// needsEpoch reports whether nothing can be written in the open epoch of an own feed. A
// feed that never had an opener needs none.
func (r *rooms) needsEpoch(f protocol.Feed) bool {
	newest := r.newestEpoch(f)
	if newest == 0 {
		return false
	}
	e := protocol.EpochID{Feed: f, Epoch: newest}
	if _, stopped := r.intake.Stopped()[e]; stopped || r.intake.Behind(e) {
		return true
	}
	opener, ok := r.trust.Current(f)
	if !ok {
		return true // opened in two ways, or closed
	}
	return !r.holdsKey(f.Institution, opener.Key)
}

// newestEpoch gives the newest epoch of a feed of which an opener is held, counting or
// not, or 0: the next one must be opened by nobody yet.
func (r *rooms) newestEpoch(f protocol.Feed) uint32 {
	newest := uint32(0)
	if c, ok := r.trust.Current(f); ok {
		newest = c.Epoch
	}
	if epochs := r.store.Epochs(f); len(epochs) > 0 {
		newest = max(newest, slices.Max(epochs))
	}
	for newest < protocol.MaxNumber && len(r.trust.Openers(protocol.EpochID{Feed: f, Epoch: newest + 1})) > 0 {
		newest++
	}
	return newest
}

func (r *rooms) holdsKey(id protocol.InstitutionID, key protocol.Key) bool {
	held, err := r.safe.Keys(id)
	return err == nil && slices.ContainsFunc(held, func(k keys.Info) bool {
		return k.Use == protocol.UseNode && k.Public == key.String()
	})
}

// unusedKey gives a node key that opens no epoch yet: the current one of a safe that was
// just made, or the next one.
func (r *rooms) unusedKey(id protocol.InstitutionID) (*keys.Prepared, error) {
	current, _ := r.safe.Public(id, protocol.UseNode)
	if r.opensBy(id, current) {
		next, err := r.safe.Prepare(id, protocol.UseNode)
		return &next, err
	}
	proof, err := r.safe.Proof(id, protocol.UseNode)
	return &keys.Prepared{Public: current.String(), Key: current, Proof: proof}, err
}

// opensBy reports whether a key opens an epoch of a feed of an institution.
func (r *rooms) opensBy(id protocol.InstitutionID, key protocol.Key) bool {
	for _, t := range protocol.Topics() {
		f := protocol.Feed{Institution: id, Topic: t}
		for n := r.newestEpoch(f); n > 0; n-- {
			for _, o := range r.trust.Openers(protocol.EpochID{Feed: f, Epoch: n}) {
				if o.Key == key {
					return true
				}
			}
		}
	}
	return false
}

// openNext opens the next epoch of an own feed. That it did is noted first: a note without
// an epoch does nothing.
func (r *rooms) openNext(ctx context.Context, o Options, f protocol.Feed, key *keys.Prepared) (protocol.EpochID, error) {
	e := protocol.EpochID{Feed: f, Epoch: r.newestEpoch(f) + 1}
	if e.Epoch > protocol.MaxNumber {
		return e, fmt.Errorf("%s has no further epoch", f)
	}
	k := &body.KeyRecord{
		Use: protocol.UseNode, FeedTopic: f.Topic, FeedEpoch: body.Positive(e.Epoch), Wire: body.WireV1, Key: body.KeyText(key.Public), Proof: key.Proof,
	}
	if e.Epoch > 1 {
		k.Last = &body.Last{Unknown: true}
		if err := r.noteResumed(ctx, e); err != nil {
			return e, err
		}
	}
	return e, r.publish(ctx, o, f.Institution, k)
}

// noteResumed notes that what counts of the epoch before is to be stated once it is known.
func (r *rooms) noteResumed(ctx context.Context, e protocol.EpochID) error {
	return r.store.Private(resumedBucket).Put(ctx, []byte(e.String()), []byte{})
}

// anewPrefix begins the keys of the node's own bucket that say at which instants the archive began anew.
const anewPrefix = "anew/"

// beginAnew notes that the archive begins anew: what it had accepted by now it may have lost, and what comes home says
// nothing of when it came first. A note that can't be written (the disk is full) is no reason not to read.
func (r *rooms) beginAnew(ctx context.Context, o Options) {
	now := protocol.InstantOf(o.Clock())
	r.board.TellAnew(now)
	if err := r.store.Private(ownBucket).Put(ctx, []byte(anewPrefix+now.String()), []byte{}); err != nil {
		o.Logger.ErrorContext(ctx, "beginning of the archive not noted", "err", err)
	}
}

// tellAnew tells the board when the archive began anew.
func (r *rooms) tellAnew(ctx context.Context) error {
	var at []protocol.Instant
	for entry, err := range r.store.Private(ownBucket).Each(ctx, []byte(anewPrefix)) {
		if err != nil {
			return err
		}
		instant, err := protocol.ParseInstant(string(entry[0][len(anewPrefix):]))
		if err != nil {
			return fmt.Errorf("note of when the archive began anew: %w", err)
		}
		at = append(at, instant)
	}
	r.board.TellAnew(at...)
	return nil
}

// restate says again what counts of the epochs before those that a resumption opened: all
// that has come home. It says nothing of a forked one, which a person closes, and nothing
// that is said already. What comes home later is taken in by the next look, so that no
// record is void that a peer had acknowledged (epochs.md 9, M2). Where a person says what
// counts, as after a theft, the note is gone ([rooms.leaveTo]); one that an older backup
// brings back is of an epoch that the restore has closed.
func (r *rooms) restate(ctx context.Context, o Options) (stated []protocol.EpochID, err error) {
	r.stating.Lock()
	defer r.stating.Unlock()
	for entry, err := range r.store.Private(resumedBucket).Each(ctx, nil) {
		if err != nil {
			return stated, err
		}
		e, err := protocol.ParseEpochID(string(entry[0]))
		if err != nil {
			return stated, fmt.Errorf("note of a resumption: %w", err)
		}
		before := protocol.EpochID{Feed: e.Feed, Epoch: e.Epoch - 1}
		last, ok := r.headOf(before)
		said, held := r.trust.Last(before)
		if !ok || held && said == last {
			continue
		}
		opener, ok := r.trust.Current(e.Feed)
		if !ok || opener.Epoch != e.Epoch {
			continue // opened by nobody, or closed since: it may not be this node's to say any more
		}
		if err := r.stateAgain(ctx, o, opener.By, last); err != nil {
			return stated, err
		}
		stated = append(stated, before)
	}
	return stated, nil
}

// leaveTo notes that a person is about to say what counts of an epoch: that stands, though
// it be what this node has said itself and more comes home later.
func (r *rooms) leaveTo(ctx context.Context, e protocol.EpochID) error {
	r.stating.Lock()
	defer r.stating.Unlock()
	next := protocol.EpochID{Feed: e.Feed, Epoch: e.Epoch + 1}
	return r.store.Private(resumedBucket).Delete(ctx, []byte(next.String()))
}

// headOf gives the end of the one chain of an epoch that hangs on the opener that counts;
// false if there are several.
func (r *rooms) headOf(e protocol.EpochID) (protocol.Last, bool) {
	var root protocol.Digest
	for _, o := range r.trust.Openers(e) {
		if o.Counts {
			root = o.Digest
		}
	}
	var chain []store.Branch
	for _, b := range r.store.Branches(e) {
		if b.Root == root {
			chain = append(chain, b)
		}
	}
	switch {
	case root.IsZero(), len(chain) > 1:
		return protocol.Last{}, false
	case len(chain) == 0:
		return protocol.Last{Digest: root}, true // nothing was ever written in it
	}
	return protocol.Last{Sequence: chain[0].Head, Digest: chain[0].Digest}, true
}

// stateAgain publishes an opener with another last.
func (r *rooms) stateAgain(ctx context.Context, o Options, opener protocol.Name, last protocol.Last) error {
	s, err := r.store.Get(opener)
	if err != nil {
		return err
	}
	says, err := body.Parse(s.Type, s.Body)
	if err != nil {
		return err
	}
	k, ok := says.(*body.KeyRecord)
	if !ok {
		return fmt.Errorf("%s opens no data feed", opener)
	}
	k.Last = &last
	return r.publish(ctx, o, opener.Institution, k)
}

// comeHome states last again when own records have come home: some peer has been compared
// with, and no beacon names an own record that is not here.
func (n *Node) comeHome(ctx context.Context) error {
	changed, stop := n.Changed()
	defer stop()
	return atChanges(ctx, changed, func() {
		if !n.ownComplete() {
			return
		}
		stated, err := n.rooms.restate(ctx, n.o)
		if err != nil && ctx.Err() == nil {
			n.o.Logger.WarnContext(ctx, "last not stated again", "err", err)
		}
		for _, e := range stated {
			n.o.Logger.InfoContext(ctx, "own records came home, last stated again", "feed", e.Feed, "epoch", e.Epoch)
		}
	})
}

func (n *Node) ownComplete() bool {
	if !slices.ContainsFunc(n.links.States(), func(s LineState) bool { return s.Settled }) {
		return false
	}
	for _, id := range n.Institutions() {
		if b, _, ok := n.rooms.store.Beacon(id); ok && len(n.rooms.intake.Lacking(&b)) > 0 {
			return false
		}
	}
	return true
}
