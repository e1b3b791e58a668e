package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The forms of the pages.
const (
	FormReport  = "report"
	FormRoute   = "route"
	FormPhase   = "phase"
	FormAlert   = "alert"
	FormNote    = "note"    // in the thread of a record
	FormCorrect = "correct" // of an own record
	FormRetract = "retract"
	FormEndorse = "endorse" // confirm, dispute or verify another's record
)

// Form is a record before it is one, as texts that a person types.
type Form struct {
	ID     string // of this filling-in: sent twice, it is one record
	Name   string // one of the above
	As     protocol.InstitutionID
	About  string          // the record that is answered, corrected, or begun with
	Of     string          // of a correction: the type of that record
	Over   protocol.Digest // of a correction: the version that it is filled in over
	From   protocol.Name   // what it is filled in from; zero: nothing
	Fields []FormField
	Files  []AttachedFile // that go with it; no draft keeps them
	Try    bool           // everything but the writing
	Known  bool           // of a correction: what a warning says is known and wanted; no draft keeps it
	Back   string         // why a second person has returned it

	world board.World // in which it was opened
}

// fieldAfter is the name under which what was typed says the version that it was typed over.
const fieldAfter = "after"

// FieldAs says how a field is filled in.
type FieldAs string

// The ways.
const (
	AsText   FieldAs = "text"
	AsLong   FieldAs = "long" // several lines
	AsChoice FieldAs = "choice"
	AsNumber FieldAs = "number"
	AsMoment FieldAs = "moment"
	AsFigure FieldAs = "figure" // a number beside what the last report said
	AsWords  FieldAs = "words"  // of a vocabulary several, with commas
	AsFile   FieldAs = "file"   // files, which [Form] has apart
	AsRecord FieldAs = "record" // one of some records, by its title
	AsLines  FieldAs = "lines"  // several records, one a line
)

// FormField is one field.
type FormField struct {
	Name     string // a path as [Request.Set] takes it
	As       FieldAs
	Must     bool
	MayEmpty bool // of a correction: emptied, it is taken out of the record
	Choices  []string
	Records  []TitledRecord // to choose from
	Value    string
	Last     string // of a figure: what the last report said; empty: nothing
	Same     bool   // of a figure: who fills it in says that it is as it was
}

// Untouched reports whether a figure says what the last one said, and nobody has said that
// this is meant.
func (f *FormField) Untouched() bool {
	return f.As == AsFigure && f.Last != "" && f.Value == f.Last && !f.Same
}

func (f *Form) field(name string) *FormField {
	i := slices.IndexFunc(f.Fields, func(x FormField) bool { return x.Name == name })
	if i < 0 {
		return &FormField{}
	}
	return &f.Fields[i]
}

func text(name string) FormField { return FormField{Name: name, As: AsText} }

func must(f FormField) FormField { f.Must = true; return f }

func mayEmpty(f FormField) FormField { f.MayEmpty = true; return f }

func long(name string) FormField { return FormField{Name: name, As: AsLong} }

func number(name string) FormField { return FormField{Name: name, As: AsNumber} }

func instant(name string) FormField { return FormField{Name: name, As: AsMoment} }

func choice(name string, words []string) FormField {
	return FormField{Name: name, As: AsChoice, Choices: words}
}

// fieldsOf gives the fields of a kind, empty; none of a kind that has no form.
func fieldsOf(name string) []FormField {
	switch name {
	case FormReport:
		fields := []FormField{must(text("place")), must(instant("period.start")), must(instant("period.end"))}
		for _, word := range body.Indicator("").Words() {
			fields = append(fields, FormField{Name: "figures." + word, As: AsFigure})
		}
		return append(fields, choice("severity", body.Severity("").Words()), long("summary"), long("actions"), long("outlook"))
	case FormRoute:
		return []FormField{
			must(choice("state", body.RouteState("").Words())), choice("direction", body.Direction("").Words()),
			must(text("asset.name")), must(choice("asset.type", body.AssetType("").Words())), text("asset.code"), text("place"),
			number("waiting"), number("wait_hours"), long("restriction.who"), instant("observed_at"), instant("valid_until"),
		}
	case FormPhase:
		return []FormField{must(text("place")), must(choice("phase", body.PhaseName("").Words())), must(long("reason")), number("report_every_h")}
	case FormAlert:
		return []FormField{
			must(text("info.0.event")), must(text("info.0.headline")), must(text("info.0.area.0.areaDesc")), text("place"),
			must(choice("info.0.severity", body.Severity("").Words())), must(choice("info.0.urgency", body.CAPUrgency("").Words())),
			must(choice("info.0.certainty", body.CAPCertainty("").Words())), must(choice("info.0.category", body.CAPCategory("").Words())),
			long("info.0.description"), long("info.0.instruction"), instant("info.0.expires"), text("info.0.language"),
		}
	case FormPractice:
		return practiceFields()
	case FormNote:
		return []FormField{must(long("text"))}
	case FormRetract:
		return []FormField{must(long("reason"))}
	case FormEndorse:
		return []FormField{
			must(choice("stance", body.Stance("").Words())), must(choice("basis", body.EndorsementBasis("").Words())),
			choice("field", nil), number("value"), text("source.name"), long("reason"),
		}
	}
	return nil
}

// NewForm opens a form: a report as the last one was, its period following on; a route, phase
// or alert as the record named is, if one is; a correction as the record stands now.
func (d *Desk) NewForm(ctx context.Context, as protocol.InstitutionID, name, about string) (Form, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Form{}, err
	}
	f := Form{Name: name, As: as, About: about, Fields: fieldsOf(name), world: actorOf(ctx).world}
	if f.ID, err = d.o.Staff.NewDraftID(); err != nil {
		return Form{}, failure(err)
	}
	switch name {
	case FormReport:
		d.offerProjects(&f)
		d.nextReport(&f)
	case FormAlert:
		if !d.MayWarn(as) {
			return Form{}, d.unwarning(as)
		}
		d.offerProjects(&f)
		return f, d.begin(&f)
	case FormRoute:
		d.offerProjects(&f)
		return f, d.begin(&f)
	case FormPhase:
		return f, d.begin(&f)
	case FormNeeds:
		d.beginNeeds(&f)
		d.offerProjects(&f)
	case FormCapacity:
		err = d.beginCapacity(&f)
	case FormPractice:
		d.offerProjects(&f)
	case FormNote, FormRetract:
		_, err = d.aboutRecord(&f)
	case FormCorrect:
		err = d.correction(&f)
	case FormEndorse:
		err = d.endorsing(&f)
	default:
		err = problem(NotFound, "vardar publish --help", "no form is called %s", quoted(name))
	}
	return f, err
}

// MayWarn reports whether an institution may send an alert.
func (d *Desk) MayWarn(as protocol.InstitutionID) bool { return d.o.Trust.May(as, body.TypeAlert) }

// unwarning says why an institution may send no alert, and what it does instead.
func (d *Desk) unwarning(as protocol.InstitutionID) error {
	if m, _ := d.o.Trust.Member(as); m.Level == 0 || !d.levelMay(body.RegionalAuthority, body.TypeAlert) && !d.levelMay(body.Ministry, body.TypeAlert) {
		return d.beyond(as, body.TypeAlert)
	}
	return &Problem{
		Kind: Refused, Detail: fmt.Sprintf("the charter does not let %s send an alert", as),
		Mend: "ask your region or ministry to send it: write them a note, or say in a report what you see", Next: "vardar publish note --help",
	}
}

// begin fills a form in from an own record of its kind, or an alert from a change.
func (d *Desk) begin(f *Form) error {
	if f.Name == FormRoute {
		now := d.o.Clock().UTC().Truncate(time.Minute)
		f.field("observed_at").Value, f.field("valid_until").Value = body.TimeOf(now).String(), body.TimeOf(now.Add(routeValidity)).String()
	}
	if f.About == "" {
		return nil
	}
	recordType, err := typeOf(f.Name, 0)
	if err != nil {
		return err
	}
	doc, err := d.prefilled(f.As, recordType, &Request{From: f.About, world: f.world})
	if err == nil {
		f.take(doc)
		f.From, err = d.named(f.As, f.About)
	}
	return err
}

// nextReport fills in the report after the last.
func (d *Desk) nextReport(f *Form) {
	now := d.o.Clock().UTC().Truncate(time.Minute)
	f.field("period.start").Value, f.field("period.end").Value = body.TimeOf(now.Add(-24*time.Hour)).String(), body.TimeOf(now).String()
	h, err := d.source(f.As, body.TypeReport, last, f.world)
	if err != nil {
		return // this is the first
	}
	doc, err := d.current(&h)
	if err != nil {
		return // its body is gone: the next one begins empty
	}
	nextPeriod(doc, now)
	if doc["period"] != nil {
		f.field("period.end").Value = "" // perhaps it is not known yet
	}
	for _, member := range []string{"summary", "actions", "outlook"} {
		delete(doc, member) // what happened then has not happened again
	}
	f.take(doc)
	f.From = h.Name
	for i := range f.Fields {
		if g := &f.Fields[i]; g.As == AsFigure {
			g.Last = g.Value
		}
	}
}

// aboutRecord gives the record that a form is about.
func (d *Desk) aboutRecord(f *Form) (Held, error) {
	n, err := d.named(f.As, f.About)
	if err != nil {
		return Held{}, err
	}
	f.About = n.String()
	return d.held(n)
}

// SendForm makes a record of a form, once, however often it is sent; sent again, it gives the
// record's name alone. A [*Problem] names the
// field; what was typed is kept as a draft then.
func (d *Desk) SendForm(ctx context.Context, f Form) (Published, error) {
	d.forms.Lock()
	defer d.forms.Unlock()
	draft := staff.Draft{ID: f.ID, Account: actorOf(ctx).name, As: f.As, Form: f.Name, About: f.About, Within: f.world.Name, Values: f.values()}
	if !f.Try {
		before, err := d.o.Staff.Draft(draft.Account, f.ID)
		switch {
		case err == nil && !before.Sent.IsZero():
			return Published{Record: before.Sent}, nil
		case err == nil && before.Waits != "":
			return Published{Waits: before.Waits}, nil
		case err != nil && !errors.Is(err, staff.ErrDraft):
			return Published{}, failure(err)
		}
		// Before the record: a form that can't be remembered could be sent twice.
		if err := d.o.Staff.KeepDraft(ctx, draft); err != nil {
			return Published{}, draftProblem(err)
		}
	}
	p, err := d.make(context.WithValue(ctx, formKey{}, f.ID), &f)
	if wrong := new(Problem); errors.As(err, &wrong) && wrong.Kind == Usage {
		err = wrong.as(Refused) // the form was understood, and what stands in it was not
	}
	if err != nil || f.Try {
		return p, err
	}
	if draft.Sent, draft.Waits = p.Record, p.Waits; p.Waits == "" {
		draft.Values = nil
	}
	if err := d.o.Staff.KeepDraft(context.WithoutCancel(ctx), draft); err != nil {
		d.log.ErrorContext(ctx, "form that was sent stays a draft", "record", p.Record, "err", err)
	}
	return p, nil
}

// make does what a form says.
func (d *Desk) make(ctx context.Context, f *Form) (Published, error) {
	wrong, err := f.check()
	if err != nil {
		return Published{}, err
	}
	switch f.Name {
	case FormCorrect:
		return d.put(ctx, f, wrong)
	case FormNeeds:
		return d.makeNeeds(ctx, f, wrong)
	case FormCapacity:
		return d.makeCapacity(ctx, f, wrong)
	case FormPractice:
		return d.makePractice(ctx, f, wrong)
	case FormReport, FormRoute, FormPhase, FormAlert:
		r := Request{As: f.As, Kind: f.Name, Set: f.set(nil), DryRun: f.Try, Knowing: true, Form: true, wrong: wrong}
		if f.Name == FormAlert && f.About != "" {
			r.Set = append(r.Set, "refs.0.rel=about", "refs.0.record="+f.About)
		}
		return d.Publish(ctx, r)
	}
	return d.makeWord(ctx, f, wrong)
}

// makeWord says something of another record: what is wrong with it can be told without the record.
func (d *Desk) makeWord(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	if f.Name == FormEndorse {
		return d.makeEndorsement(ctx, f, wrong)
	}
	if err := wrong.problem(); err != nil {
		return Published{}, err
	}
	if f.Name == FormRetract {
		return d.Correct(ctx, CorrectRequest{As: f.As, Record: f.About, Retract: true, Reason: f.field("reason").Value, DryRun: f.Try, Knowing: f.Known})
	}
	return d.Answer(ctx, AnswerRequest{As: f.As, Record: f.About, Step: AnswerNote, Reason: f.field("text").Value, DryRun: f.Try})
}

// set gives the assignments of what is filled in, and is otherwise than in a form before.
func (f *Form) set(before *Form) []string {
	var out []string
	for i := range f.Fields {
		g := &f.Fields[i]
		if before != nil && (g.Name == "reason" || before.field(g.Name).Value == g.Value) {
			continue
		}
		switch {
		case g.Value == "" || g.As == AsFile || g.As == AsLines || g.Name == fieldBecause: // they are said beside
		case g.As == AsMoment && strings.HasPrefix(g.Name, "info."): // CAP 1.2 §3.3.2 has no Z
			out = append(out, g.Name+"="+strings.Replace(g.Value, "Z", "-00:00", 1))
		default:
			out = append(out, g.Name+"="+g.Value)
		}
	}
	return out
}

func (f *Form) values() map[string]string {
	out := map[string]string{}
	if !f.Over.IsZero() {
		out[fieldAfter] = f.Over.String()
	}
	for i := range f.Fields {
		g := &f.Fields[i]
		if g.As == AsFile {
			continue
		}
		if out[g.Name] = g.Value; g.Same {
			out["same."+g.Name] = "1"
		}
	}
	return out
}
