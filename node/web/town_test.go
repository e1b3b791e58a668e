package web_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	gate  protocol.InstitutionID = "mk.southeast.demo-south-gate"
	river protocol.InstitutionID = "mk.southeast.demo-river-town"
)

// clock is the hour of a test.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// border is a network of two nodes with their pages: the crisis centre's, and the south
// gate's, which hosts the river town as well.
type border struct {
	t       *testing.T
	clock   *clock
	network *federation.Network
	centre  *site
	gate    *site
}

// meet opens the two nodes, the line between them up.
func meet(t *testing.T, change ...func(protocol.InstitutionID, *node.Options)) *border {
	t.Helper()
	t.Setenv("TZ", "UTC")
	b := &border{t: t, clock: &clock{now: hour()}}
	ctx, cancel := context.WithCancel(context.Background())
	b.network = must(federation.Start(ctx, federation.Options{
		Dir: t.TempDir(), Clock: b.clock.Now,
		Logger: func(protocol.InstitutionID) *slog.Logger {
			return slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
		},
		Each: func(id protocol.InstitutionID, o *node.Options) {
			o.Pages, o.Free = "127.0.0.1:0", roomy
			for _, f := range change {
				f(id, o)
			}
		},
	}, federation.Plan{
		Network: "Test network", Registrars: map[protocol.InstitutionID][]string{centre: {"mk."}},
		Nodes: [][]federation.Member{
			{{ID: centre, Level: body.Ministry}},
			{{ID: gate, Level: body.Municipality}, {ID: river, Level: body.Municipality}},
		},
	}))(t)
	t.Cleanup(func() {
		ok(t, b.network.Close())
		cancel()
	})
	b.centre, b.gate = &site{t: t, node: b.network.Node(centre)}, &site{t: t, node: b.network.Node(gate)}
	return b
}

// roomy is a disk on which there is room, whatever the one of this machine has.
func roomy(string) (free, total uint64, err error) { return 1 << 39, 1 << 40, nil }

// says has an institution publish at its node's desk.
func (s *site) says(as protocol.InstitutionID, kind string, set ...string) desk.Published {
	s.t.Helper()
	return must(s.node.Desk().Publish(s.t.Context(), desk.Request{As: as, Kind: kind, Set: set, Knowing: true}))(s.t)
}

// comes waits until a node shows a record.
func (s *site) comes(n protocol.Name) {
	s.t.Helper()
	s.until(func() bool { return s.node.Shows(n) })
}

// until waits for a condition.
func (s *site) until(cond func() bool) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 2*time.Minute)
	defer cancel()
	ok(s.t, federation.Wait(ctx, s.node, cond))
}

// warns has the centre send an alert on Gevgelija.
func (s *site) warns(headline string) desk.Published {
	s.t.Helper()
	return s.says(centre, "alert", "place=MK-405", "info.0.category=Safety", "info.0.event=Arrivals", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely",
		"info.0.headline="+headline, "info.0.area.0.areaDesc=Gevgelija")
}
