package desk

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// parts are figures that can't be more than another one.
func parts() [][2]body.Indicator {
	return [][2]body.Indicator{
		{body.Children, body.Present}, {body.UnaccompaniedChildren, body.Children}, {body.Sheltered, body.CapacityTotal}, {body.CapacityFree, body.CapacityTotal},
	}
}

// check holds what is filled in against itself, before anything is made of it, and puts each
// figure in its short form.
func (f *Form) check() (wrong gathered, err error) {
	for i := range f.Fields {
		if g := &f.Fields[i]; g.Must && g.Value == "" {
			wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: g.Name, Detail: "this field is empty", Mend: "fill it in"})
		}
	}
	return wrong, f.checkFigures(&wrong)
}

// checkFigures wants at least one figure, each new or said to be the same.
func (f *Form) checkFigures(wrong *gathered) error {
	values := f.figures(wrong)
	figures, filled := 0, 0
	for i := range f.Fields {
		g := &f.Fields[i]
		if !strings.HasPrefix(g.Name, "figures.") {
			continue
		}
		if figures++; g.Value == "" {
			continue
		}
		filled++
		if g.Untouched() && !wrong.covers(g.Name) {
			wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: g.Name, Detail: "it still says what the last report said", Mend: "change it, empty it, or tick that it is the same"})
		}
		n, known := values[strings.TrimPrefix(g.Name, "figures.")]
		if !known {
			continue
		}
		text, err := n.MarshalJSON()
		if err != nil {
			return failure(err)
		}
		g.Value = string(text)
	}
	if figures > 0 && filled == 0 {
		wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: "figures.arrivals", Detail: "no figure is given", Mend: "give at least one"})
	}
	return nil
}

// figures reads the figures that are filled in, and holds them against each other.
func (f *Form) figures(wrong *gathered) map[string]body.Count {
	values := map[string]body.Count{}
	for i := range f.Fields {
		g := &f.Fields[i]
		indicator, ok := strings.CutPrefix(g.Name, "figures.")
		if !ok || g.Value == "" {
			continue
		}
		n, err := countOf(g.Value)
		if err != nil {
			wrong.found = append(wrong.found, noCount(g.Name, g.Value, err))
			continue
		}
		values[indicator] = n
	}
	for _, p := range parts() {
		part, one := values[string(p[0])]
		whole, two := values[string(p[1])]
		_, some := part.Range()
		if _, all := whole.Range(); one && two && some > all {
			wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: "figures." + string(p[0]), Detail: "it is more than " + strings.ReplaceAll(string(p[1]), "_", " "), Mend: "one of the two is wrong"})
		}
	}
	return values
}

func noCount(field, value string, err error) *Problem {
	return &Problem{Kind: Refused, Field: field, Detail: quoted(value) + " is no number of persons or places", Mend: "give a whole number, or <5 for a few; leave the field empty for what is not known: that is not 0", Err: err}
}

// countOf reads a count as a person types it: 960, or <5 for a band.
func countOf(s string) (n body.Count, err error) {
	if few, ok := strings.CutPrefix(s, "<"); ok {
		s = fmt.Sprintf(`{"lt": %s}`, strings.TrimSpace(few))
	}
	return n, n.UnmarshalJSON([]byte(s))
}
