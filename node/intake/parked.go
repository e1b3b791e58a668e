package intake

import (
	"bytes"
	"cmp"
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

// parking keeps chunks whose signatures are good and that hang behind a gap. Where there
// is no room, of a feed what lies furthest from the gap is forgotten, and of a link what
// has waited longest: the gap is asked for up to and with it anyway.
type parking struct {
	mu    sync.Mutex                 // guards what follows
	feeds map[protocol.Feed][]*chunk // by epoch, first sequence
	links map[protocol.LinkToken]*parkedLink
}

// parkedLink is what waits of one link, the oldest first.
type parkedLink struct {
	chunks []*chunk
	bytes  int
}

func newParking() parking {
	return parking{feeds: map[protocol.Feed][]*chunk{}, links: map[protocol.LinkToken]*parkedLink{}}
}

// put parks a chunk, if it finds room.
func (p *parking) put(c *chunk) {
	if c.size > MaxParkedBytes {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := p.feeds[c.Feed]
	at, _ := slices.BinarySearchFunc(waiting, c, compareChunks)
	if at < len(waiting) && waiting[at].EpochID == c.EpochID && waiting[at].head == c.head {
		return // another peer's copy
	}
	c.parts = nil // or it would hold on to its frames
	for k := range c.records {
		c.records[k].Body = slices.Clone(c.records[k].Body)
	}
	p.feeds[c.Feed] = slices.Insert(waiting, at, c)
	link := p.links[c.token]
	if link == nil {
		link = &parkedLink{}
		p.links[c.token] = link
	}
	link.chunks, link.bytes = append(link.chunks, c), link.bytes+c.size
	for link.bytes > MaxParkedBytes {
		p.forget(link.chunks[0])
	}
	for count(p.feeds[c.Feed]) > MaxParkedRecords {
		feed := p.feeds[c.Feed]
		p.forget(feed[len(feed)-1])
	}
}

func compareChunks(a, b *chunk) int {
	return cmp.Or(cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.first().Sequence, b.first().Sequence), bytes.Compare(a.head[:], b.head[:]))
}

func count(chunks []*chunk) int {
	n := 0
	for _, c := range chunks {
		n += len(c.records)
	}
	return n
}

// forget takes one chunk out. The caller holds mu.
func (p *parking) forget(c *chunk) {
	same := func(other *chunk) bool { return other == c }
	if left := slices.DeleteFunc(p.feeds[c.Feed], same); len(left) > 0 {
		p.feeds[c.Feed] = left
	} else {
		delete(p.feeds, c.Feed)
	}
	link := p.links[c.token]
	link.chunks, link.bytes = slices.DeleteFunc(link.chunks, same), link.bytes-c.size
	if len(link.chunks) == 0 {
		delete(p.links, c.token)
	}
}

// take gives back everything parked of an epoch, in order: its gap may be closed now.
func (p *parking) take(e protocol.EpochID) []*chunk {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*chunk
	for _, c := range p.feeds[e.Feed] {
		if c.EpochID == e {
			out = append(out, c)
		}
	}
	for _, c := range out {
		p.forget(c)
	}
	return out
}

// proves reports whether a parked chunk follows c and both are within the bounds of one:
// then its signature covers c.
func (p *parking) proves(c *chunk) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.feeds[c.Feed], func(next *chunk) bool {
		return next.EpochID == c.EpochID && next.first().Previous == c.head && next.first().Key == c.last().Key &&
			uint64(next.first().Sequence) == uint64(c.last().Sequence)+1 &&
			len(c.records)+len(next.records) <= protocol.MaxRunRecords && c.size+next.size <= protocol.MaxRunBytes
	})
}

// Waiting gives how many records wait beyond gaps, and how many bytes they take.
func (i *Intake) Waiting() (records, bytes int) {
	p := &i.parked
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, chunks := range p.feeds {
		records += count(chunks)
	}
	for _, link := range p.links {
		bytes += link.bytes
	}
	return records, bytes
}

// Gone forgets what is parked of a link that no longer is.
func (i *Intake) Gone(token protocol.LinkToken) {
	p := &i.parked
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.links[token] != nil {
		p.forget(p.links[token].chunks[0])
	}
}
