package trust

import (
	"cmp"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Last is what counts of an epoch (epochs.md 1).
type Last = protocol.Last

// Opener is what opens an epoch.
type Opener struct {
	protocol.EpochID
	Digest protocol.Digest // of the opener record, or of the charter document
	By     protocol.Name   // the opener record; zero: the charter
	Key    protocol.Key    // who signs the epoch; zero while an invitation is not taken
	Claim  protocol.Key    // of an invitation's admission: its claim key
	Counts bool            // it is the one opener of the epoch
	Waits  bool            // its epoch was opened in two ways on two branches of one feed, or its invitation taken twice
	Closes bool            // it puts the member out: no key signs the epoch
	Last   *Last           // of the epoch before, as it said first; nil in epoch 1
}

// opener is an opener that is held: a record, or an entry of a charter.
type opener struct {
	at        *ring    // nil: a charter's
	version   *version // of a charter's: the first that names the epoch and key
	opens     protocol.EpochID
	key       protocol.Key
	claim     protocol.Key
	taken     []protocol.Key // identity keys that have taken the invitation, sorted
	last      *Last
	admission *body.Admission // nil: a key record, or a charter
	foreign   bool            // an admission to another network
}

func (o *opener) digest() protocol.Digest {
	if o.at == nil {
		return o.version.Digest
	}
	return o.at.digest
}

func (o *opener) closes() bool { return o.admission != nil && o.admission.Closes() }

// signs reports whether the epoch is the key's to sign.
func (o *opener) signs(key protocol.Key) bool {
	return !key.IsZero() && (o.key == key || slices.Contains(o.taken, key))
}

// candidates are the openers held of one epoch.
type candidates struct {
	// firsts have no opener of the epoch before them in their chain: of each chain the
	// first counts (epochs.md 2), if it stands. The rest can state last again.
	firsts []*opener
	rest   []*opener
	// stated are all of them by what they state, of each branch in order; nil for a single one.
	stated map[stating]map[*branch][]*opener
}

func (c *candidates) add(o *opener) {
	if c.stated == nil && len(c.firsts)+len(c.rest) > 0 {
		c.stated = map[stating]map[*branch][]*opener{}
		for _, other := range slices.Concat(c.firsts, c.rest) {
			c.state(other)
		}
	}
	if c.stated != nil {
		c.state(o)
	}
	if o.foreign || slices.ContainsFunc(c.firsts, func(f *opener) bool { return before(f.at, o.at) }) {
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

func (c *candidates) state(o *opener) {
	if o.foreign {
		return
	}
	what := o.stating()
	if c.stated[what] == nil {
		c.stated[what] = map[*branch][]*opener{}
	}
	of := c.stated[what][o.at.branch]
	at, _ := slices.BinarySearchFunc(of, o, func(a, b *opener) int { return cmp.Compare(a.at.sequence, b.at.sequence) })
	c.stated[what][o.at.branch] = slices.Insert(of, at, o)
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
	if o.last != nil {
		g.awaited[o.last.Digest] = true
	}
	g.touch(feed, changed)
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
	if g.registrars[f.Institution] {
		g.touchAll(changed)
		return
	}
	for _, topic := range protocol.Topics() {
		if other := (protocol.Feed{Institution: f.Institution, Topic: topic}); len(g.epochs[other]) > 0 {
			changed[other] = true
		}
	}
}

func (g *Registry) touchAll(changed map[protocol.Feed]bool) {
	for f := range g.epochs {
		changed[f] = true
	}
	for e := range g.entries {
		changed[e.Feed] = true
	}
}

// standing gives the openers of an epoch that count (one) or wait (several).
func (g *Registry) standing(e protocol.EpochID) []*opener {
	entry := g.entries[e]
	if entry == nil {
		if now, ok := g.named[e.Institution]; ok && e.Topic == protocol.Trust && e.Epoch > now.Epoch {
			return nil // while the charter names it, nobody else opens its next epoch
		}
		return g.firstsOf(g.epochs[e.Feed][e.Epoch])
	}
	// An admission for the key that a later version names opened the epoch before it: the
	// chain says on which of them it hangs. The key is the charter's word in any case.
	aliases := g.aliases(e, entry)
	if len(aliases) == 0 {
		return []*opener{entry}
	}
	var begun []*opener
	for _, o := range append([]*opener{entry}, aliases...) {
		hangs := func(b *branch) bool { return b.EpochID == e && b.root == o.digest() && b.key == entry.key }
		if slices.ContainsFunc(g.branches[e.Institution], hangs) {
			begun = append(begun, o)
		}
	}
	if len(begun) == 0 {
		return []*opener{entry}
	}
	return begun
}

// aliases gives the admissions held of an epoch for the key that a later version of the
// charter names for it.
func (g *Registry) aliases(e protocol.EpochID, entry *opener) []*opener {
	c := g.epochs[e.Feed][e.Epoch]
	if c == nil || entry.version.number == 0 {
		return nil
	}
	out := slices.DeleteFunc(slices.Concat(c.firsts, c.rest), func(o *opener) bool { return o.foreign || !o.signs(entry.key) })
	slices.SortFunc(out, func(a, b *opener) int { return compareRings(a.at, b.at) })
	return out
}

// firstsOf gives those of an epoch's firsts that stand and come before the others: of the
// earlier registrar before its successor's, of the author's earlier epoch before its
// later. Several on branches of one feed wait.
func (g *Registry) firstsOf(c *candidates) []*opener {
	if c == nil {
		return nil
	}
	var out []*opener
	var first order
	for _, o := range c.firsts {
		at, ok := g.order(o)
		if !ok || len(out) > 0 && first.before(at) {
			continue
		}
		if len(out) == 0 || at.before(first) {
			out, first = out[:0], at
		}
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b *opener) int { return compareRings(a.at, b.at) })
	return out
}

// order says when an opener was written, as far as its author's chain tells.
type order struct {
	tenure int // in which of the registrars' tenures; 0 for key records
	epoch  uint32
}

func (a order) before(b order) bool {
	return cmp.Or(a.tenure-b.tenure, cmp.Compare(a.epoch, b.epoch)) < 0
}

// order gives it for an opener record that its author might write and that is not void.
//
// What voids an admission is the charter's word alone, since only the charter opens the
// epochs of registrars; a member's own records are void by what its registrar states. So
// no admission can be asked about itself.
func (g *Registry) order(o *opener) (order, bool) {
	at, ok := g.written(o)
	return at, ok && g.stands(o.at.branch) && !g.ends(o).voids(o.at)
}

// written says when an opener was written, and whether its author might write it.
func (g *Registry) written(o *opener) (order, bool) {
	at := order{epoch: o.at.Epoch}
	if o.admission == nil {
		return at, true
	}
	var ok bool
	at.tenure, ok = g.tenureOf(o)
	return at, ok && !o.foreign
}

// ends gives where the epoch ends in which an opener was written.
func (g *Registry) ends(o *opener) cut {
	if o.admission == nil {
		return g.cutOf(o.at.EpochID)
	}
	if l, stated := g.charterLast[o.at.EpochID]; stated {
		return g.cut(o.at.EpochID, &l)
	}
	return cut{}
}

// stands reports whether a branch of a trust feed hangs on an opener that stands, and is
// signed by the key of that opener. What a fork has stopped stands too: it stops nobody
// else (epochs.md 12).
func (g *Registry) stands(b *branch) bool {
	return slices.ContainsFunc(g.standing(b.EpochID), func(o *opener) bool { return o.digest() == b.root && o.signs(b.key) })
}

func (g *Registry) list(e protocol.EpochID) []Opener {
	standing := g.standing(e)
	var out []Opener
	for _, o := range standing {
		out = append(out, o.exported(len(standing))...)
	}
	var others []*opener
	if o := g.entries[e]; o != nil && !slices.Contains(standing, o) {
		out = append(out, o.exported(0)...)
	}
	if c := g.epochs[e.Feed][e.Epoch]; c != nil {
		others = slices.Concat(c.firsts, c.rest)
	}
	others = slices.DeleteFunc(others, func(o *opener) bool { return slices.Contains(standing, o) })
	slices.SortFunc(others, func(a, b *opener) int { return compareRings(a.at, b.at) })
	for _, o := range others {
		out = append(out, o.exported(0)...)
	}
	return out
}

// exported gives what callers see of one of n standing openers of its epoch; of none for
// one that doesn't stand.
func (o *opener) exported(n int) []Opener {
	out := Opener{EpochID: o.opens, Digest: o.digest(), By: o.name(), Key: o.key, Claim: o.claim, Closes: o.closes()}
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

// name gives the record; none for a charter's entry.
func (o *opener) name() protocol.Name {
	if o.at == nil {
		return protocol.Name{}
	}
	return o.at.name()
}

func (k *ring) name() protocol.Name {
	return protocol.Name{
		Institution: k.Institution,
		Position:    protocol.Position{Topic: protocol.Trust, Epoch: k.Epoch, Sequence: k.sequence},
	}
}

// Current gives the opener of the newest epoch of a feed that has one, and false if there
// is none, if that epoch waits, or if its registrar has closed it. Its Key is zero while
// an invitation is not taken.
func (g *Registry) Current(f protocol.Feed) (Opener, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.current(f)
}

func (g *Registry) current(f protocol.Feed) (Opener, bool) {
	standing := g.newestEpoch(f)
	if len(standing) == 0 || standing[0].closes() {
		return Opener{}, false
	}
	if f.Topic != protocol.Trust && g.closing(f.Institution, standing[0].at.Epoch) != nil {
		return Opener{}, false
	}
	o := standing[0].exported(len(standing))[0]
	return o, o.Counts
}

// Newest gives the openers of the newest epoch of a feed that has any that count or wait.
func (g *Registry) Newest(f protocol.Feed) []Opener {
	g.mu.RLock()
	defer g.mu.RUnlock()
	standing := g.newestEpoch(f)
	var out []Opener
	for _, o := range standing {
		out = append(out, o.exported(len(standing))...)
	}
	return out
}

// newestEpoch gives the standing openers of the newest epoch that has any.
func (g *Registry) newestEpoch(f protocol.Feed) []*opener {
	for _, epoch := range slices.Backward(g.epochsOf(f)) {
		if standing := g.standing(protocol.EpochID{Feed: f, Epoch: epoch}); len(standing) > 0 {
			return standing
		}
	}
	return nil
}

// epochsOf gives the epochs of a feed of which an opener is held, sorted.
func (g *Registry) epochsOf(f protocol.Feed) []uint32 {
	out := slices.Collect(maps.Keys(g.epochs[f]))
	if f.Topic == protocol.Trust {
		for _, v := range g.line {
			for _, e := range v.Charter.Entries() {
				if e.Institution == f.Institution {
					out = append(out, e.Epoch)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func sortedFeeds(set map[protocol.Feed]bool) []protocol.Feed {
	return slices.SortedFunc(maps.Keys(set), func(a, b protocol.Feed) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic))
	})
}
