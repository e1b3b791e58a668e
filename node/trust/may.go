package trust

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// May reports whether an institution may write records of a type: what goes beyond is
// kept, marked "beyond competence", and left out of figures.
//
// It may write what the charter's members_may lists for its level, or, where the charter
// is silent about the level, what [body.MayByDefault] says. A pattern is a type with * for
// any one token; a last * stands for all that follows, so that vardar.situation.* holds
// every situation record. Every member may write trust records, whose own rules say what
// comes of them, but admissions are the registrars'; registrars may write witness
// and erasure records at any level. A sealed record is allowed by its header to whoever has
// a level; ask again with the type inside. While admissions of different levels contradict
// each other, what all of them allow is allowed.
func (g *Registry) May(id protocol.InstitutionID, recordType string) bool {
	topic, err := protocol.TypeTopic(recordType)
	if err != nil {
		return false
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if topic == protocol.Trust {
		return len(g.newestEpoch(trustFeed(id))) > 0 && (recordType != body.TypeAdmission || g.registrars[id])
	}
	if g.registrars[id] && (recordType == body.TypeWitness || body.IsErasure(recordType)) {
		return true // whatever its level: it goes with the office (design.md §2, §8)
	}
	levels := g.levels(id) // none: no member, or of no level
	return len(levels) > 0 && !slices.ContainsFunc(levels, func(l body.Level) bool { return !g.levelMay(l, recordType) })
}

func (g *Registry) levelMay(l body.Level, recordType string) bool {
	patterns, ok := g.charter.Charter.MembersMay[l.String()]
	if !ok || body.MatchType("vardar.*.sealed.*", recordType) {
		return body.MayByDefault(l, recordType)
	}
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, recordType) })
}

// matches is body.MatchType with a last * for all that follows.
func matches(pattern, recordType string) bool {
	const tokens = 4 // vardar, topic, kind, version
	for strings.HasSuffix(pattern, ".*") && strings.Count(pattern, ".") < tokens-1 {
		pattern += ".*"
	}
	return body.MatchType(pattern, recordType)
}
