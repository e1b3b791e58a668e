package site_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol/body"
)

// childEnv makes the test binary a process that notes movements in the book of a folder until
// it is killed.
const childEnv = "VARDAR_SITE_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := noteAndTell(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// noteAndTell notes movements of two kinds of goods as several people, and prints the number of
// each once it is acknowledged.
func noteAndTell(dir string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Options{Dir: dir, Clock: hour})
	if err != nil {
		return err
	}
	r, err := site.Open(ctx, site.Options{Kept: s.Private("site"), Clock: hour})
	if err != nil {
		return err
	}
	if _, err = r.Set(ctx, site.Site{Institution: gate, Place: camp(), Name: "Reception camp"}); err != nil {
		return err
	}
	var wg sync.WaitGroup
	failed := make(chan error, 4)
	for range cap(failed) {
		wg.Go(func() {
			for {
				m := deliver(site.In, "blanket", 3)
				m.Lines = append(m.Lines, site.Line{Type: "tent", Quantity: 1})
				noted, err := r.Move(ctx, m)
				if err != nil {
					failed <- err
					return
				}
				fmt.Println(noted.Number)
			}
		})
	}
	wg.Wait()
	return <-failed
}

// TestNothingNotedIsLostWhenTheProcessIsKilled: a process is killed again and again between its
// notes; whatever it was told is noted is found again, whole, and so is the sum.
func TestNothingNotedIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir, dice := t.TempDir(), rand.New(rand.NewPCG(3, 4))
	told := map[string]bool{}
	for range 6 {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env, cmd.Stderr = append(os.Environ(), childEnv+"="+dir), os.Stderr
		out := must(cmd.StdoutPipe())(t)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(out)
		for range 1 + dice.IntN(60) {
			told[strings.TrimSpace(must(lines.ReadString('\n'))(t))] = true
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		rest, _ := io.ReadAll(lines) // what it was told before it died counts too, whole lines
		for line := range strings.Lines(string(rest)) {
			if number, whole := strings.CutSuffix(line, "\n"); whole {
				told[number] = true
			}
		}
		_ = cmd.Wait()
		b := open(t, dir)
		found := map[string]bool{}
		for _, m := range must(b.Movements(t.Context(), gate, body.PlaceKey{}, 1<<20))(t) {
			found[fmt.Sprint(m.Number)] = true
			if len(m.Lines) != 2 {
				t.Errorf("movement %d is not whole: %+v", m.Number, m.Lines)
			}
		}
		for number := range told {
			if !found[number] {
				t.Errorf("movement %s was noted, and is lost", number)
			}
		}
		if left := b.Goods(gate, camp()); len(left) != 2 || int(left[0].Quantity) != 3*len(found) || int(left[1].Quantity) != len(found) {
			t.Errorf("%d movements make %+v", len(found), left)
		}
		if err := b.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d movements noted, none lost", len(told))
}

// TestSiteThatIsTakenAwayKeepsItsLog: only one at which nobody and nothing is; noted again it is
// there again, and behind a restart all is as it was.
func TestSiteThatIsTakenAwayKeepsItsLog(t *testing.T) {
	b := two(t)
	refused := func(want string) {
		t.Helper()
		if _, err := b.Remove(t.Context(), gate, camp()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Remove() = %v, want %q", err, want)
		}
	}
	must(b.CountPeople(t.Context(), gate, camp(), 7, "ana"))(t)
	must(b.Move(t.Context(), deliver(site.In, "blanket", 50)))(t)
	refused("7 people were there")
	must(b.CountPeople(t.Context(), gate, camp(), 0, "ana"))(t)
	refused("goods are noted there still")
	must(b.Move(t.Context(), deliver(site.Out, "blanket", 50)))(t)
	must(b.Remove(t.Context(), gate, camp()))(t)
	refused(site.ErrNone.Error())
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, b.dir)
	if all := b.Sites(gate); len(all) != 1 || all[0].Place != hall() {
		t.Errorf("sites are %+v, want the hall alone", all)
	}
	if log := must(b.Movements(t.Context(), gate, camp(), 10))(t); len(log) != 2 {
		t.Errorf("the log has %d movements, want 2", len(log))
	}
	if _, err := b.Move(t.Context(), deliver(site.In, "blanket", 1)); err == nil {
		t.Error("goods came to a site that was taken away")
	}
	must(b.Set(t.Context(), site.Site{Institution: gate, Place: camp(), Name: "Camp"}))(t)
	if m := must(b.Move(t.Context(), deliver(site.In, "blanket", 1)))(t); m.Number != 3 {
		t.Errorf("the next movement is %d, want 3", m.Number)
	}
}
