package bus_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// desks knows the tokens of two programs.
type desks struct {
	mu     sync.Mutex // guards tokens
	tokens map[string]bus.Program
}

func (d *desks) admit(secret string) (bus.Program, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.tokens[secret]
	if !ok {
		return p, errors.New("no such token")
	}
	return p, nil
}

func (d *desks) remove(secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tokens, secret)
}

// servePrograms has a bus let programs in, and gives the address.
func servePrograms(t *testing.T, b *bus.Bus) (*desks, string) {
	t.Helper()
	d := &desks{tokens: map[string]bus.Program{
		"map":   {Name: "map", Handling: protocol.Green},
		"press": {Name: "press", Handling: protocol.Clear},
	}}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- b.ServePrograms(ctx, l, d.admit) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ServePrograms() = %v", err)
		}
	})
	eventually(t, "programs are let in", func() bool { // Accept queues before the function is told
		c, err := nats.Connect("nats://"+l.Addr().String(), nats.Token("map"))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return d, l.Addr().String()
}

// program connects one, which does not come back by itself.
func program(t *testing.T, address string, o ...nats.Option) (*nats.Conn, chan error) {
	t.Helper()
	refused := make(chan error, 100)
	c, err := nats.Connect("nats://"+address, append(o, nats.NoReconnect(), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, refused
}

// TestProgramHearsWhatItsTokenMayRead, as it was signed, and nothing else.
func TestProgramHearsWhatItsTokenMayRead(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	_, address := servePrograms(t, b)
	c, _ := program(t, address, nats.Token("map"))
	var heard []*nats.Subscription
	for _, s := range protocol.LogSubjects(protocol.Green) {
		sub, err := c.SubscribeSync(s)
		if err != nil {
			t.Fatal(err)
		}
		heard = append(heard, sub)
	}
	other, _ := program(t, address, nats.UserInfo("anybody", "press"))
	little, err := other.SubscribeSync("vardar.v1.*.*.*.*.clear")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = c.Flush(), other.Flush()
	want := records(1, 1200)
	if err := b.PublishLog(ctx, want); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		m, err := heard[1].NextMsgWithContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got, err := protocol.ParseHeader(m.Header)
		if err != nil || got.Digest() != want[i].Digest() || got.Verify() != nil || string(m.Data) != string(want[i].Body) {
			t.Fatalf("record %d came as %s (%v)", i, got.Name, err)
		}
	}
	if n, _, err := little.Pending(); n != 0 || err != nil {
		t.Errorf("who may read CLEAR alone heard %d (%v)", n, err)
	}
}

// TestProgramMayListenAndNothingElse: each class of subject is tried at a real server.
func TestProgramMayListenAndNothingElse(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	_, address := servePrograms(t, b)
	if err := b.PublishLog(ctx, records(1, 3)); err != nil {
		t.Fatal(err)
	}
	incarnation := b.LogIncarnation()
	c, refused := program(t, address, nats.Token("map"))
	for _, s := range []string{
		">", "vardar.v1.>", "vardar.v1.*.*.*.*.*", "vardar.v1.*.*.*.*.amber", "vardar.v1.*.*.*.*.red", "vardar.v1.mk.southeast.gevgelija.situation.strict",
		"link.>", "in.>", "$JS.>", "$SYS.>", "_INBOX.>", "_INBOX.intake.>", "$JS.API.STREAM.MSG.GET.LOG", "foo",
	} {
		if _, err := c.SubscribeSync(s); err == nil {
			err = c.Flush()
			if err != nil {
				t.Fatal(err)
			}
		}
		if why := <-refused; !strings.Contains(strings.ToLower(why.Error()), "permissions violation") {
			t.Errorf("subscribe to %s: %v", s, why)
		}
	}
	for _, s := range []string{
		"vardar.v1.mk.southeast.gevgelija.situation.green", "in.x", "link." + string(token(gevgelija)) + ".ask.push", "$JS.API.STREAM.PURGE.LOG", "$JS.API.STREAM.DELETE.IN",
		"$JS.API.CONSUMER.MSG.NEXT.IN.intake", "$SYS.REQ.SERVER.PING", "_INBOX.intake.x", "foo",
	} {
		if err := errors.Join(c.PublishRequest(s, "vardar.v1.mk.southeast.gevgelija.situation.green", []byte("{}")), c.Flush()); err != nil {
			t.Fatal(err)
		}
		if why := <-refused; !strings.Contains(strings.ToLower(why.Error()), "permissions violation") {
			t.Errorf("publish on %s: %v", s, why)
		}
	}
	if n := logged(t, b); n != 3 || b.LogIncarnation() != incarnation {
		t.Errorf("LOG holds %d, want 3", n)
	}
}

// TestProgramIsNoUserOfTheNode: neither a name of the node's own users nor an empty word lets
// anybody in, and a token that is taken away ends the connection.
func TestProgramIsNoUserOfTheNode(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	d, address := servePrograms(t, b)
	for _, user := range []string{bus.UserLink, bus.UserIntake, bus.UserTools, "streams", "system", "", "map"} {
		for _, word := range []string{"", "intake", "wrong"} {
			c, err := nats.Connect("nats://"+address, nats.UserInfo(user, word))
			if err == nil {
				c.Close()
			}
			if !errors.Is(err, nats.ErrAuthorization) {
				t.Errorf("%q with the word %q: %v, want a refusal", user, word, err)
			}
		}
	}
	c, _ := program(t, address, nats.UserInfo(bus.UserIntake, "map")) // the token alone counts
	if err := errors.Join(c.Publish("in.x", []byte("x")), c.Flush()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "publishing is refused", func() bool { return c.LastError() != nil })
	stays, _ := program(t, address, nats.Token("press"))
	d.remove("map")
	b.AskPrograms(t.Context())
	eventually(t, "the connection is cut", c.IsClosed)
	if stays.IsClosed() || stays.Flush() != nil {
		t.Error("another program is cut off, too")
	}
}

// TestProgramsHaveTheirNumber, and one that ends makes room.
func TestProgramsHaveTheirNumber(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	_, address := servePrograms(t, b)
	var in []*nats.Conn
	eventually(t, "all places are taken", func() bool { // the probe of servePrograms may still leave
		c, err := nats.Connect("nats://"+address, nats.Token("map"), nats.NoReconnect())
		if err == nil {
			in = append(in, c)
			t.Cleanup(c.Close)
		}
		return len(in) == bus.MaxPrograms
	})
	if c, err := nats.Connect("nats://"+address, nats.Token("map")); err == nil {
		c.Close()
		t.Errorf("program %d was let in", bus.MaxPrograms+1)
	}
	slices.Reverse(in)
	in[0].Close()
	eventually(t, "a place is free", func() bool {
		c, err := nats.Connect("nats://"+address, nats.Token("map"))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}
