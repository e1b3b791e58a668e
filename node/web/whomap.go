package web

import (
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// whoMap is the 3W on the map, and place by place in words.
type whoMap struct {
	Wide, High int
	Marks      []whoMark
	Places     []whoPlace
}

// whoPlace says how many do what at a place.
type whoPlace struct {
	Where body.PlaceKey
	Name  string
	Value string // how many
	What  string
	Apart bool // it is not on the map
}

// whoMark is a place on the map.
type whoMark struct {
	whoPlace
	Shape string
	Says  string // all of it, to be heard
	label
}

// WhoMap draws it.
func (f *frame) WhoMap(c desk.WhoChart) *whoMap {
	out := &whoMap{Wide: atlas.ChartWide, High: atlas.ChartHigh}
	var taken []box
	for i := range c.Marks {
		taken = append(taken, around(c.Marks[i].X, c.Marks[i].Y))
	}
	for i := range c.Marks {
		m := &c.Marks[i]
		mark := whoMark{whoPlace: f.whoPlace(&m.WhoPlace), Shape: shapeOf(desk.OnTime, m.X, m.Y)}
		mark.Says = mark.Name + " " + mark.Value + ": " + mark.What
		mark.label = labelled(m.X, m.Y, mark.Name, mark.Value, &taken)
		out.Marks = append(out.Marks, mark)
	}
	apart := map[body.PlaceKey]bool{}
	for i := range c.Apart {
		apart[c.Apart[i].Where] = true
	}
	for i := range c.Places {
		p := f.whoPlace(&c.Places[i])
		p.Apart = apart[p.Where]
		out.Places = append(out.Places, p)
	}
	return out
}

func (f *frame) whoPlace(p *desk.WhoPlace) whoPlace {
	var what []string
	for _, t := range p.What {
		what = append(what, f.Word(t.Type)+": "+f.Number(t.Quantity))
	}
	if p.Funded > 0 {
		said := f.T("help.who.funded", p.Funded)
		var sectors []string
		for _, s := range p.Sectors {
			sectors = append(sectors, f.Word(s))
		}
		if len(sectors) > 0 {
			said += " (" + strings.Join(sectors, ", ") + ")"
		}
		what = append(what, said)
	}
	return whoPlace{Where: p.Where, Name: f.Place(p.Where, p.WhereName), Value: f.T("help.who.count", len(p.Who)), What: strings.Join(what, ", ")}
}
