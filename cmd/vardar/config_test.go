package main

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/api"
)

func FuzzParseConfig(f *testing.F) {
	f.Add([]byte("institution: mk.southeast.gevgelija\nlisten: 0.0.0.0:4222\nlinks: [mk.national.crisis-centre=node.example.org:4222]\n"))
	f.Add([]byte("links:\n  - a=b:1\n  - &x c=d:2\n  - *x\nlog: ~\n"))
	f.Add([]byte("listn: 1\ndir: {a: [1, 2.5, true]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseConfig("vardar.yaml", text)
		var problem *api.Problem
		if err != nil {
			if !errors.As(err, &problem) || problem.Kind != api.Usage || problem.Detail == "" {
				t.Errorf("refused without a word of what is wrong: %v", err)
			}
			return
		}
		for name, values := range s {
			if !slices.Contains(settingNames(), name) || len(values) > 1 && !lists(name) {
				t.Errorf("%s was read as %q", name, values)
			}
		}
	})
}
