package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TrustStory is the proof story of who may speak; [DemoTrust] tells it.
const TrustStory = "trust"

// TrustOptions say how the proof story is told. Only Out is required.
type TrustOptions struct {
	Out     io.Writer // one line a scene
	Colour  bool      // Out is a terminal that shows colours
	Columns int       // of that terminal; 0: not known, or no terminal

	Clock func() time.Time        // real time, for measuring; default time.Now
	Began func(scene, dir string) // called before a scene makes its nodes in a folder, for tests; may be nil
}

// TrustReport is what came of the proof story. OK says that every scene held.
type TrustReport struct {
	OK      bool         `json:"ok"`
	Scenes  []TrustScene `json:"scenes"`
	Seconds float64      `json:"seconds"`
}

// TrustScene is one scene. Detail says what was seen, or what was not.
type TrustScene struct {
	Name    string  `json:"name"`
	OK      bool    `json:"ok"`
	Seconds float64 `json:"seconds"`
	Detail  string  `json:"detail"`
}

// trustScenes are the scenes in the order they are told. Each has a network of its own, so
// that one which fails spoils no other.
func trustScenes() []trustScene {
	return []trustScene{
		{"joined", (*stage).joined},
		{"fork found", (*stage).forkFound},
		{"clone found", (*stage).cloneFound},
	}
}

type trustScene struct {
	name string
	play func(s *stage, ctx context.Context) (detail string, err error)
}

// errUnseen is wrapped by what a scene did not see.
var errUnseen = errors.New("not as it must be")

func unseen(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnseen, fmt.Sprintf(format, args...))
}

// DemoTrust plays each scene on real nodes in this process. A scene that fails is told in
// the report and is no error; an error is what kept the story from being told at all.
func DemoTrust(ctx context.Context, o TrustOptions) (report TrustReport, err error) {
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the default of TrustOptions.Clock
	}
	dir, err := os.MkdirTemp("", "vardar-demo-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say := newTeller(DemoOptions{Out: o.Out, Colour: o.Colour, Columns: o.Columns})
	say.para(strong, "VARDAR DEMONSTRATION  who may speak, scene by scene")
	say.para(plain, "Real nodes in this process, of invented institutions; each scene has a network of its own.")
	say.line(plain, "")
	began := o.Clock()
	report.OK = true
	for i, scene := range trustScenes() {
		s := &stage{dir: filepath.Join(dir, fmt.Sprint(i))}
		told, err := s.run(ctx, o, scene)
		if err != nil {
			return TrustReport{}, err
		}
		report.Scenes = append(report.Scenes, told)
		colour, mark := good, "held"
		if !told.OK {
			report.OK, colour, mark = false, bad, "NOT HELD"
		}
		say.entry(colour, "%-14s %s, %.1f s: %s", told.Name, mark, told.Seconds, told.Detail)
	}
	report.Seconds = o.Clock().Sub(began).Seconds()
	say.line(plain, "")
	if report.OK {
		say.para(good, "Every scene held. %.1f seconds.", report.Seconds)
	} else {
		say.para(bad, "NOT PROVED: see the scenes that were not held.")
	}
	return report, say.err
}

// stage is where one scene is played.
type stage struct {
	dir string
	net *Network
}

// run plays a scene and closes its nodes.
func (s *stage) run(ctx context.Context, o TrustOptions, scene trustScene) (told TrustScene, err error) {
	began := o.Clock()
	told.Name = scene.name
	if o.Began != nil {
		o.Began(scene.name, s.dir)
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
	told.Seconds, told.OK = o.Clock().Sub(began).Seconds(), err == nil
	if err != nil {
		told.Detail = err.Error()
	}
	return told, nil
}

// open makes the scene's network: a registrar that two towns dial, who dial each other.
func (s *stage) open(ctx context.Context, towns ...Member) (err error) {
	plan := Plan{
		Network: NetworkName, Nodes: [][]Member{{{ID: CrisisCentre, Level: body.Ministry}}},
		Registrars: map[protocol.InstitutionID][]string{CrisisCentre: {"mk."}},
		Via:        map[protocol.InstitutionID]protocol.InstitutionID{},
	}
	for _, m := range towns {
		plan.Nodes = append(plan.Nodes, []Member{m})
	}
	timing := node.Timing{Heartbeat: demoHeartbeat, Redial: stageRedial, Soon: demoSoon}
	s.net, err = Start(ctx, Options{Dir: s.dir, Timing: timing}, plan)
	return err
}

// stageRedial is how soon a node of a scene dials again.
const stageRedial = 200 * time.Millisecond

func townOf(id protocol.InstitutionID) Member { return Member{ID: id, Level: body.Municipality} }

// note has an institution write a note.
func (s *stage) note(ctx context.Context, id protocol.InstitutionID, text body.NoteText) (node.Said, error) {
	return s.net.Node(id).Say(ctx, id, &body.Note{Topic: protocol.Situation, Text: text}, protocol.Green)
}

// arrives waits until a node holds a record.
func (s *stage) arrives(ctx context.Context, at protocol.InstitutionID, name protocol.Name) error {
	n := s.net.Node(at)
	return Wait(ctx, n, func() bool { return n.Holds(name) })
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
