package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/vardar-network/vardar/node"
)

// askUp asks a hub to answer once so many of its links are up.
const askUp = "up"

// hubSide runs a node that others call.
func hubSide(ctx context.Context, in io.Reader, out io.Writer, dir string) (err error) {
	n, err := node.Open(ctx, node.Options{Dir: dir, Listen: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	l := &live{Node: n}
	l.run(ctx)
	defer func() { err = errors.Join(err, l.stop()) }()
	select {
	case <-n.Ready():
	case err := <-l.done:
		l.done <- err
		return err
	}
	n.Picture(time.Now())
	if err := json.NewEncoder(out).Encode(listening{n.Addr()}); err != nil {
		return err
	}
	return answers(in, out, func(what string, want int) (any, error) {
		switch what {
		case askMemory:
			return memory(), nil
		case askUp:
			return struct{}{}, waitUp(ctx, n, want)
		}
		return nil, fmt.Errorf("%w: a hub is not asked %q", ErrSide, what)
	})
}

// upEach is how often is looked how many links are up: to look at a thousand takes a while.
const upEach = 50 * time.Millisecond

// waitUp waits until so many links are up, each of which has compared what it holds.
func waitUp(ctx context.Context, n *node.Node, want int) error {
	again := time.NewTicker(upEach)
	defer again.Stop()
	for {
		up := 0
		for _, s := range n.Lines() {
			if s.Up {
				up++
			}
		}
		if up >= want {
			return nil
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// plainSide runs a plain server that clients reach over TLS 1.3 alone, as links are.
func plainSide(in io.Reader, out io.Writer, dir string) error {
	o := &server.Options{
		ServerName: "plain", Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true,
		JetStream: true, StoreDir: dir, MaxPayload: 1 << 20, TLS: true, TLSHandshakeFirst: true, TLSTimeout: plainWait.Seconds(),
		JetStreamLimits: server.JSLimitOpts{DefaultMaxConsumers: -1}, // 1,000 unless told otherwise
	}
	var err error
	if o.TLSConfig, err = selfSigned(); err != nil {
		return err
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.Start()
	defer func() { s.Shutdown(); s.WaitForShutdown() }()
	if !s.ReadyForConnections(plainWait) {
		return errors.New("the plain NATS server does not start")
	}
	at, ok := s.Addr().(*net.TCPAddr)
	if !ok {
		return errors.New("the plain NATS server listens nowhere")
	}
	if err := json.NewEncoder(out).Encode(listening{at.String()}); err != nil {
		return err
	}
	return answers(in, out, func(what string, _ int) (any, error) {
		if what == askMemory {
			return memory(), nil
		}
		return nil, fmt.Errorf("%w: a plain server is not asked %q", ErrSide, what)
	})
}
