package federation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// fileOf writes a short file of other days: cell gives the text of a cell by day and
// column, both from 0.
func fileOf(t *testing.T, days int, cell func(day, column int) string) string {
	t.Helper()
	text := head
	for i := range days {
		row := []string{time.Date(2019, time.May, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)}
		for c := range 9 {
			row = append(row, cell(i, c))
		}
		text += strings.Join(row, ",") + "\n"
	}
	path := filepath.Join(t.TempDir(), "arrivals.csv")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func usual(day, column int) string {
	if day == 1 && column == 4 {
		return "N/A"
	}
	return fmt.Sprint(100*column + day)
}

func play(t *testing.T, o federation.DemoOptions) (federation.DemoReport, string) {
	t.Helper()
	var out bytes.Buffer
	o.Out = &out
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // a bound on hanging
	defer cancel()
	report, err := federation.Demo(ctx, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	return report, out.String()
}

func TestFileOfOtherDaysIsReplayedAndProved(t *testing.T) {
	t.Parallel()
	const days = 6
	report, told := play(t, federation.DemoOptions{Arrivals: fileOf(t, days, usual)})
	if !report.OK {
		t.Fatalf("not proved: %v\n%s", report.Problems, told)
	}
	if report.Story != "all" || len(report.Nodes) != 13 || len(report.Columns) != 9 || report.Dropped != 2 {
		t.Errorf("report is %+v", report)
	}
	for i, c := range report.Columns {
		want, reported := int64(0), 0
		for d := range days {
			if usual(d, i) != "N/A" {
				want, reported = want+int64(100*i+d), reported+1
			}
		}
		if c.Total == nil || *c.Total != want || c.ReportedDays != reported || c.NotReportedDays != days-reported {
			t.Errorf("%s: %s, want %d on %d days", c.Name, c, want, reported)
		}
	}
	if report.Cut.Waited < 1 || report.Cut.Institution != federation.SouthGate {
		t.Errorf("cut is %+v", report.Cut)
	}
	proveShape(t, report)
}

// proveShape wants the lines of the demonstration to be no star: nobody has a line to all,
// there are two ways to most, and one node is reached over one other alone.
func proveShape(t *testing.T, report federation.DemoReport) {
	t.Helper()
	others := len(report.Nodes) - 1
	alone, twoWays := 0, 0
	for _, n := range report.Nodes {
		peers, over := 0, 0
		for _, l := range report.Links {
			if l.From == n.Institution || l.To == n.Institution {
				peers++
				if reaches(report, n.Institution, federation.Coordinator, l) {
					over++
				}
			}
		}
		switch peers {
		case others:
			t.Errorf("%s has a line to everybody: the network is a star", n.Institution)
		case 1:
			alone++
		}
		if n.Institution != federation.Coordinator && over == peers && peers > 1 {
			twoWays++
		}
	}
	if alone == 0 || twoWays <= others/2 {
		t.Errorf("of %d nodes %d are reached over one other alone, and %d in two ways: want one, and most", others, alone, twoWays)
	}
}

// reaches reports whether there is a way between two nodes without one line.
func reaches(report federation.DemoReport, from, to protocol.InstitutionID, without federation.DemoLink) bool {
	held := map[protocol.InstitutionID]bool{from: true}
	for grown := true; grown; {
		grown = false
		for _, l := range report.Links {
			if l != without && held[l.From] != held[l.To] {
				held[l.From], held[l.To], grown = true, true, true
			}
		}
	}
	return held[to]
}

func TestOneCellChangesOneTotal(t *testing.T) {
	t.Parallel()
	changed := func(day, column int) string {
		if day == 2 && column == 6 {
			return "9999"
		}
		return usual(day, column)
	}
	before, _ := play(t, federation.DemoOptions{Arrivals: fileOf(t, 4, usual)})
	after, _ := play(t, federation.DemoOptions{Arrivals: fileOf(t, 4, changed)})
	for i := range before.Columns {
		got := *after.Columns[i].Total - *before.Columns[i].Total
		want := int64(0)
		if i == 6 {
			want = 9999 - 602
		}
		if got != want {
			t.Errorf("%s changed by %d, want %d", before.Columns[i].Name, got, want)
		}
	}
}

func TestColumnNobodyReportedHasNoTotal(t *testing.T) {
	t.Parallel()
	silent := func(day, column int) string {
		if column == 6 {
			return "N/A"
		}
		return usual(day, column)
	}
	report, _ := play(t, federation.DemoOptions{Arrivals: fileOf(t, 3, silent)})
	c := report.Columns[6]
	if !report.OK || c.Total != nil || c.ReportedDays != 0 || c.NotReportedDays != 3 {
		t.Errorf("ok %t, column is %+v, want no total and 3 days not reported", report.OK, c)
	}
}

func TestOneByteFlippedInOneStoreFailsTheProof(t *testing.T) {
	t.Parallel()
	flipped := false
	report, told := play(t, federation.DemoOptions{
		Arrivals: fileOf(t, 3, usual),
		Closed: func(dirs map[protocol.InstitutionID]string) {
			flipped = flip(t, dirs[federation.ReliefFund])
		},
	})
	if !flipped {
		t.Fatal("no byte was found that a record is made of")
	}
	if report.OK || len(report.Problems) == 0 {
		t.Error("a byte was flipped and the report says ok")
	}
	if !strings.Contains(told, "NOT PROVED") || !strings.Contains(strings.Join(report.Problems, "\n"), string(federation.ReliefFund)) {
		t.Errorf("the report does not say which store: %v", report.Problems)
	}
}

// flip changes one byte of the store that a held record is made of: pages that bbolt has
// left hold older copies, which nobody reads.
func flip(t *testing.T, dir string) bool {
	t.Helper()
	path := filepath.Join(dir, "store.bbolt")
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := bytes.Index(file, []byte("REPLAY")); at >= 0; {
		damaged := slices.Clone(file)
		damaged[at] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		found, err := node.Inspect(t.Context(), node.Options{Dir: dir}, time.Now())
		if err != nil || found.First != nil {
			return true
		}
		next := bytes.Index(file[at+1:], []byte("REPLAY"))
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return false
}

func TestKeptFolderIsNotWrittenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "something"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := federation.Demo(t.Context(), federation.DemoOptions{Keep: dir, Out: &bytes.Buffer{}})
	if !errors.Is(err, federation.ErrKept) {
		t.Errorf("error is %v, want ErrKept", err)
	}
}

func TestStoryThatTheFileDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	path := fileOf(t, 3, usual)
	for _, story := range []string{"november", "no-such-story"} {
		_, err := federation.Demo(t.Context(), federation.DemoOptions{Story: story, Arrivals: path, Out: &bytes.Buffer{}})
		if !errors.Is(err, federation.ErrStory) {
			t.Errorf("%s: error is %v, want ErrStory", story, err)
		}
	}
}

func TestKeptNodesAreThereToBeRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	report, _ := play(t, federation.DemoOptions{Arrivals: fileOf(t, 2, usual), Keep: dir})
	listens := addresses(t, dir)
	for _, n := range report.Nodes {
		at := filepath.Join(dir, string(n.Institution))
		if listens[n.Institution] == "" {
			t.Errorf("nothing says how to run %s", n.Institution)
		}
		found, err := node.Inspect(t.Context(), node.Options{Dir: at}, time.Now())
		if err != nil || found.Held != n.Held {
			t.Errorf("%s holds %d, want %d: %v", n.Institution, found.Held, n.Held, err)
		}
	}
	leadsTo(t, dir, listens)
}

// TestInterruptedReplayLeavesNodesThatCanBeRun: what was told until then is kept, and the
// folder is not written into again.
func TestInterruptedReplayLeavesNodesThatCanBeRun(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	out := &stopAt{word: "LINE CUT", stop: interrupt}
	o := federation.DemoOptions{Arrivals: fileOf(t, 9, usual), Keep: dir, Out: out}
	if _, err := federation.Demo(ctx, o); !errors.Is(err, context.Canceled) {
		t.Fatalf("error is %v, want that it was interrupted\n%s", err, out.told.String())
	}
	leadsTo(t, dir, addresses(t, dir))
	found, err := node.Inspect(t.Context(), node.Options{Dir: filepath.Join(dir, string(federation.Coordinator))}, time.Now())
	if err != nil || found.Held == 0 || found.Verified != found.Held {
		t.Errorf("of %d records %d are verified: %v", found.Held, found.Verified, err)
	}
	if _, err := federation.Demo(t.Context(), o); !errors.Is(err, federation.ErrKept) {
		t.Errorf("a second replay in the folder: %v, want ErrKept", err)
	}
}

// stopAt calls stop once a word is told.
type stopAt struct {
	word string
	stop func()
	told bytes.Buffer
}

func (s *stopAt) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte(s.word)) {
		s.stop()
	}
	return s.told.Write(p)
}

// addresses reads in a kept folder where each node is to listen.
func addresses(t *testing.T, dir string) map[protocol.InstitutionID]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "README.txt"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[protocol.InstitutionID]string{}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "vardar run --dir "+dir+string(filepath.Separator)); ok {
			id, at, _ := strings.Cut(strings.TrimSpace(rest), " --listen ")
			out[protocol.InstitutionID(id)] = at
		}
	}
	return out
}

// leadsTo wants the lines of the town that is kept in dir to lead to where its peers are
// to listen, and no longer to the wires of the demonstration.
func leadsTo(t *testing.T, dir string, listens map[protocol.InstitutionID]string) {
	t.Helper()
	n, err := node.Open(t.Context(), node.Options{Dir: filepath.Join(dir, string(federation.SouthGate))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	<-n.Ready()
	dials := 0
	for _, l := range n.Lines() {
		if !l.Dials {
			continue
		}
		dials++
		if want := listens[l.Peer]; len(l.Addresses) != 1 || l.Addresses[0] != want {
			t.Errorf("the line to %s leads to %v, want %s", l.Peer, l.Addresses, want)
		}
	}
	stop()
	if err := errors.Join(<-done, n.Close()); err != nil || dials == 0 {
		t.Errorf("%d lines are dialled: %v", dials, err)
	}
}
