package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// FormPractice is the form that tells of a practice.
const FormPractice = "practice"

// practiceResults is how many things that were measured one form has room for; more are said on
// the command line.
const practiceResults = 4

// What is new in the library: of the last days, and no more than stands on a page.
const (
	NewsDays = 30
	newsMost = 8
)

// LibraryQuery asks for practices as [Query] does.
type LibraryQuery struct {
	As     protocol.InstitutionID
	Match  string
	Sector body.Sector
	Phase  body.PhaseName
	Place  string
	At     protocol.Instant
}

// Library is what institutions have learnt and what they teach, as one of them sees it.
type Library struct {
	As       protocol.InstitutionID
	Rows     []PracticeRow // that fit the question, what most do first
	Total    int           // that fit
	Held     int           // of all that count here
	News     []LibraryNews // the newest first
	Offered  []TrainingRow
	Wanted   []MatchRow // training, each with somebody who has it
	MayWrite bool
}

// LibraryNews is that somebody tells of a practice, or does the same.
type LibraryNews struct {
	Practice    protocol.Name
	Title       string
	Institution protocol.InstitutionID
	AuthorTime  protocol.Instant
	Adopted     bool
}

// TrainingRow is training or expertise that somebody has and lets others have.
type TrainingRow struct {
	Institution protocol.InstitutionID
	Record      protocol.Name
	Type        body.ResourceType
	Unit        string
	Free        int64
	Says        string
}

// Library gathers it as this node knew it at an instant; zero: now. A sector, a phase or a place
// that there is none of is [Usage].
func (d *Desk) Library(ctx context.Context, q LibraryQuery) (Library, error) {
	as, err := d.author(ctx, q.As)
	if err != nil {
		return Library{}, err
	}
	f, err := d.filter(&Query{What: ListPractices, Match: q.Match, Sector: q.Sector, Phase: q.Phase, Place: q.Place})
	if err != nil {
		return Library{}, err
	}
	m, err := d.moment(ctx, q.At)
	if err != nil {
		return Library{}, err
	}
	l, err := take(Listing{What: ListPractices, At: m.at}, practiceRows(&m.view), f)
	if err != nil {
		return Library{}, err
	}
	out := Library{As: as, Total: l.Total, Held: len(m.view.Practices), News: libraryNews(&m.view, m.at), MayWrite: !m.past && d.o.Trust.May(as, body.TypePractice)}
	out.Rows, _ = l.Rows.([]PracticeRow)
	for _, h := range d.haves(&m.view, m.at) {
		if teaches(h.Type) {
			out.Offered = append(out.Offered, TrainingRow{h.Institution, h.Of, h.Type, h.Unit, h.Free, strings.TrimSpace(h.says)})
		}
	}
	for _, row := range d.matches(&m.view, m.at) {
		if teaches(row.Type) {
			out.Wanted = append(out.Wanted, row)
		}
	}
	return out, nil
}

// libraryNews gives what was told and adopted in the last days.
func libraryNews(v *board.View, at protocol.Instant) []LibraryNews {
	var out []LibraryNews
	since := at - NewsDays*24*3600*1000
	for i := range v.Practices {
		p := &v.Practices[i]
		if p.AuthorTime >= since {
			out = append(out, LibraryNews{p.Record, p.Title, p.Institution, p.AuthorTime, false})
		}
		for k := range p.Adoptions {
			if a := &p.Adoptions[k]; a.AuthorTime >= since {
				out = append(out, LibraryNews{p.Record, p.Title, a.Institution, a.AuthorTime, true})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b LibraryNews) int { return cmp.Compare(b.AuthorTime, a.AuthorTime) })
	return out[:min(len(out), newsMost)]
}

// practiceFields are those of the form.
func practiceFields() []FormField {
	fields := []FormField{
		must(text("title")), long("summary"), must(long("problem")), must(long("solution")), long("context"), text("place"),
		{Name: "sectors", As: AsWords, Choices: body.Sector("").Words()},
		{Name: "phases", As: AsWords, Choices: body.PhaseName("").Words()},
	}
	for i := range practiceResults {
		for _, part := range resultParts() {
			fields = append(fields, text(fmt.Sprintf("results.%d.%s", i, part)))
		}
	}
	fields = append(fields, text("cost.amount"), text("cost.currency"), text("cost_note"), FormField{Name: "file", As: AsFile})
	for _, part := range []string{"url", "name", "size", "digest"} {
		fields = append(fields, text("attachments.0."+part))
	}
	return fields
}

// resultParts are the members of a result, in the order of the form.
func resultParts() []string { return []string{"what", "before", "after", "unit"} }

// makePractice tells of a practice, as the form has it: rows that are empty are no results.
func (d *Desk) makePractice(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	r := Request{As: f.As, Kind: f.Name, DryRun: f.Try, Attach: f.Files, Form: true, wrong: wrong}
	rows := map[string]string{} // of the record, by their place in the form
	var order []string
	for _, assignment := range f.set(nil) {
		if rest, ok := strings.CutPrefix(assignment, "results."); ok {
			row, part, _ := strings.Cut(rest, ".")
			if _, there := rows[row]; !there {
				rows[row], order = fmt.Sprint(len(order)), append(order, row)
			}
			assignment = "results." + rows[row] + "." + part
		}
		if hex, ok := strings.CutPrefix(assignment, "attachments.0.digest="); ok && !strings.HasPrefix(hex, "sha-256:") {
			assignment = "attachments.0.digest=sha-256:" + strings.ToLower(hex) // as sha256sum prints it
		}
		r.Set = append(r.Set, assignment)
	}
	p, err := d.Publish(ctx, r)
	return p, onPractice(err, f, order)
}

// onPractice leads from the member of a record to the field of the form that it came from.
func onPractice(err error, f *Form, rows []string) error {
	return renamed(err, func(field string) string {
		path := strings.Split(Dotted(field), ".")
		switch {
		case path[0] == "attach", path[0] == "attachments" && (len(path) > 1 && path[1] != "0" || f.field("attachments.0.url").Value == ""):
			return "file"
		case path[0] == "results" && len(path) > 1:
			var n int
			if _, unread := fmt.Sscan(path[1], &n); unread == nil && n < len(rows) {
				path[1] = rows[n]
			}
		}
		return strings.Join(path, ".")
	})
}
