package desk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// fill makes the document of what the rows say.
func (p *planReading) fill() {
	p.doc = map[string]any{}
	maps.Copy(p.doc, p.base)
	columns := slices.Sorted(maps.Keys(p.read.At))
	for _, name := range columns {
		if !strings.HasPrefix(name, ofLines) {
			p.head(name)
		}
	}
	was, last := p.lines()
	lines := []any{}
	for i := range p.read.Rows {
		row := &p.read.Rows[i]
		number := row.Cells[ofLines+"line"].Text
		if number == "" { // somebody added a row
			last++
			number = strconv.Itoa(last)
		}
		line := map[string]any{}
		maps.Copy(line, was[number])
		for _, name := range columns {
			if of, inner := strings.CutPrefix(name, ofLines); inner {
				put(line, of, row.Cells[name].Text, kindOfLine(of))
			}
		}
		line["line"] = json.Number(number)
		lines, p.rows = append(lines, line), append(p.rows, row)
	}
	p.doc["lines"] = lines
}

// lines gives the lines of the version in force by their numbers, and the last number that any
// version or the file has: a row that somebody added is none of them.
func (p *planReading) lines() (was map[string]map[string]any, last int) {
	was, last = map[string]map[string]any{}, p.last
	seen := func(number string) {
		if n, err := strconv.Atoi(number); err == nil {
			last = max(last, n)
		}
	}
	for _, l := range planLines(p.base) {
		was[memberText(l["line"])] = l
	}
	for i := range p.read.Rows {
		seen(p.read.Rows[i].Cells[ofLines+"line"].Text)
	}
	return was, last
}

// head takes what holds for all rows; where they differ, nobody knows which is meant.
func (p *planReading) head(name string) {
	if len(p.read.Rows) == 0 {
		return
	}
	text, from := "", &p.read.Rows[0]
	for i := range p.read.Rows {
		row := &p.read.Rows[i]
		said := row.Cells[name].Text
		switch {
		case said == "":
		case text == "":
			text, from = said, row
		case said != text:
			p.wrong(row, name, fmt.Sprintf("it stands otherwise in row %d, and holds for the whole plan", from.Number), "write the same in each row, or leave it empty in all but one")
			return
		}
	}
	of, other := strings.CutPrefix(name, ofPlan)
	switch {
	case name == memberDigest:
		if p.base != nil && text != "" && text != p.live.String() {
			p.wrong(from, name, "the file is of another version than the one in force", "export that one, and change it")
		}
	case slices.Contains(planSays(), name):
	case other:
		put(p.doc, of, text, kindOf(reflect.TypeFor[body.Plan](), of))
	case name == "territory":
		p.territory(from, text)
	default:
		p.member(name, text)
	}
}

// member puts one of the plan's own members, or a part of one.
func (p *planReading) member(name, text string) {
	first, second, nested := strings.Cut(name, ".")
	if !nested {
		put(p.doc, name, text, kindOf(reflect.TypeFor[body.Plan](), name))
		return
	}
	of := map[string]any{}
	if had, ok := p.doc[first].(map[string]any); ok {
		maps.Copy(of, had)
	}
	if first == "period" {
		text = planMoment(text)
	}
	put(of, second, text, reflect.TypeFor[string]())
	p.doc[first] = of
}

// planMoment reads a moment as the export writes it, or as a person types a day.
func planMoment(text string) string {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2.1.2006", "2.1.2006."} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil { //nolint:gosmopolitan // as on the pages, the zone is the node's
			return body.TimeOf(t.UTC()).String()
		}
	}
	return text
}

// territory reads the place; one that stays keeps all that was said of it.
func (p *planReading) territory(row *sheet.Row, text string) {
	if text == planMember(p.doc, "territory") {
		return
	}
	delete(p.doc, "territory")
	if text == "" {
		return
	}
	kind := &body.Plan{}
	if err := p.d.set(p.doc, kind, "territory="+text); err != nil {
		var wrong *Problem
		detail, mend := err.Error(), ""
		if errors.As(err, &wrong) {
			detail, mend = wrong.Detail, wrong.Mend
		}
		p.wrong(row, "territory", detail, mend)
	}
}

// put writes a cell into a member. What stands there as it did stays as it was written; an empty
// cell takes the member out.
func put(doc map[string]any, name, text string, kind reflect.Type) {
	if text == "" {
		delete(doc, name)
		return
	}
	if had, there := doc[name]; there && sameCell(had, text, kind) {
		return
	}
	doc[name] = cellValue(text, kind)
}

func sameCell(had any, text string, kind reflect.Type) bool {
	said := strings.TrimSpace(fmt.Sprint(planCell(had, kind)))
	if said == text || strings.TrimPrefix(said, "'") == text {
		return true
	}
	amount, isText := had.(string)
	return isText && kind == reflect.TypeFor[body.Decimal]() && body.SumOf(body.Decimal(amount)).Compare(body.SumOf(body.Decimal(text))) == 0
}

// cellValue reads a cell as its member wants it; nil of kind: a member of one's own.
func cellValue(text string, kind reflect.Type) any {
	if readsAsJSON(text) && (kind == nil || kind.Kind() != reflect.String) {
		var v any
		dec := json.NewDecoder(bytes.NewReader([]byte(text)))
		dec.UseNumber()
		if dec.Decode(&v) == nil {
			return v
		}
	}
	switch {
	case kind == nil:
	case kind.Kind() == reflect.Slice:
		list := []any{}
		for word := range strings.SplitSeq(text, strings.TrimSpace(wordsApart)) {
			if word = strings.TrimSpace(word); word != "" {
				list = append(list, word)
			}
		}
		return list
	case kind == reflect.TypeFor[body.Positive](): // a number that is none is refused where it is read as a plan
		if json.Valid([]byte(text)) {
			return json.Number(text)
		}
	}
	return text
}

func kindOfLine(name string) reflect.Type { return kindOf(reflect.TypeFor[body.PlanLine](), name) }

// kindOf gives the type of a member; nil: it is one's own.
func kindOf(of reflect.Type, name string) reflect.Type {
	for f := range reflectFields(of) {
		if known, _, _ := strings.Cut(f.Tag.Get("json"), ","); known == name {
			return f.Type
		}
	}
	return nil
}

// check reads the document as a plan, row by row, so that all rows that are wrong are named.
func (p *planReading) check() {
	if len(p.out.Faults) > 0 {
		return // one thing after the other
	}
	whole := p.doc["lines"]
	defer func() { p.doc["lines"] = whole }()
	lines, _ := whole.([]any)
	for i := range lines {
		p.doc["lines"] = []any{lines[i]}
		if wrong := p.misfit(); wrong != nil {
			in, of, line := strings.Cut(wrong.Field, "[0]")
			if in != "lines" || !line {
				p.refused(wrong)
				return // it is of the plan itself
			}
			wrong.Field = fmt.Sprintf("lines[%d]%s", i, of)
			p.refused(wrong)
		}
	}
	p.doc["lines"] = whole
	if len(p.out.Faults) == 0 {
		if wrong := p.misfit(); wrong != nil {
			p.refused(wrong)
		}
	}
}

// misfit says what of the document is no plan.
func (p *planReading) misfit() *Problem {
	raw, err := writeDocument(p.doc)
	if err == nil {
		raw, err = p.d.salted(raw)
	}
	if err == nil {
		_, err = body.Parse(body.TypePlan, raw)
	}
	if err != nil {
		return misfit(err, "")
	}
	return nil
}

// refused puts a refusal to the cell that it is of; false: it is of none.
func (p *planReading) refused(wrong *Problem) bool {
	row, column := &p.read.Rows[0], wrong.Field
	if rest, inner := strings.CutPrefix(wrong.Field, "lines"); inner {
		steps := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("[].", r) })
		if i, err := strconv.Atoi(first(steps)); err == nil && i < len(p.rows) {
			row, column = p.rows[i], ofLines+first(steps[1:])
		}
	}
	for name := range p.read.At { // cosigners.1 is in cosigners, project in plan.project
		if column == name || strings.HasPrefix(column, name+".") || strings.HasPrefix(column, name+"[") || ofPlan+column == name {
			p.wrong(row, name, wrong.Detail, wrong.Mend)
			return true
		}
	}
	if slices.Contains([]string{"", "reason", "record", fieldLines}, column) { // a row that is gone has no cell
		return false
	}
	p.found(sheet.Fault{Sheet: p.read.Sheet, Cell: fmt.Sprintf("A%d", row.Number), Detail: column + ": " + wrong.Detail, Mend: wrong.Mend})
	return true
}

func first(steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	return steps[0]
}
