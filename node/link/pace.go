package link

import (
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// How long a comparison waits at first and at most before the next.
const (
	compareBackoff = 200 * time.Millisecond
	compareMost    = time.Minute
	// compareShare is how many times as long as the comparison before it took the next one
	// waits: on a slow line the rows of thousands of feeds take at most a tenth of it.
	compareShare = 9
)

// found is what a comparison found.
type found struct {
	lacks    []stretch // behind the cursors: it is sent again
	underWay bool      // something differs that is on its way
}

// pace is how soon groups are compared again. The two waits are apart: on a busy line
// something is always under way, and no two comparisons are equal; what a peer refused or
// forgot would be looked for once a minute.
type pace struct {
	asked    time.Duration // where something asks for it
	underWay time.Duration // where nothing does, and something is under way
	lacked   map[lacking]bool
}

// lacking is where a stretch begins that a peer lacks.
type lacking struct {
	protocol.EpochID
	from uint32
}

// after takes what a comparison found, and how long it took. What was found lacking twice
// from the same record on was sent again in vain, or is on its way: it slows the next
// comparison, until none such is found.
func (c *pace) after(f found, took time.Duration) {
	lacked := make(map[lacking]bool, len(f.lacks))
	stuck := false
	for _, s := range f.lacks {
		k := lacking{s.EpochID, s.from}
		lacked[k], stuck = true, stuck || c.lacked[k]
	}
	c.lacked = lacked
	least := min(max(compareBackoff, compareShare*took), compareMost)
	c.asked = max(grown(c.asked, stuck), least)
	c.underWay = max(grown(c.underWay, f.underWay), least)
}

// grown doubles a wait while its reason lasts, and begins it anew where it is gone.
func grown(wait time.Duration, lasts bool) time.Duration {
	if !lasts {
		return compareBackoff
	}
	return min(max(2*wait, 2*compareBackoff), compareMost)
}
