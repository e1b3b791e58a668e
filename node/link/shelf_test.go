package link_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// hub holds n records of 40 feeds, interleaved, with bodies of so many bytes.
func hub(t testing.TB, n, size int) (*store.Store, protocol.Group) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Clock: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	dice := rand.NewChaCha8([32]byte{1})
	heads := make([]protocol.Record, 40)
	signers := make([]ed25519.PrivateKey, len(heads))
	for k := range heads {
		seed := make([]byte, ed25519.SeedSize)
		_, _ = dice.Read(seed)
		signers[k] = ed25519.NewKeyFromSeed(seed)
	}
	var records []protocol.Record
	for len(records) < n {
		k := int(dice.Uint64() % uint64(len(heads)))
		r := protocol.Record{
			Name: protocol.Name{
				Institution: protocol.InstitutionID(fmt.Sprintf("mk.southeast.town%d", k)),
				Position:    protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: heads[k].Sequence + 1},
			},
			Type: "vardar.situation.note.v1", Time: protocol.InstantOf(time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)),
			Handling: protocol.Amber, Key: protocol.KeyOf(signers[k]),
		}
		if heads[k].Sequence > 0 {
			r.Previous = heads[k].Digest()
		}
		body := make([]byte, size/2)
		_, _ = dice.Read(body)
		r.SetBody([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","text":"` + hex.EncodeToString(body) + `"}`))
		r.Sign(signers[k])
		records, heads[k] = append(records, r), r
	}
	for lot := range slices.Chunk(records, 1000) {
		if _, err := s.Append(t.Context(), lot); err != nil {
			t.Fatal(err)
		}
	}
	return s, protocol.Group{Topic: protocol.Situation, Region: "mk.southeast"}
}

// What is kept for other senders holds no body that was erased since.
func TestErasedBodyIsInNoFrameThatIsKept(t *testing.T) {
	s, g := hub(t, 100, 1000)
	senders := link.NewSenders(s, time.Now, g, 2, protocol.Amber)
	before, err := senders.Read(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	held, err := s.After(t.Context(), g, 0, 1)
	if err == nil {
		err = s.Erase(t.Context(), held[0].Digest)
	}
	if err != nil {
		t.Fatal(err)
	}
	after, err := senders.Read(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	for k := range after {
		if before[k]-after[k] < 500 {
			t.Errorf("link %d is sent %d bytes, %d before a body of 1,000 was erased", k, after[k], before[k])
		}
	}
}

// BenchmarkSendersAtOneCursor has eight links read and cut the same records, each for
// itself and sharing, in turns; "ratio" is the median of the pairs.
func BenchmarkSendersAtOneCursor(b *testing.B) {
	for _, links := range []int{1, 2, 8, 32} {
		b.Run(fmt.Sprintf("links=%d", links), func(b *testing.B) {
			s, g := hub(b, 5000, 1200)
			senders := link.NewSenders(s, time.Now, g, links, protocol.Amber)
			timed := func(share bool) float64 {
				began := time.Now()
				if _, err := senders.Read(b.Context(), share); err != nil {
					b.Fatal(err)
				}
				return float64(time.Since(began))
			}
			var ratios []float64
			for b.Loop() {
				ratios = append(ratios, timed(false)/timed(true))
			}
			slices.Sort(ratios)
			b.ReportMetric(ratios[len(ratios)/2], "ratio")
			b.ReportMetric(float64(len(ratios)), "pairs")
		})
	}
}
