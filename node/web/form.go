package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// formPage is a form, and what was wrong with it.
type formPage struct {
	desk.Form
	Problem *desk.Problem
	Places  []desk.RouteRow // that this institution could speak of, to choose from
}

// Wrong reports whether something is wrong with a field.
func (p *formPage) Wrong(name string) bool {
	return slices.ContainsFunc(p.Faults(), func(f formFault) bool { return f.ID == name })
}

// formFault is one thing that is wrong with a form.
type formFault struct {
	desk.Fault
	ID string // of the field; empty: it is of none
}

// Faults gives all that is wrong with the form. The desk may name a part of what a field holds,
// such as place.code, or the whole of which it is a part, such as period.
func (p *formPage) Faults() []formFault {
	if p.Problem == nil {
		return nil
	}
	shown := shownPage{tags: map[string]shownTag{}}
	for i := range p.Fields {
		name := p.Fields[i].Name
		shown.tags[name], shown.order = shownTag{Token: html.Token{Data: "input"}}, append(shown.order, name)
	}
	var out []formFault
	for _, f := range p.Problem.Faults() {
		out = append(out, formFault{f, shown.nearestID(f.Field)})
	}
	return out
}

// Path is where the form is sent.
func (p *formPage) Path() string {
	if slices.Contains(aboutForms(), p.Name) {
		return "/" + p.Name + "/" + p.About
	}
	return "/" + p.Name + "/new"
}

// aboutForms are those that are about a record.
func aboutForms() []string {
	return []string{desk.FormNote, desk.FormCorrect, desk.FormRetract, desk.FormEndorse}
}

// writing are the routes of those who write.
func (p *Pages) writing() map[string]http.HandlerFunc {
	out := map[string]http.HandlerFunc{
		"GET /drafts":       p.drafts,
		"POST /draft":       p.keep,
		"POST /typed":       p.typed,
		"POST /drafts/drop": p.dropDraft,
		"POST /try":         p.try,
	}
	for _, name := range []string{desk.FormReport, desk.FormRoute, desk.FormNeeds, desk.FormPhase, desk.FormAlert, desk.FormPractice, desk.FormCapacity} {
		out["GET /"+name+"/new"], out["POST /"+name+"/new"] = p.form(name), p.send(name)
	}
	for _, name := range aboutForms() {
		path := "/" + name + "/{institution}/{position}"
		out["GET "+path], out["POST "+path] = p.form(name), p.send(name)
	}
	return out
}

// about names the record that a form is about.
func about(r *http.Request) string {
	if r.PathValue("institution") != "" {
		return recordName(r)
	}
	return strings.TrimSpace(r.FormValue("about"))
}

// form opens a form, or a draft of one.
func (p *Pages) form(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var f desk.Form
		var err error
		if id := r.FormValue("draft"); id != "" {
			f, err = p.o.Desk.GoOn(r.Context(), id)
		} else {
			f, err = p.o.Desk.NewForm(r.Context(), acting(r.Context()), name, about(r))
			if ref := r.FormValue("exercise"); err == nil && name == desk.FormPractice && ref != "" {
				err = p.o.Desk.Learn(&f, ref, p.saying(r))
			}
		}
		if err == nil && name == desk.FormAlert && r.FormValue("draft") == "" {
			reader := p.frame(r, "")
			err = p.o.Desk.Warn(&f, reader.Lang(), func(english string, places []string) string { return reader.Told(english, places).Text })
		}
		if name == desk.FormPhase {
			f.Begin(r.FormValue("place"), r.FormValue("phase"))
		}
		switch {
		case err != nil && name == desk.FormCorrect && p.mendsElsewhere(w, r):
		case err != nil:
			p.refuse(w, r, err)
		default:
			p.showForm(w, r, http.StatusOK, &formPage{Form: f})
		}
	}
}

// mendsElsewhere leads to the page on which who acts puts a record right that the form of corrections has no fields
// for, if there is one.
func (p *Pages) mendsElsewhere(w http.ResponseWriter, r *http.Request) bool {
	v, err := p.o.Desk.RecordFor(r.Context(), about(r), desk.Ceiling(visitor(r.Context())), 0)
	if err != nil || v.Name.Institution != acting(r.Context()) || v.Mends == desk.MendsInForm {
		return false
	}
	path := p.frame(r, "").MendPath(&recordPage{RecordView: v})
	if path != "" {
		http.Redirect(w, r, path, http.StatusSeeOther)
	}
	return path != ""
}

func (p *Pages) showForm(w http.ResponseWriter, r *http.Request, status int, page *formPage) {
	if page.Name == desk.FormRoute && page.About == "" {
		if l, err := p.o.Desk.List(r.Context(), desk.Query{What: desk.ListRoutes, By: string(page.As)}); err == nil {
			page.Places, _ = l.Rows.([]desk.RouteRow)
		}
	}
	for i := range page.Fields {
		if g := &page.Fields[i]; g.As == desk.AsMoment {
			g.Value = local(g.Value)
		}
	}
	f := p.frame(r, "report")
	f.Scripts, f.Address = p.scripts, "" // it is kept while it is filled in, and not changed under the hand
	p.render(w, r, status, f.page("form", page))
}

// filled reads a form that was sent, over the empty one.
func (p *Pages) filled(r *http.Request, name string) (desk.Form, error) {
	// That of the moment when it was opened: another tab may act as another since.
	as := cmp.Or(protocol.InstitutionID(field(r, "as")), acting(r.Context()))
	f, err := p.o.Desk.NewForm(r.Context(), as, name, about(r))
	if err != nil {
		return f, err
	}
	f.ID, f.Try, f.Known = field(r, "form"), p.trying(r), field(r, "knowing") != ""
	values := map[string]string{}
	for name := range r.PostForm {
		values[name] = field(r, name)
	}
	for i := range f.Fields {
		if g := &f.Fields[i]; g.As == desk.AsWords {
			values[g.Name] = strings.Join(r.PostForm[g.Name], ",")
		}
	}
	for i := range f.Fields {
		if g := &f.Fields[i]; g.As == desk.AsMoment {
			values[g.Name] = moment(values[g.Name])
		}
	}
	f.Fill(values)
	return f, nil
}

// send makes a record of a form, and shows it.
func (p *Pages) send(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		files, err := attachedTo(r)
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		f, err := p.filled(r, name)
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		f.Files = files
		if name == desk.FormNeeds && field(r, "workout") != "" {
			p.workOut(w, r, f)
			return
		}
		done, err := p.o.Desk.SendForm(r.Context(), f)
		switch {
		case err != nil:
			p.showForm(w, r, statusOf(err), &formPage{Form: f, Problem: p.problem(r, err)})
		case f.Try:
			p.render(w, r, http.StatusOK, p.frame(r, "report").page("tried", done))
		case done.Waits != "":
			http.Redirect(w, r, "/drafts", http.StatusSeeOther)
		case name == desk.FormPractice:
			http.Redirect(w, r, "/library/"+done.Record.String(), http.StatusSeeOther)
		default:
			http.Redirect(w, r, "/record/"+done.Record.String(), http.StatusSeeOther)
		}
	}
}

// workOut shows a needs form again, with the rows that so many people need.
func (p *Pages) workOut(w http.ResponseWriter, r *http.Request, f desk.Form) {
	if err := p.o.Desk.WorkOut(&f); err != nil {
		p.showForm(w, r, statusOf(err), &formPage{Form: f, Problem: p.problem(r, err)})
		return
	}
	p.showForm(w, r, http.StatusOK, &formPage{Form: f})
}

// rowField reports whether a field stands in a row of several.
func rowField(g desk.FormField) bool {
	list, rest, _ := strings.Cut(g.Name, ".")
	return rest != "" && slices.Contains([]string{"items", "results", "gaps", "lines"}, list)
}

// Before are the fields before the rows: all of a form that has none.
func (p *formPage) Before() []desk.FormField {
	if i := slices.IndexFunc(p.Fields, rowField); i >= 0 {
		return p.Fields[:i]
	}
	return p.Fields
}

// After are the fields behind the rows.
func (p *formPage) After() []desk.FormField {
	i := slices.IndexFunc(p.Fields, rowField)
	if i < 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(p.Fields[i:]), rowField)
}

// keep keeps a form as it stands, for later.
func (p *Pages) keep(w http.ResponseWriter, r *http.Request) {
	f, err := p.filled(r, field(r, "name"))
	if err == nil {
		err = p.o.Desk.KeepForm(r.Context(), f)
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/drafts", http.StatusSeeOther)
}

// typedPage is what is said to who fills in a form, as they do.
type typedPage struct {
	formPage
	Kept bool
}

// typed keeps a form while it is filled in, and says what does not add up.
func (p *Pages) typed(w http.ResponseWriter, r *http.Request) {
	f, err := p.filled(r, field(r, "name"))
	if err == nil {
		err = p.o.Desk.Typed(r.Context(), f)
	}
	page := typedPage{formPage{Form: f}, !f.Try}
	if err != nil {
		page.Problem = p.problem(r, err)
		page.Kept = page.Kept && page.Faults()[0].ID != "" // a figure is wrong, and kept as it is
	}
	p.render(w, r, http.StatusOK, p.frame(r, "report").page("typed", &page))
}

// draftRow is a draft, and where it goes on.
type draftRow struct {
	desk.Draft
	Href string
}

// draftsPage is what somebody has begun, and what of theirs waits for a second person.
type draftsPage struct {
	Rows   []draftRow
	Handed []desk.Second
}

func (p *Pages) drafts(w http.ResponseWriter, r *http.Request) {
	drafts, err := p.o.Desk.Drafts(r.Context())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	handed, err := p.o.Desk.HandedIn(r.Context())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	var rows []draftRow
	for _, d := range drafts {
		page := formPage{Form: desk.Form{Name: d.Form, About: d.About}}
		rows = append(rows, draftRow{d, page.Path() + "?draft=" + d.ID})
	}
	p.render(w, r, http.StatusOK, p.present(r, "drafts").page("drafts", draftsPage{rows, handed}))
}

func (p *Pages) dropDraft(w http.ResponseWriter, r *http.Request) {
	if err := p.o.Desk.DropDraft(r.Context(), field(r, "draft")); err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/drafts", http.StatusSeeOther)
}

// keyTry is the session's key of whether its forms are only tried.
const keyTry = "try"

func (p *Pages) trying(r *http.Request) bool { return p.sessions.GetBool(r.Context(), keyTry) }

// try begins or ends the mode in which nothing that is sent leaves.
func (p *Pages) try(w http.ResponseWriter, r *http.Request) {
	p.sessions.Put(r.Context(), keyTry, field(r, "try") != "")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// localMoment is how a browser's field has a moment: without a zone, the node's.
const localMoment = "2006-01-02T15:04:05"

// localMinute is how it has a whole minute.
const localMinute = "2006-01-02T15:04"

// local gives a moment as a browser's field has it; what is none stays.
func local(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return s
	}
	return strings.TrimSuffix(t.Local().Format(localMoment), ":00")
}

// Local gives a moment as a browser's field has it; zero: nothing.
func (f *frame) Local(i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	return local(i.String())
}

// moment reads what a browser's field has; what is none stays, for the desk to refuse.
func moment(s string) string {
	for _, layout := range []string{localMoment, localMinute} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil { //nolint:gosmopolitan // the pages' zone is the node's
			return t.UTC().Format(time.RFC3339)
		}
	}
	return s
}

// leadOn leads from what was written to where it is shown, or to where it waits for a second person.
func (p *Pages) leadOn(w http.ResponseWriter, r *http.Request, done desk.Published, to string) {
	if done.Waits != "" {
		to = "/drafts"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
