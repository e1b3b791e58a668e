package link_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// BenchmarkPackSmall is what the dictionary costs a record that travels alone.
func BenchmarkPackSmall(b *testing.B) {
	p, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		b.Fatal(err)
	}
	s, g := hub(b, 1, 800)
	held, err := s.After(b.Context(), g, 0, 1)
	if err != nil {
		b.Fatal(err)
	}
	run, err := protocol.NewRun([]protocol.Record{held[0].Record})
	if err != nil {
		b.Fatal(err)
	}
	frame := protocol.AppendFrame(nil, []protocol.Run{run})
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			p.PackSmall(frame)
		}
	})
	packed := p.PackSmall(frame)
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if _, err := protocol.ParseFrame(packed, p); err != nil {
				b.Fatal(err)
			}
		}
	})
}
