package intake

import (
	"cmp"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// lot is what one batch of IN became: chunks to commit, and the answers owed.
type lot struct {
	arrived []Arrived
	answers []protocol.Acknowledgement // one an arrived frame
	chunks  []*chunk
	done    func() error
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
	parts   []part
	records []protocol.Record
	size    int
}

func (c *chunk) epoch() protocol.EpochID { return c.parts[0].EpochID }

// check decodes a batch and judges what needs no transaction.
func (i *Intake) check(batch []Arrived) *lot {
	l := &lot{arrived: batch, answers: make([]protocol.Acknowledgement, len(batch))}
	var parts []part
	for n, a := range batch {
		l.answers[n].V = protocol.ControlVersion
		runs, err := protocol.ParseFrame(a.Frame, i.o.Packer)
		if err != nil {
			i.drop(a.Peer, 1, err)
			continue
		}
		l.answers[n].Runs = make([]protocol.RunOutcome, len(runs))
		for k, run := range runs {
			l.answers[n].Runs[k] = protocol.RunOutcome{Feed: run.Feed, Epoch: run.Epoch, Outcome: protocol.Unwanted}
			parts = append(parts, part{n, k, run})
		}
	}
	l.chunks = join(parts, batch)
	return l
}

// join sorts the runs by link, topic (trust first) and feed, and joins consecutive ones.
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
		size := runSize(&p.Run)
		if n := len(chunks); n > 0 {
			last := chunks[n-1]
			if batch[last.parts[0].frame].Token == batch[p.frame].Token && last.takes(&p.Run, size) {
				last.parts, last.records, last.size = append(last.parts, p), append(last.records, p.Records...), last.size+size
				continue
			}
		}
		chunks = append(chunks, &chunk{parts: []part{p}, records: slices.Clone(p.Records), size: size})
	}
	return chunks
}

func (c *chunk) takes(r *protocol.Run, size int) bool {
	last := &c.records[len(c.records)-1]
	return c.epoch() == r.EpochID && last.Key == r.Key && last.Sequence+1 == r.First &&
		len(c.records)+len(r.Records) <= protocol.MaxRunRecords && c.size+size <= protocol.MaxRunBytes &&
		last.Digest() == r.Previous
}

func runSize(r *protocol.Run) int {
	size := protocol.RunHeaderSize(r.Institution)
	for k := range r.Records {
		size += protocol.EntrySize(&r.Records[k])
	}
	return size
}

var (
	errNotWanted = errors.New("no opener of that epoch is held, or the link's policy does not carry it")
	errWrongKey  = errors.New("no held opener of that epoch names this key")
)

// judge says whether a chunk may be offered to the archive: is its feed wanted, its key
// an opener's, its last signature good. A chunk of several runs that fails is split into
// its runs by the caller. It is called by the commit stage, after the trust records
// before it are folded.
func (i *Intake) judge(c *chunk, a Arrived) error {
	first := &c.records[0]
	if !i.o.Trust.Wanted(first.Feed()) || (a.Token != "" && !i.o.Line.Sends(a.Token, first.Feed().Group())) {
		return errNotWanted
	}
	if first.Sequence == 1 {
		if err := i.o.Trust.CheckOpening(first); err != nil {
			if errors.Is(err, trust.ErrNoOpener) {
				return errNotWanted
			}
			return err
		}
	} else if !i.opens(first) {
		return errWrongKey
	}
	i.count(func(n *Counts) { n.Chunks++; n.Verified += len(c.records) })
	return c.records[len(c.records)-1].Verify()
}

func (i *Intake) opens(r *protocol.Record) bool {
	openers := i.o.Trust.Openers(r.EpochID())
	return slices.ContainsFunc(openers, func(o trust.Opener) bool { return o.Key == r.Key })
}

// split gives a chunk's runs as chunks of their own.
func (c *chunk) split() []*chunk {
	if len(c.parts) == 1 {
		return nil
	}
	out := make([]*chunk, len(c.parts))
	for k, p := range c.parts {
		out[k] = &chunk{parts: []part{p}, records: p.Records}
	}
	return out
}
