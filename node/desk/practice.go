package desk

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// PracticeRow is [board.Practice].
type PracticeRow = board.Practice

// ListPractices has what institutions have found good: what most do first.
const ListPractices = "practices"

// practiceRows puts what most have adopted first, else in the order of institutions.
func practiceRows(v *board.View) []PracticeRow {
	rows := slices.Clone(v.Practices)
	slices.SortStableFunc(rows, func(a, b PracticeRow) int { return cmp.Compare(len(b.Adoptions), len(a.Adoptions)) })
	return rows
}

// practiceText is what a practice is found by: title, summary, sectors and phases in every
// language, places by code and name, their countries in every language, and who tells of it.
func (d *Desk) practiceText(p *PracticeRow) string {
	text := []string{p.Title, p.Summary, string(p.Institution)}
	for _, s := range p.Sectors {
		text = append(append(text, string(s)), d.o.Choices(string(s))...)
	}
	for _, s := range p.Phases {
		text = append(append(text, string(s)), d.o.Choices(string(s))...)
	}
	for i := range p.Places {
		k := p.Places[i].Place
		text = append(append(text, k.Code, p.Places[i].Name), d.o.Atlas.CountryNames(atlas.CountryOf(k))...)
	}
	return strings.Join(text, " ")
}

// practiceFacts gives what a practice can be chosen by.
func practiceFacts(p *PracticeRow) facts {
	f := facts{by: []protocol.InstitutionID{p.Institution}, at: p.AuthorTime}
	for i := range p.Places {
		f.places = append(f.places, p.Places[i].Place)
	}
	return f
}

// fitsPractice reports whether a practice is asked for: each word must begin one of its own.
func (f *filter) fitsPractice(p *PracticeRow) bool {
	switch {
	case f.q.Sector != "" && !slices.Contains(p.Sectors, f.q.Sector):
		return false
	case f.q.Phase != "" && !slices.Contains(p.Phases, f.q.Phase):
		return false
	}
	return begin(wordsOf(f.q.Match), f.practiceText(p))
}

// checkWords refuses a sector or a phase that there is none.
func (q *Query) checkWords() error {
	check := func(field, said string, words []string) error {
		if said == "" || slices.Contains(words, said) {
			return nil
		}
		return &Problem{
			Kind: Usage, Field: field, Detail: "no " + field + " is called " + quoted(said), Mend: OneOf(said, words),
			Next: "vardar list practices --" + field + " " + cmp.Or(body.Nearest(said, words), words[0]),
		}
	}
	return cmp.Or(check("sector", string(q.Sector), q.Sector.Words()), check("phase", string(q.Phase), q.Phase.Words()))
}

// PracticeView is one practice as an institution sees it, with all that its record says.
type PracticeView struct {
	PracticeRow
	Problem  string                 `json:"problem"`
	Solution string                 `json:"solution"`
	Context  string                 `json:"context,omitempty"`
	As       protocol.InstitutionID `json:"as"`
	MayAdopt bool                   `json:"may_adopt"`
	Exercise bool                   `json:"exercise"`
	Stances  []EndorsementRow       `json:"endorsements"` // of others, on any of its versions
	Notes    []NoteRow              `json:"notes,omitempty"`
}

// Practice gives a practice by the name of its record, as this node knew it at an instant
// (zero: now). It is [NotFound] for a record that is none that counts.
func (d *Desk) Practice(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (PracticeView, error) {
	s, row, said, err := d.findPractice(ctx, as, ref, at)
	if err != nil {
		return PracticeView{}, err
	}
	out := PracticeView{
		PracticeRow: *row, Problem: string(said.Problem), Solution: string(said.Solution), Context: string(said.Context),
		As: s.as, Exercise: s.world.Exercise, Stances: []EndorsementRow{},
	}
	out.MayAdopt = !s.past && s.as != out.Institution && d.o.Trust.May(s.as, body.TypeEndorsement(protocol.Knowledge))
	v := RecordView{Name: s.name}
	for j := range s.view.Corrections {
		if c := &s.view.Corrections[j]; c.Corrects == s.name {
			v.Corrections = append(v.Corrections, *c)
		}
	}
	v.stances(&s.view)
	v.thread(&s.view)
	out.Stances, out.Notes = append(out.Stances, v.Stances...), v.Notes
	return out, nil
}

// findPractice finds a practice, and reads what its record says.
func (d *Desk) findPractice(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (s sought, row *PracticeRow, said *body.Practice, err error) {
	s, err = d.seek(ctx, as, ref, at, func(v *board.View, n protocol.Name) bool {
		row = pick(v.Practices, func(p *PracticeRow) bool { return p.Record == n })
		return row != nil
	})
	switch {
	case err != nil:
	case row == nil:
		err = problem(NotFound, "vardar list practices", "%s is no practice that counts here", s.name)
	default:
		said, err = d.practice(row)
	}
	return s, row, said, err
}

// practice reads what the record of a practice says in the version of a row.
func (d *Desk) practice(row *PracticeRow) (*body.Practice, error) {
	n := row.Record
	if !row.Correction.IsZero() {
		n = row.Correction
	}
	h, err := d.held(n)
	if err != nil {
		return nil, err
	}
	b, err := body.Parse(h.Type, h.Body)
	if c, ok := b.(*body.Correction); err == nil && ok {
		b, err = c.Replaced(body.TypePractice)
	}
	p, ok := b.(*body.Practice)
	if err != nil || !ok {
		return nil, problem(Refused, "vardar show "+n.String(), "what %s says can't be read here", n)
	}
	return p, nil
}

// AttachedFile is a file that somebody publishes with a practice, or takes away from one.
type AttachedFile struct {
	Name      string `json:"name"`
	MediaType string `json:"media_type,omitempty"` // default: by the ending of the name
	Content   []byte `json:"content"`
}

// PracticeFile gives the file of a practice by its number, from 1. The problem is [NotFound]
// for a number that it has not, and for a file that lies elsewhere: the problem says where.
func (d *Desk) PracticeFile(ctx context.Context, as protocol.InstitutionID, ref string, number int, at protocol.Instant) (AttachedFile, error) {
	_, row, said, err := d.findPractice(ctx, as, ref, at)
	if err != nil {
		return AttachedFile{}, err
	}
	next := "vardar show " + row.Record.String()
	if number < 1 || number > len(said.Attachments) {
		return AttachedFile{}, problem(NotFound, next, "%s has %d files, and no number %d", row.Record, len(said.Attachments), number)
	}
	a := &said.Attachments[number-1]
	file, here := a.File()
	if !here {
		return AttachedFile{}, problem(NotFound, next, "%s lies at %s: no copy of it is kept here", a.Name, a.URL)
	}
	return AttachedFile{string(a.Name), string(a.MediaType), file}, nil
}

// fillPractice says of each file that stands in the body what a machine knows of it.
func fillPractice(doc map[string]any) {
	files, _ := doc["attachments"].([]any)
	for _, entry := range files {
		f, ok := entry.(map[string]any)
		if !ok {
			continue
		}
		name, _ := f["name"].(string)
		if _, said := f["media_type"]; !said {
			f["media_type"] = mediaTypeOf(name)
		}
		content, here := f["content"].(string)
		a := body.Attachment{Content: body.Encoded(content)}
		file, read := a.File()
		if !here || !read {
			continue // body.Parse says so
		}
		if _, said := f["digest"]; !said {
			f["digest"] = protocol.DigestOf(file).String()
		}
		if _, said := f["size"]; !said {
			f["size"] = len(file)
		}
	}
}

// mediaTypeOf says what a file is by the ending of its name: a table of its own, since those of
// systems differ.
func mediaTypeOf(name string) string {
	const office = "application/vnd.openxmlformats-officedocument."
	switch strings.ToLower(path.Ext(name)) {
	case ".pdf":
		return "application/pdf"
	case ".txt", ".md":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".odt":
		return "application/vnd.oasis.opendocument.text"
	case ".ods":
		return "application/vnd.oasis.opendocument.spreadsheet"
	case ".docx":
		return office + "wordprocessingml.document"
	case ".xlsx":
		return office + "spreadsheetml.sheet"
	case ".pptx":
		return office + "presentationml.presentation"
	case ".zip":
		return "application/zip"
	}
	return "application/octet-stream"
}

// attach puts files behind those of the body.
func attach(recordType string, doc map[string]any, files []AttachedFile) error {
	if len(files) == 0 {
		return nil
	}
	if recordType != body.TypePractice {
		return &Problem{Kind: Usage, Field: "attach", Detail: "files are attached to a practice", Mend: "leave them out, or give their address", Next: "vardar publish practice --help"}
	}
	all, _ := doc["attachments"].([]any)
	for i := range files {
		f := &files[i]
		switch {
		case len(f.Content) == 0:
			return &Problem{Kind: Refused, Field: "attach", Detail: quoted(f.Name) + " is empty", Mend: "leave it out", Next: "vardar publish practice --help"}
		case len(f.Content) > body.MaxAttachedBytes:
			return &Problem{
				Kind: Refused, Field: "attach", Detail: fmt.Sprintf("%s has %d bytes, and a file in a record at most %d", quoted(f.Name), len(f.Content), body.MaxAttachedBytes),
				Mend: "make it smaller, or put it where others can fetch it and give its address, size and digest", Next: "vardar publish practice --help",
			}
		}
		entry := map[string]any{"name": path.Base(strings.ReplaceAll(f.Name, `\`, "/")), "content": base64.StdEncoding.EncodeToString(f.Content)}
		if f.MediaType != "" {
			entry["media_type"] = f.MediaType
		}
		all = append(all, entry)
	}
	doc["attachments"] = all
	return nil
}
