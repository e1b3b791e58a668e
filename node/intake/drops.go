package intake

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/bits"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Drop counts what a peer sent and was not kept, by one rule that it broke.
type Drop struct {
	Records int              `json:"records"`
	First   protocol.Instant `json:"first"` // by this node's clock, as Last
	Last    protocol.Instant `json:"last"`
}

// MaxDropPeers bounds for how many peers drops are counted apart, in memory and in the
// archive. Links are agreed on one by one, so that nobody comes near it; the rest is
// counted under the empty ID.
const MaxDropPeers = 10_000

// dropKey is whose drops by which rule.
type dropKey struct {
	peer protocol.InstitutionID
	rule string
}

// Where drops are kept: since when, and a value for each peer and rule.
const (
	dropsBucket = "drops"
	sinceKey    = "since"
	ruleMark    = "/" // between peer and rule, and in neither
)

func (k dropKey) text() []byte { return []byte(string(k.peer) + ruleMark + k.rule) }

// dropsEvery is how long what is dropped waits, at most, until the archive has its count: a
// peer that sends nothing else costs a transaction in so long, and a cut of the power the
// counts of so long.
const dropsEvery = 10 * time.Second

// Drops gives, for each peer, what of it broke which rule since [Intake.DropsSince], over
// all starts of a node that was told to stop; of one that lost its power without the last
// seconds, and without what was dropped where [Intake.Run] did not run, as while joining: the
// names of protocol.RuleName, and wrong_key, not_wanted, claim, body_needed,
// no_opener and beacon_ahead for the rules that are not of the grammar.
func (i *Intake) Drops() map[protocol.InstitutionID]map[string]Drop {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	out := make(map[protocol.InstitutionID]map[string]Drop, len(i.tally.drops))
	for peer, rules := range i.tally.drops {
		out[peer] = maps.Clone(rules)
	}
	return out
}

// DropsSince is from when on drops are counted: when the archive was first run by a program
// that keeps their counts.
func (i *Intake) DropsSince() protocol.Instant {
	i.tally.mu.Lock()
	defer i.tally.mu.Unlock()
	return i.tally.since
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

// drop counts what a peer sent and is not kept: nothing of it remains but the counter,
// which [Intake.Run] writes down soon.
// The log hears of the first of a kind, then of every doubling, so that no peer can fill
// the disk with it.
func (i *Intake) drop(peer protocol.InstitutionID, records int, reason error) {
	rule, at := ruleOf(reason), protocol.InstantOf(i.o.Clock())
	before, now := i.tally.drop(peer, rule, records, at)
	if bits.Len(uint(now)) > bits.Len(uint(before)) { //nolint:gosec // never negative
		i.log.Warn("records dropped", "peer", peer, "rule", rule, "count", now, "err", reason)
	}
	i.wakeDrops()
}

// drop gives the count before and after.
func (t *tally) drop(peer protocol.InstitutionID, rule string, records int, at protocol.Instant) (before, now int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Dropped += records
	if t.drops[peer] == nil && len(t.drops) >= MaxDropPeers {
		peer = ""
	}
	if t.drops[peer] == nil {
		t.drops[peer] = map[string]Drop{}
	}
	d := t.drops[peer][rule]
	if before = d.Records; before == 0 {
		d.First = at
	}
	d.Records, d.Last = d.Records+records, at
	t.drops[peer][rule], t.fresh[dropKey{peer, rule}] = d, d
	return before, d.Records
}

// runDrops writes down what is dropped until ctx ends: the first at once, what comes behind
// it a while later.
func (i *Intake) runDrops(ctx context.Context) {
	if err := i.beginDrops(ctx); err != nil && ctx.Err() == nil {
		i.log.WarnContext(ctx, "not written down since when drops are counted", "err", err)
	}
	for {
		select {
		case <-i.dropped:
		case <-ctx.Done():
			return
		}
		i.keepDrops(ctx)
		select {
		case <-time.After(dropsEvery):
		case <-ctx.Done():
			return
		}
	}
}

// keepDrops writes the counts that the archive lacks. What it can't write it logs and leaves to
// the next time.
func (i *Intake) keepDrops(ctx context.Context) {
	t := &i.tally
	t.mu.Lock()
	fresh := t.fresh
	t.fresh = map[dropKey]Drop{}
	t.mu.Unlock()
	for k, d := range fresh {
		text, err := json.Marshal(d)
		if err == nil {
			err = i.o.Store.Private(dropsBucket).Put(ctx, k.text(), text)
		}
		if err == nil {
			delete(fresh, k)
			continue
		}
		t.mu.Lock()
		maps.Copy(fresh, t.fresh) // newer
		t.fresh = fresh
		t.mu.Unlock()
		if ctx.Err() == nil {
			i.log.WarnContext(ctx, "counts of what was dropped not written down, will be tried again", "err", err)
			i.wakeDrops()
		}
		return
	}
}

func (i *Intake) wakeDrops() {
	select {
	case i.dropped <- struct{}{}:
	default: // it will be looked at already
	}
}

// beginDrops notes from when on drops are counted, if nobody has.
func (i *Intake) beginDrops(ctx context.Context) error {
	b := i.o.Store.Private(dropsBucket)
	if _, ok, err := b.Get([]byte(sinceKey)); ok || err != nil {
		return err
	}
	text, err := json.Marshal(i.DropsSince())
	if err == nil {
		err = b.Put(ctx, []byte(sinceKey), text)
	}
	return err
}

// loadDrops takes up the counts that the archive holds.
func (i *Intake) loadDrops(ctx context.Context) error {
	t := &i.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since = protocol.InstantOf(i.o.Clock())
	for entry, err := range i.o.Store.Private(dropsBucket).Each(ctx, nil) {
		if err != nil {
			return err
		}
		peer, rule, counted := strings.Cut(string(entry[0]), ruleMark)
		if !counted {
			if err := json.Unmarshal(entry[1], &t.since); err != nil {
				return err
			}
			continue
		}
		var d Drop
		if err := json.Unmarshal(entry[1], &d); err != nil {
			return err
		}
		id := protocol.InstitutionID(peer)
		if t.drops[id] == nil {
			t.drops[id] = map[string]Drop{}
		}
		t.drops[id][rule] = d
	}
	return nil
}
