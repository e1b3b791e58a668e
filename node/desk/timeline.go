package desk

import (
	"context"
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

// news gives what this node accepted since an instant, and by the moment looked at, of what
// people say: the oldest first. It leaves out other worlds, and acknowledgements, which stand
// beside what they are of.
func (d *Desk) news(ctx context.Context, m *moment, since protocol.Instant, ceiling protocol.Handling) ([]Told, error) {
	var out []Told
	for _, t := range body.Types() {
		if !findable(t) {
			continue
		}
		for h, err := range d.o.Archive.Records(ctx, t, since) {
			if err != nil {
				d.log.ErrorContext(ctx, "record not readable", "err", err)
				continue
			}
			if board.WorldOf(&h.Record) != m.world || h.Accepted <= since || h.Accepted > m.at && m.past {
				continue
			}
			out = append(out, d.told(m, &h, ceiling))
		}
	}
	slices.SortStableFunc(out, func(a, b Told) int { return byAcceptance(&a, &b) })
	return out, ctx.Err()
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
