package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestClockIsWrongOnlyByTheWordOfSeveral(t *testing.T) {
	const day, years = 24 * time.Hour, 5 * 365 * 24 * time.Hour
	now := time.Date(2026, 11, 28, 14, 0, 0, 0, time.UTC)
	line := func(id protocol.InstitutionID, ahead time.Duration, hosts ...protocol.InstitutionID) link.Clock {
		return link.Clock{Peer: id, Hosts: hosts, Ahead: ahead}
	}
	told := func(id protocol.InstitutionID, ahead, age time.Duration) intake.Told {
		return intake.Told{Institution: id, Ahead: ahead, Age: age}
	}
	for _, tt := range []struct {
		name  string
		lines []link.Clock
		told  []intake.Told
		want  string
	}{
		{"nobody is heard", nil, nil, ""},
		{"a lone peer is years ahead", []link.Clock{line(centre, years)}, nil, ""},
		{"a lone peer's node speaks for two", []link.Clock{line(centre, years, centre, gate)}, []intake.Told{told(gate, years, -time.Hour), told(centre, years, -time.Hour)}, ""},
		{
			"two lines say it is five years behind",
			[]link.Clock{line(centre, years), line(gate, years+time.Hour)},
			nil,
			"this node's clock says 2026-11-28 14:00 UTC, 1825 d behind of " + string(centre) + ", whose clock says 2031-11-27 14:00; " + string(gate) + ", whose clock says 2031-11-27 15:00",
		},
		{
			"beacons over one line say it is behind",
			[]link.Clock{line(centre, years)},
			[]intake.Told{told(gate, years, -time.Hour), told(river, years-3*day, -time.Hour)},
			"this node's clock says 2026-11-28 14:00 UTC, 1822 d behind of " + string(centre) + ", whose clock says 2031-11-27 14:00; " + string(gate) + ", whose beacon is of 2031-11-27 14:00, and 1 more",
		},
		{
			"beacons of before the clock fell back", nil,
			[]intake.Told{told(gate, years, 0), told(river, years, 0)},
			"this node's clock says 2026-11-28 14:00 UTC, 1825 d behind of " + string(gate) + ", whose beacon is of 2031-11-27 14:00; " + string(river) + ", whose beacon is of 2031-11-27 14:00",
		},
		{
			"two lines say it is ahead",
			[]link.Clock{line(centre, -years), line(gate, -years)},
			nil,
			"this node's clock says 2026-11-28 14:00 UTC, 1825 d ahead of " + string(centre) + ", whose clock says 2021-11-29 14:00; " + string(gate) + ", whose clock says 2021-11-29 14:00",
		},
		{
			"a line and a fresh beacon say it is ahead",
			[]link.Clock{line(centre, -years)},
			[]intake.Told{told(gate, -years-time.Hour, years)},
			"this node's clock says 2026-11-28 14:00 UTC, 1825 d ahead of " + string(centre) + ", whose clock says 2021-11-29 14:00; " + string(gate) + ", whose beacon is of 2021-11-29 13:00",
		},
		{"cut off for three days, and the one peer is three days behind", []link.Clock{line(centre, -3*day)}, []intake.Told{told(gate, -3*day, 0), told(river, -3*day, time.Minute)}, ""},
		{"old beacons of those who left", nil, []intake.Told{told(gate, -years, 2*day), told(river, -years, 3*day)}, ""},
		{"old beacons, and a peer that is behind elsewhere", []link.Clock{line(centre, -2*years)}, []intake.Told{told(gate, -years, 2*day), told(river, -years, 3*day)}, ""},
		{"as many bear it out", []link.Clock{line(centre, years), line(gate, years)}, []intake.Told{told(river, -time.Hour, 0), told(secretary, 0, 0)}, ""},
		{
			"one bears it out, and two do not",
			[]link.Clock{line(centre, years), line(gate, years), line(river, 0)},
			nil,
			"this node's clock says 2026-11-28 14:00 UTC, 1825 d behind of " + string(centre) + ", whose clock says 2031-11-27 14:00; " + string(gate) + ", whose clock says 2031-11-27 14:00",
		},
		{
			"two whose clock says otherwise may be hosted by one node: a peer bears it out",
			[]link.Clock{line(centre, 0)},
			[]intake.Told{told(gate, years, -time.Hour), told(river, years, -time.Hour)},
			"",
		},
		{"they contradict each other", []link.Clock{line(centre, years), line(gate, -years)}, nil, ""},
		{"hours off", []link.Clock{line(centre, 23*time.Hour), line(gate, 23*time.Hour)}, nil, ""},
	} {
		if got := desk.Contradicted(now, tt.lines, tt.told); got != tt.want {
			t.Errorf("%s:\n%q, want\n%q", tt.name, got, tt.want)
		}
	}
}

// A machine without a battery begins in 1970. Alone, or with one peer, it writes; as soon as
// two others tell another hour it does not, until its clock is set, or somebody says that it
// is right.
func TestNothingIsDatedByAClockThatTwoContradict(t *testing.T) {
	const abroad protocol.InstitutionID = "al.national.demo-ministry"
	n := found(t, centre, abroad, secretary)
	n.apart = map[protocol.InstitutionID]*clock{secretary: {now: time.Date(1970, 1, 1, 0, 3, 0, 0, time.UTC)}}
	w := n.open(t, secretary, body.RegionalBody, false)
	peers := []*world{n.open(t, centre, body.Ministry, true), n.open(t, abroad, body.Ministry, true)}
	for _, p := range append(peers, w) {
		p.run()
	}
	report := desk.Request{Kind: "note", Set: []string{"text=quiet"}}
	w.publish(report)
	dial := func(p *world) {
		t.Helper()
		ok(t, p.links.Configure(t.Context(), link.Config{Peer: secretary, Key: w.options.LinkKey}))
		must(w.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: p.id, Address: p.bus.Addr(), Key: p.options.LinkKey}))(t)
	}
	lines := func(want int) {
		t.Helper()
		for len(w.links.Clocks()) != want {
			select {
			case <-time.After(10 * time.Millisecond):
			case <-t.Context().Done():
				t.Fatalf("still not %d lines", want)
			}
		}
	}
	dial(peers[0])
	lines(1)
	first := w.publish(report)
	dial(peers[1])
	lines(2)
	const says = "this node's clock says 1970-01-01 00:03 UTC, 16742 d behind of " + string(abroad) + ", whose clock says 2015-11-03 09:00; " + string(centre) + ", whose clock says 2015-11-03 09:00"
	_, err := w.desk.Publish(t.Context(), report)
	refused(t, err, desk.Refused, "time: "+says+": set the clock of this machine ('timedatectl'")
	if !strings.Contains(err.Error(), "--my-clock-is-right") {
		t.Errorf("nothing says how to write all the same: %v", err)
	}
	s := must(w.desk.Status(t.Context()))(t)
	if s.Verdict.OK || s.Verdict.Said != says+": nothing is published by it" {
		t.Errorf("verdict = %+v", s.Verdict)
	}
	// What is for ever is written.
	must(w.desk.Erase(t.Context(), desk.EraseRequest{Record: first.Record.String(), Reason: "said too much"}))(t)
	anyway := report
	anyway.Clock = true
	if p := w.publish(anyway); len(p.Warnings) != 1 || p.Warnings[0] != says+": dated by it all the same" {
		t.Errorf("warnings = %q", p.Warnings)
	}
	// Set, it dates again. A test's clock has no hand that goes on alone: the lines say hello anew.
	w.clock.pass(n.clock.Now().Sub(w.clock.Now()))
	for _, p := range peers {
		ok(t, w.links.Pause(t.Context(), p.id))
	}
	lines(0)
	for _, p := range peers {
		ok(t, w.links.Resume(t.Context(), p.id))
	}
	lines(2)
	w.publish(report)
}
