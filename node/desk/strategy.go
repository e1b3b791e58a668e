package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The rows of lists about strategies.
type (
	// StrategyRow is [board.Strategy].
	StrategyRow = board.Strategy
	// Objective is [board.Objective].
	Objective = board.Objective
	// StrategyChange is [board.StrategyChange].
	StrategyChange = board.StrategyChange
	// AlignmentRow is [board.AlignedObjective].
	AlignmentRow = board.AlignedObjective
	// CoverageRow is [board.AlignmentCoverage].
	CoverageRow = board.AlignmentCoverage
)

// strategies gives those in force first, of these the highest level first.
func strategies(v *board.View) []StrategyRow {
	out := slices.Clone(v.Strategies)
	order := []board.StrategyState{board.StrategyAdopted, board.StrategyDraft, board.StrategyExpired, board.StrategyWithdrawn}
	levels := body.StrategyLevel("").Words()
	slices.SortStableFunc(out, func(a, b StrategyRow) int {
		return cmp.Or(
			slices.Index(order, a.State)-slices.Index(order, b.State),
			slices.Index(levels, string(b.Level))-slices.Index(levels, string(a.Level)),
		)
	})
	return out
}

// StrategySheet is one strategy as an institution sees it: what its objectives support and
// what supports them, how far they are, and what became otherwise from version to version.
type StrategySheet struct {
	StrategyRow
	As        protocol.InstitutionID `json:"as"`
	Aligned   []AlignmentRow         `json:"aligned"` // its objectives, in its own order
	History   []StrategyStep         `json:"history"` // the newest first
	Compared  *StrategyComparison    `json:"compared,omitempty"`
	MayMend   bool                   `json:"may_correct"`
	Exercise  bool                   `json:"exercise"`
	Of        protocol.Instant       `json:"of"`            // the instant that it is told of
	Supported []board.Strategy       `json:"supported"`     // the strategies that it names and that are here, by name
	Hearings  []HearingOn            `json:"consultations"` // about any version of it, in the order of their names
	Above     []AboveObjective       `json:"-"`             // that it may support
	Joined    []TitledRecord         `json:"-"`             // projects that it may be part of
}

// StrategyStep is what a version changed.
type StrategyStep struct {
	Version    int                    `json:"version"` // from 1
	Record     protocol.Name          `json:"record"`
	AuthorTime protocol.Instant       `json:"author_time"`
	Reason     string                 `json:"reason,omitempty"`
	Changes    []board.StrategyChange `json:"changes"`
}

// StrategyComparison is what is otherwise in one version than in another.
type StrategyComparison struct {
	From    int                    `json:"from"`
	To      int                    `json:"to"`
	Changes []board.StrategyChange `json:"changes"`
}

// StrategyQuery asks for a strategy.
type StrategyQuery struct {
	As       protocol.InstitutionID
	Record   string           // a name, or a position of As
	At       protocol.Instant // as this node knew it then; zero: now
	From, To int              // versions to compare, from 1; 0: none
}

// Strategy gives a strategy. It is [NotFound] for a record that is none that is shown.
func (d *Desk) Strategy(ctx context.Context, q StrategyQuery) (StrategySheet, error) {
	var row *board.Strategy
	s, err := d.seek(ctx, q.As, q.Record, q.At, func(v *board.View, n protocol.Name) bool {
		row = pick(v.Strategies, func(s *board.Strategy) bool { return s.Record == n })
		return row != nil
	})
	switch {
	case err != nil:
		return StrategySheet{}, err
	case row == nil:
		return StrategySheet{}, problem(NotFound, "vardar list strategies", "%s is no strategy that counts here", s.name)
	}
	out := strategySheet(&s.view, row)
	out.As, out.Exercise, out.Of = s.as, s.world.Exercise, s.at
	out.MayMend = !s.past && out.Institution == s.as && out.State != board.StrategyWithdrawn
	if out.MayMend {
		out.Above, out.Joined = above(&s.view, out.Level, s.as), withNamed(d.mayName(&s.view, s.as), out.Project)
	}
	out.Compared, err = compared(&out.StrategyRow, q.From, q.To)
	return out, err
}

func strategySheet(v *board.View, s *board.Strategy) StrategySheet {
	out := StrategySheet{StrategyRow: *s, Aligned: v.Aligned(s), History: []StrategyStep{}, Supported: []board.Strategy{}}
	for i := len(s.Versions) - 1; i >= 0; i-- {
		is := &s.Versions[i]
		step := StrategyStep{Version: i + 1, Record: is.Record, AuthorTime: is.AuthorTime, Reason: is.Reason, Changes: []board.StrategyChange{}}
		if i > 0 {
			step.Changes = is.Since(&s.Versions[i-1].StrategyText)
		}
		out.History = append(out.History, step)
	}
	for i := range v.Strategies {
		other := &v.Strategies[i]
		if slices.ContainsFunc(s.Objectives, func(o board.Objective) bool {
			return slices.ContainsFunc(o.Supports, func(l board.Support) bool { return l.Digest == other.Digest })
		}) {
			out.Supported = append(out.Supported, *other)
		}
	}
	out.Hearings = hearingsOn(v, func(n protocol.Name) bool {
		return slices.ContainsFunc(s.Versions, func(v board.StrategyVersion) bool { return v.Record == n })
	})
	return out
}

// compared gives what is otherwise in a later version than in an earlier one.
func compared(s *StrategyRow, from, to int) (*StrategyComparison, error) {
	if from == 0 && to == 0 {
		return nil, nil //nolint:nilnil // nothing was to be compared
	}
	last := len(s.Versions)
	if to == 0 {
		to = last
	}
	for _, asked := range []struct {
		field string
		n     int
	}{{"from", from}, {"to", to}} {
		if n := asked.n; n < 1 || n > last {
			return nil, &Problem{
				Kind: Usage, Field: asked.field, Detail: "there is no version " + strconv.Itoa(n), Mend: fmt.Sprintf("this strategy has %d versions, counted from 1", last),
				Next: "vardar show " + s.Record.String(),
			}
		}
	}
	return &StrategyComparison{from, to, s.Versions[to-1].Since(&s.Versions[from-1].StrategyText)}, nil
}

// fillStrategy numbers the objectives, says the author's level, and gives for each strategy
// that an objective supports the reference with its digest.
func (d *Desk) fillStrategy(as protocol.InstitutionID, doc map[string]any) {
	if m, ok := d.o.Trust.Member(as); ok && doc["level"] == nil {
		if level := body.StrategyLevelOf(m.Level); level != "" {
			doc["level"] = string(level)
		}
	}
	if doc["status"] == nil {
		doc["status"] = string(body.StrategyDraft)
	}
	numberObjectives(doc)
	d.fillSupports(as, doc)
}

func numberObjectives(doc map[string]any) {
	objectives, _ := doc["objectives"].([]any)
	for i, entry := range objectives {
		if o, ok := entry.(map[string]any); ok && o["oid"] == nil {
			o["oid"] = strconv.Itoa(i + 1)
		}
	}
}

// fillSupports writes the strategies that are supported with their whole names, and names each
// in the references.
func (d *Desk) fillSupports(as protocol.InstitutionID, doc map[string]any) {
	refs, _ := doc["refs"].([]any)
	named := map[string]bool{}
	for _, entry := range refs {
		if ref, ok := entry.(map[string]any); ok && ref["rel"] == string(body.RelSupports) {
			name, _ := ref["record"].(string)
			named[name] = true
		}
	}
	objectives, _ := doc["objectives"].([]any)
	for _, entry := range objectives {
		o, _ := entry.(map[string]any)
		supports, _ := o["supports"].([]any)
		for i, said := range supports {
			text, _ := said.(string)
			record, oid, _ := strings.Cut(text, "#")
			n, err := d.named(as, record)
			if err != nil {
				continue // body.Parse says so
			}
			supports[i] = n.String() + "#" + oid
			if !named[n.String()] {
				named[n.String()] = true
				refs = append(refs, map[string]any{"rel": string(body.RelSupports), "record": n.String()})
			}
		}
	}
	if len(refs) > 0 {
		doc["refs"] = refs
	}
}

// checkStrategy refuses a strategy that every node would show and not count, and a link that
// leads nowhere; it warns of links that don't hold yet.
func (d *Desk) checkStrategy(s *statement, b *body.Strategy) (warnings []string, err error) {
	if m, _ := d.o.Trust.Member(s.as); body.StrategyLevelOf(m.Level) != b.Level {
		return nil, &Problem{
			Kind: Refused, Field: "level", Detail: fmt.Sprintf("a %s strategy is beyond the competence of a %s", b.Level, m.Level),
			Mend: "want " + cmp.Or(string(body.StrategyLevelOf(m.Level)), "a strategy of one who governs"), Next: "vardar publish strategy --help",
		}
	}
	view := d.world(s.world)
	view.Rank(d.ranks())
	for i := range b.Objectives {
		for j, ref := range b.Objectives[i].Supports {
			err := d.checkAbove(&view, s.as, b, ref)
			warning := ""
			if err == nil {
				warning, err = d.checkObjective(&view, ref)
			}
			if err != nil {
				err.Field = fmt.Sprintf("objectives.%d.supports.%d", i, j)
				return nil, err
			}
			if warning != "" {
				warnings = append(warnings, warning)
			}
		}
	}
	return warnings, nil
}

// checkAbove wants a strategy that an objective supports to stand above its own.
func (d *Desk) checkAbove(v *board.View, as protocol.InstitutionID, b *body.Strategy, ref body.ObjectiveRef) *Problem {
	s := pick(v.Strategies, func(s *board.Strategy) bool { return s.Record == ref.Strategy() })
	if s == nil || s.Ignored != "" || s.State == board.StrategyWithdrawn || board.LevelAbove(s.Level, s.Institution, b.Level, as) {
		return nil
	}
	return refuseLink("name a strategy of a level above, of the same country or region", "%s does not stand above this strategy", s.Record)
}

func refuseLink(mend, detail string, args ...any) *Problem {
	return &Problem{Kind: Refused, Detail: fmt.Sprintf(detail, args...), Mend: mend, Next: "vardar list strategies"}
}

// checkObjective looks at what one link leads to.
func (d *Desk) checkObjective(v *board.View, ref body.ObjectiveRef) (warning string, refused *Problem) {
	refuse := refuseLink
	n := ref.Strategy()
	i := slices.IndexFunc(v.Strategies, func(s board.Strategy) bool { return s.Record == n })
	if i < 0 {
		if _, err := d.held(n); err == nil {
			return "", refuse("name a strategy", "%s is no strategy that counts here", n)
		}
		return n.String() + " is not here: whether it has that objective shows once it is", nil
	}
	s := &v.Strategies[i]
	switch {
	case s.Ignored != "":
		return "", refuse("name another", "%s is beyond its author's competence, and not counted", n)
	case s.State == board.StrategyWithdrawn:
		return "", refuse("name another", "%s was taken back", n)
	case s.Objective(ref.OID()) == nil:
		return "", noObjective(ref)
	case s.State == board.StrategyExpired:
		return n.String() + " is over: the link leads to what is no longer in force, and does not count", nil
	case s.State != board.StrategyAdopted:
		return fmt.Sprintf("%s is %s: the link counts once it is adopted", n, s.State), nil
	}
	return "", nil
}

// strategyLine says a strategy in a line.
func strategyLine(b *body.Strategy) string {
	return short(fmt.Sprintf("%s (%s, %s)", b.Title, b.Level, b.Status))
}
