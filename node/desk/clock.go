package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// clockDoubt is how far this node's clock may be off what others say before it is doubted: by
// a day, as retention believes it. A record dated further off would be let go by peers before
// its time, or kept beyond it.
const clockDoubt = 24 * time.Hour

// witnesses is how many others must contradict this node's clock before nothing is written by
// it: one peer with a wrong clock stops nobody.
const witnesses = 2

// wrongClock is by how much this node's clock is off, and who says so.
type wrongClock struct {
	off   time.Duration // that of this node ahead of theirs, by the nearest of them
	says  []string      // whose clocks, and where they stand, those of lines first
	peers int           // how many of them are at the end of a line
}

// clockWrong holds this node's clock against those of others: of each peer whose line is up,
// and of everybody whose beacon came.
func (d *Desk) clockWrong() (wrongClock, bool) {
	lines := d.o.Links.Clocks()
	apart, _ := d.o.Intake.ToldAhead()
	for i := range lines {
		apart = max(apart, lines[i].Ahead.Abs())
	}
	if apart <= clockDoubt {
		return wrongClock{}, false // as on every other day
	}
	return contradicted(d.o.Clock(), lines, d.o.Intake.Told())
}

// contradicted says whether a clock is wrong: two or more say so, all to the same side, and
// they are more than those who bear it out or contradict it to the other side, of all and of the
// peers whose lines are up. Who writes on one node has one clock; that two are hosted by one
// can't be seen of a node that is no peer, so that beacons alone outvote no peer. A beacon that
// lies behind may just be old: it counts if it was so when it came, and the clock at the end of
// a line says the same.
func contradicted(now time.Time, lines []link.Clock, told []intake.Told) (wrongClock, bool) {
	var slow, fast wrongClock
	all, seen := 0, map[protocol.InstitutionID]bool{}
	judge := func(who protocol.InstitutionID, what string, ahead time.Duration) {
		all++
		says := fmt.Sprintf("%s, whose %s %s", who, what, now.Add(ahead).UTC().Format(hourLayout))
		switch {
		case ahead > clockDoubt:
			slow.add(ahead, says)
		case ahead < -clockDoubt:
			fast.add(ahead, says)
		}
	}
	for _, l := range lines {
		judge(l.Peer, "clock says", l.Ahead)
		slow.peers, fast.peers = len(slow.says), len(fast.says)
		for _, id := range append(l.Hosts, l.Peer) {
			seen[id] = true
		}
	}
	for _, t := range told {
		old := t.Ahead < -clockDoubt && (t.Age <= clockDoubt || !slices.ContainsFunc(lines, func(l link.Clock) bool {
			return (l.Ahead - t.Ahead).Abs() <= clockDoubt
		}))
		if !seen[t.Institution] && !old {
			judge(t.Institution, "beacon is of", t.Ahead)
		}
	}
	w := slow
	if len(fast.says) > len(slow.says) {
		w = fast
	}
	return w, len(w.says) >= witnesses && 2*len(w.says) > all && (2*w.peers > len(lines) || len(lines) == 0)
}

// add takes one more who says so.
func (w *wrongClock) add(ahead time.Duration, says string) {
	if w.says = append(w.says, says); len(w.says) == 1 || ahead.Abs() < w.off.Abs() {
		w.off = -ahead
	}
}

const hourLayout = "2006-01-02 15:04"

// words says it.
func (w *wrongClock) words(now time.Time) string {
	side := "ahead"
	if w.off < 0 {
		side = "behind"
	}
	more := ""
	if n := len(w.says) - witnesses; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	return fmt.Sprintf("this node's clock says %s UTC, %s %s of %s%s",
		now.UTC().Format(hourLayout), Age(w.off.Abs()), side, strings.Join(w.says[:witnesses], "; "), more)
}

// setTheClock is how to mend it.
const setTheClock = "set the clock of this machine ('timedatectl' shows it, and whether NTP sets it); publishing goes on by itself then"

// timely refuses to date a record by a clock that others contradict: peers let its body go
// before its time, or keep it too long, and readers take it for old. What is for ever, trust
// records and erasures, is written: a thief must be closed on such a day too.
func (d *Desk) timely(s *statement, out *Published) error {
	if trust.Kept(s.recordType) {
		return nil
	}
	w, wrong := d.clockWrong()
	switch {
	case !wrong:
		return nil
	case s.anyway.Clock:
		s.told(out, w.words(d.o.Clock())+": dated by it all the same")
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "time", Detail: w.words(d.o.Clock()),
		Mend: setTheClock + "; if this clock is right and theirs are wrong, say it with --my-clock-is-right", Next: "vardar doctor",
	}
}

// clockFindings tells of a clock by which nothing is written.
func (d *Desk) clockFindings() []Finding {
	if w, wrong := d.clockWrong(); wrong {
		return []Finding{{"clock", w.words(d.o.Clock()) + ": nothing is published by it", setTheClock, true}}
	}
	return nil
}
