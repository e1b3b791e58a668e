package desk

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mostNotes bounds how many notes a page shows unfolded: what else waits stands below them.
const mostNotes = 7

// unread gives the notes whose authors want to know that they were read, and which an
// institution to which they are has not read.
func (d *Desk) unread(m *moment, as protocol.InstitutionID, ceiling protocol.Handling) []Told {
	var out []Told
	for i := range m.view.Notes {
		n := &m.view.Notes[i]
		read := slices.ContainsFunc(m.view.Acknowledgements, func(a board.Acknowledgement) bool {
			return a.OfDigest == n.Digest && a.Institution == as && a.State != body.Received
		})
		if !n.Acknowledge || n.Institution == as || read {
			continue
		}
		h, err := d.held(n.Record)
		if err != nil {
			continue
		}
		b, err := body.Parse(h.Type, h.Body)
		if err == nil && (len(b.Base().To) == 0 || slices.Contains(d.addressed(b.Base().To), as)) {
			out = append(out, d.told(m, &h, ceiling))
		}
	}
	return out
}

// newestOfEach parts notes into the newest of each thread, as many as a page shows, and the rest;
// both the newest first.
func newestOfEach(notes []Told) (newest, more []Told) {
	slices.SortStableFunc(notes, func(a, b Told) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), cmp.Compare(b.Record.Sequence, a.Record.Sequence), cmp.Compare(a.Record.String(), b.Record.String()))
	})
	seen := map[protocol.Name]bool{}
	for i := range notes {
		n := &notes[i]
		of := n.Record // a thread of its own
		switch {
		case !n.Incident.IsZero():
			of = n.Incident
		case !n.Thread.IsZero():
			of = n.Thread
		}
		if seen[of] || len(newest) == mostNotes {
			more = append(more, *n)
			continue
		}
		seen[of] = true
		newest = append(newest, *n)
	}
	return newest, more
}
