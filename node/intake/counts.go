package intake

import (
	"errors"
	"maps"
	"math/bits"
	"sync"

	"github.com/vardar-network/vardar/node/trust"
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

// MaxDropPeers bounds for how many peers drops are counted apart. Links are agreed on
// one by one, so that nobody comes near it; the rest is counted under the empty ID.
const MaxDropPeers = 10_000

// tally keeps the counters.
type tally struct {
	mu     sync.Mutex // guards what follows
	counts Counts
	drops  map[protocol.InstitutionID]map[string]int
}

// Counts gives the events so far.
func (i *Intake) Counts() Counts {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	return i.tally.counts
}

// Drops gives, for each peer, how many records of what it sent broke which rule: the
// names of protocol.RuleName, and wrong_key, not_wanted, claim, body_needed,
// no_opener and beacon_ahead for the rules that are not of the grammar.
func (i *Intake) Drops() map[protocol.InstitutionID]map[string]int {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	out := make(map[protocol.InstitutionID]map[string]int, len(i.tally.drops))
	for peer, rules := range i.tally.drops {
		out[peer] = maps.Clone(rules)
	}
	return out
}

func (i *Intake) count(change func(*Counts)) {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	change(&i.tally.counts)
}

// ruleOf gives the stable name of the rule that foreign bytes broke.
func ruleOf(reason error) string {
	for _, own := range []struct {
		err  error
		name string
	}{
		{errWrongKey, "wrong_key"},
		{errNotWanted, "not_wanted"},
		{trust.ErrWrongKey, "wrong_key"},
		{trust.ErrClaim, "claim"},
		{trust.ErrNoBody, "body_needed"},
		{trust.ErrNoOpener, "no_opener"},
		{ErrBeaconAhead, "beacon_ahead"},
	} {
		if errors.Is(reason, own.err) {
			return own.name
		}
	}
	if rule := protocol.RuleName(reason); rule != "" {
		return rule
	}
	return "other"
}

// drop counts what a peer sent and is not kept: nothing of it remains but the counter.
// The log hears of the first of a kind, then of every doubling, so that no peer can fill
// the disk with it.
func (i *Intake) drop(peer protocol.InstitutionID, records int, reason error) {
	rule := ruleOf(reason)
	t := &i.tally
	t.mu.Lock()
	t.counts.Dropped += records
	if t.drops[peer] == nil && len(t.drops) >= MaxDropPeers {
		peer = ""
	}
	if t.drops[peer] == nil {
		t.drops[peer] = map[string]int{}
	}
	before := t.drops[peer][rule]
	now := before + records
	t.drops[peer][rule] = now
	t.mu.Unlock()
	if bits.Len(uint(now)) > bits.Len(uint(before)) { //nolint:gosec // never negative
		i.log.Warn("records dropped", "peer", peer, "rule", rule, "count", now, "err", reason)
	}
}
