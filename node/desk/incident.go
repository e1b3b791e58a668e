package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mostOfIncident bounds the records that one page of an incident tells: some days of many
// institutions. What lies beyond is said to be left out.
const mostOfIncident = 500

// Incident is what an alert or a phase record has opened: all that names it, and all that
// is known of its place.
type Incident struct {
	Opener   Told           `json:"opener"`
	Alert    *AlertRow      `json:"alert,omitempty"` // if an alert opened it
	Phase    *PhaseRow      `json:"phase,omitempty"` // if a phase did
	Here     PlaceView      `json:"here"`            // of its place; zero: it names none
	Curves   []SituationRow `json:"curves"`
	Requests []RequestRow   `json:"requests"`           // that name it
	Timeline []Happened     `json:"timeline"`           // the oldest first, with the opener
	More     bool           `json:"more,omitempty"`     // there is more than is told
	Exercise bool           `json:"exercise,omitempty"` // it is only played
	Past     bool           `json:"past,omitempty"`
	Quality  string         `json:"quality,omitempty"` // at least so good, or unverified; empty: all
}

// Only leaves what is known of its place and at least so good, or not yet verified.
func (x *Incident) Only(quality string) (err error) {
	x.Quality = quality
	if x.Curves, err = only(x.Curves, quality); err == nil {
		err = x.Here.only(quality)
	}
	if err == nil {
		x.Requests, err = only(x.Requests, quality)
	}
	return err
}

// Happened is one record of an incident, with who has it and who has seen it: a machine that
// holds a record has seen nothing.
type Happened struct {
	Told
	Machines Peers  `json:"machines"`           // nodes that hold it; nobody knows of an earlier instant
	Received []Seen `json:"received,omitempty"` // institutions whose machine said that it came
	Seen     []Seen `json:"seen,omitempty"`     // institutions where a person said that it was read, accepted or refused
}

// Seen is what an institution said of another's record.
type Seen struct {
	Institution protocol.InstitutionID    `json:"institution"`
	State       body.AcknowledgementState `json:"state"`
	Reason      string                    `json:"reason,omitempty"`
	Time        protocol.Instant          `json:"time"`
	Record      protocol.Name             `json:"record"`
}

// Incident gathers what an alert or a phase record opened, for somebody who may read up to a
// mark, as this node knew it at an instant; zero: now. It is [NotFound] for a record that is
// not held, and [Usage] for one that opens nothing.
func (d *Desk) Incident(ctx context.Context, ref string, ceiling protocol.Handling, at protocol.Instant) (Incident, error) {
	n, err := d.named(d.o.Institutions[0], ref)
	if err != nil {
		return Incident{}, err
	}
	opener, err := d.held(n)
	if err != nil {
		return Incident{}, err
	}
	m, err := d.momentOf(ctx, at, board.WorldOf(&opener.Record))
	if err != nil {
		return Incident{}, err
	}
	if m.past && opener.Accepted > m.at {
		return Incident{}, notYet(n)
	}
	if opener.Type != body.TypeAlert && opener.Type != body.TypePhase {
		return Incident{}, problem(Usage, "vardar show "+n.String(), "%s opens no incident: an alert does, or the record of a phase", n)
	}
	out := Incident{Opener: d.told(m, &opener, ceiling), Exercise: opener.Exercise, Past: m.past}
	if i := slices.IndexFunc(m.view.Alerts, func(a AlertRow) bool { return a.Digest == opener.Digest }); i >= 0 && !out.Opener.Hidden {
		out.Alert = &m.view.Alerts[i]
	}
	if i := slices.IndexFunc(m.view.Phases, func(p PhaseRow) bool { return p.Digest == opener.Digest }); i >= 0 && !out.Opener.Hidden {
		out.Phase = &m.view.Phases[i]
	}
	for i := range m.view.Requests {
		if r := &m.view.Requests[i]; r.Incident == n {
			out.Requests = append(out.Requests, *r)
		}
	}
	if !out.Opener.Place.IsZero() {
		if out.Here, err = d.place(m, out.Opener.Place); err != nil {
			return Incident{}, err
		}
		out.Curves = situation(&m.view, func(f *FigureRow) bool { return f.Place == out.Opener.Place })
	}
	out.Timeline, out.More = d.timeline(m, &opener, ceiling)
	return out, ctx.Err()
}

// timeline tells the opener and all that speaks of it, in the order in which this node took
// them in; acknowledgements stand beside what they are of.
func (d *Desk) timeline(m *moment, opener *Held, ceiling protocol.Handling) ([]Happened, bool) {
	mentions, more := m.board.About(opener.Name, mostOfIncident)
	rows := []Happened{d.happened(m, opener, ceiling)}
	for _, h := range d.mentioned(m, mentions) {
		if !isAcknowledgement(h.Type) {
			rows = append(rows, d.happened(m, &h, ceiling))
		}
	}
	slices.SortStableFunc(rows, func(a, b Happened) int { return byAcceptance(&a.Told, &b.Told) })
	return rows, more
}

func isAcknowledgement(recordType string) bool { return shortName(recordType) == "acknowledgement" }

func (d *Desk) happened(m *moment, h *Held, ceiling protocol.Handling) Happened {
	out := Happened{Told: d.told(m, h, ceiling), Machines: m.holders(d, h.Name)}
	for i := range m.view.Acknowledgements {
		a := &m.view.Acknowledgements[i]
		if a.OfDigest != h.Digest || a.Reference != board.RefHeld {
			continue
		}
		seen := Seen{a.Institution, a.State, a.Reason, a.AuthorTime, a.Record}
		if a.State == body.Received {
			out.Received = append(out.Received, seen)
		} else {
			out.Seen = append(out.Seen, seen)
		}
	}
	slices.SortFunc(out.Seen, func(a, b Seen) int { return cmp.Compare(a.Time, b.Time) })
	return out
}
