package web

import (
	"bytes"
	"cmp"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// refusal is why what was sent with a form was not done, for the page that shows the form again.
type refusal struct{ problem *desk.Problem }

// Refused notes it: where the template asks, the summary will stand.
func (f *frame) Refused(p *desk.Problem) string {
	f.refusal.problem = p
	return ""
}

// faultRow is one line of the summary.
type faultRow struct {
	ID    string // of the element; empty: the page has none
	Label string
	Why   []sentence

	at int // where the element stands in the page
}

// shownTag is one element of a page, as it was written.
type shownTag struct {
	name, rest string // rest are its attributes
	field      string // under which it is sent
	from, to   int
}

// control reports whether somebody can put something right there.
func (t *shownTag) control() bool {
	return slices.Contains([]string{"input", "select", "textarea"}, t.name)
}

// What a page is looked through for: its own templates wrote it, and escaped what they were given.
const (
	anyTag    = `<([a-z][a-z0-9]*)((?:\s[^<>]*)?)>`
	idOf      = `\sid="([^"]*)"`
	nameOf    = `\sname="([^"]*)"`
	labelOf   = `<label for="([^"]*)">([^<]*)`
	ariaLabel = `\saria-label="([^"]*)"`
	described = `(\saria-describedby=")([^"]*)"`
	summary   = `<div id="wrong"></div>`
)

// faults finds in a page what a refusal is about.
type faults struct {
	tag, id, field, label, labelled, described *regexp.Regexp
}

func newFaults() faults {
	return faults{
		regexp.MustCompile(anyTag), regexp.MustCompile(idOf), regexp.MustCompile(nameOf), regexp.MustCompile(labelOf), regexp.MustCompile(ariaLabel), regexp.MustCompile(described),
	}
}

// marked puts what is wrong into a page: before its title, all of it in one list at its top, each
// leading to its field, and each beside its field. It is the one way for every form.
func (p *Pages) marked(f *frame, page []byte) ([]byte, error) {
	if f.refusal.problem == nil {
		return page, nil
	}
	tags, order := p.faults.tags(page)
	var rows []faultRow
	for _, fault := range f.refusal.problem.Faults() {
		id := nearestID(tags, order, fault.Field)
		row := faultRow{ID: id, Label: p.faults.labelFor(page, tags, id), Why: f.Why(fault.Detail, fault.Mend), at: len(page)}
		if t, ok := tags[id]; ok {
			row.at = t.from
		} else if fault.Field != "" {
			row.Label = f.known("field."+fault.Field, strings.ReplaceAll(fault.Field, "_", " "))
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b faultRow) int { return cmp.Compare(a.at, b.at) })
	page, err := p.beside(f, page, tags, rows)
	if err != nil {
		return nil, err
	}
	var top bytes.Buffer
	if err := p.look.ExecuteTemplate(&top, "faults", f.With(rows)); err != nil {
		return nil, err
	}
	page = bytes.Replace(page, []byte(summary), top.Bytes(), 1)
	return bytes.Replace(page, []byte("<title>"), []byte("<title>"+html.EscapeString(f.T("wrong.word"))+": "), 1), nil
}

// tags gives the elements of a page that have a name, and their names in order.
func (s faults) tags(page []byte) (tags map[string]shownTag, order []string) {
	tags = map[string]shownTag{}
	for _, m := range s.tag.FindAllSubmatchIndex(page, -1) {
		t := shownTag{name: string(page[m[2]:m[3]]), rest: string(page[m[4]:m[5]]), from: m[0], to: m[1]}
		if sent := s.field.FindStringSubmatch(t.rest); sent != nil {
			t.field = sent[1]
		}
		id := s.id.FindStringSubmatch(t.rest)
		if id == nil || strings.Contains(t.rest, `type="hidden"`) {
			continue
		}
		if _, twice := tags[id[1]]; !twice {
			tags[id[1]], order = t, append(order, id[1])
		}
	}
	return tags, order
}

// nearestID gives the element in which a field is filled in: its own, else the one that is sent
// under its name, if no other form of the page sends it too; else that of what it is a
// part of, such as place of place.code, else its first part, such as period.start of period.
func nearestID(tags map[string]shownTag, order []string, field string) string {
	path := desk.Dotted(field)
	if _, ok := tags[path]; ok || path == "" {
		return path
	}
	if sent := slices.DeleteFunc(slices.Clone(order), func(id string) bool { return tags[id].field != path }); len(sent) == 1 {
		return sent[0]
	}
	for whole := path; strings.Contains(whole, "."); {
		whole = whole[:strings.LastIndex(whole, ".")]
		if t, ok := tags[whole]; ok && t.control() {
			return whole
		}
	}
	if i := slices.IndexFunc(order, func(id string) bool { return strings.HasPrefix(id, path+".") }); i >= 0 {
		return order[i]
	}
	return ""
}

// labelFor gives what an element is called on the page.
func (s faults) labelFor(page []byte, tags map[string]shownTag, id string) string {
	for _, m := range s.label.FindAllSubmatch(page, -1) {
		if string(m[1]) == id {
			return html.UnescapeString(strings.TrimSpace(string(m[2])))
		}
	}
	if m := s.labelled.FindStringSubmatch(tags[id].rest); m != nil {
		return html.UnescapeString(m[1])
	}
	return id
}

// beside puts what is wrong with each field before its element, which names it to a screen reader.
// The rows are in the order of the page.
func (p *Pages) beside(f *frame, page []byte, tags map[string]shownTag, rows []faultRow) ([]byte, error) {
	var out bytes.Buffer
	done := 0
	for i, row := range rows {
		t := tags[row.ID]
		if !t.control() || i > 0 && rows[i-1].ID == row.ID {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(rows), func(x faultRow) bool { return x.ID != row.ID })
		out.Write(page[done:t.from])
		if err := p.look.ExecuteTemplate(&out, "beside", f.With(of)); err != nil {
			return nil, err
		}
		why := "why." + row.ID
		rest := p.faults.described.ReplaceAllString(t.rest, "${1}${2} "+why+`"`)
		if rest == t.rest {
			rest += ` aria-describedby="` + why + `"`
		}
		out.WriteString("<" + t.name + rest + ` aria-invalid="true">`)
		done = t.to
	}
	out.Write(page[done:])
	return out.Bytes(), nil
}
