package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// correction fills in what a record says now, and asks for the reason.
func (d *Desk) correction(f *Form) error {
	h, err := d.aboutRecord(f)
	if err == nil {
		err = correctable(&h, f.As, false)
	}
	if err != nil {
		return err
	}
	now, err := d.inForce(&h)
	if err != nil {
		return err
	}
	if f.Of, f.Over = h.Type, now.Digest; h.Type == body.TypeNeeds {
		return d.mendNeeds(f, &h)
	}
	if !hasMendForm(h.Type) {
		return problem(Refused, "vardar correct "+h.String()+" --set …", "%s is put right on the command line, or taken back here", article(shortName(h.Type)))
	}
	doc, err := d.current(&h)
	if err != nil {
		return err
	}
	fields := mendFields(h.Type, doc)
	if doc["regional"] != nil { // its figures are added up, and none is typed over
		fields = slices.DeleteFunc(fields, func(x FormField) bool { return x.As != AsLong && x.As != AsChoice })
	}
	// A phase has a reason of its own, which stays as it is.
	// The files of a practice stay as they are too.
	fields = slices.DeleteFunc(fields, func(x FormField) bool {
		return x.Name == "reason" || x.As == AsFile || strings.HasPrefix(x.Name, "attachments.")
	})
	f.Fields, f.From = append(fields, must(long("reason"))), h.Name
	if _, flows := body.FlowStepOf(h.Type); flows || doc["regional"] == nil && slices.Contains([]string{body.TypeReport, body.TypeRoute, body.TypeAlert, body.TypePractice, body.StepRequest.Type()}, h.Type) {
		d.keepProject(f, doc)
	}
	f.take(doc)
	f.field(fieldBecause).Value = f.field("reason").Value
	f.field("reason").Value = ""
	for i := range f.Fields {
		if g := &f.Fields[i]; g.As == AsFigure {
			g.As = AsNumber
		}
	}
	return nil
}

// mendFields are those of the form of corrections of a type, as many as a document needs; none of what has no such form.
func mendFields(recordType string, doc map[string]any) []FormField {
	if step, flows := body.FlowStepOf(recordType); flows {
		return flowFields(step, doc["thread"] == nil)
	}
	switch recordType {
	case body.StepRequest.Type():
		return requestFields(doc)
	case body.StepOffer.Type():
		return stepLineFields(doc, promised()...)
	case body.StepCancel.Type():
		return stepLineFields(doc, takenBack()...)
	case body.TypeCapacity:
		return capacityFields(doc)
	}
	return fieldsOf(shortName(recordType))
}

// put corrects what was changed, and nothing else.
func (d *Desk) put(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	now, err := d.NewForm(ctx, f.As, FormCorrect, f.About)
	if err != nil {
		return Published{}, err
	}
	h, err := d.aboutRecord(&now)
	if err != nil {
		return Published{}, err
	}
	if f.Over.IsZero() {
		return Published{}, problem(Refused, "", "this form does not say which version it was filled in over: open it again")
	}
	for i := range now.Fields {
		if g := &now.Fields[i]; !g.MayEmpty && (h.Type != body.TypeNeeds || !strings.HasPrefix(g.Name, "items.")) && g.Value != "" && f.field(g.Name).Value == "" && !wrong.covers(g.Name) {
			wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: g.Name, Detail: "a correction puts something else, and this field is empty", Mend: "give what is right; if nothing is, take the record back and send another"})
		}
	}
	if h.Type == body.TypeNeeds { // a row can be emptied, and another come
		return d.putNeeds(ctx, f, &now, &h, wrong)
	}
	out, err := f.beside(&now)
	if err != nil {
		return Published{}, failure(err)
	}
	return d.Correct(ctx, CorrectRequest{As: f.As, Record: f.About, After: f.Over, Reason: f.field("reason").Value, Body: out, Set: f.set(&now), DryRun: f.Try, Knowing: f.Known, Form: true, wrong: wrong})
}

// beside gives the members that no assignment says: what is emptied and may be, and lists. Nothing of none.
func (f *Form) beside(before *Form) (json.RawMessage, error) {
	doc := map[string]any{}
	for i := range f.Fields {
		g := &f.Fields[i]
		switch {
		case g.Value == before.field(g.Name).Value:
		case g.Name == fieldBecause:
			doc["reason"] = g.Value
		case g.Value == "" && g.MayEmpty:
			doc[g.Name] = nil
		case g.As == AsLines && g.Name == fieldPlanLines:
			doc[g.Name] = PlanLinesTyped(g.Value)
		case g.As == AsLines:
			doc[g.Name] = strings.Fields(g.Value)
		}
	}
	if len(doc) == 0 {
		return nil, nil
	}
	return writeDocument(doc)
}

// mendNeeds fills a form in with what an assessment says now: nothing is asked for with it.
func (d *Desk) mendNeeds(f *Form, h *Held) error {
	doc, now, err := d.assessed(h)
	if err != nil {
		return err
	}
	fields := needsFields(&d.standards)
	f.Fields = slices.DeleteFunc(fields, func(g FormField) bool {
		return g.Name == "ask" || g.Name == "answer_by" || g.Name == "deliver_to.place" || g.Name == "deliver_to.contact.office"
	})
	d.keepProject(f, doc)
	f.field("place").Value, f.field(fieldProject).Value = now.Place.Key().String(), said(doc, []string{fieldProject})
	if f.field("population.in_need").Must = false; now.Population != nil {
		if n, exact := now.Population.InNeed.Exact(); exact {
			f.field("population.in_need").Value = strconv.FormatInt(n, 10)
		}
	}
	for i := range now.Items {
		f.putNeed(i, &now.Items[i])
	}
	f.Fields, f.From = append(f.Fields, must(long("reason"))), h.Name
	return nil
}

// assessed reads what an assessment says now.
func (d *Desk) assessed(h *Held) (map[string]any, *body.Needs, error) {
	doc, b, err := d.saidNow(h)
	now, _ := b.(*body.Needs)
	return doc, now, err
}

// saidNow reads what a record says now.
func (d *Desk) saidNow(h *Held) (map[string]any, body.Body, error) {
	doc, err := d.current(h)
	if err != nil {
		return nil, nil, err
	}
	raw, err := writeDocument(doc)
	if err != nil {
		return nil, nil, failure(err)
	}
	b, err := body.Parse(h.Type, saltedWith([16]byte{}, raw))
	if err != nil {
		return nil, nil, misfit(err, "")
	}
	return doc, b, nil
}

// putNeeds puts an assessment right: its rows become those of the form, each with what the form
// does not show; those for which it has no room stay as they are.
func (d *Desk) putNeeds(ctx context.Context, f, before *Form, h *Held, wrong gathered) (Published, error) {
	r := CorrectRequest{As: f.As, Record: f.About, After: f.Over, Reason: f.field("reason").Value, DryRun: f.Try, Form: true}
	if slices.EqualFunc(before.Fields, f.Fields, func(a, b FormField) bool { return a.Name == "reason" || a.Value == b.Value }) {
		return d.Correct(ctx, r) // which says that nothing would be otherwise
	}
	doc, now, err := d.assessed(h)
	if err != nil {
		return Published{}, err
	}
	var people body.Positive
	if f.field("population.in_need").Value != "" {
		if people, err = f.people(); wrong.add(err) != nil {
			return Published{}, err
		}
		r.Set = append(r.Set, fmt.Sprintf("population.in_need=%d", people))
	}
	if project := f.field(fieldProject).Value; project != before.field(fieldProject).Value {
		r.Set = append(r.Set, fieldProject+"="+project)
	}
	if place := f.field("place"); place.Value != before.field("place").Value {
		r.Set = append(r.Set, "place="+place.Value)
	}
	set, rows, err := d.needSets(f, people, now.Items, &wrong)
	if err != nil {
		return Published{}, err
	}
	old, _ := doc["items"].([]any)
	items := make([]any, 0, len(old))
	for _, row := range rows {
		items = append(items, restOfNeed(old, f.needRow(row)))
	}
	if len(old) > needRows {
		items = append(items, old[needRows:]...)
	}
	if r.Body, err = writeDocument(map[string]any{"items": items}); err != nil {
		return Published{}, failure(err)
	}
	r.Set, r.wrong = append(r.Set, set...), wrong
	p, err := d.Correct(ctx, r)
	return p, onForm(err, map[string][]int{"items": rows})
}

// restOfNeed gives what was said of a thing beyond what a row of the form says.
func restOfNeed(old []any, row map[string]string) map[string]any {
	out := map[string]any{}
	for _, entry := range old {
		was, _ := entry.(map[string]any)
		if was["item"] != row["item"] || was["unit"] != row["unit"] {
			continue
		}
		for member, value := range was {
			out[member] = value
		}
	}
	for _, member := range []string{"sector", "item", "unit", "required", "available", "basis", "standard_ref", "priority", "cost_estimate", "deadline"} {
		delete(out, member)
	}
	return out
}
