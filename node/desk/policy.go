package desk

import (
	"context"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Policy is what is asked of whom, as one institution sees it.
type Policy struct {
	As       protocol.InstitutionID
	Sections []PolicySection // those in which something stands
	MayAsk   bool
	Groups   []string     // of the charter, that can be asked
	Projects []ProjectRow // what waits for a word first
	Joined   []ProjectRow // those of which As is a partner, and that are not over
	Past     bool
}

// PolicySection is what has come equally far.
type PolicySection struct {
	Word string // SectionDue, or the state of its consultations
	Rows []ConsultationRow
}

// SectionDue is what the institution itself owes.
const SectionDue = "due"

// Policy gathers the consultations as this node knew them at an instant; zero: now. What the
// institution owes stands first, and what closes first before the rest.
func (d *Desk) Policy(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Policy, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Policy{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Policy{}, err
	}
	out := Policy{As: as, MayAsk: d.o.Trust.May(as, body.TypeConsultation), Past: m.past}
	for name := range maps.Keys(d.o.Trust.Charter().Groups) {
		out.Groups = append(out.Groups, name)
	}
	slices.Sort(out.Groups)
	out.Projects = d.projects(&m.view)
	out.Joined = joined(out.Projects, as)
	of := map[string][]ConsultationRow{}
	for _, row := range d.consultations(&m.view) {
		word := string(row.State)
		if !m.past && slices.Contains(row.OwedBy, as) {
			word = SectionDue
		}
		of[word] = append(of[word], row)
	}
	for _, word := range []string{
		SectionDue, string(board.ConsultationOpen), string(board.ConsultationClosed), string(board.ConsultationAhead),
		string(board.ConsultationConcluded), string(board.ConsultationWithdrawn), string(board.ConsultationErased),
	} {
		if rows := of[word]; len(rows) > 0 {
			out.Sections = append(out.Sections, PolicySection{word, rows})
		}
	}
	return out, nil
}

// hearingWith finds the consultation that a record asks, answers or concludes; zero: none.
func hearingWith(v *board.View, n protocol.Name) protocol.Name {
	for i := range v.Consultations {
		c := &v.Consultations[i]
		if c.Record == n ||
			slices.ContainsFunc(c.Answers, func(a board.ConsultationAnswer) bool { return a.Record == n }) ||
			c.Decides(n) || slices.ContainsFunc(c.Undone, func(h board.Decided) bool { return h.Record == n }) ||
			slices.ContainsFunc(c.Ignored, func(o board.IgnoredOutcome) bool { return o.Record == n }) {
			return c.Record
		}
	}
	return protocol.Name{}
}
