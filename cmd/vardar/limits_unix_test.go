//go:build unix

package main

import (
	"context"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
)

// TestStrangersLeaveDescriptorsForTheNodesOwn opens more connections that never speak than
// a node with few descriptors may have: those beyond half of them are refused at once, and
// the institution's own commands work as if nothing were.
func TestStrangersLeaveDescriptorsForTheNodesOwn(t *testing.T) {
	dir, address := folder(t), freeAddress(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	const script = `ulimit -n 200; exec vardar --dir "$0" run --listen "$1" --log error`
	c, _ := startAs(t, dir, exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", script, dir, address))
	const many = 600
	said := make(chan string, many)
	for range many {
		var d net.Dialer
		conn, err := d.DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		go func() {
			text, _ := io.ReadAll(conn) // until it is cut off
			said <- string(text)
		}()
	}
	if _, err := c.Publish(t.Context(), note("the border is closed")); err != nil {
		t.Errorf("publish beside %d silent connections: %v", many, err)
	}
	for range many {
		if strings.Contains(<-said, "maximum connections exceeded") {
			return
		}
	}
	t.Errorf("%d silent connections, and none was too many", many)
}
