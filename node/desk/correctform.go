package desk

import (
	"context"
	"slices"
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
	if h.Type == body.TypeNeeds {
		return d.mendNeeds(f, &h)
	}
	fields := fieldsOf(shortName(h.Type))
	if len(fields) == 0 && h.Type != body.TypeCapacity {
		return problem(Refused, "vardar correct "+h.String()+" --set …", "%s is put right on the command line, or taken back here", article(shortName(h.Type)))
	}
	doc, err := d.current(&h)
	if err != nil {
		return err
	}
	if h.Type == body.TypeCapacity {
		fields = capacityFields(doc)
	}
	if doc["regional"] != nil { // its figures are added up, and none is typed over
		fields = slices.DeleteFunc(fields, func(x FormField) bool { return x.As != AsLong && x.As != AsChoice })
	}
	// A phase has a reason of its own, which stays as it is.
	// The files of a practice stay as they are too.
	fields = slices.DeleteFunc(fields, func(x FormField) bool {
		return x.Name == "reason" || x.As == AsFile || strings.HasPrefix(x.Name, "attachments.")
	})
	f.Fields, f.From = append(fields, must(long("reason"))), h.Name
	if doc["regional"] == nil && slices.Contains([]string{body.TypeReport, body.TypeRoute, body.TypeAlert, body.TypePractice}, h.Type) {
		d.offerProjects(f)
	}
	f.take(doc)
	f.keepProject()
	f.field("reason").Value = ""
	for i := range f.Fields {
		if g := &f.Fields[i]; g.As == AsFigure {
			g.As = AsNumber
		}
	}
	return nil
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
	for i := range now.Fields {
		if g := &now.Fields[i]; (h.Type != body.TypeNeeds || !strings.HasPrefix(g.Name, "items.")) && g.Value != "" && f.field(g.Name).Value == "" && !wrong.covers(g.Name) {
			wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: g.Name, Detail: "a correction puts something else, and this field is empty", Mend: "give what is right; if nothing is, take the record back and send another"})
		}
	}
	if h.Type == body.TypeNeeds { // a row can be emptied, and another come
		return d.putNeeds(ctx, f, &now, &h, wrong)
	}
	return d.Correct(ctx, CorrectRequest{As: f.As, Record: f.About, Reason: f.field("reason").Value, Set: f.set(&now), DryRun: f.Try, wrong: wrong})
}
