package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// launch starts a node and waits until it runs, or has ended; then c is nil and said is what
// it had to say.
func launch(t *testing.T, dir string, more ...string) (c *api.Client, stop func() string) {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "vardar", append([]string{"--dir", dir, "run", "--log", "error"}, more...)...)
	var complained bytes.Buffer
	cmd.Stderr = &complained
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Error(err)
		return nil, func() string { return "" }
	}
	said := bufio.NewReader(out)
	runs := false
	for line := ""; err == nil && !runs; {
		line, err = said.ReadString('\n')
		runs = strings.Contains(line, " runs and ")
	}
	end := sync.OnceValue(func() string {
		_ = cmd.Process.Signal(os.Interrupt)
		_, _ = io.Copy(io.Discard, said)
		_ = cmd.Wait()
		return fmt.Sprintf("exit code %d\n%s", cmd.ProcessState.ExitCode(), &complained)
	})
	t.Cleanup(func() { end() })
	if !runs {
		return nil, end
	}
	c = api.NewClient(filepath.Join(dir, node.SocketName))
	t.Cleanup(c.Close)
	return c, end
}

// damaged is a town that was stopped, its backup, and all that verify finds in its folder.
type damaged struct {
	home, backup, sheet string
	capital, address    string   // of a peer that has it all, and is stopped too
	files               []string // relative to home
	held                map[string]protocol.Digest
}

// newDamaged makes a network of two; the town publishes some of everything, and stops.
func newDamaged(t *testing.T) (d damaged) {
	t.Helper()
	base := folder(t)
	at := func(name string) string { return filepath.Join(base, name) }
	d.home, d.sheet, d.capital, d.address = at("t"), at("sheet"), at("c"), freeAddress(t)
	run(t, codeDone, "--dir", d.capital, "init", "mk.national.crisis-centre", "--network", "test", "--registrar", "mk.", "--level", "ministry")
	_, stop := launch(t, d.capital, "--listen", d.address)
	line := run(t, codeDone, "--dir", d.capital, "member", "invite", string(town), "--level", "municipality", "--output", "json")
	var invitation struct{ Invitation string }
	if err := json.Unmarshal([]byte(line), &invitation); err != nil || invitation.Invitation == "" {
		t.Fatalf("%v: %s", err, line)
	}
	if err := os.WriteFile(at("invitation"), []byte(invitation.Invitation), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, codeDone, "--dir", d.home, "join", at("invitation"), "--yes", "--recovery-sheet", d.sheet)
	c, end := launch(t, d.home)
	for i := range 12 {
		if _, err := c.Publish(t.Context(), note(strings.Repeat("x", 1+i*300))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(at("backups"), 0o700); err != nil {
		t.Fatal(err)
	}
	run(t, codeDone, "--dir", d.home, "backup", "create", "--to", at("backups"))
	for range 3 { // which the backup lacks, and the capital has
		run(t, codeDone, "--dir", d.home, "publish", "report", "--set", "summary=late", "--set", "place=MK-405", "--set", "period=2015-11-05", "--wait", "1")
	}
	end()
	stop()
	found, err := filepath.Glob(filepath.Join(at("backups"), "*", "*.backup"))
	if more, _ := filepath.Glob(filepath.Join(at("backups"), "*.backup")); err != nil || len(found)+len(more) != 1 {
		t.Fatalf("backups %v %v", found, more)
	} else {
		d.backup = append(found, more...)[0]
	}
	d.held = verifies(t, d.home)
	err = filepath.WalkDir(d.home, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			path, err = filepath.Rel(d.home, path)
			d.files = append(d.files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// verifies gives the records that a stopped node holds, all of which hold; nil if one does not.
func verifies(t *testing.T, home string) map[string]protocol.Digest {
	out, err := exec.CommandContext(t.Context(), "vardar", "verify", home, "--output", "json").Output()
	var v verified
	if err != nil || json.Unmarshal(out, &v) != nil {
		return nil
	}
	held := map[string]protocol.Digest{}
	for _, f := range v.Findings {
		held[f.Name] = f.Digest
	}
	return held
}

// harm does one random thing to a file, of which it says what it was.
func harm(dice *rand.Rand, whole []byte) (after []byte, what string) {
	const page = 16 << 10
	at := dice.IntN(len(whole))
	for dice.IntN(4) > 0 && whole[at] == 0 { // mostly where there is something
		at = dice.IntN(len(whole))
	}
	after = bytes.Clone(whole)
	switch dice.IntN(3) {
	case 0:
		after[at] ^= 1 << dice.IntN(8)
		return after, fmt.Sprintf("a bit of byte %d flipped", at)
	case 1:
		return after[:at], fmt.Sprintf("cut off at %d of %d", at, len(whole))
	default:
		from := at / page * page
		clear(after[from:min(from+page, len(after))])
		return after, fmt.Sprintf("page zeroed from %d", from)
	}
}

// TestDamageIsNoticedOrHarmless harms one file of a town's folder, or its backup, at a time.
// The node then says what is wrong, or has everything it had and goes on where it was.
// VARDAR_DAMAGES says how many times.
func TestDamageIsNoticedOrHarmless(t *testing.T) {
	d := newDamaged(t)
	if len(d.held) < 30 {
		t.Fatalf("%d records held whole", len(d.held))
	}
	if unharmed, err := d.copyTo(folder(t)); err != nil {
		t.Fatal(err)
	} else if outcome := d.outcome(t, unharmed); outcome != "harmless" {
		t.Fatalf("a copy without damage: %s", outcome)
	}
	rounds := campaign(t, "VARDAR_DAMAGES", 16)
	var mu sync.Mutex // guards tally
	tally := map[string]int{}
	var wait sync.WaitGroup
	limit := make(chan struct{}, 4)
	for i := range rounds {
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			file, what, outcome := d.round(t, uint64(i)) //nolint:gosec // counted
			mu.Lock()
			defer mu.Unlock()
			if outcome != "noticed" && outcome != "harmless" {
				t.Errorf("damage %d, %s, %s: %s", i, file, what, outcome)
				outcome = "neither"
			}
			tally[outcome]++
		})
	}
	wait.Wait()
	t.Logf("%d damages: %v", rounds, tally)
	d.comesHome(t)
	if tally["noticed"] < rounds/4 || tally["harmless"] == 0 {
		t.Error("the damage is one-sided")
	}
}

// round harms a copy and says what came of it: noticed, harmless, or what went wrong.
func (d *damaged) round(t *testing.T, seed uint64) (file, what, outcome string) {
	dice := rand.New(rand.NewPCG(seed, 5))
	work := folder(t)
	defer os.RemoveAll(work) //nolint:errcheck // a cleanup follows
	home, err := d.copyTo(work)
	if err != nil {
		return "", "", err.Error()
	}
	file = filepath.Join(home, d.files[dice.IntN(len(d.files))])
	switch dice.IntN(5) {
	case 0, 1:
		file = filepath.Join(home, "store.bbolt")
	case 2:
		return d.roundOfBackup(t, dice, work)
	}
	whole, err := os.ReadFile(file)
	if err != nil || len(whole) == 0 {
		return file, "nothing", "noticed"
	}
	after, what := harm(dice, whole)
	if bytes.Equal(whole, after) {
		return file, what, "harmless"
	}
	if err := os.WriteFile(file, after, 0o600); err != nil {
		return file, what, err.Error()
	}
	name, _ := filepath.Rel(home, file)
	outcome = d.outcome(t, home)
	if now, err := os.ReadFile(file); outcome != "harmless" || err == nil && bytes.Equal(now, whole) {
		return name, what, outcome
	}
	switch {
	case strings.HasSuffix(name, ".recovery.age"): // sealed anew
		if out, err := exec.CommandContext(t.Context(), "vardar", "--dir", home, "member", "key", "recover", "--identity", d.sheet).CombinedOutput(); err != nil {
			outcome = string(out)
		}
	case strings.HasSuffix(name, ".trust"): // given what it lacks with the next trust record
		_, stop := launch(t, home)
		out, err := exec.CommandContext(t.Context(), "vardar", "--dir", home, "member", "key", "rotate", "node", "--yes").CombinedOutput()
		stop()
		if now, failed := os.ReadFile(file); err != nil || failed != nil || !bytes.HasPrefix(now, whole) {
			outcome = fmt.Sprintf("not mended by a trust record: %v, %v: %s", err, failed, out)
		}
	case name == filepath.Join("keys", "mark"): // written anew by what was published
	case strings.HasPrefix(name, "keys"), strings.HasPrefix(name, "identity"):
		outcome = "neither noticed nor mended"
	}
	return name, what, outcome
}

// copyTo copies the node's folder, for the owner alone as it was.
func (d *damaged) copyTo(work string) (home string, err error) {
	home = filepath.Join(work, "n")
	if err := os.CopyFS(home, os.DirFS(d.home)); err != nil {
		return "", err
	}
	return home, filepath.WalkDir(home, func(path string, e fs.DirEntry, err error) error {
		mode := fs.FileMode(0o600)
		if err == nil && e.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(path, mode))
	})
}

func (d *damaged) roundOfBackup(t *testing.T, dice *rand.Rand, work string) (file, what, outcome string) {
	whole, err := os.ReadFile(d.backup)
	if err != nil {
		return d.backup, "", err.Error()
	}
	after, what := harm(dice, whole)
	file = filepath.Join(work, filepath.Base(d.backup))
	if err = os.WriteFile(file, after, 0o600); err != nil {
		return file, what, err.Error()
	}
	out, err := exec.CommandContext(t.Context(), "vardar", "backup", "check", file, "--identity", d.sheet).CombinedOutput()
	if err == nil {
		return file, what, "not noticed: " + string(out)
	}
	return file, what, judged(string(out))
}

// judged wants a word of what is wrong and a way out, and no crash.
func judged(said string) string {
	if strings.Contains(said, "goroutine ") || strings.Contains(said, "panic") || !strings.Contains(said, "try: ") {
		return said
	}
	return "noticed"
}

// outcome runs the node of a harmed folder.
func (d *damaged) outcome(t *testing.T, home string) string {
	c, stop := launch(t, home)
	if c == nil {
		return judged(stop())
	}
	var problem *api.Problem
	p, err := c.Publish(t.Context(), note("after"))
	if errors.As(err, &problem) && problem.Detail != "" && (problem.Mend != "" || problem.Next != "") {
		return "noticed" // it reads, and says why it does not write
	} else if err != nil {
		return err.Error()
	}
	g, err := c.Doctor(t.Context())
	if err != nil {
		return err.Error()
	}
	for _, check := range g.Checks {
		if !check.OK && slices.Contains([]string{"keys", "carrier", "store", "mark", "charter"}, check.Name) {
			return "noticed"
		}
	}
	if said := stop(); !strings.HasPrefix(said, "exit code 0\n") {
		return said
	}
	held := verifies(t, home)
	for name, digest := range d.held {
		if held[name] != digest {
			return fmt.Sprintf("%s is held otherwise, and nobody says so", name)
		}
	}
	if n := p.Record.Sequence; n != 16 {
		return fmt.Sprintf("it went on at %s", p.Record)
	}
	return "harmless"
}

// eventually asks ten times a second whether something holds.
func eventually(t *testing.T, what string, holds func() error) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var err error
	for end := time.After(time.Minute); ; {
		if err = holds(); err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%s: not within a minute: %v", what, err)
		}
	}
}

// comesHome puts the backup in the place of a store that can't be opened any more: what was
// written after it comes from the peer.
func (d *damaged) comesHome(t *testing.T) {
	_, stop := launch(t, d.capital, "--listen", d.address)
	defer stop()
	home := filepath.Join(folder(t), "n")
	said := run(t, codeDone, "--dir", home, "backup", "restore", d.backup, "--carrier", filepath.Join(d.home, "identity"), "--identity", d.sheet)
	told := regexp.MustCompile(`link propose (\S+) --key ([0-9a-f]{64})`).FindStringSubmatch(said)
	if told == nil {
		t.Fatalf("what the peer must be told is not said:\n%s", said)
	}
	run(t, codeDone, "--dir", d.capital, "link", "propose", told[1], "--key", told[2])
	c, end := launch(t, home)
	if c == nil {
		t.Fatal(end())
	}
	defer end()
	for name, digest := range d.held {
		n, err := protocol.ParseName(name)
		if err != nil {
			continue // a charter
		}
		eventually(t, name+" comes home", func() error {
			_, err := c.Record(t.Context(), n, digest)
			return err
		})
	}
}
