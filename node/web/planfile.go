package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// planFilePath takes the file of a fund plan.
const planFilePath = "/funds/plan/sheet"

// planFile is the form that brings the file of a plan back: its next version, or a new plan.
type planFile struct {
	As     protocol.InstitutionID
	Record string // of the plan; empty: a new one
	Reason string
	Alone  bool // no other form stands beside it
	Warned bool // what it says may be said knowingly
}

// ReasonID names the field of the reason: the form of the next version has one too.
func (f planFile) ReasonID() string {
	if f.Alone {
		return "reason"
	}
	return "why-back"
}

// File is the form of the next version.
func (p *planPage) File() planFile { return planFile{As: p.As, Record: p.Record.String()} }

// File is the form of a new plan.
func (p *plansPage) File() planFile { return planFile{As: p.As} }

// planFilePage is a file as it came back: what is wrong in which cell.
type planFilePage struct {
	desk.PlanImported
	Problem *desk.Problem
	File    planFile
}

// readPlan makes of a file the next version of a plan, or a new one; with a cell that is wrong,
// nothing.
func (p *Pages) readPlan(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "funds")
	data, err := uploaded(r)
	page := &planFilePage{File: planFile{As: protocol.InstitutionID(field(r, "as")), Record: field(r, "record"), Reason: field(r, "reason"), Alone: true}}
	if err == nil {
		page.PlanImported, err = p.o.Desk.ImportPlan(r.Context(), desk.PlanImport{
			As: page.File.As, File: r.MultipartForm.File["file"][0].Filename, Data: data, Record: page.File.Record, Reason: page.File.Reason,
			Knowing: field(r, "knowing") != "",
		})
	}
	status := http.StatusUnprocessableEntity
	switch {
	case err != nil:
		page.File.Warned = page.File.Record != ""
		page.Problem, status = p.problem(r, err), statusOf(err)
		page.Problem = page.Problem.Renamed(func(field string) string {
			if field == "reason" {
				return field
			}
			return "file"
		})
	case len(page.Faults) == 0:
		to := page.File.Record
		if to == "" {
			to = page.Record.String()
		}
		p.leadOn(w, r, desk.Published{Waits: page.Waits}, "/funds/plan/"+to)
		return
	}
	p.render(w, r, status, f.page("planback", page))
}
