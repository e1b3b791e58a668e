package web

import (
	"fmt"
	"net/http"
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
		return curve{Label: f.T("figure.curve.none")}
	}
	c := curve{Label: f.T("figure.curve", values, highest)}
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

func (p *Pages) situation(w http.ResponseWriter, r *http.Request) {
	rows, err := p.o.Desk.Situation(r.Context(), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	f := p.frame(r, "situation")
	p.render(w, r, http.StatusOK, f.page("situation", p.figures(f, rows)))
}

func (p *Pages) crossings(w http.ResponseWriter, r *http.Request) {
	l, err := p.o.Desk.List(r.Context(), desk.Query{What: desk.ListRoutes, At: asked(r)})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "situation").page("routes", l.Rows))
}
