package bus

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
)

// maxLine bounds one line of a listener's protocol: INFO, the longest, is about 500
// bytes.
const maxLine = 8 << 10

// guard reads along with nats.go what a listener sends and ends the connection at the
// first thing that no NATS server sends, before nats.go sees it. nats.go believes the
// length that a message claims and allocates it at once, and lets a line grow for ever
// (parser.go of v1.55.0): without the guard, one line of a hostile listener ends our
// process.
type guard struct {
	net.Conn
	line []byte // begun, not ended
	skip int    // bytes of a payload still to come
	tail bool   // the CR LF behind a payload is due
	err  atomic.Pointer[error]
}

// Read gives what the listener sends as long as it keeps to the protocol.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	if bad := g.follow(p[:n]); bad != nil {
		bad = fmt.Errorf("%w: %w", ErrListener, bad)
		g.err.Store(&bad)
		_ = g.Close() // its error adds nothing to bad
		return 0, bad
	}
	return n, err
}

func (g *guard) broken() error {
	if err := g.err.Load(); err != nil {
		return *err
	}
	return nil
}

func (g *guard) follow(b []byte) error {
	for len(b) > 0 {
		if g.skip > 0 {
			n := min(g.skip, len(b))
			g.skip, b = g.skip-n, b[n:]
			continue
		}
		end := bytes.IndexByte(b, '\n') + 1
		part := b
		if end > 0 {
			part = b[:end]
		}
		if len(g.line)+len(part) > maxLine {
			return fmt.Errorf("line longer than %d bytes", maxLine)
		}
		g.line, b = append(g.line, part...), b[len(part):]
		if end == 0 {
			return nil
		}
		if err := g.op(); err != nil {
			return err
		}
		g.line = g.line[:0]
	}
	return nil
}

// op judges one whole line.
func (g *guard) op() error {
	text, ok := bytes.CutSuffix(g.line, []byte("\r\n"))
	if !ok || bytes.IndexByte(text, '\r') >= 0 {
		return fmt.Errorf("line without CR LF")
	}
	if g.tail {
		g.tail = false
		if len(text) > 0 {
			return fmt.Errorf("payload longer than it said")
		}
		return nil
	}
	word, rest, _ := bytes.Cut(text, []byte(" "))
	switch string(word) {
	case "PING", "PONG", "+OK", "INFO", "-ERR":
		return nil
	case "MSG", "HMSG":
	default:
		return fmt.Errorf("unknown operation")
	}
	// subject, sid, perhaps a reply, of HMSG the header's length, the whole length
	fields := bytes.Split(rest, []byte(" "))
	least := 3
	if word[0] == 'H' {
		least = 4
	}
	if len(fields) < least || len(fields) > least+1 {
		return fmt.Errorf("message line of %d fields", len(fields))
	}
	size, err := strconv.ParseUint(string(fields[len(fields)-1]), 10, 31)
	if err != nil || size > MaxPayload {
		return fmt.Errorf("message longer than %d bytes", MaxPayload)
	}
	if word[0] == 'H' {
		header, err := strconv.ParseUint(string(fields[len(fields)-2]), 10, 31)
		if err != nil || header > size {
			return fmt.Errorf("header longer than its message")
		}
	}
	g.skip, g.tail = int(size), true
	return nil
}
