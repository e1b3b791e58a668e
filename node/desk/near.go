package desk

import (
	"strings"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// OneOf says what words there are, and which of them was meant.
func OneOf(s string, words []string) string {
	mend := "want one of " + strings.Join(words, ", ")
	if near := body.Nearest(s, words); near != "" {
		mend = "did you mean " + near + "? " + mend
	}
	return mend
}

// slips is how many changes make another institution's ID of one: IDs of a region share most
// of their letters.
const slips = 3

// meant asks whether one of these institutions was meant, and gives its ID; empty if none is
// near.
func meant(id protocol.InstitutionID, known []protocol.InstitutionID) (mend string, near protocol.InstitutionID) {
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	if best := body.NearestWithin(string(id), words, slips); best != "" {
		return "did you mean " + best + "?", protocol.InstitutionID(best)
	}
	return "", ""
}

// noMember is the problem of an institution that nobody has admitted.
func (d *Desk) noMember(id protocol.InstitutionID) *Problem {
	p := problem(NotFound, "vardar member list", "%s is no member of %s", id, d.o.Trust.Charter().Network)
	p.Mend, _ = meant(id, memberIDs(d.o.Trust))
	return p
}

// noMemberIn is that of one that was none by what is known, and may have become one since.
func (d *Desk) noMemberIn(k knowledge, id protocol.InstitutionID) *Problem {
	if _, since := d.o.Trust.Member(id); since && d.isPast(k) {
		return problem(NotFound, "vardar member show "+string(id), "%s was no member yet", id)
	}
	return d.noMember(id)
}

// noRecord is the problem of a name under which nothing is held; next is where such records
// are listed.
func (d *Desk) noRecord(n protocol.Name, next string) *Problem {
	p := problem(NotFound, next, "no record %s is held here", n)
	if _, known := d.o.Trust.Member(n.Institution); known {
		return p
	}
	if mend, near := meant(n.Institution, memberIDs(d.o.Trust)); near != "" {
		p.Mend, p.Next = mend, "vardar show "+protocol.Name{Institution: near, Position: n.Position}.String()
	}
	return p
}

func memberIDs(g *trust.Registry) []protocol.InstitutionID {
	members := g.Members()
	ids := make([]protocol.InstitutionID, len(members))
	for i := range members {
		ids[i] = members[i].ID
	}
	return ids
}
