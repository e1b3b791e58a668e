package intake

import (
	"slices"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// The bounds of what waits beyond a gap (design.md §4).
const (
	// MaxParkedRecords bounds what waits of one feed.
	MaxParkedRecords = 256
	// MaxParkedBytes bounds what waits of one link.
	MaxParkedBytes = 16 << 20
)

// parking keeps chunks whose signatures are good and that hang behind a gap. What does
// not fit is forgotten: the gap is asked for up to and with it anyway.
type parking struct {
	mu     sync.Mutex // guards what follows
	chunks map[protocol.EpochID][]parkedChunk
	bytes  map[protocol.LinkToken]int
}

type parkedChunk struct {
	token   protocol.LinkToken
	records []protocol.Record
	size    int
}

func (p *parking) put(e protocol.EpochID, c parkedChunk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chunks == nil {
		p.chunks, p.bytes = map[protocol.EpochID][]parkedChunk{}, map[protocol.LinkToken]int{}
	}
	held := 0
	for _, other := range p.chunks[e] {
		held += len(other.records)
		if other.records[0].Sequence == c.records[0].Sequence && other.records[0].Signature == c.records[0].Signature {
			return
		}
	}
	if held+len(c.records) > MaxParkedRecords || p.bytes[c.token]+c.size > MaxParkedBytes {
		return
	}
	// A frame's slab is shared by all its records: keep only what waits.
	for k := range c.records {
		c.records[k].Body = slices.Clone(c.records[k].Body)
	}
	p.chunks[e] = append(p.chunks[e], c)
	p.bytes[c.token] += c.size
}

// take gives back everything parked of an epoch: its gap may be closed now.
func (p *parking) take(e protocol.EpochID) []parkedChunk {
	p.mu.Lock()
	defer p.mu.Unlock()
	chunks := p.chunks[e]
	delete(p.chunks, e)
	for _, c := range chunks {
		p.bytes[c.token] -= c.size
	}
	return chunks
}

// count gives how many records wait.
func (p *parking) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, chunks := range p.chunks {
		for _, c := range chunks {
			n += len(c.records)
		}
	}
	return n
}
