package federation_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// world is a network under a schedule.
type world struct {
	t      *testing.T
	dir    string
	net    *federation.Network
	ids    []protocol.InstitutionID
	rng    *rand.Rand
	saw    counters
	e      evidence
	skew   map[protocol.InstitutionID]*atomic.Int64
	full   map[protocol.InstitutionID]*atomic.Bool
	sheets map[protocol.InstitutionID]string
	backup map[protocol.InstitutionID]string
	out    map[protocol.InstitutionID]bool
	owed   map[protocol.InstitutionID]map[protocol.InstitutionID]protocol.Key // keys that one was told on the phone while it was down
	forked map[protocol.InstitutionID]node.Said                               // the last record before the fork
	missed map[protocol.InstitutionID]map[protocol.Digest]bool                // that a copy, or the machine before, may have acknowledged
	cut    map[*federation.Line]bool
	liars  map[protocol.InstitutionID]bool
	keys   map[protocol.InstitutionID][]protocol.Key // node keys with which backups were made
	texts  int

	invited []*invitee
}

// pictureTime is when all nodes are asked for their picture.
func pictureTime() time.Time { return time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC) }

// start makes the network of a schedule.
func startWorld(t *testing.T, s schedule) (*world, error) {
	w := &world{
		t: t, dir: t.TempDir(), ids: s.ids(), rng: rand.New(rand.NewPCG(s.seed, 2)), saw: counters{},
		skew: map[protocol.InstitutionID]*atomic.Int64{}, full: map[protocol.InstitutionID]*atomic.Bool{}, sheets: map[protocol.InstitutionID]string{},
		backup: map[protocol.InstitutionID]string{}, out: map[protocol.InstitutionID]bool{}, forked: map[protocol.InstitutionID]node.Said{}, missed: map[protocol.InstitutionID]map[protocol.Digest]bool{},
		owed: map[protocol.InstitutionID]map[protocol.InstitutionID]protocol.Key{},
	}
	w.e.goOn, w.cut = map[protocol.InstitutionID]attempt{}, map[*federation.Line]bool{}
	w.liars = map[protocol.InstitutionID]bool{}
	w.keys = map[protocol.InstitutionID][]protocol.Key{}
	plan := federation.Plan{
		Network: "simulation", Nodes: [][]federation.Member{{member(capital, body.Ministry)}, {member(hub, body.RegionalBody)}},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}, hub: {"int.", "rs."}},
	}
	for k := range invitees {
		w.invited = append(w.invited, &invitee{id: inviteeID(k)})
		w.skew[inviteeID(k)], w.full[inviteeID(k)] = &atomic.Int64{}, &atomic.Bool{}
	}
	for _, id := range w.ids {
		w.skew[id], w.full[id] = &atomic.Int64{}, &atomic.Bool{}
		if id != capital && id != hub {
			plan.Nodes = append(plan.Nodes, []federation.Member{member(id, body.Municipality)})
		}
	}
	for _, l := range s.lines {
		plan.Lines = append(plan.Lines, [2]protocol.InstitutionID{w.ids[l[0]], w.ids[l[1]]})
	}
	o := federation.Options{
		Dir: w.dir, Timing: quick(), Each: w.each, Rand: w.chance(s.seed),
		Sheet: func(id protocol.InstitutionID, text string) { w.sheets[id] = text },
	}
	if os.Getenv("VARDAR_TRACE") != "" {
		o.Logger = func(id protocol.InstitutionID) *slog.Logger {
			return slog.New(slog.NewTextHandler(t.Output(), nil)).With("node", id)
		}
	}
	var err error
	w.net, err = federation.Start(w.within(), o, plan)
	return w, err
}

// each gives a node its own clock and disk.
func (w *world) each(id protocol.InstitutionID, o *node.Options) {
	skew, full := w.skew[id], w.full[id]
	o.Clock = func() time.Time { return time.Now().Add(time.Duration(skew.Load())) }
	o.Free = func(string) (free, total uint64, err error) {
		if full.Load() {
			return 1, 1 << 40, nil
		}
		return 1 << 39, 1 << 40, nil
	}
}

// chance gives each node its own source from the seed.
func (w *world) chance(seed uint64) func(id protocol.InstitutionID) io.Reader {
	return func(id protocol.InstitutionID) io.Reader {
		// Another at each start: a node that begins again does not draw the same salts.
		w.texts++
		d := protocol.DigestOf(fmt.Appendf(nil, "%d %s %d", seed, id, w.texts))
		return &lockedChance{rng: rand.NewChaCha8(d)}
	}
}

func (w *world) within() context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// lockedChance is chance from a seed, safe for concurrent use.
type lockedChance struct {
	mu  sync.Mutex // guards rng
	rng *rand.ChaCha8
}

func (c *lockedChance) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.Read(p)
}

// patience bounds a hang; it is no claim about how long anything takes.
const patience = 4 * time.Minute

func (w *world) close() error { return w.net.Close() }

// node gives the running node of an institution that takes part; nil otherwise.
func (w *world) node(id protocol.InstitutionID) *node.Node {
	if w.out[id] {
		return nil
	}
	return w.net.Node(id)
}

// lines gives the lines of one node.
func (w *world) lines(id protocol.InstitutionID) []*federation.Line {
	var out []*federation.Line
	for _, l := range w.net.Lines() {
		if slices.Contains(l[:], id) {
			out = append(out, w.net.Line(l[0], l[1]))
		}
	}
	return out
}

func (w *world) peers(id protocol.InstitutionID) []protocol.InstitutionID {
	var out []protocol.InstitutionID
	for _, l := range w.net.Lines() {
		if l[0] == id {
			out = append(out, l[1])
		} else if l[1] == id {
			out = append(out, l[0])
		}
	}
	return out
}

// say has a node publish a note, and keeps what its user was told.
func (w *world) say(n *node.Node, id protocol.InstitutionID, topic protocol.Topic, h protocol.Handling) (node.Said, error) {
	w.texts++
	said, err := n.Say(w.within(), id, &body.Note{Topic: topic, Text: body.NoteText(fmt.Sprintf("note %d", w.texts))}, h)
	if err == nil {
		w.e.promised = append(w.e.promised, promise{Said: said})
	}
	return said, err
}

// up runs a node again, and tells it the keys it was not there to hear.
func (w *world) up(id protocol.InstitutionID) error {
	if w.net.Node(id) != nil {
		return nil
	}
	if err := w.net.Restart(w.within(), id); err != nil {
		return err
	}
	for peer, key := range w.owed[id] {
		if _, err := w.net.Node(id).Desk().AddLink(w.within(), node.AddLinkRequest{Peer: peer, Key: key}); err != nil {
			return err
		}
	}
	delete(w.owed, id)
	return nil
}

// misses notes what the store that a node has now lacks of what was promised: its peers may know better of
// another store that had its name.
func (w *world) misses(id protocol.InstitutionID) {
	w.missed[id] = map[protocol.Digest]bool{}
	for _, p := range w.e.promised {
		if r, err := w.net.Node(id).Record(p.Name); err != nil || r.Digest() != p.Digest {
			w.missed[id][p.Digest] = true
		}
	}
}

// destroyed notes what is lost with a store: what was promised and stands in no other.
func (w *world) destroyed(id protocol.InstitutionID) error {
	held := map[protocol.Digest]bool{}
	for _, other := range w.ids {
		if other == id {
			continue
		}
		path := filepath.Join(w.dir, string(other), "store.bbolt")
		if n := w.net.Node(other); n != nil {
			path = filepath.Join(w.dir, "look.bbolt")
			if err := copyStore(w.within(), n, path); err != nil {
				return err
			}
		}
		records, _, _, err := readStore(path)
		if err != nil {
			return err
		}
		for i := range records {
			held[records[i].digest] = true
		}
	}
	for i := range w.e.promised {
		if p := &w.e.promised[i]; !held[p.Digest] {
			p.lost = true
		}
	}
	return nil
}

// heal takes every trouble away and runs every node.
func (w *world) heal() error {
	for _, id := range w.ids {
		w.skew[id].Store(0)
		w.full[id].Store(false)
	}
	for _, l := range w.net.Lines() {
		line := w.net.Line(l[0], l[1])
		line.Throttle(0)
		if w.liars[l[0]] || w.liars[l[1]] {
			line.Cut() // what somebody sent is not sent back, and a liar sent what its node does not hold
		}
		line.Heal()
		delete(w.cut, line)
	}
	var errs []error
	for _, id := range w.ids {
		if !w.out[id] {
			errs = append(errs, w.up(id))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return w.comesIn()
}

// settle waits until every member holds the same.
func (w *world) settle(ctx context.Context) error {
	for {
		var first *node.Node
		same := true
		for _, id := range w.ids {
			n := w.node(id)
			if n == nil {
				continue
			}
			if first == nil {
				first = n
			}
			if differing(first.Have(), n.Have()) != "" {
				same = false
			}
		}
		if same {
			return nil
		}
		if err := federation.Wait(ctx, first, changedOnce()); err != nil {
			return err
		}
	}
}

// changedOnce lets [federation.Wait] return at its second look.
func changedOnce() func() bool {
	looks := 0
	return func() bool { looks++; return looks > 1 }
}
