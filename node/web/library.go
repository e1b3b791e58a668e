package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// practicePath is where the form of a practice is sent, with its files.
const practicePath = "/" + desk.FormPractice + "/new"

// adoptionRows is how many things that were measured the form of an adoption has room for.
const adoptionRows = 3

// learning are the routes of what others have tried.
func (p *Pages) learning() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /library":                                        p.scoreless(desk.ListPractices, p.library),
		"GET /library/{institution}/{position}":               p.practice,
		"POST /library/{institution}/{position}":              p.adopt,
		"GET /library/{institution}/{position}/file/{number}": p.practiceFile,
	}
}

// libraryPage is what was found, and how it was asked for.
type libraryPage struct {
	desk.Library
	Problem *desk.Problem
	asked   url.Values
}

// Asked gives what a field of the question holds.
func (p *libraryPage) Asked(name string) string { return p.asked.Get(name) }

// Filtered reports whether anything was asked for.
func (p *libraryPage) Filtered() bool {
	return p.Asked("q")+p.Asked("sector")+p.Asked("phase")+p.Asked("place") != ""
}

// Sectors are the words to choose from.
func (*libraryPage) Sectors() []string { return body.Sector("").Words() }

// Phases are the words to choose from.
func (*libraryPage) Phases() []string { return body.PhaseName("").Words() }

// library shows the practices that fit; of a question that nobody can answer, all and why.
func (p *Pages) library(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	q := desk.LibraryQuery{As: acting(r.Context()), Match: v.Get("q"), Sector: body.Sector(v.Get("sector")), Phase: body.PhaseName(v.Get("phase")), Place: strings.TrimSpace(v.Get("place")), At: asked(r)}
	page, status := &libraryPage{asked: v}, http.StatusOK
	var err error
	if page.Library, err = p.o.Desk.Library(r.Context(), q); err != nil {
		page.Problem, status = p.problem(r, err), statusOf(err)
		page.Library, err = p.o.Desk.Library(r.Context(), desk.LibraryQuery{As: q.As, At: q.At})
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	f := p.frame(r, "library")
	f.Query = q.Match
	p.render(w, r, status, f.page("library", page))
}

// resultRow is something that was measured, in a form.
type resultRow struct {
	N                         int
	What, Before, After, Unit string
}

// Name names a member's field.
func (o resultRow) Name(member string) string { return resultField(o.N, member) }

func resultField(n int, member string) string { return fmt.Sprintf("results.%d.%s", n, member) }

// typedResults reads the rows of a form; what is empty is left out.
func typedResults(v url.Values) []resultRow {
	var out []resultRow
	for n := range adoptionRows {
		of := func(member string) string { return strings.TrimSpace(v.Get(resultField(n, member))) }
		row := resultRow{N: len(out), What: of("what"), Before: of("before"), After: of("after"), Unit: of("unit")}
		if row.What+row.Before+row.After+row.Unit != "" {
			out = append(out, row)
		}
	}
	return out
}

// practicePage is one practice, and what was wrong with an adoption.
type practicePage struct {
	desk.PracticeView
	Form refused
}

// Rows are the results of an adoption: those typed; where there is none yet, one waits.
func (p *practicePage) Rows() []resultRow {
	out := typedResults(p.Form.typed)
	if len(out) == 0 {
		out = append(out, resultRow{})
	}
	return out
}

// Spare are the rows behind these, all empty: they are folded away until they are wanted.
func (p *practicePage) Spare() []resultRow {
	var out []resultRow
	for n := len(p.Rows()); n < adoptionRows; n++ {
		out = append(out, resultRow{N: n})
	}
	return out
}

func (p *Pages) practice(w http.ResponseWriter, r *http.Request) {
	p.showPractice(w, r, acting(r.Context()), nil)
}

func (p *Pages) showPractice(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Practice(r.Context(), as, recordName(r), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &practicePage{PracticeView: v, Form: p.refusal(r, why)}
	p.render(w, r, statusOf(why), p.frame(r, "library").page("practice", page))
}

// adopt says that an institution does the same, and with what result.
func (p *Pages) adopt(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	doc := map[string]any{}
	var results []map[string]string
	for _, row := range typedResults(r.PostForm) {
		said := map[string]string{}
		for member, value := range map[string]string{"what": row.What, "before": row.Before, "after": row.After, "unit": row.Unit} {
			if value != "" {
				said[member] = value
			}
		}
		results = append(results, said)
	}
	if len(results) > 0 {
		doc["results"] = results
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	done, err := p.o.Desk.Answer(r.Context(), desk.AnswerRequest{As: as, Record: recordName(r), Step: string(body.Adopt), Reason: field(r, "reason"), Body: raw, Form: true})
	if err != nil {
		p.showPractice(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/library/"+recordName(r))
}

// practiceFile gives a file of a practice to be kept. What its author says that it is, no browser
// is told: it is never shown in our name.
func (p *Pages) practiceFile(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		p.refuse(w, r, &desk.Problem{Kind: desk.NotFound, Detail: "this is no number of a file"})
		return
	}
	file, err := p.o.Desk.PracticeFile(r.Context(), acting(r.Context()), recordName(r), number, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, _ = w.Write(file.Content)
}

// attachedTo gives the files of a form; none of one that has none.
func attachedTo(r *http.Request) ([]desk.AttachedFile, error) {
	err := r.ParseMultipartForm(maxSheetBytes)
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case errors.As(err, &large):
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "the files are larger than 1 MiB together", Mend: "make them smaller, or give their address", Err: err}
	case err != nil:
		return nil, &desk.Problem{Kind: desk.Usage, Detail: "the form can't be read", Mend: "open the form again", Err: err}
	}
	var out []desk.AttachedFile
	for _, head := range r.MultipartForm.File["file"] {
		data, err := readFile(head)
		if err != nil {
			return nil, err
		}
		out = append(out, desk.AttachedFile{Name: head.Filename, Content: data})
	}
	return out, nil
}

func readFile(head *multipart.FileHeader) ([]byte, error) {
	file, err := head.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(file)
	return data, errors.Join(err, file.Close())
}
