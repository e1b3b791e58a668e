package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ProjectState says how a project stands at an instant.
type ProjectState string

// The states.
const (
	ProjectPlanned   ProjectState = "planned" // its period has not begun
	ProjectUnderWay  ProjectState = "under way"
	ProjectEnded     ProjectState = "ended" // its period is over
	ProjectWithdrawn ProjectState = "taken back"
)

// ProjectText is what a project says, or what a version of it said.
type ProjectText struct {
	Title       string                   `json:"title"`
	Summary     string                   `json:"summary,omitempty"`
	Partners    []protocol.InstitutionID `json:"partners"` // its author left out
	PeriodStart protocol.Instant         `json:"period_start"`
	PeriodEnd   protocol.Instant         `json:"period_end"`
	Objectives  []Objective              `json:"objectives,omitempty"`
	Plan        protocol.Name            `json:"plan,omitzero"`
	URL         body.WebAddress          `json:"url,omitempty"`
}

// Project is one project as it stands, with all its versions, who takes part, and what names it.
type Project struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	State       ProjectState           `json:"state"`
	Version     int                    `json:"version"` // the number of the live one
	ProjectText
	Countries  []string         `json:"countries"`             // of its author and its partners
	OneCountry bool             `json:"one_country,omitempty"` // it is of less than two: shown, and no project across borders
	Place      body.PlaceKey    `json:"place,omitzero"`
	PlaceName  string           `json:"place_name,omitempty"`
	Footnote   bool             `json:"footnote,omitempty"`
	Confirmed  int              `json:"confirmed"`         // so many of its partners take part
	Words      []ProjectWord    `json:"words"`             // of each partner, in their order
	Others     []ProjectWord    `json:"others,omitempty"`  // of institutions that it does not name: they count for nothing
	Versions   []ProjectVersion `json:"versions"`          // the oldest first
	Records    []ProjectRecord  `json:"records,omitempty"` // that name it, by kind and name
}

// ProjectVersion is what a project said from one record on.
type ProjectVersion struct {
	Number     int              `json:"number"`
	Record     protocol.Name    `json:"record"` // the project itself, or the correction
	Digest     protocol.Digest  `json:"digest"`
	AuthorTime protocol.Instant `json:"author_time"`
	Reason     string           `json:"reason,omitempty"` // of the correction
	ProjectText
}

// ProjectWord is whether an institution takes part: its last word on any version.
type ProjectWord struct {
	Institution protocol.InstitutionID `json:"institution"`
	State       PartState              `json:"state"`
	Version     int                    `json:"version,omitempty"` // that it spoke of
	Record      protocol.Name          `json:"record,omitzero"`
	AuthorTime  protocol.Instant       `json:"author_time,omitzero"`
	Reason      string                 `json:"reason,omitempty"`
}

// PartState says what a partner has said.
type PartState string

// The states.
const (
	PartWaiting   PartState = "waiting" // nothing yet, or only that it came or was read
	PartConfirmed PartState = "confirmed"
	PartDeclined  PartState = "declined"
)

// ProjectRecord is a record that names a project, and counts.
type ProjectRecord struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Type        string                 `json:"type"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Partner     bool                   `json:"partner"` // its author is the project's, or a partner
	Correction  protocol.Name          `json:"correction,omitzero"`
}

// project is the essence of one.
type project struct {
	text      ProjectText
	place     body.PlaceKey
	placeName string
}

func newProject(b *body.Project) *project {
	p := &project{text: ProjectText{
		Title: string(b.Title), Summary: string(b.Summary), Partners: b.Partners, PeriodStart: b.Period.Start.Instant(), PeriodEnd: b.Period.End.Instant(),
		Objectives: objectivesOf(b.Objectives, b.Refs), Plan: b.Plan, URL: b.URL,
	}}
	if b.Place != nil {
		p.place, p.placeName = internKey(b.Place.Key()), string(b.Place.Name)
	}
	return p
}

// isProject reports whether a record is a project that is shown: one that was taken back is, since
// others may name it.
func isProject(e *entry) bool {
	if _, counts := e.now.(*project); counts {
		return true
	}
	_, was := e.what.(*project)
	return was && e.standing == Retracted
}

// foldProject keeps the record: its versions, the words of its partners and what names it are
// joined when it is shown.
func foldProject(_ protocol.Digest, of []*entry) *entry { return of[0] }

// belonging gives the project that a record names as it stands now; false for what names none or
// does not count, and for what speaks of another record alone.
func belonging(e *entry) (protocol.Name, bool) {
	if e.now == nil || isCorrection(e) {
		return protocol.Name{}, false
	}
	if _, acknowledges := e.now.(*acknowledgement); acknowledges {
		return protocol.Name{}, false
	}
	n := e.project
	if e.by != nil {
		n = e.by.what.(*correction).project
	}
	return n, !n.IsZero()
}

// foldBelonging keeps those of a project.
func foldBelonging(_ protocol.Name, of []*entry) []*entry { return slices.Clone(of) }

// projectRows gives all projects of a world at an instant, by name.
func (b *Board) projectRows(w *world, v *View, at protocol.Instant) []Project {
	words := map[protocol.Digest][]*Acknowledgement{}
	for i := range v.Acknowledgements {
		a := &v.Acknowledgements[i]
		words[a.OfDigest] = append(words[a.OfDigest], a)
	}
	held := map[protocol.Digest]*Strategy{}
	for i := range v.Strategies {
		held[v.Strategies[i].Digest] = &v.Strategies[i]
	}
	var out []Project
	var steps map[protocol.Name][]*entry
	for _, e := range w.projects.rows(compareDigests) {
		if steps == nil {
			steps = b.threadSteps(v)
		}
		p := b.projectRow(e, at)
		p.take(words)
		for i := range p.Objectives {
			for j := range p.Objectives[i].Supports {
				b.joinSupport(&p.Objectives[i].Supports[j], held, nil)
			}
		}
		b.gather(w, e, &p, steps)
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y Project) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out
}

// projectRow is the row of one with its versions, before what others say is joined.
func (b *Board) projectRow(e *entry, at protocol.Instant) Project {
	p := Project{
		Record: e.name, Digest: e.digest, Institution: e.name.Institution, AuthorTime: e.time,
		Words: []ProjectWord{}, Versions: []ProjectVersion{},
	}
	last, _ := e.what.(*project)
	if last != nil {
		p.addVersion(e, last, "")
	}
	for _, m := range b.mended(e) {
		c := m.what.(*correction)
		if said, ok := c.replaced.(*project); ok {
			p.addVersion(m, said, c.reason)
			last = said
		}
	}
	p.Version = len(p.Versions)
	p.ProjectText = p.Versions[p.Version-1].ProjectText
	p.Objectives = cloneObjectives(p.Objectives)
	p.Place, p.PlaceName = last.place, last.placeName
	p.Countries = CountriesOf(append([]protocol.InstitutionID{p.Institution}, p.Partners...))
	p.OneCountry = len(p.Countries) < 2 //nolint:mnd // what makes it one across borders
	switch {
	case e.standing == Retracted:
		p.State = ProjectWithdrawn
	case at < p.PeriodStart:
		p.State = ProjectPlanned
	case at >= p.PeriodEnd:
		p.State = ProjectEnded
	default:
		p.State = ProjectUnderWay
	}
	return p
}

func (p *Project) addVersion(e *entry, said *project, reason string) {
	text := said.text
	text.Partners = slices.DeleteFunc(slices.Clone(text.Partners), func(id protocol.InstitutionID) bool { return id == p.Institution })
	p.Versions = append(p.Versions, ProjectVersion{len(p.Versions) + 1, e.name, e.digest, e.time, reason, text})
}

// take joins who takes part: of each institution its last word on any version.
func (p *Project) take(words map[protocol.Digest][]*Acknowledgement) {
	type word struct {
		*Acknowledgement
		version int
	}
	last := map[protocol.InstitutionID]word{}
	for i := range p.Versions {
		v := &p.Versions[i]
		for _, a := range words[v.Digest] {
			if a.Of != v.Record || a.State != body.Accepted && a.State != body.Refused {
				continue
			}
			if old, spoke := last[a.Institution]; !spoke || cmp.Or(compareNames(old.Record, a.Record), compareDigests(old.Digest, a.Digest)) < 0 {
				last[a.Institution] = word{a, v.Number}
			}
		}
	}
	said := func(id protocol.InstitutionID) ProjectWord {
		a, spoke := last[id]
		if !spoke {
			return ProjectWord{Institution: id, State: PartWaiting}
		}
		w := ProjectWord{Institution: id, State: PartConfirmed, Version: a.version, Record: a.Record, AuthorTime: a.AuthorTime, Reason: a.Reason}
		if a.State == body.Refused {
			w.State = PartDeclined
		}
		return w
	}
	for _, id := range p.Partners {
		w := said(id)
		if w.State == PartConfirmed {
			p.Confirmed++
		}
		p.Words = append(p.Words, w)
		delete(last, id)
	}
	for id := range last {
		if id != p.Institution {
			p.Others = append(p.Others, said(id))
		}
	}
	slices.SortFunc(p.Others, func(x, y ProjectWord) int { return cmp.Compare(x.Institution, y.Institution) })
}

// gather joins the records that name a project: by any of its versions, or by what became void
// and was said again as it; and what was said in a thread that one of them began.
func (b *Board) gather(w *world, e *entry, p *Project, steps map[protocol.Name][]*entry) {
	named := map[protocol.Name]bool{}
	for i := range p.Versions {
		named[p.Versions[i].Record] = true
	}
	again := e.reissues
	for range maxReissues {
		var older []body.Ref
		for _, ref := range again {
			if ref.Record.Institution != p.Institution || named[ref.Record] {
				continue
			}
			named[ref.Record] = true
			if old := b.entries[ref.Digest]; old != nil {
				older = append(older, old.reissues...)
			}
		}
		again = older
	}
	for n := range named {
		of, _ := w.belongs.get(n)
		for _, other := range of {
			p.Records = append(p.Records, p.record(other))
			for _, step := range steps[other.name] {
				p.Records = append(p.Records, p.record(step))
			}
		}
	}
	slices.SortFunc(p.Records, func(x, y ProjectRecord) int {
		return cmp.Or(cmp.Compare(x.Type, y.Type), compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
}

// threadSteps gives the steps of help and of flows that have an effect and name no project
// themselves, by the name of what began their thread.
func (b *Board) threadSteps(v *View) map[protocol.Name][]*entry {
	out := map[protocol.Name][]*entry{}
	add := func(thread protocol.Name, digest protocol.Digest, ignored string) {
		if e := b.entries[digest]; e != nil && e.now != nil && e.belongs.IsZero() && ignored == "" && e.name != thread {
			out[thread] = append(out[thread], e)
		}
	}
	for i := range v.Steps {
		add(v.Steps[i].Thread, v.Steps[i].Digest, v.Steps[i].Ignored)
	}
	for i := range v.Flows {
		for j := range v.Flows[i].Steps {
			step := &v.Flows[i].Steps[j]
			add(v.Flows[i].Flow, step.Digest, step.Ignored)
		}
	}
	return out
}

func (p *Project) record(e *entry) ProjectRecord {
	out := ProjectRecord{
		Record: e.name, Digest: e.digest, Institution: e.name.Institution, Type: e.kind, AuthorTime: e.time, Partner: p.Has(e.name.Institution),
	}
	if e.by != nil {
		out.Correction = e.by.name
	}
	return out
}

// Has reports whether an institution is the author of a project, or one of its partners.
func (p *Project) Has(id protocol.InstitutionID) bool {
	return id == p.Institution || slices.Contains(p.Partners, id)
}

// Live gives the version in force.
func (p *Project) Live() *ProjectVersion { return &p.Versions[p.Version-1] }

// International is the country code of institutions that are of no country.
const International = "int"

// CountriesOf gives the countries of institutions, sorted; what is of no country is left out.
func CountriesOf(of []protocol.InstitutionID) []string {
	out := []string{}
	for _, id := range of {
		if c := id.Country(); c != International && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return out
}

// Since gives what has changed since an earlier version.
func (p *ProjectText) Since(before *ProjectText) []StrategyChange {
	d := diff{out: []StrategyChange{}}
	d.add("title", before.Title, p.Title)
	d.add("summary", before.Summary, p.Summary)
	d.add("partners", joinedIDs(before.Partners), joinedIDs(p.Partners))
	d.add("period.start", moment(before.PeriodStart), moment(p.PeriodStart))
	d.add("period.end", moment(before.PeriodEnd), moment(p.PeriodEnd))
	d.add("plan", nameText(before.Plan), nameText(p.Plan))
	d.add("url", string(before.URL), string(p.URL))
	d.objectives(before.Objectives, p.Objectives)
	return d.out
}
