package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// deciding are the routes of who asks, answers and decides.
func (p *Pages) deciding() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /policy":  p.scoreless(desk.ListConsultations, p.policy),
		"POST /policy": p.consult,
		"GET /policy/consultation/{institution}/{position}":  p.consultation,
		"POST /policy/consultation/{institution}/{position}": p.sayInConsultation,
		"GET /policy/alignment":                              p.alignment,
		"POST /policy/alignment":                             p.planStrategy,
		"GET /policy/strategy/{institution}/{position}":      p.strategy,
		"POST /policy/strategy/{institution}/{position}":     p.mendStrategy,
		"GET /policy/project":                                p.projects,
		"POST /policy/project":                               p.writeProject,
		"GET /policy/project/{institution}/{position}":       p.project,
		"POST /policy/project/{institution}/{position}":      p.sayOfProject,
	}
}

// refused is what was wrong with a form of a page, and what was typed in it; it stays as it
// was.
type refused struct {
	Problem *desk.Problem
	typed   url.Values
}

// Typed gives what a field holds that was refused.
func (f *refused) Typed(name string) string { return f.typed.Get(name) }

// Chose reports whether one of what can be chosen was, in a form that was refused.
func (f *refused) Chose(name, value string) bool { return slices.Contains(f.typed[name], value) }

// refusal keeps what was typed, and leads to the field of the form that is wrong: of what
// the desk names, the part that was typed. Where nothing was refused it is empty.
func (p *Pages) refusal(r *http.Request, why error) refused {
	if why == nil {
		return refused{}
	}
	found := p.problem(r, why).Renamed(func(said string) string {
		said = desk.Dotted(said)
		switch {
		case said == "after": // which version was shown, nobody can mend in its hidden field
			return ""
		case strings.HasPrefix(said, "refs"):
			return "about"
		case said == "lines": // of a plan that has none
			return "lines.0.purpose"
		}
		for said != "" && said != "considered" && said != "objectives" && !r.PostForm.Has(said) {
			said = said[:max(strings.LastIndex(said, "."), 0)]
		}
		return said
	})
	return refused{found, r.PostForm}
}

// policyPage is what is asked of whom.
type policyPage struct {
	desk.Policy
	refused
}

func (p *Pages) policy(w http.ResponseWriter, r *http.Request) {
	p.showPolicy(w, r, acting(r.Context()), nil)
}

func (p *Pages) showPolicy(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Policy(r.Context(), as, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &policyPage{v, p.refusal(r, why)}
	if why == nil { // a plan leads here with its name
		page.typed = url.Values{"about": {r.FormValue("about")}, "line": {r.FormValue("line")}}
	}
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("policy", page))
}

// numbered puts a whole number in a body; what is none stays, for the desk to refuse.
func numbered(r *http.Request, doc map[string]any, name string) {
	said := field(r, name)
	if n, err := strconv.Atoi(said); err == nil {
		doc[name] = n
	} else if said != "" {
		doc[name] = said
	}
}

// consult opens a consultation.
func (p *Pages) consult(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	doc := questionTyped(r)
	if about := field(r, "about"); about != "" {
		doc["refs"] = []any{map[string]any{"rel": string(body.RelAbout), "record": about}}
	}
	numbered(r, doc, "line")
	done, err := p.saysTyped(r, body.TypeConsultation, doc)
	if err != nil {
		p.showPolicy(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/policy/consultation/"+done.Record.String())
}

// questionTyped is what was typed of a question: its words, when it is open, and whom it asks.
func questionTyped(r *http.Request) map[string]any {
	doc := given(r, "question", "background", "project")
	for _, name := range []string{"opens_at", "closes_at"} {
		if said := field(r, name); said != "" {
			doc[name] = moment(said)
		}
	}
	if to := strings.FieldsFunc(field(r, "to"), func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t", c) }); len(to) > 0 {
		doc["to"] = to
	}
	var options []string
	for line := range strings.Lines(field(r, "options")) {
		if line = strings.TrimSpace(line); line != "" {
			options = append(options, line)
		}
	}
	if len(options) > 0 {
		doc["options"] = options
	}
	return doc
}

// saysTyped writes a record of what was typed in a form, as the institution that the form was opened for;
// what was left empty is not said. The desk reads what is set besides.
func (p *Pages) saysTyped(r *http.Request, kind string, doc map[string]any, set ...string) (desk.Published, error) {
	maps.DeleteFunc(doc, func(_ string, said any) bool { return said == nil })
	raw, err := json.Marshal(doc)
	if err != nil {
		return desk.Published{}, err
	}
	as := protocol.InstitutionID(field(r, "as"))
	return p.o.Desk.Publish(r.Context(), desk.Request{As: as, Kind: kind, Body: raw, Set: set, Knowing: field(r, "knowing") != "", Form: true})
}
