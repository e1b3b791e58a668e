package web

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// taking is the route of lists in foreign formats.
func (p *Pages) taking() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /list/{what}/{format}":                 p.takeList,
		"GET /record/{institution}/{position}/edxl": func(w http.ResponseWriter, r *http.Request) { p.takeMessage(w, r, false) },
		"GET /help/{institution}/{position}/edxl":   func(w http.ResponseWriter, r *http.Request) { p.takeMessage(w, r, true) },
	}
}

// ofThisNode are the lists that say how this node is, and not what institutions say: who reads
// those may not read these.
func ofThisNode() []string {
	return []string{desk.ListAudit, desk.ListLinks, desk.ListDropped, desk.ListGaps}
}

// Takes gives the files in which a list can be taken away, as of the instant of the page. What the
// page shows of it stands behind, as name, value, name, value.
func (f *frame) Takes(what string, chosen ...any) []takeAway {
	if !f.May("GET /list/{what}/{format}") {
		return nil
	}
	var out []takeAway
	for _, format := range desk.Formats(what) {
		out = append(out, takeAway{strings.ToUpper(format), f.address("/list/"+what+"/"+format, chosen...)})
	}
	return out
}

// address gives where something of the same instant is, as it is chosen: name, value, name, value.
// What is empty chooses nothing.
func (f *frame) address(path string, chosen ...any) string {
	q := url.Values{}
	for pair := range slices.Chunk(append(chosen, "at", f.At), 2) {
		if !reflect.ValueOf(pair[1]).IsZero() {
			q.Set(fmt.Sprint(pair[0]), fmt.Sprint(pair[1]))
		}
	}
	return strings.TrimSuffix(path+"?"+q.Encode(), "?")
}

// Chosen gives the address of a file of this page as its rows are chosen: name, value, name, value.
func (f *frame) Chosen(path string, chosen ...any) string { return f.address(path, chosen...) }

// Onward gives the address of this page with the rows of one of its lists that stand behind so many.
func (f *frame) Onward(list string, rows int) string {
	chosen := []any{list, rows}
	for name, values := range f.query {
		if name != list && name != "at" {
			chosen = append(chosen, name, values[0])
		}
	}
	onward := f.address(f.Here, chosen...)
	if list != desk.FirstList {
		onward += "#" + list
	}
	return onward
}

// from reads behind how many rows of its list a page begins; what is no number begins it.
func from(r *http.Request) int { return behind(r)(desk.FirstList) }

// behind reads it of each of a page's lists.
func behind(r *http.Request) func(list string) int {
	return func(list string) int {
		n, _ := strconv.Atoi(r.FormValue(list))
		return n
	}
}

// takeList gives a list as a file, all of it, the rows of one record, or what its page shows. Where there are several, or
// the format can't say all that the list does, they come in one archive with what is lost.
func (p *Pages) takeList(w http.ResponseWriter, r *http.Request) {
	what := r.PathValue("what")
	if slices.Contains(ofThisNode(), what) {
		p.refuse(w, r, &desk.Problem{Kind: desk.NotPermitted, Detail: "the list " + what + " is about this node: its pages have it"})
		return
	}
	format, ceiling := r.PathValue("format"), desk.Ceiling(visitor(r.Context()))
	if what == desk.ListPool || what == desk.ListMatches { // are chosen by what no other list is
		v, err := p.register(r)
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		e, err := p.o.Desk.ExportRegister(r.Context(), &v, what, format, ceiling)
		p.give(w, r, &e, err)
		return
	}
	q := desk.Query{What: what, At: asked(r), Record: r.FormValue("record"), Place: r.FormValue("place"), Quality: r.FormValue("quality")}
	e, err := p.o.Desk.ExportList(r.Context(), q, format, ceiling)
	p.give(w, r, &e, err)
}

// takeMessage gives a record as a message of EDXL, or a whole exchange, with what is lost.
func (p *Pages) takeMessage(w http.ResponseWriter, r *http.Request, thread bool) {
	e, err := p.o.Desk.Message(r.Context(), desk.MessageQuestion{Record: recordName(r), Thread: thread, At: asked(r)}, desk.Ceiling(visitor(r.Context())))
	p.give(w, r, &e, err)
}

// Messaged reports whether EDXL has a message for a type of record, and who looks may take it.
func (f *frame) Messaged(recordType string) bool {
	return desk.Messaged(recordType) && f.May("GET /record/{institution}/{position}/edxl")
}

// give gives what was exported: one file, or an archive that holds what was left out.
func (p *Pages) give(w http.ResponseWriter, r *http.Request, e *desk.Exported, err error) {
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if len(e.Files) == 1 && !e.Each && len(e.Loss) == 0 {
		p.file(w, r, e.Files[0].Name, e.Files[0].Data, nil)
		return
	}
	lost, err := leftOut(e.Loss)
	if err == nil {
		lost, err = packed(append(slices.Clone(e.Files), desk.EvidenceFile{Name: "left-out.csv", Data: lost}))
	}
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.file(w, r, e.Archive(), lost, nil)
}

// leftOut writes what a format can't say, field by field.
func leftOut(all []desk.Loss) ([]byte, error) {
	var out bytes.Buffer
	rows := [][]string{{"field", "rows", "why"}}
	for _, l := range all {
		rows = append(rows, []string{l.Field, strconv.Itoa(l.Rows), l.Why})
	}
	err := csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}

// packed puts files into one archive.
func packed(files []desk.EvidenceFile) ([]byte, error) {
	var out bytes.Buffer
	err := desk.Zip(&out, files)
	return out.Bytes(), err
}
