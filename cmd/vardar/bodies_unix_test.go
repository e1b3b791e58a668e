//go:build unix

package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
)

// giant is how long a body is that no node may take: a thousand times what it reads.
const giant = 1 << 30

// flood writes the head of a request and then the same bytes over and over, until it has
// written a giant or the node cuts it off; it gives the first line of the answer, which
// goes under where the node cuts off first.
func flood(t *testing.T, conn net.Conn, head string, again []byte) (answer string, written int) {
	t.Helper()
	read := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(io.LimitReader(conn, 1<<20))
		line, _, _ := strings.Cut(string(text), "\r\n")
		read <- line
	}()
	if _, err := io.WriteString(conn, head); err == nil {
		for written < giant && err == nil {
			var n int
			n, err = conn.Write(again)
			written += n
		}
	}
	_ = conn.Close()
	return <-read, written
}

// TestGiantAndEndlessBodiesAreCutOff sends bodies of a gigabyte, with and without their
// length, to a node that may have that much memory altogether (ulimit -d; a limit of
// addresses, ulimit -v, would not even hold the map of an empty archive). It cuts each off,
// and the institution's own commands work meanwhile.
func TestGiantAndEndlessBodiesAreCutOff(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	const script = `ulimit -d 1048576; exec vardar --dir "$0" run --log error`
	c, _ := startAs(t, dir, exec.CommandContext(context.WithoutCancel(t.Context()), "sh", "-c", script, dir))
	chunk := append([]byte("10000\r\n"), append(bytes.Repeat([]byte{' '}, 0x10000), "\r\n"...)...)
	blanks := bytes.Repeat([]byte{' '}, 0x10000)
	for name, f := range map[string]struct {
		head, want string
		again      []byte
	}{
		"a gigabyte":                   {"POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1073741825\r\n\r\n", "413", blanks},
		"without end":                  {"POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "413", chunk},
		"to what is read":              {"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741825\r\n\r\n", "200", blanks},
		"to what is not there":         {"POST /v1/nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "404", chunk},
		"a header line without end":    {"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX: ", "431", blanks},
		"header lines without end":     {"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n", "431", bytes.Repeat([]byte("X: y\r\n"), 10_000)},
		"a line of question, unending": {"GET /", "431", bytes.Repeat([]byte{'x'}, 0x10000)},
	} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 16 {
				all.Go(func() {
					var d net.Dialer
					conn, err := d.DialContext(context.WithoutCancel(t.Context()), "unix", filepath.Join(dir, node.SocketName))
					if err != nil {
						t.Error(err)
						return
					}
					answer, written := flood(t, conn, f.head, f.again)
					if written >= giant {
						t.Errorf("all of %d bytes were taken", written)
					}
					if answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 "+f.want) {
						t.Errorf("answered %q, want %s", answer, f.want)
					}
				})
			}
			if _, err := c.Publish(t.Context(), note("the border is closed")); err != nil {
				t.Errorf("publish beside them: %v", err)
			}
			all.Wait()
		})
	}
	if _, err := c.Publish(t.Context(), note("the border is open")); err != nil {
		t.Errorf("publish after them: %v", err)
	}
}

// TestDribbledQuestionsAreCutOff sends what never comes to its end, a byte at a time, and
// nothing at all, on many connections: the node ends each, and the institution's own
// commands work meanwhile.
func TestDribbledQuestionsAreCutOff(t *testing.T) {
	t.Parallel() // it waits for what a question may take
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, _ := start(t, dir)
	var all sync.WaitGroup
	for _, head := range []string{
		"",
		"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX: ",
		"POST /v1/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n",
		"GET /v1/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
	} {
		for range 25 { // fewer than wait to be let in on any system
			var d net.Dialer
			conn, err := d.DialContext(t.Context(), "unix", filepath.Join(dir, node.SocketName))
			if err == nil {
				_, err = io.WriteString(conn, head)
			}
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			all.Go(func() {
				defer close(ended)
				_, _ = io.Copy(io.Discard, conn) // until the node ends it
			})
			all.Go(func() {
				defer func() { _ = conn.Close() }()
				dribble := time.NewTicker(100 * time.Millisecond)
				defer dribble.Stop()
				giveUp := time.NewTimer(2 * time.Minute)
				defer giveUp.Stop()
				for {
					select {
					case <-ended:
						return
					case <-giveUp.C:
						t.Errorf("still taken after minutes: %q", head)
						return
					case <-dribble.C:
						if head != "" {
							_, _ = conn.Write([]byte{' '})
						}
					}
				}
			})
		}
	}
	if _, err := c.Publish(t.Context(), note("the border is closed")); err != nil {
		t.Errorf("publish beside them: %v", err)
	}
	all.Wait()
}
