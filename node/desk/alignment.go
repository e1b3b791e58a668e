package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Alignment is how the strategies of all levels hang together, as one institution sees it.
type Alignment struct {
	As         protocol.InstitutionID
	Coverage   []CoverageRow
	Objectives []AlignmentRow // those with findings first
	Strategies []StrategyRow
	Level      body.StrategyLevel // whose strategies As may say; empty: none
	Above      []AboveObjective   // that an objective of As may support
	Joined     []TitledRecord     // projects that a strategy of As may be part of
	Quality    string             // at least so good, or unverified; empty: all
}

// Only leaves the objectives whose progress rests on a figure that is at least so good, or not
// yet verified.
func (a *Alignment) Only(quality string) (err error) {
	a.Quality = quality
	a.Objectives, err = only(a.Objectives, quality)
	return err
}

// AboveObjective is an objective of a level above.
type AboveObjective struct {
	Ref  string // RECORD#NUMBER
	Says string
}

// Alignment gathers strategies and objectives as this node knew them at an instant; zero: now.
func (d *Desk) Alignment(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Alignment, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Alignment{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Alignment{}, err
	}
	out := Alignment{As: as, Coverage: m.view.AlignmentCoverage(d.ranks()), Objectives: m.view.Alignment(), Strategies: strategies(&m.view)}
	if member, ok := d.o.Trust.Member(as); ok && d.o.Trust.May(as, body.TypeStrategy) && !m.past {
		out.Level = body.StrategyLevelOf(member.Level)
		out.Above, out.Joined = above(&m.view, out.Level, as), d.mayName(&m.view, as)
	}
	return out, nil
}

// above gives the objectives that a strategy of a level may support.
func above(v *board.View, level body.StrategyLevel, as protocol.InstitutionID) []AboveObjective {
	var out []AboveObjective
	for i := range v.Strategies {
		s := &v.Strategies[i]
		if s.Ignored != "" || !slices.Contains([]board.StrategyState{board.StrategyAdopted, board.StrategyDraft}, s.State) || !board.LevelAbove(s.Level, s.Institution, level, as) {
			continue
		}
		for j := range s.Objectives {
			o := &s.Objectives[j]
			out = append(out, AboveObjective{board.Support{Strategy: s.Record, OID: o.OID}.String(), short(s.Title + ": " + o.Text)})
		}
	}
	return out
}
