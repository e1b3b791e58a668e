package desk

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// PlanChange is what two versions of a plan differ in: of one line, or of the plan itself.
type PlanChange struct {
	Line   int           `json:"line"` // 0: the plan itself
	Change LineChange    `json:"change"`
	Fields []FieldChange `json:"fields"`
}

// LineChange says what became of a line.
type LineChange string

// The changes.
const (
	LineAdded   LineChange = "added"
	LineRemoved LineChange = "removed"
	LineChanged LineChange = "changed"
)

// FieldChange is one member that differs; empty: it is not there.
type FieldChange struct {
	Field  string `json:"field"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// planChanges compares two versions by what was written, so that members of one's own are
// compared too.
func (d *Desk) planChanges(from, to *board.PlanVersion) ([]PlanChange, error) {
	before, err := d.versionDocument(from)
	if err != nil {
		return nil, err
	}
	after, err := d.versionDocument(to)
	if err != nil {
		return nil, err
	}
	return comparePlans(before, after), nil
}

// changesTo compares a version with what is to be said.
func (d *Desk) changesTo(from *board.PlanVersion, said *body.Plan) ([]PlanChange, error) {
	raw, err := body.ReplacementOf(said)
	if err != nil {
		return nil, misfit(err, "")
	}
	after, err := documentOf(raw)
	if err != nil {
		return nil, err
	}
	before, err := d.versionDocument(from)
	if err != nil {
		return nil, err
	}
	return comparePlans(known(before), after), nil
}

// known leaves members of one's own out of a plan.
func known(doc map[string]any) map[string]any {
	raw, err := writeDocument(doc)
	if err != nil {
		return doc
	}
	var p body.Plan
	if json.Unmarshal(raw, &p) != nil {
		return doc
	}
	if raw, err = body.ReplacementOf(&p); err != nil {
		return doc
	}
	out, err := documentOf(raw)
	if err != nil {
		return doc
	}
	return out
}

// versionDocument reads what a version says, as it was written.
func (d *Desk) versionDocument(v *board.PlanVersion) (map[string]any, error) {
	records, err := d.rivals(v.Record)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(records, func(h Held) bool { return h.Digest == v.Digest })
	if i < 0 {
		return nil, noPlan(v.Record)
	}
	h := &records[i]
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return nil, misfit(err, "")
	}
	if c, ok := b.(*body.Correction); ok {
		return documentOf(c.Replacement)
	}
	return documentOf(h.Body)
}

// comparePlans gives what differs: the plan itself first, then line by line.
func comparePlans(before, after map[string]any) []PlanChange {
	out := []PlanChange{}
	heads := func(doc map[string]any) map[string]any {
		head := maps.Clone(doc)
		delete(head, "lines")
		return head
	}
	if fields := compareMembers(heads(before), heads(after)); len(fields) > 0 {
		out = append(out, PlanChange{0, LineChanged, fields})
	}
	was, is := numbered(before), numbered(after)
	numbers := maps.Clone(was)
	maps.Copy(numbers, is)
	for _, n := range slices.Sorted(maps.Keys(numbers)) {
		old, there := was[n]
		now, here := is[n]
		c := PlanChange{n, LineChanged, compareMembers(old, now)}
		switch {
		case !there:
			c.Change = LineAdded
		case !here:
			c.Change = LineRemoved
		case len(c.Fields) == 0:
			continue
		}
		out = append(out, c)
	}
	return out
}

// numbered gives the lines of a plan by their numbers.
func numbered(doc map[string]any) map[int]map[string]any {
	out := map[int]map[string]any{}
	lines, _ := doc["lines"].([]any)
	for _, entry := range lines {
		l, _ := entry.(map[string]any)
		n, _ := l["line"].(json.Number)
		if i, err := n.Int64(); err == nil {
			line := maps.Clone(l)
			delete(line, "line")
			out[int(i)] = line
		}
	}
	return out
}

// keepOwn lets lines that keep their number keep the members of one's own that they had: no form
// has them. One that is null is taken out.
func keepOwn(was map[int]map[string]any, given map[string]any) {
	lines, _ := given["lines"].([]any)
	for _, entry := range lines {
		l, _ := entry.(map[string]any)
		n, _ := l["line"].(json.Number)
		i, err := n.Int64()
		if err != nil {
			continue
		}
		for name, said := range was[int(i)] {
			now, there := l[name]
			switch {
			case !strings.HasPrefix(name, "x-"):
			case !there:
				l[name] = said
			case now == nil:
				delete(l, name)
			}
		}
	}
}

func compareMembers(before, after map[string]any) []FieldChange {
	all := maps.Clone(before)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, after)
	out := []FieldChange{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if was, is := memberText(before[name]), memberText(after[name]); was != is {
			out = append(out, FieldChange{name, was, is})
		}
	}
	slices.SortStableFunc(out, func(a, b FieldChange) int { return cmp.Compare(rankOfMember(a.Field), rankOfMember(b.Field)) })
	return out
}

// rankOfMember puts first what people look for.
func rankOfMember(name string) int {
	first := []string{"title", "status", "purpose", "amount", "currency"}
	if i := slices.Index(first, name); i >= 0 {
		return i
	}
	return len(first)
}

// memberText gives a value as one text: a word as it is, the rest as JSON; empty for none.
func memberText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
