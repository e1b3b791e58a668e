package desk

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// The columns of a plan's file: a row for each line, and in each what holds for all of them.
// What the file says of itself comes first, and is not read as a part of the plan; then the
// members of the plan, those of its lines behind [ofLines], and any other behind [ofPlan].
const (
	columnVersion = "version"
	ofLines       = "lines."
	ofPlan        = "plan."
	ownPrefix     = "x-"
)

// PlanFormats gives the formats in which a fund plan is taken away and brought back.
func PlanFormats() []string { return []string{AsXLSX, AsCSV, AsHXL} }

// planSays are the columns that a file has of itself.
func planSays() []string {
	return []string{memberRecord, columnVersion, memberDigest, columnHandling, columnExercise}
}

// planFields are the columns that every plan has, but for those of its lines.
func planFields() []sheet.Field {
	return []sheet.Field{
		{Name: "title", Kind: sheet.Text},
		{Name: "status", Kind: sheet.Text},
		{Name: "period.start", Kind: sheet.Day},
		{Name: "period.end", Kind: sheet.Day},
		{Name: "currency", Kind: sheet.Text},
		{Name: "territory", Kind: sheet.Text},
		{Name: "territory.name", Kind: sheet.Text},
		{Name: "cosigners", Kind: sheet.Text},
		{Name: "rates", Kind: sheet.Text},
	}
}

// lineFields are the columns of its lines, in the order of the type.
func lineFields() []sheet.Field {
	var out []sheet.Field
	for f := range reflectFields(reflect.TypeFor[body.PlanLine]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		field := sheet.Field{Name: ofLines + name, Kind: sheet.Text}
		switch f.Type {
		case reflect.TypeFor[body.Positive]():
			field.Kind = sheet.Number
		case reflect.TypeFor[body.Decimal]():
			field.Kind = sheet.Money
		}
		out = append(out, field)
	}
	return out
}

// PlanSheet gives a version of a fund plan as a file that [Desk.ImportPlan] reads: what was
// signed, a row for each line, members of one's own too.
func (d *Desk) PlanSheet(ctx context.Context, q PlanQuestion, format string) (Exported, error) {
	if !slices.Contains(PlanFormats(), format) {
		return Exported{}, &Problem{Kind: Usage, Field: "format", Detail: "no format is called " + quoted(format), Mend: OneOf(format, PlanFormats()), Next: "vardar export plan --help"}
	}
	p, err := d.FundPlan(ctx, q)
	if err != nil {
		return Exported{}, err
	}
	n := p.Version
	if q.To != 0 {
		n = q.To
	}
	v := &p.Versions[n-1]
	doc, err := d.versionDocument(v)
	if err != nil {
		return Exported{}, err
	}
	h, err := d.held(p.Record)
	if err != nil {
		return Exported{}, err
	}
	if format == AsHXL && h.Handling > protocol.Amber {
		return Exported{}, problem(Refused, "vardar export plan --help", "it is marked %s: it goes into no file that is made for others", h.Handling)
	}
	t := planTable(&p, v, doc, h.Handling)
	out := Exported{What: ListPlans, Format: format, At: d.now(), Exercise: p.Exercise, Rows: len(t.Rows), Loss: []Loss{}}
	lost := losses{}
	ending, write := "."+format, t.XLSX
	switch format {
	case AsXLSX:
		for _, cut := range t.Shorten() {
			lost.add(cut.Row, t.Columns[cut.Column].Head, cut.Why)
		}
	case AsCSV:
		write = t.CSV
	case AsHXL:
		ending, write = ".hxl.csv", t.HXL
	}
	data, err := write()
	if err != nil {
		return Exported{}, failure(err)
	}
	out.Loss = lost.list()
	out.Files = []EvidenceFile{{playedName(World{Exercise: p.Exercise}, fileOf(p.Record)+"-version-"+strconv.Itoa(n)+ending), data}}
	return out, nil
}

// planTable makes the table of a version.
func planTable(p *FundPlan, v *board.PlanVersion, doc map[string]any, mark protocol.Handling) *sheet.Table {
	t := &sheet.Table{Name: "Plan", Tagged: true}
	head := map[string]any{memberRecord: p.Record.String(), columnVersion: int64(v.Number), memberDigest: v.Digest.String(), columnHandling: mark.String()}
	if p.Exercise {
		head[columnExercise] = playedMark(World{Exercise: true, Name: p.Within})
	}
	columns := planSays()
	for _, f := range planFields() {
		columns, head[f.Name] = append(columns, f.Name), planMember(doc, f.Name)
	}
	fixed := lineFields()
	for _, f := range fixed {
		columns = append(columns, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(doc)) {
		if !plainMember(name) {
			columns, head[ofPlan+name] = append(columns, ofPlan+name), planCell(doc[name], kindOf(reflect.TypeFor[body.Plan](), name))
		}
	}
	lines := planLines(doc)
	columns = append(columns, ownOf(lines, fixed)...)
	tags := hxlTags()[ListPlans]
	for _, name := range columns {
		t.Columns = append(t.Columns, sheet.Column{Head: name, Tag: tags[name]})
	}
	for _, line := range lines {
		row := make([]any, len(columns))
		for i, name := range columns {
			row[i] = head[name]
			if of, inner := strings.CutPrefix(name, ofLines); inner {
				row[i] = planCell(line[of], kindOfLine(of))
			}
			if said, text := row[i].(string); text && name == ofLines+"amount" {
				row[i] = sheet.Amount(said)
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// plainMember reports whether a member of a plan has columns of its own, or needs none.
func plainMember(name string) bool {
	return name == "lines" || slices.ContainsFunc(planFields(), func(f sheet.Field) bool {
		first, _, _ := strings.Cut(f.Name, ".")
		return first == name
	})
}

// planMember gives what a plan says in one of its columns.
func planMember(doc map[string]any, name string) any {
	if name == "territory" {
		at, _ := doc[name].(map[string]any)
		scheme, _ := at["scheme"].(string)
		code, _ := at["code"].(string)
		return scheme + ":" + code
	}
	first, second, nested := strings.Cut(name, ".")
	if !nested {
		return tableCell(doc[name])
	}
	of, _ := doc[first].(map[string]any)
	return tableCell(of[second])
}

// planCell says a value in a cell as a list does; of a member of one's own (kind nil) a text that
// would be read as an object or a list is quoted.
func planCell(v any, kind reflect.Type) any {
	if s, text := v.(string); text && kind == nil && readsAsJSON(strings.TrimSpace(s)) {
		return asText(s)
	}
	return tableCell(v)
}

// readsAsJSON reports whether a cell is an object, a list or a quoted text of JSON.
func readsAsJSON(text string) bool {
	return text != "" && strings.ContainsAny(text[:1], "{[\"") && json.Valid([]byte(text))
}

// planLines gives the lines of a plan as they were written.
func planLines(doc map[string]any) []map[string]any {
	var out []map[string]any
	lines, _ := doc["lines"].([]any)
	for _, entry := range lines {
		if l, ok := entry.(map[string]any); ok {
			out = append(out, l)
		}
	}
	return out
}

// ownOf names the columns of members that lines have beside those of the type.
func ownOf(lines []map[string]any, fixed []sheet.Field) []string {
	own := map[string]bool{}
	for _, l := range lines {
		for name := range l {
			if !slices.ContainsFunc(fixed, func(f sheet.Field) bool { return f.Name == ofLines+name }) {
				own[ofLines+name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(own))
}
