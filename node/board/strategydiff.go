package board

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// StrategyChange is one difference between two versions of a strategy.
type StrategyChange struct {
	OID    body.ObjectiveID `json:"oid,omitempty"`    // of the objective; empty: of the strategy
	Field  string           `json:"field"`            // as the body has it; objective: it came, or went, whole
	Before string           `json:"before,omitempty"` // empty: it was not there
	After  string           `json:"after,omitempty"`  // empty: it is not there any more
}

// Since gives what has changed since an earlier version: of the strategy, and of each
// objective by its number. That objectives stand in another order changes nothing.
func (s *StrategyText) Since(before *StrategyText) []StrategyChange {
	d := diff{out: []StrategyChange{}}
	d.add("level", string(before.Level), string(s.Level))
	d.add("title", before.Title, s.Title)
	d.add("period.start", moment(before.PeriodStart), moment(s.PeriodStart))
	d.add("period.end", moment(before.PeriodEnd), moment(s.PeriodEnd))
	d.add("status", string(before.Status), string(s.Status))
	d.objectives(before.Objectives, s.Objectives)
	return d.out
}

// objectives compares those of two versions.
func (d *diff) objectives(before, now []Objective) {
	for i := range before {
		was := &before[i]
		if d.oid = was.OID; objectiveIn(now, was.OID) == nil {
			d.add("objective", was.Text, "")
		}
	}
	for i := range now {
		is := &now[i]
		d.oid = is.OID
		was := objectiveIn(before, is.OID)
		if was == nil {
			d.add("objective", "", is.Text)
			continue
		}
		d.add("text", was.Text, is.Text)
		d.add("indicator", string(was.Indicator), string(is.Indicator))
		d.add("baseline", quantity(was.Baseline), quantity(is.Baseline))
		d.add("target", quantity(was.Target), quantity(is.Target))
		d.add("unit", was.Unit, is.Unit)
		d.add("due", moment(was.Due), moment(is.Due))
		d.add("supports", was.above(), is.above())
	}
}

// Objective gives the objective of a number; nil if there is none.
func (s *StrategyText) Objective(oid body.ObjectiveID) *Objective {
	return objectiveIn(s.Objectives, oid)
}

func objectiveIn(of []Objective, oid body.ObjectiveID) *Objective {
	i := slices.IndexFunc(of, func(o Objective) bool { return o.OID == oid })
	if i < 0 {
		return nil
	}
	return &of[i]
}

// above names what an objective supports, in one order.
func (o *Objective) above() string {
	names := make([]string, len(o.Supports))
	for i, s := range o.Supports {
		names[i] = s.String()
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// String writes the link as a body has it.
func (s Support) String() string { return s.Strategy.String() + "#" + string(s.OID) }

type diff struct {
	out []StrategyChange
	oid body.ObjectiveID
}

func (d *diff) add(field, before, after string) {
	if before != after {
		d.out = append(d.out, StrategyChange{d.oid, field, before, after})
	}
}

func moment(i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	return i.String()
}

func quantity(q *body.Quantity) string {
	if q == nil {
		return ""
	}
	return strconv.FormatInt(int64(*q), 10)
}

func nameText(n protocol.Name) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}

// joinedIDs names institutions in one order.
func joinedIDs(of []protocol.InstitutionID) string {
	words := make([]string, len(of))
	for i, id := range of {
		words[i] = string(id)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
