package intake

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// lot is what one batch of IN became: chunks to judge and commit, and the answers owed.
type lot struct {
	arrived []Arrived
	answers []protocol.Acknowledgement // one an arrived frame
	chunks  []*chunk                   // trust first
	done    func() error

	news    []fresh // what became of it
	changed authors
}

// part is one run of one frame.
type part struct {
	frame int // index in arrived
	run   int // index in that frame's answer
	protocol.Run
}

// chunk is consecutive runs of one epoch from one link, judged at once: at most 256
// records and 4 MiB (wire.md §4).
type chunk struct {
	protocol.EpochID
	peer    protocol.InstitutionID
	token   protocol.LinkToken
	parts   []part // none: it was parked, and nobody waits for an answer
	records []protocol.Record
	head    protocol.Digest // of the last record
	size    int
	signed  bool // its last signature was checked and is good
}

func (c *chunk) first() *protocol.Record { return &c.records[0] }
func (c *chunk) last() *protocol.Record  { return &c.records[len(c.records)-1] }

// check decodes a batch, joins its runs, and checks the signatures of what may be let in
// as things stand, so that the commit stage need not.
func (i *Intake) check(batch []Arrived) *lot {
	l := &lot{arrived: batch, answers: make([]protocol.Acknowledgement, len(batch)), changed: authors{}}
	paused := i.o.Store.Stats().ForeignPaused
	var parts []part
	for n, a := range batch {
		l.answers[n] = protocol.Acknowledgement{V: protocol.ControlVersion, Runs: []protocol.RunOutcome{}}
		runs, err := protocol.ParseFrame(a.Frame, i.o.Packer)
		if err != nil {
			i.drop(a.Peer, 1, err)
			continue
		}
		if paused && i.isForeign(runs) {
			i.count(func(n *Counts) { n.Deferred += recordsOf(runs) })
			l.answers[n].Busy = true
			continue
		}
		l.answers[n].Runs = make([]protocol.RunOutcome, len(runs))
		for k, run := range runs {
			l.answers[n].Runs[k] = protocol.RunOutcome{Feed: run.Feed, Epoch: run.Epoch, Outcome: protocol.Unwanted}
			parts = append(parts, part{n, k, run})
		}
	}
	l.chunks = join(parts, batch)
	for _, c := range l.chunks {
		if i.admit(c) == nil {
			_ = i.verify(c) // told again, and then handled, by the commit stage
		}
	}
	return l
}

// isForeign reports whether a frame brings bodies of others that can wait: below a tenth
// of the disk it is answered busy, so that trust, alerts and what the institution itself
// says still find room (design.md §4).
func (i *Intake) isForeign(runs []protocol.Run) bool {
	return slices.ContainsFunc(runs, func(r protocol.Run) bool {
		return r.Topic != protocol.Trust && r.Topic != protocol.Alert && !i.isOwn(r.Institution) &&
			slices.ContainsFunc(r.Records, func(r protocol.Record) bool { return r.BodyState == protocol.BodyHeld })
	})
}

func recordsOf(runs []protocol.Run) int {
	n := 0
	for k := range runs {
		n += len(runs[k].Records)
	}
	return n
}

// join sorts the runs by topic (trust first), feed, epoch and link, and joins consecutive
// ones.
func join(parts []part, batch []Arrived) []*chunk {
	slices.SortStableFunc(parts, func(a, b part) int {
		return cmp.Or(
			cmp.Compare(a.Topic, b.Topic),
			cmp.Compare(a.Institution, b.Institution),
			cmp.Compare(a.Epoch, b.Epoch),
			cmp.Compare(batch[a.frame].Token, batch[b.frame].Token),
			cmp.Compare(a.First, b.First),
		)
	})
	var chunks []*chunk
	for _, p := range parts {
		if n := len(chunks); n > 0 && chunks[n-1].take(p, batch[p.frame].Token) {
			continue
		}
		chunks = append(chunks, chunkOf(p, batch[p.frame]))
	}
	return chunks
}

func chunkOf(p part, a Arrived) *chunk {
	for k := range p.Records {
		// Nobody but its author, by an erasure record, says that a body is gone for good.
		if p.Records[k].BodyState == protocol.BodyErased {
			p.Records[k].BodyState = protocol.BodyWithheld
		}
	}
	return &chunk{
		EpochID: p.EpochID, peer: a.Peer, token: a.Token, parts: []part{p},
		records: slices.Clip(p.Records), head: p.Digests[len(p.Digests)-1], size: p.Size(),
	}
}

// take joins a run that goes on where the chunk ends.
func (c *chunk) take(p part, token protocol.LinkToken) bool {
	last := c.last()
	if c.token != token || c.EpochID != p.EpochID || last.Key != p.Key || last.Sequence+1 != p.First || c.head != p.Previous {
		return false
	}
	next := chunkOf(p, Arrived{})
	if len(c.records)+len(next.records) > protocol.MaxRunRecords || c.size+next.size > protocol.MaxRunBytes {
		return false
	}
	c.parts, c.records, c.size = append(c.parts, p), append(c.records, next.records...), c.size+next.size
	c.head = next.head
	return true
}

// split gives a chunk's runs as chunks of their own.
func (c *chunk) split(l *lot) []*chunk {
	out := make([]*chunk, len(c.parts))
	for k, p := range c.parts {
		out[k] = chunkOf(p, l.arrived[p.frame])
	}
	return out
}
