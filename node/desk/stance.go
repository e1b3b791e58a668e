package desk

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// endorsed gives what a record says that a stance is on, of a correction what it puts in place or takes
// back; false of what is not here, or can't be read here.
func (d *Desk) endorsed(of body.Ref) (body.Body, bool) {
	h, err := d.heldAs(of.Record, of.Digest)
	if err != nil {
		return nil, false
	}
	said, err := body.Parse(h.Type, h.Body)
	if instead := d.instead(said); instead != nil {
		said = instead
	} else if h, err = d.corrected(h); err == nil {
		said, err = body.Parse(h.Type, h.Body)
	}
	return said, err == nil
}

// checkField refuses a stance on what the record lacks, and a confirmation with a value that no node would
// take for one: by the rule of the quality of figures it is of another number.
func (d *Desk) checkField(e *body.Endorsement) error {
	of := e.Endorses()
	said, ok := d.endorsed(of)
	if e.Field == "" || !ok {
		return nil
	}
	raw, err := json.Marshal(said)
	if err != nil {
		return failure(err)
	}
	doc, err := documentOf(raw)
	if err != nil {
		return err
	}
	next := "vardar show " + of.Record.String()
	field := strings.TrimPrefix(string(e.Field), "figures.")
	names := judged(said)
	unread := func(member string) bool { return field == member || strings.HasPrefix(field, member+".") }
	if !slices.Contains(names, field) && !leads(doc, strings.Split(field, ".")) && !slices.ContainsFunc(said.Base().Unknown, unread) {
		if member, _, deeper := strings.Cut(field, "."); deeper && doc[member] != nil {
			names = namesBelow(member, doc[member])
		} else if len(names) == 0 {
			names = slices.Sorted(maps.Keys(doc))
		}
		return &Problem{Kind: Refused, Field: "field", Detail: of.Record.String() + " has no field " + quoted(field), Mend: OneOf(field, names), Next: next}
	}
	values := valuesOf(said, field)
	stance := board.Endorsement{Stance: e.Stance, Value: e.Value}
	if e.Stance != body.Confirm || len(values) == 0 || slices.ContainsFunc(values, func(v body.Count) bool { return stance.Bears(v, d.qualities.Percent) }) {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "value", Detail: fmt.Sprintf("the record says %s, and %s is too far from it to confirm that", values[0], e.Value), Mend: "dispute it with that value",
		Next: fmt.Sprintf("vardar answer %s dispute --set basis=%s --set field=%s --set value=%s --reason TEXT", of.Record, e.Basis, field, e.Value),
	}
}

// leads reports whether a path leads to something that a record says: of a list to an entry by its number from 0, or by
// its line or a word of its own (lines.2, items.bed_place), and to what any of its entries says (items.required).
func leads(now any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch now := now.(type) {
	case map[string]any:
		below, has := now[path[0]]
		return has && leads(below, path[1:])
	case []any:
		for i, entry := range now {
			if leads(entry, path) || (path[0] == strconv.Itoa(i) || bears(entry, path[0])) && leads(entry, path[1:]) {
				return true
			}
		}
	}
	return false
}

// bears reports whether an entry of a list is known by a word, or by its line.
func bears(entry any, word string) bool {
	object, _ := entry.(map[string]any)
	for member, value := range object {
		switch value := value.(type) {
		case string:
			if value == word {
				return true
			}
		case json.Number:
			if member == "line" && value.String() == word {
				return true
			}
		}
	}
	return entry == any(word)
}

// namesBelow gives what a member of a record, or any entry of its list, says: the paths that lead there.
func namesBelow(member string, now any) (out []string) {
	entries, list := now.([]any)
	if !list {
		entries = []any{now}
	}
	for _, entry := range entries {
		object, _ := entry.(map[string]any)
		for name := range object {
			out = append(out, member+"."+name)
		}
	}
	if len(out) == 0 {
		return []string{member}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkAdopted refuses what would take the place of one's own adoption of a practice, or of what came of it there,
// unless who says it knows of that: of one member one word on the whole record counts, the last.
func (d *Desk) checkAdopted(s *statement, e *body.Endorsement) error {
	of := e.Endorses()
	if s.knowing || e.Field != "" || e.Stance == body.Adopt && len(e.Results) > 0 {
		return nil
	}
	view := d.world(s.world)
	was := pick(view.Endorsements, func(r *EndorsementRow) bool {
		return r.Institution == s.as && r.OfDigest == of.Digest && r.Field == "" && r.Stance == body.Adopt
	})
	if was == nil || e.Stance == body.Adopt && len(was.Results) == 0 {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "stance", Detail: "this would take the place of the adoption " + was.Record.String() + ", and what came of it would be gone",
		Mend: "give what came of it, or take the adoption back first", Next: "vardar answer " + of.Record.String() + " " + string(e.Stance) + " --knowing",
	}
}

// valuesOf gives the numbers that a body says of a field.
func valuesOf(b body.Body, field string) (out []body.Count) {
	switch b := b.(type) {
	case *body.SituationReport:
		for i := range b.Figures {
			if f := &b.Figures[i]; string(f.Indicator) == field {
				out = append(out, f.Value)
			}
		}
	case *body.Route:
		switch {
		case field == "throughput" && b.Throughput != nil:
			out = append(out, b.Throughput.Count)
		case field == "waiting" && b.Waiting != nil:
			out = append(out, *b.Waiting)
		}
	case *body.Profile:
		if field == "residents" && b.Residents != nil {
			out = append(out, body.Exact(int64(b.Residents.Value)))
		}
	}
	return out
}
