package body

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Level is the level of institution that a member is admitted at.
type Level uint8

// The levels of domain.md §4.
const (
	Municipality Level = iota + 1
	RegionalAuthority
	Ministry
	NGO
	InternationalOrganisation
	Donor
	RegionalBody // above countries: a secretariat, an association
)

// Words gives the vocabulary.
func (Level) Words() []string {
	return []string{"municipality", "region", "ministry", "ngo", "international_organisation", "donor", "regional_body"}
}

// Levels gives all levels.
func Levels() []Level {
	return []Level{Municipality, RegionalAuthority, Ministry, NGO, InternationalOrganisation, Donor, RegionalBody}
}

// Valid reports whether it is one of the levels.
func (l Level) Valid() bool { return l >= Municipality && l <= RegionalBody }

// String gives the word that stands in a body and in the charter's members_may.
func (l Level) String() string {
	if !l.Valid() {
		return fmt.Sprintf("level(%d)", uint8(l))
	}
	return l.Words()[l-Municipality]
}

// MarshalText writes the word.
func (l Level) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (l *Level) UnmarshalText(b []byte) error {
	i := slices.Index(l.Words(), string(b))
	if i < 0 {
		return noWord(string(b), l.Words())
	}
	*l = Municipality + Level(i) //nolint:gosec // an index of seven words
	return nil
}

// DefaultPatterns gives what a level may say where the charter is silent, as patterns of
// [MatchType] (domain.md §4, "Who may say what"). For which territory, and who is
// invited, is judged elsewhere; so is who may admit: trust records open to all here count
// only as the charter says.
func DefaultPatterns(l Level) []string {
	if !l.Valid() {
		return nil
	}
	patterns := []string{
		"vardar.trust.*.*",
		"vardar.*.note.*", "vardar.*.correction.*", "vardar.*.acknowledgement.*",
		"vardar.*.endorsement.*", "vardar.*.erasure.*",
		"vardar.situation.report.*", "vardar.knowledge.practice.*",
	}
	exchange := []string{"vardar.situation.needs.*", "vardar.resource.*.*", "vardar.policy.response.*"}
	switch l {
	case Municipality:
		patterns = append(patterns, exchange...)
		return append(patterns, "vardar.situation.route.*", "vardar.situation.phase.*", "vardar.policy.strategy.*",
			"vardar.policy.project.*", "vardar.funding.receive.*", "vardar.funding.report.*")
	case RegionalAuthority, Ministry:
		patterns = append(patterns, exchange...)
		return append(patterns, "vardar.situation.*.*", "vardar.alert.*.*", "vardar.policy.*.*", "vardar.funding.*.*",
			"vardar.knowledge.witness.*")
	case NGO:
		patterns = append(patterns, exchange...)
		return append(patterns, "vardar.funding.receive.*", "vardar.funding.report.*")
	case InternationalOrganisation, Donor:
		patterns = append(patterns, exchange...)
		return append(patterns, "vardar.funding.pledge.*", "vardar.funding.commit.*", "vardar.funding.pay.*",
			"vardar.funding.cancel.*", "vardar.funding.receive.*", "vardar.funding.report.*")
	case RegionalBody:
		patterns = append(patterns, "vardar.policy.strategy.*", "vardar.policy.project.*")
	}
	return append(patterns, "vardar.policy.consultation.*", "vardar.policy.outcome.*", "vardar.knowledge.witness.*")
}

// MatchType reports whether a record type fits a pattern of the charter's members_may:
// four tokens parted by dots, * standing for any one of them.
func MatchType(pattern, recordType string) bool {
	p, t := strings.Split(pattern, "."), strings.Split(recordType, ".")
	if len(p) != 4 || len(t) != 4 {
		return false
	}
	for i := range p {
		if p[i] != "*" && p[i] != t[i] {
			return false
		}
	}
	return true
}

// MayByDefault reports whether a level may write a type where the charter is silent.
// A sealed type may be written by all: what is inside is judged once it is open.
func MayByDefault(l Level, recordType string) bool {
	if l.Valid() && MatchType("vardar.*.sealed.*", recordType) {
		return true
	}
	return slices.ContainsFunc(DefaultPatterns(l), func(p string) bool { return MatchType(p, recordType) })
}

// DefaultHandling gives the mark of a type where the charter is silent: TLP:GREEN, the
// network and no public channel (the charter's own example, wire.md §9; standards.md §15).
// Nothing is TLP:CLEAR unless its author says so, since clear bodies go to public feeds.
func DefaultHandling(string) protocol.Handling { return protocol.Green }

// The cadences of domain.md §5, in hours.
const (
	ReportCadenceInResponse = 24
	ReportCadence           = 168
	RouteCadence            = 12
	NeedsCadence            = 168
	CapacityCadence         = 168
)

// Cadence gives how many hours after one record of a type the next is due in a phase,
// and false for types that are due never. A phase record's report_every_h goes before
// it for situation reports.
func Cadence(recordType string, phase PhaseName) (hours int, due bool) {
	switch recordType {
	case TypeReport:
		if phase == Response {
			return ReportCadenceInResponse, true
		}
		return ReportCadence, true
	case TypeRoute:
		return RouteCadence, true
	case TypeNeeds:
		return NeedsCadence, true
	case TypeCapacity:
		return CapacityCadence, true
	}
	return 0, false
}
