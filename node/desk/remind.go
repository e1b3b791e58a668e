package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// reminder is what everybody is reminded by: a question whose reading is wanted.
func reminder(words string, whom ...protocol.InstitutionID) map[string]any {
	to := make([]any, len(whom))
	for i, id := range whom {
		to[i] = string(id)
	}
	return map[string]any{"to": to, "kind": string(body.Question), "text": words, "acknowledge": true}
}

// RemindRequest says who is asked for what of a kind is overdue of it.
type RemindRequest struct {
	As          protocol.InstitutionID `json:"as,omitempty"`     // default: the node's first institution
	Institution protocol.InstitutionID `json:"institution"`      // who is late
	Kind        string                 `json:"kind"`             // report, capacity …, or a whole type
	Reason      string                 `json:"reason,omitempty"` // the text of the reminder; default: what is awaited, and since when
	DryRun      bool                   `json:"dry_run,omitempty"`
	Wait        int                    `json:"wait,omitempty"`
	WaitMS      int                    `json:"wait_ms,omitempty"`

	Words func(since protocol.Instant) string `json:"-"` // of a page, in its language: instead of the default
}

// words are those of a reminder of what is due since then; 0: of what was never heard.
func (r *RemindRequest) words(recordType string, since protocol.Instant) string {
	switch {
	case r.Reason != "":
		return r.Reason
	case r.Words != nil:
		return r.Words(since)
	case since == 0:
		return fmt.Sprintf("Please send your %s: we have never had one of you.", shortName(recordType))
	}
	return fmt.Sprintf("Please send your %s: it is due since %s.", shortName(recordType), inUTC(since))
}

// inUTC writes a moment for readers in any zone.
func inUTC(i protocol.Instant) string { return i.Time().UTC().Format(hourLayout) + " UTC" }

// Remind asks an institution for what of a kind is overdue of it, by a note that says since when it is
// due: of several, the longest, in UTC, since who reads it may be in another zone. The
// problem is [Refused] for no member, for one of whom nothing of the kind is late, and for who would remind itself.
func (d *Desk) Remind(ctx context.Context, r RemindRequest) (Published, error) {
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Published{}, err
	}
	recordType, err := typeOf(r.Kind, 0)
	if err != nil {
		return Published{}, err
	}
	if err = d.stranger("institution", r.Institution); err != nil {
		return Published{}, err
	}
	m, err := d.moment(ctx, 0)
	if err != nil {
		return Published{}, err
	}
	late := slices.DeleteFunc(slices.Clone(m.view.Due), func(row DueRow) bool {
		return row.Institution != r.Institution || row.Kind != recordType || !remindable(as, &row)
	})
	if len(late) == 0 {
		return Published{}, problem(Refused, "vardar list due", "nothing of that kind is overdue of %s for you to remind it of", r.Institution)
	}
	longest := slices.MinFunc(late, func(a, b DueRow) int { return cmp.Compare(a.DueAt, b.DueAt) })
	doc, err := json.Marshal(reminder(r.words(recordType, longest.DueAt), r.Institution))
	if err != nil {
		return Published{}, failure(err)
	}
	return d.Publish(ctx, Request{As: as, Kind: "note", Body: doc, DryRun: r.DryRun, Wait: r.Wait, WaitMS: r.WaitMS})
}

// remindable reports whether an institution may remind another of what is due: it is late, and not
// its own.
func remindable(as protocol.InstitutionID, r *DueRow) bool {
	return late(r.State) && r.Institution != as
}

// Reminds reports whether [Desk.Remind] lets an institution remind another of a row.
func (Reporting) Reminds(as protocol.InstitutionID, r DueRow) bool { return remindable(as, &r) } //nolint:gocritic // a template gives values

// reminded gives when who asks in a consultation last reminded those whom it asked, by name. A
// reminder whose body is not here names nobody.
func (d *Desk) reminded(v *board.View, c *board.Consultation) map[protocol.InstitutionID]protocol.Instant {
	out := map[protocol.InstitutionID]protocol.Instant{}
	for i := range v.Notes {
		n := &v.Notes[i]
		if n.Thread != c.Record || n.Institution != c.Institution || n.Kind != body.Question || !n.Acknowledge {
			continue
		}
		h, err := d.heldAs(n.Record, n.Digest)
		if err != nil {
			continue
		}
		said, err := body.Parse(h.Type, h.Body)
		if err != nil {
			continue
		}
		for _, to := range said.Base().To {
			if id, one := to.Institution(); one {
				out[id] = max(out[id], n.AuthorTime)
			}
		}
	}
	return out
}

// reminding composes the reminder of a consultation: by who asks, to those who are silent, while
// they can answer.
func (a *answer) reminding() (recordType string, doc map[string]any, err error) {
	c := a.d.questionOf(board.WorldOf(&a.to.Record), a.to.Name, a.to.Digest)
	next := "vardar show " + a.to.String()
	switch {
	case c == nil:
		return "", nil, problem(Refused, "vardar list consultations", "%s is no consultation that counts here: nobody is reminded of it", a.to.Name)
	case c.Institution != a.as:
		return "", nil, problem(NotPermitted, next, "%s asked: only it reminds", c.Institution)
	case c.State != board.ConsultationOpen:
		return "", nil, problem(Refused, next, "this consultation is not open: nobody can answer it now")
	}
	for i, id := range a.r.To {
		if !slices.Contains(c.Silent, id) {
			return "", nil, &Problem{Kind: Refused, Field: fmt.Sprintf("to.%d", i), Detail: fmt.Sprintf("%s is none of those who were asked and are silent", id), Mend: "name one of them, or nobody for all", Next: next}
		}
	}
	whom := a.r.To
	if len(whom) == 0 {
		whom = c.Silent
	}
	if len(whom) == 0 {
		return "", nil, problem(Refused, next, "all who were asked have answered")
	}
	words := a.r.Reason
	if words == "" {
		words = fmt.Sprintf("Please answer until %s: %s", inUTC(c.ClosesAt), short(c.Question))
	}
	doc = reminder(words, whom...)
	doc["thread"], doc["refs"] = c.Record.String(), a.refs(body.RelAbout)
	return body.TypeNote(protocol.Policy), doc, nil
}
