package store_test

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// step is one thing that a traced store asked of its file, or said.
type step struct {
	what string // "pwrite64", "ftruncate", "sync" as it began, "synced" as it returned, "named", "name synced", "said"
	at   int64  // where a write begins; the size that the file got
	data []byte // what was written or said
}

// call is a line of strace; a call that another thread's interrupted has a second one.
var (
	call    = regexp.MustCompile(`^(\d+) +(pwrite64|ftruncate|fdatasync|fsync|write|rename|renameat)\((\w+)(?:, "((?:\\x..)*)")?(?:, (\d+))?(?:, (\d+))?`)
	resumed = regexp.MustCompile(`^(\d+) +<\.\.\. (?:fdatasync|fsync) resumed>\) += 0$`)
)

// trace runs a child under strace until it ends by itself.
//
// A write counts from its beginning, since it may be on the disk before it returns, and so
// does a word; a sync holds what was written before it began, once it has returned.
func trace(t *testing.T, args ...string) []step {
	t.Helper()
	path := filepath.Join(t.TempDir(), "trace")
	cmd := spawn(t.Context(), args...)
	cmd.Args = []string{strace(t), "-f", "-qq", "-xx", "-s", "67108864", "-o", path, "-e", "trace=pwrite64,ftruncate,fdatasync,fsync,write,rename,renameat", cmd.Path}
	cmd.Path = cmd.Args[0]
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%.2000s", cmd.Args, err, out)
	}
	file, err := os.Open(path)
	must(t, err)
	defer file.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<28)
	var steps []step
	var ofFile string            // the store's descriptor, which is the only one written to in places
	syncing := map[string]bool{} // threads that sync it
	for lines.Scan() {
		if m := resumed.FindStringSubmatch(lines.Text()); m != nil && syncing[m[1]] {
			delete(syncing, m[1])
			steps = append(steps, step{what: "synced"})
		}
		m := call.FindStringSubmatch(lines.Text())
		if m == nil {
			continue
		}
		data, err := hex.DecodeString(strings.ReplaceAll(m[4], `\x`, ""))
		must(t, err)
		second, _ := strconv.ParseInt(m[5], 10, 64) // absent: not looked at
		third, _ := strconv.ParseInt(m[6], 10, 64)
		switch what, fd := m[2], m[3]; {
		case what == "pwrite64":
			ofFile = fd
			steps = append(steps, step{what: what, at: third, data: data})
		case strings.HasPrefix(what, "rename"):
			steps = append(steps, step{what: "named"})
		case what == "ftruncate":
			steps = append(steps, step{what: what, at: second})
		case what == "write" && fd == "1":
			steps = append(steps, step{what: "said", data: data})
		case what == "fsync" && fd != ofFile:
			steps = append(steps, step{what: "name synced"})
		case what != "write":
			steps = append(steps, step{what: "sync"})
			if strings.HasSuffix(lines.Text(), "= 0") {
				steps = append(steps, step{what: "synced"})
			} else {
				syncing[m[1]] = true
			}
		}
	}
	must(t, lines.Err())
	return steps
}

// sector is what a disk writes whole or not at all.
const sector = 512

// disk is a file whose newest writes nobody knows the fate of.
type disk struct {
	name    string // "": it is not there under its name; "named": it may be; "name synced": it is
	safe    []byte // what a sync has put there for good
	pending []step // what was asked for since
	begun   int    // how many of them were, when the sync began that has not returned
}

// take lets a step happen.
func (d *disk) take(s step) {
	switch s.what {
	case "pwrite64", "ftruncate":
		d.pending = append(d.pending, s)
	case "named":
		d.name = s.what
	case "name synced":
		if d.name != "" {
			d.name = s.what
		}
	case "sync":
		d.begun = len(d.pending)
	case "synced":
		for _, p := range d.pending[:d.begun] {
			d.safe = apply(d.safe, p)
		}
		d.pending, d.begun = d.pending[d.begun:], 0
	}
}

// apply does what a step asks for.
func apply(file []byte, s step) []byte {
	size := int(s.at)
	if s.what == "pwrite64" {
		size = max(len(file), size+len(s.data))
	}
	file = append(slices.Clip(file), make([]byte, max(0, size-len(file)))...)[:size]
	if s.what == "pwrite64" {
		copy(file[s.at:], s.data)
	}
	return file
}

// crash gives the file as a power cut may leave it, nil for none: what is pending was written
// or not, in any order, each sector by itself if the dice say so.
func (d *disk) crash(dice *rand.Rand) []byte {
	if d.name == "" || d.name == "named" && dice.IntN(2) == 0 {
		return nil
	}
	file := slices.Clone(d.safe)
	pending, fate := slices.Clone(d.pending), dice.IntN(4)
	if fate != 0 { // in the end it is the last of two writes to one place that stands, or the first
		dice.Shuffle(len(pending), func(i, j int) { pending[i], pending[j] = pending[j], pending[i] })
	}
	for _, s := range pending {
		switch {
		case fate == 0: // as a killed process leaves it
			file = apply(file, s)
		case fate == 1: // nothing of it
		case fate == 2 || s.what == "ftruncate":
			if dice.IntN(2) == 0 {
				file = apply(file, s)
			}
		default:
			for i := 0; i < len(s.data); i += sector {
				if dice.IntN(2) == 0 {
					file = apply(file, step{what: s.what, at: s.at + int64(i), data: s.data[i:min(i+sector, len(s.data))]})
				}
			}
		}
	}
	return file
}

// TestPowerCutLosesNothingAcknowledged replays what a store wrote, up to a place the dice
// choose, and lets the disk keep what it must and, of the rest, what it likes. That is more
// than a snapshot of a running file system shows, which has every write that has reached it,
// in order. VARDAR_IMAGES says how many such images are looked at.
func TestPowerCutLosesNothingAcknowledged(t *testing.T) {
	const seed = 5
	images := 40
	if n, err := strconv.Atoi(os.Getenv("VARDAR_IMAGES")); err == nil {
		images = n
	}
	steps := trace(t, "append", t.TempDir(), "60")
	dice := rand.New(rand.NewPCG(seed, seed))
	cuts := make([]int, images)
	for i := range cuts {
		cuts[i] = dice.IntN(len(steps) + 1)
		if i%4 == 0 { // the store is being made: first the file, then the buckets
			cuts[i] = dice.IntN([]int{5, 25}[i/4%2])
		}
	}
	slices.Sort(cuts)
	var d disk
	var acknowledged []protocol.Name
	done, torn := 0, 0
	for i, cut := range cuts {
		for ; done < cut; done++ {
			d.take(steps[done])
			if steps[done].what != "said" {
				continue
			}
			for line := range strings.Lines(string(steps[done].data)) {
				name, err := protocol.ParseName(strings.TrimSpace(line))
				must(t, err)
				acknowledged = append(acknowledged, name)
			}
		}
		if len(d.pending) > 0 {
			torn++
		}
		if err := holds(t, d.crash(dice), acknowledged); err != nil {
			t.Errorf("image %d of %d, cut off at step %d of %d, %d writes pending: %v", i, images, cut, len(steps), len(d.pending), err)
		}
	}
	t.Logf("%d images of %d steps, %d of them with writes pending, up to %d records acknowledged", images, len(steps), torn, len(acknowledged))
	if torn < images/3 || len(acknowledged) < 100 {
		t.Errorf("%d of %d images had writes pending, and %d records were acknowledged: the cuts are one-sided", torn, images, len(acknowledged))
	}
}

// holds opens a store over these bytes and wants it to hold these records, whole.
func holds(t *testing.T, file []byte, names []protocol.Name) (err error) {
	t.Helper()
	o := options(t.TempDir())
	o.Check = checkInChild
	if file != nil {
		must(t, os.WriteFile(filepath.Join(o.Dir, store.FileName), file, 0o600))
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, name := range names {
		if r, err := s.Get(name); err != nil || r.BodyState != protocol.BodyHeld {
			return fmt.Errorf("%s was acknowledged, and is %s: %w", name, r.BodyState, err)
		}
	}
	return nil
}
