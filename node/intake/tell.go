package intake

import (
	"context"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// fresh is a record that has just been committed, or has just got its body.
type fresh struct {
	*protocol.Record
	digest protocol.Digest
}

// told is what the board was last told, so that it is told anew of what has changed and
// of nothing else.
type told struct {
	mu       sync.Mutex // one teller at a time: the last word on a record must be the newest
	verdicts map[protocol.EpochID]verdict
	may      map[protocol.InstitutionID]map[string]bool // by type, of types seen
}

func newTold() told {
	return told{verdicts: map[protocol.EpochID]verdict{}, may: map[protocol.InstitutionID]map[string]bool{}}
}

// verdict is what trust says of an epoch (epochs.md 10, 11).
type verdict struct {
	stopped uint32 // from this sequence on; 0: nowhere
	void    bool   // all of it: it hangs on an opener that doesn't count, or nothing of it counts
	closed  uint32 // what stands after this sequence is void; 0: it is not closed
	mixed   bool   // its branches do not stand alike: each record is to be looked at
}

func (v verdict) of(sequence uint32) (stopped, void bool) {
	return v.stopped > 0 && sequence >= v.stopped, v.void || v.closed > 0 && sequence > v.closed
}

// tell tells the board of records that trust has been told of, and anew of what they and
// the news of authors put in another light.
func (i *Intake) tell(ctx context.Context, news []fresh, changed authors) {
	i.told.mu.Lock()
	defer i.told.mu.Unlock()
	anew := map[protocol.EpochID]bool{}
	for k := range news {
		if e := news[k].EpochID(); k == 0 || e != news[k-1].EpochID() {
			i.look(e, anew)
		}
	}
	events, now := make([]board.Event, len(news)), protocol.InstantOf(i.o.Clock())
	for k, f := range news {
		events[k] = i.event(f, now)
	}
	i.o.Board.Tell(events)
	for id := range changed {
		i.lookAtAuthor(id, anew)
	}
	for e := range anew {
		i.restand(ctx, e)
	}
}

// fold takes what is of the trust topic into trust, before anything else is judged, and
// adds whom it may concern.
func (i *Intake) fold(news []fresh, changed authors) {
	folded := false
	for _, f := range news {
		if f.Topic != protocol.Trust {
			continue
		}
		folded = true
		changed[f.Institution] = true
		for _, feed := range i.o.Trust.Add(*f.Record) {
			changed[feed.Institution] = true
		}
	}
	if folded {
		i.have.trustChanged()
	}
}

// look judges an epoch and notes it as to be told anew if the verdict on what the board
// has been told of it has changed.
func (i *Intake) look(e protocol.EpochID, anew map[protocol.EpochID]bool) {
	now := i.judgeEpoch(e)
	before, known := i.told.verdicts[e]
	if known && before != now || now.mixed {
		anew[e] = true
	}
	i.told.verdicts[e] = now
}

// lookAtAuthor notes the epochs of an author of which trust news changes the standing:
// most news, such as a profile, changes none.
func (i *Intake) lookAtAuthor(id protocol.InstitutionID, anew map[protocol.EpochID]bool) {
	may := false // says another thing than before
	for recordType, before := range i.told.may[id] {
		if now := i.o.Trust.May(id, recordType); now != before {
			i.told.may[id][recordType], may = now, true
		}
	}
	for _, t := range protocol.Topics() {
		f := protocol.Feed{Institution: id, Topic: t}
		for _, epoch := range i.o.Store.Epochs(f) {
			e := protocol.EpochID{Feed: f, Epoch: epoch}
			if i.look(e, anew); may {
				anew[e] = true
			}
		}
	}
}

func (i *Intake) may(id protocol.InstitutionID, recordType string) bool {
	types := i.told.may[id]
	if types == nil {
		types = map[string]bool{}
		i.told.may[id] = types
	}
	answer, ok := types[recordType]
	if !ok {
		answer = i.o.Trust.May(id, recordType)
		types[recordType] = answer
	}
	return answer
}

// event gives what the board is told of a record: the verdicts that it can't compute. The
// epoch was looked at before.
func (i *Intake) event(f fresh, accepted protocol.Instant) board.Event {
	stopped, void := i.told.verdicts[f.EpochID()].of(f.Sequence)
	return board.Event{
		Record: *f.Record, Digest: f.digest, Accepted: accepted,
		Stopped: stopped, Void: void, Competent: i.may(f.Institution, f.Type),
	}
}

// judgeEpoch asks trust how the branches of an epoch stand.
func (i *Intake) judgeEpoch(e protocol.EpochID) verdict {
	branches := i.branches(e)
	var v verdict
	for k, b := range branches {
		mine := i.judgeBranch(e, b, branches)
		v.mixed = v.mixed || k > 0 && mine != v || len(branches) > 1 && mine.closed > 0
		v.void, v.closed = mine.void, mine.closed
	}
	if v.mixed {
		v = verdict{mixed: true}
	}
	if from, stopped := i.o.Trust.Stops(e, branches); stopped {
		v.stopped = from
	}
	return v
}

// judgeBranch says whether a branch is void as a whole, or from where on.
func (i *Intake) judgeBranch(e protocol.EpochID, b trust.Branch, all []trust.Branch) verdict {
	counts := func(o trust.Opener) bool { return o.Digest == b.Root && (o.Counts || o.Waits) }
	if !slices.ContainsFunc(i.o.Trust.Openers(e), counts) {
		return verdict{void: true}
	}
	last, closed := i.closedBy(e, all)
	switch {
	case !closed:
		return verdict{}
	case b.AtLast == last.Digest && last.Sequence > 0:
		return verdict{closed: last.Sequence}
	}
	// What it shares with the branch that leads to last is told with that one.
	return verdict{void: true}
}

// restand tells the board anew of every record of an epoch. What two branches share
// stands as it does on the better one.
func (i *Intake) restand(ctx context.Context, e protocol.EpochID) {
	branches, judged := i.branches(e), i.told.verdicts[e]
	all := map[protocol.Digest]board.Verdict{}
	for _, b := range branches {
		mine := i.judgeBranch(e, b, branches)
		mine.stopped = judged.stopped
		for s, err := range i.o.Store.Range(ctx, e, b.Digest, 1, b.Head) {
			if err != nil && s.Digest.IsZero() {
				i.log.ErrorContext(ctx, "record not readable", "feed", e.Feed, "err", err)
				break
			}
			v := board.Verdict{Digest: s.Digest, Competent: i.may(s.Institution, s.Type)}
			v.Stopped, v.Void = mine.of(s.Sequence)
			if before, ok := all[s.Digest]; ok && !before.Void {
				v = before
			}
			all[s.Digest] = v
		}
	}
	verdicts := make([]board.Verdict, 0, len(all))
	for _, v := range all {
		verdicts = append(verdicts, v)
	}
	i.o.Board.Restand(verdicts)
}

// branches gives the branches of an epoch as trust judges them.
func (i *Intake) branches(e protocol.EpochID) []trust.Branch {
	held := i.o.Store.Branches(e)
	out := make([]trust.Branch, len(held))
	last, closed := i.o.Trust.Last(e)
	for k, b := range held {
		out[k] = trust.Branch{Root: b.Root, Digest: b.Digest, Head: b.Head, Parts: b.Parts}
		if closed && last.Sequence > 0 {
			out[k].AtLast, _ = i.o.Store.DigestAt(e, b.Digest, last.Sequence)
		}
	}
	return out
}

// closedBy gives what counts of an epoch once that is stated, and held on a chain of the
// opener that counts; until then the epoch is judged like an open one (epochs.md 10).
func (i *Intake) closedBy(e protocol.EpochID, branches []trust.Branch) (trust.Last, bool) {
	last, ok := i.o.Trust.Last(e)
	if !ok || last.Unknown {
		return last, false
	}
	if last.Sequence == 0 {
		return last, slices.ContainsFunc(i.o.Trust.Openers(e), func(o trust.Opener) bool { return o.Counts && o.Digest == last.Digest })
	}
	rows := i.o.Trust.Rows(e, branches)
	return last, len(rows) == 1 && rows[0].Sequence == last.Sequence && rows[0].Head == last.Digest.Prefix()
}
