package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// WhoChart is the 3W place by place, and on the map.
type WhoChart struct {
	Places  []WhoPlace // in the order of the rows
	Marks   []WhoMark  // of those that lie on the map, from north to south
	Apart   []WhoPlace // of those that don't, or that nobody knows where they are
	Nowhere int        // rows that name no place
}

// WhoPlace is how many do what at a place.
type WhoPlace struct {
	Where     body.PlaceKey
	WhereName string
	Footnote  bool
	Who       []protocol.InstitutionID // each once, in the order of the rows
	What      []WhoThings
	Funded    int           // flows of funds that help there
	Sectors   []body.Sector // of the needs that those are for, sorted
}

// WhoThings is how much of a thing is committed, on its way or in use at a place.
type WhoThings struct {
	Type     body.ResourceType
	Unit     string
	Quantity int64
}

// WhoMark is a place of the 3W on the map.
type WhoMark struct {
	WhoPlace
	X, Y int // as [atlas.Chart] gives them
}

// whoChart gathers the rows of the 3W place by place.
func (d *Desk) whoChart(rows []WhoRow) WhoChart {
	var c WhoChart
	at := map[body.PlaceKey]int{}
	for i := range rows {
		r := &rows[i]
		if r.Where.IsZero() {
			c.Nowhere++
			continue
		}
		j, there := at[r.Where]
		if !there {
			j = len(c.Places)
			at[r.Where] = j
			c.Places = append(c.Places, WhoPlace{Where: r.Where, WhereName: r.WhereName, Footnote: r.Footnote})
		}
		c.Places[j].add(r)
	}
	sites := d.sites()
	for i := range c.Places {
		p := &c.Places[i]
		if x, y, inside := d.spot(sites, p.Where); inside {
			c.Marks = append(c.Marks, WhoMark{*p, x, y})
		} else {
			c.Apart = append(c.Apart, *p)
		}
	}
	slices.SortStableFunc(c.Marks, func(a, b WhoMark) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	return c
}

// add counts a row. Amounts of funds are in many currencies, and not added up.
func (p *WhoPlace) add(r *WhoRow) {
	if !slices.Contains(p.Who, r.Who) {
		p.Who = append(p.Who, r.Who)
	}
	if !r.Flow.IsZero() {
		p.Funded++
		p.Sectors = append(p.Sectors, r.Sectors...)
		slices.Sort(p.Sectors)
		p.Sectors = slices.Compact(p.Sectors)
		return
	}
	i := slices.IndexFunc(p.What, func(t WhoThings) bool { return t.Type == r.What && t.Unit == r.Unit })
	if i < 0 {
		i = len(p.What)
		p.What = append(p.What, WhoThings{Type: r.What, Unit: r.Unit})
	}
	p.What[i].Quantity += r.Quantity
}

// WhoWhatWhere gives the 3W as CSV, with what is planned beside what is delivered, as this node knew it at an instant (zero: now),
// of a quality (empty: any). Within an exercise it is of that, and says so.
func (d *Desk) WhoWhatWhere(ctx context.Context, at protocol.Instant, quality string) (EvidenceFile, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return EvidenceFile{}, err
	}
	rows, err := only(m.view.Activities(), quality)
	if err != nil {
		return EvidenceFile{}, err
	}
	t := whoSheet(rows)
	markTable(&t, m.world)
	data, err := t.CSV()
	return EvidenceFile{playedName(m.world, "3w.csv"), data}, err
}

func whoSheet(rows []board.WhoWhatWhere) sheet.Table {
	t := sheet.Table{Name: "3W", Columns: []sheet.Column{
		{Head: "who", Tag: "#org+code"},
		{Head: "what", Tag: "#item+type"},
		{Head: "quantity", Tag: "#item+num"},
		{Head: "unit", Tag: "#item+unit"},
		{Head: "amount", Tag: "#value+paid+num"},
		{Head: "planned", Tag: "#value+planned+num"},
		{Head: "currency", Tag: "#value+currency"},
		{Head: "sectors", Tag: "#sector+list"},
		{Head: "purpose", Tag: "#description+purpose"},
		{Head: "where", Tag: "#loc+name"},
		{Head: "place code", Tag: "#loc+code"},
		{Head: "for", Tag: "#org+code+recipient"},
		{Head: "state", Tag: "#status"},
		{Head: "reconciliation", Tag: "#status+reconciliation"},
		{Head: "passed_on", Tag: "#status+passed"},
		{Head: "shared_by", Tag: "#meta+shared+num"},
		{Head: "exchange", Tag: "#meta+id"},
		{Head: "line", Tag: "#meta+line"},
		{Head: "flow", Tag: "#meta+id+funds"},
		{Head: "plan", Tag: "#meta+id+plan"},
		{Head: "plan_state", Tag: "#status+plan"},
		{Head: "year", Tag: "#date+year"},
		{Head: "line_status", Tag: "#status+money"},
		{Head: "quality", Tag: "#meta+quality+band"},
	}}
	for i := range rows {
		t.Rows = append(t.Rows, whoCells(&rows[i]))
	}
	return t
}

// whoCells gives a row of the 3W as cells; what it does not say is empty.
func whoCells(r *board.WhoWhatWhere) []any {
	var code, passed string
	if !r.Where.IsZero() {
		code = r.Where.String()
	}
	var quantity, exchange, line, shared, flow, plan, year any
	sectors := make([]string, len(r.Sectors))
	switch {
	case !r.Plan.IsZero():
		plan, line, year = r.Plan.String(), int64(r.Line), int64(r.Year)
	case !r.Flow.IsZero():
		shared, flow = int64(max(1, r.SharedBy)), r.Flow.String()
	default:
		quantity, exchange, line = r.Quantity, r.Exchange.String(), int64(r.Line)
	}
	for i, s := range r.Sectors {
		sectors[i] = string(s)
	}
	if r.PassedOn {
		passed = "yes"
	}
	var quality any
	if r.Quality != nil {
		quality = string(r.Quality.Band)
	}
	return []any{
		string(r.Who), string(r.What), quantity, r.Unit, string(r.Amount), string(r.Planned), string(r.Currency), strings.Join(sectors, " "), r.Purpose, r.WhereName, code, string(r.For), r.State,
		string(r.Reconciliation), passed, shared, exchange, line, flow, plan, string(r.PlanState), year, string(r.LineStatus), quality,
	}
}
