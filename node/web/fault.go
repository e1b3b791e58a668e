package web

import (
	"bytes"
	"cmp"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"

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

// shownTag is one element of a page.
type shownTag struct {
	html.Token
	from, to int    // where its start tag is written
	part     string // the legend of the group that it stands in
}

// get gives an attribute of the element.
func (t *shownTag) get(name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// set gives the element an attribute, in place of what it had.
func (t *shownTag) set(name, value string) {
	t.Attr = append(slices.DeleteFunc(slices.Clone(t.Attr), func(a html.Attribute) bool { return a.Key == name }), html.Attribute{Key: name, Val: value})
}

// control reports whether somebody can put something right there.
func (t *shownTag) control() bool {
	return slices.Contains([]string{"input", "select", "textarea"}, t.Data)
}

// summary is where the list of all mistakes will stand.
const summary = `<div id="wrong"></div>`

// shownPage is what a page is made of, as far as a refusal can be about it.
type shownPage struct {
	tags   map[string]shownTag // by name
	order  []string            // of their names
	labels map[string]string   // by the name of the element that they are for; a group by its legend
}

// reader reads what the elements of a page are called.
type reader struct {
	shownPage
	reading bool   // a label or a legend, up to its hint
	of      string // the element that the label is for
	group   string // that the element is in
	legend  string // of that
}

// shownIn looks through a page.
func shownIn(page []byte) shownPage {
	r := reader{shownPage: shownPage{tags: map[string]shownTag{}, labels: map[string]string{}}}
	z := html.NewTokenizer(bytes.NewReader(page))
	for at := 0; ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return r.shownPage
		}
		t := shownTag{from: at, to: at + len(z.Raw())}
		t.Token, at = z.Token(), t.to
		switch kind {
		case html.TextToken:
			r.text(t.Data)
		case html.StartTagToken:
			r.start(t)
		case html.EndTagToken:
			r.end(t.Data)
		default:
		}
	}
}

// start takes the start tag of an element: what is called something has a name.
func (r *reader) start(t shownTag) {
	id := t.get("id")
	switch {
	case t.Data == "fieldset":
		r.group, r.legend = id, ""
	case t.Data == "legend":
		r.reading, r.of = true, ""
	case t.Data == "label":
		r.reading, r.of = true, t.get("for")
		delete(r.labels, r.of)
	case r.reading && t.control() && r.of == "":
		r.of = id // the label is around it, and goes on
	case r.reading && (t.control() && t.Data != "input" || strings.Contains(t.get("class"), "hint") || t.get("class") == "soft"):
		r.reading = false
	}
	t.part = r.legend
	if _, twice := r.tags[id]; id != "" && t.get("type") != "hidden" && !twice {
		r.tags[id], r.order = t, append(r.order, id)
	}
}

// text takes a piece of text, which may be of a label or of a legend.
func (r *reader) text(piece string) {
	piece = strings.Join(strings.Fields(piece), " ")
	switch {
	case !r.reading || piece == "":
	case r.of != "":
		r.labels[r.of] = strings.TrimSpace(r.labels[r.of] + " " + piece)
	default:
		r.legend = strings.TrimSpace(r.legend + " " + piece)
	}
}

// end takes an end tag.
func (r *reader) end(name string) {
	switch name {
	case "label":
		r.reading = false
	case "legend":
		r.reading = false
		if r.group != "" {
			r.labels[r.group] = r.legend
		}
	case "fieldset":
		r.group, r.legend = "", ""
	}
}

// marked puts what is wrong into a page: before its title, all of it in one list at its top, each
// leading to its field, and each beside its field. It is the one way for every form.
func (p *Pages) marked(f *frame, page []byte) ([]byte, error) {
	if f.refusal.problem == nil {
		return page, nil
	}
	shown := shownIn(page)
	var rows []faultRow
	for _, fault := range f.refusal.problem.Faults() {
		id := shown.nearestID(fault.Field)
		row := faultRow{ID: id, Label: f.labelled(shown, cmp.Or(id, desk.Dotted(fault.Field))), Why: f.Why(fault.Detail, fault.Mend), at: len(page)}
		if t, ok := shown.tags[id]; ok {
			row.at = t.from
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b faultRow) int { return cmp.Compare(a.at, b.at) })
	page, err := p.beside(f, page, shown, rows)
	if err != nil {
		return nil, err
	}
	var top bytes.Buffer
	if err := p.look.ExecuteTemplate(&top, "faults", f.With(rows)); err != nil {
		return nil, err
	}
	page = bytes.Replace(page, []byte(summary), top.Bytes(), 1)
	return bytes.Replace(page, []byte("<title>"), []byte("<title>"+template.HTMLEscapeString(f.T("wrong.word"))+": "), 1), nil
}

// nearestID gives the element in which a field is filled in: its own, else the one that is sent
// under its name, if no other form of the page sends it too; else that of what it is a
// part of, such as place of place.code, else its first part, such as period.start of period.
func (s shownPage) nearestID(field string) string {
	path := desk.Dotted(field)
	if _, ok := s.tags[path]; ok || path == "" {
		return path
	}
	if sent := slices.DeleteFunc(slices.Clone(s.order), func(id string) bool {
		t := s.tags[id]
		return t.get("name") != path
	}); len(sent) == 1 {
		return sent[0]
	}
	for whole := path; strings.Contains(whole, "."); {
		whole = whole[:strings.LastIndex(whole, ".")]
		if t, ok := s.tags[whole]; ok && t.control() {
			return whole
		}
	}
	if i := slices.IndexFunc(s.order, func(id string) bool { return strings.HasPrefix(id, path+".") }); i >= 0 {
		return s.order[i]
	}
	return ""
}

// labelled says what an element is called on the page, behind the legend of the group that it is of; where the page calls it
// nothing, or has none, what the member of its path is called, with its number in the list that it is of.
func (f *frame) labelled(shown shownPage, path string) string {
	t := shown.tags[path]
	if label := cmp.Or(shown.labels[path], t.get("aria-label")); label != "" {
		if t.part != "" && t.part != label {
			return t.part + ": " + label
		}
		return label
	}
	var members []string
	number := ""
	for _, part := range strings.Split(path, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			number = " " + f.Ordinal(n)
		} else {
			members = append(members, part)
		}
	}
	if len(members) == 0 {
		return ""
	}
	last := members[len(members)-1]
	said := f.label("", members[0], last)
	if said == last {
		said = strings.ReplaceAll(last, "_", " ")
	}
	return said + number
}

// beside puts what is wrong with each field before its element, which names it to a screen reader.
// The rows are in the order of the page.
func (p *Pages) beside(f *frame, page []byte, shown shownPage, rows []faultRow) ([]byte, error) {
	var out bytes.Buffer
	done := 0
	for i, row := range rows {
		t := shown.tags[row.ID]
		if !t.control() || i > 0 && rows[i-1].ID == row.ID {
			continue
		}
		of := slices.DeleteFunc(slices.Clone(rows), func(x faultRow) bool { return x.ID != row.ID })
		out.Write(page[done:t.from])
		if err := p.look.ExecuteTemplate(&out, "beside", f.With(of)); err != nil {
			return nil, err
		}
		t.set("aria-describedby", strings.TrimSpace(t.get("aria-describedby")+" why."+row.ID))
		t.set("aria-invalid", "true")
		out.WriteString(t.String())
		done = t.to
	}
	out.Write(page[done:])
	return out.Bytes(), nil
}
