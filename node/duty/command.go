package duty

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// mostOutput is how much of what a command says is kept for the log.
const mostOutput = 1 << 10

// afterKill is how long is waited for what a command that was ended has left running.
const afterKill = 2 * time.Second

// clipped keeps the beginning of what is written.
type clipped struct {
	text []byte
	more bool
}

// Write never fails: a command that is told that nobody reads may end before its work does.
func (c *clipped) Write(p []byte) (int, error) {
	room := mostOutput - len(c.text)
	c.text = append(c.text, p[:min(room, len(p))]...)
	c.more = c.more || len(p) > room
	return len(p), nil
}

func (c *clipped) String() string {
	s := strings.Join(strings.Fields(strings.ToValidUTF8(string(c.text), "?")), " ")
	if c.more {
		s += " …"
	}
	return s
}

// runCommand starts a program, with no shell between, and gives it the text on its input. It
// returns what the program said. The program is ended when its time is over.
func runCommand(ctx context.Context, argv []string, text string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...) //nolint:gosec // who runs the node names the program in its own file
	cmd.WaitDelay = afterKill
	cmd.Stdin = strings.NewReader(text)
	var out clipped
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	said := out.String()
	switch {
	case err == nil:
		return said, nil
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return said, fmt.Errorf("it had not ended after %s", sendTime)
	case said != "":
		return said, fmt.Errorf("%w: %s", err, said)
	}
	return said, err
}
