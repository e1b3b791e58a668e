package trust

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// CharterStanding says what becomes of a charter that is held.
type CharterStanding int

// The standings of charters (epochs.md 16).
const (
	InForce        CharterStanding = iota + 1
	Earlier                        // was in force before the one that is
	WaitingCharter                 // its predecessor, or its rival, is not held or not in force
	RivalCharter                   // another version of its number is as valid, or was preferred to it
	InvalidCharter                 // it follows no version in force: Why says what it lacks
	SetAside                       // a rival of a version that this node has settled on
)

// String gives the words that a person reads.
func (s CharterStanding) String() string {
	switch s {
	case InForce:
		return "in force"
	case Earlier:
		return "earlier"
	case WaitingCharter:
		return "waits for its predecessor"
	case RivalCharter:
		return "rival"
	case InvalidCharter:
		return "not valid"
	case SetAside:
		return "set aside"
	}
	return "unknown"
}

// CharterVersion is a charter that is held.
type CharterVersion struct {
	Digest   protocol.Digest
	Charter  *protocol.Charter // shared: don't change it
	Signed   protocol.SignedCharter
	Standing CharterStanding
	Why      string // of an invalid one: what it lacks
}

// version is a charter document that is held, with the signatures that came with it: once
// all its judges are held, the good ones alone.
type version struct {
	CharterVersion
	number   int // in the line of those in force, from 0; -1: it is not in it
	sifted   bool
	trials   map[trial]error                // what was found of it: asked once
	carriers map[protocol.InstitutionID]int // who said it in a record, and with how many signatures
	lent     bool                           // it came without a record: whoever gave it answers for it
	said     protocol.Instant               // when one of its stewards first did in a record, by that author's clock; zero: none did
}

// AddCharter takes in a version of the charter, from a record or from a file, and returns
// the feeds whose openers may have changed, sorted. The same document may come again with
// further signatures. What becomes of it [Registry.Charters] says: one that follows none
// in force is kept until its predecessor comes.
//
// It returns what [protocol.ParseCharter] says, and [ErrOtherNetwork] for another first
// version; nothing is kept then.
func (g *Registry) AddCharter(s protocol.SignedCharter) (changed []protocol.Feed, err error) {
	defer g.change()()
	set := map[protocol.Feed]bool{}
	if err := g.addCharter(s, "", set); err != nil {
		return nil, err
	}
	return sortedFeeds(set), nil
}

// addCharter takes in a version that somebody said in a record; by nobody: see lent.
func (g *Registry) addCharter(s protocol.SignedCharter, by protocol.InstitutionID, changed map[protocol.Feed]bool) error {
	digest := s.Digest()
	v, known := g.versions[digest]
	if !known {
		charter, err := protocol.ParseCharter(s.Document)
		if err != nil {
			return err
		}
		if charter.Version == 1 && len(g.versions) > 0 {
			return ErrOtherNetwork
		}
		v = &version{trials: map[trial]error{}, carriers: map[protocol.InstitutionID]int{}}
		v.Digest, v.Charter, v.Signed.Document = digest, charter, slices.Clone(s.Document)
		g.versions[digest] = v
	}
	v.lent = v.lent || by == ""
	if news := g.sign(v, g.bounded(v, by, s.Signatures)); known && !news {
		return nil
	}
	g.renew(changed)
	g.clear(by)
	return nil
}

// renew works out anew what is in force, and adds the feeds that it may concern.
func (g *Registry) renew(changed map[protocol.Feed]bool) {
	line, entries := g.line, g.entries
	g.enforce()
	if slices.Equal(line, g.line) {
		return // nothing else is in force, so nobody is concerned
	}
	g.touchAll(changed)
	for e := range entries { // what they open no longer, too
		changed[e.Feed] = true
	}
}

// enforce works out which versions are in force, and what they open.
func (g *Registry) enforce() {
	for _, v := range g.versions {
		v.number, v.Standing, v.Why = -1, WaitingCharter, ""
		g.sift(v)
	}
	g.line, g.rivals = nil, nil
	for next := []*version{g.versions[g.digest]}; len(next) > 0; next = g.next() {
		for _, v := range next {
			v.number, v.Standing, v.Why = len(g.line), Earlier, ""
			g.line = append(g.line, v)
		}
	}
	g.charter = g.line[len(g.line)-1]
	g.charter.Standing = InForce
	g.readLine()
}

// next gives the version that follows the one in force; two if the second of them ends a
// rivalry; none while there is no such, or an open rivalry.
func (g *Registry) next() []*version {
	last := g.line[len(g.line)-1]
	if len(g.line) < len(g.settled) {
		return g.settledNext(last)
	}
	var valid []*version
	for _, v := range g.followers(last) {
		if v.Charter.Rival != nil {
			if g.chosenEnding(v, last) {
				valid = append(valid, v)
			}
			continue // else it waits for the other
		}
		if err := v.after(last); err != nil {
			v.Standing, v.Why = InvalidCharter, err.Error()
			continue
		}
		valid = append(valid, v)
	}
	if len(valid) < 2 { //nolint:mnd // two are rivals
		return valid
	}
	for _, v := range valid {
		v.Standing = RivalCharter
	}
	if ended := g.ending(last, valid); ended != nil {
		return ended
	}
	g.rivals = valid
	return nil
}

// ending gives the version that ends a rivalry, behind the one that it prefers. Of two such
// nobody can say.
func (g *Registry) ending(common *version, rivals []*version) []*version {
	var out []*version
	for _, previous := range rivals {
		others := slices.DeleteFunc(slices.Clone(rivals), func(v *version) bool { return v == previous })
		for _, v := range g.followers(previous) {
			named := func(rival *version) bool { return v.Charter.Rival != nil && *v.Charter.Rival == rival.Digest }
			if !slices.ContainsFunc(others, named) {
				continue
			}
			if err := v.ends(common, previous, others); err != nil {
				v.Standing, v.Why = InvalidCharter, err.Error()
				continue
			}
			v.Standing = RivalCharter
			out = append(out, previous, v)
		}
	}
	if len(out) != 2 { //nolint:mnd // the one preferred, and the one that says so
		return nil
	}
	return out
}

// followers gives the versions that name another as their predecessor, by digest.
func (g *Registry) followers(of *version) []*version {
	var out []*version
	for _, v := range g.versions {
		if v.Charter.Previous != nil && *v.Charter.Previous == of.Digest {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *version) int { return bytes.Compare(a.Digest[:], b.Digest[:]) })
	return out
}

// readLine works out what the versions in force say together.
func (g *Registry) readLine() {
	g.entries = map[protocol.EpochID]*opener{}
	g.charterLast = map[protocol.EpochID]protocol.Last{}
	g.named = map[protocol.InstitutionID]protocol.Entry{}
	g.registrars = map[protocol.InstitutionID]bool{}
	for _, v := range g.line {
		for _, e := range v.Charter.Entries() {
			id := protocol.EpochID{Feed: trustFeed(e.Institution), Epoch: e.Epoch}
			o := g.entries[id]
			if o == nil {
				o = &opener{opens: id, key: e.Key, version: v}
				g.entries[id] = o
			}
			if e.Last != nil && o.key == e.Key {
				o.last = e.Last
				id.Epoch--
				g.charterLast[id] = *e.Last
				g.awaited[e.Last.Digest] = true
			}
		}
		for _, r := range v.Charter.Registrars {
			g.registrars[r.Institution] = true
		}
		for _, e := range v.Charter.Ended {
			g.awaited[e.Last.Digest] = true
		}
	}
	for _, e := range g.charter.Charter.Entries() {
		g.named[e.Institution] = e
	}
}

// Charter gives the charter in force. It is shared: don't change it.
func (g *Registry) Charter() *protocol.Charter {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.charter.Charter
}

// CharterInForce gives the version in force, with its digest and signatures.
func (g *Registry) CharterInForce() CharterVersion {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.charter.copied()
}

// CharterDigest gives the digest of the founding version. It names the network, whatever
// version is in force: invitations, admissions and hellos speak of it.
func (g *Registry) CharterDigest() protocol.Digest { return g.digest }

// SignedCharter gives the founding version with its signatures, as a peer asks for it.
func (g *Registry) SignedCharter() protocol.SignedCharter {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.versions[g.digest].copied().Signed
}

// Charters gives every version held, by number, then digest.
func (g *Registry) Charters() []CharterVersion {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return sortedVersions(slices.Collect(maps.Values(g.versions)))
}

// Rivals gives the versions of one number that hold each other up (epochs.md 16): none
// while there is no rivalry, or once a later version has ended it.
func (g *Registry) Rivals() []CharterVersion {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return sortedVersions(g.rivals)
}

func sortedVersions(versions []*version) []CharterVersion {
	out := make([]CharterVersion, 0, len(versions))
	for _, v := range versions {
		out = append(out, v.copied())
	}
	slices.SortFunc(out, func(a, b CharterVersion) int {
		return cmp.Or(cmp.Compare(a.Charter.Version, b.Charter.Version), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	return out
}

func (v *version) copied() CharterVersion {
	out := v.CharterVersion
	out.Signed = protocol.SignedCharter{Document: slices.Clone(v.Signed.Document), Signatures: slices.Clone(v.Signed.Signatures)}
	return out
}

// tenure is a time in which one registrar admitted an institution.
type tenure struct {
	registrar protocol.InstitutionID
	ended     *protocol.Ended // what counts of it; nil while it lasts
}

// tenures gives who admitted an institution, one after the other (epochs.md 3).
func (g *Registry) tenures(id protocol.InstitutionID) []tenure {
	var out []tenure
	for _, v := range g.line {
		registrar, _ := v.Charter.RegistrarOf(id)
		if len(out) == 0 || out[len(out)-1].registrar != registrar {
			out = append(out, tenure{registrar: registrar})
		}
		for i := range v.Charter.Ended {
			e := &v.Charter.Ended[i]
			covers := slices.ContainsFunc(e.Prefixes, func(p string) bool { return strings.HasPrefix(string(id), p) })
			for t := len(out) - 2; covers && t >= 0; t-- {
				if out[t].registrar == e.Institution {
					out[t].ended = e
					break
				}
			}
		}
	}
	return out
}

// tenureOf gives in which of its registrars' tenures an admission was written; false if
// its author might not admit. Its author's epoch must be one that a charter opened.
func (g *Registry) tenureOf(o *opener) (int, bool) {
	if g.entries[o.at.EpochID] == nil {
		return 0, false
	}
	all := g.tenures(o.opens.Institution)
	for i, t := range all {
		if t.registrar == o.at.Institution && (i == len(all)-1 || t.ended != nil && g.within(o.at, t.ended)) {
			return i, true
		}
	}
	return 0, false
}

// within reports whether a record of a registrar lies before what ended its tenure. While
// that record is not held, its number says.
func (g *Registry) within(k *ring, e *protocol.Ended) bool {
	if k.Epoch != e.Epoch {
		return k.Epoch < e.Epoch
	}
	if last := g.rings[e.Last.Digest]; last != nil && last.EpochID == k.EpochID && last.sequence == e.Last.Sequence && g.stands(last.branch) {
		return before(k, last)
	}
	return k.sequence <= e.Last.Sequence
}
