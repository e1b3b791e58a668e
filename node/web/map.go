package web

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// landFile is the file of outlines: one for all maps, which a browser keeps.
const landFile = "land.svg"

// drawLand makes it. Its one grey is seen on light and on dark, and printed.
func drawLand(land []atlas.Outline) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" fill="#808890" fill-opacity=".16" stroke="#808890" stroke-linejoin="round">`, atlas.ChartWide, atlas.ChartHigh)
	for _, o := range land {
		fmt.Fprintf(&b, `<path d=%q/>`, o.Path)
	}
	b.WriteString(`<g fill-opacity="1" stroke="none" font-family="system-ui, DejaVu Sans, sans-serif" font-size="13" text-anchor="middle">`)
	for _, o := range land {
		if x, y, inside := atlas.Chart(o.Middle); inside {
			code := atlas.Marked(o.Country, atlas.NeedsFootnote(body.PlaceKey{Scheme: body.ISOCountry, Code: o.Country}))
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text>`, x, y, code)
		}
	}
	b.WriteString("</g>")
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// chart is the map of a page.
type chart struct {
	Indicator body.Indicator
	Wide      int
	High      int
	Marks     []mark
	Left      int // marks that there is no room for
	Apart     []desk.SituationRow
	MoreApart int
}

// mark is a figure on the map. Its shape says how its author stands: a circle is on time, a
// diamond late, a triangle has its line cut, a square is ahead; hollow is not reported.
type mark struct {
	desk.Mark
	Shape string // the d of its path
	Name  string // of the place
	Value string
	Says  string // all of it, to be heard
	label
}

// label is the words beside a mark.
type label struct {
	Label  bool // there is room for them
	X1, Y1 int  // where they begin, or end
	Anchor string
}

// Sizes on the map's grid.
const (
	markEdge   = 9  // half of a mark
	letterWide = 9  // of a letter of 16
	lineHigh   = 18 // of a line of them
)

// box is a part of the map that is taken.
type box struct{ left, top, right, bottom int }

func (a box) meets(b box) bool {
	return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

// chart draws it; nil if there is nothing to draw.
func (f *frame) chart(c *desk.Chart) *chart {
	if c.Indicator == "" {
		return nil
	}
	out := &chart{Indicator: c.Indicator, Wide: atlas.ChartWide, High: atlas.ChartHigh, Left: c.Left, Apart: c.Apart, MoreApart: c.MoreApart}
	var taken []box
	for i := range c.Marks {
		taken = append(taken, around(c.Marks[i].X, c.Marks[i].Y))
	}
	for i := range c.Marks {
		m := mark{Mark: c.Marks[i], Name: f.Place(c.Marks[i].Place, c.Marks[i].PlaceName)}
		m.Shape = shapeOf(m.Due, m.X, m.Y)
		m.Value = f.T("figure.not_reported")
		if !m.SituationRow.Value.IsZero() {
			m.Value = f.Number(m.SituationRow.Value) + " · " + f.Age(m.AgeHours)
		}
		// It begins with what is seen, for who speaks to the machine what they see (WCAG 2.5.3).
		m.Says = fmt.Sprintf("%s %s: %s, %s, %s", m.Name, m.Value, f.Indicator(m.Indicator), f.Due(m.Due), m.Institution)
		if m.Others > 0 {
			m.Says += ", " + f.T("map.others", m.Others)
		}
		m.label = labelled(m.X, m.Y, m.Name, m.Value, &taken)
		out.Marks = append(out.Marks, m)
	}
	return out
}

// shapeOf gives the outline of a mark.
func shapeOf(state desk.DueState, x, y int) string {
	e := markEdge
	if state == desk.OnTime {
		e--
		return fmt.Sprintf("M%d %da%d %d 0 1 0 %d 0a%d %d 0 1 0 %d 0z", x-e, y, e, e, 2*e, e, e, -2*e)
	}
	if state == desk.LineCut {
		return fmt.Sprintf("M%d %dl%d %dh%dz", x, y-e, e, 2*e-1, -2*e)
	}
	if state == desk.Ahead {
		e -= 2
		return fmt.Sprintf("M%d %dh%dv%dh%dz", x-e, y-e, 2*e, 2*e, -2*e)
	}
	return fmt.Sprintf("M%d %dl%d %dl%d %dl%d %dz", x, y-e, e, e, -e, e, -e, -e)
}

// around is what a mark takes of the map.
func around(x, y int) box { return box{x - markEdge, y - markEdge, x + markEdge, y + markEdge} }

// labelled finds room for the two lines of words of a mark: right, left, above, below, or nowhere.
func labelled(x, y int, name, value string, taken *[]box) label {
	const gap = markEdge + 3
	wide := letterWide * max(utf8.RuneCountInString(name), utf8.RuneCountInString(value))
	for _, at := range []struct {
		anchor string
		x, y   int // of the first line
		left   int
	}{
		{"start", x + gap, y - 2, x + gap},
		{"end", x - gap, y - 2, x - gap - wide},
		{"middle", x, y - gap - lineHigh, x - wide/2},
		{"middle", x, y + gap + lineHigh - 4, x - wide/2},
	} {
		b := box{at.left, at.y - lineHigh + 4, at.left + wide, at.y + lineHigh + 4}
		if b.left < 0 || b.top < 0 || b.right > atlas.ChartWide || b.bottom > atlas.ChartHigh || slices.ContainsFunc(*taken, b.meets) {
			continue
		}
		*taken = append(*taken, b)
		return label{true, at.x, at.y, at.anchor}
	}
	return label{}
}

// landAddress is where the file lies; it changes with it.
func landAddress(file []byte) string {
	return "/static/" + landFile + "?" + protocol.DigestOf(file).Prefix().String()
}
