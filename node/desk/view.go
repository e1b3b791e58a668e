package desk

import (
	"context"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Picture is what all records together say at an instant, with its digest: the same on
// every node that holds the same records and can read the same bodies.
type Picture struct {
	Digest protocol.Digest `json:"digest"`
	board.Whole
	// Left counts by list the rows behind those given; those of exercises are called
	// exercise.alerts and so on, of named ones exercises.RECORD.alerts. The digest covers them: ask for the next page.
	Left map[string]int `json:"left,omitempty"`
}

const (
	// DefaultPage is how many rows of each list a picture gives unless told otherwise.
	DefaultPage = 1000
	// MaxPage is how many it gives at most: some 10 MiB of the longest.
	MaxPage = 10_000
)

// Page chooses rows of each list of a picture.
type Page struct {
	Offset int // so many are left out at the beginning
	Limit  int // 0: DefaultPage; at most MaxPage
}

// Picture gives a page of the picture at an instant; zero for now. An earlier instant gives
// it as this node knew it then: from the records that it had accepted by then.
func (d *Desk) Picture(ctx context.Context, at protocol.Instant, page Page) (Picture, error) {
	k, at, err := d.knownAt(ctx, at)
	if err != nil {
		return Picture{}, err
	}
	if page.Limit <= 0 {
		page.Limit = DefaultPage
	}
	page.Limit = min(page.Limit, MaxPage)
	out := Picture{Digest: k.board.Digest(at), Whole: k.board.Whole(at), Left: map[string]int{}}
	d.grade(&out.View, at)
	d.expect(&out.Picture, &out.View, k)
	out.cut(&out.View, "", page)
	if out.Exercise != nil {
		exercise := *out.Exercise
		d.grade(&exercise, at)
		out.cut(&exercise, "exercise.", page)
		out.Exercise = &exercise
	}
	for i := range out.Exercises {
		x := &out.Exercises[i]
		d.grade(&x.View, at)
		out.cut(&x.View, "exercises."+x.Record.String()+".", page)
	}
	return out, nil
}

func (p *Picture) cut(v *board.View, of string, page Page) {
	pageOf(p, of+"figures", &v.Figures, page)
	pageOf(p, of+"columns", &v.Columns, page)
	pageOf(p, of+"routes", &v.Routes, page)
	pageOf(p, of+"phases", &v.Phases, page)
	pageOf(p, of+"alerts", &v.Alerts, page)
	pageOf(p, of+"requests", &v.Requests, page)
	pageOf(p, of+"offers", &v.Offers, page)
	pageOf(p, of+"steps", &v.Steps, page)
	pageOf(p, of+"notes", &v.Notes, page)
	pageOf(p, of+"plans", &v.Plans, page)
	pageOf(p, of+"consultations", &v.Consultations, page)
	pageOf(p, of+"strategies", &v.Strategies, page)
	pageOf(p, of+"practices", &v.Practices, page)
	pageOf(p, of+"regional", &v.Regional, page)
	pageOf(p, of+"projects", &v.Projects, page)
	pageOf(p, of+"capacities", &v.Capacities, page)
	pageOf(p, of+"due", &v.Due, page)
	pageOf(p, of+"drafts", &v.Drafts, page)
	pageOf(p, of+"corrections", &v.Corrections, page)
	pageOf(p, of+"acknowledgements", &v.Acknowledgements, page)
	pageOf(p, of+"endorsements", &v.Endorsements, page)
	pageOf(p, of+"kept", &v.Kept, page)
}

func pageOf[T any](p *Picture, list string, rows *[]T, page Page) {
	from := min(max(page.Offset, 0), len(*rows))
	to := min(from+page.Limit, len(*rows))
	if left := len(*rows) - to; left > 0 {
		p.Left[list] = left
	}
	*rows = (*rows)[from:to]
}

// knowledge is what this node knew at an instant: the records, and who was a member.
type knowledge struct {
	board *board.Board
	trust *trust.Registry
}

// present is what it knows now.
func (d *Desk) present() knowledge { return knowledge{d.o.Board, d.o.Trust} }

// knownAt gives what this node knew at an instant; zero: now.
func (d *Desk) knownAt(ctx context.Context, at protocol.Instant) (knowledge, protocol.Instant, error) {
	now := d.now()
	if at == 0 || at >= now {
		if at == 0 {
			at = now
		}
		d.earlier.let(now)
		return d.present(), at, nil
	}
	e := &d.earlier
	e.Lock()
	defer e.Unlock()
	e.asked = now
	revised := d.o.Board.Revised()
	if e.board != nil && e.at == at && e.revised == revised {
		return e.knowledge, at, nil
	}
	e.knowledge = knowledge{} // before another is made beside it
	k, err := d.rebuilt(ctx, at)
	if err != nil {
		return knowledge{}, 0, err
	}
	e.knowledge, e.at, e.revised = k, at, revised
	return k, at, nil
}

// rearview keeps the board of one earlier instant for who goes on reading there. Its lock is
// held while one is made, so that only one is at a time.
type rearview struct {
	sync.Mutex
	knowledge // its board nil: none
	at        protocol.Instant
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

// rebuilt makes the board and the members of an earlier instant out of the archive.
func (d *Desk) rebuilt(ctx context.Context, at protocol.Instant) (knowledge, error) {
	b, err := board.New(board.Options{Atlas: d.o.Atlas, Logger: d.log})
	if err != nil {
		return knowledge{}, failure(err)
	}
	members, err := d.founded()
	if err != nil {
		return knowledge{}, failure(err)
	}
	// Verdicts are today's: a record that was found to be beyond competence, or stopped by
	// a fork, since then is not shown as if it had counted.
	var events []board.Event
	for h, err := range d.o.Archive.Records(ctx, "", 0) {
		if err != nil {
			// One damaged record must not keep the rest from being shown.
			d.log.ErrorContext(ctx, "record not readable", "err", err)
			continue
		}
		if h.Accepted > at {
			continue
		}
		members.Add(h.Record)
		events = append(events, d.event(&h))
		if len(events) == eventLot {
			b.Tell(events)
			events = nil
		}
	}
	b.Tell(events)
	return knowledge{b, members}, ctx.Err()
}

// founded gives a registry that knows the charter as it is now, and no record.
func (d *Desk) founded() (*trust.Registry, error) {
	g, err := trust.New(d.o.Trust.SignedCharter())
	if err != nil {
		return nil, err
	}
	for _, later := range d.o.Trust.Charters() {
		if _, err := g.AddCharter(later.Signed); err != nil {
			return nil, err
		}
	}
	g.SettledOn(d.o.Trust.Settled())
	return g, nil
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
