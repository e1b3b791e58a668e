package federation_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func lineTo(n *node.Node, peer protocol.InstitutionID) link.State {
	for _, s := range n.Lines() {
		if s.Peer == peer {
			return s
		}
	}
	return link.State{}
}

// agreed waits until the policy that two nodes propose to each other by themselves is in
// force: one that a test proposes before could bear its number.
func agreed(t *testing.T, n *federation.Network, a, b protocol.InstitutionID) {
	t.Helper()
	at, other := n.Node(a), n.Node(b)
	await(t, at, "the first policy is in force", func() bool { return lineTo(at, b).Policy == 1 && lineTo(other, a).Policy == 1 })
}

// A relay passes a beacon on and holds back the tail that it names: another peer is asked.
func TestTailThatARelayWithholdsIsFetchedFromAnother(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	author, relay := turn(t, n, dir), turnOf(t, n, dir, neighbour)
	record := author.writes(salted("held back", 0))[0]
	beacon := protocol.Beacon{Institution: town, Time: protocol.InstantOf(time.Now()), Heads: []protocol.Head{
		{Topic: protocol.Situation, Epoch: 1, Sequence: 1, Digest: record.Digest()},
	}}
	if err := author.safe.SignBeacon(t.Context(), &beacon); err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	relay.mu.Lock()
	relay.answers[protocol.OpRange] = func(m *nats.Msg) {
		asked.Add(1)
		relay.say(m, protocol.ErrorAnswer{V: 1, Code: protocol.CodeNotFound})
	}
	relay.mu.Unlock()
	author.mu.Lock()
	author.answers[protocol.OpRange] = func(m *nats.Msg) {
		if asked.Load() == 0 { // whose line came up first is asked first
			author.say(m, protocol.ErrorAnswer{V: 1, Code: protocol.CodeNotFound})
			return
		}
		if err := m.Respond(frameOf(t, record)); err != nil {
			t.Error(err)
		}
	}
	author.mu.Unlock()
	author.listens()
	relay.listens()
	at := n.Node(capital)
	await(t, at, "both lines are up", func() bool { return up(at, town) && up(at, neighbour) })
	if b, _, ok := at.Store().Beacon(town); ok && b.Time >= beacon.Time {
		t.Fatal("the beacon is no news")
	}
	relay.request(protocol.OpBeacon, map[string]any{"v": 1, "beacons": []string{string(beacon.Wire())}})
	if b, _, _ := at.Store().Beacon(town); b.Time != beacon.Time {
		t.Fatal("the beacon is not taken")
	}
	await(t, at, "what the beacon names is seen to be lacking", func() bool { return len(at.Links().Lacking()) > 0 })
	arrives(t, n, capital, record.Name)
	if asked.Load() == 0 {
		t.Error("the relay was never asked: another way brought the tail")
	}
}

// Clocks were an hour ahead and are set right: the beacons of the wrong hour give way at
// once, on the lines that are up.
func TestBeaconsGoOnAfterClocksWereSetRight(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	ahead.Store(int64(time.Hour))
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	n, err := federation.Start(t.Context(), federation.Options{Dir: t.TempDir(), Clock: clock, Timing: quick()}, three())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	at := n.Node(capital)
	of := func() time.Time {
		b, _, _ := at.Store().Beacon(town)
		return b.Time.Time()
	}
	said := say(t, n, town, "by a clock that is ahead")
	arrives(t, n, capital, said.Name)
	await(t, at, "a beacon of the wrong hour is held", func() bool { return of().After(time.Now().Add(30 * time.Minute)) })
	ahead.Store(0)
	said = say(t, n, town, "by a clock that is right")
	arrives(t, n, capital, said.Name)
	await(t, at, "a beacon of the right hour is held", func() bool { return !of().After(time.Now()) })
}

// A hosted institution is closed: what it writes is dropped at every door, and the line to
// its host stays up, for the others whom that hosts.
func TestClosedInstitutionLeavesTheLineToItsHostUp(t *testing.T) {
	t.Parallel()
	plan := three()
	plan.Nodes[2] = append(plan.Nodes[2], member(hosted, body.Municipality))
	n, _ := startIn(t, plan)
	arrives(t, n, capital, say(t, n, hosted, "while a member").Name)
	at, host := n.Node(capital), n.Node(neighbour)
	n.Line(neighbour, capital).Cut() // so that the host goes on in ignorance
	late := say(t, n, hosted, "written after the end")
	if _, err := at.Desk().Close(t.Context(), desk.CloseRequest{Institution: hosted, Reason: "merged"}); err != nil {
		t.Fatal(err)
	}
	own := say(t, n, neighbour, "of the host itself")
	n.Line(neighbour, capital).Heal()
	arrives(t, n, capital, own.Name)
	await(t, host, "the host knows", func() bool { m, _ := host.Trust().Member(hosted); return m.Out })
	arrives(t, n, neighbour, say(t, n, capital, "still here").Name)
	arrives(t, n, capital, say(t, n, neighbour, "so are we").Name)
	if at.Holds(late.Name) {
		t.Error("what a closed institution wrote after its end was taken")
	}
	if s := lineTo(at, neighbour); !s.Up || s.Out {
		t.Errorf("the line to the host: %+v", s)
	}
	if s := lineTo(host, capital); !s.Up || s.Error != "" {
		t.Errorf("the host's line: %+v", s)
	}
}

// The line of a member that was closed says by which record, by whom, and why.
func TestLineOfAClosedMemberNamesTheRecordThatClosedIt(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	at := n.Node(capital)
	arrives(t, n, capital, say(t, n, town, "while a member").Name)
	closed, err := at.Desk().Close(t.Context(), desk.CloseRequest{Institution: town, Successor: neighbour, Reason: "merged by law"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, at, "the line is down", func() bool { return !lineTo(at, town).Up })
	s := lineTo(at, town)
	want := fmt.Sprintf("closed by %s in %s: merged by law; %s goes on in its place (see: vardar member show %s)", capital, closed.Published.Record, neighbour, town)
	if !s.Out || !strings.HasSuffix(s.Error, want) {
		t.Errorf("the line says %q, out %t; want %q", s.Error, s.Out, want)
	}
	if _, err := at.Links().Test(t.Context(), town); !errors.Is(err, link.ErrOut) {
		t.Errorf("a test of the line: %v", err)
	}
}

// silentAt listens and says nothing; or, in front of a listener, lets its TLS handshake
// through and nothing after that.
func silentAt(t *testing.T, behind string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var conns []net.Conn
	keep := func(c net.Conn) {
		mu.Lock()
		defer mu.Unlock()
		conns = append(conns, c)
	}
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			keep(c)
			if behind == "" {
				continue
			}
			out, err := net.Dial("tcp", behind)
			if err != nil {
				return
			}
			keep(out)
			// The listener's part of the handshake comes before the dialler speaks again;
			// what comes after that is kept back.
			var spoken atomic.Int32
			all.Go(func() { _, _ = io.Copy(out, &counted{c, &spoken}) })
			all.Go(func() {
				b := make([]byte, 16<<10)
				for {
					k, err := out.Read(b)
					if err != nil {
						return
					}
					if spoken.Load() < 2 {
						_, _ = c.Write(b[:k])
					}
				}
			})
		}
	})
	return l.Addr().String()
}

// counted counts what is read.
type counted struct {
	net.Conn
	n *atomic.Int32
}

func (c *counted) Read(b []byte) (int, error) {
	k, err := c.Conn.Read(b)
	c.n.Add(1)
	return k, err
}

// A listener that is silent, at TCP or behind a good handshake, is left after the time that
// a handshake may take, in words; then the next address is tried.
func TestNextAddressIsTriedBehindASilentListener(t *testing.T) {
	t.Parallel()
	for name, tls := range map[string]bool{"at TCP": false, "behind TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each waits for what a handshake may take
			n, _ := startIn(t, three())
			behind := ""
			if tls {
				behind = n.Node(capital).Addr()
			}
			links := n.Node(town).Links()
			c, _, err := links.Config(capital)
			if err != nil {
				t.Fatal(err)
			}
			good, silent := c.Addresses, silentAt(t, behind)
			c.Addresses = []string{silent}
			n.Line(town, capital).Cut()
			if err := links.Configure(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			await(t, n.Node(town), "the line says that nobody answers", func() bool {
				s := lineTo(n.Node(town), capital)
				return !s.Up && strings.Contains(s.Error, silent+": no answer") && strings.Contains(s.Error, "no answer: see that vardar listens there")
			})
			n.Line(town, capital).Heal()
			c.Addresses = slices.Concat([]string{silent}, good)
			if err := links.Configure(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			await(t, n.Node(town), "the line is up by the next address", func() bool { return up(n.Node(town), capital) })
		})
	}
}

// Nodes stop while a peer reads nothing: what they have sent fills the line.
func TestNodesStopThoughAPeerReadsNothing(t *testing.T) {
	t.Parallel()
	for _, id := range []protocol.InstitutionID{town, capital} { // who dials, and who listens
		t.Run(string(id), func(t *testing.T) {
			n, _ := startIn(t, three())
			to := map[protocol.InstitutionID]protocol.InstitutionID{town: capital, capital: town}[id]
			await(t, n.Node(id), "the line is up", func() bool { return up(n.Node(id), to) })
			wire := n.Line(town, capital)
			wire.Hold()
			for range 600 {
				big(t, n, id, 20_000) // more than sockets and windows take
			}
			await(t, n.Node(id), "much waits", func() bool { return lineTo(n.Node(id), to).Waiting >= 600 })
			over := make(chan error, 1)
			go func() { over <- n.Stop(id) }()
			select {
			case err := <-over:
				if err != nil {
					t.Error(err)
				}
			case <-within(t).Done():
				t.Fatal("the node does not stop")
			}
		})
	}
}

// The administrator of a node that was copied reads it in the status, before either writes.
func TestStatusOfACopiedNodeSaysSo(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "before the copy").Name)
	copied := copyOf(t, n, dir, town)
	runAlone(t, copied, quick(), func(*node.Node) {})
	at := n.Node(town)
	var found desk.Finding
	await(t, at, "the status names the copy", func() bool {
		s, err := at.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range s.Verdict.Findings {
			if f.What == "copy" {
				found = f
				return true
			}
		}
		return false
	})
	if !found.Grave || !strings.Contains(found.Said, "another copy of this node") || found.Mend == "" {
		t.Errorf("found %+v", found)
	}
}
