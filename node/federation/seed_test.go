package federation_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// TestSameSeedMakesTheSameRecords: keys, salts and the author's times come from the seed
// and the story, so every record has the same digest. What is each node's own differs
// and is in no record: times of acceptance, ports, beacons, TLS sessions, and the order of
// retries.
func TestSameSeedMakesTheSameRecords(t *testing.T) {
	t.Parallel()
	file := fileOf(t, 3, usual)
	signed := func(seed uint64) map[protocol.Name]protocol.Digest {
		dir := filepath.Join(t.TempDir(), "kept")
		if report, told := play(t, federation.DemoOptions{Arrivals: file, Keep: dir, Seed: seed}); !report.OK {
			t.Fatalf("not proved: %v\n%s", report.Problems, told)
		}
		return digests(t, filepath.Join(dir, string(federation.Coordinator)))
	}
	one, again, other := signed(7), signed(7), signed(8)
	if len(one) != len(again) || len(one) != len(other) {
		t.Fatalf("%d, %d and %d records, want as many", len(one), len(again), len(other))
	}
	for name, digest := range one {
		if again[name] != digest {
			t.Errorf("%s differs with the same seed", name)
		}
		if other[name] == digest {
			t.Errorf("%s is the same with another seed", name)
		}
	}
}

// digests reads what a node that does not run holds.
func digests(t *testing.T, dir string) map[protocol.Name]protocol.Digest {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	out := digestsIn(t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// digestsIn gives the records of an open store.
func digestsIn(t *testing.T, s *store.Store) map[protocol.Name]protocol.Digest {
	t.Helper()
	out := map[protocol.Name]protocol.Digest{}
	for _, f := range s.Feeds() {
		for _, epoch := range s.Epochs(f) {
			for _, b := range s.Branches(protocol.EpochID{Feed: f, Epoch: epoch}) {
				for r, err := range s.Range(t.Context(), b.EpochID, b.Digest, 1, b.Head) {
					if err != nil {
						t.Fatal(err)
					}
					out[r.Name] = r.Digest
				}
			}
		}
	}
	return out
}
