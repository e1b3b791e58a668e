package web

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// telling is what a record says, laid out to be read, or a part of it: a line of a request, an
// area of an alert. It is made from the members that the kind has, so that nothing which is
// signed is left out.
type telling struct {
	Head  string // of a part
	Depth int    // of a part: 1, or more inside another
	kind  string // of the record
	Rows  []toldRow
	Parts []*telling
}

// toldRow is one thing that is said.
type toldRow struct {
	Label string
	Value any  // a text, or an element of the page
	Names bool // a record: the value leads to it
}

// Tells lays out all that a record says in the page's language; its author's own words, codes
// and addresses stay as they are. Instead is what a correction puts in the place of another
// record, if that is held here. It is nil of what only machines say to each other, and of a body
// that can't be read.
func (f *frame) Tells(b, instead body.Body) *telling { return f.tells(b, instead, 0) }

func (f *frame) tells(b, instead body.Body, depth int) *telling {
	switch b := b.(type) {
	case nil, *body.CharterRecord, *body.Admission, *body.KeyRecord, *body.Witness:
		return nil
	case *body.Correction:
		t := f.laidOut(b, depth)
		switch part := f.tells(instead, nil, depth+1); {
		case part != nil:
			part.Head = f.T("told.replacement")
			t.Parts = append(t.Parts, part)
		case len(b.Replacement) > 0:
			t.row(f.T("told.replacement"), f.T("told.replacement.unread"))
		}
		return t
	}
	return f.laidOut(b, depth)
}

// laidOut says where and to whom first, then what the kind says, then the rest of what all have.
func (f *frame) laidOut(b body.Body, depth int) *telling {
	t := &telling{Depth: depth, kind: strings.Split(b.Type(), ".")[2]} //nolint:mnd // vardar.topic.kind.v1
	common, first := reflect.ValueOf(b.Base()).Elem(), func(name string) bool { return name == "place" || name == "to" }
	f.tellMembers(t, common, "", first)
	f.tellMembers(t, reflect.ValueOf(b).Elem(), "", func(string) bool { return true })
	f.tellMembers(t, common, "", func(name string) bool { return !first(name) })
	return t
}

func (t *telling) row(label string, value any) {
	t.Rows = append(t.Rows, toldRow{Label: label, Value: value})
}

// tellMembers says the members of a struct that are there; of is the member that it is.
func (f *frame) tellMembers(t *telling, v reflect.Value, of string, wanted func(name string) bool) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, may, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch member := v.Field(i); {
		case field.Type == reflect.TypeFor[body.Common](), name == "-", name == "salt":
		case field.Anonymous:
			f.tellMembers(t, member, of, wanted)
		case wanted(name) && (may == "" || !member.IsZero()):
			f.tellMember(t, reflect.Indirect(member), of, name)
		}
	}
}

// tellMember says one: in a row, in several, or in parts of its own.
func (f *frame) tellMember(t *telling, v reflect.Value, of, name string) {
	switch x := v.Interface().(type) {
	case body.Document: // it stands in a part, as what it takes the place of
	case protocol.Name:
		t.Rows = append(t.Rows, toldRow{f.label(t.kind, of, name), x.String(), true})
	case []protocol.Name:
		for _, n := range x {
			t.Rows = append(t.Rows, toldRow{f.label(t.kind, of, name), n.String(), true})
		}
	case []body.Ref:
		for _, ref := range x {
			t.Rows = append(t.Rows, toldRow{f.known("told.rel."+string(ref.Rel), string(ref.Rel)), ref.Record.String(), true})
			t.row(f.T("told.digest"), ref.Digest.String())
		}
	case []body.Figure:
		for i := range x {
			f.tellFigure(t, &x[i])
		}
	case []body.NotAvailable:
		for _, na := range x {
			t.row(f.Missing(string(na.Field)), f.T("told.na", string(na.Reason)))
		}
	case []body.Schedule:
		for i := range x {
			s := &x[i]
			at := f.Time(s.At.Instant())
			if where := f.placeWhole(s.Place); where != "" {
				at += ", " + plainly(where)
			}
			t.row(f.spoken("schedule", s.Type), at)
		}
	default:
		f.tellOther(t, v, of, name)
	}
}

func (f *frame) tellOther(t *telling, v reflect.Value, of, name string) {
	text, plain := f.plain(v, name)
	switch {
	case plain:
		t.row(f.label(t.kind, of, name), text)
	case v.Kind() == reflect.Slice:
		f.tellList(t, v, of, name)
	case v.Kind() == reflect.Struct:
		f.tellMembers(t, v, name, func(string) bool { return true })
	}
}

// tellList says a list: in a row what is said in a word, each of the others in a part.
func (f *frame) tellList(t *telling, v reflect.Value, of, name string) {
	var words []string
	for i := range v.Len() {
		entry := reflect.Indirect(v.Index(i))
		if text, plain := f.plain(entry, name); plain {
			words = append(words, fmt.Sprint(text)) // none of these is an element
			continue
		}
		number := i + 1
		l, line := entry.Interface().(body.Line)
		if line {
			number = int(l.Line)
		}
		part := &telling{Head: f.T("told.part."+name, f.Number(number)), Depth: t.Depth + 1, kind: t.kind}
		f.tellMembers(part, entry, name, func(name string) bool { return !line || name != "line" })
		t.Parts = append(t.Parts, part)
	}
	if len(words) > 0 {
		t.row(f.label(t.kind, of, name), strings.Join(words, ", "))
	}
}

// tellFigure says a figure, with the part of the total that it counts.
func (f *frame) tellFigure(t *telling, g *body.Figure) {
	said := f.Number(g.Value) + " " + f.Unit(g.Value, g.In())
	if by := g.By; by != nil {
		said = together(said, f.spoken("sex", by.Sex), f.spoken("age", by.Age), f.spoken("group", by.Group))
	}
	t.row(f.Indicator(g.Indicator), together(said, f.spoken("method", g.Method)))
}

// Missing names what is said to be missing: a figure, or another member.
func (f *frame) Missing(field string) string {
	field = strings.TrimPrefix(field, "figures.")
	if body.Indicator(field).Core() {
		return f.Indicator(body.Indicator(field))
	}
	return f.label("", "", field)
}

// plain says what stands in one row; not ok of what has members of its own.
func (f *frame) plain(v reflect.Value, name string) (any, bool) {
	switch x := v.Interface().(type) {
	case body.Time:
		return f.Time(x.Instant()), true
	case body.AsOf:
		return f.Stated(string(x)), true
	case body.CAPTime:
		return f.Time(protocol.InstantOf(x.Time())), true
	case body.Period:
		return f.Say("told.stretch", f.Time(x.Start.Instant()), f.Time(x.End.Instant())), true
	case body.Place:
		return f.placeWhole(&x), true
	case body.PlaceKey:
		return f.placeWhole(&body.Place{Scheme: x.Scheme, Code: x.Code}), true
	case body.Count:
		return f.Number(x), true
	case body.Decimal:
		return f.Decimal(x), true
	case body.Money:
		return f.speaker.Decimal(string(x.Amount)) + " " + string(x.Currency), true
	case body.Throughput:
		return f.Throughput(&x), true
	case body.Contact:
		return together(string(x.Office), string(x.Phone), string(x.Email)), true
	case body.CAPValue:
		return string(x.ValueName) + ": " + string(x.Value), true
	case body.Encoded:
		return f.Bytes(int64(len(x)) / 4 * 3), true //nolint:mnd // base64
	case protocol.Digest:
		return x.String(), true
	case body.Names:
		return inTongues(x), true
	case interface{ Words() []string }:
		return f.spoken(name, x), true
	}
	return f.scalar(v, name)
}

func (f *frame) scalar(v reflect.Value, name string) (string, bool) {
	switch {
	case v.Kind() == reflect.Bool && v.Bool():
		return f.Word("yes"), true
	case v.Kind() == reflect.Bool:
		return f.Word("no"), true
	case v.CanInt() && name == "year":
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanInt():
		return f.speaker.Number(v.Int()), true
	case v.CanFloat():
		return f.speaker.Decimal(strconv.FormatFloat(v.Float(), 'f', -1, 64)), true
	case v.Kind() == reflect.String && name == "unit":
		return f.Word(v.String()), true
	case v.Kind() == reflect.String:
		return v.String(), true
	}
	return "", false
}

// placeWhole says a place by the name that this node knows it by, the one that the author gives it,
// its code, and where it lies if the author says so; empty for none.
func (f *frame) placeWhole(p *body.Place) string {
	if p == nil {
		return ""
	}
	known, own, key := f.place(p), string(p.Name), p.Key().String()
	footnote := atlas.NeedsFootnote(p.Key())
	if own != "" {
		own = atlas.Marked(own, footnote)
	}
	if own == known {
		own = ""
	}
	if known == atlas.Marked(key, footnote) {
		known = ""
	}
	point := ""
	if p.Lat != nil && p.Lon != nil {
		point = f.T("told.point", f.degrees(*p.Lat), f.degrees(*p.Lon))
	}
	return together(known, own, key, point)
}

// degrees says a coordinate to as many decimals as it is given.
func (f *frame) degrees(d float64) string {
	said := f.speaker.Decimal(strconv.FormatFloat(math.Abs(d), 'f', -1, 64))
	if d < 0 {
		return "−" + said
	}
	return said
}

// inTongues gives a name in each language that it is given in.
func inTongues(names body.Names) string {
	var out []string
	for _, language := range slices.Sorted(maps.Keys(names)) {
		out = append(out, fmt.Sprintf("%s (%s)", names[language], language))
	}
	return strings.Join(out, ", ")
}

// spoken says a word of the vocabulary of a member: by the member's own message where the word
// alone says too little.
func (f *frame) spoken(member string, word any) string {
	said := fmt.Sprint(word)
	if i, ok := word.(body.Indicator); ok {
		return f.Indicator(i)
	}
	key := "choice." + strings.ToLower(member+"_"+strings.ReplaceAll(said, " ", "_"))
	return f.known(key, strings.TrimPrefix(f.Word(said), "x-"))
}

// label names a member of a kind by what it is part of, else by itself, as forms name it where
// they do.
func (f *frame) label(kind, of, name string) string {
	var keys []string
	for _, path := range []string{kind + "." + of + "." + name, kind + "." + name, of + "." + name, of + ".0." + name, name} {
		keys = append(keys, "told."+path, "field."+path)
	}
	for _, key := range keys {
		if said := f.T(key); said != key {
			return said
		}
	}
	return name
}

// together puts what is there of several things behind each other.
func together(parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}
