package trust

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// TakeCharter takes in a later version that a peer gave, which nobody vouches for: unlike
// [Registry.AddCharter] it keeps only one that follows a version in force, or that names
// its rival, and of its signatures only good ones. It returns the feeds whose openers may
// have changed, sorted; [ErrOtherNetwork], [ErrEarlyCharter], or what the version lacks
// (see [protocol.SignedCharter.VerifyAfter]): nothing is kept then.
func (g *Registry) TakeCharter(s protocol.SignedCharter) (changed []protocol.Feed, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(s.Signatures) == 0 {
		return nil, protocol.ErrCharterSigned
	}
	digest := s.Digest()
	held, before := g.versions[digest], []protocol.CharterSignature(nil)
	if held != nil {
		before = held.Signed.Signatures
	}
	if slices.Contains(g.laterCharters(), digest) {
		return nil, nil
	}
	set := map[protocol.Feed]bool{}
	if err = g.addCharter(s, set); err != nil {
		return nil, err
	}
	v := g.versions[digest]
	switch v.Standing {
	case InForce, Earlier, RivalCharter:
		return sortedFeeds(set), nil
	case InvalidCharter:
		err = fmt.Errorf("version %d is not valid: %s", v.Charter.Version, v.Why)
	case WaitingCharter:
		err = fmt.Errorf("version %d: %w", v.Charter.Version, ErrEarlyCharter)
	}
	if held == nil {
		delete(g.versions, digest) // nothing that is in force rests on it
	} else {
		held.Signed.Signatures = before
	}
	return nil, err
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
		if v.Charter.Version > 1 && v.Standing != WaitingCharter && v.Standing != InvalidCharter {
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
