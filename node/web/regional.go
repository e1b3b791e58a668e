package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// addingUp are the routes of what a regional body adds up of its members' reports.
func (p *Pages) addingUp() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /regional":                          p.regionals,
		"GET /regional/new":                      p.drawUp,
		"POST /regional/new":                     p.publishRegional,
		"GET /regional/{institution}/{position}": p.regional,
	}
}

func (p *Pages) regionals(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.RegionalReports(r.Context(), acting(r.Context()), asked(r))
	p.answer(w, r, p.frame(r, "situation").page("regionals", v), err)
}

// regionalPage is one report, and the files that have its figures.
type regionalPage struct {
	desk.RegionalSheet
	Files []takeAway
}

func (p *Pages) regional(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	v, err := p.o.Desk.Regional(r.Context(), acting(r.Context()), recordName(r), f.At)
	if err == nil {
		err = v.Only(r.URL.Query().Get("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if v.Handling > desk.Ceiling(f.Visitor) {
		p.render(w, r, http.StatusForbidden, f.page("problem", inOwnWords(f.T("record.hidden", v.Handling.String()))))
		return
	}
	v.Show(from(r))
	page := regionalPage{RegionalSheet: v, Files: f.Takes(desk.ListRegional, "record", v.Record, "quality", v.Quality)}
	p.render(w, r, http.StatusOK, f.page("regional", &page))
}

// tick is something that can be ticked.
type tick struct {
	Word    string
	Checked bool
}

// Territory is the word of a part of the network.
func (t tick) Territory() body.Territory { return body.Territory(t.Word) }

// Indicator is the word of an indicator.
func (t tick) Indicator() body.Indicator { return body.Indicator(t.Word) }

// draftPage is the form of a regional report, with what it would say.
type draftPage struct {
	refused
	As    protocol.InstitutionID
	Draft *desk.RegionalDraft // nil: it can't be drawn up as it is asked for
	parts []body.Territory
	has   []tick // the indicators of all of it
}

// Territories are the parts of the network to choose from; one that there is not stays as it was
// asked for.
func (p *draftPage) Territories() []tick {
	var out []tick
	for _, t := range p.parts {
		out = append(out, tick{Word: string(t)})
	}
	return ticked(out, p.typed["territory"])
}

// Indicators are those that the report has, or that are left out of it, each ticked if it is.
func (p *draftPage) Indicators() []tick { return ticked(p.has, p.typed["leave_out"]) }

// shows takes a draft, of whose figures it shows those behind so many.
func (p *draftPage) shows(draft *desk.RegionalDraft, from int) {
	for i := range draft.Indicators {
		p.has = append(p.has, tick{Word: string(draft.Indicators[i].Indicator)})
	}
	draft.Show(from)
	p.Draft = draft
}

func ticked(all []tick, chosen []string) []tick {
	for _, word := range chosen {
		if i := slices.IndexFunc(all, func(t tick) bool { return t.Word == word }); i >= 0 {
			all[i].Checked = true
		} else {
			all = append(all, tick{word, true})
		}
	}
	return all
}

// regionalTyped reads what a report is asked for, and what is said in it.
func (p *Pages) regionalTyped(r *http.Request, said url.Values) *desk.RegionalForm {
	one := func(name string) string { return strings.TrimSpace(said.Get(name)) }
	return &desk.RegionalForm{
		As: protocol.InstitutionID(one("as")), Start: moment(one("period.start")), End: moment(one("period.end")),
		RegionalAsk: desk.RegionalAsk{Territory: said["territory"], LeaveOut: said["leave_out"]},
		Summary:     one("summary"), Outlook: one("outlook"), Actions: one("actions"), Say: p.saying(r),
	}
}

// drawUp opens the form, filled in with what an address asks for: else with the period that goes
// on from the last report, or with the last week.
func (p *Pages) drawUp(w http.ResponseWriter, r *http.Request) {
	said := url.Values{"as": {string(acting(r.Context()))}}
	for _, name := range []string{"period.start", "period.end", "territory", "leave_out"} {
		if given, ok := r.URL.Query()[name]; ok {
			said[name] = given
		}
	}
	p.showDraft(w, r, said, nil)
}

// publishRegional draws the report up again as it is asked for, or writes it.
func (p *Pages) publishRegional(w http.ResponseWriter, r *http.Request) {
	if field(r, "step") == "look" {
		p.showDraft(w, r, r.PostForm, nil)
		return
	}
	form := p.regionalTyped(r, r.PostForm)
	form.Try = p.trying(r)
	if shown, err := protocol.ParseDigest(field(r, "drawn")); err == nil {
		form.Drawn = shown
	}
	done, err := p.o.Desk.PublishRegional(r.Context(), form)
	switch {
	case err != nil:
		p.showDraft(w, r, r.PostForm, err)
	case form.Try:
		p.render(w, r, http.StatusOK, p.frame(r, "situation").page("tried", done))
	default:
		p.leadOn(w, r, done, "/regional/"+done.Record.String())
	}
}

// lastWeek is what the first report is drawn up of unless its author says otherwise.
const lastWeek = 7

func (p *Pages) showDraft(w http.ResponseWriter, r *http.Request, said url.Values, why error) {
	as := protocol.InstitutionID(said.Get("as"))
	next, parts, err := p.o.Desk.NextRegional(r.Context(), as)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if !said.Has("period.start") && !said.Has("period.end") {
		now := p.o.Clock().Local()
		start, end := time.Date(now.Year(), now.Month(), now.Day()-lastWeek, 0, 0, 0, 0, time.Local), now //nolint:gosmopolitan // the pages' zone is the node's
		if next != nil {
			start, end = next.Start.Time(), next.End.Time()
		}
		said.Set("period.start", start.Local().Format(localMinute))
		said.Set("period.end", end.Local().Format(localMinute))
	}
	page, status := &draftPage{refused: refused{typed: said}, As: as, parts: parts}, http.StatusOK
	draft, err := p.o.Desk.DrawUp(r.Context(), p.regionalTyped(r, said))
	if err == nil {
		page.shows(&draft, from(r))
	} else if why == nil {
		why = err
	}
	if why != nil {
		found := p.problem(r, why)
		if found.Field == "regional" && page.Draft == nil { // who draws up none has no use for the form
			p.refuse(w, r, why)
			return
		}
		page.Problem, status = found.Renamed(draftField), statusOf(why)
	}
	f := p.frame(r, "situation")
	f.Scripts, f.Address = p.scripts, "" // what is typed stays
	p.render(w, r, status, f.page("regionaldraft", page))
}

// draftField gives the field of the form in which something is wrong; empty for none.
func draftField(said string) string {
	name, _, _ := strings.Cut(said, ".")
	switch name {
	case "period":
		if said == "period" {
			return "period.start"
		}
		return said
	case "territory", "leave_out", "summary", "outlook", "actions":
		return name
	case "drawn":
		return "figures"
	}
	return ""
}

// CheckWord says whether figures are what their sources come to.
func (f *frame) CheckWord(c any) string { return f.T("regional.check." + lettered(c)) }

// CheckClass is the shape of that.
func (f *frame) CheckClass(c any) string {
	switch lettered(c) {
	case "adds_up":
		return "open"
	case "does_not_add_up":
		return "late"
	}
	return "watch"
}

// Territory says a part of the network: a country by its name.
func (f *frame) Territory(t body.Territory) string {
	if name, ok := t.Group(); ok {
		return f.T("regional.group", name)
	}
	if t == "int" {
		return f.T("regional.int")
	}
	return f.PlaceOf(body.Place{Scheme: body.ISOCountry, Code: strings.ToUpper(string(t))})
}

// Country says a country by its code, and what is of none.
func (f *frame) Country(code string) string { return f.Territory(body.Territory(code)) }

// PlaceOf says a place of a body.
func (f *frame) PlaceOf(p body.Place) string {
	return f.Place(p.Key(), string(p.Name))
}

// Range says a number, or from where to where it goes.
func (f *frame) Range(low any, high *body.Quantity) string {
	if high == nil {
		return f.Number(low)
	}
	return f.Number(low) + "–" + f.Number(high)
}

// Missed says why a report had not come.
func (f *frame) Missed(m body.RegionalMissing) string {
	switch {
	case m.State == body.MissingNotDue:
		return f.T("regional.notdue")
	case m.State == body.MissingOverdue && m.Never():
		return f.T("due.never")
	}
	return f.Due(desk.DueState(m.State))
}
