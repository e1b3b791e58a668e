package trust

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// TakeCharter takes in a later version that a peer gave, which nobody vouches for: unlike
// [Registry.AddCharter] it keeps only one that follows a version in force, or that names
// its rival, and of its signatures only good ones; of rivals only as many as prove the
// rivalry. It returns the feeds whose openers may have changed, sorted; [ErrOtherNetwork],
// [ErrEarlyCharter], [ErrSetAside], [ErrManyRivals], or what the version lacks (see
// [protocol.SignedCharter.VerifyAfter]): nothing is kept then.
func (g *Registry) TakeCharter(s protocol.SignedCharter) (changed []protocol.Feed, err error) {
	defer g.change()()
	if len(s.Signatures) == 0 {
		return nil, protocol.ErrCharterSigned
	}
	digest := s.Digest()
	if slices.Contains(g.laterCharters(), digest) {
		return nil, nil
	}
	held, before, lent := g.versions[digest], []protocol.CharterSignature(nil), false
	if held != nil {
		before, lent = held.Signed.Signatures, held.lent
	}
	set := map[protocol.Feed]bool{}
	if err = g.addCharter(s, "", set); err != nil {
		return nil, err
	}
	v := g.versions[digest]
	if err = g.refuses(v); err == nil {
		return sortedFeeds(set), nil
	}
	if held == nil {
		delete(g.versions, digest) // nothing that is in force rests on it
	} else {
		held.Signed.Signatures, held.lent = before, lent
	}
	g.enforce()
	return nil, err
}

// refuses says why a version that a peer gave is not kept; nil for one that is.
func (g *Registry) refuses(v *version) error {
	switch v.Standing {
	case InForce, Earlier:
	case RivalCharter, SetAside:
		beside := 0
		for _, f := range g.followers(g.versions[*v.Charter.Previous]) {
			if f.Standing == v.Standing {
				beside++
			}
		}
		if v.Standing == SetAside && beside > 1 {
			return fmt.Errorf("version %d: %w", v.Charter.Version, ErrSetAside)
		}
		if beside > maxRivals {
			return fmt.Errorf("version %d: %w", v.Charter.Version, ErrManyRivals)
		}
	case InvalidCharter:
		return fmt.Errorf("version %d is not valid: %s", v.Charter.Version, v.Why)
	case WaitingCharter:
		return fmt.Errorf("version %d: %w", v.Charter.Version, ErrEarlyCharter)
	}
	return nil
}

// LaterCharters gives the versions after the first that are or were in force, and those
// that rival one, the newest first.
func (g *Registry) LaterCharters() []protocol.Digest {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.laterCharters()
}

func (g *Registry) laterCharters() []protocol.Digest {
	var out []*version
	for _, v := range g.versions {
		passedOn := v.Standing == InForce || v.Standing == Earlier || v.Standing == RivalCharter
		if v.Charter.Version > 1 && passedOn {
			out = append(out, v)
		}
	}
	sorted := sortedVersions(out)
	slices.Reverse(sorted)
	digests := make([]protocol.Digest, len(sorted))
	for k := range sorted {
		digests[k] = sorted[k].Digest
	}
	return digests
}

// CharterOf gives a version as a peer asks for it: with its good signatures alone. False
// if it is not held.
func (g *Registry) CharterOf(digest protocol.Digest) (protocol.SignedCharter, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	v := g.versions[digest]
	if v == nil {
		return protocol.SignedCharter{}, false
	}
	out := v.copied().Signed
	out.Signatures = g.good(v)
	return out, true
}
