package trust

import (
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// GroupMembers gives the members that a group of the charter in force means now, sorted,
// and false if it has no group of that name. An entry that ends with a dot is a prefix and
// means all members under it; any other is an institution. Who is out is in no group.
func (g *Registry) GroupMembers(name string) ([]protocol.InstitutionID, bool) {
	entries, ok := g.Charter().Groups[name]
	if !ok {
		return nil, false
	}
	out := []protocol.InstitutionID{}
	for _, m := range g.Members() {
		if !m.Out && groupHolds(entries, m.ID) {
			out = append(out, m.ID)
		}
	}
	return out, true
}

func groupHolds(entries []string, id protocol.InstitutionID) bool {
	for _, e := range entries {
		if strings.HasSuffix(e, ".") && id.Under(e) || e == string(id) {
			return true
		}
	}
	return false
}
