package federation_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// bordersHeld are the statements on crossings in a store by who makes them, read without the
// board, and what began the exercises that they are of.
type bordersHeld struct {
	says  map[protocol.InstitutionID]*body.Route
	of    map[protocol.Name]int // statements of an exercise; the empty name: of none
	began map[protocol.Name]string
}

func readBorders(t *testing.T, dir string) bordersHeld {
	t.Helper()
	out := bordersHeld{says: map[protocol.InstitutionID]*body.Route{}, of: map[protocol.Name]int{}, began: map[protocol.Name]string{}}
	saidIn(t, dir, func(r *protocol.Record) bool {
		return r.Type == body.TypeRoute || r.Type == body.TypePhase
	}, func(r *protocol.Record, said body.Body) {
		switch b := said.(type) {
		case *body.Phase:
			out.began[r.Name] = string(b.Exercise)
		case *body.Route:
			ref, _ := b.Base().Ref(body.RelExercise)
			if !r.Exercise {
				ref.Record = protocol.Name{}
			}
			out.says[r.Institution] = b
			out.of[ref.Record]++
		}
	})
	return out
}

// proveBorder wants in every store two statements on one crossing that differ, by its two sides,
// marked as invented and as of the one exercise that somebody has begun under a name.
func proveBorder(t *testing.T, report federation.DemoReport, flat, dir string, of scenes) {
	t.Helper()
	for _, n := range report.Nodes {
		held := readBorders(t, filepath.Join(dir, string(n.Institution)))
		out, in := held.says[of.out], held.says[of.in]
		if len(held.says) != 2 || out == nil || in == nil {
			t.Fatalf("%s holds statements of %v, want of %s and %s", n.Institution, held.says, of.out, of.in)
		}
		if out.Asset.Code != in.Asset.Code || out.Asset.Code.Code != of.code || out.State == in.State || out.Throughput.Count == in.Throughput.Count || out.Direction == in.Direction {
			t.Errorf("%s holds %+v and %+v, want two that contradict each other on %s", n.Institution, out, in, of.code)
		}
		for _, b := range []*body.Route{out, in} {
			if !strings.Contains(string(b.Asset.Name), "invented") || b.Source == nil || !strings.Contains(string(b.Source.Name), "Invented") {
				t.Errorf("%s holds a statement that does not say that it is invented: %+v", n.Institution, b)
			}
		}
		for name, title := range held.began {
			if len(held.began) != 1 || title == "" || held.of[name] != 2 || len(held.of) != 1 {
				t.Errorf("%s holds the exercises %v, and statements of %v: want two of one with a name", n.Institution, held.began, held.of)
			}
		}
		if len(held.began) == 0 {
			t.Errorf("%s holds no exercise", n.Institution)
		}
	}
	for _, want := range []string{
		"TWO SIDES DISAGREE (invented, an exercise): " + of.name, "They contradict each other in state and throughput",
		"2 statements on one crossing (invented, marked as an exercise) contradict each other in state and throughput.",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("not told: %s", want)
		}
	}
}
