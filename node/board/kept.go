package board

import (
	"cmp"

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

// KeptShown is how many of the kept records of one feed a picture shows, the last ones: an
// author who floods the network fills nobody's screen, and slows nobody's picture.
// [Board.Digest] covers all of them, the tally counts them, and [Board.Standing] tells of
// each.
const KeptShown = 200

// feedKept is the row of a feed.
type feedKept struct {
	members []*entry
	shown   []Kept
}

func foldKept(_ protocol.Feed, of []*entry) feedKept {
	out := feedKept{members: of}
	for _, e := range of[max(0, len(of)-KeptShown):] {
		out.shown = append(out.shown, keptOf(e))
	}
	return out
}

func keptOf(e *entry) Kept {
	return Kept{e.name, e.digest, e.kind, e.standing, e.why, e.time}
}

// allKept gives those too that are not shown.
func allKept(feeds []feedKept) []Kept {
	out := []Kept{}
	for i := range feeds {
		for _, e := range feeds[i].members {
			out = append(out, keptOf(e))
		}
	}
	return out
}

// compareFeeds orders feeds as [compareNames] does their records.
func compareFeeds(a, b protocol.Feed) int {
	return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic))
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
