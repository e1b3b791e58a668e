package body

import (
	"errors"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// TypeStrategy is the type of a [Strategy].
const TypeStrategy = "vardar.policy.strategy.v1"

// Strategy is what an institution wants to reach in a period: numbered objectives, each with
// the objectives of a level above that it supports. For every strategy that is named so, a
// reference "supports" has its digest. A strategy is put right by a correction: what it said
// before is its earlier version.
type Strategy struct {
	Common
	Level      StrategyLevel  `json:"level"`
	Title      Label          `json:"title"`
	Period     Period         `json:"period"`
	Status     StrategyStatus `json:"status"`
	Objectives []Objective    `json:"objectives" fit:"least=1 most=999"`
}

// Objective is one thing to reach. What is measured has an indicator of the situation reports;
// its unit, where that is not known, is given here.
type Objective struct {
	OID       ObjectiveID    `json:"oid"` // stays from version to version
	Text      Text           `json:"text"`
	Indicator Indicator      `json:"indicator,omitempty"`
	Baseline  *Quantity      `json:"baseline,omitempty"` // where it stood at the beginning
	Target    *Quantity      `json:"target,omitempty"`   // more or less than the baseline
	Unit      Label          `json:"unit,omitempty"`
	Due       Time           `json:"due,omitzero"`
	Supports  []ObjectiveRef `json:"supports,omitempty" fit:"least=1 most=99 unique"`
}

// In gives the unit, given or known.
func (o *Objective) In() Label {
	if o.Unit != "" {
		return o.Unit
	}
	return o.Indicator.Unit()
}

// ObjectiveID numbers an objective within its strategy: 1, 2.3, A-4.
type ObjectiveID string

// Pattern is the regular expression of one.
func (ObjectiveID) Pattern() string { return objectivePattern }

// UnmarshalText reads it; [ErrPattern].
func (o *ObjectiveID) UnmarshalText(b []byte) error {
	return readPattern(o, b, objectiveExpr, "want a number such as 2 or 2.3")
}

// ObjectiveRef names an objective of another strategy: the strategy's record, # and its number.
type ObjectiveRef string

// Pattern is the regular expression of one.
func (ObjectiveRef) Pattern() string { return objectiveRefPattern }

// UnmarshalText reads it; [ErrPattern], or a rule of [protocol.ParseName].
func (o *ObjectiveRef) UnmarshalText(b []byte) error {
	name, oid, ok := strings.Cut(string(b), "#")
	n, err := protocol.ParseName(name)
	switch {
	case !ok || !objectiveExpr.MatchString(oid):
		return refuse(ErrPattern, "", "%s: want a strategy's record, # and an objective's number: mk.national.crisis-centre/policy.1.3#2.1", shown(string(b)))
	case err != nil:
		return err
	case n.Topic != protocol.Policy:
		return refuse(ErrPattern, "", "%s is no strategy: name a record of policy", n)
	}
	*o = ObjectiveRef(b)
	return nil
}

// Strategy gives the record named.
func (o ObjectiveRef) Strategy() protocol.Name {
	name, _, _ := strings.Cut(string(o), "#")
	n, _ := protocol.ParseName(name) // it was read
	return n
}

// OID gives the objective's number.
func (o ObjectiveRef) OID() ObjectiveID {
	_, oid, _ := strings.Cut(string(o), "#")
	return ObjectiveID(oid)
}

// StrategyLevel is the level of governance that a strategy is of.
type StrategyLevel string

// The four levels.
const (
	LocalStrategy         StrategyLevel = "local"
	RegionalStrategy      StrategyLevel = "regional"
	NationalStrategy      StrategyLevel = "national"
	SupranationalStrategy StrategyLevel = "supranational"
)

// Words gives the vocabulary, from below.
func (StrategyLevel) Words() []string {
	return []string{"local", "regional", "national", "supranational"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (l *StrategyLevel) UnmarshalText(b []byte) error { return readWord(l, b, l.Words()) }

// StrategyLevelOf gives the level whose strategies an institution of a level may say; "" for
// those who govern nothing.
func StrategyLevelOf(l Level) StrategyLevel {
	switch l {
	case Municipality:
		return LocalStrategy
	case RegionalAuthority:
		return RegionalStrategy
	case Ministry:
		return NationalStrategy
	case RegionalBody:
		return SupranationalStrategy
	case NGO, InternationalOrganisation, Donor:
	}
	return ""
}

// StrategyStatus says whether a strategy is in force.
type StrategyStatus string

// The three.
const (
	StrategyDraft   StrategyStatus = "draft"
	StrategyAdopted StrategyStatus = "adopted"
	StrategyExpired StrategyStatus = "expired"
)

// Words gives the vocabulary.
func (StrategyStatus) Words() []string { return []string{"draft", "adopted", "expired"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *StrategyStatus) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Type gives [TypeStrategy].
func (*Strategy) Type() string { return TypeStrategy }

func (s *Strategy) check() error {
	var above []error
	if s.Level == SupranationalStrategy {
		for i := range s.Objectives {
			if len(s.Objectives[i].Supports) > 0 {
				above = append(above, refuse(ErrForbidden, entry("objectives", i)+".supports", "nothing stands above a supranational strategy: leave it out"))
			}
		}
	}
	return errors.Join(s.Period.check(), errors.Join(above...), s.checkObjectives(s.Objectives))
}

// checkObjectives wants each numbered once, and of each strategy that one supports the digest
// among the references.
func (c *Common) checkObjectives(objectives []Objective) error {
	seen := map[ObjectiveID]bool{}
	for i := range objectives {
		o, path := &objectives[i], entry("objectives", i)
		if seen[o.OID] {
			return refuse(ErrTwice, path+".oid", "%s stands twice: give each objective a number of its own", o.OID)
		}
		seen[o.OID] = true
		if err := o.check(path); err != nil {
			return err
		}
		for j, ref := range o.Supports {
			if c.named(ref.Strategy()) != 1 {
				return refuse(ErrReference, entry(path+".supports", j), "one reference supports with the digest of %s is to stand in refs", ref.Strategy())
			}
		}
	}
	return nil
}

// named counts the references "supports" to a strategy.
func (c *Common) named(n protocol.Name) int {
	count := 0
	for _, r := range c.Refs {
		if r.Rel == RelSupports && r.Record == n {
			count++
		}
	}
	return count
}

func (o *Objective) check(path string) error {
	unit := o.Indicator.Unit()
	measured := o.Baseline != nil || o.Target != nil
	switch {
	case o.Indicator == "" && (measured || o.Unit != ""):
		return refuse(ErrRequired, path+".indicator", "say what is counted: an indicator of the situation reports, or one of your own that begins with x-")
	case unit != "" && o.Unit != "" && o.Unit != unit:
		return refuse(ErrUnit, path+".unit", "%s is counted in %s: write that, or leave it out", o.Indicator, unit)
	case measured && o.In() == "":
		return refuse(ErrUnit, path+".unit", "%s is an indicator of your own: say what it is counted in", o.Indicator)
	}
	return nil
}
