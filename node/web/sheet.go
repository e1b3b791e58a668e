package web

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// maxSheetBytes bounds an upload: beyond what the desk takes, so that it is the desk that says
// by how much it is too large.
const maxSheetBytes = 1 << 20

// sheetPage is a spreadsheet of reports: to take away, and as it came back.
type sheetPage struct {
	desk.Imported
	Problem *desk.Problem
	Data    string // what would be sent; empty: nothing can be
	Sent    bool
}

// Wrong gives what is wrong in a cell, each with its mend.
func (p *sheetPage) Wrong(cell string) (said [][2]string) {
	for i := range p.Faults {
		if f := &p.Faults[i]; f.Cell == cell && cell != "" {
			said = append(said, [2]string{f.Detail, f.Mend})
		}
	}
	return said
}

// sheets are the routes of spreadsheets.
func (p *Pages) sheets() map[string]http.HandlerFunc {
	out := map[string]http.HandlerFunc{
		"GET /report/sheet":       p.sheetForm,
		"POST /report/sheet":      p.sheetRead,
		"POST /report/sheet/send": p.sheetSend,
	}
	for _, format := range []string{desk.AsXLSX, desk.AsCSV} {
		out["GET /report/template."+format] = p.template(format)
	}
	for file, format := range map[string]string{"figures.xlsx": desk.AsXLSX, "figures.csv": desk.AsCSV, "figures.hxl.csv": desk.AsHXL} {
		out["GET /situation/"+file] = p.export(format)
	}
	return out
}

func (p *Pages) sheetForm(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.frame(r, "report").page("upload", &sheetPage{}))
}

// sheetRead shows what a file says, and what is wrong in which cell. Nothing is written.
func (p *Pages) sheetRead(w http.ResponseWriter, r *http.Request) {
	page := &sheetPage{}
	data, err := uploaded(r)
	if err == nil {
		page.Imported, err = p.o.Desk.Import(r.Context(), desk.ImportRequest{As: acting(r.Context()), Data: data, DryRun: true})
	}
	status := http.StatusOK
	switch {
	case err != nil:
		page.Problem, status = p.problem(r, err), statusOf(err)
	case len(page.Faults) > 0:
		status = http.StatusUnprocessableEntity
	default:
		said, err := page.CSV()
		if err != nil {
			p.failed(w, r, err)
			return
		}
		page.Data = string(said)
	}
	p.render(w, r, status, p.frame(r, "report").page("upload", page))
}

// uploaded gives the file of a form.
func uploaded(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "the file is larger than 512 KiB", Mend: "send the template with its rows alone", Err: err}
	case err != nil:
		return nil, &desk.Problem{Kind: desk.Refused, Detail: "no file was chosen", Mend: "choose the one that was filled in", Err: err}
	}
	data, err := io.ReadAll(file)
	return data, errors.Join(err, file.Close())
}

// sheetSend writes what somebody has looked at.
func (p *Pages) sheetSend(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "report")
	as := cmp.Or(protocol.InstitutionID(field(r, "as")), acting(r.Context())) // that of the moment when it was looked at
	done, err := p.o.Desk.Import(r.Context(), desk.ImportRequest{As: as, Data: []byte(r.PostFormValue("data")), DryRun: f.Trying})
	status := http.StatusOK
	page := &sheetPage{Imported: done, Sent: err == nil && len(done.Faults) == 0}
	switch {
	case err != nil:
		page.Problem, status = p.problem(r, err), statusOf(err)
	case len(done.Faults) > 0: // somebody else wrote meanwhile
		status = http.StatusUnprocessableEntity
	}
	p.render(w, r, status, f.page("upload", page))
}

// template gives the file to fill in.
func (p *Pages) template(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		file, err := p.o.Desk.Template(r.Context(), acting(r.Context()), format, p.frame(r, "report").Field)
		p.file(w, r, file.Name, file.Data, err)
	}
}

// export gives the figures of the situation page.
func (p *Pages) export(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := p.sight(r)
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		file, err := s.File(format)
		p.file(w, r, file.Name, file.Data, err)
	}
}

// file gives a file to be kept.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, name string, data []byte, err error) {
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	media := "text/csv; charset=utf-8"
	switch path.Ext(name) {
	case "." + desk.AsXLSX:
		media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case "." + desk.AsJSON:
		media = "application/json"
	case ".zip":
		media = "application/zip"
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	_, _ = w.Write(data)
}
