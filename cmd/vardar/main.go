// Command vardar runs a node and speaks to it.
//
// One file a command, each an options struct, a constructor and a plain run function. A
// command either asks a running node over its socket (publish, list, show ...), or works
// on the folder of one that does not run (init, join, run, verify). Whatever ends a
// command is an [api.Problem]: what is wrong, how to mend it, and the command to try next.
//
// It is longer than a room should be: a file for each of some forty commands.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // quiet hours name zones; Windows and bare containers know none

	"golang.org/x/term"
)

func main() {
	w := world{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, now: time.Now,
		terminal: term.IsTerminal(int(os.Stdin.Fd())),
		screen:   term.IsTerminal(int(os.Stdout.Fd())), columns: columns(),
	}
	if code, is := asService(w, os.Args[1:]); is {
		os.Exit(code)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := execute(ctx, w, os.Args[1:])
	stop()
	os.Exit(code)
}

// columns is how wide the terminal is; 0 if there is none.
func columns() int {
	wide, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return wide
}
