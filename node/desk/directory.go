package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Bounds of the directory, and of the numbers that an officer sees at once.
const (
	mostMembers = 60 // in any language, compressed, below 15 kB
	mostNumbers = 12 // a screen
)

// Directory is a part of the members, sorted by ID.
type Directory struct {
	Part[Member]

	Query string // what was looked for; empty: all
}

// Directory gives the members that have the words that are looked for in their ID or a name, as
// many as a page shows, behind so many.
func (d *Desk) Directory(_ context.Context, query string, from int) (Directory, error) {
	if err := lookedFor(query); err != nil {
		return Directory{}, err
	}
	return Directory{partOf(d.findMembers(wordsOf(query)), from, mostMembers), query}, nil
}

// callable gives those whom a duty officer calls: the ends of the node's lines first, then who has
// admitted the institution, then those of its own region. The directory has the others.
func (d *Desk) callable(as protocol.InstitutionID) Some[Member] {
	var linked []protocol.InstitutionID
	for _, s := range d.o.Links.States() {
		linked = append(linked, s.Peer)
	}
	own, _ := d.o.Trust.Member(as)
	near := func(id protocol.InstitutionID) int {
		switch {
		case slices.Contains(linked, id):
			return 1
		case id == own.Registrar:
			return 2 //nolint:mnd // an order
		case id.Group() == as.Group():
			return 3 //nolint:mnd // the same
		}
		return 0
	}
	members := slices.DeleteFunc(d.members(), func(m Member) bool { return m.ID == as || m.State == MemberOut || near(m.ID) == 0 })
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(near(a.ID), near(b.ID)) })
	return firstOf(members, mostNumbers)
}
