package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
)

// projects is the list of projects across borders.
func (a *app) projects(rows []api.ProjectRow) table {
	return tabled(rows, []string{"record", "state", "owed", "title", "countries", "from", "until", "confirmed", "records", "not counted"}, func(r *api.ProjectRow) []string {
		owed := string(r.Owed)
		if owed != "" {
			owed += " of " + joined(r.OwedBy)
		}
		return []string{
			r.Record.String(), string(r.State), owed, r.Title, strings.Join(r.Countries, " "), a.when(r.PeriodStart), a.when(r.PeriodEnd), takingPart(r), strconv.Itoa(len(r.Records)), oneCountry(r),
		}
	})
}

// takingPart says how many of the partners take part.
func takingPart(r *api.ProjectRow) string {
	return fmt.Sprintf("confirmed by %d of %d", r.Confirmed, len(r.Partners))
}

func oneCountry(r *api.ProjectRow) string {
	if r.OneCountry {
		return "all of one country"
	}
	return ""
}

// showProject prints who takes part in a project, what names it, what that makes together, and
// what became otherwise from version to version.
func (a *app) showProject(p *api.ProjectSheet) {
	line(a.out, "")
	line(a.out, "%s", p.Title)
	if p.Summary != "" {
		line(a.out, "%s", p.Summary)
	}
	t := table{}
	t.add("state", string(p.State), oneCountry(&p.ProjectRow))
	t.add("countries", strings.Join(p.Countries, " "))
	t.add("period", clock(p.PeriodStart)+" to "+clock(p.PeriodEnd))
	t.add("partners", takingPart(&p.ProjectRow))
	t.add("led by", string(p.Institution))
	for i := range p.Words {
		w := &p.Words[i]
		said := string(w.State)
		if w.Version > 0 {
			said += " version " + strconv.Itoa(w.Version)
		}
		t.add("partner", strings.TrimSpace(string(w.Institution)+"  "+said+"  "+w.Reason))
	}
	if !p.Plan.IsZero() {
		t.add("plan", p.Plan.String())
	}
	if p.URL != "" {
		t.add("address", string(p.URL))
	}
	_ = a.write(nil, t)
	if len(p.Objectives) > 0 {
		line(a.out, "")
		t = table{head: []string{"objective", "text", "supports"}}
		for i := range p.Objectives {
			o := &p.Objectives[i]
			t.add(string(o.OID), o.Text, supports(&api.AlignmentRow{Objective: *o}))
		}
		_ = a.write(nil, t)
	}
	a.showProjectRecords(p)
	for _, h := range p.History {
		line(a.out, "")
		line(a.out, "version %d  %s  %s  %s", h.Version, h.Record, clock(h.AuthorTime), h.Reason)
		changes(a.out, h.Changes)
	}
}

// showProjectRecords prints what names a project, and what that makes together.
func (a *app) showProjectRecords(p *api.ProjectSheet) {
	t := table{head: []string{"kind", "record", "country", "institution", "quality", "says"}}
	for _, g := range p.Groups {
		for i := range g.Records {
			r := &g.Records[i]
			by := string(r.Institution)
			if !r.Partner {
				by += " (no partner)"
			}
			t.add(g.Kind, r.Record.String(), r.Country, by, graded(r.Quality), r.Says)
		}
	}
	if len(p.Groups) > 0 {
		line(a.out, "")
		_ = a.write(nil, t)
	}
	t = table{}
	t.add("needs", fmt.Sprintf("%d of %d reported", p.Assessed.Reported, p.Assessed.Of))
	for i := range p.Needs {
		for _, n := range p.Needs[i].Items {
			if n.Unmet > 0 {
				t.add("unmet", fmt.Sprintf("%d %s %s", n.Unmet, n.Unit, n.Item), string(p.Needs[i].Institution))
			}
		}
	}
	for _, m := range p.Planned {
		t.add("planned", m.Total.String()+" "+string(m.Currency), api.Count(m.Plans, "plan", "plans")+", not counted "+api.Count(m.Drafts, "draft", "drafts"))
	}
	for i := range p.Funds {
		f := &p.Funds[i]
		t.add("funds", fmt.Sprintf("pledged only %s, committed %s, paid %s %s", f.Pledged, f.Committed, f.Paid, f.Currency), fmt.Sprintf("%s, %d not reconciled", api.Count(f.Flows, "flow", "flows"), f.Unreconciled))
	}
	if len(t.rows) > 0 {
		line(a.out, "")
		_ = a.write(nil, t)
	}
}
