package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// Picture is what all records together say at an instant, with its digest: the same on
// every node that holds the same records and can read the same bodies.
type Picture struct {
	Digest protocol.Digest `json:"digest"`
	board.Picture
}

// Picture gives the picture at an instant; zero for now. An earlier instant gives it as
// this node knew it then: from the records that it had accepted by then.
func (d *Desk) Picture(ctx context.Context, at protocol.Instant) (Picture, error) {
	b, at, err := d.boardAt(ctx, at)
	if err != nil {
		return Picture{}, err
	}
	return Picture{b.Digest(at), b.Picture(at)}, nil
}

// boardAt gives the board that knew what this node knew at an instant.
func (d *Desk) boardAt(ctx context.Context, at protocol.Instant) (*board.Board, protocol.Instant, error) {
	now := d.now()
	if at == 0 || at >= now {
		if at == 0 {
			at = now
		}
		return d.o.Board, at, nil
	}
	b, err := board.New(board.Options{Atlas: d.o.Atlas, Logger: d.log})
	if err != nil {
		return nil, 0, failure(err)
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
		events = append(events, d.event(&h))
		if len(events) == eventLot {
			b.Tell(events)
			events = nil
		}
	}
	b.Tell(events)
	return b, at, ctx.Err()
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

// world gives the present view of what is real, or of the exercises.
func (d *Desk) world(exercise bool) board.View {
	return worldOf(d.o.Board.Picture(d.now()), exercise)
}

func worldOf(p board.Picture, exercise bool) board.View {
	if !exercise {
		return p.View
	}
	if p.Exercise == nil {
		return board.View{}
	}
	return *p.Exercise
}
