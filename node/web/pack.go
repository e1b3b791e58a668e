package web

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
)

// packName is the name of a pack of evidence as a browser keeps it.
const packName = "evidence.zip"

// pack gives what proves many records, in one file that a browser keeps.
func (p *Pages) pack(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	q := desk.PackRequest{Incident: r.FormValue("incident"), Institution: r.FormValue("by"), Language: f.Lang(), Acts: f.May("GET /audit")}
	var err error
	for name, at := range map[string]*protocol.Instant{"since": &q.Since, "until": &q.Until} {
		if *at, err = p.day(r, name); err != nil {
			p.refuse(w, r, err)
			return
		}
	}
	if q.Most, err = strconv.Atoi(cmp.Or(r.FormValue("limit"), "0")); err != nil {
		p.refuse(w, r, &desk.Problem{Kind: desk.Usage, Field: "limit", Detail: "this is no number", Mend: "want one such as 20"})
		return
	}
	out, err := p.o.Desk.Pack(r.Context(), q, desk.Ceiling(f.Visitor))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if out.Next > 0 {
		p.parts(w, r, q, out)
		return
	}
	data, err := packed(out.Packed)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.file(w, r, packName, data, nil)
}

// parts gives a pack of several parts in one file, part by part: no more than one is held here.
// Of one that can't be made whole the file breaks off, which the browser says.
func (p *Pages) parts(w http.ResponseWriter, r *http.Request, q desk.PackRequest, out desk.Pack) {
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", "evidence-parts.zip"))
	archive := zip.NewWriter(w)
	var err error
	for n := 1; err == nil; n++ {
		if err = addPart(archive, fmt.Sprintf("evidence-%d.zip", n), out.Packed); err != nil || out.Next == 0 {
			break
		}
		q.After = out.Next
		out, err = p.o.Desk.Pack(r.Context(), q, desk.Ceiling(visitor(r.Context())))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		p.o.Logger.WarnContext(r.Context(), "pack of evidence broken off", "err", err)
		panic(http.ErrAbortHandler) // so that the browser sees that it is not whole
	}
}

// addPart adds a pack to a file of several, as it is: it is packed already.
func addPart(archive *zip.Writer, name string, files []desk.EvidenceFile) error {
	data, err := packed(files)
	if err != nil {
		return err
	}
	return desk.AddZip(archive, desk.EvidenceFile{Name: name, Data: data}, zip.Store)
}

// day reads a moment of a question; zero for none.
func (p *Pages) day(r *http.Request, name string) (protocol.Instant, error) {
	text := r.FormValue(name)
	if text == "" {
		return 0, nil
	}
	t, ok := lang.Moment(text, p.o.Clock())
	if !ok {
		return 0, &desk.Problem{Kind: desk.Usage, Field: name, Detail: "this is no moment", Mend: "choose a day and an hour"}
	}
	return protocol.InstantOf(t), nil
}

// packPage is what the page of a pack shows.
type packPage struct {
	*desk.PackList

	Names map[protocol.InstitutionID]string
}

// actsShown is how many acts the page of a pack tells in words; all are in their file.
const actsShown = 200

// First gives the acts that the page tells in words.
func (p packPage) First() []desk.AuditRow { return p.Acts[:min(len(p.Acts), actsShown)] }

// More is how many acts are in the file alone.
func (p packPage) More() int { return len(p.Acts) - len(p.First()) }

// ActsFile names the file of the acts.
func (p packPage) ActsFile() string { return desk.PackActsName }

// PackPage makes the page of a pack of evidence: whole in itself, without a script, and nothing
// of it comes from elsewhere. Times are UTC, for who reads it years later somewhere else. The problem is
// [desk.Usage] for a language that no pages are in; none is English.
func PackPage(ctx context.Context, d *desk.Desk, l *desk.PackList, language string) ([]byte, error) {
	words, err := lang.New()
	if err != nil {
		return nil, err
	}
	if english := words.Languages()[0].Tag; language != "" && words.Speaker(language).Tag == english && !strings.HasPrefix(language, english) {
		var tags []string
		for _, l := range words.Languages() {
			tags = append(tags, l.Tag)
		}
		return nil, &desk.Problem{Kind: desk.Usage, Field: "lang", Detail: strconv.Quote(language) + " is no language of the pages", Mend: "want one of: " + strings.Join(tags, ", ")}
	}
	look, err := template.ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	f := &frame{Institution: l.By, Now: l.Made, speaker: words.Speaker(language), placeIn: d.PlaceIn}
	page := packPage{l, map[protocol.InstitutionID]string{}}
	for i := range l.Records {
		id := l.Records[i].Record.Institution
		if _, there := page.Names[id]; there {
			continue
		}
		if m, unknown := d.Member(ctx, id, 0); unknown == nil {
			page.Names[id] = f.Name(m.Names)
		}
	}
	f.Data = page
	var out bytes.Buffer
	err = look.ExecuteTemplate(&out, "pack", f)
	return out.Bytes(), err
}

// UTC says an instant in the time of nowhere.
func (f *frame) UTC(i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	return f.speaker.Time(i.Time().UTC()) + " UTC"
}

// NameOf says an institution's name, with its identifier where it has one.
func (p packPage) NameOf(id protocol.InstitutionID) string {
	return cmp.Or(p.Names[id], string(id))
}
