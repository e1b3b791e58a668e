package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// recordPage is one record.
type recordPage struct {
	desk.RecordView
	Hidden bool      // above the visitor's ceiling
	Parsed body.Body // nil of one that is hidden, or can't be read here
}

// PageOf gives the page of what a record of a kind says, beside that of the record; "" for none.
func (f *frame) PageOf(recordType string, n protocol.Name) string {
	route := ""
	switch recordType {
	case body.TypeConsultation:
		route = "GET /policy/consultation/{institution}/{position}"
	case body.TypeStrategy:
		route = "GET /policy/strategy/{institution}/{position}"
	case body.TypeProject:
		route = "GET /policy/project/{institution}/{position}"
	case body.TypePlan:
		route = "GET /funds/plan/{institution}/{position}"
	case body.TypePractice:
		route = "GET /library/{institution}/{position}"
	case body.StepRequest.Type():
		route = "GET /help/{institution}/{position}"
	}
	if route == "" || !f.May(route) {
		return ""
	}
	_, path, _ := strings.Cut(route, " ")
	return strings.Replace(path, "{institution}/{position}", n.String(), 1)
}

// MendPath gives where its author puts a record right: in the form of corrections, or in one on the
// page of what it says; "" where no page does.
func (f *frame) MendPath(p *recordPage) string {
	switch p.Mends {
	case desk.MendsInForm:
		return "/correct/" + p.Name.String()
	case desk.MendsOutcome:
		return "/policy/consultation/" + p.Hearing.String() + "#conclude"
	case desk.MendsOnPage:
		if page := f.PageOf(p.Type, p.Name); page != "" {
			return page + "#mend"
		}
	}
	return ""
}

// Regional reports whether it is a regional report, which has a page of its own.
func (p *recordPage) Regional() bool {
	said, ok := p.Parsed.(*body.SituationReport)
	return ok && said.Regional != nil
}

// Asked gives the request that the record is, as far as it is met; empty of any other.
func (p *recordPage) Asked() []desk.RequestRow {
	if p.Request == nil {
		return nil
	}
	return []desk.RequestRow{*p.Request}
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request) {
	ceiling := desk.Ceiling(visitor(r.Context()))
	v, err := p.o.Desk.RecordFor(r.Context(), recordName(r), ceiling, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := recordPage{RecordView: v, Hidden: v.Handling > ceiling}
	if b, err := body.Parse(v.Type, v.Body); err == nil && !page.Hidden {
		page.Parsed = b
	}
	p.render(w, r, http.StatusOK, p.frame(r, "").page("record", &page))
}
