package desk

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// addressed gives the institutions that addressees mean now: those named, and the members
// of the groups, by the charter in force. Sorted, each once.
func (d *Desk) addressed(to []body.Addressee) []protocol.InstitutionID {
	return addressees(to, groupsOf(d.o.Trust))
}

// groupsOf gives whom groups mean, as far as a registry knows.
func groupsOf(g *trust.Registry) func(name string) []protocol.InstitutionID {
	return func(name string) []protocol.InstitutionID {
		members, _ := g.GroupMembers(name)
		return members
	}
}

// addressees gives the institutions that addressees mean, by who is in a group. Sorted, each once.
func addressees(to []body.Addressee, group func(name string) []protocol.InstitutionID) []protocol.InstitutionID {
	var out []protocol.InstitutionID
	for _, a := range to {
		if id, ok := a.Institution(); ok {
			out = append(out, id)
			continue
		}
		name, _ := a.Group()
		out = append(out, group(name)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// stranger refuses an institution that nobody here knows as a member, of this country or another:
// its name is mistyped, or it has not come yet. One that has left stays known.
func (d *Desk) stranger(field string, id protocol.InstitutionID) error {
	if _, ok := d.o.Trust.Member(id); ok {
		return nil
	}
	return &Problem{Kind: Refused, Field: field, Detail: string(id) + " is no member of the network here", Mend: "name a member", Next: "vardar list members"}
}

// outsiders warns, once of each, of institutions that nobody here knows as members and that may give or
// take money all the same: they are outside the network, or mistyped.
func (d *Desk) outsiders(named ...protocol.InstitutionID) (warnings []string) {
	slices.Sort(named)
	for _, id := range slices.Compact(named) {
		if _, ok := d.o.Trust.Member(id); !ok && id != "" {
			warnings = append(warnings, string(id)+" is no member of the network here: is it spelled as it should be?")
		}
	}
	return warnings
}

// checkAddressees refuses institutions that are no members, and groups that the charter in force does
// not have: a word in them is mistyped, and nobody would be meant. It warns of groups that mean nobody yet.
func (d *Desk) checkAddressees(to []body.Addressee) (warnings []string, err error) {
	for i, a := range to {
		name, group := a.Group()
		if !group {
			id, _ := a.Institution()
			if err = d.stranger(fmt.Sprintf("to.%d", i), id); err != nil {
				return nil, err
			}
			continue
		}
		members, ok := d.o.Trust.GroupMembers(name)
		switch {
		case ok && len(members) == 0:
			warnings = append(warnings, fmt.Sprintf("group:%s has no member yet", name))
		case !ok:
			known := slices.Sorted(maps.Keys(d.o.Trust.Charter().Groups))
			p := &Problem{Kind: Refused, Field: fmt.Sprintf("to.%d", i), Detail: "the charter in force has no group " + quoted(name), Next: "vardar member charter show"}
			switch near := body.Nearest(name, known); {
			case near != "":
				p.Mend = "did you mean group:" + near + "?"
			case len(known) > 0:
				p.Mend = "want one of group:" + strings.Join(known, ", group:") + ", or an institution"
			default:
				p.Mend = "name the institutions: this charter has no groups"
			}
			return nil, p
		}
	}
	return warnings, nil
}

// address says of requests, offers and consultations whom their groups mean, as far as a registry knows: the
// node's, or that of an earlier instant.
func address(v *board.View, g *trust.Registry) {
	v.Requests, v.Offers = slices.Clone(v.Requests), slices.Clone(v.Offers)
	for i := range v.Requests {
		v.Requests[i].Addressed = addressees(v.Requests[i].To, groupsOf(g))
	}
	for i := range v.Offers {
		v.Offers[i].Addressed = addressees(v.Offers[i].To, groupsOf(g))
	}
	v.Consultations = slices.Clone(v.Consultations)
	for i := range v.Consultations {
		invite(&v.Consultations[i], g)
	}
}
