package web

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// figureRow is a figure with its curve.
type figureRow struct {
	desk.SituationRow
	Curve curve
}

// curve is fourteen days as an SVG of 120 by 28: lines between neighbouring periods, a dot
// for a value that stands alone, and nothing where nothing was reported.
type curve struct {
	Lines []string // the d of paths
	Dots  [][2]int
	Label string
	Days  []curveDay // the same in words
}

// curveDay is a period, and what was said of it.
type curveDay struct {
	From, To protocol.Instant
	Said     string // a number; empty: what Why says
	Why      string
	Record   protocol.Name // zero: nobody spoke of it
}

// Size of a curve, and the room that its strokes need.
const (
	curveWide, curveHigh, curveEdge = 120, 28, 2
)

func (p *Pages) figures(f *frame, rows []desk.SituationRow) []figureRow {
	out := make([]figureRow, len(rows))
	for i := range rows {
		out[i] = figureRow{rows[i], f.curve(&rows[i])}
	}
	return out
}

func (f *frame) curve(row *desk.SituationRow) curve {
	c := curve{Days: f.days(row)}
	var top int64
	var highest string
	values := 0
	for i := range row.Days {
		if d := &row.Days[i]; !d.Value.IsZero() {
			if _, v := d.Value.Range(); v > top || values == 0 {
				top, highest = v, f.Number(d.Value)
			}
			values++
		}
	}
	if values == 0 {
		c.Label = f.T("figure.curve.none")
		return c
	}
	c.Label = f.T("figure.curve", values, highest)
	span := protocol.Instant(desk.Fortnight.Milliseconds())
	var path []string
	var last [2]int
	var end protocol.Instant
	flush := func() {
		if len(path) > 1 {
			c.Lines = append(c.Lines, strings.Join(path, ""))
		} else if len(path) == 1 {
			c.Dots = append(c.Dots, last)
		}
		path = nil
	}
	for i := range row.Days {
		d := &row.Days[i]
		if d.Value.IsZero() || d.PeriodStart != end {
			flush()
		}
		if end = d.PeriodEnd; d.Value.IsZero() {
			continue
		}
		_, v := d.Value.Range()
		x := curveEdge + int((d.PeriodEnd-row.PeriodEnd+span)*(curveWide-2*curveEdge)/span)
		y := curveHigh - curveEdge - int(v*(curveHigh-2*curveEdge)/max(top, 1))
		last = [2]int{x, y}
		path = append(path, fmt.Sprintf("%s%d %d", map[bool]string{true: "M", false: "L"}[len(path) == 0], x, y))
	}
	flush()
	return c
}

// days says what a curve draws: each value, and each gap as the gap that it is.
func (f *frame) days(row *desk.SituationRow) []curveDay {
	var out []curveDay
	for i := range row.Days {
		d := &row.Days[i]
		if i > 0 && d.PeriodStart > row.Days[i-1].PeriodEnd {
			out = append(out, curveDay{From: row.Days[i-1].PeriodEnd, To: d.PeriodStart, Why: f.T("figure.silence")})
		}
		day := curveDay{From: d.PeriodStart, To: d.PeriodEnd, Record: d.Record}
		if d.Value.IsZero() {
			day.Why = f.T("figure.not_reported")
		} else {
			day.Said = f.Number(d.Value)
		}
		out = append(out, day)
	}
	return out
}

// Day says a period by its first day, and by its last if it is longer than one.
func (f *frame) Day(from, to protocol.Instant) string {
	const day = 24 * 3600 * 1000
	first := f.speaker.Day(from.Time().Local())
	if to-from <= day {
		return first
	}
	return first + " – " + f.speaker.Day((to - 1).Time().Local())
}
