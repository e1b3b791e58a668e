package desk

import (
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// noBody says why a record's body is not here: who erased it, by what it was let go, or that
// it is withheld or missing.
func (d *Desk) noBody(h *Held) string {
	why := h.BodyState.String()
	if s, said := d.o.Board.Standing(h.Digest); s == board.NoBody && h.BodyState == protocol.BodyErased {
		why = said
	}
	return d.goneBy(h.Type, min(h.Time, h.Accepted), why)
}

// goneBy adds to what the picture says of a body what it can't know: by which version of
// the charter it was let go, if nobody erased it.
func (d *Desk) goneBy(recordType string, written protocol.Instant, why string) string {
	if why == protocol.BodyErased.String() {
		if r, ok := d.o.Trust.WhyLetGo(recordType, written, d.now()); ok {
			return r.String()
		}
	}
	return why
}

// keptRows says of the rows of a list why bodies are not here.
func (d *Desk) keptRows(rows []KeptRow) {
	for i := range rows {
		if r := &rows[i]; r.Standing == board.NoBody {
			r.Reason = d.goneBy(r.Type, r.AuthorTime, r.Reason)
		}
	}
}

// retention takes over after how many days bodies are let go. A type that would change
// nothing, mistyped or one whose bodies are for ever, is refused.
func (d *drafting) retention(days map[string]int) error {
	types := slices.DeleteFunc(body.Types(), trust.Kept)
	for _, topic := range protocol.Topics() {
		if topic != protocol.Trust {
			types = append(types, protocol.SealedType(topic))
		}
	}
	for kind, n := range days {
		p := &Problem{Kind: Usage, Field: "retention_days." + kind, Next: "vardar member charter draft --help"}
		_, err := protocol.TypeTopic(kind)
		switch {
		case n == 0:
			delete(d.RetentionDays, kind)
			continue
		case err == nil && trust.Kept(kind):
			p.Detail, p.Mend = kind+" is kept for ever: who may speak, and who took what back, must stay to be seen", "leave it out"
			return p
		case !slices.Contains(types, kind):
			p.Detail, p.Mend = "no kind is called "+quoted(kind), "want a whole type, such as vardar.situation.report.v1"
			if near := body.Nearest(kind, types); near != "" {
				p.Mend = "did you mean " + near + "?"
			}
			return p
		}
		d.RetentionDays[kind] = n
	}
	return nil
}
