package body

import "errors"

// TypeReport is the type of a [SituationReport].
const TypeReport = "vardar.situation.report.v1"

// SituationReport gives figures and narrative for a place and period. Few members are
// needed, since nothing may be dropped for being incomplete: a summary or a figure, and
// with figures place and period, without which a figure can't be compared. The next
// period starts where the last ended; a hole is a quality defect, not an error here.
type SituationReport struct {
	Common
	Period       *Period       `json:"period,omitempty"`
	Number       Positive      `json:"number,omitempty"` // of the author's reports on the incident
	Version      ReportVersion `json:"version,omitempty"`
	Severity     Severity      `json:"severity,omitempty"`
	Summary      Text          `json:"summary,omitempty"`
	Figures      []Figure      `json:"figures,omitempty" fit:"least=1"`
	TopNeeds     []Sector      `json:"top_needs,omitempty" fit:"least=1 most=3 unique"`
	Actions      Text          `json:"actions,omitempty"`
	Outlook      Text          `json:"outlook,omitempty"`
	NextReportAt Time          `json:"next_report_at,omitzero"`
	Regional     *Regional     `json:"regional,omitempty"` // of a regional report, which has no figures of its own
}

// Period is a stretch of time: from start up to and without end.
type Period struct {
	Start Time `json:"start"`
	End   Time `json:"end"`
}

// check wants the end after the start; [ErrPeriod].
func (p *Period) check() error {
	if p.End <= p.Start {
		return refuse(ErrPeriod, "period.end", "it lies at or before start: give the moment the period ended")
	}
	return nil
}

// Figure is one number of a report. The unit of a core indicator is known and may be
// left out; one of the author's own needs its unit.
type Figure struct {
	Indicator Indicator  `json:"indicator"`
	Value     Count      `json:"value"`
	Unit      Label      `json:"unit,omitempty"`
	By        *Breakdown `json:"by,omitempty"`
	Method    Method     `json:"method,omitempty"` // default: the report's
}

// In gives the unit, given or known.
func (f *Figure) In() Label {
	if f.Unit != "" {
		return f.Unit
	}
	return f.Indicator.Unit()
}

// Breakdown says which part of a total a figure counts.
type Breakdown struct {
	Sex   Sex      `json:"sex,omitempty"`
	Age   AgeGroup `json:"age,omitempty"`
	Group Group    `json:"group,omitempty"`
}

// Sex is a breakdown by sex, in the letters of HXL: f, m, i.
type Sex string

// Words gives the vocabulary.
func (Sex) Words() []string { return []string{"f", "m", "i"} }

// UnmarshalText reads one of the letters; [ErrVocabulary].
func (s *Sex) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// AgeGroup is a breakdown by age: a word of HXL (infants, children, adolescents, adults,
// elderly), or years such as 5-17 and 60+.
type AgeGroup string

// Pattern is the regular expression of both forms.
func (AgeGroup) Pattern() string { return ageGroupPattern }

// UnmarshalText reads it; [ErrPattern].
func (a *AgeGroup) UnmarshalText(b []byte) error {
	return readPattern(a, b, ageGroupExpr, "want infants, children, adolescents, adults, elderly, or years such as 5-17 or 60+")
}

// Group is a breakdown by group of persons: one of the list, or one that begins with x-.
type Group string

// Words gives the vocabulary: the groups of HXL that count persons on the move.
func (Group) Words() []string {
	return []string{"refugees", "asylum_seekers", "migrants", "idps", "returnees", "displaced", "host_community"}
}

// Open says that words beginning with x- are welcome.
func (Group) Open() bool { return true }

// UnmarshalText reads one of the list, or one that begins with x-; [ErrVocabulary].
func (g *Group) UnmarshalText(b []byte) error { return readOpenWord(g, b, g.Words()) }

// ReportVersion says where a report stands in its series (EDXL-SitRep).
type ReportVersion string

// Words gives the vocabulary.
func (ReportVersion) Words() []string { return []string{"initial", "update", "final"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (v *ReportVersion) UnmarshalText(b []byte) error { return readWord(v, b, v.Words()) }

// Type gives [TypeReport].
func (*SituationReport) Type() string { return TypeReport }

func (r *SituationReport) check() error {
	var nothing, period error
	if r.Regional == nil && r.Summary == "" && len(r.Figures) == 0 {
		nothing = refuse(ErrRequired, "summary", "the report says nothing: give a summary, or figures")
	}
	if r.Period != nil {
		period = r.Period.check()
	}
	if r.Regional != nil {
		return errors.Join(nothing, period, r.checkRegional())
	}
	return errors.Join(nothing, period, r.checkWhence(), r.checkFigures())
}

// checkWhence wants place and period of figures.
func (r *SituationReport) checkWhence() error {
	var place, period error
	if len(r.Figures) > 0 && r.Place == nil {
		place = refuse(ErrRequired, "place", "figures need the place that they were counted at")
	}
	if len(r.Figures) > 0 && r.Period == nil {
		period = refuse(ErrRequired, "period", "figures need the period that they were counted in")
	}
	return errors.Join(place, period)
}

// figureKey is what makes two figures of a report speak about the same.
type figureKey struct {
	indicator Indicator
	by        Breakdown
	method    Method
}

func (r *SituationReport) checkFigures() error {
	seen := map[figureKey]bool{}
	for i := range r.Figures {
		f := &r.Figures[i]
		path := entry("figures", i)
		unit := f.Indicator.Unit()
		switch {
		case unit != "" && f.Unit != "" && f.Unit != unit:
			return refuse(ErrUnit, path+".unit", "%s is counted in %s: write that, or leave it out", f.Indicator, unit)
		case f.In() == "":
			return refuse(ErrUnit, path+".unit", "%s is an indicator of your own: say what it is counted in", f.Indicator)
		}
		key := figureKey{indicator: f.Indicator, method: f.Method}
		if f.By != nil {
			key.by = *f.By
		}
		if seen[key] {
			return refuse(ErrTwice, path, "%s is given twice for the same persons: keep one", f.Indicator)
		}
		seen[key] = true
	}
	return nil
}
