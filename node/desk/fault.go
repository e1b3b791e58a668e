package desk

import (
	"errors"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Fault is one thing that is wrong with what was given.
type Fault struct {
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"` // path of the member that is wrong
	Mend   string `json:"mend,omitempty"`
	Rule   string `json:"rule,omitempty"` // name of the protocol's rule that is broken
}

// Faults gives all that is wrong, the first as the problem itself has it.
func (p *Problem) Faults() []Fault {
	if len(p.Errors) > 0 {
		return p.Errors
	}
	return []Fault{{p.Detail, p.Field, p.Mend, p.Rule}}
}

// Renamed gives the problem with each field called as it is where somebody reads it. Of several
// faults that are of one field there, the first is told.
func (p *Problem) Renamed(call func(field string) string) *Problem {
	out := *p
	out.Field, out.Errors = call(p.Field), nil
	for _, f := range p.Errors {
		f.Field = call(f.Field)
		if f.Field == "" || !slices.ContainsFunc(out.Errors, func(x Fault) bool { return x.Field == f.Field }) {
			out.Errors = append(out.Errors, f)
		}
	}
	if len(out.Errors) == 1 {
		out.Errors = nil
	}
	return &out
}

// renamed is [Problem.Renamed] of what may be another error.
func renamed(err error, call func(field string) string) error {
	p := new(Problem)
	if !errors.As(err, &p) {
		return err
	}
	return p.Renamed(call)
}

// gathered is what is wrong with one submission so far: it is refused with all of it at once,
// since who writes over a bad line can't come back for each.
type gathered struct{ found []*Problem }

// add takes what is wrong with a field, once for each. It gives back any other error, which
// ends the act.
func (g *gathered) add(err error) error {
	var p *Problem
	if !errors.As(err, &p) || p.Field == "" || p.Kind == Failed {
		return err
	}
	for _, f := range p.Faults() {
		if !g.covers(f.Field) {
			g.found = append(g.found, &Problem{Kind: p.Kind, Detail: f.Detail, Field: f.Field, Mend: f.Mend, Next: p.Next, Rule: f.Rule, Err: p.Err})
		}
	}
	return nil
}

// covers reports whether something is wrong with a field already, with a part of it, or with
// what it is a part of.
func (g *gathered) covers(field string) bool {
	return slices.ContainsFunc(g.found, func(p *Problem) bool {
		a, b := Dotted(p.Field)+".", Dotted(field)+"."
		return strings.HasPrefix(a, b) || strings.HasPrefix(b, a)
	})
}

// Dotted writes the path of a member as a form does: info.0.event for info[0].event.
func Dotted(path string) string { return strings.NewReplacer("[", ".", "]", "").Replace(path) }

// problem gives all of it as one; nil of nothing.
func (g *gathered) problem() error {
	if len(g.found) == 0 {
		return nil
	}
	out := *g.found[0]
	for _, p := range g.found {
		if len(g.found) > 1 {
			out.Errors = append(out.Errors, Fault{p.Detail, p.Field, p.Mend, p.Rule})
		}
	}
	return &out
}

// addBody takes what is wrong with the document of a record, behind what was found before it was
// one: of a field that could not be read, add takes nothing more.
func (g *gathered) addBody(recordType string, doc map[string]any, next string) error {
	document, err := writeDocument(doc)
	if err != nil {
		return failure(err)
	}
	for _, fault := range body.Faults(recordType, saltedWith([16]byte{}, document)) {
		if err := g.add(misfit(fault, next)); err != nil {
			return err
		}
	}
	return nil
}

// misfits is [misfit] of a body that [body.Parse] refuses, with all that is wrong with it.
func misfits(recordType string, raw []byte, first error, next string) error {
	g := gathered{}
	for _, fault := range body.Faults(recordType, raw) {
		if g.add(misfit(fault, next)) != nil {
			return misfit(first, next) // it is of no member
		}
	}
	if len(g.found) == 0 {
		return misfit(first, next)
	}
	return g.problem()
}

// without gives the assignments to fields that nothing is wrong with yet.
func (g *gathered) without(set []string) []string {
	return slices.DeleteFunc(set, func(assignment string) bool {
		field, _, _ := strings.Cut(assignment, "=")
		return g.covers(field)
	})
}

// saltedWith puts a salt before the members of a document.
func saltedWith(salt [16]byte, document []byte) []byte {
	raw := []byte(protocol.SaltMember(salt))
	rest := strings.TrimLeft(strings.TrimPrefix(string(document), "{"), " \t\r\n")
	if !strings.HasPrefix(rest, "}") {
		raw = append(raw, ',')
	}
	return append(raw, rest...)
}
