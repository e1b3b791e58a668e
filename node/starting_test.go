package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// A hub that comes back is dialled before it is whole. Run it with -race.
func TestWhoDialsWhileANodeOpensIsRefused(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	n, stop := start(t, o)
	o.Listen = n.Addr()
	key, _ := n.Trust().LinkKey(capital)
	stop()

	_, own, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(_ context.Context, nonce string) (protocol.Signature, error) {
		text, err := protocol.LinkText(town, capital, nonce)
		return protocol.Signature(ed25519.Sign(own, text)), err
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	refused := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			c, err := bus.Dial(ctx, bus.DialOptions{
				Address: o.Listen, Self: town, Listener: capital, ListenerKey: key, LinkKey: protocol.KeyOf(own), Sign: sign,
			})
			if err == nil {
				t.Error("a stranger was let in")
				c.Close()
			}
			if errors.Is(err, bus.ErrRefused) {
				select {
				case refused <- struct{}{}:
				default:
				}
			}
		}
	}()
	for range 5 {
		n, err := node.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		<-refused
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	<-done
}
