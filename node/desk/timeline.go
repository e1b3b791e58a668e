package desk

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Told is one record in a line, as lists of what happened have it.
type Told struct {
	Record      protocol.Name          `json:"record"`
	Type        string                 `json:"type"` // its short name
	Institution protocol.InstitutionID `json:"institution"`
	Time        protocol.Instant       `json:"time"`     // its author's clock
	Accepted    protocol.Instant       `json:"accepted"` // by this node
	Handling    protocol.Handling      `json:"handling"`
	Exercise    bool                   `json:"exercise,omitempty"`
	Says        string                 `json:"says,omitempty"`   // in a line; empty of one that is above the reader's mark
	Hidden      bool                   `json:"hidden,omitempty"` // it is
	Body        body.Body              `json:"-"`                // nil of one that can't be read here, or is hidden
	Standing    board.Standing         `json:"standing"`
	Reason      string                 `json:"reason,omitempty"`
	Severity    body.Severity          `json:"severity,omitempty"` // of an alert or a report
	Incident    protocol.Name          `json:"incident,omitzero"`  // that it names
	Thread      protocol.Name          `json:"thread,omitzero"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	Quality     *Quality               `json:"quality,omitempty"` // of a live one that is scored, where records are looked for
}

// told says a record in a line, to somebody who may read up to a mark.
func (d *Desk) told(m *moment, h *Held, ceiling protocol.Handling) Told {
	t := Told{
		Record: h.Name, Type: shortName(h.Type), Institution: h.Institution, Time: h.Time, Accepted: h.Accepted,
		Handling: h.Handling, Exercise: h.Exercise, Standing: board.Counts,
	}
	if s, why := m.board.Standing(h.Digest); s != 0 {
		t.Standing, t.Reason = s, d.goneBy(h.Type, min(h.Time, h.Accepted), why)
	}
	if h.Handling > ceiling {
		t.Hidden = true
		return t
	}
	t.Says = d.summary(h)
	b, err := body.Parse(h.Type, h.Body)
	if h.BodyState != protocol.BodyHeld || h.Sealed || err != nil {
		return t
	}
	t.Body = b
	common := b.Base()
	t.Incident, t.Thread = common.Incident, common.Thread
	if common.Place != nil {
		t.Place = common.Place.Key()
	}
	switch b := b.(type) {
	case *body.SituationReport:
		t.Severity = b.Severity
	case *body.Alert:
		t.Severity = gravest(b.Info)
		if _, said, graded := strings.Cut(t.Says, ": "); graded {
			t.Says = said // the severity stands apart
		}
	}
	return t
}

func gravest(infos []body.AlertInfo) (out body.Severity) {
	for i := range infos {
		if s := infos[i].Severity; out == "" || gravity(s) < gravity(out) {
			out = s
		}
	}
	return out
}

// gravity orders severities, the gravest first and none last.
func gravity(s body.Severity) int {
	words := s.Words()
	if i := slices.Index(words, string(s)); i >= 0 {
		return i
	}
	return len(words)
}

// news gives what this node accepted behind an instant, and by the moment looked at, of what
// people say: the newest, the oldest of them first. Left says how many are not told.
func (d *Desk) news(m *moment, since protocol.Instant, ceiling protocol.Handling) (out []Told, left int) {
	of, left := m.board.News(m.world, since, mostNews)
	for _, h := range d.mentioned(m, of) {
		out = append(out, d.told(m, &h, ceiling))
	}
	slices.SortStableFunc(out, func(a, b Told) int { return byAcceptance(&a, &b) })
	return out, left
}

// mentioned gives the records of a world that are meant, as far as they can be read.
func (d *Desk) mentioned(m *moment, of []board.Mention) (out []Held) {
	for _, of := range of {
		if h, err := d.heldAs(of.Record, of.Digest); err == nil && board.WorldOf(&h.Record) == m.world {
			out = append(out, h)
		}
	}
	return out
}

func byAcceptance(a, b *Told) int {
	switch {
	case a.Accepted < b.Accepted:
		return -1
	case a.Accepted > b.Accepted:
		return 1
	}
	return strings.Compare(a.Record.String(), b.Record.String())
}
