package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Draft is what an own institution wants to say. The body has its salt already and has
// been found to fit.
type Draft struct {
	Institution protocol.InstitutionID
	Type        string
	Time        protocol.Instant // shown, and believed by nobody
	Handling    protocol.Handling
	Exercise    bool
	Body        []byte
}

// carriers read own trust feeds.
type carriers map[protocol.InstitutionID]iter.Seq2[protocol.Record, error]

// Publish writes the next record of an own feed: it is signed, committed with fsync, and
// marked. When it returns, the record is recorded here; who has it is the links' to say.
// Records of several feeds that are published at once share their commits.
//
// It returns [ErrNotMember], [ErrForked], [ErrReadOnly], store.ErrDiskFull, the safe's
// error, or the grammar's own; nothing is written then. Alone a trust record that is on
// its carrier when the commit fails stays there: the next one, or the next start, takes
// it in.
func (i *Intake) Publish(ctx context.Context, d Draft) (store.Stored, error) {
	topic, err := protocol.TypeTopic(d.Type)
	if err != nil {
		return store.Stored{}, err
	}
	feed := protocol.Feed{Institution: d.Institution, Topic: topic}
	defer i.feeds.lock(feed)()
	if topic != protocol.Trust { // keep does it for trust, once that is on its carrier
		defer i.judge(topic)()
	}
	r, err := i.compose(ctx, feed, d)
	if err != nil && topic == protocol.Trust && i.mend(ctx, feed) {
		r, err = i.compose(ctx, feed, d)
	}
	if err != nil {
		return store.Stored{}, fmt.Errorf("publish in %s: %w", feed, err)
	}
	if err := i.keep(ctx, []protocol.Record{r}); err != nil {
		return store.Stored{}, fmt.Errorf("publish %s: %w", r.Name, err)
	}
	i.count(func(n *Counts) { n.Published++ })
	return i.o.Store.ByDigest(r.Digest())
}

// ErrLinked says that two records can't be published as one.
var ErrLinked = errors.New("only records of one institution, of two topics in their order, and none of trust, are published as one")

// PublishLinked writes two records of one institution in one commit, the second of which
// names the first: both are there, or neither. then makes the second's draft when the name
// and digest of the first are known; an error of its ends everything. It returns what
// [Intake.Publish] does, and [ErrLinked] if the second's topic does not come behind the
// first's: the feeds' locks are always taken in the order of topics.
func (i *Intake) PublishLinked(ctx context.Context, first Draft, second protocol.Topic, then func(protocol.Name, protocol.Digest) (Draft, error)) ([2]store.Stored, error) {
	var out [2]store.Stored
	topic, err := protocol.TypeTopic(first.Type)
	if err != nil {
		return out, err
	}
	if topic == protocol.Trust || second <= topic {
		return out, ErrLinked
	}
	one, two := protocol.Feed{Institution: first.Institution, Topic: topic}, protocol.Feed{Institution: first.Institution, Topic: second}
	defer i.feeds.lock(one)()
	defer i.feeds.lock(two)()
	defer i.judge(topic)()
	a, err := i.compose(ctx, one, first)
	if err != nil {
		return out, fmt.Errorf("publish in %s: %w", one, err)
	}
	d, err := then(a.Name, a.Digest())
	if err != nil {
		return out, err
	}
	if got, unknown := protocol.TypeTopic(d.Type); unknown != nil || got != second || d.Institution != first.Institution {
		return out, ErrLinked
	}
	b, err := i.compose(ctx, two, d)
	if err != nil {
		return out, fmt.Errorf("publish in %s: %w", two, err)
	}
	if err = i.keep(ctx, []protocol.Record{a, b}); err != nil {
		return out, fmt.Errorf("publish %s and %s: %w", a.Name, b.Name, err)
	}
	i.count(func(n *Counts) { n.Published += 2 })
	if out[0], err = i.o.Store.ByDigest(a.Digest()); err == nil {
		out[1], err = i.o.Store.ByDigest(b.Digest())
	}
	return out, err
}

// compose makes the next record of an own feed. A trust record goes onto the carrier
// before anything else, so that a restored node can't write its position a second time
// (epochs.md 19).
func (i *Intake) compose(ctx context.Context, feed protocol.Feed, d Draft) (protocol.Record, error) {
	r, err := i.next(feed)
	if err != nil {
		return r, err
	}
	r.Type, r.Time, r.Handling, r.Exercise = d.Type, d.Time, d.Handling, d.Exercise
	r.SetBody(d.Body)
	if err = i.o.Signer.SignRecord(ctx, &r); err == nil {
		err = r.Check()
	}
	if err == nil {
		err = i.signed.check(r.Digest(), &r)
	}
	if err != nil {
		return r, err
	}
	if r.Sequence == 1 {
		err = i.o.Trust.CheckOpening(&r)
	} else {
		err = i.opens(&r)
	}
	if err != nil || feed.Topic != protocol.Trust {
		return r, err
	}
	if i.o.Store.Stats().Paused {
		return r, store.ErrDiskFull // before it is on the carrier
	}
	return r, i.o.Signer.AppendTrust(r)
}

// mend brings archive and carrier together after a trust record could not be written, and
// reports whether that changed anything.
func (i *Intake) mend(ctx context.Context, feed protocol.Feed) bool {
	if i.Writable() != nil || i.carriers[feed.Institution] == nil {
		return false
	}
	before := i.o.Store.Order(feed.Group())
	if err := i.takeCarrier(ctx, feed.Institution); err != nil {
		return false
	}
	return i.o.Store.Order(feed.Group()) > before || i.giveCarrier(ctx, feed) == nil
}

// next gives the position, chain and key of the next record of an own feed.
func (i *Intake) next(feed protocol.Feed) (protocol.Record, error) {
	if err := i.mayWrite(feed); err != nil {
		return protocol.Record{}, err
	}
	opener, err := i.openerFor(feed)
	if err != nil {
		return protocol.Record{}, err
	}
	r := protocol.Record{Name: protocol.Name{Institution: feed.Institution, Position: protocol.Position{
		Topic: feed.Topic, Epoch: opener.Epoch, Sequence: 1,
	}}, Previous: opener.Digest, Key: opener.Key} // zero while an invitation is not taken
	// Who can't yet open the next epoch of its trust feed goes on writing (epochs.md 13).
	if feed.Topic != protocol.Trust && (opener.Waits && i.forkedUnder(opener) || !opener.Waits && i.isStopped(r.EpochID())) {
		return protocol.Record{}, ErrForked
	}
	if b, ok := i.ownBranch(opener); ok {
		r.Sequence, r.Previous = b.Head+1, b.Digest
	}
	if r.Sequence > protocol.MaxNumber {
		return protocol.Record{}, fmt.Errorf("epoch %s is full: open the next one", r.EpochID())
	}
	return r, nil
}

// openerFor gives the opener of the epoch that an own feed is written in: the newest. Of
// one that was opened in two ways it is the one on which its carrier goes on: a thief with
// the identity key must not silence an institution whose registrar can't be reached
// (epochs.md 13; M10).
func (i *Intake) openerFor(feed protocol.Feed) (trust.Opener, error) {
	if !i.isOwn(feed.Institution) || !i.o.Trust.IsMember(feed.Institution) {
		return trust.Opener{}, ErrNotMember
	}
	if opener, ok := i.o.Trust.Current(feed); ok {
		return opener, nil
	}
	waiting := slices.DeleteFunc(i.o.Trust.Newest(feed), func(o trust.Opener) bool { return !o.Waits })
	if len(waiting) == 0 {
		return trust.Opener{}, ErrNotMember
	}
	for _, o := range waiting {
		if feed.Topic != protocol.Trust && i.opened(o) {
			return o, nil
		}
		if b, ok := i.ownBranch(o); ok && feed.Topic == protocol.Trust && b.Key == o.Key && i.wrote(b) {
			return o, nil
		}
	}
	return trust.Opener{}, ErrForked
}

// opened reports whether an opener stands in the chain of the own trust feed that this
// node goes on with.
func (i *Intake) opened(o trust.Opener) bool {
	e := o.By.EpochID()
	i.mu.Lock()
	head, ok := i.own[e]
	i.mu.Unlock()
	if !ok {
		return false
	}
	held, ok := i.o.Store.DigestAt(e, head.Digest, o.By.Sequence)
	return ok && held == o.Digest
}

// forkedUnder reports whether two branches hang on one opener: then a copy of this node
// writes too, and not somebody with a key of its own.
func (i *Intake) forkedUnder(o trust.Opener) bool {
	n := 0
	for _, b := range i.o.Store.Branches(o.EpochID) {
		if b.Root == o.Digest {
			n++
		}
	}
	return n > 1
}

// ownBranch gives the branch under an opener on which the own feed goes on: the one that
// holds the last record this node wrote there. Branches on openers that don't count are
// void, and never written on.
func (i *Intake) ownBranch(o trust.Opener) (store.Branch, bool) {
	branches := slices.DeleteFunc(i.o.Store.Branches(o.EpochID), func(b store.Branch) bool { return b.Root != o.Digest })
	for _, b := range branches {
		if i.wrote(b) {
			return b, true
		}
	}
	if len(branches) == 0 {
		return store.Branch{}, false
	}
	return branches[0], true
}

// wrote reports whether a branch holds the last record that this node wrote in its epoch.
func (i *Intake) wrote(b store.Branch) bool {
	i.mu.Lock()
	last, ok := i.own[b.EpochID]
	i.mu.Unlock()
	if !ok {
		return false
	}
	held, ok := i.o.Store.DigestAt(b.EpochID, b.Digest, last.Sequence)
	return ok && held == last.Digest
}

// keep commits own records, of one feed or of two that are published as one, marks the
// last of each, and tells everyone. Once begun it
// goes on, whoever has stopped waiting: what the archive has taken would go to peers with
// no mark and be in no picture.
func (i *Intake) keep(ctx context.Context, records []protocol.Record) error {
	ctx = context.WithoutCancel(ctx)
	done := func() {}
	if records[0].Topic == protocol.Trust {
		done = sync.OnceFunc(i.judge(protocol.Trust))
	}
	defer done()
	release := i.holdAllBack(records)
	defer release()
	results, err := i.o.Store.Append(ctx, records)
	if err != nil {
		return err
	}
	heads := map[protocol.EpochID]protocol.Head{}
	var news []fresh
	var added []protocol.Record
	for k, r := range results {
		own := &records[k]
		if r.Status == store.Gap {
			return fmt.Errorf("%s hangs on a record that is not held: %w", own.Name, ErrReadOnly)
		}
		if r.Status == store.Added {
			news, added = append(news, fresh{own, r.Digest}), append(added, *own)
		}
		heads[own.EpochID()] = protocol.Head{Topic: own.Topic, Epoch: own.Epoch, Sequence: own.Sequence, Digest: r.Digest}
	}
	i.mark(ctx, heads)
	if records[0].Topic != protocol.Trust {
		release() // trust is in force here before a peer hears of it
	}
	changed := authors{}
	i.fold(news, changed)
	if records[0].Topic == protocol.Trust {
		i.mu.Lock()
		i.judgeWritable() // it may have opened an epoch
		i.mu.Unlock()
	}
	done()
	i.tell(ctx, news, changed) // at once: who has said it wants to see it
	i.logs.put(nil, nil, added...)
	return nil
}

// holdAllBack holds the first own record of each feed back from links, and those after it,
// until release is called.
func (i *Intake) holdAllBack(records []protocol.Record) (release func()) {
	var releases []func()
	held := map[protocol.EpochID]bool{}
	for k := range records {
		if e := records[k].EpochID(); !held[e] {
			held[e] = true
			releases = append(releases, i.holdBack(&records[k]))
		}
	}
	return sync.OnceFunc(func() {
		for _, release := range releases {
			release()
		}
	})
}
