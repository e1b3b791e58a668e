package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// projectsPage are the projects across borders, and the form of a new one.
type projectsPage struct {
	desk.Projects
	strategyForm
}

// Choices are the objectives that one of a new project may support.
func (p *projectsPage) Choices() []desk.AboveObjective { return choices(p.Above, p.Rows()) }

// Rows are the objectives of the form; those of the projects stand with them.
func (p *projectsPage) Rows() []objectiveRow { return p.strategyForm.Rows() }

func (p *Pages) projects(w http.ResponseWriter, r *http.Request) {
	p.showProjects(w, r, acting(r.Context()), nil)
}

func (p *Pages) showProjects(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Projects(r.Context(), as, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &projectsPage{Projects: v}
	page.refused = p.refusal(r, why)
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("projects", page))
}

// projectDocument is the body that was typed. What may be left out and is empty is null, so that
// a new version says it no more.
func projectDocument(r *http.Request) map[string]any {
	doc := given(r, "title")
	doc["period"] = periodTyped(r)
	for _, name := range []string{"summary", "plan", "url"} {
		doc[name] = nil
		if said := field(r, name); said != "" {
			doc[name] = said
		}
	}
	doc["objectives"] = nil
	if objectives := objectivesTyped(r); len(objectives) > 0 {
		doc["objectives"] = objectives
	}
	doc["partners"] = strings.FieldsFunc(field(r, "partners"), func(c rune) bool { return strings.ContainsRune(" ,;\r\n\t", c) })
	return doc
}

// writeProject writes a project.
func (p *Pages) writeProject(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	done, err := p.saysTyped(r, body.TypeProject, projectDocument(r))
	if err != nil {
		p.showProjects(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/policy/project/"+done.Record.String())
}

// projectPage is one project, with what names it.
type projectPage struct {
	desk.ProjectSheet
	strategyForm
}

// Choices are the objectives that one of this project may support, and those that one does.
func (p *projectPage) Choices() []desk.AboveObjective { return choices(p.Above, p.Rows()) }

func (p *Pages) project(w http.ResponseWriter, r *http.Request) {
	p.showProject(w, r, acting(r.Context()), nil)
}

func (p *Pages) showProject(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Project(r.Context(), desk.ProjectQuery{As: as, Record: recordName(r), At: asked(r)})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if err := v.Only(r.URL.Query().Get("quality")); err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &projectPage{v, projectInForce(&v)}
	page.refused = p.refusal(r, why)
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("project", page))
}

// projectInForce fills the form with what a project says now.
func projectInForce(s *desk.ProjectSheet) strategyForm {
	partners := make([]string, len(s.Partners))
	for i, id := range s.Partners {
		partners[i] = string(id)
	}
	f := strategyForm{rows: rowsOf(s.Objectives), Live: s.Versions[len(s.Versions)-1].Digest, now: url.Values{
		"title": {s.Title}, "summary": {s.Summary}, "url": {string(s.URL)}, "partners": {strings.Join(partners, "\n")},
		"period.start": {local(s.PeriodStart.String())}, "period.end": {local(s.PeriodEnd.String())},
	}}
	if !s.Plan.IsZero() {
		f.now.Set("plan", s.Plan.String())
	}
	return f
}

// sayOfProject takes the word of a partner, or the next version.
func (p *Pages) sayOfProject(w http.ResponseWriter, r *http.Request) {
	as, step := protocol.InstitutionID(field(r, "as")), field(r, "step")
	var done desk.Published
	var err error
	switch step {
	case desk.AnswerAccept, desk.AnswerRefuse:
		done, err = p.o.Desk.Answer(r.Context(), desk.AnswerRequest{As: as, Record: recordName(r), Step: step, Reason: field(r, "reason")})
	default:
		done, err = p.mend(r, desk.CorrectRequest{Record: recordName(r)}, projectDocument(r))
	}
	if err != nil {
		p.showProject(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/policy/project/"+recordName(r))
}

// PartClass is the shape of whether a partner takes part.
func (f *frame) PartClass(state any) string {
	switch lettered(state) {
	case "confirmed":
		return "open"
	case "declined":
		return "late"
	}
	return "watch"
}
