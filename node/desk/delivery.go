package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Delivery is what a delivery note says: what was committed, by whom, and where it goes.
type Delivery struct {
	Record    protocol.Name          `json:"record"` // the commitment
	Time      protocol.Instant       `json:"time"`
	From      protocol.InstitutionID `json:"from"`
	For       protocol.InstitutionID `json:"for"`
	Exchange  protocol.Name          `json:"exchange,omitzero"`
	Place     body.PlaceKey          `json:"place,omitzero"` // empty: an offer that nobody asked for says none
	PlaceName string                 `json:"place_name,omitempty"`
	Footnote  bool                   `json:"footnote,omitempty"`
	Contact   *body.Contact          `json:"contact,omitempty"` // the office that takes it
	Lines     []body.Line            `json:"lines,omitempty"`
	Exercise  bool                   `json:"exercise,omitempty"` // nothing is brought anywhere: it is only played
}

// Delivery gives what goes with the things of a commitment. It is [NotFound] for a record
// that is not held, and [Usage] for one that commits nothing.
func (d *Desk) Delivery(ctx context.Context, ref string, at protocol.Instant) (Delivery, error) {
	n, err := d.named(d.o.Institutions[0], ref)
	if err != nil {
		return Delivery{}, err
	}
	h, err := d.held(n)
	if err != nil {
		return Delivery{}, err
	}
	parsed, err := body.Parse(h.Type, h.Body)
	step, ok := parsed.(*body.ResourceStep)
	if err != nil || !ok || step.Step != body.StepCommit {
		return Delivery{}, problem(Usage, "vardar show "+n.String(), "%s is no commitment: nothing is delivered by it", n)
	}
	m, err := d.momentOf(ctx, at, board.WorldOf(&h.Record))
	if err != nil {
		return Delivery{}, err
	}
	if m.past && h.Accepted > m.at {
		return Delivery{}, notYet(n)
	}
	t, ok := exchangeOf(&m.view, step.Thread)
	if !ok {
		return Delivery{}, problem(NotFound, "vardar show "+n.String(), "no exchange that counts here began with %s", step.Thread)
	}
	out := Delivery{Record: n, Time: h.Time, From: n.Institution, For: t.by, Exchange: step.Thread, Lines: step.Lines, Exercise: h.Exercise}
	if said := t.record(n); said == nil || said.Ignored != "" {
		return Delivery{}, problem(Refused, "vardar show "+n.String(), "%s has no effect in its exchange: nothing is delivered by it", n)
	} else if !t.asked {
		answered := t.record(said.Answers)
		if answered != nil {
			out.For = answered.Institution
		}
		return out, nil
	}
	return out, d.deliverTo(&out, step.Thread)
}

// deliverTo reads the place and the office from the request.
func (d *Desk) deliverTo(out *Delivery, request protocol.Name) error {
	h, err := d.held(request)
	if err != nil {
		return err
	}
	parsed, err := body.Parse(h.Type, h.Body)
	if step, ok := parsed.(*body.ResourceStep); err == nil && ok && step.DeliverTo != nil {
		place := step.DeliverTo.Place
		out.Place, out.Contact = place.Key(), step.DeliverTo.Contact
		out.PlaceName, out.Footnote = d.o.Atlas.Name(place), atlas.NeedsFootnote(place.Key())
	}
	return nil
}
