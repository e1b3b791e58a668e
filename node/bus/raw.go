package bus

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// rawConn writes NATS protocol straight into a connection inside this process. A record
// costs 10 µs on its way to LOG like this and 22 by nats.go (hotpath.md 7): its header
// block goes out as it is, and not by way of a map.
type rawConn struct {
	conn  net.Conn
	inbox string
	acks  chan pubAck
	used  bool // something was published

	mu    sync.Mutex // guards w
	w     *bufio.Writer
	buf   []byte        // a record's header; used by one publisher at a time
	ended chan struct{} // closed when the reader has ended
	err   error         // why; set before ended is closed
}

const rawBuffer = 64 << 10

// openRaw connects as user intake; the reader runs until close.
func (b *Bus) openRaw() (*rawConn, error) {
	conn, err := b.server.InProcessConn()
	if err != nil {
		return nil, fmt.Errorf("open connection to LOG: %w", err)
	}
	r := bufio.NewReaderSize(conn, rawBuffer)
	c := &rawConn{
		conn: conn, w: bufio.NewWriterSize(conn, rawBuffer), inbox: inboxPrefix(UserIntake) + ".log",
		acks: make(chan pubAck, 1), ended: make(chan struct{}),
	}
	if err := c.greet(r, b.programs.inside); err != nil {
		return nil, errors.Join(fmt.Errorf("open connection to LOG: %w", err), conn.Close())
	}
	go c.read(r)
	return c, nil
}

// greet waits for INFO, which comes after 50 ms, when nats-server has seen that no TLS
// handshake does, and speaks only then: earlier bytes would be taken for one.
func (c *rawConn) greet(r *bufio.Reader, word string) error {
	if _, err := r.ReadString('\n'); err != nil {
		return err
	}
	hello := `CONNECT {"user":"` + UserIntake + `","pass":"` + word + `","headers":true,"no_responders":true,"protocol":1,"lang":"go","version":"1"}` + "\r\nPING\r\n"
	if err := c.send(hello); err != nil {
		return err
	}
	for {
		line, err := r.ReadString('\n')
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(line, "-ERR"):
			return errors.New(strings.TrimSpace(line))
		case strings.HasPrefix(line, "PONG"):
			return c.send("SUB " + c.inbox + " 1\r\n")
		}
	}
}

func (c *rawConn) send(s string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.w.WriteString(s); err != nil {
		return err
	}
	return c.w.Flush()
}

// read runs in its own goroutine; close waits for it.
func (c *rawConn) read(r *bufio.Reader) {
	defer close(c.ended)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			c.err = err
			return
		}
		switch word, rest, _ := strings.Cut(strings.TrimSpace(line), " "); word {
		case "PING":
			err = c.send("PONG\r\n")
		case "-ERR":
			err = errors.New(line)
		case "MSG":
			err = c.takeAck(r, rest, readAck)
		case "HMSG": // no responders: there is no stream LOG
			err = c.takeAck(r, rest, noStream)
		}
		if err != nil {
			c.err = err
			return
		}
	}
}

func readAck(payload []byte) (ack pubAck, err error) { return ack, json.Unmarshal(payload, &ack) }

func noStream([]byte) (pubAck, error) { return pubAck{}, nil }

// takeAck reads the payload, whose size is the last of the arguments.
func (c *rawConn) takeAck(r *bufio.Reader, args string, parse func([]byte) (pubAck, error)) error {
	size, err := strconv.Atoi(args[strings.LastIndexByte(args, ' ')+1:])
	if err != nil || size < 0 || size > MaxPayload {
		return fmt.Errorf("answer of %q bytes", args)
	}
	payload := make([]byte, size+2)
	if _, err = io.ReadFull(r, payload); err != nil {
		return err
	}
	ack, err := parse(payload)
	if err != nil {
		return fmt.Errorf("read answer: %w", err)
	}
	select {
	case c.acks <- ack:
	default: // nobody waits: an answer to a call that gave up
	}
	return nil
}

// publish writes one message; with ask, JetStream is asked to acknowledge it and
// everything is flushed.
func (c *rawConn) publish(subject string, header, body []byte, ask bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	b := c.w.AvailableBuffer()
	b = append(b, "HPUB "...)
	b = append(b, subject...)
	b = append(b, ' ')
	if ask {
		b = append(b, c.inbox...)
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, int64(len(header)), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(header)+len(body)), 10)
	b = append(b, '\r', '\n')
	// A bufio.Writer keeps its first error: the last call gives it.
	_, _ = c.w.Write(b)
	_, _ = c.w.Write(header)
	_, _ = c.w.Write(body)
	_, err := c.w.WriteString("\r\n")
	if ask && err == nil {
		err = c.w.Flush()
	}
	return err
}

// ack waits for the acknowledgement that publish asked for.
func (c *rawConn) ack(ctx context.Context) (pubAck, error) {
	select {
	case a := <-c.acks:
		return a, nil
	case <-c.ended:
		return pubAck{}, fmt.Errorf("connection to LOG ended: %w", c.err)
	case <-ctx.Done():
		return pubAck{}, ctx.Err()
	}
}

func (c *rawConn) close() error {
	err := c.conn.Close()
	<-c.ended
	return err
}
