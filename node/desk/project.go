package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ProjectRow is a project, with whose word of this node it waits for.
type ProjectRow struct {
	board.Project
	Owed   OwedWord                 `json:"owed,omitempty"`
	OwedBy []protocol.InstitutionID `json:"owed_by,omitempty"`

	lies []body.PlaceKey // by which it is found; of a list
}

// lies gives where a project is, which is more than it says: where the needs and the plans are that name it, the plan that it
// names, line by line, the seats of those of its partners that are local, and the country of each. It stands in no file: what a row of
// others' records says of a place may be for fewer readers than the project.
func (d *Desk) lies(view *board.View, p *board.Project) []body.PlaceKey {
	out, plans := []body.PlaceKey{p.Place}, []protocol.Name{p.Plan}
	names := map[protocol.Name]bool{}
	for _, r := range p.Records {
		if names[r.Record] = true; r.Type == body.TypePlan {
			plans = append(plans, r.Record)
		}
	}
	for i := range view.Needs {
		if n := &view.Needs[i]; names[n.Record] {
			out = append(out, n.Place)
		}
	}
	for _, n := range plans {
		if plan := planOf(view, n); plan != nil {
			out = append(out, plan.Territory)
			for i := range plan.Lines {
				out = append(out, plan.PlaceOf(int(plan.Lines[i].Line)))
			}
		}
	}
	for _, country := range p.Countries {
		out = append(out, body.PlaceKey{Scheme: body.ISOCountry, Code: strings.ToUpper(country)})
	}
	return eachOnce(append(out, d.localSeats(append([]protocol.InstitutionID{p.Institution}, p.Partners...))...))
}

// OwedPart is what is owed to a project that waits for a partner's word.
const OwedPart OwedWord = "part"

// silent gives the institutions of this node whose word a project waits for.
func (d *Desk) silent(p *board.Project) []protocol.InstitutionID {
	if p.State != board.ProjectPlanned && p.State != board.ProjectUnderWay {
		return nil
	}
	var out []protocol.InstitutionID
	for i := range p.Words {
		if p.Words[i].State == board.PartWaiting && d.isOwn(p.Words[i].Institution) {
			out = append(out, p.Words[i].Institution)
		}
	}
	return out
}

func (d *Desk) projectRow(p *board.Project) ProjectRow {
	row := ProjectRow{Project: *p, OwedBy: d.silent(p)}
	if len(row.OwedBy) > 0 {
		row.Owed = OwedPart
	}
	return row
}

// projects gives what waits for a word of this node first, then what is under way, planned, and
// the rest; of each what was written last.
func (d *Desk) projects(view *board.View) []ProjectRow {
	out := make([]ProjectRow, 0, len(view.Projects))
	for i := range view.Projects {
		row := d.projectRow(&view.Projects[i])
		row.lies = d.lies(view, &row.Project)
		out = append(out, row)
	}
	order := []board.ProjectState{board.ProjectUnderWay, board.ProjectPlanned, board.ProjectEnded, board.ProjectWithdrawn}
	rank := func(r *ProjectRow) int {
		if r.Owed != "" {
			return -1
		}
		return slices.Index(order, r.State)
	}
	slices.SortStableFunc(out, func(a, b ProjectRow) int { return cmp.Or(rank(&a)-rank(&b), cmp.Compare(b.AuthorTime, a.AuthorTime)) })
	return out
}

// ProjectSheet is one project as an institution sees it: what names it, by kind, what that makes
// together, and what became otherwise from version to version.
type ProjectSheet struct {
	ProjectRow
	ByQuality
	As         protocol.InstitutionID `json:"as"`
	Groups     []ProjectGroup         `json:"groups"` // by kind
	Needs      []NeedsRow             `json:"needs"`  // the live assessments that name it
	Assessed   ProjectShare           `json:"assessed"`
	Planned    []ProjectMoney         `json:"planned"`
	Funds      []FundTotal            `json:"funds"`   // of the flows that name it, by currency
	History    []ProjectStep          `json:"history"` // the newest first
	MayMend    bool                   `json:"may_correct"`
	MayConfirm bool                   `json:"may_confirm"` // it is a partner, and does not take part
	MayDecline bool                   `json:"may_decline"` // it is a partner, and has not declined
	Exercise   bool                   `json:"exercise"`
	Of         protocol.Instant       `json:"of"` // the instant that it is told of
	Above      []AboveObjective       `json:"-"`  // that it may support
}

// ProjectGroup are the records of one kind that name a project.
type ProjectGroup struct {
	Kind    string         `json:"kind"`
	Records []ProjectEntry `json:"records"`
}

// ProjectEntry is one of them.
type ProjectEntry struct {
	board.ProjectRecord
	Country string    `json:"country"` // int: of none
	Says    string    `json:"says"`
	Quality *Quality  `json:"quality,omitempty"`
	Parsed  body.Body `json:"-"` // nil: it is not to be read here
}

// ProjectShare is how many of those whose project it is, its author and its partners, have a
// live assessment of needs in it.
type ProjectShare struct {
	Reported int `json:"reported"`
	Of       int `json:"of"`
}

// ProjectMoney is what the fund plans of a project come to in one currency: never a sum over
// several.
type ProjectMoney struct {
	Currency body.Currency `json:"currency"`
	Plans    int           `json:"plans"`  // proposed, agreed or closed
	Total    body.Sum      `json:"total"`  // of these
	Drafts   int           `json:"drafts"` // not counted
}

// ProjectStep is what a version changed.
type ProjectStep struct {
	Version    int                    `json:"version"` // from 1
	Record     protocol.Name          `json:"record"`
	AuthorTime protocol.Instant       `json:"author_time"`
	Reason     string                 `json:"reason,omitempty"`
	Changes    []board.StrategyChange `json:"changes"`
}

// ProjectQuery asks for a project.
type ProjectQuery struct {
	As     protocol.InstitutionID
	Record string           // of the project or of any version of it: a name, or a position of As
	At     protocol.Instant // as this node knew it then; zero: now
}

// Project gives a project. It is [NotFound] for a record that is no version of one that is shown.
func (d *Desk) Project(ctx context.Context, q ProjectQuery) (ProjectSheet, error) {
	var row *board.Project
	s, err := d.seek(ctx, q.As, q.Record, q.At, func(v *board.View, n protocol.Name) bool {
		row = projectOf(v, n)
		return row != nil
	})
	switch {
	case err != nil:
		return ProjectSheet{}, err
	case row == nil:
		return ProjectSheet{}, noProject(s.name)
	}
	out := ProjectSheet{ProjectRow: ProjectRow{Project: *row}, As: s.as, Exercise: s.world.Exercise, Of: s.at, History: projectHistory(row)}
	out.collect(&s.view, d)
	if s.past {
		return out, nil
	}
	out.ProjectRow = d.projectRow(row)
	live := out.State == board.ProjectPlanned || out.State == board.ProjectUnderWay
	out.MayMend = out.Institution == s.as && out.State != board.ProjectWithdrawn && d.o.Trust.May(s.as, body.TypeProject)
	for i := range out.Words {
		if w := &out.Words[i]; live && w.Institution == s.as && d.o.Trust.May(s.as, body.TypeAcknowledgement(protocol.Policy)) {
			out.MayConfirm, out.MayDecline = w.State != board.PartConfirmed, w.State != board.PartDeclined
		}
	}
	if out.MayMend {
		out.Above = anyObjective(&s.view)
	}
	return out, nil
}

func noProject(n protocol.Name) error {
	return problem(NotFound, "vardar list projects", "%s is no version of a project that counts here", n)
}

// projectOf finds the project that has a version of this name.
func projectOf(v *board.View, n protocol.Name) *board.Project {
	return pick(v.Projects, func(p *board.Project) bool {
		return p.Record == n || slices.ContainsFunc(p.Versions, func(v board.ProjectVersion) bool { return v.Record == n })
	})
}

func projectHistory(p *board.Project) []ProjectStep {
	out := []ProjectStep{}
	for i := len(p.Versions) - 1; i >= 0; i-- {
		is := &p.Versions[i]
		step := ProjectStep{Version: is.Number, Record: is.Record, AuthorTime: is.AuthorTime, Reason: is.Reason, Changes: []board.StrategyChange{}}
		if i > 0 {
			step.Changes = is.Since(&p.Versions[i-1].ProjectText)
		}
		out = append(out, step)
	}
	return out
}

// collect gathers what names the project, and what that makes together.
func (s *ProjectSheet) collect(v *board.View, d *Desk) {
	s.Groups, s.Needs, s.Planned, s.Funds = []ProjectGroup{}, []NeedsRow{}, []ProjectMoney{}, []FundTotal{}
	names := map[protocol.Name]bool{}
	for _, r := range s.Records {
		names[r.Record] = true
		kind := shortName(r.Type)
		i := slices.IndexFunc(s.Groups, func(g ProjectGroup) bool { return g.Kind == kind })
		if i < 0 {
			i = len(s.Groups)
			s.Groups = append(s.Groups, ProjectGroup{Kind: kind})
		}
		s.Groups[i].Records = append(s.Groups[i].Records, d.projectEntry(v, r))
	}
	slices.SortStableFunc(s.Groups, func(a, b ProjectGroup) int {
		return cmp.Or(projectRank(a.Kind)-projectRank(b.Kind), cmp.Compare(a.Kind, b.Kind))
	})
	said := map[protocol.InstitutionID]bool{}
	for i := range v.Needs {
		if n := &v.Needs[i]; names[n.Record] {
			s.Needs, said[n.Institution] = append(s.Needs, *n), true
		}
	}
	for _, id := range append([]protocol.InstitutionID{s.Institution}, s.Partners...) {
		if s.Assessed.Of++; said[id] {
			s.Assessed.Reported++
		}
	}
	for i := range v.Plans {
		if p := &v.Plans[i]; names[p.Record] || p.Record == s.Plan {
			s.addPlan(p)
		}
	}
	slices.SortFunc(s.Planned, func(a, b ProjectMoney) int { return cmp.Compare(a.Currency, b.Currency) })
	flows := board.View{}
	for i := range v.Flows {
		if slices.ContainsFunc(v.Flows[i].Steps, func(f board.FlowStep) bool { return names[f.Record] }) {
			flows.Flows = append(flows.Flows, v.Flows[i])
		}
	}
	s.Funds = append(s.Funds, flows.FundTotals()...)
}

// projectRank puts first what people look for.
func projectRank(kind string) int {
	first := []string{"alert", "needs", "request", "offer", "plan", "pledge", "commit-flow", "pay", "consultation", "strategy", "practice"}
	if i := slices.Index(first, kind); i >= 0 {
		return i
	}
	return len(first)
}

// projectEntry reads what a record says now.
func (d *Desk) projectEntry(v *board.View, r board.ProjectRecord) ProjectEntry {
	out := ProjectEntry{ProjectRecord: r, Country: r.Institution.Country(), Quality: v.QualityOf(r.Record)}
	held := func(n protocol.Name, digest protocol.Digest) *Held {
		rivals, err := d.rivals(n)
		if err != nil {
			return nil
		}
		return pick(rivals, func(h *Held) bool { return digest.IsZero() || h.Digest == digest })
	}
	h := held(r.Record, r.Digest)
	if h == nil {
		return out
	}
	if out.Parsed, out.Says = d.open(h); out.Parsed != nil {
		out.Says = d.line(out.Parsed)
	}
	if r.Correction.IsZero() {
		return out
	}
	if by := held(r.Correction, protocol.Digest{}); by != nil && by.BodyState == protocol.BodyHeld {
		parsed, err := body.Parse(by.Type, by.Body)
		if c, ok := parsed.(*body.Correction); err == nil && ok {
			if now, err := c.Replaced(r.Type); err == nil {
				out.Parsed, out.Says = now, d.line(now)
			}
		}
	}
	return out
}

// addPlan adds a fund plan to what is planned in its currency; drafts are told, and not counted.
func (s *ProjectSheet) addPlan(p *board.Plan) {
	if p.Live() == nil || p.State == board.PlanWithdrawn {
		return
	}
	i := slices.IndexFunc(s.Planned, func(m ProjectMoney) bool { return m.Currency == p.Currency })
	if i < 0 {
		i = len(s.Planned)
		s.Planned = append(s.Planned, ProjectMoney{Currency: p.Currency})
	}
	m := &s.Planned[i]
	if !p.Counted() {
		m.Drafts++
		return
	}
	m.Plans++
	m.Total = m.Total.Plus(p.Total)
}

// anyObjective gives the objectives of strategies in force or in draft, of any level and country.
func anyObjective(v *board.View) []AboveObjective {
	var out []AboveObjective
	for i := range v.Strategies {
		s := &v.Strategies[i]
		if s.Ignored != "" || s.State != board.StrategyAdopted && s.State != board.StrategyDraft {
			continue
		}
		for j := range s.Objectives {
			o := &s.Objectives[j]
			out = append(out, AboveObjective{board.Support{Strategy: s.Record, OID: o.OID}.String(), short(s.Title + ": " + o.Text)})
		}
	}
	return out
}

// Projects are the projects across borders, as one institution sees them.
type Projects struct {
	As       protocol.InstitutionID
	Rows     []ProjectRow // what waits for a word first
	MayWrite bool
	Above    []AboveObjective // that an objective of one may support
	Plans    []PlanRow        // that one may name
}

// Projects gathers them as this node knew them at an instant; zero: now.
func (d *Desk) Projects(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Projects, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Projects{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Projects{}, err
	}
	out := Projects{As: as, Rows: d.projects(&m.view)}
	if out.MayWrite = !m.past && d.o.Trust.May(as, body.TypeProject); out.MayWrite {
		out.Above, out.Plans = anyObjective(&m.view), d.plans(&m.view)
	}
	return out, nil
}

// joined gives the projects that records of an institution can name: it is a partner of them,
// and they are not over.
func joined(rows []ProjectRow, as protocol.InstitutionID) []ProjectRow {
	var out []ProjectRow
	for i := range rows {
		if r := &rows[i]; r.Has(as) && (r.State == board.ProjectPlanned || r.State == board.ProjectUnderWay) {
			out = append(out, *r)
		}
	}
	return out
}
