package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// Overdue is the state of who was late at an earlier instant: how the lines were then is
// not kept, so that nobody can say whether it was silent or its line was cut.
const Overdue board.DueState = "overdue"

// moment is what this node shows at an instant: now, or as it knew it then.
type moment struct {
	knowledge
	world board.World
	view  board.View
	lines []board.Line // of the past none
	past  bool         // see [Desk.isPast]
}

// moment draws the picture of the world in which somebody acts at an instant; zero for now.
func (d *Desk) moment(ctx context.Context, at protocol.Instant) (*moment, error) {
	return d.momentOf(ctx, at, actorOf(ctx).world)
}

// momentOf draws that of a world.
func (d *Desk) momentOf(ctx context.Context, at protocol.Instant, w board.World) (*moment, error) {
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return nil, err
	}
	return d.momentIn(k, w), nil
}

func (d *Desk) momentIn(k knowledge, w board.World) *moment {
	p := k.board.Picture(k.at)
	return d.momentFrom(k, &p, w)
}

// momentFrom is that of a world in a picture of what is known.
func (d *Desk) momentFrom(k knowledge, p *board.Picture, w board.World) *moment {
	k.at = p.At
	m := &moment{knowledge: k, world: w, view: p.In(w), past: d.isPast(k)}
	address(&m.view, k.trust)
	d.grade(&m.view, m.at)
	if !w.Exercise {
		d.expect(p, &m.view, k)
	}
	if !m.past {
		m.lines = p.Lines
		return m
	}
	for i := range m.view.Due {
		m.view.Due[i].State = d.unlined(m.view.Due[i].State, m.view.Due[i].Institution)
	}
	for i := range m.view.Figures {
		m.view.Figures[i].Due = d.unlined(m.view.Figures[i].Due, m.view.Figures[i].Institution)
	}
	return m
}

// sought is a record that somebody asks for by its name, as an institution, in the moment of the
// world that shows it.
type sought struct {
	*moment
	as   protocol.InstitutionID
	name protocol.Name
}

// seek finds the world that shows a record at an instant; without a moment, none does.
func (d *Desk) seek(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant, shows func(*board.View, protocol.Name) bool) (sought, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return sought{}, err
	}
	n, err := d.named(as, ref)
	if err != nil {
		return sought{}, err
	}
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return sought{}, err
	}
	p := k.board.Picture(k.at)
	for _, w := range []board.World{d.worldAt(n), {}, {Exercise: true}} { // that of another that has its name, if it is not in its own
		if m := d.momentFrom(k, &p, w); shows(&m.view, n) {
			return sought{m, as, n}, nil
		}
	}
	return sought{as: as, name: n}, nil
}

// notYet says that a record came only behind the instant that is asked about.
func notYet(n protocol.Name) error {
	return problem(NotFound, "vardar show "+n.String(), "%s was not held here yet", n)
}

// unlined takes from a state what nobody knows without the lines.
func (d *Desk) unlined(s board.DueState, id protocol.InstitutionID) board.DueState {
	if s == board.Silent && !d.isOwn(id) {
		return Overdue
	}
	return s
}

// until gives the instant up to which records count; zero: all that are held.
func (m *moment) until() protocol.Instant {
	if m.past {
		return m.at
	}
	return 0
}

// holders tells who has a record; of an earlier instant nobody knows.
func (m *moment) holders(d *Desk, n protocol.Name) Peers {
	if m.past {
		return Peers{Have: []protocol.InstitutionID{}, Of: []protocol.InstitutionID{}}
	}
	return d.holders(n)
}

// pick gives the first row that is asked for; nil if there is none.
func pick[T any](rows []T, asked func(*T) bool) *T {
	for i := range rows {
		if asked(&rows[i]) {
			return &rows[i]
		}
	}
	return nil
}
