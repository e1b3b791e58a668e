package intake

import (
	"context"
	"encoding/base64"
	"errors"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// commit appends what a lot holds, trust first, folds it, answers, and returns what was
// added, for LOG. Nothing is acknowledged before the transaction with it is on disk.
func (i *Intake) commit(ctx context.Context, l *lot) []protocol.Record {
	var added []protocol.Record
	busy := false
	trustChunks, others := 0, 0
	for _, c := range l.chunks {
		if c.parts[0].Topic == protocol.Trust {
			trustChunks++
		} else {
			others++
		}
	}
	// Trust is committed and folded before the rest is judged: its openers decide. Each
	// chunk of trust may open the next, so they go one by one; they are few.
	for _, c := range l.chunks[:trustChunks] {
		records, err := i.settle(ctx, l, []*chunk{c})
		added, busy = append(added, records...), busy || err != nil
	}
	if others > 0 {
		records, err := i.settle(ctx, l, l.chunks[trustChunks:])
		added, busy = append(added, records...), busy || err != nil
	}
	i.answer(ctx, l, busy)
	return added
}

func (i *Intake) answer(ctx context.Context, l *lot, busy bool) {
	for n, a := range l.arrived {
		if a.Reply == "" {
			continue
		}
		answer := l.answers[n]
		if busy {
			answer = protocol.Acknowledgement{V: protocol.ControlVersion, Runs: []protocol.RunOutcome{}, Busy: true}
		}
		i.o.Line.Answer(a.Token, a.Reply, answer)
	}
	if l.done == nil {
		return
	}
	if err := l.done(); err != nil && ctx.Err() == nil {
		i.log.WarnContext(ctx, "frames not taken out of IN", "err", err)
	}
}

// settle judges chunks, appends them in one transaction, and fills the answers in.
func (i *Intake) settle(ctx context.Context, l *lot, chunks []*chunk) ([]protocol.Record, error) {
	good := i.sift(l, chunks)
	var records []protocol.Record
	for _, c := range good {
		records = append(records, c.records...)
	}
	if len(records) == 0 {
		return nil, nil
	}
	results, err := i.o.Store.Append(ctx, records)
	if err != nil {
		if ctx.Err() == nil && !errors.Is(err, store.ErrDiskFull) {
			i.log.ErrorContext(ctx, "records not appended", "count", len(records), "err", err)
		}
		return nil, err
	}
	var added []protocol.Record
	forked := map[protocol.EpochID]bool{}
	for _, c := range good {
		mine := results[:len(c.records)]
		results = results[len(c.records):]
		added = append(added, i.outcome(l, c, mine)...)
		for k := range mine {
			if mine[k].Rival != nil && mine[k].Status == store.Added {
				forked[c.epoch()] = true
			}
		}
	}
	i.tell(ctx, added, forked)
	return append(added, i.unpark(ctx, added)...), nil
}

// sift judges chunks and gives those whose last signature is good.
func (i *Intake) sift(l *lot, chunks []*chunk) []*chunk {
	var good []*chunk
	for _, c := range chunks {
		a := l.arrived[c.parts[0].frame]
		err := i.judge(c, a)
		switch {
		case err == nil:
			good = append(good, c)
		case errors.Is(err, errNotWanted):
			i.count(func(n *Counts) { n.Unwanted += len(c.records) })
			l.fill(c, protocol.RunOutcome{Outcome: protocol.Unwanted, Sequence: i.head(c.epoch())})
		case len(c.parts) > 1:
			good = append(good, i.sift(l, c.split())...)
		default:
			i.drop(a.Peer, len(c.records), err)
			l.fill(c, protocol.RunOutcome{Outcome: protocol.Dropped, Sequence: i.head(c.epoch())})
		}
	}
	return good
}

// fill writes one outcome into the answers of all runs of a chunk.
func (l *lot) fill(c *chunk, o protocol.RunOutcome) {
	for _, p := range c.parts {
		o.Feed, o.Epoch = p.Feed, p.Epoch
		l.answers[p.frame].Runs[p.run] = o
	}
}

func (i *Intake) head(e protocol.EpochID) uint32 {
	branches := i.o.Store.Branches(e)
	if len(branches) == 0 {
		return 0
	}
	return branches[0].Head
}

// outcome reads what became of a chunk, answers for it, and returns what was added.
func (i *Intake) outcome(l *lot, c *chunk, results []store.Result) []protocol.Record {
	var added []protocol.Record
	var rival *store.Stored
	o := protocol.RunOutcome{Outcome: protocol.Accepted}
	counted := Counts{}
	for k, r := range results {
		switch r.Status {
		case store.Added:
			added = append(added, c.records[k])
			counted.Accepted++
		case store.Known:
			counted.Known++
		case store.Gap:
			i.park(l, c)
			l.fill(c, protocol.RunOutcome{Outcome: protocol.Parked, Sequence: i.head(c.epoch())})
			return added
		}
		o.Sequence = r.Head
		if rival == nil {
			rival = r.Rival
		}
	}
	if rival != nil {
		o = forkAnswer(rival)
		counted.Forks++
	}
	i.count(func(n *Counts) {
		n.Accepted += counted.Accepted
		n.Known += counted.Known
		n.Forks += counted.Forks
	})
	l.fill(c, o)
	last := &c.records[len(c.records)-1]
	i.o.Line.Took(l.arrived[c.parts[0].frame].Token, []protocol.HaveRow{{
		EpochID: c.epoch(), Sequence: last.Sequence, Head: results[len(results)-1].Digest.Prefix(),
	}})
	return added
}

// forkAnswer tells the sender which record is held at the position where the branches
// part, so that it can see for itself.
func forkAnswer(held *store.Stored) protocol.RunOutcome {
	previous, key := held.Previous, held.Key
	entry := protocol.AppendEntry(nil, &held.Record)
	return protocol.RunOutcome{
		Outcome: protocol.Forked, Sequence: held.Sequence,
		Record: base64.StdEncoding.EncodeToString(entry), Previous: &previous, Key: &key,
	}
}

// park keeps a chunk that hangs behind a gap and has the link ask for what is missing,
// up to and with the chunk.
func (i *Intake) park(l *lot, c *chunk) {
	a := l.arrived[c.parts[0].frame]
	last := c.records[len(c.records)-1].Sequence
	i.count(func(n *Counts) { n.Parked += len(c.records) })
	i.parked.put(c.epoch(), parkedChunk{a.Token, c.records, c.size})
	from := i.head(c.epoch()) + 1
	if from > c.records[0].Sequence {
		// The chain parts from ours somewhere before: the link finds where.
		from = 1
	}
	i.o.Line.Fetch(Gap{Token: a.Token, EpochID: c.epoch(), From: from, To: last})
}

// unpark offers again what waited in the epochs that have just grown, and returns what
// was added.
func (i *Intake) unpark(ctx context.Context, grown []protocol.Record) []protocol.Record {
	var added []protocol.Record
	seen := map[protocol.EpochID]bool{}
	for k := range grown {
		e := grown[k].EpochID()
		if seen[e] {
			continue
		}
		seen[e] = true
		for _, p := range i.parked.take(e) {
			records, results, err := i.append(ctx, p.records)
			switch {
			case err != nil:
			case results[0].Status == store.Gap:
				i.parked.put(e, p)
			default:
				i.tell(ctx, records, nil)
				added = append(added, records...)
			}
		}
	}
	return added
}

// append is store.Append that gives the added records too.
func (i *Intake) append(ctx context.Context, records []protocol.Record) ([]protocol.Record, []store.Result, error) {
	results, err := i.o.Store.Append(ctx, records)
	if err != nil {
		return nil, nil, err
	}
	var added []protocol.Record
	for k, r := range results {
		if r.Status == store.Added {
			added = append(added, records[k])
		}
	}
	return added, results, nil
}

// tell folds added records into trust and tells the board of them, with their verdicts.
func (i *Intake) tell(ctx context.Context, added []protocol.Record, forked map[protocol.EpochID]bool) {
	i.telling.Lock()
	defer i.telling.Unlock()
	events := make([]board.Event, 0, len(added))
	changed := map[protocol.InstitutionID]bool{}
	for k := range added {
		r := added[k]
		if r.Topic == protocol.Trust {
			changed[r.Institution] = true
			for _, f := range i.o.Trust.Add(r) {
				changed[f.Institution] = true
			}
		}
		events = append(events, i.event(r))
	}
	i.o.Board.Tell(events)
	for e := range forked {
		i.log.WarnContext(ctx, "fork found", "feed", e.Feed, "epoch", e.Epoch)
		i.restand(ctx, e)
	}
	for id := range changed {
		i.restandAuthor(ctx, id)
	}
}
