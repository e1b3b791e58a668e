package desk

import (
	"context"
	"fmt"
)

// Diagnosis is everything that was looked at, with one verdict. That something was found
// is told in OK, and is no error.
type Diagnosis struct {
	OK     bool    `json:"ok"`
	Said   string  `json:"said"`
	Mend   string  `json:"mend,omitempty"`
	Checks []Check `json:"checks"`
}

// Diagnose sums checks up: the first that is not OK is the sentence.
func Diagnose(checks []Check) Diagnosis {
	g := Diagnosis{OK: true, Said: fmt.Sprintf("All is well: %d things were looked at.", len(checks)), Checks: checks}
	found := 0
	for _, c := range checks {
		if c.OK {
			continue
		}
		if found++; found == 1 {
			g.OK, g.Said, g.Mend = false, c.Said, c.Mend
		}
	}
	if found > 1 {
		g.Said = fmt.Sprintf("%d things want to be mended, the first: %s", found, g.Said)
	}
	return g
}

// Doctor looks at everything that can be wrong with a running node.
func (d *Desk) Doctor(ctx context.Context) (Diagnosis, error) {
	s, err := d.Status(ctx)
	if err != nil {
		return Diagnosis{}, err
	}
	return Diagnose(append(statusChecks(&s), d.o.Examine(ctx)...)), nil
}

// statusChecks gives a check for each thing that status looks at, whether it found
// something or not.
func statusChecks(s *Status) []Check {
	disk := "its room is not known"
	if st := &s.Health.Store; st.TotalBytes > 0 {
		disk = fmt.Sprintf("%d %% is free", st.FreeBytes*100/st.TotalBytes)
	}
	fine := [][2]string{
		{"writing", "this node publishes"},
		{"store", fmt.Sprintf("%d records, and nothing failed", s.Health.Store.Records)},
		{"disk", disk},
		{"mark", fmt.Sprintf("%d own epochs are marked", s.Health.Mark.Epochs)},
		{"log", "own consumers miss nothing"},
		{"charter", "it is in force"},
		{"key", "no key's year is nearly over"},
		{"line", s.LinesSaid},
		{"clock", "no peer's clock is far off ours"},
		{"quota", "the day's quota is not nearly used"},
		{"copy", "nobody else was seen with this node's keys"},
		{"fork", "no feed is forked"},
		{"disowned", "all own records count"},
		{"gap", "all is here that beacons name"},
		{"dropped", "nothing was dropped since the node started"},
		{"policy", "no link policy waits for a signature"},
	}
	var out []Check
	told := map[string]bool{}
	for _, area := range fine {
		told[area[0]] = true
		before := len(out)
		for _, f := range s.Verdict.Findings {
			if f.What == area[0] {
				out = append(out, Check{Name: f.What, Said: f.Said, Mend: f.Mend})
			}
		}
		if len(out) == before {
			out = append(out, Check{Name: area[0], OK: true, Said: area[1]})
		}
	}
	for _, f := range s.Verdict.Findings {
		if !told[f.What] {
			out = append(out, Check{Name: f.What, Said: f.Said, Mend: f.Mend})
		}
	}
	return out
}
