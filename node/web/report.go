package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// reportPage is the form of a situation report, and what was wrong with it.
type reportPage struct {
	desk.ReportForm
	Begin, Until string
	Problem      *desk.Problem
	Severities   []string
}

// period reads both ends of the period; it gives what can't be read.
func (page *reportPage) period() *desk.Problem {
	for _, end := range []struct {
		field, said string
		to          *body.Time
	}{{"start", page.Begin, &page.Start}, {"end", page.Until, &page.End}} {
		if err := end.to.UnmarshalText([]byte(end.said)); err != nil {
			return &desk.Problem{Field: end.field, Detail: "this moment of the period can't be read", Mend: "want one such as 2015-11-05T00:00:00Z"}
		}
	}
	return nil
}

func (p *Pages) showReport(w http.ResponseWriter, r *http.Request, status int, page reportPage) {
	page.Severities = body.Severity("").Words()
	p.render(w, r, status, p.frame(r, "report").page("report", page))
}

func (p *Pages) reportForm(w http.ResponseWriter, r *http.Request) {
	form, err := p.o.Desk.NextReport(r.Context(), acting(r.Context()))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.showReport(w, r, http.StatusOK, reportPage{ReportForm: form, Begin: form.Start.String(), Until: form.End.String()})
}

// report reads the form over the one it was made from, publishes it, and shows the record.
func (p *Pages) report(w http.ResponseWriter, r *http.Request) {
	form, err := p.o.Desk.NextReport(r.Context(), acting(r.Context()))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := reportPage{ReportForm: form, Begin: field(r, "start"), Until: field(r, "end")}
	page.Place, page.Severity, page.Summary = field(r, "place"), field(r, "severity"), field(r, "summary")
	for i := range page.Figures {
		g := &page.Figures[i]
		g.Value, g.Same = field(r, "figures."+string(g.Indicator)), field(r, "same."+string(g.Indicator)) != ""
	}
	if page.Problem = page.period(); page.Problem != nil {
		p.showReport(w, r, http.StatusUnprocessableEntity, page)
		return
	}
	done, err := p.o.Desk.Report(r.Context(), page.ReportForm)
	if err != nil {
		page.Problem = p.problem(r, err)
		p.showReport(w, r, statusOf(err), page)
		return
	}
	http.Redirect(w, r, "/record/"+done.Record.String(), http.StatusSeeOther)
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

// recordPage is one record.
type recordPage struct {
	desk.RecordView
	Hidden bool // above the visitor's ceiling
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request) {
	ceiling := desk.Ceiling(visitor(r.Context()))
	v, err := p.o.Desk.RecordFor(r.Context(), recordName(r), ceiling, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "").page("record", recordPage{v, v.Handling > ceiling}))
}
