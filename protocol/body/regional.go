package body

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Regional is what a regional body adds up of its members' reports (domain.md §4), in a
// [SituationReport] that has no figures of its own: whoever does not know this member
// reads the narrative, and nobody counts anything twice. Every figure names the records
// that it was made of, so that each node can add them up again.
type Regional struct {
	Territory  []Territory         `json:"territory,omitempty" fit:"least=1 most=100 unique"` // absent: all members
	Coverage   RegionalCoverage    `json:"coverage"`
	Indicators []RegionalIndicator `json:"indicators,omitempty" fit:"least=1 most=100"`
	LeftOut    []Indicator         `json:"left_out,omitempty" fit:"least=1 unique"` // by the author's choice
}

// Territory is a part of the network: the institutions of a country, by the beginning of
// their IDs, or a group of the charter as group:mk-southeast.
type Territory string

// Pattern is the regular expression of both.
func (Territory) Pattern() string { return `group:` + tokenPattern + `|[a-z]{2}|int` }

// UnmarshalText reads it; [ErrPattern].
func (t *Territory) UnmarshalText(b []byte) error {
	return readPattern(t, b, territoryExpr, "want a country such as mk, or a group of the charter such as group:mk-southeast")
}

// Group gives the group's name, and false for a country.
func (t Territory) Group() (string, bool) { return strings.CutPrefix(string(t), "group:") }

// RegionalCoverage is how many of the reports that were due had come when it was drawn up.
type RegionalCoverage struct {
	Reported Quantity          `json:"reported"`
	Of       Quantity          `json:"of"`
	Missing  []RegionalMissing `json:"missing,omitempty" fit:"least=1 most=1000"`
}

// RegionalMissing is a report that had not come.
type RegionalMissing struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       Place                  `json:"place"`
	State       MissingState           `json:"state"`
	LastAt      Time                   `json:"last_at,omitzero"` // up to when its last one spoke; absent: none had ever come
}

// Never reports whether its author had not reported once: it was expected to. It has no word of
// its own in [MissingState], since whoever does not know a word reads nothing of the report.
func (m *RegionalMissing) Never() bool { return m.LastAt == 0 }

// MissingState says why a report had not come.
type MissingState string

// The states.
const (
	MissingOverdue MissingState = "overdue"  // it was due
	MissingLineCut MissingState = "line_cut" // the same, and no line led there: it may well have been written
	MissingNotDue  MissingState = "not_due"  // the last one is not so old that another was due
)

// Words gives the vocabulary.
func (MissingState) Words() []string { return []string{"overdue", "line_cut", "not_due"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *MissingState) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// RegionalIndicator is one indicator, institution by institution and place by place, and
// what they add up to where they can be added.
type RegionalIndicator struct {
	Indicator      Indicator               `json:"indicator"`
	Unit           Label                   `json:"unit"`
	Total          *RegionalTotal          `json:"total,omitempty"` // absent: there is nothing to add, or it must not be added
	Rows           []RegionalRow           `json:"rows" fit:"least=1 most=1000"`
	Contradictions []RegionalContradiction `json:"contradictions,omitempty" fit:"least=1 most=1000"`
}

// RegionalTotal is the sum over places that do not overlap, as far as anybody knows. Of
// places whose institutions say different things it has the lowest and the highest.
type RegionalTotal struct {
	Value  Quantity  `json:"value"`
	High   *Quantity `json:"high,omitempty"` // above value: it is a range
	Places Quantity  `json:"places"`         // that it was made of
}

// RegionalRow is what one institution reported of one place in the period. Without a
// value there is none, for a reason, and nothing is added: it is never a 0.
type RegionalRow struct {
	Place       Place                  `json:"place"`
	Institution protocol.InstitutionID `json:"institution"`
	Value       *Quantity              `json:"value,omitempty"`
	High        *Quantity              `json:"high,omitempty"`    // above value: it is a range
	Reason      Text                   `json:"reason,omitempty"`  // why there is no value
	Hours       *Quantity              `json:"hours,omitempty"`   // of the period that a sum over time covers
	Quality     *RegionalQuality       `json:"quality,omitempty"` // as its author's node graded it
	Apart       ApartWord              `json:"apart,omitempty"`   // why it is not in the total
	Sources     []protocol.Name        `json:"sources" fit:"least=1 most=1000 unique"`
}

// RegionalQuality is the grade of the latest figure of a row.
type RegionalQuality struct {
	Score Quantity `json:"score" fit:"max=100"`
	Band  Band     `json:"band"`
}

// Band is the word for a score of quality.
type Band string

// Words gives the vocabulary.
func (Band) Words() []string { return []string{"good", "usable", "weak", "poor"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (b *Band) UnmarshalText(text []byte) error { return readWord(b, text, b.Words()) }

// ApartWord says why a row is not in a total.
type ApartWord string

// The reasons.
const (
	ApartWithin  ApartWord = "within"  // its place lies in another that is in the total
	ApartOverlap ApartWord = "overlap" // its place may overlap with one that is
	ApartUnknown ApartWord = "unknown" // its code does not say in which country its place lies
)

// Words gives the vocabulary.
func (ApartWord) Words() []string { return []string{"within", "overlap", "unknown"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (a *ApartWord) UnmarshalText(b []byte) error { return readWord(a, b, a.Words()) }

// RegionalContradiction is two institutions that contradict each other on a place; nobody
// has settled it.
type RegionalContradiction struct {
	Place   Place           `json:"place"`
	Between []RegionalVoice `json:"between" fit:"least=2 most=2"`
}

// RegionalVoice is one side of it.
type RegionalVoice struct {
	Institution protocol.InstitutionID `json:"institution"`
	Value       Count                  `json:"value"`
	Record      protocol.Name          `json:"record"`
}

// OverTime reports whether an indicator counts what happens, so that the figures of two
// days can be added; of what is there the latest counts.
func (i Indicator) OverTime() bool {
	return slices.Contains([]Indicator{Arrivals, Departures, MedicalConsultations, Deaths, AsylumIntentions}, i)
}

// OverPlaces reports whether the figures of places that do not overlap can be added. Those
// who arrive in one place and leave it arrive in the next: they would count twice.
func (i Indicator) OverPlaces() bool { return i.Core() && i != Arrivals && i != Departures }

// checkRegional holds a regional report together; the rest is in the tags.
func (r *SituationReport) checkRegional() error {
	switch {
	case len(r.Figures) > 0:
		return refuse(ErrForbidden, "figures", "a regional report has no figures of its own: leave them out, or leave regional out")
	case r.Place != nil:
		return refuse(ErrForbidden, "place", "a regional report says in regional.territory what it is about: leave it out")
	case r.Period == nil:
		return refuse(ErrRequired, "period", "give the period that the members' reports are of")
	case r.Summary == "":
		return refuse(ErrRequired, "summary", "say in a sentence what is the case: it is what everybody can read")
	}
	c := &r.Regional.Coverage
	if int(c.Of) != int(c.Reported)+len(c.Missing) {
		return refuse(ErrRange, "regional.coverage.of", "%d reported and %d are missing: want %d", c.Reported, len(c.Missing), int(c.Reported)+len(c.Missing))
	}
	for i := range c.Missing {
		if err := c.Missing[i].Place.check(join(entry("regional.coverage.missing", i), "place")); err != nil {
			return err
		}
	}
	named, seen := map[protocol.Name]bool{}, map[Indicator]bool{}
	for _, ref := range r.Refs {
		named[ref.Record] = named[ref.Record] || ref.Rel == RelAggregates
	}
	for i := range r.Regional.Indicators {
		of, path := &r.Regional.Indicators[i], entry("regional.indicators", i)
		if seen[of.Indicator] {
			return refuse(ErrTwice, path, "%s stands twice: keep one", of.Indicator)
		}
		seen[of.Indicator] = true
		if err := of.check(path, named); err != nil {
			return err
		}
	}
	return nil
}

func (of *RegionalIndicator) check(path string, named map[protocol.Name]bool) error {
	if t := of.Total; t != nil && t.High != nil && *t.High <= t.Value {
		return refuse(ErrRange, path+".total.high", "it is not above value: leave it out, or give the higher end")
	}
	type key struct {
		place PlaceKey
		by    protocol.InstitutionID
	}
	seen := map[key]bool{}
	for i := range of.Rows {
		row, at := &of.Rows[i], entry(join(path, "rows"), i)
		k := key{row.Place.Key(), row.Institution}
		switch {
		case seen[k]:
			return refuse(ErrTwice, at, "%s stands twice for %s: keep one", row.Institution, k.place)
		case (row.Value == nil) == (row.Reason == ""):
			return refuse(ErrRequired, at+".value", "give the value, or the reason why there is none: one of them")
		case row.High != nil && (row.Value == nil || *row.High <= *row.Value):
			return refuse(ErrRange, at+".high", "it is not above value: leave it out, or give the higher end")
		}
		seen[k] = true
		if err := row.Place.check(join(at, "place")); err != nil {
			return err
		}
		for j, source := range row.Sources {
			if !named[source] {
				return refuse(ErrReference, entry(join(at, "sources"), j), "%s is not among the references: name it in refs with the relation aggregates and its digest", source)
			}
		}
	}
	for i := range of.Contradictions {
		if err := of.Contradictions[i].Place.check(join(entry(join(path, "contradictions"), i), "place")); err != nil {
			return err
		}
	}
	return nil
}
