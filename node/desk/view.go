package desk

import (
	"context"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Picture is what all records of one world together say at an instant, with its digest: the same
// on every node that holds the same records and can read the same bodies.
type Picture struct {
	Digest   protocol.Digest  `json:"digest"`
	At       protocol.Instant `json:"at"`
	Exercise bool             `json:"exercise"`        // of what is played, instead of what is real
	Within   protocol.Name    `json:"within,omitzero"` // the record that began it; zero: played without a name
	board.View
	Lines []board.Line `json:"lines,omitempty"` // what this node knows of its lines; no part of the digest
	// Left counts by list the rows behind those given. The digest covers them: ask for the next page.
	Left map[string]int `json:"left,omitempty"`
}

const (
	// DefaultPage is how many rows of each list a picture gives unless told otherwise.
	DefaultPage = 1000
	// MaxPage is how many it gives at most: some 10 MiB of the longest.
	MaxPage = 10_000
)

// PictureQuery chooses a picture, and rows of each of its lists.
type PictureQuery struct {
	At       protocol.Instant // as this node knew it then; zero: now
	Exercise bool             // of what is played without a name, instead of what is real
	Within   string           // of the named exercise that this record began
	Offset   int              // so many rows are left out at the beginning
	Limit    int              // 0: DefaultPage; at most MaxPage
}

// Picture gives a page of the picture of a world at an instant. An earlier instant gives it as
// this node knew it then: from the records that it had accepted by then.
func (d *Desk) Picture(ctx context.Context, q PictureQuery) (Picture, error) {
	k, err := d.knownAt(ctx, q.At)
	if err != nil {
		return Picture{}, err
	}
	w, err := d.worldAsked(ctx, d.o.Institutions[0], q.Within, q.Exercise)
	if err != nil {
		return Picture{}, err
	}
	if q.Limit <= 0 {
		q.Limit = DefaultPage
	}
	q.Limit = min(q.Limit, MaxPage)
	p := k.board.Picture(k.at)
	out := Picture{Digest: k.board.DigestIn(w, k.at), At: k.at, Exercise: w.Exercise, Within: w.Name, View: p.In(w), Lines: p.Lines, Left: map[string]int{}}
	d.grade(&out.View, k.at)
	if !w.Exercise { // nobody is expected in an exercise
		d.expect(&p, &out.View, k)
	}
	out.cut(&q)
	return out, nil
}

func (p *Picture) cut(q *PictureQuery) {
	pageOf(p, "figures", &p.Figures, q)
	pageOf(p, "columns", &p.Columns, q)
	pageOf(p, "routes", &p.Routes, q)
	pageOf(p, "phases", &p.Phases, q)
	pageOf(p, "alerts", &p.Alerts, q)
	pageOf(p, "requests", &p.Requests, q)
	pageOf(p, "offers", &p.Offers, q)
	pageOf(p, "steps", &p.Steps, q)
	pageOf(p, "notes", &p.Notes, q)
	pageOf(p, "plans", &p.Plans, q)
	pageOf(p, "consultations", &p.Consultations, q)
	pageOf(p, "strategies", &p.Strategies, q)
	pageOf(p, "practices", &p.Practices, q)
	pageOf(p, "regional", &p.Regional, q)
	pageOf(p, "projects", &p.Projects, q)
	pageOf(p, "capacities", &p.Capacities, q)
	pageOf(p, "due", &p.Due, q)
	pageOf(p, "drafts", &p.Drafts, q)
	pageOf(p, "corrections", &p.Corrections, q)
	pageOf(p, "acknowledgements", &p.Acknowledgements, q)
	pageOf(p, "endorsements", &p.Endorsements, q)
	pageOf(p, "kept", &p.Kept, q)
}

func pageOf[T any](p *Picture, list string, rows *[]T, q *PictureQuery) {
	from := min(max(q.Offset, 0), len(*rows))
	to := min(from+q.Limit, len(*rows))
	if left := len(*rows) - to; left > 0 {
		p.Left[list] = left
	}
	*rows = append([]T{}, (*rows)[from:to]...)
}

// knowledge is what this node knew at an instant: the records, and who was a member.
type knowledge struct {
	board *board.Board
	trust *trust.Registry
	tips  map[protocol.EpochID]tips // how far each epoch was held; nil: of now, the archive says it
	at    protocol.Instant
}

// tips are the last records of the branches of an epoch, with their sequence.
type tips map[protocol.Digest]uint32

// present is what it knows now.
func (d *Desk) present() knowledge { return knowledge{board: d.o.Board, trust: d.o.Trust, at: d.now()} }

// isPast reports whether what is known is of an earlier instant: of lines, of what beacons said and of who
// held what, nothing is known then.
func (d *Desk) isPast(k knowledge) bool { return k.trust != d.o.Trust }

// knownAt gives what this node knew at an instant; zero: now.
func (d *Desk) knownAt(ctx context.Context, at protocol.Instant) (knowledge, error) {
	now := d.now()
	if at == 0 || at >= now {
		d.earlier.let(now)
		k := d.present()
		k.at = max(at, now)
		return k, nil
	}
	e := &d.earlier
	e.Lock()
	defer e.Unlock()
	e.asked = now
	revised := d.o.Board.Revised()
	if e.board != nil && e.at == at && e.revised == revised {
		return e.knowledge, nil
	}
	e.knowledge = knowledge{} // before another is made beside it
	k, err := d.rebuilt(ctx, at)
	if err != nil {
		return knowledge{}, err
	}
	e.knowledge, e.revised = k, revised
	return k, nil
}

// rearview keeps the board of one earlier instant for who goes on reading there. Its lock is
// held while one is made, so that only one is at a time.
type rearview struct {
	sync.Mutex
	knowledge                  // its board nil: none
	asked     protocol.Instant // when somebody last asked for it
	revised   uint64           // of the board of now, when it was made
}

// earlierStays is for how long nobody asks before it is let go: the memory is another board's.
const earlierStays = 5 * time.Minute

// let lets it go if nobody has asked for it in a while.
func (e *rearview) let(now protocol.Instant) {
	if !e.TryLock() {
		return // one is being made
	}
	defer e.Unlock()
	if e.board != nil && now.Time().Sub(e.asked.Time()) > earlierStays {
		e.knowledge = knowledge{}
	}
}

// rebuilt makes the board and the members of an earlier instant out of the archive: the records that
// this node had by then, and the versions of the charter that it did not hear of by a later one.
func (d *Desk) rebuilt(ctx context.Context, at protocol.Instant) (knowledge, error) {
	b, err := board.New(board.Options{Atlas: d.o.Atlas, Logger: d.log})
	if err != nil {
		return knowledge{}, failure(err)
	}
	b.TellAnew(d.o.Board.Anew()...)
	members, err := trust.New(d.o.Trust.SignedCharter())
	if err != nil {
		return knowledge{}, failure(err)
	}
	k, later := knowledge{b, members, map[protocol.EpochID]tips{}, at}, map[protocol.Digest]bool{}
	// Verdicts are today's: a record that was found to be beyond competence, or stopped by
	// a fork, since then is not shown as if it had counted. So are erasures: what is gone was here then,
	// and nobody can show more of it than by whom and why it was taken back.
	var events []board.Event
	for h, err := range d.o.Archive.Records(ctx, "", 0) {
		if err != nil {
			// One damaged record must not keep the rest from being shown.
			d.log.ErrorContext(ctx, "record not readable", "err", err)
			continue
		}
		if h.Accepted > at {
			if v, ok := charterSaid(&h); ok {
				later[v] = true
			}
			if !d.erasesOf(&h, at) {
				continue
			}
		} else {
			k.grow(&h)
		}
		members.Add(h.Record)
		events = append(events, d.event(&h))
		if len(events) == eventLot {
			b.Tell(events)
			events = nil
		}
	}
	b.Tell(events)
	for _, v := range d.o.Trust.Charters() {
		if later[v.Digest] {
			continue // if it came before as well, the registry has it of that record
		}
		if _, err := members.AddCharter(v.Signed); err != nil {
			return knowledge{}, failure(err)
		}
	}
	members.SettledOn(d.o.Trust.Settled())
	return k, ctx.Err()
}

// erasesOf reports whether a record takes a body back of one that this node had by an instant.
func (d *Desk) erasesOf(h *Held, at protocol.Instant) bool {
	if !body.IsErasure(h.Type) || h.BodyState != protocol.BodyHeld || h.Sealed {
		return false
	}
	said, err := body.Parse(h.Type, h.Body)
	x, ok := said.(*body.Erasure)
	if err != nil || !ok {
		return false
	}
	of, err := d.heldAs(x.Erases().Record, x.Erases().Digest)
	return err == nil && of.Accepted <= at
}

// charterSaid gives the version of the charter that a record says; false for a record of another kind,
// and for one that can't be read here.
func charterSaid(h *Held) (protocol.Digest, bool) {
	if h.Type != body.TypeCharter || h.BodyState != protocol.BodyHeld || h.Sealed {
		return protocol.Digest{}, false
	}
	said, err := body.Parse(h.Type, h.Body)
	c, ok := said.(*body.CharterRecord)
	if err != nil || !ok {
		return protocol.Digest{}, false
	}
	signed := c.Signed()
	return signed.Digest(), true
}

// grow takes in how far an epoch is held: a record comes behind the one that it follows.
func (k *knowledge) grow(h *Held) {
	of := k.tips[h.EpochID()]
	if of == nil {
		of = tips{}
		k.tips[h.EpochID()] = of
	}
	delete(of, h.Previous)
	of[h.Digest] = h.Sequence
}

// eventLot is how many records the board is told of at once.
const eventLot = 4096

func (d *Desk) event(h *Held) board.Event {
	from, stopped := d.o.Trust.Stops(h.EpochID(), d.o.Archive.Branches(h.EpochID()))
	return board.Event{
		Record: h.Record, Digest: h.Digest, Accepted: h.Accepted, Stopped: stopped && h.Sequence >= from,
		Competent: d.o.Trust.May(h.Institution, h.Type),
	}
}

// world gives the present view of a world.
func (d *Desk) world(w board.World) board.View {
	p := d.o.Board.Picture(d.now())
	return p.In(w)
}

// worldAt gives the world of a record that is held; what is not is of what is real.
func (d *Desk) worldAt(n protocol.Name) board.World {
	h, err := d.held(n)
	if err != nil {
		return board.World{}
	}
	return board.WorldOf(&h.Record)
}
