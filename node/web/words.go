package web

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// Kind says a kind of record by its short name, or by its type; one that no catalogue has
// by its own.
func (f *frame) Kind(name string) string {
	name = body.ShortName(name)
	key := "kind." + strings.ReplaceAll(name, "-", "_")
	if said := f.T(key); said != key {
		return said
	}
	return strings.ReplaceAll(name, "_", " ")
}

// Due says how somebody stands with what is due.
func (f *frame) Due(state desk.DueState) string {
	return f.T("due." + strings.ReplaceAll(string(state), " ", "_"))
}

// Late gives a state that is to be shown beside a figure; empty for on time.
func (f *frame) Late(state desk.DueState) desk.DueState {
	if state == desk.OnTime {
		return ""
	}
	return state
}

// DueClass is the shape of a state.
func (f *frame) DueClass(state desk.DueState) string {
	class := map[desk.DueState]string{desk.OnTime: "open", desk.LineCut: "cut", desk.Ahead: "watch"}[state]
	return cmp.Or(class, "late")
}

// SeverityClass is the colour of a severity, whose words begin with its shape.
func (f *frame) SeverityClass(s string) string { return "grave-" + strings.ToLower(s) }

// PhaseClass is the shape of a phase.
func (f *frame) PhaseClass(phase body.PhaseName) string {
	if phase == body.Response {
		return "late"
	}
	return "watch"
}

// Sign says why a phase is suggested.
func (f *frame) Sign(s desk.Sign) string {
	key := "phase.sign." + string(s.Sign)
	switch s.Sign {
	case desk.SignOccupancy, desk.SignRoom:
		return f.T(key, f.Tenths(s.Value), f.Tenths(s.Limit))
	case desk.SignArrivals:
		return f.T(key, f.Tenths(s.Value/100), f.Tenths(s.Limit/100))
	case desk.SignFull:
		return f.T(key, f.Number(s.Value), f.Number(s.Limit))
	case desk.SignQuiet:
		return f.T(key, int(s.Value))
	case desk.SignClosed, desk.SignAlert:
	}
	return f.T(key, s.Name)
}

// ID makes a name that an element of a page can have, so that it is found again when the
// page is refreshed.
func (f *frame) ID(of any) string {
	return strings.NewReplacer("/", "-", ".", "-", ":", "-").Replace(fmt.Sprint(of))
}

// Scope says what a program may do.
func (f *frame) Scope(s desk.Scope) string { return f.T("staff.scope." + string(s)) }

// Bytes says a size in its largest unit.
func (f *frame) Bytes(of any) string {
	var n float64
	switch v := of.(type) {
	case int64:
		n = float64(v)
	case uint64:
		n = float64(v)
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	i := 0
	for n >= 1024 && i < len(units)-1 {
		n, i = n/1024, i+1
	}
	if i == 0 {
		return f.Number(int64(n)) + " " + units[i]
	}
	return f.Tenths(int64(math.Round(n*10))) + " " + units[i] //nolint:mnd // to one place
}

// Sum counts what groups hold.
func (f *frame) Sum(groups []desk.Group) int {
	n := 0
	for i := range groups {
		n += len(groups[i].Records)
	}
	return n
}

// StanceClass is the shape of a stance.
func (f *frame) StanceClass(e *desk.EndorsementRow) string {
	switch {
	case e.Ignored != "":
		return "over"
	case e.Stance == body.Dispute:
		return "late"
	}
	return "open"
}

// Ignoring says why a step has no effect; a reason that no catalogue has, as it comes.
func (f *frame) Ignoring(why desk.Ignoring) string {
	args := func(say ...func(string) string) []any {
		var out []any
		for i, s := range say {
			if s != nil && i < len(why.IgnoredArgs) {
				out = append(out, s(why.IgnoredArgs[i]))
			}
		}
		return out
	}
	number, word := func(s string) string { return f.Number(s) }, func(s string) string { return f.Word(s) }
	var put []any
	switch code := why.IgnoredCode; code {
	case "standing":
		put = args(word)
	case "role":
		put = args(f.Kind)
	case "answers":
		put = args(f.Kind, nil, f.Kind)
	case "state", "nothing":
		put = args(f.Kind, nil, word)
	case "goods":
		put = args(number)
		for said := args(nil, word, word, word, word); len(said) > 1; said = said[2:] {
			put = append(put, fmt.Sprintf("%s (%s)", said[0], said[1]))
		}
	default: // what is put into the others are numbers
		put = args(number, number, number)
	}
	key := "ignored." + string(why.IgnoredCode)
	if said := f.T(key, put...); said != key {
		return said
	}
	return f.Sentence(why.Ignored).Text
}
