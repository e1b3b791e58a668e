package federation

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ErrKept is returned when the folder for the nodes is not empty.
var ErrKept = errors.New("this folder is not empty, and a demonstration begins with new nodes: name another with --keep, or delete it; what a replay that was cut off left there stays as it is, and 'vardar run' opens its nodes")

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
		return nil, err
	}
	held, err := os.ReadDir(d.dir)
	if err != nil {
		return nil, err
	}
	if len(held) > 0 {
		return nil, fmt.Errorf("%s: %w", d.dir, ErrKept)
	}
	return func() error { return nil }, nil
}

// keptName is the file in a kept folder that says how its nodes are run.
const keptName = "README.txt"

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
	text.WriteString("\nTheir records are a replay of the past, signed by invented institutions.\n")
	return os.WriteFile(filepath.Join(d.dir, keptName), []byte(text.String()), 0o600)
}
