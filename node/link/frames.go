package link

import (
	"cmp"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// outFrame is one encoded frame and what it holds, for the acknowledgement.
type outFrame struct {
	data  []byte
	group protocol.Group
	tops  []protocol.HaveRow // the last record of each run
	pack  *packed            // shared with the frame
}

// packed is a frame's compressed form, made when the first sender wants it.
type packed struct {
	once sync.Once // guards data
	data []byte
}

// isSmall reports whether a frame is compressed with the dictionary, or not at all.
func (f outFrame) isSmall() bool { return len(f.data) < PackFrom }

// compressed gives the frame as it goes over a slow line; a small one, if that pays, as it
// goes over any.
func (f outFrame) compressed(p *Packer) []byte {
	f.pack.once.Do(func() {
		if !f.isSmall() {
			f.pack.data = protocol.PackFrame(f.data, p)
			return
		}
		if f.pack.data = p.PackSmall(f.data); len(f.pack.data) >= len(f.data) {
			f.pack.data = f.data
		}
	})
	return f.pack.data
}

// only reports whether the frame holds records of one epoch alone.
func (f outFrame) only(e protocol.EpochID) bool {
	return !slices.ContainsFunc(f.tops, func(r protocol.HaveRow) bool { return r.EpochID != e })
}

// signedWell reports whether a record's own signature is good.
type signedWell func(*store.Stored) bool

// cut orders records by feed, so that runs are long, and cuts them into frames of at
// most 64 KiB (a larger record alone). Every run ends at a record whose own signature is
// good: what cannot be ended so is given back as rest, to be sent with what comes after
// it (epochs.md 6).
func cut(records []store.Stored, signed signedWell) (frames []outFrame, rest []store.Stored) {
	slices.SortStableFunc(records, func(a, b store.Stored) int {
		return cmp.Or(
			cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Institution, b.Institution),
			cmp.Compare(a.Epoch, b.Epoch), cmp.Compare(a.Order, b.Order),
		)
	})
	b := &frameBuilder{signed: signed}
	for len(records) > 0 {
		n := chained(records)
		bad := b.addStretch(records[:n])
		rest = append(rest, bad...)
		records = records[n:]
	}
	b.flush()
	return b.frames, rest
}

// chained counts how many records from the first on can be one run.
func chained(records []store.Stored) int {
	n := 1
	for n < len(records) && n < protocol.MaxRunRecords && follows(&records[n-1], &records[n]) {
		n++
	}
	return n
}

func follows(a, b *store.Stored) bool {
	return b.EpochID() == a.EpochID() && b.Key == a.Key && b.Sequence == a.Sequence+1 && b.Previous == a.Digest
}

type frameBuilder struct {
	signed signedWell
	frames []outFrame
	runs   []protocol.Run
	size   int
	tops   []protocol.HaveRow
}

func (b *frameBuilder) flush() {
	if len(b.runs) == 0 {
		return
	}
	data := protocol.AppendFrame(make([]byte, 0, b.size+protocol.FrameHeaderSize), b.runs)
	b.frames = append(b.frames, outFrame{data: data, group: b.runs[0].Group(), tops: b.tops, pack: &packed{}})
	b.runs, b.size, b.tops = nil, 0, nil
}

// addStretch adds a stretch of one chain as runs that fit frames and end well signed. It
// returns the records at its end that no good signature covers yet.
func (b *frameBuilder) addStretch(s []store.Stored) (rest []store.Stored) {
	header := protocol.RunHeaderSize(s[0].Institution)
	for len(s) > 0 {
		room := protocol.MaxFrameBytes - protocol.FrameHeaderSize - b.size - header
		n := fitting(s, room)
		if n == 0 && b.size > 0 {
			b.flush()
			continue
		}
		n = b.wellSigned(s, max(n, 1))
		if n == 0 {
			return s
		}
		run := s[:n]
		if size := entriesSize(run); size > protocol.MaxFrameBytes-protocol.FrameHeaderSize-header && n > 1 {
			run = withoutBodies(run)
		}
		if header+entriesSize(run) > protocol.MaxFrameBytes-protocol.FrameHeaderSize-b.size {
			b.flush()
		}
		b.add(run)
		s = s[n:]
	}
	return nil
}

func (b *frameBuilder) add(s []store.Stored) {
	records := make([]protocol.Record, len(s))
	for i := range s {
		records[i] = s[i].Record
	}
	first, last := &s[0], &s[len(s)-1]
	b.runs = append(b.runs, protocol.Run{EpochID: first.EpochID(), First: first.Sequence, Key: first.Key, Previous: first.Previous, Records: records})
	b.size += protocol.RunHeaderSize(first.Institution) + entriesSize(s)
	b.tops = append(b.tops, protocol.HaveRow{EpochID: last.EpochID(), Sequence: last.Sequence, Head: last.Digest.Prefix()})
}

func fitting(s []store.Stored, room int) int {
	n := 0
	for n < len(s) {
		if room -= protocol.EntrySize(&s[n].Record); room < 0 {
			break
		}
		n++
	}
	return n
}

// wellSigned gives the longest run of at most n records that ends in a good signature;
// if there is none, the shortest longer one; 0 if no signature in the stretch is good.
func (b *frameBuilder) wellSigned(s []store.Stored, n int) int {
	for k := n; k > 0; k-- {
		if b.signed(&s[k-1]) {
			return k
		}
	}
	for k := n + 1; k <= len(s); k++ {
		if b.signed(&s[k-1]) {
			return k
		}
	}
	return 0
}

func entriesSize(s []store.Stored) int {
	size := 0
	for i := range s {
		size += protocol.EntrySize(&s[i].Record)
	}
	return size
}

func withoutBodies(s []store.Stored) []store.Stored {
	out := slices.Clone(s)
	for i := range out {
		if out[i].BodyState == protocol.BodyHeld {
			out[i].Record = out[i].WithoutBody(protocol.BodyMissing)
		}
	}
	return out
}
