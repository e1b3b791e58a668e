package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// Status is how the node is: one verdict with its mend, and what it rests on.
type Status struct {
	Verdict      Verdict                  `json:"verdict"`
	Institutions []protocol.InstitutionID `json:"institutions"`
	Network      string                   `json:"network"`
	Charter      protocol.Digest          `json:"charter"`
	Time         protocol.Instant         `json:"time"`
	Writes       bool                     `json:"writes"` // it publishes
	Health       Health                   `json:"health"`
	Lines        []LinkState              `json:"lines"`
	LinesSaid    string                   `json:"lines_said"` // all 3 lines up; mk.national.crisis-centre: no line for 2 d, 7 wait
	Waiting      int                      `json:"waiting"`    // records that some peer has not acknowledged
	Counts       Counts                   `json:"counts"`
	Forks        []ForkRow                `json:"forks"`
	Gaps         []GapRow                 `json:"gaps"`
	Dropped      []DroppedRow             `json:"dropped"`
	DroppedSince protocol.Instant         `json:"dropped_since"` // from when on what was dropped is counted
	Records      board.Tally              `json:"records"`
	Duty         duty.Counts              `json:"duty"` // since the start
}

// Counts are the events of intake since the node started; Dropped those over all its starts.
type Counts struct {
	Accepted  int `json:"accepted"`
	Known     int `json:"known"`
	Parked    int `json:"parked"`
	Dropped   int `json:"dropped"`
	Unwanted  int `json:"unwanted"`
	Forks     int `json:"forks"`
	Published int `json:"published"`
}

// Verdict is the one sentence. Findings are all there is to mend, the gravest first.
type Verdict struct {
	OK       bool      `json:"ok"`
	Said     string    `json:"said"`
	Mend     string    `json:"mend,omitempty"`
	Findings []Finding `json:"findings"`
}

// Finding is one thing that is not as it should be.
type Finding struct {
	What  string `json:"what"` // writing, copy, store, disk, fork, charter, member, trust, key, disowned, clock, quota, duty, webhook, backup, backup check, line, gap, dropped, policy; keys, carrier, audit, port of the doctor
	Said  string `json:"said"`
	Mend  string `json:"mend"`
	Grave bool   `json:"grave"` // the node does not do its work; others only want to be looked at
}

// Status looks at everything that is quickly looked at, and tells what the doctor found last
// besides, whom it asks when that was long ago.
func (d *Desk) Status(ctx context.Context) (Status, error) {
	s := d.status()
	s.Verdict = verdict(&s, append(d.statusFindings(&s), failed(d.lately(ctx))...))
	return s, nil
}

// status is how the node is, without a verdict.
func (d *Desk) status() Status {
	now := d.now()
	p := d.o.Board.Picture(now)
	n := d.o.Intake.Counts()
	s := Status{
		Institutions: d.Institutions(), Network: d.o.Trust.Charter().Network, Charter: d.o.Trust.CharterDigest(),
		Time: now, Writes: d.o.Intake.Writable() == nil, Health: d.o.Health(), Lines: d.o.Links.States(),
		Counts: countsOf(n), Forks: d.forks(&p), Gaps: d.gaps(), Dropped: d.dropped(), DroppedSince: d.o.Intake.DropsSince(), Records: p.Tally, Duty: d.o.Duty.Counts(),
	}
	for i := range s.Dropped {
		s.Counts.Dropped += s.Dropped[i].Records
	}
	if s.Lines == nil {
		s.Lines = []LinkState{}
	}
	for i := range s.Lines {
		if !s.Lines[i].Out { // nothing goes there any more
			s.Waiting += s.Lines[i].Waiting
		}
	}
	s.LinesSaid = linesOf(s.Lines, d.o.Clock()).String()
	return s
}

func countsOf(n intake.Counts) Counts {
	return Counts{Accepted: n.Accepted, Known: n.Known, Parked: n.Parked, Unwanted: n.Unwanted, Forks: n.Forks, Published: n.Published}
}

// Lines is the state of all lines, for a sentence.
type Lines struct {
	All    int // that were agreed on
	Wanted int // those that are to be up: neither paused nor put out
	Down   []DownLine
}

// DownLine is one that is to be up, and is not.
type DownLine struct {
	Peer    protocol.InstitutionID
	For     time.Duration // 0: it was never up yet
	Waiting int           // records
}

func linesOf(all []LinkState, now time.Time) Lines {
	out := Lines{All: len(all)}
	for i := range all {
		l := &all[i]
		if l.Out || l.Paused {
			continue
		}
		out.Wanted++
		if l.Up {
			continue
		}
		down := DownLine{Peer: l.Peer, Waiting: l.Waiting}
		if !young(l, now) {
			down.For = max(now.Sub(l.Since), 1)
		}
		out.Down = append(out.Down, down)
	}
	return out
}

// String says it in English.
func (l Lines) String() string {
	switch {
	case l.All == 0:
		return "no links yet"
	case l.Wanted == 0:
		return "none is to be up"
	case len(l.Down) == 0 && l.Wanted == 1:
		return "the line is up"
	case len(l.Down) == 0:
		return fmt.Sprintf("all %d lines up", l.Wanted)
	}
	var said []string
	for _, d := range l.Down {
		words := string(d.Peer) + ": no line yet"
		if d.For >= time.Second {
			words = fmt.Sprintf("%s: no line for %s", d.Peer, Age(d.For))
		}
		if d.Waiting > 0 {
			words += ", " + Count(d.Waiting, "waits", "wait")
		}
		said = append(said, words)
	}
	return strings.Join(said, "; ")
}

// Count says how many, with the words for one and for any other number.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// Age says a stretch of time in its largest unit.
func Age(t time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case t >= 2*day:
		return fmt.Sprintf("%d d", t/day)
	case t >= 2*time.Hour:
		return fmt.Sprintf("%d h", t/time.Hour)
	case t >= 2*time.Minute:
		return fmt.Sprintf("%d min", t/time.Minute)
	}
	return fmt.Sprintf("%d s", max(0, t/time.Second))
}

// statusFindings are what status itself finds.
func (d *Desk) statusFindings(s *Status) []Finding {
	return slices.Concat(d.nodeFindings(s), lineFindings(s, d.o.Clock()), recordFindings(s), BackupFindings(&s.Health.Backup, d.o.Clock()))
}

// verdict sums up: the gravest finding is the sentence.
func verdict(s *Status, findings []Finding) Verdict {
	if findings == nil {
		findings = []Finding{}
	}
	slices.SortStableFunc(findings, func(a, b Finding) int { return cmp.Compare(rank(a), rank(b)) })
	v := Verdict{OK: true, Said: "All is well: " + s.LinesSaid + ".", Findings: findings}
	if len(findings) > 0 {
		v.OK, v.Said, v.Mend = !findings[0].Grave, findings[0].Said, findings[0].Mend
	}
	return v
}

func rank(f Finding) int {
	if f.Grave {
		return 0
	}
	return 1
}

// nodeFindings looks at the node itself.
func (d *Desk) nodeFindings(s *Status) []Finding {
	var out []Finding
	if err := d.o.Intake.Writable(); err != nil {
		out = append(out, Finding{"writing", err.Error(), "nothing is published until that is mended; reading and exchanging go on", true})
	}
	for id, c := range d.o.Intake.Copies() {
		out = append(out, Finding{
			"copy", fmt.Sprintf("another copy of this node speaks for %s: %s passed on what this node never signed, of %s", id, c.Peer, c.Time),
			"find the other copy and stop it for good, then take its keys away: vardar member key rotate", true,
		})
	}
	store := &s.Health.Store
	switch {
	case store.Failed != "": // nothing is written, whatever the room
	case store.Paused:
		out = append(out, Finding{"disk", "the disk is full: nothing is written", "make room; writing goes on by itself", true})
	case store.ForeignPaused:
		out = append(out, Finding{"disk", fmt.Sprintf("%d MiB of the disk are free: nothing that others say is taken", store.FreeBytes>>20), fmt.Sprintf("make room: it is taken again above %d MiB", store.ForeignBelow>>20), false})
	}
	out = append(out, storeFindings(store, d.o.Clock())...)
	if s.Health.Mark.Error != "" {
		out = append(out, Finding{"mark", s.Health.Mark.Error, "put it back as it was; if that can't be, see that no copy of this node runs, then start it once with 'vardar run --resume', which opens the next epochs", true})
	}
	if s.Health.Log.Error != "" {
		out = append(out, Finding{"log", s.Health.Log.Error, "own consumers may miss records: they are held, and LOG can be made anew", false})
	}
	out = append(out, d.clockFindings()...)
	out = append(out, d.charterFindings()...)
	out = append(out, d.memberFindings()...)
	out = append(out, d.keyFindings()...)
	out = append(out, d.reissueFindings()...)
	out = append(out, d.quotaFindings()...)
	out = append(out, d.dutyFindings()...)
	for _, id := range s.Institutions {
		if _, ok := d.o.Trust.Current(protocol.Feed{Institution: id, Topic: protocol.Situation}); !ok {
			out = append(out, Finding{"writing", string(id) + " can't publish yet: no key record opens its feeds", "wait for its admission, or see 'vardar member show " + string(id) + "'", true})
		}
	}
	return out
}

// longCut is how long a line may be down before it is found worth a look: a router that
// starts anew takes a minute or two.
const longCut = 5 * time.Minute

// firstCall is how long the first call of a node that starts may take before its missing
// line is found worth a look: well under a second on loopback, some more on a bad line.
const firstCall = 10 * time.Second

// young reports whether a line has merely not come up yet.
func young(l *LinkState, now time.Time) bool {
	return l.Heard.IsZero() && l.Error == "" && now.Sub(l.Since) < firstCall
}

// firstLine is how long somebody who waits for a node to start waits for its first line, too: a
// call over a good line takes less, and a node without its peers is as useful.
const firstLine = 3 * time.Second

// Calls reports whether the node has only just started: it calls others, none of its lines is
// up, and the first call has neither come through nor failed.
func (s *Status) Calls() bool {
	calls := false
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Up {
			return false
		}
		calls = calls || l.Dials && !l.Paused && !l.Out && l.Error == "" && s.Time.Time().Sub(l.Since) < firstLine
	}
	return calls
}

func lineFindings(s *Status, now time.Time) []Finding {
	var out []Finding
	down := 0
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Clone {
			out = append(out, Finding{"copy", string(l.Peer) + ": " + l.Error, "two nodes with one key fork their feeds: see 'vardar link show " + string(l.Peer) + "'", l.Dials})
		}
		if !l.Up && !l.Paused && !l.Out && !l.Clone {
			if !young(l, now) {
				down++
			}
			if cut := now.Sub(l.Since); cut >= longCut || l.Error != "" {
				out = append(out, Finding{"line", strings.TrimSuffix(fmt.Sprintf("%s: no line for %s, records waiting: %d; %s", l.Peer, Age(cut), l.Waiting, l.Error), "; "), "see 'vardar link test " + string(l.Peer) + "'", false})
			}
		}
		if skew := (time.Duration(l.SkewMS) * time.Millisecond).Abs(); l.Up && skew >= MaxSkew {
			out = append(out, Finding{"clock", fmt.Sprintf("the clock of %s is %s off ours", l.Peer, Age(skew)), "one of the two is wrong: set it by NTP; beacons of a clock that is ahead are dropped", false})
		}
		if l.Proposed > 0 {
			out = append(out, Finding{"policy", fmt.Sprintf("policy %d with %s waits for a signature", l.Proposed, l.Peer), "see 'vardar link show " + string(l.Peer) + "'", false})
		}
	}
	if down > 0 && !slices.ContainsFunc(s.Lines, func(l LinkState) bool { return l.Up }) {
		out = append(out, Finding{"line", "no line at all: " + s.LinesSaid, "what is published here waits, and nothing is lost; see that the network is there", false})
	}
	return out
}

func recordFindings(s *Status) []Finding {
	var out []Finding
	for _, f := range s.Forks {
		own, mend := slices.Contains(s.Institutions, f.Institution), fmt.Sprintf("%s closes it by opening the next epoch", f.Closes)
		if own && f.Topic != protocol.Trust {
			mend = "see that no copy of this node runs; then start it once with 'vardar run --resume', which opens the next epoch, and say which record is the last that counts: 'vardar member key close --last RECORD'"
		}
		out = append(out, Finding{
			"fork", fmt.Sprintf("%s/%s epoch %d is forked at %d: %s stopped", f.Institution, f.Topic, f.Epoch, f.From, Count(f.Stopped, "record is", "records are")),
			mend, own,
		})
	}
	missing := 0
	for _, g := range s.Gaps {
		missing += int(g.To - g.From + 1)
	}
	if missing > 0 {
		out = append(out, Finding{"gap", Count(missing, "record that a beacon names is", "records that beacons name are") + " not here yet", "they are asked for by themselves; see 'vardar list gaps'", false})
	}
	if since, last := droppedWithin(s.Dropped); last != 0 && s.Time.Time().Sub(last.Time()) < DroppedLately {
		said := fmt.Sprintf("%s dropped since %s, the last %s ago", Count(s.Counts.Dropped, "record was", "records were"), since, Age(max(0, s.Time.Time().Sub(last.Time()))))
		out = append(out, Finding{"dropped", said, "see 'vardar list dropped' for whose and why", false})
	}
	return out
}

// DroppedLately is for how long something that was dropped is told among what is to be looked
// at; then it only stays on the list. A week has the weekday of everybody who looks after a node.
const DroppedLately = 7 * 24 * time.Hour

// droppedWithin gives when the first and the last were dropped; 0 if nothing was.
func droppedWithin(rows []DroppedRow) (first, last protocol.Instant) {
	for i := range rows {
		if r := &rows[i]; first == 0 || r.First < first {
			first = r.First
		}
		last = max(last, rows[i].Last)
	}
	return first, last
}

// droppedFine says that nothing was dropped of late.
func droppedFine(s *Status) string {
	if _, last := droppedWithin(s.Dropped); last != 0 {
		return fmt.Sprintf("nothing was dropped for %s", Age(s.Time.Time().Sub(last.Time())))
	}
	return fmt.Sprintf("nothing was dropped since %s", s.DroppedSince)
}

// forks gives the epochs that two records at one position stop.
func (d *Desk) forks(p *board.Picture) []ForkRow {
	rows := []ForkRow{}
	for e, n := range p.Stopped() {
		from, _ := d.o.Trust.Stops(e, d.o.Archive.Branches(e))
		row := ForkRow{Institution: e.Institution, Topic: e.Topic, Epoch: e.Epoch, From: from, Stopped: n, Closes: e.Institution}
		if registrar, ok := d.o.Trust.Charter().RegistrarOf(e.Institution); ok && e.Topic == protocol.Trust {
			row.Closes = registrar
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b ForkRow) int {
		return cmp.Or(cmp.Compare(a.Institution, b.Institution), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Epoch, b.Epoch))
	})
	return rows
}
