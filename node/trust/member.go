package trust

import (
	"fmt"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Member is what the trust topic says of one institution.
type Member struct {
	ID        protocol.InstitutionID
	Level     body.Level             // zero: nobody has said it, or two contradict each other
	Steward   bool                   // signs the charter
	Prefixes  []string               // under which it admits members; empty: it is no registrar
	Registrar protocol.InstitutionID // who may admit it; empty for a charter's own outside every prefix
	Admission protocol.Name          // zero: the charter names it, or two admissions contradict each other
	Expires   protocol.Instant       // of its invitation; zero: none. Asked at the door alone, by its own clock
	Claimed   bool                   // its identity key is known: named, or the invitation was taken
	Out       bool                   // closed by its registrar, and not admitted again
	ClosedBy  protocol.Name          // of one that is out: the record that says so, the newest
	Reason    string                 // likewise: why, in its registrar's words
	Successor protocol.InstitutionID // likewise: who goes on in its place; empty: nobody

	Predecessors []protocol.InstitutionID // of a merged institution

	IdentityKey  protocol.Key       // zero while the invitation is not taken, or was taken twice
	NodeKey      protocol.Key       // of the first of its feeds, by topic, with an open epoch; zero before the first
	LinkKey      protocol.Key       // its newest; zero before the first, or while two branches contradict
	RequestedKey protocol.Key       // the identity key for which it asks its registrar to open the next epoch; zero: it doesn't
	RequestProof protocol.Signature // of that key
	AgeRecipient string             // its newest; empty likewise
	Profile      *body.Profile      // its newest; nil before the first, or while two branches contradict. Shared: don't change it

	ProfileRecord protocol.Name   // that says the profile
	ProfileDigest protocol.Digest // of that record
}

// Member gives one member: a steward, a registrar, or whom its registrar has admitted,
// invited ones included.
func (g *Registry) Member(id protocol.InstitutionID) (Member, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.member(id)
}

func (g *Registry) listMembers() []Member {
	var out []Member
	for _, id := range g.spokenOf() {
		if m, ok := g.member(id); ok {
			out = append(out, m)
		}
	}
	return out
}

// spokenOf gives whom an opener that is held speaks of, whether it counts or not; sorted.
func (g *Registry) spokenOf() []protocol.InstitutionID {
	ids := map[protocol.InstitutionID]bool{}
	for feed := range g.epochs {
		ids[feed.Institution] = true
	}
	for e := range g.entries {
		ids[e.Institution] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

func (g *Registry) member(id protocol.InstitutionID) (Member, bool) {
	m := Member{ID: id}
	newest := g.newestEpoch(trustFeed(id))
	if len(newest) == 0 {
		return m, false
	}
	_, named := g.named[id]
	g.office(&m)
	admissions := g.admissions(id)
	if len(admissions) == 1 {
		m.Admission = admissions[0].name()
		m.Expires = admissions[0].admission.Expires.Instant()
		if says := g.statements(admissions[0]); len(says) == 1 {
			m.Predecessors = slices.Clone(says[0].admission.Predecessors)
		}
	}
	if levels := g.levels(id); len(levels) == 1 {
		m.Level = levels[0]
	}
	if o, ok := g.current(trustFeed(id)); ok {
		m.IdentityKey = o.Key
	}
	m.Claimed = named || slices.ContainsFunc(admissions, func(o *opener) bool { return !o.key.IsZero() || len(o.taken) > 0 })
	if m.Out = newest[0].closes(); m.Out {
		says := g.statements(newest[0])[0] // of several that differ, the first by position
		m.ClosedBy, m.Reason, m.Successor = says.name(), string(says.admission.Reason), says.admission.Successor
		return m, true
	}
	g.keys(&m)
	return m, true
}

// IsMember reports whether an institution takes part: it is a member, and not out.
func (g *Registry) IsMember(id protocol.InstitutionID) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.takesPart(id)
}

func (g *Registry) takesPart(id protocol.InstitutionID) bool {
	newest := g.newestEpoch(trustFeed(id))
	return len(newest) > 0 && !newest[0].closes()
}

func trustFeed(id protocol.InstitutionID) protocol.Feed {
	return protocol.Feed{Institution: id, Topic: protocol.Trust}
}

// office says what the charter makes of a member.
func (g *Registry) office(m *Member) {
	m.Registrar, _ = g.charter.Charter.RegistrarOf(m.ID)
	m.Steward = slices.ContainsFunc(g.charter.Charter.Stewards, func(s protocol.Steward) bool { return s.Institution == m.ID })
	for _, r := range g.charter.Charter.Registrars {
		if r.Institution == m.ID {
			m.Prefixes = append(m.Prefixes, r.Prefixes...)
		}
	}
}

// keys says what a member's own trust feed says.
func (g *Registry) keys(m *Member) {
	for _, topic := range protocol.Topics() {
		if o, ok := g.current(protocol.Feed{Institution: m.ID, Topic: topic}); ok && topic != protocol.Trust {
			m.NodeKey = o.Key
			break
		}
	}
	if s, ok := newest(g, m.ID, func(b *branch) says[protocol.Key] { return b.link }); ok {
		m.LinkKey = s.value
	}
	if s, ok := newest(g, m.ID, func(b *branch) says[string] { return b.age }); ok {
		m.AgeRecipient = s.value
	}
	if s, ok := untilFork(g, m.ID, func(b *branch) says[*body.Profile] { return b.profile }); ok {
		m.Profile, m.ProfileRecord, m.ProfileDigest = s.value, s.by.name(), s.by.digest
	}
	g.request(m)
}

// request says which identity key a member asks for, unless that has been granted.
func (g *Registry) request(m *Member) {
	s, ok := newest(g, m.ID, func(b *branch) says[*body.KeyRecord] { return b.request })
	if !ok {
		return
	}
	for _, o := range g.newestEpoch(trustFeed(m.ID)) {
		if o.opens.Epoch > s.by.Epoch {
			return // it was opened since, for this key or another
		}
	}
	if key, err := s.value.SigningKey(); err == nil {
		m.RequestedKey, m.RequestProof = key, s.value.Proof
	}
}

// admissions gives the standing admissions to the newest epoch of an institution's trust
// feed that has any, closings aside. Stewards and registrars may have one too: it opens
// nothing, and says their level.
func (g *Registry) admissions(id protocol.InstitutionID) []*opener {
	epochs := g.epochs[trustFeed(id)]
	for _, epoch := range slices.Backward(slices.Sorted(maps.Keys(epochs))) {
		standing := g.firstsOf(epochs[epoch])
		if len(standing) > 0 && !standing[0].closes() {
			return standing
		}
	}
	return nil
}

// levels gives the levels that an institution has: its admission's, as the newest statement
// says; for a steward or registrar without one, its own profile's, of a forked feed the one before the
// fork; several while admissions contradict. One that is out keeps what it had: its records are judged by it.
func (g *Registry) levels(id protocol.InstitutionID) []body.Level {
	var out []body.Level
	for _, o := range g.admissions(id) {
		for _, s := range g.statements(o) {
			out = append(out, s.admission.Level)
		}
	}
	if len(out) == 0 {
		if s, ok := untilFork(g, id, func(b *branch) says[*body.Profile] { return b.profile }); ok {
			out = append(out, s.value.Level)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// LinkKey gives the key that a member's links are opened with; false if it has named
// none, if two branches of its trust feed name different ones, or if it is out.
func (g *Registry) LinkKey(id protocol.InstitutionID) (protocol.Key, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if !g.takesPart(id) {
		return protocol.Key{}, false
	}
	s, ok := newest(g, id, func(b *branch) says[protocol.Key] { return b.link })
	return s.value, ok
}

// ClaimKey gives the claim key of an invitation that counts and is not yet taken, and
// when it expires: whoever lets the guest in asks its own clock, and no record is judged
// by it.
func (g *Registry) ClaimKey(id protocol.InstitutionID) (key protocol.Key, expires protocol.Instant, ok bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.claimKey(id)
}

// ClaimedBy gives whose invitation of which [Registry.ClaimKey] speaks has a claim key. It
// is asked for every guest before anything of it is verified, and walks no members.
func (g *Registry) ClaimedBy(claim protocol.Key) (id protocol.InstitutionID, expires protocol.Instant, ok bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, id := range slices.Sorted(maps.Keys(g.invited[claim])) {
		if key, expires, ok := g.claimKey(id); ok && key == claim {
			return id, expires, true
		}
	}
	return "", 0, false
}

func (g *Registry) claimKey(id protocol.InstitutionID) (key protocol.Key, expires protocol.Instant, ok bool) {
	standing := g.newestEpoch(trustFeed(id))
	if len(standing) != 1 || standing[0].claim.IsZero() || len(standing[0].taken) > 0 {
		return protocol.Key{}, 0, false
	}
	return standing[0].claim, standing[0].admission.Expires.Instant(), true
}

// BeaconKey returns nil if a beacon's key is the open key of one of the feeds it lists,
// and [ErrBeaconKey] otherwise: trust records that say more may be on their way. The
// identity key, which signs the trust feed, signs no beacons.
func (g *Registry) BeaconKey(b *protocol.Beacon) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	for _, h := range b.Heads {
		o, ok := g.current(protocol.Feed{Institution: b.Institution, Topic: h.Topic})
		if ok && h.Topic != protocol.Trust && o.Key == b.Key {
			return nil
		}
	}
	return fmt.Errorf("beacon of %s at %s: %w", b.Institution, b.Time, ErrBeaconKey)
}
