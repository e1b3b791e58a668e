package bench

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
)

// deliverTo is where a consumer sends what it has for one client.
func deliverTo(client int) string { return fmt.Sprintf("to.%d", client) }

// plain measures a plain server with so many clients, each with a consumer of its own over
// a stream of the same records: a push consumer that remembers in memory alone what was
// acknowledged, which is the leanest that is never sent the same twice.
func (h *hubStage) plain(ctx context.Context, clients int) (u usage, err error) {
	ctx, cancel := context.WithTimeout(ctx, hubWait)
	defer cancel()
	dir, err := h.folder("plain")
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, removeAll(dir)) }()
	s, err := h.openSide(ctx, sidePlain, dir, nil)
	if err != nil {
		return u, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	c, err := plainClient(s.first.Address)
	if err != nil {
		return u, err
	}
	defer c.Close()
	p := &plain{conn: c}
	if p.js, err = jetstream.New(c, jetstream.WithPublishAsyncMaxPending(pubAhead), jetstream.WithDefaultTimeout(plainWait)); err != nil {
		return u, err
	}
	if _, err = p.js.CreateStream(ctx, jetstream.StreamConfig{Name: hubStream, Subjects: []string{subjects}, Storage: jetstream.FileStorage}); err != nil {
		return u, err
	}
	records, err := h.all(ctx)
	if err == nil {
		err = p.fill(ctx, records)
	}
	if err != nil {
		return u, err
	}
	if u.before, err = s.memory(); err != nil {
		return u, err
	}
	var taken atomic.Int64
	all, err := p.consumers(ctx, s.first.Address, clients, &taken)
	defer func() {
		for _, c := range all {
			if c != nil {
				c.Close()
			}
		}
	}()
	if err != nil {
		return u, err
	}
	if err = p.fill(ctx, h.says); err != nil {
		return u, err
	}
	if err = reached(ctx, &taken, clients*len(h.says)); err != nil {
		return u, err
	}
	u.after, err = s.memory()
	return u, err
}

// plainClient connects as links do: TLS 1.3 first.
func plainClient(address string) (*nats.Conn, error) {
	return nats.Connect("tls://"+address, nats.TLSHandshakeFirst(), nats.NoReconnect(), nats.Timeout(callWait),
		nats.Secure(&tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true})) //nolint:gosec // the server is ours, and its memory is what is measured
}

// consumers connects clients and gives each a consumer of what comes from now on.
func (p *plain) consumers(ctx context.Context, address string, clients int, taken *atomic.Int64) ([]*nats.Conn, error) {
	all := make([]*nats.Conn, clients)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(callAtOnce)
	for i := range all {
		g.Go(func() (err error) {
			if all[i], err = plainClient(address); err != nil {
				return err
			}
			_, err = all[i].Subscribe(deliverTo(i), func(m *nats.Msg) {
				if m.Ack() == nil {
					taken.Add(1)
				}
			})
			if err == nil {
				err = all[i].Flush()
			}
			if err != nil {
				return err
			}
			_, err = p.js.CreatePushConsumer(ctx, hubStream, jetstream.ConsumerConfig{
				Durable: fmt.Sprintf("client-%d", i), DeliverSubject: deliverTo(i), DeliverPolicy: jetstream.DeliverNewPolicy,
				AckPolicy: jetstream.AckExplicitPolicy, MemoryStorage: true,
			})
			return err
		})
	}
	return all, g.Wait()
}
