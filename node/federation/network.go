package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Member is one institution of a plan.
type Member struct {
	ID    protocol.InstitutionID
	Level body.Level
	Names body.Names

	Seat      *body.Place
	Residents *body.Residents
}

// opening is what a member says of itself first.
func (m *Member) opening() node.Opening {
	return node.Opening{Institution: m.ID, Level: m.Level, Names: m.Names, Seat: m.Seat, Residents: m.Residents}
}

// Plan says who is there and which lines there are. Nodes[0] founds the network: its
// first institution is a steward.
type Plan struct {
	Network    string
	Good       int                                               // years until the charter expires; default 1
	Nodes      [][]Member                                        // each node and whom it hosts; the first names it
	Stewards   []protocol.InstitutionID                          // besides that one; any half of them and one more sign
	Registrars map[protocol.InstitutionID][]string               // prefixes; registrars and stewards are founders, all others are invited
	Via        map[protocol.InstitutionID]protocol.InstitutionID // who lets a newcomer in, with its registrar's invitation; default the registrar
	Lines      [][2]protocol.InstitutionID                       // dialler, listener; besides the line to who let one in
}

// Options say how a network runs. Dir is required.
type Options struct {
	Dir    string                                       // one folder a node below it
	Clock  func() time.Time                             // default time.Now
	Stamp  func(id protocol.InstitutionID) time.Time    // the author's time in the records of a node; default Clock
	Logger func(id protocol.InstitutionID) *slog.Logger // default: discard
	Rand   func(id protocol.InstitutionID) io.Reader    // chance of each node, safe for concurrent use; default crypto/rand
	Sheet  func(id protocol.InstitutionID, text string) // is given the recovery sheets of keys that are made; may be nil
	Timing node.Timing
	Each   func(id protocol.InstitutionID, o *node.Options) // changes what one node runs with, such as its clock or the room on its disk; may be nil
	Told   func(Event)                                      // told of what happens while the network is made; may be nil
}

// Network is many nodes in one process.
type Network struct {
	o     Options
	plan  Plan
	wg    sync.WaitGroup
	mu    sync.Mutex // guards nodes and lines
	nodes map[protocol.InstitutionID]*running
	lines map[[2]protocol.InstitutionID]*Line
}

// running is a node and how to stop it.
type running struct {
	*node.Node
	options node.Options
	cancel  context.CancelFunc
	done    chan error
}

// Start makes the nodes of a plan, has them join, and opens the lines.
func Start(ctx context.Context, o Options, plan Plan) (_ *Network, err error) {
	n := &Network{o: o, plan: plan, nodes: map[protocol.InstitutionID]*running{}, lines: map[[2]protocol.InstitutionID]*Line{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if err = n.found(ctx); err != nil {
		return n, err
	}
	for _, hosted := range plan.Nodes {
		if n.Node(hosted[0].ID) != nil {
			continue
		}
		if err = n.join(ctx, hosted); err != nil {
			return n, fmt.Errorf("%s joins: %w", hosted[0].ID, err)
		}
	}
	for _, l := range plan.Lines {
		if err = n.connect(ctx, l[0], l[1]); err != nil {
			return n, err
		}
	}
	for _, hosted := range plan.Nodes {
		for _, m := range hosted[1:] {
			if err = n.host(ctx, hosted[0].ID, m); err != nil {
				return n, fmt.Errorf("%s is hosted by %s: %w", m.ID, hosted[0].ID, err)
			}
		}
	}
	return n, nil
}

func (n *Network) told(e Event) {
	if n.o.Told != nil {
		n.o.Told(e)
	}
}

// options are those of one node. The keys lie open in an owner-only file: a network in
// one process has nobody to ask for a passphrase.
func (n *Network) options(id protocol.InstitutionID) node.Options {
	o := node.Options{
		Dir: filepath.Join(n.o.Dir, string(id)), Listen: "127.0.0.1:0", Clock: n.o.Clock,
		Version: "federation", Timing: n.o.Timing,
	}
	if n.o.Stamp != nil {
		o.Stamp = func() time.Time { return n.o.Stamp(id) }
	}
	if n.o.Logger != nil {
		o.Logger = n.o.Logger(id)
	}
	if n.o.Rand != nil {
		o.Rand = n.o.Rand(id)
	}
	if n.o.Sheet != nil {
		o.Sheet = func(text string) error { n.o.Sheet(id, text); return nil }
	}
	if n.o.Each != nil {
		n.o.Each(id, &o)
	}
	return o
}

// found makes the nodes of stewards and registrars, which the charter names.
func (n *Network) found(ctx context.Context) error {
	first := n.plan.Nodes[0][0].ID
	stewards := append([]protocol.InstitutionID{first}, n.plan.Stewards...)
	draft := node.CharterChange{
		Network: n.plan.Network, Grant: map[string]protocol.InstitutionID{},
		Expires: n.stamp(first).AddDate(max(n.plan.Good, 1), 0, 0).Truncate(time.Second),
	}
	for id, prefixes := range n.plan.Registrars {
		for _, p := range prefixes {
			draft.Grant[p] = id
		}
	}
	var founders []Member
	for _, hosted := range n.plan.Nodes {
		m := hosted[0]
		steward := slices.Contains(stewards, m.ID)
		if !steward && len(n.plan.Registrars[m.ID]) == 0 {
			continue
		}
		f, err := node.MakeKeys(n.options(m.ID), m.ID)
		if err != nil {
			return err
		}
		if steward {
			draft.Stewards = append(draft.Stewards, f)
		} else {
			draft.Registrars = append(draft.Registrars, f)
		}
		founders = append(founders, m)
	}
	charter, err := node.FirstCharter(draft)
	if err != nil {
		return err
	}
	for _, id := range stewards {
		if _, err := node.SignCharter(ctx, n.options(id), id, &charter); err != nil {
			return err
		}
	}
	for _, m := range founders {
		if err := node.Found(ctx, n.options(m.ID), charter.SignedCharter, m.opening()); err != nil {
			return err
		}
		if err := n.run(ctx, m.ID); err != nil {
			return err
		}
		n.told(Event{Who: m.ID, What: Founded})
	}
	for _, m := range founders[1:] {
		if err := n.connect(ctx, m.ID, first); err != nil {
			return err
		}
	}
	return nil
}

func (n *Network) stamp(id protocol.InstitutionID) time.Time {
	switch {
	case n.o.Stamp != nil:
		return n.o.Stamp(id)
	case n.o.Clock != nil:
		return n.o.Clock()
	}
	return time.Now() //nolint:forbidigo // the default of Options.Clock
}

// run opens a node and runs it.
func (n *Network) run(ctx context.Context, id protocol.InstitutionID) error {
	return n.runAs(ctx, id, n.options(id))
}

// runAs runs a node under another name than its own, if it is a copy.
func (n *Network) runAs(ctx context.Context, id protocol.InstitutionID, o node.Options) error {
	opened, err := node.Open(ctx, o)
	if err != nil {
		return err
	}
	running := &running{Node: opened, options: o, done: make(chan error, 1)}
	var life context.Context
	life, running.cancel = context.WithCancel(context.WithoutCancel(ctx))
	n.wg.Go(func() { running.done <- opened.Run(life) })
	n.mu.Lock()
	n.nodes[id] = running
	n.mu.Unlock()
	select {
	case <-opened.Ready():
		return nil
	case err := <-running.done:
		running.done <- err
		return err
	}
}

// Stop ends a node in good order; Restart opens it again in its folder.
func (n *Network) Stop(id protocol.InstitutionID) error {
	n.mu.Lock()
	r := n.nodes[id]
	delete(n.nodes, id)
	n.mu.Unlock()
	if r == nil {
		return nil
	}
	r.cancel()
	return errors.Join(<-r.done, r.Close())
}

// Restart runs a stopped node again.
func (n *Network) Restart(ctx context.Context, id protocol.InstitutionID) error {
	return n.run(ctx, id)
}

// connect opens a line, the listener agreeing in advance.
func (n *Network) connect(ctx context.Context, from, to protocol.InstitutionID) error {
	l, err := n.line(ctx, from, to)
	if err != nil {
		return err
	}
	if err := n.Node(to).Offer(ctx, from, n.Node(from).LinkKey()); err != nil {
		return err
	}
	return n.Node(from).Connect(ctx, to, l.Addr(), n.Node(to).LinkKey())
}

// line gives the wire between two nodes, making it if need be.
func (n *Network) line(ctx context.Context, from, to protocol.InstitutionID) (*Line, error) {
	n.mu.Lock()
	l := n.lines[[2]protocol.InstitutionID{from, to}]
	n.mu.Unlock()
	if l != nil {
		return l, nil
	}
	l, err := OpenLine(ctx, func() string {
		if listener := n.Node(to); listener != nil {
			return listener.Addr()
		}
		return "127.0.0.1:1" // nobody: the node does not run
	})
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines[[2]protocol.InstitutionID{from, to}] = l
	return l, nil
}

// Line gives the wire between two nodes, whoever dials; nil if there is none.
func (n *Network) Line(a, b protocol.InstitutionID) *Line {
	n.mu.Lock()
	defer n.mu.Unlock()
	if l := n.lines[[2]protocol.InstitutionID{a, b}]; l != nil {
		return l
	}
	return n.lines[[2]protocol.InstitutionID{b, a}]
}

// Lines gives the ends of all lines, dialler first, sorted.
func (n *Network) Lines() [][2]protocol.InstitutionID {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.SortedFunc(maps.Keys(n.lines), func(a, b [2]protocol.InstitutionID) int { return slices.Compare(a[:], b[:]) })
}

// Node gives the node that hosts an institution; nil if it does not run.
func (n *Network) Node(id protocol.InstitutionID) *node.Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r := n.nodes[id]; r != nil {
		return r.Node
	}
	for _, r := range n.nodes {
		if slices.Contains(r.Institutions(), id) {
			return r.Node
		}
	}
	return nil
}

// Nodes gives the running nodes, sorted by name.
func (n *Network) Nodes() []*node.Node {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []*node.Node
	for _, id := range slices.Sorted(maps.Keys(n.nodes)) {
		out = append(out, n.nodes[id].Node)
	}
	return out
}

// Rest stops all nodes and keeps the lines: a node that is run again is reached over them.
func (n *Network) Rest() error {
	n.mu.Lock()
	ids := slices.Sorted(maps.Keys(n.nodes))
	for _, r := range n.nodes {
		r.cancel() // all at once: no node waits for a peer that is still up
	}
	n.mu.Unlock()
	errs := make([]error, len(ids))
	var wg sync.WaitGroup
	for k, id := range ids {
		wg.Go(func() { errs[k] = n.Stop(id) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Close stops all nodes and lines.
func (n *Network) Close() error {
	errs := []error{n.Rest()}
	n.mu.Lock()
	lines := n.lines
	n.mu.Unlock()
	for _, l := range lines {
		errs = append(errs, l.Close())
	}
	n.wg.Wait()
	return errors.Join(errs...)
}
