package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
)

// SideCommand is the command under which this program is one side of a comparison, in a
// process of its own: see [Side].
const SideCommand = "bench-side"

// What a side is.
const (
	sideHub   = "hub"   // a node that listens: FOLDER
	sidePlain = "plain" // a plain NATS server that listens: FOLDER
	sideLook  = "look"  // a node that is opened and looked at: FOLDER
)

// ErrSide says that a side was asked for what it can't do.
var ErrSide = errors.New("no such side of a benchmark")

// Side is one side of a comparison, in a process that does nothing else, so that its
// memory is its own. It says where it listens, answers what it is asked a line at a time,
// and ends with in.
func Side(ctx context.Context, in io.Reader, out io.Writer, args []string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if len(args) != 2 {
		return fmt.Errorf("%w: want ROLE FOLDER", ErrSide)
	}
	switch args[0] {
	case sideHub:
		return hubSide(ctx, in, out, args[1])
	case sidePlain:
		return plainSide(in, out, args[1])
	case sideLook:
		return lookSide(ctx, out, args[1])
	}
	return fmt.Errorf("%w: %q", ErrSide, args[0])
}

// answers reads questions, of a word and perhaps a number, until in ends.
func answers(in io.Reader, out io.Writer, answer func(what string, n int) (any, error)) error {
	say := json.NewEncoder(out)
	for {
		var what string
		var n int
		if _, err := fmt.Fscanln(in, &what, &n); err != nil {
			return nil //nolint:nilerr // who asked is gone: nothing else ends it
		}
		v, err := answer(what, n)
		if err != nil {
			return err
		}
		if err := say.Encode(v); err != nil {
			return err
		}
	}
}

// Memory is what a process takes.
type Memory struct {
	LiveKiB     int `json:"live_kib"`               // objects and stacks that are in use, after a collection
	ResidentKiB int `json:"resident_kib,omitempty"` // all that lies in memory, pages of files too, once what is free was given back; 0: the system does not say
}

// memory collects what is free and says what is left. The second time what finalizers and
// pools held on to goes.
func memory() Memory {
	debug.FreeOSMemory()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return Memory{LiveKiB: int((m.HeapAlloc + m.StackInuse) >> 10), ResidentKiB: procKB("/proc/self/status", "VmRSS:")} //nolint:gosec // fits
}

// what a side is asked, besides what is its own.
const askMemory = "memory"

// side is the process of one, as the other end has it.
type side struct {
	child *exec.Cmd
	in    io.WriteCloser
	out   *json.Decoder
	said  bytes.Buffer // its last words
	first listening
}

// listening is what a side says first.
type listening struct {
	Address string `json:"address"`
}

// openSide starts a side and waits until it says that it is there, into what.
func (b *bench) openSide(ctx context.Context, role, dir string, what any) (*side, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &side{child: exec.CommandContext(ctx, self, SideCommand, role, dir)}
	s.child.Stderr = &s.said
	out, err := s.child.StdoutPipe()
	if err == nil {
		s.in, err = s.child.StdinPipe()
	}
	if err == nil {
		err = s.child.Start()
	}
	if err != nil {
		return nil, err
	}
	s.out = json.NewDecoder(out)
	if what == nil {
		what = &s.first
	}
	if err = s.hear(what); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// ask asks the side and reads its answer.
func (s *side) ask(what string, n int, answer any) error {
	if _, err := fmt.Fprintln(s.in, what, n); err != nil {
		return err
	}
	return s.hear(answer)
}

func (s *side) hear(answer any) error {
	if err := s.out.Decode(answer); err != nil {
		return fmt.Errorf("%s: %w: %s", strings.Join(s.child.Args[1:], " "), err, strings.TrimSpace(s.said.String()))
	}
	return nil
}

func (s *side) memory() (m Memory, err error) { return m, s.ask(askMemory, 0, &m) }

// close ends the side and waits for it.
func (s *side) close() error {
	err := s.in.Close()
	if ended := s.child.Wait(); ended != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(s.child.Args[1:], " "), ended, strings.TrimSpace(s.said.String()))
	}
	return err
}
