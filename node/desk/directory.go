package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
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

// Directory gives the members that have the words that are looked for in their ID or a name, as this
// node knew them at an instant (zero: now): as many as a page shows, behind so many.
func (d *Desk) Directory(ctx context.Context, query string, from int, at protocol.Instant) (Directory, error) {
	if err := lookedFor(query); err != nil {
		return Directory{}, err
	}
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return Directory{}, err
	}
	return Directory{partOf(d.findMembers(k, wordsOf(query)), from, mostMembers), query}, nil
}

// Whom a duty officer calls first.
const (
	callLine      = iota + 1 // the ends of the node's lines
	callRegistrar            // who has admitted the institution
	callRegion               // those of its own region
	callOther
	callSelf
)

// calling gives in which order the others are called by an institution, by what is known.
func (d *Desk) calling(k knowledge, as protocol.InstitutionID) func(protocol.InstitutionID) int {
	var linked []protocol.InstitutionID
	if !d.isPast(k) {
		for _, s := range d.o.Links.States() {
			linked = append(linked, s.Peer)
		}
	}
	own, _ := k.trust.Member(as)
	return func(id protocol.InstitutionID) int {
		switch {
		case id == as:
			return callSelf
		case slices.Contains(linked, id):
			return callLine
		case id == own.Registrar:
			return callRegistrar
		case id.Group() == as.Group():
			return callRegion
		}
		return callOther
	}
}

// callable gives those whom a duty officer calls: the ends of the node's lines first, then who has
// admitted the institution, then those of its own region. The directory has the others.
func (d *Desk) callable(k knowledge, as protocol.InstitutionID) Some[Member] {
	order := d.calling(k, as)
	members := slices.DeleteFunc(d.members(k), func(m Member) bool { return m.State == MemberOut || order(m.ID) >= callOther })
	slices.SortStableFunc(members, func(a, b Member) int { return cmp.Compare(order(a.ID), order(b.ID)) })
	return firstOf(members, mostNumbers)
}

// Numbers gives the duty numbers that an institution takes with it on paper: whom it would call first
// as its officers see them at once, then the others; of these and of its region the nearest first, by
// the way from its seat.
func (d *Desk) Numbers(as protocol.InstitutionID, room int) Some[Member] {
	var seat body.Place
	if m, _ := d.o.Trust.Member(as); m.Profile != nil && m.Profile.Seat != nil {
		seat = *m.Profile.Seat
	}
	return d.numbers(d.present(), as, seat, room)
}

// numbers is [Desk.Numbers] by what is known, and by the way from somewhere.
func (d *Desk) numbers(k knowledge, as protocol.InstitutionID, from body.Place, room int) Some[Member] {
	order, where := d.calling(k, as), d.whereabouts()
	members := slices.DeleteFunc(d.members(k), func(m Member) bool { return m.State == MemberOut || m.Duty == nil || m.Duty.Phone == "" })
	way := map[protocol.InstitutionID]int64{}
	for i := range members {
		m := &members[i]
		way[m.ID] = unknownLast(nil)
		if held, _ := k.trust.Member(m.ID); held.Profile != nil && held.Profile.Seat != nil {
			way[m.ID] = unknownLast(where.kilometres(from, *held.Profile.Seat))
		}
	}
	slices.SortStableFunc(members, func(a, b Member) int {
		return cmp.Or(cmp.Compare(order(a.ID), order(b.ID)), cmp.Compare(way[a.ID], way[b.ID]))
	})
	return firstOf(members, room)
}
