package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// commit appends what a lot holds, trust first, folds it, answers, and leaves the rest to
// the next stage. Nothing is acknowledged before the transaction with it is on disk.
func (i *Intake) commit(ctx context.Context, l *lot) []protocol.Acknowledgement {
	defer i.lockOwn(l.chunks)()
	at, _ := slices.BinarySearchFunc(l.chunks, protocol.Trust+1, func(c *chunk, t protocol.Topic) int { return cmp.Compare(c.Topic, t) })
	err := i.commitTrust(ctx, l, l.chunks[:at])
	if err == nil {
		err = i.commitOthers(ctx, l, l.chunks[at:])
	}
	i.answer(ctx, l, err != nil)
	i.logs.put(l.news, l.changed)
	return l.answers
}

// commitTrust commits trust in rounds, and folds each before the next is judged: what one
// round brings opens the feeds of the next. A newcomer's whole trust topic takes three:
// registrars, members, and what members that took an invitation said after it.
func (i *Intake) commitTrust(ctx context.Context, l *lot, waiting []*chunk) error {
	if len(waiting) == 0 {
		return nil
	}
	defer i.judge(protocol.Trust)()
	for {
		good, unwanted := i.sift(l, waiting)
		if err := i.settle(ctx, l, good); err != nil {
			return err
		}
		if len(good) == 0 || len(unwanted) == 0 {
			i.refuse(l, unwanted)
			return nil
		}
		waiting = unwanted
	}
}

func (i *Intake) commitOthers(ctx context.Context, l *lot, chunks []*chunk) error {
	if len(chunks) == 0 {
		return nil
	}
	defer i.judge(chunks[0].Topic)()
	good, unwanted := i.sift(l, chunks)
	i.refuse(l, unwanted)
	return i.settle(ctx, l, good)
}

// lockOwn takes the locks of the own feeds that chunks bring records of: what comes home
// and what the institution says at that moment take turns, or a node whose lost tail
// comes back would fork its feed.
func (i *Intake) lockOwn(chunks []*chunk) (unlock func()) {
	own := map[protocol.InstitutionID]bool{}
	for _, id := range i.o.Signer.Institutions() {
		own[id] = true
	}
	var locks []func()
	var last protocol.Feed
	for _, c := range chunks { // sorted by topic and feed
		if c.Feed != last && own[c.Institution] {
			locks = append(locks, i.feeds.lock(c.Feed))
		}
		last = c.Feed
	}
	return func() {
		for _, unlock := range locks {
			unlock()
		}
	}
}

func (i *Intake) answer(ctx context.Context, l *lot, busy bool) {
	for n, a := range l.arrived {
		if busy || l.answers[n].Busy {
			l.answers[n] = protocol.Acknowledgement{V: protocol.ControlVersion, Runs: []protocol.RunOutcome{}, Busy: true}
		}
		if a.Reply != "" {
			i.o.Line.Answer(a.Token, a.Reply, l.answers[n])
		}
	}
	if l.done == nil {
		return
	}
	if err := l.done(); err != nil && ctx.Err() == nil {
		i.log.WarnContext(ctx, "frames not taken out of IN", "err", err)
	}
}

// fill writes one outcome into the answers of all runs of a chunk.
func (l *lot) fill(c *chunk, o protocol.RunOutcome) {
	for _, p := range c.parts {
		o.Feed, o.Epoch = p.Feed, p.Epoch
		l.answers[p.frame].Runs[p.run] = o
	}
}

func (i *Intake) refuse(l *lot, chunks []*chunk) {
	for _, c := range chunks {
		i.count(func(n *Counts) { n.Unwanted += len(c.records) })
		l.fill(c, protocol.RunOutcome{Outcome: protocol.Unwanted, Sequence: i.head(c.EpochID)})
	}
}

// settle appends judged chunks in one transaction and fills the answers in. What hangs
// behind a gap that the same transaction closed, and what was parked behind it, goes into
// the next one. An error means that the lot is to be sent again.
func (i *Intake) settle(ctx context.Context, l *lot, chunks []*chunk) error {
	for len(chunks) > 0 {
		results, err := i.append(ctx, l, &chunks)
		if err != nil {
			return err
		}
		news := i.news(chunks, results)
		i.fold(news, l.changed)
		l.news = append(l.news, news...)
		for _, c := range chunks {
			if i.isOwn(c.Institution) {
				i.cameHome(ctx, c)
			}
		}
		chunks = i.outcomes(ctx, l, chunks, results)
	}
	return nil
}

// append offers chunks to the archive and gives the results of each. If the archive can't
// take one of them, such as one that goes on behind a damaged record, it is taken out and
// the others do not suffer.
func (i *Intake) append(ctx context.Context, l *lot, chunks *[]*chunk) ([][]store.Result, error) {
	all := make([]protocol.Record, 0, count(*chunks))
	for _, c := range *chunks {
		i.strip(c.records)
		all = append(all, c.records...)
	}
	flat, err := i.o.Store.Append(ctx, all)
	if err == nil {
		i.count(func(n *Counts) { n.Commits++ })
		out := make([][]store.Result, len(*chunks))
		for k, c := range *chunks {
			out[k], flat = flat[:len(c.records)], flat[len(c.records):]
		}
		return out, nil
	}
	if isOurs(ctx, err) {
		return nil, err
	}
	if len(*chunks) == 1 {
		c := (*chunks)[0]
		i.count(func(n *Counts) { n.Failed += len(c.records) })
		i.log.ErrorContext(ctx, "records not taken", "feed", c.Feed, "epoch", c.Epoch, "err", err)
		l.fill(c, protocol.RunOutcome{Outcome: protocol.Unwanted, Sequence: i.head(c.EpochID)})
		*chunks = nil
		return nil, nil
	}
	var kept []*chunk
	var results [][]store.Result
	for _, c := range *chunks {
		one := []*chunk{c}
		r, err := i.append(ctx, l, &one)
		if err != nil {
			return nil, err
		}
		kept, results = append(kept, one...), append(results, r...)
	}
	*chunks = kept
	return results, nil
}

// isOurs reports whether an error of the archive is about the archive and not about what
// was offered: then nobody's records are taken, and all are to be sent again.
func isOurs(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, store.ErrDiskFull) || errors.Is(err, store.ErrFailed) || errors.Is(err, store.ErrClosed)
}

// news gives what a transaction added, or gave its body.
func (i *Intake) news(chunks []*chunk, results [][]store.Result) []fresh {
	var out []fresh
	var n Counts
	for k, c := range chunks {
		for at, r := range results[k] {
			switch r.Status {
			case store.Added:
				n.Accepted++
			case store.Known:
				n.Known++
			case store.Gap:
			}
			if r.Status == store.Added || r.BodyAdded {
				out = append(out, fresh{&c.records[at], r.Digest})
			}
		}
	}
	i.count(func(t *Counts) { t.Accepted += n.Accepted; t.Known += n.Known })
	return out
}

// outcomes answers for chunks, and gives those to offer again: what hung behind a gap in
// an epoch that has just grown.
func (i *Intake) outcomes(ctx context.Context, l *lot, chunks []*chunk, results [][]store.Result) []*chunk {
	grown, forked := map[protocol.EpochID]bool{}, map[protocol.EpochID]bool{}
	for k, c := range chunks {
		for _, r := range results[k] {
			grown[c.EpochID] = grown[c.EpochID] || r.Status == store.Added
			forked[c.EpochID] = forked[c.EpochID] || r.Rival != nil
		}
	}
	var again []*chunk
	for k, c := range chunks {
		switch {
		case results[k][0].Status != store.Gap: // behind a gap there is nothing but gaps
			i.accept(ctx, l, c, results[k], forked[c.EpochID])
		case grown[c.EpochID] && i.admit(c) != nil:
			i.refuse(l, []*chunk{c}) // last has come, and this lies behind it
		case grown[c.EpochID]:
			again = append(again, c)
		default:
			i.park(l, c)
		}
	}
	for e := range grown {
		if !grown[e] {
			continue
		}
		for _, c := range i.parked.take(e) {
			if i.admit(c) == nil {
				again = append(again, c)
			}
		}
	}
	return again
}

// accept answers for a chunk that is held now. Where another record is held at one of its
// positions or behind it the answer is fork, whichever came first (epochs.md 7).
func (i *Intake) accept(ctx context.Context, l *lot, c *chunk, results []store.Result, forked bool) {
	rival := rivalIn(results)
	if rival == nil && forked {
		// The rival came in the same transaction, after this chunk was looked at.
		if again, err := i.o.Store.Append(ctx, c.records); err == nil {
			rival = rivalIn(again)
		}
	}
	if rival != nil {
		i.count(func(n *Counts) { n.Forks++ })
		l.fill(c, protocol.NewFork(&rival.Record)) // without its body, which the link might not carry
		return
	}
	last := results[len(results)-1]
	l.fill(c, protocol.RunOutcome{Outcome: protocol.Accepted, Sequence: last.Head})
	if c.token != "" {
		i.o.Line.Took(c.token, []protocol.HaveRow{{EpochID: c.EpochID, Sequence: c.last().Sequence, Head: last.Digest.Prefix()}})
	}
}

func rivalIn(results []store.Result) *store.Stored {
	for _, r := range results {
		if r.Rival != nil {
			return r.Rival
		}
	}
	return nil
}

// park keeps a chunk that hangs behind a gap and has the link ask for what is missing,
// up to and with the chunk.
func (i *Intake) park(l *lot, c *chunk) {
	i.count(func(n *Counts) { n.Parked += len(c.records) })
	head := i.head(c.EpochID)
	l.fill(c, protocol.RunOutcome{Outcome: protocol.Parked, Sequence: head})
	gap := Gap{Token: c.token, EpochID: c.EpochID, From: head + 1, To: c.last().Sequence}
	if gap.From > c.first().Sequence {
		// The chain parts from ours somewhere before: the link finds where.
		gap.From = 1
	}
	i.parked.put(c)
	i.o.Line.Fetch(gap)
}
