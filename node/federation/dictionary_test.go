package federation_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/dict"
	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

var dictionary = flag.String("dictionary", "", "write the dictionary of small frames, made of the demo's records, to this file")

// demoRecords gives the records of the demo, as its coordinator holds them.
func demoRecords(t *testing.T) []protocol.Record {
	t.Helper()
	var out []protocol.Record
	play(t, federation.DemoOptions{Seed: 7, Closed: func(dirs map[protocol.InstitutionID]string) {
		s, err := store.Open(t.Context(), store.Options{Dir: dirs[federation.Coordinator], Clock: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range s.All(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r.Record)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}})
	return out
}

// What an author says now travels alone, in a frame of one record: with the dictionary it
// takes a good deal less. The figures are in node/link/DESIGN.md.
func TestLiveRecordsShrinkWithTheDictionary(t *testing.T) {
	t.Parallel()
	records := demoRecords(t)
	if *dictionary != "" {
		makeDictionary(t, records)
		return
	}
	p := packer(t)
	plain, alone, packed, n := 0, 0, 0, 0
	for _, r := range records {
		if r.BodyState != protocol.BodyHeld {
			continue
		}
		frame := frameOf(t, r)
		if len(frame) >= link.PackFrom {
			continue
		}
		plain, packed, n = plain+len(frame), packed+len(p.PackSmall(frame)), n+1
		alone += len(protocol.PackFrame(frame, p))
		runs, err := protocol.ParseFrame(p.PackSmall(frame), p)
		if err != nil || runs[0].Last().Digest() != r.Digest() {
			t.Fatalf("%s does not come out as it went in: %v", r.Name, err)
		}
	}
	t.Logf("%d records of %d B; alone %d B, with the dictionary %d B", n, plain/n, alone/n, packed/n)
	if 10*packed > 7*plain {
		t.Errorf("%d bytes of small frames become %d", plain, packed)
	}
}

// Nobody is sent what it can't open: only who names the dictionary by its digest gets small
// frames packed with it.
func TestDictionaryIsAgreedByItsDigest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		packing []string
		packed  bool
	}{
		"an older node":      {nil, false},
		"without dictionary": {[]string{link.Packing}, false},
		"another dictionary": {[]string{link.Packing, link.Packing + ":00112233445566778899aabbccddeeff"}, false},
		"the same":           {[]string{link.Packing, packer(t).Dictionary()}, true},
	} {
		t.Run(name, func(t *testing.T) {
			n, dir := startIn(t, three())
			v := turn(t, n, dir)
			v.packing = c.packing
			v.mu.Lock()
			done := make(chan []byte, 64)
			v.answers[protocol.OpTail] = func(m *nats.Msg) {
				done <- m.Data
				v.accepts(m)
			}
			v.mu.Unlock()
			v.listens()
			said := say(t, n, capital, "what an author says now travels alone")
			for {
				select {
				case frame := <-done:
					runs, err := protocol.ParseFrame(frame, packer(t))
					if err != nil {
						t.Fatal(err)
					}
					if runs[len(runs)-1].Last().Name == said.Name {
						if (frame[2] == 2) != c.packed {
							t.Errorf("a small frame came packed: %v, want %v", frame[2] == 2, c.packed)
						}
						return
					}
				case <-within(t).Done():
					t.Fatal("it never came")
				}
			}
		})
	}
}

// makeDictionary writes a dictionary of what repeats: names, types and bodies, and no key,
// digest or signature.
func makeDictionary(t *testing.T, records []protocol.Record) {
	t.Helper()
	var samples [][]byte
	for _, r := range records {
		if r.BodyState == protocol.BodyHeld {
			_, rest, _ := strings.Cut(strings.TrimPrefix(r.Type, "vardar."), ".")
			samples = append(samples, append([]byte(string(r.Institution)+rest), r.Body...))
		}
	}
	made, err := dict.BuildZstdDict(samples, dict.Options{MaxDictSize: 8 << 10, HashBytes: 6, ZstdDictID: link.DictionaryID, ZstdLevel: zstd.SpeedDefault})
	if err == nil {
		err = os.WriteFile(*dictionary, made, 0o644) //nolint:gosec // part of the repository
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes of %d samples", len(made), len(samples))
}
