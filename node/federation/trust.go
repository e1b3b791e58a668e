package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
)

// TrustStory is the proof story of who may speak; [DemoTrust] tells it.
const TrustStory = "trust"

// TrustOptions say how the proof story is told. Only Out is required.
type TrustOptions struct {
	Out     io.Writer // one line a scene
	Colour  bool      // Out is a terminal that shows colours
	Columns int       // of that terminal; 0: not known, or no terminal

	Clock      func() time.Time                             // real time, for measuring; default time.Now
	CheckStore func(ctx context.Context, path string) error // looks at a restored store; default in this process
	Began      func(scene, dir string)                      // called before a scene makes its nodes in a folder, for tests; may be nil
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
		{"closed", (*stage).closed},
		{"rotated", (*stage).rotated},
		{"fork found and closed", (*stage).forkClosed},
		{"clone found", (*stage).cloneFound},
		{"restored in isolation", (*stage).restored},
		{"rival charter stopped", (*stage).rivalCharter},
		{"lost key recovered", (*stage).lostKey},
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
func DemoTrust(ctx context.Context, o TrustOptions) (TrustReport, error) {
	return tellProof(ctx, o, proofStory{"who may speak, scene by scene", trustScenes()})
}

// proofStory is told scene by scene.
type proofStory struct {
	title  string
	scenes []trustScene
}

func tellProof(ctx context.Context, o TrustOptions, story proofStory) (report TrustReport, err error) {
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the default of TrustOptions.Clock
	}
	if o.CheckStore == nil {
		o.CheckStore = func(_ context.Context, path string) error { return node.CheckStoreFile(path) }
	}
	dir, err := os.MkdirTemp("", "vardar-demo-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	say := newTeller(DemoOptions{Out: o.Out, Colour: o.Colour, Columns: o.Columns})
	say.para(strong, "VARDAR DEMONSTRATION  %s", story.title)
	say.para(plain, "Real nodes in this process, of invented institutions; each scene has a network of its own.")
	say.line(plain, "")
	began := o.Clock()
	report.OK = true
	for i, scene := range story.scenes {
		s := &stage{dir: filepath.Join(dir, fmt.Sprint(i)), options: o}
		told, err := s.run(ctx, scene)
		if err != nil {
			return TrustReport{}, err
		}
		report.Scenes = append(report.Scenes, told)
		colour, mark := good, "held"
		if !told.OK {
			report.OK, colour, mark = false, bad, "NOT HELD"
		}
		say.entry(colour, "%-21s %s, %.1f s: %s", told.Name, mark, told.Seconds, told.Detail)
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
