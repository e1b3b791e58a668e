package federation_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// violation is an invariant of the design that does not hold, by its number.
type violation struct {
	invariant int
	said      string
}

func (v violation) String() string { return fmt.Sprintf("invariant %d: %s", v.invariant, v.said) }

// checker holds evidence against the nine invariants.
type checker struct {
	*evidence
	folds map[protocol.InstitutionID]*fold
	found []violation
}

// check gives what does not hold, by invariant.
func check(e *evidence) ([]violation, error) {
	c := &checker{evidence: e, folds: map[protocol.InstitutionID]*fold{}}
	for _, w := range e.nodes {
		f, err := judge(e.charter, w.held)
		if err != nil {
			return nil, err
		}
		c.folds[w.id] = f
	}
	c.keepsWhatItPromised()
	c.showsWhatAuthorsSigned()
	c.holdsAllThatCounts()
	c.showsForksAndGaps()
	c.goesOn()
	c.keepsToPolicy()
	c.showsTheSame()
	c.dealsAlike()
	c.admitsRightly()
	c.writesOnce()
	c.survivesTrouble()
	slices.SortStableFunc(c.found, func(a, b violation) int { return a.invariant - b.invariant })
	return c.found, nil
}

func (c *checker) violated(invariant int, format string, args ...any) {
	c.found = append(c.found, violation{invariant, fmt.Sprintf(format, args...)})
}

// members are the nodes that take part.
func (c *checker) members() []*witness {
	return slices.DeleteFunc(slices.Clone(c.nodes), func(w *witness) bool { return w.out })
}

// 1: what was acknowledged is there, and counts, or waits, or its author says otherwise.
func (c *checker) keepsWhatItPromised() {
	for _, x := range c.crashes {
		for _, d := range x.before {
			if !x.held[d] {
				c.violated(1, "%s was killed, and its file lacks %s, which it had acknowledged", x.who, d)
			}
		}
	}
	for _, p := range c.promised {
		held := false
		for _, w := range c.nodes {
			if k := c.folds[w.id].records[p.Digest]; k != nil {
				held = true
				if v := c.folds[w.id].verdicts[p.Digest]; v == void && c.folds[w.id].last(k.EpochID()) == nil {
					c.violated(1, "%s is void on %s, and no signed statement says so", p.Name, w.id)
				}
			}
		}
		if !held && !p.lost {
			c.violated(1, "%s was acknowledged, and no store holds it", p.Name)
		}
	}
}

// 2: what a node shows as valid is what its author signed.
func (c *checker) showsWhatAuthorsSigned() {
	for _, w := range c.nodes {
		f := c.folds[w.id]
		good := f.authentic()
		for i := range w.held {
			k := &w.held[i]
			switch {
			case w.standing[k.digest] == "void":
			case k.digest != k.stated:
				c.violated(2, "%s holds %s, whose digest is not that of its bytes", w.id, k.Name)
			case k.BodyState == protocol.BodyHeld && sha256.Sum256(k.Body) != k.ContentDigest:
				c.violated(2, "%s holds %s with another body than the signed one", w.id, k.Name)
			case !good[k.digest]:
				c.violated(2, "%s shows %s as %s, which its author did not sign", w.id, k.Name, w.standing[k.digest])
			}
		}
	}
}

// reach is how far behind a record another may stand that proves it.
const (
	reachRecords = 255
	reachBytes   = 4 << 20
)

// authentic gives the records that the key of their opener has signed, or that one close
// behind them on their chain proves.
func (f *fold) authentic() map[protocol.Digest]bool {
	out := map[protocol.Digest]bool{}
	for e, of := range f.epochs {
		keys := f.keysOf(e)
		for _, k := range of {
			_, root := f.chain(k.digest)
			if key := k.Key; !keys[root][key] || !ed25519.Verify(key[:], k.AppendBase(nil), k.Signature[:]) {
				continue
			}
			bytes, step := 0, 0
			for at := k; at != nil && step <= reachRecords && bytes <= reachBytes; at = f.records[at.Previous] {
				out[at.digest] = true
				bytes, step = bytes+protocol.EntrySize(&at.Record), step+1
				if at.Sequence == 1 {
					break
				}
			}
		}
	}
	return out
}

// keysOf gives, for each opener of an epoch, the key it names; of an invitation those of
// whoever took it.
func (f *fold) keysOf(e protocol.EpochID) map[protocol.Digest]map[protocol.Key]bool {
	out := map[protocol.Digest]map[protocol.Key]bool{}
	for _, s := range f.statement[e] {
		if out[s.root(f)] = f.takers(e, s); !s.key.IsZero() {
			out[s.root(f)][s.key] = true
		}
	}
	return out
}

// 3: every member holds the same of what counts and of what is stopped, whole and once.
func (c *checker) holdsAllThatCounts() {
	members := c.members()
	for _, w := range members {
		f := c.folds[w.id]
		if len(f.records) != len(w.held) {
			c.violated(3, "%s holds a record twice", w.id)
		}
		for i := range w.held {
			if k := &w.held[i]; k.Sequence > 1 && f.records[k.Previous] == nil {
				c.violated(3, "%s holds %s and not the record before it", w.id, k.Name)
			}
		}
		if first := members[0]; !maps.Equal(w.have, first.have) {
			c.violated(3, "%s and %s have different rows: %s", w.id, first.id, differing(w.have, first.have))
		}
	}
	for _, w := range members {
		for d, v := range c.folds[w.id].verdicts {
			if v == void {
				continue
			}
			for _, other := range members {
				if c.folds[other.id].records[d] == nil {
					c.violated(3, "%s %s on %s, and %s lacks it", c.folds[w.id].records[d].Name, v, w.id, other.id)
				}
			}
		}
	}
}

func differing(a, b map[protocol.Group]protocol.Digest) string {
	var out []string
	for g := range a {
		if a[g] != b[g] {
			out = append(out, g.String())
		}
	}
	for g := range b {
		if _, ok := a[g]; !ok {
			out = append(out, g.String())
		}
	}
	return strings.Join(out, ", ")
}

// 4: a fork, and a head that a beacon names and a node lacks, are shown, with who closes it.
func (c *checker) showsForksAndGaps() {
	for _, w := range c.members() {
		f := c.folds[w.id]
		shown := map[protocol.EpochID]forkShown{}
		for _, s := range w.forks {
			shown[s.EpochID] = s
		}
		for e, from := range f.stops {
			if s, ok := shown[e]; !ok || s.from != from {
				c.violated(4, "%s/%s epoch %d is forked at %d, and %s does not show it", e.Institution, e.Topic, e.Epoch, from, w.id)
			} else if _, named := f.charter.KeyOf(e.Institution); s.closes == "" && (e.Topic != protocol.Trust || !named) {
				c.violated(4, "%s shows the fork of %s/%s epoch %d, and not who closes it", w.id, e.Institution, e.Topic, e.Epoch)
			}
		}
		for e := range shown {
			if f.stops[e] == 0 {
				c.violated(4, "%s shows a fork of %s/%s epoch %d, and there is none or it is closed", w.id, e.Institution, e.Topic, e.Epoch)
			}
		}
		c.showsGaps(w)
	}
}

func (c *checker) showsGaps(w *witness) {
	f := c.folds[w.id]
	for i := range w.beacons {
		b := &w.beacons[i]
		for _, h := range b.Heads {
			e := protocol.EpochID{Feed: protocol.Feed{Institution: b.Institution, Topic: h.Topic}, Epoch: h.Epoch}
			_, closed := f.lasts[e]
			if f.records[h.Digest] == nil && !closed && len(f.statement[e]) > 0 && !w.gaps[e] && f.closing(b.Institution) == nil {
				c.violated(4, "a beacon names %s/%s epoch %d up to %d, which %s lacks and does not show", b.Institution, h.Topic, h.Epoch, h.Sequence, w.id)
			}
		}
	}
}

// 5: whatever its neighbours did, each member goes on and is heard by all.
func (c *checker) goesOn() {
	for _, w := range c.members() {
		a, ok := c.goOn[w.id]
		if !ok || a.err != nil {
			c.violated(5, "%s can't write any more: %v", w.id, a.err)
			continue
		}
		for _, other := range c.members() {
			if c.folds[other.id].verdicts[a.said.Digest] != counts {
				c.violated(5, "%s of %s does not count on %s", a.said.Name, w.id, other.id)
			}
		}
	}
}

// 6: no body passes its mark, and behind the news that its author is out nothing comes in
// that lies behind the last that counts.
func (c *checker) keepsToPolicy() {
	for _, w := range c.nodes {
		f := c.folds[w.id]
		for i := range w.held {
			k := &w.held[i]
			if k.BodyState == protocol.BodyHeld && k.Institution != w.id && k.Topic != protocol.Trust && k.Handling > protocol.Amber {
				c.violated(6, "%s holds the body of %s, %s, which no link may carry", w.id, k.Name, k.Handling)
			}
			if f.verdicts[k.digest] != void || k.Institution == w.id || f.closing(k.Institution) == nil {
				continue
			}
			before, err := judge(c.charter, w.before(k))
			if err != nil {
				c.violated(6, "%s held what can't be judged when it took %s: %v", w.id, k.Name, err)
			} else if _, closed := before.lasts[k.EpochID()]; closed && before.closing(k.Institution) != nil {
				c.violated(6, "%s took %s after it had heard that its author is out", w.id, k.Name)
			}
		}
	}
}

// before gives what a node held when it took a record. Who is out goes on being heard up
// to the last that counts, and only who holds that can tell what is void (epochs.md 10,
// 17): what came with it, in one transaction, was judged without it.
func (w *witness) before(k *kept) []kept {
	return slices.DeleteFunc(slices.Clone(w.held), func(other kept) bool { return other.order >= k.order || other.taken == k.taken })
}

// 7: the verdicts a node shows are those of the rules, and the same records and bodies
// give the same picture.
func (c *checker) showsTheSame() {
	pictures := map[protocol.Digest]*witness{}
	for _, w := range c.nodes {
		f := c.folds[w.id]
		hash := sha256.New()
		for _, d := range slices.SortedFunc(maps.Keys(f.records), func(a, b protocol.Digest) int { return slices.Compare(a[:], b[:]) }) {
			k := f.records[d]
			hash.Write(d[:])
			hash.Write([]byte{byte(k.BodyState)})
			shown := w.standing[d]
			if v := f.verdicts[d]; (v == void) != (shown == "void") || (v == stopped) != (shown == "stopped") {
				c.violated(7, "%s shows %s as %s, and by the rules it is: %s", w.id, k.Name, shown, v)
			}
		}
		same := protocol.Digest(hash.Sum(nil))
		if other, ok := pictures[same]; ok && other.picture != w.picture {
			c.violated(7, "%s and %s hold the same and show different pictures", w.id, other.id)
		}
		pictures[same] = w
	}
}

// 8: nobody acknowledges a rival, and nobody writes where it may have written.
func (c *checker) writesOnce() {
	for _, p := range c.pushes {
		if p.rival && p.outcome == protocol.Accepted {
			c.violated(8, "a record at %s was accepted beside another", p.record)
		}
	}
	for _, a := range c.alone {
		if a.err != nil {
			c.violated(8, "%s can't write alone: %v", a.who, a.err)
		}
	}
	for _, a := range c.older {
		if !errors.Is(a.err, intake.ErrReadOnly) {
			c.violated(8, "%s wrote with a store that is older than its mark: %v", a.who, a.err)
		}
	}
	for _, r := range c.restored {
		if slices.Contains(r.before, r.key) {
			c.violated(8, "%s writes with a node key from before its backup", r.who)
		}
	}
}

// 9: trouble is said in words, the node reads on, and goes on when the cause is gone.
func (c *checker) survivesTrouble() {
	for _, t := range c.troubles {
		if t.message == "" || !t.reads || !t.goesOn {
			c.violated(9, "%s with %s: said %q, reads %v, goes on %v", t.who, t.what, t.message, t.reads, t.goesOn)
		}
	}
}
