package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// childEnv makes the test binary a child process: "check FILE", "append DIR" and so on.
const childEnv = "VARDAR_STORE_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		if err := child(strings.Fields(what)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(args []string) error {
	switch args[0] {
	case "check":
		return store.CheckFile(args[1])
	case "append":
		return appendAndTell(args[1:])
	case "sync":
		writers, err := strconv.Atoi(args[2])
		return errors.Join(err, appendAndMark(args[1], writers))
	}
	return fmt.Errorf("no such child: %s", args[0])
}

// spawn prepares this test binary as a child.
func spawn(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join(args, " "))
	return cmd
}

// checkInChild is what a node hands in as Options.Check.
func checkInChild(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	out, err := spawn(ctx, "check", path).CombinedOutput()
	if err != nil {
		first, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%w: %s", err, first)
	}
	return nil
}

// appendAndTell appends as several writers, and prints each name once it is acknowledged:
// for ever, or so many times each.
func appendAndTell(args []string) error {
	s, err := store.Open(context.Background(), options(args[0]))
	if err != nil {
		return err
	}
	times := math.MaxInt
	if len(args) > 1 {
		if times, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(os.Stdout)
	var mu sync.Mutex // guards out
	failed := make(chan error)
	for w := range 3 {
		go func() {
			a := newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.writer%d", w)), protocol.Situation, 1)
			// Go on where the one before was killed.
			for _, b := range s.Branches(a.epoch) {
				a.sequence, a.previous = b.Head, b.Digest
			}
			for range times {
				records := []protocol.Record{a.write("a", 0), a.write("b", 3000)}
				results, err := s.Append(context.Background(), records)
				if err != nil || results[1].Status != store.Added {
					failed <- fmt.Errorf("append: %v, %w", results, err)
					return
				}
				mu.Lock()
				_, err1 := fmt.Fprintln(out, records[0].Name)
				_, err2 := fmt.Fprintln(out, records[1].Name)
				err = errors.Join(err1, err2, out.Flush())
				mu.Unlock()
				if err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	for range 3 {
		if err := <-failed; err != nil {
			return err
		}
	}
	return s.Close()
}

// appendAndMark is watched by strace: it writes a line to standard output when a request
// begins and one when it is acknowledged; then many writers append at once, all of whom
// wait before the first of them is committed, however slow the machine.
func appendAndMark(dir string, writers int) error {
	o := options(dir)
	var armed atomic.Bool
	tick, held := o.Clock, make(chan struct{})
	o.Clock = func() time.Time {
		if armed.Swap(false) { // the writer is within a transaction, and stays there
			held <- struct{}{}
			<-held
		}
		return tick()
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	a := newAuthor(gevgelija, protocol.Situation, 1)
	alone := func() error {
		_, err := s.Append(context.Background(), []protocol.Record{a.write("alone", 0)})
		return err
	}
	for range 5 {
		fmt.Println("request")
		if err := alone(); err != nil {
			return err
		}
		fmt.Println("acknowledged")
	}
	fmt.Println("together")
	var together sync.WaitGroup
	failed := make([]error, writers+1)
	armed.Store(true)
	together.Go(func() { failed[writers] = alone() })
	<-held
	for w := range writers {
		r := newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.writer%d", w)), protocol.Situation, 1).write("x", 0)
		together.Go(func() {
			_, failed[w] = s.Append(context.Background(), []protocol.Record{r})
		})
	}
	for s.Queued() < writers {
		time.Sleep(time.Millisecond)
	}
	held <- struct{}{}
	together.Wait()
	fmt.Println("end")
	return errors.Join(append(failed, s.Close())...)
}
