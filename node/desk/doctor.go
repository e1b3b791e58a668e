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
	g := Diagnosis{OK: true, Said: fmt.Sprintf("All is well: %d things were looked at.", len(checks)), Checks: explained(checks)}
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

// area is one thing that is looked at: its name, why it is, and what is said of it while nothing is
// found. One of which nothing is said then is no check of its own.
type area struct{ name, why, fine string }

// statusChecks gives a check for each thing that status looks at, whether it found
// something or not.
func statusChecks(s *Status, findings []Finding) []Check {
	return areaChecks(statusAreas(s), findings)
}

// statusAreas are the things that status looks at.
func statusAreas(s *Status) []area {
	disk := "its room is not known"
	if st := &s.Health.Store; st.TotalBytes > 0 {
		disk = fmt.Sprintf("%d %% is free", st.FreeBytes*100/st.TotalBytes)
	}
	fine := []area{
		{"writing", "who can't publish is heard by nobody", "this node publishes"},
		{"store", "all that is known here lies in one file, and what rots in it unread is missed on the day that it is needed", storeFine(&s.Health.Store, s.Time.Time())},
		{"disk", "without room nothing is written, not even one's own reports", disk},
		{"mark", "by it a node knows that its archive is as new as what it has signed; one that is older would sign a position twice", fmt.Sprintf("own epochs that are marked: %d", s.Health.Mark.Epochs)},
		{"log", "programs of this machine follow the records by it", "own consumers miss nothing"},
		{"charter", "it says who admits whom; once it has expired, nobody is admitted", "it is in force"},
		{"key", "a key is turned each year, so that one that was stolen unnoticed is of no use for longer", "no key's year is nearly over"},
		{"line", "records reach others by lines, and wait here without one", s.LinesSaid},
		{"clock", "what is late, in force or over is judged by clocks, and what comes from the future is dropped", "no peer's clock is far off ours"},
		{"quota", "beyond what a member may write a day only alerts go, and what is said to be worth it", "the day's quota is not nearly used"},
		{"copy", "two nodes with one key write two things at one position, and their feeds stop", "nobody else was seen with this node's keys"},
		{"fork", "two records at one position stop a feed: nobody can tell which one was meant", "no feed is forked"},
		{"disowned", "what was signed by a key that was taken back counts no more, until it is said again", "all own records count"},
		{"gap", "others may decide by what was said and is not here yet", "all is here that beacons name"},
		{"dropped", "somebody sent what is damaged or forged: that is a fault, or an attack", droppedFine(s)},
		{"policy", "what may pass over a link changes once both sides have signed it", "no link policy waits for a signature"},
		{"member", "who joins, leaves or has another key changes whom this node believes", ""},
		{"trust", "words about members and keys that have no effect are a mistake, or an attempt", ""},
		{"duty", "an alert at night is seen by nobody who is not woken", ""},
		{"webhook", "a program that is told nothing goes on with what was", ""},
	}
	return append(fine, backupAreas(&s.Health.Backup, s.Time.Time())...)
}

// storeFine says when the store's file was last read whole, and its records since.
func storeFine(st *StoreHealth, now time.Time) string {
	if st.ReadAgain != 0 {
		return fmt.Sprintf("records: %d; every one was last read and hashed %s ago, the whole file %s ago, when the node started", st.Records, Age(now.Sub(st.ReadAgain.Time())), Age(now.Sub(st.Read.Time())))
	}
	return fmt.Sprintf("records: %d; the whole file was last read %s ago, when the node started, and every record hashed", st.Records, Age(now.Sub(st.Read.Time())))
}

// storeFindings tell of a file that nobody has read whole for as long as a backup may go unopened.
func storeFindings(st *StoreHealth, now time.Time) []Finding {
	const mend = "start the node again: before it opens the file, it reads every page and hashes every record"
	switch {
	case st.Failed != "":
		return []Finding{{"store", st.Failed, "look at the disk, then start the node again", true}}
	case st.Damaged > 0:
		return []Finding{{"store", fmt.Sprintf("when all records were read again %s ago, damaged ones were found: %d, the first: %s", Age(now.Sub(st.ReadAgain.Time())), st.Damaged, st.Damage), "stop the node, and keep its folder as it is for who looks into it; restore a backup in a new folder, and peers give the rest back: vardar backup restore --help", true}}
	case st.Read == 0:
		return []Finding{{"store", fmt.Sprintf("records: %d; nobody has read the whole file, not even when the node started", st.Records), mend, false}}
	case now.Sub(st.Read.Time()) >= oldCheck:
		return []Finding{{"store", storeFine(st, now), mend, false}}
	}
	return nil
}

// areaChecks gives for each area what was found, or that it is fine.
func areaChecks(areas []area, findings []Finding) []Check {
	var out []Check
	told := map[string]bool{}
	for _, a := range areas {
		told[a.name] = true
		before := len(out)
		for _, f := range findings {
			if f.What == a.name {
				out = append(out, Check{Name: f.What, Said: f.Said, Why: a.why, Mend: f.Mend, Grave: f.Grave})
			}
		}
		if len(out) == before && a.fine != "" {
			out = append(out, Check{Name: a.name, OK: true, Said: a.fine, Why: a.why})
		}
	}
	for _, f := range findings {
		if !told[f.What] {
			out = append(out, Check{Name: f.What, Said: f.Said, Mend: f.Mend, Grave: f.Grave})
		}
	}
	return out
}

// explained says of checks that were made elsewhere, of what status looks at too, why they were.
func explained(checks []Check) []Check {
	for _, a := range statusAreas(&Status{}) {
		for i := range checks {
			if checks[i].Name == a.name && checks[i].Why == "" {
				checks[i].Why = a.why
			}
		}
	}
	return checks
}
