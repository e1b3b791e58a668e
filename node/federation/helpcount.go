package federation

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DemoHelp is the help that was asked for, as the coordinator's store has it: by kind, each in
// its own unit, since beds and blankets are not added up. Institutions and Countries count
// those who are bound to some of it.
type DemoHelp struct {
	Asked        map[body.ResourceType]int64 `json:"asked"`
	Committed    map[body.ResourceType]int64 `json:"committed"`
	Unmet        map[body.ResourceType]int64 `json:"unmet"`
	Institutions int                         `json:"institutions"`
	Countries    int                         `json:"countries"`
}

// helpIn counts the requests of a picture.
func helpIn(p node.Picture) DemoHelp {
	out := DemoHelp{Asked: map[body.ResourceType]int64{}, Committed: map[body.ResourceType]int64{}, Unmet: map[body.ResourceType]int64{}}
	bound, from := map[protocol.InstitutionID]bool{}, map[string]bool{}
	for _, r := range p.Requests {
		for _, l := range r.Lines {
			out.Asked[l.Type] += l.Quantity
			out.Committed[l.Type] += l.Committed
			out.Unmet[l.Type] += l.Unmet
			for _, w := range l.With {
				if w.Committed > 0 {
					country, _, _ := strings.Cut(string(w.Institution), ".")
					bound[w.Institution], from[country] = true, true
				}
			}
		}
	}
	out.Institutions, out.Countries = len(bound), len(from)
	return out
}

// proveHelp counts what was asked for and promised in the coordinator's store, and holds it
// against the steps that are there and against what each provider has declared.
func (d *demo) proveHelp(p node.Picture) {
	d.report.Help = helpIn(p)
	r, ok := requestIn(p, d.request)
	switch {
	case !d.story.Help:
		return
	case !ok:
		d.problem("%s does not hold the request of %s that was told", Coordinator, SouthGate)
		return
	}
	for _, l := range r.Lines {
		var promised int64
		for by, n := range promises(p, r.Record, l.Line) {
			promised += n
			if has := declared(p, by, l.Type); n > has {
				d.problem("%s is bound to %s %s, and has declared %s", by, thousands(n), things(l.Type), thousands(has))
			}
		}
		if promised != l.Committed || l.Unmet != max(0, l.Quantity-promised) {
			d.problem("%s shows %s %s committed and %s unmet of %s, and those who are bound say %s", Coordinator,
				thousands(l.Committed), things(l.Type), thousands(l.Unmet), thousands(l.Quantity), thousands(promised))
		}
	}
}

// promises sums what each has committed of a line of a request, by the steps that count.
func promises(p node.Picture, request protocol.Name, line int) map[protocol.InstitutionID]int64 {
	out := map[protocol.InstitutionID]int64{}
	for _, s := range p.Steps {
		if s.Thread != request || s.Step != body.StepCommit.String() || s.Ignored != "" {
			continue
		}
		for _, l := range s.Lines {
			if l.Answers == line && l.Ignored == "" {
				out[s.Institution] += l.Quantity
			}
		}
	}
	return out
}

// declared is how much of a kind an institution says it has and can give.
func declared(p node.Picture, by protocol.InstitutionID, kind body.ResourceType) int64 {
	var sum int64
	for _, c := range p.Capacities {
		for _, item := range c.Items {
			if c.Institution == by && item.Type == kind && item.Available != nil {
				sum += int64(*item.Available)
			}
		}
	}
	return sum
}

// closeHelp tells the help counted, a kind a line.
func (d *demo) closeHelp() {
	h := d.report.Help
	if len(h.Asked) == 0 {
		return
	}
	for _, kind := range slices.Sorted(maps.Keys(h.Asked)) {
		d.say.item(plain, "Help (invented): %s %s asked for, %s committed, %s unmet.", thousands(h.Asked[kind]), things(kind), thousands(h.Committed[kind]), thousands(h.Unmet[kind]))
	}
	d.say.item(plain, "Bound to it: %s of %s.", plural(h.Institutions, "institution"), countries(h.Countries))
}

func countries(n int) string {
	if n == 1 {
		return "1 country"
	}
	return fmt.Sprintf("%d countries", n)
}
