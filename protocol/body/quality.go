package body

import (
	_ "embed" // the profile
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed profiles/quality-v1.json
var qualityProfile []byte

// QualityWeights are how much each part counts, per mille of the sum.
type QualityWeights struct {
	SourceRecord int64 `json:"source_record"`
	Credibility  int64 `json:"credibility"`
	Timeliness   int64 `json:"timeliness"`
	Completeness int64 `json:"completeness"`
	Confirmation int64 `json:"confirmation"`
}

// QualityProfile is the versioned table of what quality is made of; its version is printed
// with each score. Numbers are per mille unless said.
type QualityProfile struct {
	Profile     string                      `json:"profile"`
	Version     int                         `json:"version"`
	Source      string                      `json:"source"`
	Weights     QualityWeights              `json:"weights"`
	Provenance  map[string]int64            `json:"provenance"`   // by method; of what is relayed by its source
	Credibility []int64                     `json:"credibility"`  // of the Admiralty numbers 1 to 6
	Letters     []int64                     `json:"letters"`      // from which on A to D; below: E
	LeastJudged int64                       `json:"least_judged"` // records, below which nobody is judged: F
	Unjudged    int64                       `json:"unjudged"`     // what F counts
	JudgedDays  int                         `json:"judged_days"`
	History     int                         `json:"history"` // values that a figure is held against
	MAD         int64                       `json:"mad"`     // median absolute deviations
	Inner       int64                       `json:"inner"`   // for each inner contradiction, times this
	Percent     int64                       `json:"percent"` // beyond which two figures contradict each other, if
	Floor       int64                       `json:"floor"`   // they lie further apart than this too
	Bands       []int64                     `json:"bands"`   // of 100: from which on good, usable, weak
	Halves      []int64                     `json:"halves"`  // 2^(−x) at quarter steps of x from 0; 0 behind the last
	Kinds       map[string]map[string]int64 `json:"kinds"`   // the weights of the members of [Scored]
}

// Qualities reads the profile of this version. Read it once and keep it.
func Qualities() (QualityProfile, error) {
	var p QualityProfile
	if _, err := protocol.DecodeJSON(qualityProfile, &p); err != nil {
		return QualityProfile{}, fmt.Errorf("read quality profile: %w", err)
	}
	return p, nil
}

// The members that completeness asks for, besides the core indicators of a report.
const (
	memberSummary = "summary"
	memberState   = "state"
	memberStaff   = "staff"
	memberPeriod  = "period"
)

// Scored gives what the completeness of a kind is a share of, in a fixed order; nothing for
// a kind that has no quality.
func Scored(recordType string) []string {
	switch recordType {
	case TypeReport:
		return append(Indicator("").Words(), "severity", memberSummary, "top_needs", "next_report_at")
	case TypeRoute:
		return []string{memberState, "waiting", "direction", "throughput", "wait_hours", "restriction"}
	case TypeNeeds:
		return []string{"population.in_need", "items.available", "population.affected", "population.reached", "items.cost_estimate", memberPeriod}
	case TypeCapacity:
		return []string{"items.total", "items.available", "items.committed", "items.readiness_hours", memberStaff, "gaps"}
	}
	return nil
}

// Given reports which of [Scored] a body gives; "not available, because" counts as given.
func Given(b Body) []bool {
	names := Scored(b.Type())
	out := make([]bool, len(names))
	for i, name := range names {
		out[i] = gives(b, name) || slices.ContainsFunc(b.Base().NA, func(na NotAvailable) bool {
			return string(na.Field) == name || string(na.Field) == "figures."+name
		})
	}
	return out
}

func gives(b Body, name string) bool {
	switch b := b.(type) {
	case *SituationReport:
		return b.gives(name)
	case *Route:
		return b.gives(name)
	case *Needs:
		return b.gives(name)
	case *Capacity:
		return b.gives(name)
	}
	return false
}

func (r *SituationReport) gives(name string) bool {
	switch name {
	case "severity":
		return r.Severity != ""
	case memberSummary:
		return r.Summary != ""
	case "top_needs":
		return len(r.TopNeeds) > 0
	case "next_report_at":
		return !r.NextReportAt.IsZero()
	}
	return slices.ContainsFunc(r.Figures, func(f Figure) bool { return string(f.Indicator) == name && f.By == nil })
}

// gives asks for a restriction only where something is restricted.
func (r *Route) gives(name string) bool {
	switch name {
	case "waiting":
		return r.Waiting != nil
	case "direction":
		return r.Direction != ""
	case "throughput":
		return r.Throughput != nil
	case "wait_hours":
		return r.WaitHours != nil
	case "restriction":
		return r.Restriction != nil || r.State == RouteOpen || r.State == RouteCongested
	}
	return name == memberState
}

func (n *Needs) gives(name string) bool {
	p := Population{}
	if n.Population != nil {
		p = *n.Population
	}
	switch name {
	case "population.in_need":
		return !p.InNeed.IsZero()
	case "population.affected":
		return !p.Affected.IsZero()
	case "population.reached":
		return !p.Reached.IsZero()
	case memberPeriod:
		return n.Period != nil
	}
	return !slices.ContainsFunc(n.Items, func(i Need) bool {
		return name == "items.available" && i.Available == nil || name == "items.cost_estimate" && i.CostEstimate == nil
	})
}

func (c *Capacity) gives(name string) bool {
	switch name {
	case memberStaff:
		return c.Staff != nil
	case "gaps":
		return len(c.Gaps) > 0
	}
	return !slices.ContainsFunc(c.Items, func(i CapacityItem) bool {
		return name == "items.total" && i.Total == nil || name == "items.available" && i.Available == nil ||
			name == "items.committed" && i.Committed == nil || name == "items.readiness_hours" && i.ReadinessHours == nil
	})
}

// InnerContradictions counts what of a body can't be so together: more children than
// persons, more sheltered than places, parts that do not make their total. Bands are taken
// in favour of agreement.
func InnerContradictions(b Body) int {
	n := 0
	count := func(wrong bool) {
		if wrong {
			n++
		}
	}
	switch b := b.(type) {
	case *SituationReport:
		total := b.totals()
		count(more(total[Children], total[Present]))
		count(more(total[Sheltered], total[CapacityTotal]))
		for _, i := range b.parted() {
			_, agree := b.PartsOf(i)
			count(!agree)
		}
	case *Needs:
		if p := b.Population; p != nil {
			count(more(p.InNeed, p.Affected))
		}
	case *Capacity:
		for _, i := range b.Items {
			count(i.Total != nil && i.Committed != nil && i.Available != nil && *i.Committed+*i.Available != *i.Total)
		}
	}
	return n
}

// more reports whether one count is more than another, whatever they stand for.
func more(a, b Count) bool {
	low, _ := a.Range()
	_, high := b.Range()
	return !a.IsZero() && !b.IsZero() && low > high
}

func (r *SituationReport) totals() map[Indicator]Count {
	out := map[Indicator]Count{}
	for _, f := range r.Figures {
		if f.By == nil && out[f.Indicator].IsZero() {
			out[f.Indicator] = f.Value
		}
	}
	return out
}

// parted gives the indicators that are given in total and in parts, each once.
func (r *SituationReport) parted() []Indicator {
	var out []Indicator
	total := r.totals()
	for _, f := range r.Figures {
		if parted, _ := r.PartsOf(f.Indicator); parted && !total[f.Indicator].IsZero() && !slices.Contains(out, f.Indicator) {
			out = append(out, f.Indicator)
		}
	}
	return out
}

// PartsOf reports whether a total is given by both sexes, and
// whether they make it. Other parts are left out: nobody says that they are all.
func (r *SituationReport) PartsOf(i Indicator) (parted, agree bool) {
	total, seen := r.totals()[i], map[Sex]bool{}
	var low, high int64
	for _, f := range r.Figures {
		if f.Indicator != i || f.By == nil || f.By.Sex == "" || f.By.Age != "" || f.By.Group != "" || seen[f.By.Sex] {
			continue
		}
		a, b := f.Value.Range()
		low, high, seen[f.By.Sex] = low+a, high+b, true
	}
	if total.IsZero() || !seen["f"] || !seen["m"] {
		return false, true
	}
	least, most := total.Range()
	return true, low <= most && high >= least
}
