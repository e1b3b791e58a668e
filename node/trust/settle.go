package trust

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Settle takes a version of the charter, and with it all before it, as given: what comes to
// rival one of them later is set aside, whatever it is signed by. It is for what a node has
// followed for long, and for what its people chose. A version before the one that is settled
// on, in its line, changes nothing; one of another line takes its place.
//
// It returns the feeds whose openers may have changed, sorted, and [ErrNotSettled].
func (g *Registry) Settle(digest protocol.Digest) (changed []protocol.Feed, err error) {
	defer g.change()()
	if slices.Contains(g.settled, digest) {
		return nil, nil
	}
	path, err := g.pathTo(digest)
	if err != nil {
		return nil, err
	}
	g.settled = path
	set := map[protocol.Feed]bool{}
	g.renew(set)
	return sortedFeeds(set), nil
}

// SettledOn takes up what [Registry.Settled] gave before the node was stopped. It is not
// verified again: that was done when the node settled, by what it held then.
func (g *Registry) SettledOn(line []protocol.Digest) {
	defer g.change()()
	if len(line) > 0 && line[0] == g.digest {
		g.settled = slices.Clone(line)
		g.renew(map[protocol.Feed]bool{})
	}
}

// Settled gives the versions that this node takes as given, the founding one first; none
// while it takes only that.
func (g *Registry) Settled() []protocol.Digest {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.Clone(g.settled)
}

// Line gives the versions that are or were in force, the founding one first.
func (g *Registry) Line() []protocol.Digest {
	g.mu.RLock()
	defer g.mu.RUnlock()
	out := make([]protocol.Digest, len(g.line))
	for i, v := range g.line {
		out[i] = v.Digest
	}
	return out
}

// pathTo gives the versions from the founding one to another, each of which follows the one
// before it; or ends a rivalry behind it, or follows it as if its rivals weren't there: one
// that a node settles on is chosen among them.
func (g *Registry) pathTo(digest protocol.Digest) ([]protocol.Digest, error) {
	var path []*version // from the newest that is settled on, or the founding one
	var out []protocol.Digest
	for next := digest; ; {
		v := g.versions[next]
		if v == nil {
			return nil, fmt.Errorf("%w: %s is not held here", ErrNotSettled, next)
		}
		path = append(path, v)
		if at := slices.Index(g.settled, next); at >= 0 {
			out = slices.Clone(g.settled[:at+1])
			break
		}
		if v.Charter.Previous == nil {
			out = []protocol.Digest{next}
			break
		}
		next = *v.Charter.Previous
	}
	slices.Reverse(path)
	for i, v := range path[1:] {
		var common *version
		if len(out) > 1 {
			common = g.versions[out[len(out)-2]]
		}
		if err := g.follows(v, path[i], common); err != nil {
			return nil, fmt.Errorf("%w: version %d, %s: %w", ErrNotSettled, v.Charter.Version, v.Digest, err)
		}
		out = append(out, v.Digest)
	}
	return out, nil
}

// follows reports whether a version follows another, or ends a rivalry behind it; common is
// the version before that.
func (g *Registry) follows(v, before, common *version) error {
	if v.Charter.Rival == nil {
		return v.after(before)
	}
	rival := g.versions[*v.Charter.Rival]
	if rival == nil || common == nil {
		return ErrEarlyCharter
	}
	if err := rival.after(common); err != nil {
		return err
	}
	return v.ends(common, before, []*version{rival})
}

// settledNext gives the version that follows the last of the line on the way to the one
// settled on: none while its document is not here. What rivals it is set aside.
func (g *Registry) settledNext(last *version) []*version {
	chosen := g.settled[len(g.line)]
	for _, v := range g.followers(last) {
		if v.Digest == chosen || v.Charter.Rival != nil {
			continue
		}
		if err := v.after(last); err != nil {
			v.Standing, v.Why = InvalidCharter, err.Error()
			continue
		}
		v.Standing = SetAside
	}
	if v := g.versions[chosen]; v != nil {
		return []*version{v}
	}
	return nil
}

// chosenEnding reports whether a version ends a rivalry behind the last of the line, where
// that was settled on over its rival: it needn't wait for the rival to stand.
func (g *Registry) chosenEnding(v, last *version) bool {
	return len(g.line) == len(g.settled) && len(g.line) > 1 && g.follows(v, last, g.line[len(g.line)-2]) == nil
}
