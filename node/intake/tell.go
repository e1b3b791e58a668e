package intake

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// fresh is a record that has just been committed, or has just got its body.
type fresh struct {
	*protocol.Record
	digest protocol.Digest
}

// told is what the board was last told, so that it is told anew of what has changed and
// of nothing else.
type told struct {
	mu    sync.Mutex // one teller at a time: the last word on a record must be the newest
	stand map[protocol.EpochID]trust.Standing
	may   map[protocol.InstitutionID]map[string]bool // by type, of the first maxTypes seen
}

func newTold() told {
	return told{stand: map[protocol.EpochID]trust.Standing{}, may: map[protocol.InstitutionID]map[string]bool{}}
}

// span is the stretch of an epoch of which the board is to be told anew.
type span struct{ from, to uint32 }

func whole() span { return span{1, protocol.MaxNumber} }

// changed gives the records that stand otherwise by one standing than by another. A fork
// before those that are known concerns what stands between, and nothing behind it: who
// forks a feed again and again has each record told anew once.
func changed(a, b trust.Standing) span {
	stops := a
	stops.Stopped = b.Stopped
	switch {
	case !stops.Equal(b):
		return whole()
	case a.Stopped == 0 || b.Stopped == 0:
		return span{max(a.Stopped, b.Stopped), protocol.MaxNumber}
	}
	return span{min(a.Stopped, b.Stopped), max(a.Stopped, b.Stopped) - 1}
}

// spans are what the board is to be told anew of.
type spans map[protocol.EpochID]span

func (a spans) add(e protocol.EpochID, s span) {
	if before, ok := a[e]; ok {
		s = span{min(s.from, before.from), max(s.to, before.to)}
	}
	a[e] = s
}

// tell tells the board of records that trust has been told of, and anew of what they and
// the news of authors put in another light.
func (i *Intake) tell(ctx context.Context, news []fresh, changed authors) {
	i.told.mu.Lock()
	defer i.told.mu.Unlock()
	anew := spans{}
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
	if len(changed) > 0 {
		i.reweigh(anew)
	}
	for e, s := range anew {
		i.restand(ctx, e, s)
	}
	i.letGo(ctx)
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
// version is asked for again after the next start. Once begun it goes on, though the line
// over which the version came has gone down: the next start would follow another charter.
func (i *Intake) TakeCharter(ctx context.Context, c protocol.SignedCharter) error {
	ctx = context.WithoutCancel(ctx)
	defer i.judge(protocol.Trust)()
	changed, err := i.o.Trust.TakeCharter(c)
	if err != nil {
		return err
	}
	if kept, ok := i.o.Trust.CharterOf(c.Digest()); ok {
		err = i.o.Store.PutCharter(ctx, kept)
	}
	i.charterTaken(changed)
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

// look judges an epoch and notes what of it stands otherwise than the board was told.
func (i *Intake) look(e protocol.EpochID, anew spans) {
	now := i.o.Trust.Stands(e, i.branches(e))
	if before, known := i.told.stand[e]; known && !before.Equal(now) {
		anew.add(e, changed(before, now))
	}
	i.told.stand[e] = now
}

// lookAtAuthor notes the epochs of an author of which trust news changes the standing:
// most news, such as a profile, changes none.
func (i *Intake) lookAtAuthor(id protocol.InstitutionID, anew spans) {
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
				anew.add(e, whole())
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
	v := i.verdict(f.Record, f.digest)
	if f.BodyState == protocol.BodyHeld && i.takenBack(f.Record) {
		// It was let in while the erasure was on its way here.
		i.erasures.add(target{f.Name, f.digest})
	}
	return board.Event{
		Record: *f.Record, Digest: f.digest, Accepted: accepted,
		Stopped: v.Stopped, Void: v.Void, Competent: v.Competent,
	}
}

// verdict gives what the board can't compute of a record.
func (i *Intake) verdict(r *protocol.Record, digest protocol.Digest) board.Verdict {
	v := board.Verdict{Digest: digest, Competent: i.may(r.Institution, r.Type)}
	v.Stopped, v.Void = i.stands(r, digest)
	if body.IsErasure(r.Type) {
		v.Competent = i.weigh(r, digest, v)
	}
	return v
}

// stands says how a held record stands, by what was last looked at.
func (i *Intake) stands(r *protocol.Record, digest protocol.Digest) (stopped, void bool) {
	return i.standsBy(i.told.stand[r.EpochID()], r, digest)
}

// Covers reports whether the have rows of a group speak of a record that is held here: they pass over
// what is void, so that equal ones do not say who holds it (epochs.md 17).
func (i *Intake) Covers(r *protocol.Record, digest protocol.Digest) bool {
	e := r.EpochID()
	_, void := i.standsBy(i.o.Trust.Stands(e, i.branches(e)), r, digest)
	return !void
}

// standsBy says how a held record stands in its epoch.
func (i *Intake) standsBy(stands trust.Standing, r *protocol.Record, digest protocol.Digest) (stopped, void bool) {
	e := r.EpochID()
	root, ok := i.o.Store.RootOf(e, r.Sequence, digest)
	if !ok {
		return false, true // impossible: it is held
	}
	return stands.Of(r.Sequence, root, func() bool {
		at, ok := i.o.Store.DigestAt(e, stands.Last.Digest, r.Sequence)
		return ok && at == digest
	})
}

// restand tells the board anew of a stretch of an epoch, on all its branches.
func (i *Intake) restand(ctx context.Context, e protocol.EpochID, stretch span) {
	var verdicts []board.Verdict
	for _, b := range i.o.Store.Branches(e) {
		for s, err := range i.o.Store.Range(ctx, e, b.Digest, max(stretch.from, b.Parts), min(stretch.to, b.Head)) {
			if err != nil && s.Digest.IsZero() {
				i.log.ErrorContext(ctx, "record not readable", "feed", e.Feed, "err", err)
				break
			}
			verdicts = append(verdicts, i.verdict(&s.Record, s.Digest))
		}
	}
	i.count(func(n *Counts) { n.Restood += len(verdicts) })
	i.o.Board.Restand(verdicts)
}

// branches gives the branches of an epoch as trust judges them.
func (i *Intake) branches(e protocol.EpochID) []trust.Branch {
	last, _ := i.o.Trust.Last(e)
	held, through := i.o.Store.BranchesThrough(e, last.Sequence, last.Digest)
	out := make([]trust.Branch, len(held))
	for k, b := range held {
		out[k] = trust.Branch{Root: b.Root, Digest: b.Digest, Head: b.Head, Parts: b.Parts}
		if through[k] {
			out[k].AtLast = last.Digest
		}
	}
	return out
}
