package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// BeyondStrategy is why a strategy is not counted that its author may not say.
const BeyondStrategy = "beyond competence: its author is not of the level that the strategy is of"

// rankStrategies marks the strategies that are not of their author's level: they are kept,
// shown and not counted, and a link to one counts as none.
func (v *View) rankStrategies(r *Ranks) {
	v.Strategies = slices.Clone(v.Strategies)
	beyond := map[protocol.Digest]bool{}
	for i := range v.Strategies {
		s := &v.Strategies[i]
		if m := r.of[s.Institution]; m == nil || body.StrategyLevelOf(m.Level) != s.Level {
			s.Ignored, beyond[s.Digest] = BeyondStrategy, true
		}
	}
	for i := range v.Strategies {
		s := &v.Strategies[i]
		s.Objectives = slices.Clone(s.Objectives)
		for j := range s.Objectives {
			o := &s.Objectives[j]
			o.Supports = slices.Clone(o.Supports)
			for k := range o.Supports {
				if beyond[o.Supports[k].Digest] && o.Supports[k].State != SupportBroken {
					o.Supports[k].State = SupportUncounted
				}
			}
		}
	}
}

// AlignmentFinding is what is to be looked at in an objective.
type AlignmentFinding string

// The findings.
const (
	FindingOrphan    AlignmentFinding = "orphan"    // it supports nothing above, though there is a strategy above
	FindingUncovered AlignmentFinding = "uncovered" // no lower objective supports it
	FindingBroken    AlignmentFinding = "broken"    // a link of it leads nowhere
)

// AlignedObjective is an objective of a strategy in force, between those above and below it.
type AlignedObjective struct {
	Strategy    protocol.Name          `json:"strategy"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Level       body.StrategyLevel     `json:"level"`
	Title       string                 `json:"title"`
	Objective
	SupportedBy []Supporter        `json:"supported_by,omitempty"`
	Findings    []AlignmentFinding `json:"findings,omitempty"`
	Progress    *Progress          `json:"progress,omitempty"`
}

// Supporter is an objective of a level below that supports one.
type Supporter struct {
	Strategy    protocol.Name          `json:"strategy"`
	OID         body.ObjectiveID       `json:"oid"`
	Institution protocol.InstitutionID `json:"institution"`
	Text        string                 `json:"text"`
}

// Progress is how far an objective is, by the latest figure of the situation reports on its
// indicator.
type Progress struct {
	Value       body.Count             `json:"value"`
	Unit        string                 `json:"unit"`
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	AgeHours    int64                  `json:"age_hours"`
	Quality     *Quality               `json:"quality,omitempty"`
	PerMille    *int64                 `json:"per_mille,omitempty"` // of the way from baseline to target; only of exact figures
}

// counted reports whether a strategy is in force.
func (s *Strategy) counted() bool { return s.State == StrategyAdopted && s.Ignored == "" }

// Alignment gives the objectives of all strategies in force, those with findings first, then
// from the highest level down. It is a pure function of the picture, once it is ranked and
// graded.
func (v *View) Alignment() []AlignedObjective {
	type target struct {
		strategy protocol.Digest
		oid      body.ObjectiveID
	}
	below, out, measured := map[target][]Supporter{}, []AlignedObjective{}, v.measured()
	for i := range v.Strategies {
		s := &v.Strategies[i]
		if !s.counted() {
			continue
		}
		for j := range s.Objectives {
			o := &s.Objectives[j]
			out = append(out, align(s, o, measured))
			for _, to := range o.Supports {
				if to.State == SupportHolds {
					at := target{to.Digest, to.OID}
					below[at] = append(below[at], Supporter{s.Record, o.OID, s.Institution, o.Text})
				}
			}
		}
	}
	for i := range out {
		o := &out[i]
		o.SupportedBy = below[target{o.Digest, o.OID}]
		o.Findings = v.findings(o)
	}
	words := body.StrategyLevel("").Words()
	slices.SortStableFunc(out, func(a, b AlignedObjective) int {
		return cmp.Or(
			cmp.Compare(min(len(b.Findings), 1), min(len(a.Findings), 1)),
			slices.Index(words, string(b.Level))-slices.Index(words, string(a.Level)),
		)
	})
	return out
}

// Aligned gives the objectives of one strategy, in its own order; of one that is not in force
// there are no findings, and nothing counts as supporting it.
func (v *View) Aligned(s *Strategy) []AlignedObjective {
	found := map[body.ObjectiveID]AlignedObjective{}
	if s.counted() {
		for _, o := range v.Alignment() {
			if o.Digest == s.Digest {
				found[o.OID] = o
			}
		}
	}
	out, measured := make([]AlignedObjective, len(s.Objectives)), v.measured()
	for i := range s.Objectives {
		o, ok := found[s.Objectives[i].OID]
		if !ok {
			o = align(s, &s.Objectives[i], measured)
		}
		out[i] = o
	}
	return out
}

// align gives an objective before it is joined to those below.
func align(s *Strategy, o *Objective, measured measures) AlignedObjective {
	return AlignedObjective{
		Strategy: s.Record, Digest: s.Digest, Institution: s.Institution, Level: s.Level, Title: s.Title, Objective: *o, Progress: measured.progress(s, o),
	}
}

// findings says what is to be looked at.
func (v *View) findings(o *AlignedObjective) []AlignmentFinding {
	var out []AlignmentFinding
	linked, broken := 0, 0
	for _, s := range o.Supports {
		if s.State == SupportHolds {
			linked++
		} else {
			broken++
		}
	}
	above := slices.ContainsFunc(v.Strategies, func(s Strategy) bool {
		return s.counted() && LevelAbove(s.Level, s.Institution, o.Level, o.Institution)
	})
	if linked == 0 && above {
		out = append(out, FindingOrphan)
	}
	if o.Level != body.LocalStrategy && len(o.SupportedBy) == 0 {
		out = append(out, FindingUncovered)
	}
	if broken > 0 {
		out = append(out, FindingBroken)
	}
	return out
}

// AlignmentCoverage counts a level of a country: how many have a strategy in force, and how
// its objectives hang together with those above and below.
type AlignmentCoverage struct {
	Level      body.StrategyLevel `json:"level"`
	Country    string             `json:"country"` // of the institutions' names; int: of none
	Members    int                `json:"members"` // who may have one
	Speaking   int                `json:"speaking"`
	Strategies int                `json:"strategies"`
	Objectives int                `json:"objectives"`
	Linked     int                `json:"linked"`  // that support one above
	Orphans    int                `json:"orphans"` // that support none, though there is one
	Covered    int                `json:"covered"` // that one below supports
	Uncovered  int                `json:"uncovered"`
}

// AlignmentCoverage counts the alignment by level, the highest first, and country.
func (v *View) AlignmentCoverage(ranks *Ranks) []AlignmentCoverage {
	type key struct {
		level   body.StrategyLevel
		country string
	}
	rows := map[key]*AlignmentCoverage{}
	row := func(level body.StrategyLevel, id protocol.InstitutionID) *AlignmentCoverage {
		k := key{level, id.Country()}
		if rows[k] == nil {
			rows[k] = &AlignmentCoverage{Level: level, Country: k.country}
		}
		return rows[k]
	}
	for id, m := range ranks.of {
		if level := body.StrategyLevelOf(m.Level); level != "" {
			row(level, id).Members++
		}
	}
	speaks := map[protocol.InstitutionID]bool{}
	for i := range v.Strategies {
		s := &v.Strategies[i]
		if !s.counted() {
			continue
		}
		r := row(s.Level, s.Institution)
		if r.Strategies++; !speaks[s.Institution] {
			speaks[s.Institution] = true
			r.Speaking++
		}
	}
	objectives := v.Alignment()
	for i := range objectives {
		row(objectives[i].Level, objectives[i].Institution).count(&objectives[i])
	}
	out := make([]AlignmentCoverage, 0, len(rows))
	for _, r := range rows {
		out = append(out, *r)
	}
	words := body.StrategyLevel("").Words()
	slices.SortFunc(out, func(a, b AlignmentCoverage) int {
		return cmp.Or(slices.Index(words, string(b.Level))-slices.Index(words, string(a.Level)), cmp.Compare(a.Country, b.Country))
	})
	return out
}

func (r *AlignmentCoverage) count(o *AlignedObjective) {
	r.Objectives++
	if slices.ContainsFunc(o.Supports, func(s Support) bool { return s.State == SupportHolds }) {
		r.Linked++
	}
	if slices.Contains(o.Findings, FindingOrphan) {
		r.Orphans++
	}
	if len(o.SupportedBy) > 0 {
		r.Covered++
	}
	if slices.Contains(o.Findings, FindingUncovered) {
		r.Uncovered++
	}
}

// measures are the figures of all persons by what they count, in the order of the picture.
type measures map[body.Indicator][]*Figure

// measured gathers them once for all objectives.
func (v *View) measured() measures {
	out := measures{}
	for i := range v.Figures {
		if f := &v.Figures[i]; f.By == "" {
			out[f.Indicator] = append(out[f.Indicator], f)
		}
	}
	return out
}

// Progress gives how far an objective is: by the latest figure on its indicator, in its unit,
// of all persons, at the strategy's place, or if it names none, by its author; there too the
// author's own goes first. Nil if there is none.
func (v *View) Progress(s *Strategy, o *Objective) *Progress { return v.measured().progress(s, o) }

func (m measures) progress(s *Strategy, o *Objective) *Progress {
	if o.Indicator == "" {
		return nil
	}
	var found *Figure
	for _, f := range m[o.Indicator] {
		own := f.Institution == s.Institution
		switch {
		case f.State != Reported && f.Before == nil:
		case f.State == Reported && f.Unit != o.Unit || f.State != Reported && f.Before.Unit != o.Unit:
		case s.Place.IsZero() && !own || !s.Place.IsZero() && f.Place != s.Place:
		case found == nil || own && found.Institution != s.Institution || own == (found.Institution == s.Institution) && f.PeriodEnd > found.PeriodEnd:
			found = f
		}
	}
	if found == nil {
		return nil
	}
	p := &Progress{
		Value: found.Value, Unit: found.Unit, Place: found.Place, PlaceName: found.PlaceName, Footnote: found.Footnote, Institution: found.Institution,
		Record: found.Record, PeriodEnd: found.PeriodEnd, AgeHours: found.AgeHours, Quality: found.Quality,
	}
	if found.State != Reported { // the last one that was
		p.Value, p.Unit, p.Record, p.PeriodEnd, p.Quality = found.Before.Value, found.Before.Unit, found.Before.Record, found.Before.PeriodEnd, nil
		p.AgeHours += AgeHours(found.Before.known, found.known)
	}
	p.PerMille = o.gone(p.Value)
	return p
}

// gone gives how much of the way from baseline to target is gone, per mille, rounded half up;
// less than 0 if it went the other way. Nil if there is no way to be measured.
func (o *Objective) gone(value body.Count) *int64 {
	n, exact := value.Exact()
	if !exact || o.Baseline == nil || o.Target == nil || *o.Baseline == *o.Target {
		return nil
	}
	done, way := n-int64(*o.Baseline), int64(*o.Target)-int64(*o.Baseline)
	if way < 0 {
		done, way = -done, -way
	}
	m := (2*perMille*done + way) / (2 * way)
	if (2*perMille*done+way)%(2*way) < 0 {
		m--
	}
	return &m
}
