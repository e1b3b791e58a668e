package intake

import (
	"context"
	"errors"
	"sync"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// erasures are the erasure records that are held and can be read, by the record that they
// name, so that a body which comes after its erasure is let go at the door. All of them
// are read again at every start.
type erasures struct {
	mu      sync.Mutex // guards what follows
	of      map[protocol.Name][]*erasure
	foreign []*erasure // those by somebody else than the record's author
	due     []target   // records whose bodies are to be let go
}

// target is a record as an erasure names it.
type target struct {
	name   protocol.Name
	digest protocol.Digest
}

// erasure is what is remembered of one.
type erasure struct {
	target
	by        protocol.Name
	digestBy  protocol.Digest
	exercise  bool
	competent bool // its author may speak for the record's
	force     bool // it counts
}

// weigh notes down how an erasure record stands, and gives whether its author may say it:
// the author of what it names, or the registrar of that author, as the charter in force
// has it.
func (i *Intake) weigh(r *protocol.Record, digest protocol.Digest, v board.Verdict) bool {
	if r.BodyState != protocol.BodyHeld || r.Sealed {
		return v.Competent
	}
	b, err := body.Parse(r.Type, r.Body)
	if err != nil {
		return v.Competent
	}
	ref := b.(*body.Erasure).Erases()
	x := &i.erasures
	x.mu.Lock()
	defer x.mu.Unlock()
	e := x.find(ref.Record, digest)
	if e == nil {
		e = &erasure{target: target{ref.Record, ref.Digest}, by: r.Name, digestBy: digest, exercise: r.Exercise}
		x.of[e.name] = append(x.of[e.name], e)
		if e.name.Institution != r.Institution {
			x.foreign = append(x.foreign, e)
		}
	}
	before := e.force
	e.competent = i.speaksFor(r.Institution, ref.Record.Institution)
	e.force = v.Competent && e.competent && !v.Stopped && !v.Void
	if e.force && !before {
		x.due = append(x.due, e.target)
	}
	return v.Competent && e.competent
}

func (x *erasures) find(of protocol.Name, by protocol.Digest) *erasure {
	for _, e := range x.of[of] {
		if e.digestBy == by {
			return e
		}
	}
	return nil
}

func (x *erasures) add(t target) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.due = append(x.due, t)
}

// speaksFor reports whether an institution may take back what an author said: the author
// itself, or its registrar (design.md §2).
func (i *Intake) speaksFor(id, author protocol.InstitutionID) bool {
	if id == author {
		return true
	}
	registrar, ok := i.o.Trust.Charter().RegistrarOf(author)
	return ok && registrar == id
}

// reweigh notes which erasures by others than the author stand otherwise since there is
// news of who is whose registrar.
func (i *Intake) reweigh(anew spans) {
	x := &i.erasures
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, e := range x.foreign {
		if i.speaksFor(e.by.Institution, e.name.Institution) != e.competent {
			anew.add(e.by.EpochID(), span{e.by.Sequence, e.by.Sequence})
		}
	}
}

// takenBack reports whether an erasure of a record is in force.
func (i *Intake) takenBack(r *protocol.Record) bool {
	x := &i.erasures
	x.mu.Lock()
	defer x.mu.Unlock()
	of := x.of[r.Name]
	if len(of) == 0 || body.IsErasure(r.Type) {
		return false
	}
	digest := r.Digest()
	for _, e := range of {
		if e.force && e.digest == digest && e.exercise == r.Exercise {
			return true
		}
	}
	return false
}

// strip takes the bodies that were taken back, and those whose days are over, out of
// records on their way in or out.
func (i *Intake) strip(records []protocol.Record) {
	x, over := &i.erasures, i.over()
	x.mu.Lock()
	none := len(x.of) == 0
	x.mu.Unlock()
	if none && len(i.o.Trust.Retentions()) == 0 {
		return // as in most networks, and this is asked for every record that comes
	}
	for k := range records {
		r := &records[k]
		if r.BodyState != protocol.BodyErased && (i.takenBack(r) || i.o.Trust.RanOut(r.Type, r.Time, over)) {
			*r = r.WithoutBody(protocol.BodyErased)
		}
	}
}

// letGo takes the bodies that are due out of the archive, and has board and LOG told. What
// can't be let go now is due again with the next news, and at the next start.
func (i *Intake) letGo(ctx context.Context) {
	x := &i.erasures
	x.mu.Lock()
	due := x.due
	x.due = nil
	x.mu.Unlock()
	var gone []protocol.Record
	var events []board.Event
	anew := spans{}
	for k, t := range due {
		event, err := i.letGoOf(ctx, t, anew)
		if err != nil {
			i.log.WarnContext(ctx, "body not erased, will be tried again", "record", t.name, "err", err)
			x.mu.Lock()
			x.due = append(x.due, due[k:]...)
			x.mu.Unlock()
			break
		}
		if !event.Digest.IsZero() {
			events, gone = append(events, event), append(gone, event.Record)
		}
	}
	if len(gone) == 0 {
		return
	}
	i.count(func(n *Counts) { n.Erased += len(gone) })
	i.o.Board.Tell(events)
	for e, stretch := range anew {
		i.restand(ctx, e, stretch)
	}
	i.logs.erase(gone)
}

// letGoOf takes one body out of the archive, and gives what the board is to be told: of
// none if there was nothing to do. The board may not have been told of the record yet, nor
// of how its epoch stands, which is looked at.
func (i *Intake) letGoOf(ctx context.Context, t target, anew spans) (board.Event, error) {
	s, err := i.o.Store.ByDigest(t.digest)
	var damage *store.Damage
	switch {
	case errors.Is(err, store.ErrNotFound):
		return board.Event{}, nil // it is stripped when it comes
	case err != nil && (!errors.As(err, &damage) || !damage.Body):
		return board.Event{}, err
	case s.BodyState == protocol.BodyErased, !i.takenBack(&s.Record):
		return board.Event{}, nil
	}
	if err := i.o.Store.Erase(ctx, s.Digest); err != nil {
		return board.Event{}, err
	}
	i.look(s.EpochID(), anew)
	r := s.WithoutBody(protocol.BodyErased)
	return i.event(fresh{&r, s.Digest}, s.Accepted), nil
}
