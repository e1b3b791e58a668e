package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Diagnosis is everything that was looked at, with one verdict. That something was found
// is told in OK, and is no error.
type Diagnosis struct {
	OK     bool    `json:"ok"`
	Said   string  `json:"said"`
	Mend   string  `json:"mend,omitempty"`
	Checks []Check `json:"checks"`
}

// Diagnose sums checks up: the first of the gravest that are not OK is the sentence.
func Diagnose(checks []Check) Diagnosis { return diagnosed(checks, failed(checks)) }

// diagnosed sums up what was looked at and what of it was found.
func diagnosed(checks []Check, findings []Finding) Diagnosis {
	g := Diagnosis{OK: true, Said: fmt.Sprintf("All is well: %d things were looked at.", len(checks)), Checks: checks}
	if len(findings) == 0 {
		return g
	}
	first := slices.MinFunc(findings, func(a, b Finding) int { return cmp.Compare(rank(a), rank(b)) })
	g.OK, g.Said, g.Mend = false, first.Said, first.Mend
	if len(findings) > 1 {
		g.Said = fmt.Sprintf("%d things want to be mended, the first: %s", len(findings), g.Said)
	}
	return g
}

// failed gives what checks found.
func failed(checks []Check) []Finding {
	var out []Finding
	for _, c := range checks {
		if !c.OK {
			out = append(out, Finding{c.Name, c.Said, c.Mend, c.Grave})
		}
	}
	return out
}

// Doctor looks at everything that can be wrong with a running node.
func (d *Desk) Doctor(ctx context.Context) (Diagnosis, error) {
	g, _ := d.diagnose(ctx)
	return g, ctx.Err()
}

// diagnose gives the diagnosis, and the status whose verdict rests on all of it.
func (d *Desk) diagnose(ctx context.Context) (Diagnosis, Status) {
	s := d.status()
	findings, besides := d.statusFindings(&s), d.examine(ctx)
	checks := append(statusChecks(&s, findings), besides...)
	s.Verdict = verdict(&s, append(findings, failed(besides)...))
	return diagnosed(checks, s.Verdict.Findings), s
}

// examineAgain is how old what the doctor found besides may be for status to tell it: it walks
// a log and calls addresses, and a watched status is asked every other second.
const examineAgain = 10 * time.Minute

// examination is what the doctor found last besides what status looks at itself.
type examination struct {
	sync.Mutex // guards the rest
	checks     []Check
	at         time.Time
	going      bool // status does not wait for one that goes on
}

// examine looks anew, and has status tell that from now on.
func (d *Desk) examine(ctx context.Context) []Check {
	checks := d.o.Examine(ctx)
	if ctx.Err() != nil {
		return checks // cut off: what it did not reach is not broken
	}
	d.examined.Lock()
	defer d.examined.Unlock()
	d.examined.checks, d.examined.at = checks, d.o.Clock()
	return checks
}

// lately gives what was found last, and looks anew where that was long ago.
func (d *Desk) lately(ctx context.Context) []Check {
	d.examined.Lock()
	last := d.examined.checks
	due := !d.examined.going && (d.examined.at.IsZero() || d.o.Clock().Sub(d.examined.at).Abs() >= examineAgain)
	d.examined.going = d.examined.going || due
	d.examined.Unlock()
	if !due {
		return last
	}
	defer func() {
		d.examined.Lock()
		defer d.examined.Unlock()
		d.examined.going = false
	}()
	return d.examine(ctx)
}

// statusChecks gives a check for each thing that status looks at, whether it found
// something or not.
func statusChecks(s *Status, findings []Finding) []Check {
	disk := "its room is not known"
	if st := &s.Health.Store; st.TotalBytes > 0 {
		disk = fmt.Sprintf("%d %% is free", st.FreeBytes*100/st.TotalBytes)
	}
	fine := [][2]string{
		{"writing", "this node publishes"},
		{"store", fmt.Sprintf("records: %d, and nothing failed", s.Health.Store.Records)},
		{"disk", disk},
		{"mark", fmt.Sprintf("own epochs that are marked: %d", s.Health.Mark.Epochs)},
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
	return areaChecks(append(fine, backupAreas(&s.Health.Backup, s.Time.Time())...), findings)
}

// areaChecks gives for each area what was found, or that it is fine, and behind them what was
// found elsewhere.
func areaChecks(fine [][2]string, findings []Finding) []Check {
	var out []Check
	told := map[string]bool{}
	for _, area := range fine {
		told[area[0]] = true
		before := len(out)
		for _, f := range findings {
			if f.What == area[0] {
				out = append(out, Check{Name: f.What, Said: f.Said, Mend: f.Mend, Grave: f.Grave})
			}
		}
		if len(out) == before {
			out = append(out, Check{Name: area[0], OK: true, Said: area[1]})
		}
	}
	for _, f := range findings {
		if !told[f.What] {
			out = append(out, Check{Name: f.What, Said: f.Said, Mend: f.Mend, Grave: f.Grave})
		}
	}
	return out
}
