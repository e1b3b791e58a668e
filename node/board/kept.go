package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Kept is a record that is kept and shown, and out of figures.
type Kept struct {
	Record     protocol.Name    `json:"record"`
	Digest     protocol.Digest  `json:"digest"`
	Type       string           `json:"type"`
	Standing   Standing         `json:"standing"`
	Reason     string           `json:"reason,omitempty"`
	AuthorTime protocol.Instant `json:"author_time"`
}

func (w *world) keptRows() []Kept {
	out := make([]Kept, 0, len(w.kept))
	for e := range w.kept {
		out = append(out, Kept{e.name, e.digest, e.kind, e.standing, e.why, e.time})
	}
	slices.SortFunc(out, func(a, b Kept) int { return compareRows(a.Record, b.Record, a.Digest, b.Digest) })
	return out
}

// Tally counts records by standing.
type Tally struct {
	Records      int `json:"records"`
	Counts       int `json:"counts"`
	Stopped      int `json:"stopped"`
	Void         int `json:"void"`
	Beyond       int `json:"beyond_competence"`
	Unreadable   int `json:"unreadable"`
	NeedsNewer   int `json:"needs_newer"`
	NoBody       int `json:"no_body"`
	Sealed       int `json:"sealed"`
	Retracted    int `json:"retracted"`
	Replaced     int `json:"replaced"`
	Ignored      int `json:"ignored"`
	NewerMembers int `json:"newer_members"` // records that count and have members of a newer version, which are ignored
}

func (w *world) tally() Tally {
	n := w.standings
	t := Tally{
		Counts: n[Counts], Stopped: n[Stopped], Void: n[Void], Beyond: n[BeyondCompetence], Unreadable: n[Unreadable],
		NeedsNewer: n[NeedsNewer], NoBody: n[NoBody], Sealed: n[Sealed], Retracted: n[Retracted],
		Replaced: n[Replaced], Ignored: n[Ignored], NewerMembers: w.newer,
	}
	for _, of := range n {
		t.Records += of
	}
	return t
}
