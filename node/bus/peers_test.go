package bus_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

func names(peers []bus.PeerState) string {
	var s []string
	for _, p := range peers {
		s = append(s, string(p.Institution))
	}
	return strings.Join(s, " ")
}

func TestNewerConnectionEndsTheOlder(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	changed, stop := b.Changed()
	defer stop()
	ended := make(chan error, 1)
	o := dialling(b, gevgelija)
	o.Closed = func(err error) { ended <- err }
	first := dial(t, o)
	await(t, "news", changed)
	other := dial(t, dialling(b, valandovo))
	second := dial(t, dialling(b, gevgelija))
	if err := first.FlushTimeout(patience); err == nil {
		t.Fatal("the older connection still answers")
	}
	if err := await(t, "end of the older connection", ended); err == nil {
		t.Error("Closed(nil) of the older connection, want a reason")
	}
	if !first.IsClosed() || second.IsClosed() || other.IsClosed() {
		t.Errorf("closed: older %v, newer %v, other link %v", first.IsClosed(), second.IsClosed(), other.IsClosed())
	}
	peers := b.Peers()
	if got := names(peers); got != string(gevgelija)+" "+string(valandovo) {
		t.Fatalf("Peers() = %q", got)
	}
	if p := peers[0]; p.Kicks != 1 || p.Clone || p.Token != token(gevgelija) || p.Key != public(gevgelija) || p.Address == "" {
		t.Errorf("Peers()[0] = %+v, want one kick and no clone", p)
	}
	second.Close()
	other.Close()
	eventually(t, "both are gone", func() bool { return len(b.Peers()) == 0 })
}

// said collects log lines.
type said struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) count(text string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.text.String(), text)
}

func TestNodesThatKeepKickingEachOtherAreAClone(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex // guards now
	now := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	lines := &said{}
	o := options(t.TempDir())
	o.Logger = slog.New(slog.NewTextHandler(lines, nil))
	o.Clock = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	pass := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	b := open(t, o)
	dial(t, dialling(b, gevgelija))
	for i := range bus.CloneKicks + 1 {
		if got, want := b.Peers()[0].Clone, i >= bus.CloneKicks; got != want {
			t.Errorf("after %d kicks Clone = %v, want %v", i, got, want)
		}
		pass(time.Minute)
		dial(t, dialling(b, gevgelija))
	}
	if n := lines.count("two nodes use one link key"); n != 1 {
		t.Errorf("a clone was reported %d times, want once", n)
	}
	pass(bus.CloneWindow + time.Second)
	if p := b.Peers()[0]; p.Clone || p.Kicks != 0 {
		t.Errorf("Peers()[0] = %+v, want the kicks forgotten", p)
	}
	for range bus.CloneKicks { // that came back by itself each time
		for _, p := range []protocol.InstitutionID{valandovo} {
			c := dial(t, dialling(b, p))
			c.Close()
			eventually(t, "it is gone", func() bool { return names(b.Peers()) == string(gevgelija) })
		}
	}
	dial(t, dialling(b, valandovo))
	if p := b.Peers()[1]; p.Clone || p.Kicks != 0 {
		t.Errorf("Peers()[1] = %+v: coming back after an end is no kick", p)
	}
}

func TestKickedMemberIsGone(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	ended := make(chan error, 1)
	o := dialling(b, gevgelija)
	o.Closed = func(err error) { ended <- err }
	c := dial(t, o)
	heard := make(chan struct{}, 1)
	listen(t, c, token(gevgelija).Serve("*"), func(*nats.Msg) { heard <- struct{}{} })
	asked, err := b.Requester(token(gevgelija)).Ask(token(gevgelija).Serve(protocol.OpHello), nil)
	if err != nil {
		t.Fatal(err)
	}
	await(t, "question", heard)
	b.Kick(valandovo) // not connected
	b.Kick(gevgelija)
	_ = await(t, "end of the connection", ended)
	if got := b.Peers(); len(got) > 0 {
		t.Errorf("Peers() = %v, want none", got)
	}
	if _, err := asked.Wait(patient(t)); !errors.Is(err, bus.ErrPeerGone) {
		t.Errorf("Wait() = %v, want ErrPeerGone", err)
	}
	if _, err := b.Requester(token(gevgelija)).Request(patient(t), token(gevgelija).Serve(protocol.OpHello), nil); !errors.Is(err, bus.ErrNoAnswer) {
		t.Errorf("Request() = %v, want ErrNoAnswer", err)
	}
}

func TestQuestionsFailWhenTheirConnectionEnds(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	serve(t, b, func(*nats.Conn, *nats.Msg) {})
	c := dial(t, dialling(b, gevgelija))
	r, err := bus.NewRequester(c, token(gevgelija))
	if err != nil {
		t.Fatal(err)
	}
	asked, err := r.Ask(token(gevgelija).Ask(protocol.OpHello), nil)
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	if _, err = r.Request(short, token(gevgelija).Ask(protocol.OpHello), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Request() = %v, want DeadlineExceeded", err)
	}
	c.Close()
	if _, err = asked.Wait(ctx); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Wait() = %v, want ErrClosed", err)
	}
	if _, err = r.Ask(token(gevgelija).Ask(protocol.OpHello), nil); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("Ask() = %v, want ErrClosed", err)
	}
	if err = r.Close(); err != nil {
		t.Errorf("Close() = %v", err)
	}
	eventually(t, "dialler is gone", func() bool { return len(b.Peers()) == 0 })
	asked, err = b.Requester(token(gevgelija)).Ask(token(gevgelija).Serve(protocol.OpHello), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := asked.Wait(ctx); !errors.Is(err, bus.ErrNoAnswer) && !errors.Is(err, bus.ErrPeerGone) {
		t.Errorf("Wait() = %v, want ErrNoAnswer, or ErrPeerGone from news that comes late", err)
	}
}

// Somebody with a copy of the invitation must not push out the member it became.
func TestGuestDoesNotEndTheMembersConnection(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	o.Admit = func(user string, key protocol.Key) (bus.Peer, error) {
		return bus.Peer{Institution: newcomer, Guest: user == bus.UserGuest, Key: public(newcomer)}, nil
	}
	b := open(t, o)
	guest := dialling(b, newcomer)
	member := guest
	member.Guest = false
	member.Sign = func(_ context.Context, nonce string) (protocol.Signature, error) {
		return sign(newcomer, bus.Peer{Institution: newcomer}, nonce)
	}
	dial(t, guest)
	if p := b.Peers(); len(p) != 1 || !p[0].Guest {
		t.Fatalf("Peers() = %v, want the guest", p)
	}
	if guest, connected := b.IsGuest(token(newcomer)); !guest || !connected {
		t.Errorf("IsGuest() = %v, %v of a guest who is connected", guest, connected)
	}
	c := dial(t, member)
	if _, err := bus.Dial(patient(t), guest); !errors.Is(err, bus.ErrRefused) {
		t.Errorf("Dial() of the guest = %v, want ErrRefused", err)
	}
	if p := b.Peers(); len(p) != 1 || p[0].Guest || c.IsClosed() {
		t.Errorf("Peers() = %v, want the member", p)
	}
	if guest, connected := b.IsGuest(token(newcomer)); guest || !connected {
		t.Errorf("IsGuest() = %v, %v of a member who is connected", guest, connected)
	}
	if _, connected := b.IsGuest(token(gevgelija)); connected {
		t.Error("IsGuest() says that somebody is connected who is not")
	}
}
