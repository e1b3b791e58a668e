package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// objectiveRow is an objective in a form.
type objectiveRow struct {
	N                                                 int
	Folds                                             int // how many that are still empty are folded away from it on
	OID, Text, Indicator, Baseline, Target, Unit, Due string
	Supports                                          []string
}

// Has reports whether it supports an objective.
func (o *objectiveRow) Has(ref string) bool { return slices.Contains(o.Supports, ref) }

// Name names a member's field.
func (o *objectiveRow) Name(member string) string { return objectiveField(o.N, member) }

func objectiveField(n int, member string) string { return fmt.Sprintf("objectives.%d.%s", n, member) }

// empty reports whether nothing stands in a row.
func (o *objectiveRow) empty() bool {
	return o.OID+o.Text+o.Indicator+o.Baseline+o.Target+o.Unit+o.Due == "" && len(o.Supports) == 0
}

// spareRows is how many empty objectives a form has behind those that are there.
const spareRows = 3

// strategyForm is what a form of a strategy holds.
type strategyForm struct {
	refused
	Live protocol.Digest // of the version that is in force; zero: there is none yet
	now  url.Values      // before anything was typed
	rows []objectiveRow
}

// Field gives what stands in a field: what was typed, or what is in force.
func (f *strategyForm) Field(name string) string {
	if f.Problem != nil {
		return f.Typed(name)
	}
	return f.now.Get(name)
}

// Rows are the objectives: those typed or in force, and some that are empty.
func (f *strategyForm) Rows() []objectiveRow {
	out := slices.Clone(f.rows)
	if f.Problem != nil {
		out = typedObjectives(f.typed)
	}
	for i := range out {
		out[i].N = i
	}
	open := max(len(out), 1) // where there is none yet, one waits
	for range spareRows {
		out = append(out, objectiveRow{N: len(out)})
	}
	out[open].Folds = len(out) - open
	return out
}

// States are the words for whether a strategy is in force.
func (*strategyForm) States() []string { return body.StrategyDraft.Words() }

// Indicators are those of the situation reports.
func (*strategyForm) Indicators() []string { return body.Arrivals.Words() }

// typedObjectives reads the rows of a form; what is empty is left out.
func typedObjectives(v url.Values) []objectiveRow {
	var out []objectiveRow
	for n := 0; v.Has(objectiveField(n, "text")); n++ {
		of := func(member string) string { return strings.TrimSpace(v.Get(objectiveField(n, member))) }
		row := objectiveRow{N: n, OID: of("oid"), Text: of("text"), Indicator: of("indicator"), Baseline: of("baseline"), Target: of("target"), Unit: of("unit"), Due: of("due"), Supports: v[objectiveField(n, "supports")]}
		if !row.empty() {
			out = append(out, row)
		}
	}
	return out
}

// strategyDocument is the body that was typed, but for its place. Its objectives are numbered as the
// form is that is shown again, so that a problem leads to its field.
func strategyDocument(r *http.Request) map[string]any {
	doc := given(r, "title", "status", "project")
	doc["period"] = periodTyped(r)
	doc["objectives"] = objectivesTyped(r)
	return doc
}

func periodTyped(r *http.Request) map[string]any {
	period := map[string]any{}
	for _, end := range []string{"start", "end"} {
		if said := field(r, "period."+end); said != "" {
			period[end] = moment(said)
		}
	}
	return period
}

// objectivesTyped are those of a form that are not empty.
func objectivesTyped(r *http.Request) []any {
	objectives := []any{}
	for _, row := range typedObjectives(r.PostForm) {
		o := map[string]any{}
		for member, said := range map[string]string{"oid": row.OID, "text": row.Text, "indicator": row.Indicator, "unit": row.Unit} {
			if said != "" {
				o[member] = said
			}
		}
		for member, said := range map[string]string{"baseline": row.Baseline, "target": row.Target} {
			if n, err := strconv.Atoi(said); err == nil {
				o[member] = n
			} else if said != "" {
				o[member] = said
			}
		}
		if row.Due != "" {
			o["due"] = moment(row.Due)
		}
		if len(row.Supports) > 0 {
			supports := make([]any, len(row.Supports))
			for i, s := range row.Supports {
				supports[i] = s
			}
			o["supports"] = supports
		}
		objectives = append(objectives, o)
	}
	return objectives
}

// alignmentPage is how strategies hang together.
type alignmentPage struct {
	desk.Alignment
	strategyForm
}

func (p *Pages) alignment(w http.ResponseWriter, r *http.Request) {
	p.showAlignment(w, r, acting(r.Context()), nil)
}

func (p *Pages) showAlignment(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Alignment(r.Context(), as, asked(r))
	if err == nil && why == nil {
		err = v.Only(r.FormValue("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &alignmentPage{Alignment: v}
	page.refused = p.refusal(r, why)
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("alignment", page))
}

// planStrategy writes a strategy.
func (p *Pages) planStrategy(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	doc := strategyDocument(r)
	done, err := p.saysTyped(r, body.TypeStrategy, doc, placeTyped(r, doc, "place")...)
	if err != nil {
		p.showAlignment(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/policy/strategy/"+done.Record.String())
}

// strategyPage is one strategy, with its versions.
type strategyPage struct {
	desk.StrategySheet
	strategyForm
}

func (p *Pages) strategy(w http.ResponseWriter, r *http.Request) {
	p.showStrategy(w, r, acting(r.Context()), nil)
}

func (p *Pages) showStrategy(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	q := desk.StrategyQuery{As: as, Record: recordName(r), At: asked(r)}
	if err := versionsAsked(r, &q.From, &q.To); err != nil {
		p.refuse(w, r, err)
		return
	}
	v, err := p.o.Desk.Strategy(r.Context(), q)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &strategyPage{v, inForce(&v)}
	page.refused = p.refusal(r, why)
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("strategy", page))
}

// versionsAsked reads which two versions somebody wants to compare, if any.
func versionsAsked(r *http.Request, from, to *int) error {
	for _, asked := range []struct {
		name string
		n    *int
	}{{"from", from}, {"to", to}} {
		said := r.URL.Query().Get(asked.name)
		if said == "" {
			continue
		}
		var err error
		if *asked.n, err = strconv.Atoi(said); err != nil {
			return &desk.Problem{Kind: desk.Usage, Field: asked.name, Detail: "this is no version", Mend: "choose one of the versions"}
		}
	}
	return nil
}

// inForce fills the form with what a strategy says now.
func inForce(s *desk.StrategySheet) strategyForm {
	f := strategyForm{now: url.Values{
		"title": {s.Title}, "status": {string(s.Status)}, "period.start": {local(s.PeriodStart.String())}, "period.end": {local(s.PeriodEnd.String())},
	}}
	if !s.Project.IsZero() {
		f.now.Set("project", s.Project.String())
	}
	if !s.Place.IsZero() {
		f.now.Set("place", s.Place.String())
	}
	f.rows, f.Live = rowsOf(s.Objectives), s.Versions[len(s.Versions)-1].Digest
	return f
}

// rowsOf gives the rows of a form that hold some objectives.
func rowsOf(of []desk.Objective) []objectiveRow {
	var rows []objectiveRow
	number := func(q *body.Quantity) string {
		if q == nil {
			return ""
		}
		return strconv.FormatInt(int64(*q), 10)
	}
	for i := range of {
		o := &of[i]
		row := objectiveRow{OID: string(o.OID), Text: o.Text, Indicator: string(o.Indicator), Baseline: number(o.Baseline), Target: number(o.Target)}
		if string(o.Indicator.Unit()) != o.Unit {
			row.Unit = o.Unit
		}
		if o.Due != 0 {
			row.Due = local(o.Due.String())
		}
		for j := range o.Supports {
			row.Supports = append(row.Supports, o.Supports[j].String())
		}
		rows = append(rows, row)
	}
	return rows
}

// Choices are the objectives that one of this strategy may support, and those that one does.
func (p *strategyPage) Choices() []desk.AboveObjective { return choices(p.Above, p.Rows()) }

// Choices are the objectives that one may support.
func (p *alignmentPage) Choices() []desk.AboveObjective { return choices(p.Above, p.Rows()) }

func choices(above []desk.AboveObjective, rows []objectiveRow) []desk.AboveObjective {
	out := slices.Clone(above)
	for i := range rows {
		for _, ref := range rows[i].Supports {
			if !slices.ContainsFunc(out, func(a desk.AboveObjective) bool { return a.Ref == ref }) {
				out = append(out, desk.AboveObjective{Ref: ref, Says: ref})
			}
		}
	}
	return out
}

// mendStrategy makes a new version.
func (p *Pages) mendStrategy(w http.ResponseWriter, r *http.Request) {
	doc := strategyDocument(r)
	if r.PostForm.Has("project") && doc["project"] == nil {
		doc["project"] = nil // it was emptied: the new version is part of none
	}
	done, err := p.mend(r, desk.CorrectRequest{Record: recordName(r), Set: placeTyped(r, doc, "place")}, doc)
	if err != nil {
		p.showStrategy(w, r, protocol.InstitutionID(field(r, "as")), err)
		return
	}
	p.leadOn(w, r, done, "/policy/strategy/"+recordName(r))
}

// SupportWord says whether a link leads somewhere.
func (f *frame) SupportWord(state any) string { return f.T("strategy.link." + lettered(state)) }

// StrategyField names what has changed.
func (f *frame) StrategyField(name string) string {
	switch name {
	case "objective":
		return f.T("strategy.objective")
	case "summary":
		return f.T("project.summary")
	case "period.start":
		return f.T("strategy.from")
	case "period.end":
		return f.T("strategy.until")
	}
	return f.label("strategy", "objectives", name)
}

// StrategyValue says what stood, or stands, in a field.
func (f *frame) StrategyValue(name, value string) any {
	var at body.Time
	switch {
	case value == "":
		return f.T("strategy.nothing")
	case name == "level" || name == "status":
		return f.Word(value)
	case name == "baseline" || name == "target":
		return f.Number(value)
	case name == "indicator":
		return f.Indicator(body.Indicator(value))
	case (name == "due" || strings.HasPrefix(name, "period.")) && at.UnmarshalText([]byte(value)) == nil:
		return f.Time(at.Instant())
	}
	return value
}

// Gone says per mille of a way as per cent.
func (f *frame) Gone(mille *int64) string { return f.T("strategy.gone", f.Tenths(*mille)) }
