package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// FormCapacity is the form that says what an institution has at a place, what of it is for others,
// and what it lacks.
const FormCapacity = "capacity"

// capacityRows is how many things, and how many gaps, the form has room for at least; behind what
// was declared last there is always room for a few more.
const (
	capacityRows = 6
	moreRows     = 2
)

// capacityParts are the members of a row by the list that it stands in.
func capacityParts(list string) []FormField {
	kind, unit := choice("type", body.ResourceType("").Words()), text("unit")
	if list == "gaps" {
		return []FormField{kind, unit, number("required")}
	}
	return []FormField{
		kind, unit, number("total"), number("committed"), number("available"), number("readiness_hours"), text("conditions"), text("certified"),
		text("place"), instant("from"), instant("until"), choice("offerable", []string{"true", "false"}),
	}
}

// capacityLists are the lists of a declaration.
func capacityLists() []string { return []string{"items", "gaps"} }

// capacityFields are those of the form, with room for what a document says.
func capacityFields(doc map[string]any) []FormField {
	fields := []FormField{must(text("place")), number("staff")}
	for _, list := range capacityLists() {
		rows, _ := doc[list].([]any)
		for i := range max(capacityRows, len(rows)+moreRows) {
			for _, part := range capacityParts(list) {
				part.Name = fmt.Sprintf("%s.%d.%s", list, i, part.Name)
				fields = append(fields, part)
			}
		}
	}
	return append(fields, long("training_needs"))
}

// beginCapacity fills the form in with the declaration that is named, else with that of the
// institution's seat, else with its last one.
func (d *Desk) beginCapacity(f *Form) error {
	from := f.About
	if from == "" {
		from = d.lastCapacity(f)
	}
	var doc map[string]any
	if from != "" {
		var err error
		if doc, err = d.prefilled(f.As, body.TypeCapacity, &Request{From: from, world: f.world}); err != nil {
			return err
		}
		if f.From, err = d.named(f.As, from); err != nil {
			return err
		}
	}
	f.Fields = capacityFields(doc)
	if seat := d.seat(f.As); seat.Code != "" {
		f.field("place").Value = seat.Key().String()
	}
	f.take(doc)
	return nil
}

// lastCapacity names the declaration that the next one begins with; empty for the first.
func (d *Desk) lastCapacity(f *Form) string {
	view, seat := d.world(f.world), d.seat(f.As)
	var last protocol.Name
	var at protocol.Instant
	for i := range view.Capacities {
		c := &view.Capacities[i]
		switch {
		case c.Institution != f.As:
		case seat.Code != "" && c.Place == seat.Key():
			return c.Record.String()
		case c.AuthorTime >= at:
			last, at = c.Record, c.AuthorTime
		}
	}
	if last.IsZero() {
		return ""
	}
	return last.String()
}

// makeCapacity publishes what the form says; empty rows are left out.
func (d *Desk) makeCapacity(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	r := Request{As: f.As, Kind: f.Name, DryRun: f.Try, Knowing: true, Form: true, wrong: wrong}
	for _, name := range []string{"place", "staff", "training_needs"} {
		if said := f.field(name).Value; said != "" {
			r.Set = append(r.Set, name+"="+said)
		}
	}
	filled := map[string][]int{}
	for _, list := range capacityLists() {
		for i := 0; f.field(fmt.Sprintf("%s.%d.type", list, i)).Name != ""; i++ {
			if set := f.capacitySet(list, i, len(filled[list])); len(set) > 0 {
				r.Set, filled[list] = append(r.Set, set...), append(filled[list], i)
			}
		}
	}
	if len(filled["items"]) == 0 {
		r.wrong.found = append(r.wrong.found, &Problem{Kind: Refused, Field: "items.0.type", Detail: "nothing is declared", Mend: "say at least one thing that is there, or 0 of what is not"})
	}
	p, err := d.Publish(ctx, r)
	return p, onForm(err, filled)
}

// capacitySet gives the assignments of a row, the n-th of its list; none of an empty one.
func (f *Form) capacitySet(list string, row, n int) []string {
	said, empty := map[string]string{}, true
	for _, part := range capacityParts(list) {
		said[part.Name] = f.field(fmt.Sprintf("%s.%d.%s", list, row, part.Name)).Value
		empty = empty && said[part.Name] == ""
	}
	if empty {
		return nil
	}
	if kind := body.ResourceType(said["type"]); said["unit"] == "" && kind != "" {
		said["unit"] = string(kind.Unit())
	}
	var set []string
	for _, part := range capacityParts(list) {
		if value := said[part.Name]; value != "" {
			set = append(set, fmt.Sprintf("%s.%d.%s=%s", list, n, part.Name, value))
		}
	}
	return set
}

// withWord lets a field be what it is although its vocabulary has no such word: a word of one's own,
// said before.
func (f *FormField) withWord() {
	if f.As == AsChoice && f.Value != "" && !slices.Contains(f.Choices, f.Value) {
		f.Choices = append(slices.Clone(f.Choices), f.Value)
	}
}
