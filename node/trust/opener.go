package trust

import (
	"cmp"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Last is what counts of the epoch before the one that an opener opens (epochs.md 1).
// Sequence 0 with the digest of that epoch's opener says that nothing does.
type Last struct {
	Unknown  bool
	Sequence uint32
	Digest   protocol.Digest
}

// Opener is what opens an epoch.
type Opener struct {
	protocol.EpochID
	Digest protocol.Digest // of the opener record, or of the charter document
	By     protocol.Name   // the opener record; zero: the charter
	Key    protocol.Key    // who signs the epoch; zero while an invitation is not taken
	Claim  protocol.Key    // of an invitation's admission: its claim key
	Counts bool            // it is the one opener of the epoch
	Waits  bool            // its epoch was opened in two ways on two branches of one feed, or its invitation taken twice
	Last   *Last           // of the epoch before; nil in epoch 1
}

// opener is an opener record that is held.
type opener struct {
	at        *ring
	opens     protocol.EpochID
	key       protocol.Key
	claim     protocol.Key
	taken     []protocol.Key // identity keys that have taken the invitation, sorted
	last      *Last
	admission *body.Admission // nil: a key record
	competent bool            // written by the one who may open this epoch
}

// candidates are the openers held of one epoch.
type candidates struct {
	// firsts are competent and have no competent opener of the epoch before them in their
	// chain: of each chain the first counts (epochs.md 2), if its chain stands.
	firsts []*opener
	rest   []*opener
}

func (c *candidates) add(o *opener) {
	if !o.competent || slices.ContainsFunc(c.firsts, func(f *opener) bool { return before(f.at, o.at) }) {
		c.rest = append(c.rest, o)
		return
	}
	// A body that was missing may come late, and with it an opener before those held.
	late := func(f *opener) bool { return before(o.at, f.at) }
	for _, f := range c.firsts {
		if late(f) {
			c.rest = append(c.rest, f)
		}
	}
	c.firsts = append(slices.DeleteFunc(c.firsts, late), o)
}

// insert takes in an opener record.
func (g *Registry) insert(o *opener, changed map[protocol.Feed]bool) {
	g.openers[o.at.digest] = o
	feed := o.opens.Feed
	if g.epochs[feed] == nil {
		g.epochs[feed] = map[uint32]*candidates{}
	}
	if g.epochs[feed][o.opens.Epoch] == nil {
		g.epochs[feed][o.opens.Epoch] = &candidates{}
	}
	g.epochs[feed][o.opens.Epoch].add(o)
	changed[feed] = true
	if o.competent {
		g.touch(feed, changed)
	}
	for _, c := range g.claims[o.at.digest] {
		g.take(o, c, changed)
	}
}

// touch names the feeds whose openers change with the trust feed that holds them.
func (g *Registry) touch(f protocol.Feed, changed map[protocol.Feed]bool) {
	changed[f] = true
	if f.Topic != protocol.Trust {
		return
	}
	for _, topic := range protocol.Topics() {
		if other := (protocol.Feed{Institution: f.Institution, Topic: topic}); len(g.epochs[other]) > 0 {
			changed[other] = true
		}
	}
}

// standing gives the openers of an epoch that count (one) or wait (several), of those
// that are records. Each is the first of its chain, and of trust epochs the first stands
// before the second.
func (g *Registry) standing(e protocol.EpochID) []*opener {
	c := g.epochs[e.Feed][e.Epoch]
	if _, ok := g.named[e.Institution]; c == nil || ok && e.Topic == protocol.Trust {
		return nil // the charter opens their trust feeds, and nothing else does
	}
	return g.firstsOf(c)
}

func (g *Registry) firstsOf(c *candidates) []*opener {
	var out []*opener
	for _, o := range c.firsts {
		if !g.stands(o.at.branch) || len(out) > 0 && out[0].at.Epoch < o.at.Epoch {
			continue
		}
		if len(out) > 0 && o.at.Epoch < out[0].at.Epoch {
			out = out[:0]
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *opener) int { return compareRings(a.at, b.at) })
	return out
}

// stands reports whether a branch of a trust feed hangs on an opener that stands, and is
// signed by the key of that opener. What a fork has stopped stands too: it stops nobody
// else (epochs.md 12).
func (g *Registry) stands(b *branch) bool {
	if key, ok := g.named[b.Institution]; ok {
		return b.Epoch == 1 && b.root == g.digest && b.key == key
	}
	return slices.ContainsFunc(g.standing(b.EpochID), func(o *opener) bool {
		return o.at.digest == b.root && (o.key == b.key && !b.key.IsZero() || slices.Contains(o.taken, b.key))
	})
}

// Openers gives every opener held of an epoch: the one that counts first, or those that
// wait, then those that open nothing, by position. An invitation that was taken twice,
// with two keys, is listed once for each key.
func (g *Registry) Openers(e protocol.EpochID) []Opener {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.list(e)
}

func (g *Registry) list(e protocol.EpochID) []Opener {
	var out []Opener
	if o, ok := g.charterOpener(e); ok {
		out = append(out, o)
	}
	standing := g.standing(e)
	for _, o := range standing {
		out = append(out, o.exported(len(standing))...)
	}
	c := g.epochs[e.Feed][e.Epoch]
	if c == nil {
		return out
	}
	others := slices.Concat(c.firsts, c.rest)
	others = slices.DeleteFunc(others, func(o *opener) bool { return slices.Contains(standing, o) })
	slices.SortFunc(others, func(a, b *opener) int { return compareRings(a.at, b.at) })
	for _, o := range others {
		out = append(out, o.exported(0)...)
	}
	return out
}

// charterOpener gives the opener that the charter is, for the trust feeds of stewards and
// registrars.
func (g *Registry) charterOpener(e protocol.EpochID) (Opener, bool) {
	key, ok := g.named[e.Institution]
	return Opener{EpochID: e, Digest: g.digest, Key: key, Counts: true}, ok && e.Topic == protocol.Trust && e.Epoch == 1
}

// exported gives what callers see of one of n standing openers of its epoch; of none for
// one that doesn't stand.
func (o *opener) exported(n int) []Opener {
	out := Opener{EpochID: o.opens, Digest: o.at.digest, By: o.name(), Key: o.key, Claim: o.claim}
	if o.last != nil {
		last := *o.last
		out.Last = &last
	}
	keys := o.taken
	if len(keys) == 0 {
		keys = []protocol.Key{o.key}
	}
	all := make([]Opener, 0, len(keys))
	for _, key := range keys {
		out.Key = key
		out.Counts = n == 1 && len(keys) == 1
		out.Waits = n > 0 && !out.Counts
		all = append(all, out)
	}
	return all
}

func (o *opener) name() protocol.Name {
	return protocol.Name{
		Institution: o.at.Institution,
		Position:    protocol.Position{Topic: protocol.Trust, Epoch: o.at.Epoch, Sequence: o.at.sequence},
	}
}

// Current gives the opener of the newest epoch of a feed that has one, and false if there
// is none or if that epoch waits. Its Key is zero while an invitation is not taken.
func (g *Registry) Current(f protocol.Feed) (Opener, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.current(f)
}

func (g *Registry) current(f protocol.Feed) (Opener, bool) {
	if o, ok := g.charterOpener(protocol.EpochID{Feed: f, Epoch: 1}); ok {
		return o, true
	}
	standing := g.newestEpoch(f)
	if len(standing) == 0 {
		return Opener{}, false
	}
	o := standing[0].exported(len(standing))[0]
	return o, o.Counts
}

// newestEpoch gives the standing openers of the newest epoch that has any.
func (g *Registry) newestEpoch(f protocol.Feed) []*opener {
	for _, epoch := range slices.Backward(slices.Sorted(maps.Keys(g.epochs[f]))) {
		if standing := g.standing(protocol.EpochID{Feed: f, Epoch: epoch}); len(standing) > 0 {
			return standing
		}
	}
	return nil
}

// Wanted reports whether a node wants a feed: an opener of one of its epochs stands. An
// opener by somebody who may not open it makes nothing wanted, so that nobody can have a
// stranger's records carried.
func (g *Registry) Wanted(f protocol.Feed) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	_, named := g.charterOpener(protocol.EpochID{Feed: f, Epoch: 1})
	return named || len(g.newestEpoch(f)) > 0
}

func sortedFeeds(set map[protocol.Feed]bool) []protocol.Feed {
	return slices.SortedFunc(maps.Keys(set), func(a, b protocol.Feed) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic))
	})
}
