package intake

import (
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// Counts are the events since the node started, in records but for Forks,
// Chunks and Commits.
type Counts struct {
	Accepted, Known, Parked, Dropped, Unwanted, Deferred int
	Failed                                               int // not taken by our own fault, such as a damaged record
	Forks                                                int // answers that said fork
	Published, Chunks, Verified                          int
	Erased                                               int // bodies let go, since an erasure came into force
	LetGo                                                int // bodies let go, since their days were over
	Commits                                              int // transactions of what peers sent
	Told                                                 int // records that the board was told of, and LOG was given
	Restood                                              int // records that the board was told of anew, since news changed how they stand
}

// tally keeps the counters.
type tally struct {
	mu     sync.Mutex // guards what follows
	counts Counts
	drops  map[protocol.InstitutionID]map[string]Drop
	since  protocol.Instant // from when on drops are counted
	fresh  map[dropKey]Drop // those of them that the archive lacks
}

// Counts gives the events so far.
func (i *Intake) Counts() Counts {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	return i.tally.counts
}

func (i *Intake) count(change func(*Counts)) {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	change(&i.tally.counts)
}
