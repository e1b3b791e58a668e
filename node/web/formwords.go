package web

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// FormTitle names a form.
func (f *frame) FormTitle(name string) string { return f.T("form.title." + name) }

// SendWord is the word on the button of a form.
func (f *frame) SendWord(name string) string {
	switch {
	case f.Trying:
		return f.T("try.act")
	case name == desk.FormRetract:
		return f.T("form.act.retract")
	}
	return f.T("report.act")
}

// Field names a field: a figure by what it counts, another by its path.
func (f *frame) Field(name string) string {
	if indicator, ok := strings.CutPrefix(name, "figures."); ok {
		return f.Indicator(body.Indicator(indicator))
	}
	if row, ok := strings.CutPrefix(name, "items."); ok {
		_, part, _ := strings.Cut(row, ".")
		name = "items." + part
	}
	return f.T("field." + name)
}

// input is a field of a form.
type input struct {
	desk.FormField
	Row  int    // from 0, of those that stand in rows
	Kind string // of what the form makes; empty: any
}

// Kind is what the fields of a form are of, where its fields have words of their own.
func (p *formPage) Kind() string {
	switch {
	case p.OfExchange():
		return body.StepRequest.String()
	case p.OfFlow():
		return "flow"
	}
	if slices.ContainsFunc(p.Fields, func(g desk.FormField) bool { return g.Name == "solution" }) {
		return desk.FormPractice
	}
	if slices.ContainsFunc(p.Fields, func(g desk.FormField) bool { return g.Name == "training_needs" }) {
		return desk.FormCapacity
	}
	return ""
}

// OfFlow reports whether the form puts a step of a flow of funds right.
func (p *formPage) OfFlow() bool {
	_, flows := body.FlowStepOf(p.Of)
	return flows
}

// OfReceipt reports whether the form puts right what was received: more than was paid is received knowingly.
func (p *formPage) OfReceipt() bool { return p.Of == body.FlowReceive.Type() }

// OfReport reports whether the form puts a report on funds right: less than was received is told of knowingly.
func (p *formPage) OfReport() bool { return p.Of == body.FlowReport.Type() }

// OfPlan reports whether the form is of a fund plan: it is taken back knowingly while money is for its lines.
func (p *formPage) OfPlan() bool { return p.Of == body.TypePlan }

// OfExchange reports whether the form puts a step of an exchange of help right.
func (p *formPage) OfExchange() bool {
	return slices.Contains([]string{body.StepRequest.Type(), body.StepOffer.Type(), body.StepCancel.Type()}, p.Of)
}

// Stale reports whether the record was put right since the form was opened.
func (p *formPage) Stale() bool { return p.Problem != nil && p.Problem.Field == "after" }

// Attaches reports whether files go with the form.
func (p *formPage) Attaches() bool {
	return slices.ContainsFunc(p.Fields, func(g desk.FormField) bool { return g.As == desk.AsFile })
}

// Has reports whether a word is among those of a field of several.
func (i *input) Has(word string) bool { return slices.Contains(strings.Split(i.Value, ","), word) }

// FieldOf names a field of a form whose kind has words of its own.
func (f *frame) FieldOf(kind, name string) string {
	if kind == "" {
		return f.Field(name)
	}
	if said := f.T("field." + kind + "." + name); said != "field."+kind+"."+name {
		return said
	}
	path := strings.Split(name, ".")
	if said := f.label(kind, path[0], path[len(path)-1]); said != path[len(path)-1] {
		return said
	}
	return f.Field(name)
}

// Broken says which rule something broke that a peer sent: by its stable name.
func (f *frame) Broken(rule string) string {
	return f.known("dropped.rule."+rule, f.T("dropped.rule.written"))
}

// Need says how far a need is met.
func (f *frame) Need(state any) string {
	return f.known("choice.need_"+strings.ReplaceAll(fmt.Sprint(state), " ", "_"), f.Word(state))
}

// Ordinal says the number of a row as a person counts.
func (f *frame) Ordinal(row int) string { return f.Number(row + 1) }

// Input gives the frame around a field.
func (f *frame) Input(page *formPage, g desk.FormField, row int) *frame {
	return f.With(&input{g, row, page.Kind()}) // by reference: a field answers for itself
}

// Hint says how a field of a form of a kind is filled in; empty for one that needs no word.
func (f *frame) Hint(kind, name string) string {
	switch {
	case kind == body.StepRequest.String() && name == "deliver_to.place": // it is above no other place
		return f.T("hint.place")
	case name == "needs_refs":
		return f.T("funds.needs.hint")
	case name == "plan_lines":
		return f.T("funds.lines.hint", fmt.Sprintf("%s %d", "mk.national.crisis-centre/funding.1.4", 2)) //nolint:mnd // an example
	}
	return f.known("hint."+name, "")
}

// Word says a word of a vocabulary; one that no catalogue has as it is, but for its joints.
func (f *frame) Word(s any) string {
	word := fmt.Sprint(s)
	key := strings.ReplaceAll(strings.ToLower(word), " ", "_")
	return f.known("choice."+key, f.known("severity."+key, f.known("indicator."+key, strings.ReplaceAll(word, "_", " "))))
}

// Choice says what can be chosen in a field: a word, or in that of a stance what of the record it is about.
func (f *frame) Choice(field, word string) string {
	if field == "field" {
		return f.Member(body.FieldName(word))
	}
	return f.Word(word)
}

// Did says an act of the log of acts.
func (f *frame) Did(act string) string { return f.known("did."+act, act) }

// Actor says who acted: an account by its name, and in words the command line, which has none, and the node itself.
func (f *frame) Actor(who string) string {
	return f.known("audit.by."+strings.ReplaceAll(who, " ", "_"), who)
}

// Outcome says how an act ended: done, or the kind of problem as programs are told of it.
func (f *frame) Outcome(of string) string { return f.Word(strings.ReplaceAll(of, "-", "_")) }

// Rule says a rule of duty by its name, which whoever runs the node gave it; the one that there is without a file in words.
func (f *frame) Rule(name string) string { return f.known("duty.rule.called."+name, name) }

// Check names what the doctor looks at.
func (f *frame) Check(name string) string {
	return f.known("check."+strings.ReplaceAll(name, " ", "_"), f.Word(name))
}

// known says a message that there may be.
func (f *frame) known(key, otherwise string) string {
	if said := f.T(key); said != key {
		return said
	}
	return otherwise
}

// Earlier says how much was required of a need by the assessments before, the oldest first.
func (f *frame) Earlier(trend []desk.NeedPoint) string {
	said := make([]string, len(trend))
	for i := range trend {
		said[i] = f.Number(trend[i].Required)
	}
	return strings.Join(said, ", ")
}
