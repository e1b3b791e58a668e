package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol/body"
)

// FormNeeds is the form that says how many people are here, what they need, and asks for it.
const FormNeeds = "needs"

// needRows is how many things one form has room for; more are said on the command line.
const needRows = 8

// What a row says of money and time: what all that is missing would cost, and until when it is needed.
const (
	partCost     = "cost_estimate.amount"
	partCurrency = "cost_estimate.currency"
	partDeadline = "deadline"
)

// The answers to whether what is missing is asked for too.
const (
	askYes = "yes"
	askNo  = "no"
)

// needsFields are those of the form: the rows are items.N.PART.
func needsFields(table *body.StandardTable) []FormField {
	kinds := body.ResourceType("").Words()
	for i := range table.Rows {
		if item := string(table.Rows[i].Item); !slices.Contains(kinds, item) {
			kinds = append(kinds, item)
		}
	}
	fields := []FormField{must(text("place")), must(number("population.in_need"))}
	for i := range needRows {
		row := func(part string) string { return fmt.Sprintf("items.%d.%s", i, part) }
		fields = append(fields, choice(row("item"), kinds), text(row("unit")), number(row("required")), number(row("available")), number(row("priority")),
			text(row(partCost)), text(row(partCurrency)), instant(row(partDeadline)))
	}
	return append(fields, must(choice("ask", []string{askYes, askNo})), instant("answer_by"), text("deliver_to.place"), text("deliver_to.contact.office"))
}

// beginNeeds fills the form in: the place and the things of the last assessment, what is
// there of them by the institution's own declarations, and as many people as were reported.
func (d *Desk) beginNeeds(f *Form) {
	f.Fields = needsFields(&d.standards)
	f.field("ask").Value = askYes
	f.field("answer_by").Value = body.TimeOf(d.o.Clock().UTC().Truncate(time.Minute).Add(24 * time.Hour)).String()
	if seat := d.seat(f.As); seat.Code != "" {
		f.field("place").Value = seat.Key().String()
	}
	view := d.world(f.world)
	for i := range view.Figures {
		if g := &view.Figures[i]; g.Institution == f.As && g.Indicator == body.Present && g.By == "" {
			if n, exact := g.Value.Exact(); exact && g.Place.String() == f.field("place").Value {
				f.field("population.in_need").Value = strconv.FormatInt(n, 10)
			}
		}
	}
	i := slices.IndexFunc(view.Needs, func(n NeedsRow) bool { return n.Institution == f.As })
	if i < 0 {
		return
	}
	last := &view.Needs[i]
	f.From, f.field("place").Value = last.Record, last.Place.String()
	if n, exact := last.InNeed.Exact(); exact {
		f.field("population.in_need").Value = strconv.FormatInt(n, 10)
	}
	have := own(&view, f.As)
	for k := range last.Items {
		n := &last.Items[k]
		need := body.Need{Item: n.Item, Unit: body.Label(n.Unit), Required: body.Positive(n.Required), Priority: body.Positive(n.Priority)}
		if q, known := have(need.Item, need.Unit); known {
			need.Available = &q
		}
		if n.Cost != nil && need.Missing() == n.Missing { // of fewer, or more, nobody has said what they cost
			need.CostEstimate = n.Cost
		}
		if n.Deadline > d.now() {
			need.Deadline = body.TimeOf(n.Deadline.Time())
		}
		f.putNeed(k, &need)
	}
}

// putNeed fills a row in; one beyond the last is left out.
func (f *Form) putNeed(row int, n *body.Need) {
	if row >= needRows {
		return
	}
	part := func(name string) *FormField { return f.field(fmt.Sprintf("items.%d.%s", row, name)) }
	part("item").Value, part("unit").Value = string(n.Item), string(n.Unit)
	part("item").withWord()
	part("required").Value, part("priority").Value = strconv.FormatInt(int64(n.Required), 10), strconv.FormatInt(int64(n.Priority), 10)
	if part("available").Value = ""; n.Available != nil {
		part("available").Value = strconv.FormatInt(int64(*n.Available), 10)
	}
	if n.CostEstimate != nil {
		part(partCost).Value, part(partCurrency).Value = string(n.CostEstimate.Amount), string(n.CostEstimate.Currency)
	}
	if !n.Deadline.IsZero() {
		part(partDeadline).Value = n.Deadline.String()
	}
}

// WorkOut fills the rows of a needs form in from the number of people: a bed for each, and
// the minima of the table, with what the institution has of its own. What was typed of other
// things stays behind them.
func (d *Desk) WorkOut(f *Form) error {
	people, err := f.people()
	if err != nil {
		return err
	}
	view := d.world(f.world)
	have := own(&view, f.As)
	bed := body.Need{Item: "bed_place", Unit: body.ResourceType("bed_place").Unit(), Required: people, Priority: 1}
	if q, known := have(bed.Item, bed.Unit); known {
		bed.Available = &q
	}
	rows := append([]body.Need{bed}, d.standards.Needed(people, have)...)
	var was, typed []map[string]string
	for i := range needRows {
		row := f.needRow(i)
		was = append(was, row)
		if row["item"] != "" && !slices.ContainsFunc(rows, func(n body.Need) bool { return string(n.Item) == row["item"] }) {
			typed = append(typed, row)
		}
	}
	for i := range needRows {
		for _, part := range needParts() {
			f.field(fmt.Sprintf("items.%d.%s", i, part)).Value = ""
		}
		switch {
		case i < len(rows):
			f.putNeed(i, &rows[i])
			f.keepTerms(i, was)
		case i < len(rows)+len(typed):
			for part, value := range typed[i-len(rows)] {
				f.field(fmt.Sprintf("items.%d.%s", i, part)).Value = value
			}
		}
	}
	return nil
}

// keepTerms leaves what was typed of the money and the time of a thing in the row where it stands now.
func (f *Form) keepTerms(row int, was []map[string]string) {
	part := func(name string) *FormField { return f.field(fmt.Sprintf("items.%d.%s", row, name)) }
	for _, before := range was {
		if before["item"] != part("item").Value {
			continue
		}
		for _, name := range []string{partCost, partCurrency, partDeadline} {
			part(name).Value = before[name]
		}
		return
	}
}

func needParts() []string {
	return []string{"item", "unit", "required", "available", "priority", partCost, partCurrency, partDeadline}
}

func (f *Form) needRow(i int) map[string]string {
	out := map[string]string{}
	for _, part := range needParts() {
		out[part] = f.field(fmt.Sprintf("items.%d.%s", i, part)).Value
	}
	return out
}

// people reads how many there are.
func (f *Form) people() (body.Positive, error) {
	var n body.Positive
	said := f.field("population.in_need").Value
	if err := n.UnmarshalJSON([]byte(said)); err != nil {
		return 0, &Problem{Kind: Refused, Field: "population.in_need", Detail: quoted(said) + " is no number of people", Mend: "give a whole number of 1 or more", Err: err}
	}
	return n, nil
}

// makeNeeds publishes what the form says: the needs, and with them the request.
func (d *Desk) makeNeeds(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	people, err := f.people()
	if err = wrong.add(err); err != nil {
		return Published{}, err
	}
	r := Request{As: f.As, Kind: FormNeeds, DryRun: f.Try, Knowing: true, Form: true, Set: []string{"place=" + f.field("place").Value, fmt.Sprintf("population.in_need=%d", people)}}
	set, rows, err := d.needSets(f, people, nil, &wrong)
	if err != nil {
		return Published{}, err
	}
	r.Set = append(r.Set, set...)
	if project := f.field(fieldProject).Value; project != "" {
		r.Set = append(r.Set, fieldProject+"="+project)
	}
	if f.field("ask").Value == askYes {
		if r.Ask, err = d.askOf(f); wrong.add(err) != nil {
			return Published{}, err
		}
	}
	r.wrong = wrong
	p, err := d.Publish(ctx, r)
	return p, onForm(err, map[string][]int{"items": rows})
}

// needSets gives the assignments of all rows, and which rows are filled in. What was said before of
// the same number of the same thing keeps its basis.
func (d *Desk) needSets(f *Form, people body.Positive, before []body.Need, wrong *gathered) (set []string, rows []int, err error) {
	for i := range needRows {
		row, err := f.needSet(i, len(rows), people, &d.standards, before)
		switch {
		case err != nil:
			if err = wrong.add(err); err != nil {
				return nil, nil, err
			}
		case len(row) > 0:
			set, rows = append(set, row...), append(rows, i)
		}
	}
	if len(rows) == 0 && !wrong.covers("items") {
		wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: "items.0.item", Detail: "nothing is needed", Mend: "work out what so many people need, or fill a row in"})
	}
	return set, rows, nil
}

// needSet gives the assignments of a row, the n-th of the record; none of an empty one.
func (f *Form) needSet(row, n int, people body.Positive, table *body.StandardTable, before []body.Need) ([]string, error) {
	said := f.needRow(row)
	field := func(part string) string { return fmt.Sprintf("items.%d.%s", row, part) }
	switch {
	case !slices.ContainsFunc(needParts(), func(part string) bool { return said[part] != "" }):
		return nil, nil
	case said["item"] == "":
		return nil, &Problem{Kind: Refused, Field: field("item"), Detail: "it is not said what is needed", Mend: "choose it, or empty the row"}
	}
	numbers := map[string]body.Quantity{}
	for _, part := range []string{"required", "available", "priority"} {
		var q body.Quantity
		if said[part] == "" && part != "required" {
			continue
		}
		if err := q.UnmarshalJSON([]byte(said[part])); err != nil {
			return nil, &Problem{Kind: Refused, Field: field(part), Detail: quoted(said[part]) + " is no whole number", Mend: "give one, or empty the row", Err: err}
		}
		numbers[part] = q
	}
	need := needOf(body.ResourceType(said["item"]), body.Label(said["unit"]), numbers["required"], people, table)
	if i := sameNeed(before, need.Item, need.Unit); i >= 0 && before[i].Required == need.Required {
		need = before[i]
	}
	priority := said["priority"]
	if priority == "" {
		priority = "3"
	}
	set := []string{"item=" + said["item"], "sector=" + string(need.Sector), "unit=" + string(need.Unit), "required=" + said["required"], "priority=" + priority, "basis=" + string(need.Basis)}
	if need.StandardRef != "" {
		set = append(set, "standard_ref="+string(need.StandardRef))
	}
	for _, part := range []string{"available", partCost, partCurrency, partDeadline} {
		if said[part] != "" {
			set = append(set, part+"="+said[part])
		}
	}
	for i := range set {
		set[i] = fmt.Sprintf("items.%d.%s", n, set[i])
	}
	return set, nil
}

// sameNeed finds what is said of a thing; -1: nothing.
func sameNeed(of []body.Need, item body.ResourceType, unit body.Label) int {
	return slices.IndexFunc(of, func(n body.Need) bool { return n.Item == item && n.Unit == unit })
}

// needOf says of so many of a thing how the number came about, and what it is counted in.
func needOf(item body.ResourceType, unit body.Label, required body.Quantity, people body.Positive, table *body.StandardTable) body.Need {
	basis, standard := body.BasisEstimate, body.Label("")
	if item == "bed_place" && int64(required) == int64(people) {
		basis = body.BasisCount
	}
	for i := range table.Rows {
		r := &table.Rows[i]
		if r.Item == item && (unit == "" || unit == r.Unit) {
			if unit = r.Unit; int64(r.Required(people)) == int64(required) {
				basis, standard = body.BasisStandard, r.Ref()
			}
		}
	}
	if unit == "" {
		unit = item.Unit()
	}
	return body.Need{Sector: body.SectorOf(item), Item: item, Unit: unit, Required: body.Positive(required), Basis: basis, StandardRef: standard}
}

// askOf makes the request's document: until when, where to, and who takes it.
func (d *Desk) askOf(f *Form) (json.RawMessage, error) {
	doc := map[string]any{"answer_by": f.field("answer_by").Value}
	to, office := f.field("deliver_to.place").Value, f.field("deliver_to.contact.office").Value
	if to == "" {
		to = f.field("place").Value
	}
	k, err := d.placeKey(to)
	if err != nil {
		if f.field("deliver_to.place").Value == "" {
			return nil, err // of the place of the needs
		}
		return nil, renamed(err, func(string) string { return "deliver_to.place" })
	}
	deliver := map[string]any{"place": map[string]string{"scheme": string(k.Scheme), "code": k.Code}}
	if office != "" {
		deliver["contact"] = map[string]string{"office": office}
	}
	doc["deliver_to"] = deliver
	if project := f.field(fieldProject).Value; project != "" {
		doc[fieldProject] = project
	}
	out, err := writeDocument(doc)
	return out, failure(err)
}

// onForm names the field of the form that a problem of the record lies in, by which rows of the form
// are those of each list of the record.
func onForm(err error, filled map[string][]int) error {
	return renamed(err, func(field string) string {
		field = strings.TrimPrefix(field, "ask.")
		list, rest, _ := strings.Cut(Dotted(field), ".")
		number, part, _ := strings.Cut(rest, ".")
		rows := filled[list]
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= len(rows) || part == "" {
			return field
		}
		return fmt.Sprintf("%s.%d.%s", list, rows[n], part)
	})
}
