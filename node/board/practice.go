package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Practice is what an institution has found good, with who does the same and where others
// stand on it. The long texts and the files stay in the record.
type Practice struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Title       string                 `json:"title"`
	Summary     string                 `json:"summary,omitempty"`
	Lang        body.Language          `json:"lang,omitempty"`
	Sectors     []body.Sector          `json:"sectors,omitempty"`
	Phases      []body.PhaseName       `json:"phases,omitempty"`
	Places      []PracticePlace        `json:"places,omitempty"`
	Results     []body.PracticeResult  `json:"results,omitempty"`
	Cost        *body.Money            `json:"cost,omitempty"`
	CostNote    string                 `json:"cost_note,omitempty"`
	Files       []PracticeFile         `json:"files,omitempty"`
	Project     protocol.Name          `json:"project,omitzero"`
	Adoptions   []Adoption             `json:"adoptions,omitempty"` // by institution: its latest
	Confirmed   int                    `json:"confirmed"`           // by so many others, of any version
	Disputed    int                    `json:"disputed"`            // the same
	Correction  protocol.Name          `json:"correction,omitzero"` // that put it right last
}

// PracticePlace is a place where it was done.
type PracticePlace struct {
	Place    body.PlaceKey `json:"place"`
	Name     string        `json:"name,omitempty"`
	Footnote bool          `json:"footnote,omitempty"`
}

// PracticeFile is an attachment, without what is in it.
type PracticeFile struct {
	Name      body.FileName   `json:"name"`
	MediaType body.MediaType  `json:"media_type"`
	Size      int64           `json:"size"`
	Digest    protocol.Digest `json:"digest"`
	URL       body.WebAddress `json:"url,omitempty"` // where it lies; empty: in the record
}

// Adoption is an institution that does the same, with what came of it there.
type Adoption struct {
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Basis       body.EndorsementBasis  `json:"basis"`
	Results     []body.PracticeResult  `json:"results,omitempty"`
	Says        string                 `json:"says,omitempty"`
	Earlier     bool                   `json:"earlier,omitempty"` // of what it said before its author put it right
}

// practice is the essence of one.
type practice struct{ row Practice }

func newPractice(b *body.Practice) *practice {
	p := &practice{Practice{
		Title: string(b.Title), Summary: string(b.Summary), Lang: b.Lang, Sectors: b.Sectors, Phases: b.Phases,
		Results: b.Results, Cost: b.Cost, CostNote: string(b.CostNote), Project: b.Project,
	}}
	if b.Phase != "" && !slices.Contains(p.row.Phases, b.Phase) {
		p.row.Phases = append([]body.PhaseName{b.Phase}, p.row.Phases...)
	}
	if b.Place != nil {
		p.row.Places = append(p.row.Places, PracticePlace{Place: internKey(b.Place.Key()), Name: string(b.Place.Name)})
	}
	for i := range b.Places {
		p.row.Places = append(p.row.Places, PracticePlace{Place: internKey(b.Places[i].Key()), Name: string(b.Places[i].Name)})
	}
	for i := range b.Attachments {
		a := &b.Attachments[i]
		p.row.Files = append(p.row.Files, PracticeFile{a.Name, a.MediaType, int64(a.Size), a.Digest, a.URL})
	}
	return p
}

// foldPractice keeps a practice: who stands on it is joined at the question, since a
// stance names one of its versions.
func foldPractice(_ protocol.Digest, of []*entry) *entry { return of[0] }

// practiceRows gives the practices that count, by name, with the stances of others that do.
func (b *Board) practiceRows(w *world, stances []Endorsement) []Practice {
	on := map[protocol.Digest][]*Endorsement{}
	for i := range stances {
		if s := &stances[i]; s.Ignored == "" && s.Field == "" {
			on[s.OfDigest] = append(on[s.OfDigest], s)
		}
	}
	var out []Practice
	for _, e := range w.practices.rows(compareDigests) {
		row := e.now.(*practice).row
		row.Record, row.Digest, row.Institution, row.AuthorTime = e.name, e.digest, e.name.Institution, e.time
		version := e.digest
		if e.by != nil {
			row.Correction, version = e.by.name, e.by.digest
		}
		said := slices.Clone(on[e.digest])
		for _, m := range b.mended(e) {
			said = append(said, on[m.digest]...)
		}
		row.stand(said, version)
		out = append(out, row)
	}
	slices.SortFunc(out, func(x, y Practice) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out
}

// stand takes where others stand: of one institution's stances on several versions the last.
func (p *Practice) stand(said []*Endorsement, version protocol.Digest) {
	slices.SortFunc(said, func(x, y *Endorsement) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	for i, s := range said {
		if i+1 < len(said) && said[i+1].Institution == s.Institution {
			continue
		}
		switch s.Stance {
		case body.Adopt:
			p.Adoptions = append(p.Adoptions, Adoption{
				s.Institution, s.Record, s.Digest, s.AuthorTime, s.Basis, s.Results, s.Reason, s.OfDigest != version,
			})
		case body.Confirm, body.Verify:
			p.Confirmed++
		case body.Dispute:
			p.Disputed++
		}
	}
}

// adoptable reports whether a record is a practice, or what put one right.
func adoptable(e *entry, entries map[protocol.Digest]*entry) bool {
	if c, ok := e.what.(*correction); ok {
		e = entries[c.target.Digest]
	}
	return e != nil && e.kind == body.TypePractice
}

// namePractices names the places.
func namePractices(v *View, name func(body.PlaceKey, *string, *bool)) {
	v.Practices = slices.Clone(v.Practices)
	for i := range v.Practices {
		p := &v.Practices[i]
		p.Places = slices.Clone(p.Places)
		for j := range p.Places {
			name(p.Places[j].Place, &p.Places[j].Name, &p.Places[j].Footnote)
		}
	}
}
