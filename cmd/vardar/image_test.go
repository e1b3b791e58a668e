package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// campaign gives how many rounds a test does: few, or what a variable says.
func campaign(t *testing.T, variable string, few int) int {
	t.Helper()
	said := os.Getenv(variable)
	if said == "" {
		return few
	}
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		t.Fatalf("%s=%s: want a number of rounds", variable, said)
	}
	return n
}

// system runs a program of the system, and says what it said if it failed.
func system(t *testing.T, args ...string) error {
	t.Helper()
	out, err := exec.CommandContext(context.WithoutCancel(t.Context()), args[0], args[1:]...).CombinedOutput()
	if err != nil {
		t.Logf("%v: %s", args, out)
	}
	return err
}

// imagedDisk mounts an ext4 that lies as one file on an XFS, so that the file can be copied
// in an instant while the disk is written to: as it stands when the power goes.
func imagedDisk(t *testing.T) (dir string, snapshot func() (dir string)) {
	t.Helper()
	installed(t, "mkfs.xfs", "mkfs.ext4")
	base := folder(t)
	at := func(name string) string { return filepath.Join(base, name) }
	for _, name := range []string{"xfs", "disk", "copy"} {
		if err := os.Mkdir(at(name), 0o700); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = exec.CommandContext(context.WithoutCancel(t.Context()), "umount", "-l", at(name)).Run() }) // the last first, and all before the folder
	}
	image := at("xfs/image")
	for _, step := range [][]string{
		{"truncate", "-s", "4G", at("outer")},
		{"mkfs.xfs", "-q", "-m", "reflink=1", at("outer")},
		{"mount", "-o", "loop", at("outer"), at("xfs")},
		{"truncate", "-s", "512M", image},
		{"mkfs.ext4", "-q", "-F", image},
		{"mount", "-o", "loop", image, at("disk")},
	} {
		if err := system(t, step...); err != nil {
			t.Skipf("disks can't be made of files here: %v: %v (needs root and loop devices)", step, err)
		}
	}
	taken := 0
	return at("disk"), func() string {
		// A name for each: a loop device that still has the one before would show that again.
		last, next := at(fmt.Sprint("xfs/copy", taken)), at(fmt.Sprint("xfs/copy", taken+1))
		steps := [][]string{{"cp", "--reflink=always", image, next}, {"mount", "-o", "loop", next, at("copy")}}
		if taken++; taken > 1 {
			steps = append([][]string{{"umount", at("copy")}, {"rm", last}}, steps...)
		}
		for _, step := range steps {
			if err := system(t, step...); err != nil {
				t.Errorf("%v: %v", step, err)
				return ""
			}
		}
		return at("copy")
	}
}

// TestImageOfARunningNodesDiskHoldsWhatItAcknowledged copies the disk under a node that
// writes, and looks at each copy as one does after a power cut. VARDAR_IMAGES says how many.
func TestImageOfARunningNodesDiskHoldsWhatItAcknowledged(t *testing.T) {
	disk, snapshot := imagedDisk(t)
	home := filepath.Join(disk, "n")
	run(t, codeDone, "--dir", home, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, kill := start(t, home)
	images := campaign(t, "VARDAR_IMAGES", 4)
	dice := rand.New(rand.NewPCG(5, 5))
	const writers, each = 4, 5
	var acknowledged []api.Published
	for i := range images {
		told, done := make(chan api.Published), make(chan error)
		for range writers {
			go func() {
				var err error
				for range each {
					p, failed := c.Publish(t.Context(), note("x"))
					if err = failed; err != nil {
						break
					}
					told <- p
				}
				done <- err
			}()
		}
		copied := make(chan string, 1)
		var before []api.Published
		for left, at := writers, dice.IntN(writers*(each-1)); left > 0; {
			select {
			case n := <-told:
				if acknowledged = append(acknowledged, n); at == 0 {
					before = slices.Clone(acknowledged)
					go func() { copied <- snapshot() }()
				}
				at--
			case err := <-done:
				if left--; err != nil {
					t.Fatal(err)
				}
			}
		}
		after := filepath.Join(<-copied, "n")
		if t.Failed() {
			return
		}
		var v verified
		if err := json.Unmarshal([]byte(run(t, codeDone, "verify", after, "--output", "json")), &v); err != nil {
			t.Fatal(err)
		}
		held := map[string]protocol.Digest{}
		for _, f := range v.Findings {
			held[f.Name] = f.Digest
		}
		for _, p := range before {
			if got := held[p.Record.String()]; got != p.Digest {
				t.Errorf("image %d: %s was acknowledged as %s, and is %s", i, p.Record, p.Digest, got)
			}
		}
		if i%10 == 0 { // and it goes on from there
			copyOf, end := start(t, after)
			if _, err := copyOf.Publish(t.Context(), note("after")); err != nil {
				t.Errorf("image %d: %v", i, err)
			}
			copyOf.Close()
			end(os.Interrupt)
		}
	}
	t.Logf("%d images while %d records were acknowledged: none lacks one", images, len(acknowledged))
	kill(os.Interrupt)
}
