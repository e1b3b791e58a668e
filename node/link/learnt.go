package link

import (
	"slices"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// maxLearnt bounds what is remembered of a line's past: 512 entries of 80 bytes are 40 KiB a
// line at most, 40 MiB on a hub of 1,000 links. A comparison that finds news takes one entry and
// one more for each epoch that is lacking, a run that was acknowledged or sent takes one.
const maxLearnt = 512

// learnt is one thing that this node came to know of what a peer holds.
type learnt struct {
	at    protocol.Instant // by this node's clock
	what  lesson
	group protocol.Group
	epoch protocol.EpochID // of a chain
	upTo  uint64           // an order of the group, or a sequence of the epoch
}

type lesson uint8

const (
	hasAll    lesson = iota + 1 // of the group up to an order, but for what is noted as lacking right behind
	hasRun                      // of the epoch up to a sequence
	lacksRest                   // of the epoch all behind a sequence
)

// of reports whether something says anything of a record.
func (x *learnt) of(r *store.Stored) bool {
	switch x.what {
	case hasAll:
		return x.group == r.Feed().Group() && r.Order <= x.upTo
	case hasRun:
		return x.epoch == r.EpochID() && uint64(r.Sequence) <= x.upTo
	default:
		return x.epoch == r.EpochID() && uint64(r.Sequence) > x.upTo
	}
}

// past is what was learnt of a peer, oldest first. Nothing of it is on disk.
type past struct {
	from protocol.Instant // what was learnt up to then is not in it
	cut  bool             // there was more, longer ago than is kept
	all  []learnt
}

// add notes one thing; when there is no room, the oldest quarter goes.
func (x *past) add(l learnt) {
	if len(x.all) == maxLearnt {
		const goes = maxLearnt / 4
		x.from, x.cut = max(x.from, x.all[goes-1].at), true
		x.all = slices.Delete(x.all, 0, goes)
	}
	if len(x.all) == cap(x.all) {
		x.all = append(make([]learnt, 0, min(2*len(x.all)+4, maxLearnt)), x.all...) // append alone would go beyond
	}
	x.all = append(x.all, l)
}

// since tells from when on a record that the peer holds has been known to be held there, without
// a break; 0 if that may have been before what is remembered.
func (x *past) since(r *store.Stored) protocol.Instant {
	var at protocol.Instant
	begins := r.Accepted > x.from // nothing can have been known of it before
	for k := range x.all {
		l := &x.all[k]
		switch {
		case !l.of(r):
		case l.what == lacksRest:
			at, begins = 0, true
		case at == 0:
			at = l.at
		}
	}
	if !begins {
		return 0
	}
	return at
}

// Unknown is why it is not known since when a peer holds a record.
type Unknown string

// Why it is not known.
const (
	Begun   Unknown = "begun"    // this node was started, or the link made, after it had accepted the record
	LongAgo Unknown = "long_ago" // it is longer ago than is remembered
)

// Known is a peer that is known to hold a record, and since when.
type Known struct {
	Peer  protocol.InstitutionID `json:"peer"`
	Since protocol.Instant       `json:"since,omitzero"` // this node has known it, by its clock; without: see why
	Why   Unknown                `json:"why,omitempty"`  // it is not known since when
	From  protocol.Instant       `json:"from,omitzero"`  // what was learnt up to then is not remembered
}

// known tells since when the peer has been known to hold a record.
func (p *peer) known(r *store.Stored) Known {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := Known{Peer: p.id, Since: p.past.since(r)}
	if k.Since == 0 {
		if k.Why, k.From = Begun, p.past.from; p.past.cut {
			k.Why = LongAgo
		}
	}
	return k
}

// HeldSince gives the peers that [Links.Holders] tells to hold a record, and since when this node has
// known so: by an acknowledgement, since the peer sent it, or by a comparison. The peer may hold it for
// longer. One that was found to lack it in between counts from when it had it again. Only what was
// learnt in this node's life, and no more than a line remembers, is told; what goes beyond it says why.
func (l *Links) HeldSince(n protocol.Name) []Known {
	var out []Known
	r, have, _ := l.holders(n)
	for _, p := range have {
		k := p.known(&r)
		at := slices.IndexFunc(out, func(other Known) bool { return other.Peer == k.Peer })
		switch {
		case at < 0:
			out = append(out, k)
		case k.Since < out[at].Since: // of two lines the one that knew first, or can't say
			out[at] = k
		}
	}
	return out
}
