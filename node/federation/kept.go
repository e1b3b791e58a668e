package federation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrKept is returned when the folder for the nodes is not empty: a demonstration begins
// with new nodes, and never writes into what another has left. A replay that was cut off
// is not gone on with: half of a story's scenes hang on lines and nodes that are no more.
var ErrKept = errors.New("a demonstration begins with new nodes: name another folder with --keep, or delete this one")

// ErrFolder is returned when the folder for the nodes can't be made.
var ErrFolder = errors.New("the nodes can't be kept there: name a folder that can be made and written to")

// folder makes the nodes' folder and gives what ends it.
func (d *demo) folder() (done func() error, err error) {
	if d.o.Keep == "" {
		d.dir, err = os.MkdirTemp("", "vardar-demo-")
		return func() error { return os.RemoveAll(d.dir) }, err
	}
	if d.dir, err = filepath.Abs(d.o.Keep); err != nil {
		return nil, err
	}
	if err = os.MkdirAll(d.dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	held, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	if len(held) > 0 {
		return nil, fmt.Errorf("%s %w", whatIsKept(d.dir), ErrKept)
	}
	return func() error { return nil }, os.WriteFile(filepath.Join(d.dir, keptName), []byte(cutOff), 0o600)
}

// whatIsKept says what lies in a folder that is not empty.
func whatIsKept(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, keptName))
	switch {
	case err != nil:
		return dir + " is not empty;"
	case string(text) == cutOff:
		return dir + " holds what a replay that was cut off had acknowledged: 'vardar verify' checks its nodes, and 'vardar run' opens each alone, for their lines lead nowhere now;"
	}
	return dir + " keeps a demonstration already, and its " + keptName + " says how to run the nodes;"
}

// keptName is the file in a kept folder that says how its nodes are run.
const keptName = "README.txt"

// cutOff is what it says until the story's end.
const cutOff = `The nodes of a replay that is under way, or was cut off. Their lines lead through the
program that tells the story, which cuts and mends them, and without it they lead nowhere.

What each node has acknowledged is in its folder: 'vardar verify FOLDER' checks it, and
'vardar --dir FOLDER run' shows it. For nodes that reach each other begin anew, and let
the story end, or end it with Ctrl-C: vardar demo --keep ANOTHER
`

// leave makes nodes that are kept ready to be run without the demonstration: their lines
// lead from node to node, and a file says how to start each.
func (d *demo) leave(ctx context.Context) error {
	if d.o.Keep == "" {
		return nil
	}
	for _, l := range d.net.Lines() {
		if err := d.net.Node(l[0]).Redirect(ctx, l[1], d.net.Node(l[1]).Addr()); err != nil {
			return err
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "The nodes of a %s. Run as many as you like, each in a terminal of its own:\n\n", NetworkName)
	for _, n := range d.net.Nodes() {
		fmt.Fprintf(&text, "vardar run --dir %s --listen %s\n", filepath.Join(d.dir, string(n.Institutions()[0])), n.Addr())
	}
	text.WriteString("\nTheir records are a replay of the past, signed by invented institutions. Their keys were made\n" +
		"at the replay's hours too, so 'vardar status' finds them years old.\n")
	return os.WriteFile(filepath.Join(d.dir, keptName), []byte(text.String()), 0o600)
}
