package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// lineRoom is what is required by a line of a plan and no flow has brought yet.
type lineRoom struct {
	known    bool // all that is required
	older    bool // nothing is asked for the line any more, and a later assessment says what its needs miss by now
	left     body.Sum
	brought  body.Sum
	currency body.Currency
}

// unsure reports whether nobody can tell how much of what a line asks for is still needed: its needs are not known here, or some of
// them are met, or less since the assessment that it names.
func (g *funding) unsure(l *body.PlanLine, open []asked) bool {
	if slices.ContainsFunc(open, func(of asked) bool { return g.asked[of].partly > 0 || g.asked[of].over > 0 }) {
		return true
	}
	return slices.ContainsFunc(l.NeedsRefs, func(name protocol.Name) bool {
		row := g.v.named[name]
		if row == nil {
			return true
		}
		live := g.live[stockKey{name.Institution, row.Place}]
		return live == nil || live.less(row, l.Sector)
	})
}

// less reports whether of anything that an assessment says to be missing in a sector an older one said more.
func (n *Needs) less(old *Needs, sector body.Sector) bool {
	return slices.ContainsFunc(old.Items, func(was Need) bool {
		i := slices.IndexFunc(n.Items, func(is Need) bool { return is.Sector == sector && is.Item == was.Item && is.Unit == was.Unit })
		return was.Sector == sector && (i < 0 || n.Items[i].Missing < was.Missing)
	})
}

// roomOf gives what is required by a line: what its open needs cost, or else its amount.
func (g *funding) roomOf(l *body.PlanLine, currency body.Currency, open []asked) *lineRoom {
	cost, unknown := body.Sum(""), 0
	for _, of := range open {
		cost, unknown = cost.Plus(g.asked[of].in[currency]), unknown+g.asked[of].uncosted
	}
	switch {
	case cost.Sign() == 0:
		return &lineRoom{known: true, left: body.SumOf(l.Amount), currency: currency}
	case unknown == 0:
		return &lineRoom{known: true, left: cost, currency: currency}
	}
	return &lineRoom{currency: currency}
}

// older reports whether of an assessment that is named, and held, another one has taken the place.
func (g *funding) older(name protocol.Name) bool {
	row := g.v.named[name]
	if row == nil {
		return false
	}
	live := g.live[stockKey{name.Institution, row.Place}]
	return live == nil || g.v.named[live.Record] != row
}

// past takes a line that nothing is asked for any more. Money for it brings what the needs that it names cost in its
// currency, and else nothing: what the line itself was the cost of nobody asks for.
func (g *funding) past(p *Plan, l *body.PlanLine, currency body.Currency) {
	to, open := g.toward(l)
	if len(to) == 0 {
		return
	}
	room := &lineRoom{known: true, currency: currency}
	if slices.ContainsFunc(open, func(of asked) bool { return g.asked[of].in[currency] != "" }) {
		room = g.roomOf(l, currency, open)
	}
	room.older = slices.ContainsFunc(l.NeedsRefs, g.older)
	g.takes(p, l, to, room)
}

// overtaken reports whether lines that are known here ask for nothing any more, and are for needs that are assessed anew.
func (g *funding) overtaken(lines []body.PlanLineRef) bool {
	stands := func(ref body.PlanLineRef) bool { return g.room[ref] != nil && !g.room[ref].older }
	known := func(ref body.PlanLineRef) bool { return g.room[ref] != nil }
	return slices.ContainsFunc(lines, known) && !slices.ContainsFunc(lines, stands)
}

// within bounds what a flow brings by what the lines require that it names and no flow before it has brought: what
// is committed for them beyond that pays for nothing else. What is pledged pays for nothing, and stands whole.
func (g *funding) within(f *Flow, m money) money {
	var rooms []*lineRoom
	left, known := body.Sum(""), true
	for _, ref := range f.PlanLines {
		if r := g.room[ref]; r != nil && r.currency == f.Currency && !slices.Contains(rooms, r) {
			rooms, left, known = append(rooms, r), left.Plus(r.left), known && r.known
		}
	}
	if len(rooms) > 0 && known {
		m = m.within(money{left, left, m.pledged})
	}
	rest := m.secured
	for _, r := range rooms {
		took := rest
		if r.known {
			took = least(rest, r.left)
		}
		rest, r.left, r.brought = rest.Over(took), r.left.Over(took), r.brought.Plus(took)
	}
	return m
}

// words takes what the author of a plan calls secured, as far as no flow for the line has brought it. Nobody says of it how
// much is spent: of a closed plan it counts until its needs are assessed anew.
func (g *funding) words(p *Plan) {
	for i := range p.Lines {
		l := &p.Lines[i]
		ref := body.PlanLineRef{Plan: p.Record, Line: l.Line}
		r := g.room[ref]
		if r == nil || r.older || l.Status != body.LineSecured {
			continue
		}
		more := body.SumOf(l.Amount).Over(r.brought)
		if r.known {
			more = least(more, r.left)
		}
		causes, alone := causesOf(g.lines[ref])
		for _, c := range causes {
			w := g.causes[c]
			if w == nil || w.rows[p.Currency] == nil {
				continue
			}
			if row := w.rows[p.Currency]; alone {
				row.Secured = row.Secured.Plus(more)
			} else {
				row.Shared = row.Shared.Plus(more)
			}
		}
	}
}
