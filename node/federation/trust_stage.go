package federation

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// stage is where one scene is played.
type stage struct {
	dir     string
	options TrustOptions
	net     *Network
	awaits  string       // what the scene waits for, said if it never comes
	later   atomic.Int64 // nanoseconds by which all clocks of the scene are ahead of real time

	mu     sync.Mutex // guards sheets
	sheets map[protocol.InstitutionID]string
}

// run plays a scene and closes its nodes.
func (s *stage) run(ctx context.Context, scene trustScene) (told TrustScene, err error) {
	began := s.options.Clock()
	told.Name = scene.name
	if s.options.Began != nil {
		s.options.Began(scene.name, s.dir)
	}
	err = patiently(ctx, func(ctx context.Context) (err error) {
		told.Detail, err = scene.play(s, ctx)
		return err
	})
	if s.net != nil {
		err = errors.Join(err, s.net.Close())
	}
	if ctx.Err() != nil {
		return told, ctx.Err()
	}
	told.Seconds, told.OK = s.options.Clock().Sub(began).Seconds(), err == nil
	switch {
	case errors.Is(err, ErrStuck):
		told.Detail = fmt.Sprintf("still not: %s; %v", s.awaits, err)
	case err != nil:
		told.Detail = err.Error()
	}
	return told, nil
}

// open makes the scene's network: a registrar that the towns dial.
func (s *stage) open(ctx context.Context, towns ...protocol.InstitutionID) error {
	return s.start(ctx, nil, towns...)
}

// start is open with stewards besides the registrar.
func (s *stage) start(ctx context.Context, stewards []protocol.InstitutionID, towns ...protocol.InstitutionID) (err error) {
	plan := Plan{
		Network: NetworkName, Nodes: [][]Member{{{ID: CrisisCentre, Level: body.Ministry}}}, Stewards: stewards,
		Registrars: map[protocol.InstitutionID][]string{CrisisCentre: {"mk."}},
		Via:        map[protocol.InstitutionID]protocol.InstitutionID{},
	}
	for _, id := range towns {
		plan.Nodes = append(plan.Nodes, []Member{townOf(id)})
	}
	timing := node.Timing{Heartbeat: demoHeartbeat, Redial: stageRedial, Soon: demoSoon}
	s.net, err = Start(ctx, Options{Dir: s.dir, Timing: timing, Clock: s.now, Sheet: s.keep}, plan)
	return err
}

// stageRedial is how soon a node of a scene dials again.
const stageRedial = 200 * time.Millisecond

func townOf(id protocol.InstitutionID) Member { return Member{ID: id, Level: body.Municipality} }

// now is what the clocks of the scene's nodes say.
func (s *stage) now() time.Time { return s.options.Clock().Add(time.Duration(s.later.Load())) }

// keep puts a recovery sheet where the institution will find it.
func (s *stage) keep(id protocol.InstitutionID, sheet string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sheets == nil {
		s.sheets = map[protocol.InstitutionID]string{}
	}
	s.sheets[id] = sheet
}

func (s *stage) sheet(id protocol.InstitutionID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sheets[id]
}

// note has the town write a note.
func (s *stage) note(ctx context.Context, text body.NoteText) (node.Said, error) {
	return s.net.Node(SouthGate).Say(ctx, SouthGate, &body.Note{Topic: protocol.Situation, Text: text}, protocol.Green)
}

// wait waits until something holds on a node.
func (s *stage) wait(ctx context.Context, n *node.Node, what string, ok func() bool) error {
	s.awaits = fmt.Sprintf("%s: %s", n.Institutions()[0], what)
	return Wait(ctx, n, ok)
}

// everywhere waits until something holds on every running node.
func (s *stage) everywhere(ctx context.Context, what string, ok func(n *node.Node) bool) error {
	for _, n := range s.net.Nodes() {
		if err := s.wait(ctx, n, what, func() bool { return ok(n) }); err != nil {
			return err
		}
	}
	return nil
}

// arrives waits until a node holds a record.
func (s *stage) arrives(ctx context.Context, at protocol.InstitutionID, name protocol.Name) error {
	n := s.net.Node(at)
	return s.wait(ctx, n, "it holds "+name.String(), func() bool { return n.Holds(name) })
}

// told has the town write a note, and waits until all running nodes hold it.
func (s *stage) told(ctx context.Context, text body.NoteText) (node.Said, error) {
	said, err := s.note(ctx, text)
	if err != nil {
		return said, err
	}
	return said, s.everywhere(ctx, "it holds "+said.String(), func(n *node.Node) bool { return n.Holds(said.Name) })
}

// agree waits until all running nodes hold the same and show the same picture, every
// verdict included.
func (s *stage) agree(ctx context.Context) error {
	s.awaits = "all nodes hold the same"
	if err := s.net.Settle(ctx); err != nil {
		return err
	}
	nodes, at := s.net.Nodes(), s.now()
	return s.everywhere(ctx, "it shows the picture of "+string(nodes[0].Institutions()[0]), func(n *node.Node) bool { return n.PictureDigest(at) == nodes[0].PictureDigest(at) })
}

// standing is how a node shows a record: zero if it counts.
func standing(n *node.Node, at time.Time, said node.Said) node.Standing {
	for _, k := range n.Picture(at).Kept {
		if k.Record == said.Name && k.Digest == said.Digest {
			return k.Standing
		}
	}
	return 0
}

// count wants records to be held, and to count, on every running node.
func (s *stage) count(records ...node.Said) error {
	for _, n := range s.net.Nodes() {
		for _, said := range records {
			if got := standing(n, s.now(), said); got != 0 || !n.Holds(said.Name) {
				return unseen("%s shows %s as %v", n.Institutions()[0], said.Name, got)
			}
		}
	}
	return nil
}

// finds reports whether a node's status has a finding of a kind about something, and what it says.
func finds(ctx context.Context, n *node.Node, what, about string) (said string, ok bool) {
	status, err := n.Status(ctx)
	if err != nil {
		return "", false
	}
	for _, f := range status.Verdict.Findings {
		if f.What == what && strings.Contains(f.Said, about) {
			return f.Said, true
		}
	}
	return "", false
}

// lineUp reports whether a node has a line with a peer now.
func lineUp(n *node.Node, peer protocol.InstitutionID) bool {
	return slices.ContainsFunc(n.Lines(), func(l node.LineState) bool { return l.Peer == peer && l.Up })
}

// lineOut reports whether a node exchanges nothing any more with a member that is out.
func lineOut(n *node.Node, peer protocol.InstitutionID) bool {
	return slices.ContainsFunc(n.Lines(), func(l node.LineState) bool { return l.Peer == peer && l.Out })
}

// copied stops an institution's node and copies its folder, keys and all, as a copy of a
// machine would.
func (s *stage) copied(id protocol.InstitutionID) (copied string, err error) {
	if err = s.net.Stop(id); err != nil {
		return "", err
	}
	copied = filepath.Join(s.dir, "copy")
	if err = os.CopyFS(copied, os.DirFS(filepath.Join(s.dir, string(id)))); err != nil {
		return "", err
	}
	return copied, filepath.WalkDir(copied, func(path string, entry fs.DirEntry, err error) error {
		mode := fs.FileMode(0o600)
		if entry != nil && entry.IsDir() {
			mode = 0o700
		}
		return errors.Join(err, os.Chmod(path, mode)) // a new folder is open to others, and keys lie in none that is
	})
}
