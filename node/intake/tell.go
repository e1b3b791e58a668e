package intake

import (
	"context"
	"maps"
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
	may      map[protocol.InstitutionID]map[string]bool // by type, of the first maxTypes seen
}

func newTold() told {
	return told{verdicts: map[protocol.EpochID]verdict{}, may: map[protocol.InstitutionID]map[string]bool{}}
}

// verdict is what trust says of an epoch (epochs.md 10, 11).
type verdict struct {
	stopped, void uint32 // from this sequence on; 0: nowhere
	mixed         bool   // its branches do not stand alike: each record is to be looked at
}

func (v verdict) of(sequence uint32) (stopped, void bool) {
	return v.stopped > 0 && sequence >= v.stopped, v.void > 0 && sequence >= v.void
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
	about := authors{}
	for _, f := range news {
		if f.Topic != protocol.Trust {
			continue
		}
		about[f.Institution] = true
		for _, feed := range i.o.Trust.Add(*f.Record) {
			about[feed.Institution] = true
		}
	}
	if len(about) == 0 {
		return
	}
	i.have.trustChanged()
	maps.Copy(changed, about)
	i.tellMembership(about)
}

// TakeCharter takes in a later version of the charter that came from a peer and not in a
// record. What it says is in force when it returns: who is out by it is cut off. It
// returns what trust.Registry.TakeCharter says; any other error is the archive's, and the
// version is asked for again after the next start.
func (i *Intake) TakeCharter(ctx context.Context, c protocol.SignedCharter) error {
	changed, err := i.o.Trust.TakeCharter(c)
	if err != nil {
		return err
	}
	if kept, ok := i.o.Trust.CharterOf(c.Digest()); ok {
		err = i.o.Store.PutCharter(ctx, kept)
	}
	about := authors{}
	for _, feed := range changed {
		about[feed.Institution] = true
	}
	i.have.trustChanged()
	i.tellMembership(about)
	i.logs.put(nil, about)
	return err
}

// tellMembership tells whom it may concern of those who take part no longer, or again,
// before the commit that brought the news is acknowledged (design.md §7.6).
func (i *Intake) tellMembership(about authors) {
	var news []protocol.InstitutionID
	i.mu.Lock()
	for id := range about {
		now := i.o.Trust.IsMember(id)
		if i.members[id] != now {
			news = append(news, id)
		}
		i.members[id] = now
	}
	i.mu.Unlock()
	slices.Sort(news)
	for _, id := range news {
		if i.o.Membership != nil {
			i.o.Membership(id)
		}
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
	// Whether trust says another thing than before; of types not remembered it might.
	may := len(i.told.may[id]) >= maxTypes
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

// maxTypes is how many types of one author trust's answer is remembered for: several times
// the catalogue of domain.md. Whoever writes more has trust asked for each record.
const maxTypes = 256

func (i *Intake) may(id protocol.InstitutionID, recordType string) bool {
	types := i.told.may[id]
	if types == nil {
		types = map[string]bool{}
		i.told.may[id] = types
	}
	answer, ok := types[recordType]
	if !ok {
		answer = i.o.Trust.May(id, recordType)
	}
	if !ok && len(types) < maxTypes {
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
	judged := i.o.Trust.Judge(e, i.branches(e))
	var v verdict
	for k, mine := range judged {
		v.mixed = v.mixed || k > 0 && (mine.Stopped != v.stopped || mine.Void != v.void) || len(judged) > 1 && mine.Void > 1
		v.stopped, v.void = mine.Stopped, mine.Void
	}
	if v.mixed {
		return verdict{mixed: true}
	}
	return v
}

// restand tells the board anew of every record of an epoch. What two branches share
// stands as it does on the better one.
func (i *Intake) restand(ctx context.Context, e protocol.EpochID) {
	branches := i.branches(e)
	judged := i.o.Trust.Judge(e, branches)
	all := map[protocol.Digest]board.Verdict{}
	for k, b := range branches {
		for s, err := range i.o.Store.Range(ctx, e, b.Digest, 1, b.Head) {
			if err != nil && s.Digest.IsZero() {
				i.log.ErrorContext(ctx, "record not readable", "feed", e.Feed, "err", err)
				break
			}
			v := board.Verdict{Digest: s.Digest, Competent: i.may(s.Institution, s.Type)}
			v.Stopped, v.Void = judged[k].Of(s.Sequence)
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
