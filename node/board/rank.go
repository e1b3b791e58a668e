package board

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Rank is what trust knows of a member that its word on others' records rests on.
type Rank struct {
	Institution protocol.InstitutionID
	Level       body.Level
	Registrar   protocol.InstitutionID
	Places      []body.PlaceKey // its seat and its sites, their twins included
	Twins       []Twin          // of its sites, those that have one
}

// Ranks are those of all members. The board folds no trust records: who asks hands them in.
type Ranks struct {
	of map[protocol.InstitutionID]*Rank
	at map[body.PlaceKey][]protocol.InstitutionID // who registered a place

	twins map[body.PlaceKey]body.PlaceKey // see twinsOf
}

// NewRanks puts them in order; their order changes nothing.
func NewRanks(members []Rank) *Ranks {
	r := &Ranks{map[protocol.InstitutionID]*Rank{}, map[body.PlaceKey][]protocol.InstitutionID{}, twinsOf(members)}
	for i := range members {
		m := &members[i]
		r.of[m.Institution] = m
		for _, k := range m.Places {
			r.at[k] = append(r.at[k], m.Institution)
		}
	}
	return r
}

// May reports whether a member may verify what a record of an author says of some places:
// an authority that is competent for one of them, or above it. A municipality is for its
// seat and its sites; a regional authority for those of the municipalities under its
// prefix, and what they report; a ministry for its country. Others confirm or dispute.
func (r *Ranks) May(id, author protocol.InstitutionID, places []body.PlaceKey) bool {
	m := r.of[id]
	if m == nil {
		return false
	}
	switch m.Level {
	case body.Municipality:
		return slices.ContainsFunc(places, func(k body.PlaceKey) bool { return slices.Contains(m.Places, k) })
	case body.RegionalAuthority:
		prefix := id.Country() + "." + id.Region() + "."
		return author.Under(prefix) && abroad(id, places) == 0 || r.registered(prefix, places)
	case body.Ministry:
		if len(places) == 0 {
			return author.Under(id.Country() + ".")
		}
		return abroad(id, places) < len(places) || r.registered(id.Country()+".", places)
	case body.NGO, body.InternationalOrganisation, body.Donor, body.RegionalBody:
	}
	return false
}

// registered reports whether a member under a prefix has one of the places in its profile.
func (r *Ranks) registered(prefix string, places []body.PlaceKey) bool {
	return slices.ContainsFunc(places, func(k body.PlaceKey) bool {
		return slices.ContainsFunc(r.at[k], func(id protocol.InstitutionID) bool { return id.Under(prefix) })
	})
}

// abroad counts the places that do not lie in an institution's country by their code.
func abroad(id protocol.InstitutionID, places []body.PlaceKey) int {
	n := 0
	for _, k := range places {
		if !strings.EqualFold(atlas.CountryOf(k), id.Country()) && !shared(k, id.Country()) {
			n++
		}
	}
	return n
}

// shared reports whether a country is one of those that a shared code begins with: x:gr-mk:….
func shared(k body.PlaceKey, country string) bool {
	countries, _, _ := strings.Cut(k.Code, ":")
	return k.Scheme == body.Shared && slices.Contains(strings.Split(countries, "-"), country)
}

// Outside tells which of the two codes of a route, its place or its asset, lies outside the
// territory of the municipality that writes it: "place", "asset.code", or "" where neither is known
// to. A code of its seat or its sites is inside; a code that can't be located is not held
// against it, so that a road or a crossing that nobody registered counts.
func (r *Ranks) Outside(id protocol.InstitutionID, place, asset body.PlaceKey) string {
	switch m := r.of[id]; {
	case m == nil || m.Level != body.Municipality:
	case r.elsewhere(m, place):
		return "place"
	case r.elsewhere(m, asset):
		return "asset.code"
	}
	return ""
}

// Governs reports whether an authority may declare the phase of a territory: a municipality its
// own, a regional authority those of the municipalities under its prefix, a ministry all of its
// country. A territory that can't be located is not held against it, as in [Ranks.Outside]; a
// whole country is the ministries' alone.
func (r *Ranks) Governs(id protocol.InstitutionID, place body.PlaceKey) bool {
	m := r.of[id]
	return m == nil || (m.Level == body.Ministry || place.Scheme != body.ISOCountry) && r.reaches(m, place)
}

// Warns reports whether an authority may warn of some places: of one at least that touches its territory, as [Ranks.Governs]
// has it, or of none that a code says. A whole country touches each territory in it, a shared code those of both sides. A
// level that has no territory warns of what the charter lets it.
func (r *Ranks) Warns(id protocol.InstitutionID, places []body.PlaceKey) bool {
	m := r.of[id]
	if m == nil || len(places) == 0 {
		return true
	}
	switch m.Level {
	case body.Municipality, body.RegionalAuthority, body.Ministry:
		return slices.ContainsFunc(places, func(k body.PlaceKey) bool { return r.reaches(m, k) })
	case body.NGO, body.InternationalOrganisation, body.Donor, body.RegionalBody:
	}
	return true
}

// reaches reports whether a code is not known to lie outside the territory of an authority.
func (r *Ranks) reaches(m *Rank, k body.PlaceKey) bool {
	id, at := m.Institution, []body.PlaceKey{k}
	switch {
	case tellsCountry(k) && abroad(id, at) > 0:
		return false
	case m.Level == body.Municipality:
		return !r.elsewhere(m, k)
	case m.Level == body.RegionalAuthority:
		return !r.registered(id.Country()+".", at) || r.registered(id.Country()+"."+id.Region()+".", at)
	}
	return true
}

// Places gives the seat and the sites of a member, their twins included.
func (r *Ranks) Places(id protocol.InstitutionID) []body.PlaceKey {
	if m := r.of[id]; m != nil {
		return m.Places
	}
	return nil
}

// elsewhere reports whether a code is known to be of no place of a municipality: it is of
// another country; or of the scheme of one of its own places; or registered by another municipality
// of its country alone, also where it has no profile yet. Shared codes are told apart by
// who registered them: each side has its own.
func (r *Ranks) elsewhere(m *Rank, k body.PlaceKey) bool {
	country := m.Institution.Country()
	switch {
	case k.IsZero() || slices.Contains(m.Places, k):
		return false
	case tellsCountry(k) && abroad(m.Institution, []body.PlaceKey{k}) > 0:
		return true
	case k.Scheme != body.Shared && slices.ContainsFunc(m.Places, func(own body.PlaceKey) bool { return own.Scheme == k.Scheme }):
		return true
	}
	return slices.ContainsFunc(r.at[k], func(id protocol.InstitutionID) bool {
		return id.Country() == country && r.of[id].Level == body.Municipality
	})
}

// tellsCountry reports whether a code says in which country, or between which, it lies.
func tellsCountry(k body.PlaceKey) bool {
	return atlas.CountryOf(k) != "" || k.Scheme == body.Shared
}

// Near reports whether a member stands in an author's reporting line: in the same country
// and region, or one is the other's registrar (domain.md §5).
func (r *Ranks) Near(id, author protocol.InstitutionID) bool {
	if id.Group() == author.Group() {
		return true
	}
	a, b := r.of[id], r.of[author]
	return a != nil && a.Registrar == author || b != nil && b.Registrar == id
}

// Rank marks the stances, strategies and regional reports that go beyond the competence of their authors: they
// are kept, shown and not counted. Such figures, routes, phases and alerts it leaves out; a crossing that both sides name in
// their profiles, each by its own code, is one row from here on.
func (v *View) Rank(r *Ranks) {
	v.rankFigures(r)
	v.rankRoutes(r)
	v.joinTwins(r)
	v.rankPhases(r)
	v.rankAlerts(r)
	v.rankStrategies(r)
	v.rankRegional(r)
	v.Endorsements = slices.Clone(v.Endorsements)
	for i := range v.Endorsements {
		e := &v.Endorsements[i]
		if e.Stance == body.Verify && e.Ignored == "" && !r.May(e.Institution, e.Of.Institution, e.places) {
			e.Ignored = BeyondVerifying
		}
	}
}

// BeyondVerifying is why the word of one who may not verify is not counted as that.
const BeyondVerifying = "beyond competence: only an authority for the place, or above it, verifies"

// BeyondAlert is why an alert of others' territory is not counted.
const BeyondAlert = "beyond competence: an authority warns of what touches its own territory"
