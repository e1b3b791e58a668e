package link_test

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/link"
)

// patience ends a test that hangs; nothing is measured against it.
const patience = 2 * time.Minute

func local(t *testing.T) *nats.Conn {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Options{Dir: t.TempDir(), Institution: "mk.national.hub", Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err = b.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := b.Local(bus.UserLink)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A connection may end just when it is subscribed over, since another one kicks it: nobody
// tells of the subscription's end then, and nobody may wait for that.
func TestSubscriptionOfAConnectionThatEndedIsClosed(t *testing.T) {
	c := local(t)
	closed := make(chan error, 1)
	go func() { closed <- link.CloseUntold(c, "link.*.ask.*") }()
	select {
	case err := <-closed:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(patience):
		t.Fatal("the end of the subscription is waited for and never comes")
	}
}

func TestNothingOfASubscriptionRunsOnceItIsClosed(t *testing.T) {
	c := local(t)
	came, goOn, ran := make(chan struct{}), make(chan struct{}), false
	stop, err := link.Subscribe(c, "link.*.ask.*", func(*nats.Msg) {
		close(came)
		<-goOn
		ran = true
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Publish("link.x.ask.hello", nil); err != nil {
		t.Fatal(err)
	}
	select {
	case <-came:
	case <-time.After(patience):
		t.Fatal("nothing came")
	}
	closed := make(chan struct{})
	go func() { stop(); close(closed) }()
	close(goOn)
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("the subscription is never closed")
	}
	if !ran {
		t.Error("it was closed while a message was taken")
	}
}
