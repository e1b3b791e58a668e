package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// StrategyState says how a strategy stands at an instant.
type StrategyState string

// The states.
const (
	StrategyDraft     StrategyState = "draft"
	StrategyAdopted   StrategyState = "adopted"
	StrategyExpired   StrategyState = "expired" // its author says so, or its period is over
	StrategyWithdrawn StrategyState = "taken back"
)

// StrategyText is what a strategy says, or what a version of it said.
type StrategyText struct {
	Level       body.StrategyLevel  `json:"level"`
	Title       string              `json:"title"`
	PeriodStart protocol.Instant    `json:"period_start"`
	PeriodEnd   protocol.Instant    `json:"period_end"`
	Status      body.StrategyStatus `json:"status"`
	Objectives  []Objective         `json:"objectives"`
}

// Objective is one thing that a strategy is to reach.
type Objective struct {
	OID       body.ObjectiveID `json:"oid"`
	Text      string           `json:"text"`
	Indicator body.Indicator   `json:"indicator,omitempty"`
	Baseline  *body.Quantity   `json:"baseline,omitempty"`
	Target    *body.Quantity   `json:"target,omitempty"`
	Unit      string           `json:"unit,omitempty"` // given, or known of the indicator
	Due       protocol.Instant `json:"due,omitzero"`
	Supports  []Support        `json:"supports,omitempty"`
}

// Support is a link to an objective of a level above.
type Support struct {
	Strategy protocol.Name    `json:"strategy"`
	Digest   protocol.Digest  `json:"digest"`
	OID      body.ObjectiveID `json:"oid"`
	State    SupportState     `json:"state"`
}

// SupportState says whether a link leads somewhere.
type SupportState string

// The states: what is none of [SupportHolds] is shown, and counts as no link.
const (
	SupportHolds     SupportState = "holds"
	SupportWaiting   SupportState = "waiting"           // the strategy is not here
	SupportBroken    SupportState = "broken"            // name and digest are of different records
	SupportUncounted SupportState = "not counted"       // it is no strategy that counts
	SupportMissing   SupportState = "no such objective" // as the strategy stands now
	SupportSideways  SupportState = "not above"         // it is of the same level or below, or of another country
	SupportDraft     SupportState = "draft"             // of a strategy that is not adopted yet
	SupportExpired   SupportState = "expired"           // of one that is over
	SupportWithdrawn SupportState = "taken back"        // of one that its author took back
)

// Strategy is one strategy as it stands, with all its versions.
type Strategy struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	StrategyText
	State      StrategyState     `json:"state"`
	Place      body.PlaceKey     `json:"place,omitzero"`
	PlaceName  string            `json:"place_name,omitempty"`
	Footnote   bool              `json:"footnote,omitempty"`
	Project    protocol.Name     `json:"project,omitzero"`
	Correction protocol.Name     `json:"correction,omitzero"`
	Versions   []StrategyVersion `json:"versions"`          // the oldest first, the last one is in force
	Ignored    string            `json:"ignored,omitempty"` // why it is not counted: by [View.Rank], no part of the digest
}

// StrategyVersion is what a strategy said from one record on.
type StrategyVersion struct {
	Record     protocol.Name    `json:"record"` // the strategy itself, or the correction
	Digest     protocol.Digest  `json:"digest"`
	AuthorTime protocol.Instant `json:"author_time"`
	Reason     string           `json:"reason,omitempty"` // of the correction
	StrategyText
}

// strategy is the essence of one.
type strategy struct {
	text      StrategyText
	place     body.PlaceKey
	placeName string
	project   protocol.Name
}

func newStrategy(b *body.Strategy) *strategy {
	s := &strategy{project: b.Project, text: StrategyText{
		Level: b.Level, Title: string(b.Title), PeriodStart: b.Period.Start.Instant(), PeriodEnd: b.Period.End.Instant(), Status: b.Status,
		Objectives: objectivesOf(b.Objectives, b.Refs),
	}}
	if b.Place != nil {
		s.place, s.placeName = internKey(b.Place.Key()), string(b.Place.Name)
	}
	return s
}

// objectivesOf takes the objectives of a body, with the digests that its references give of what
// they support.
func objectivesOf(of []body.Objective, refs []body.Ref) []Objective {
	digests := map[protocol.Name]protocol.Digest{}
	for _, ref := range refs {
		if ref.Rel == body.RelSupports {
			digests[ref.Record] = ref.Digest
		}
	}
	out := []Objective{}
	for i := range of {
		o := &of[i]
		row := Objective{
			OID: o.OID, Text: string(o.Text), Indicator: o.Indicator, Baseline: o.Baseline, Target: o.Target, Unit: string(o.In()), Due: o.Due.Instant(),
		}
		for _, ref := range o.Supports {
			n := ref.Strategy()
			row.Supports = append(row.Supports, Support{Strategy: n, Digest: digests[n], OID: ref.OID()})
		}
		out = append(out, row)
	}
	return out
}

// cloneObjectives gives a copy whose links can be followed.
func cloneObjectives(of []Objective) []Objective {
	out := slices.Clone(of)
	for i := range out {
		out[i].Supports = slices.Clone(out[i].Supports)
	}
	return out
}

// isStrategy reports whether a record is a strategy that is shown: it counts, or did until its
// author took it back, since others may support it.
func isStrategy(e *entry) bool {
	if _, ok := e.now.(*strategy); ok {
		return true
	}
	_, said := e.what.(*strategy)
	return said && e.standing == Retracted
}

// foldStrategies keeps those of an institution: they are joined at the question, since what a
// reference leads to hangs on records of others.
func foldStrategies(_ protocol.InstitutionID, of []*entry) []*entry { return slices.Clone(of) }

// strategyRows gives all strategies of a world at an instant, by name.
func (b *Board) strategyRows(w *world, at protocol.Instant) []Strategy {
	var out []Strategy
	for _, of := range w.strategies.rows(cmp.Compare) {
		for _, e := range of {
			out = append(out, b.strategyRow(e, at))
		}
	}
	slices.SortFunc(out, func(x, y Strategy) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	held := map[protocol.Digest]*Strategy{}
	for i := range out {
		held[out[i].Digest] = &out[i]
	}
	for i := range out {
		s := &out[i]
		s.Objectives = cloneObjectives(s.Objectives)
		for j := range s.Objectives {
			for k := range s.Objectives[j].Supports {
				b.joinSupport(&s.Objectives[j].Supports[k], held, s)
			}
		}
	}
	return out
}

// strategyRow is the row of one, before its links are followed.
func (b *Board) strategyRow(e *entry, at protocol.Instant) Strategy {
	s, counts := e.now.(*strategy)
	if !counts {
		s = e.what.(*strategy)
	}
	row := Strategy{
		Record: e.name, Digest: e.digest, Institution: e.name.Institution, AuthorTime: e.time, StrategyText: s.text, State: StrategyState(s.text.Status),
		Place: s.place, PlaceName: s.placeName, Project: s.project, Versions: b.strategyVersions(e),
	}
	if e.by != nil {
		row.Correction = e.by.name
	}
	switch {
	case !counts:
		row.State = StrategyWithdrawn
	case at >= row.PeriodEnd:
		row.State = StrategyExpired
	}
	return row
}

// strategyVersions gives what a strategy has said, the oldest first: as it was written, and as
// each correction that came into force has put it right.
func (b *Board) strategyVersions(e *entry) []StrategyVersion {
	out := []StrategyVersion{}
	if was, ok := e.what.(*strategy); ok {
		out = append(out, StrategyVersion{e.name, e.digest, e.time, "", was.text})
	}
	for _, m := range b.mended(e) {
		c := m.what.(*correction)
		if now, ok := c.replaced.(*strategy); ok {
			out = append(out, StrategyVersion{m.name, m.digest, m.time, c.reason, now.text})
		}
	}
	return out
}

// joinSupport follows a link, of a strategy to one above it; of a project, which stands on no
// level, to any (from is nil). One to a strategy that became void leads to where its author says
// it again.
func (b *Board) joinSupport(s *Support, held map[protocol.Digest]*Strategy, from *Strategy) {
	if to := b.reissued().lead(body.Ref{Record: s.Strategy, Digest: s.Digest}); to != nil {
		s.Strategy, s.Digest = to.name, to.digest
	}
	to := held[s.Digest]
	switch reference := b.reference(s.Strategy, s.Digest); {
	case reference == RefWaiting:
		s.State = SupportWaiting
	case reference == RefBroken:
		s.State = SupportBroken
	case to == nil:
		s.State = SupportUncounted
	case to.State == StrategyWithdrawn:
		s.State = SupportWithdrawn
	case from != nil && !to.Above(from):
		s.State = SupportSideways
	case to.Objective(s.OID) == nil:
		s.State = SupportMissing
	case to.State == StrategyExpired:
		s.State = SupportExpired
	case to.State == StrategyDraft:
		s.State = SupportDraft
	default:
		s.State = SupportHolds
	}
}

// Above reports whether a strategy stands above another one: it is of a higher level, and
// where that is a country's or a region's, of the same.
func (s *Strategy) Above(other *Strategy) bool {
	return LevelAbove(s.Level, s.Institution, other.Level, other.Institution)
}

// LevelAbove reports whether strategies of a level by one institution stand above those of
// another level by another one.
func LevelAbove(level body.StrategyLevel, by protocol.InstitutionID, other body.StrategyLevel, whose protocol.InstitutionID) bool {
	words := level.Words()
	switch {
	case slices.Index(words, string(level)) <= slices.Index(words, string(other)):
		return false
	case level == body.SupranationalStrategy:
		return true
	case level == body.RegionalStrategy:
		return by.Group() == whose.Group()
	}
	return by.Country() == whose.Country()
}
