package intake

import (
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

var (
	// errNotWanted: it may be wanted later, when trust or the policy has changed.
	errNotWanted = errors.New("no opener of that epoch is held, or the link's policy does not carry it")
	errWrongKey  = errors.New("no held opener of that epoch names this key")
)

// judge has trust stand still from the judgement of records of a topic until they are
// committed, or nothing could say that what is taken behind the news that its author is
// out was judged before (design.md §7.6). Records of trust are judged, committed and
// folded alone.
func (i *Intake) judge(t protocol.Topic) (done func()) {
	if t == protocol.Trust {
		i.judging.Lock()
		return i.judging.Unlock
	}
	i.judging.RLock()
	return i.judging.RUnlock
}

// admit says whether a chunk may come in as trust and policies now stand: nil,
// [errNotWanted], or why it is to be dropped. It does not look at signatures.
func (i *Intake) admit(c *chunk) error {
	own := i.isOwn(c.Institution)
	switch {
	case own: // every branch of the own feeds comes home, over any link (epochs.md 17, 18)
	case !i.o.Trust.Wanted(c.Feed), c.token != "" && !i.o.Line.Sends(c.token, c.Group()), i.isClosed(c):
		return errNotWanted
	}
	first := c.first()
	if first.Sequence > 1 {
		return i.opens(first)
	}
	err := i.o.Trust.CheckOpening(first)
	if errors.Is(err, trust.ErrNoOpener) {
		return errNotWanted
	}
	return err
}

// opens returns nil if a held opener of a record's epoch names its key, whether it counts
// or not (epochs.md 5). While none is held, or an invitation is not taken, the record is
// early and not wrong.
func (i *Intake) opens(r *protocol.Record) error {
	openers := i.o.Trust.Openers(r.EpochID())
	switch {
	case slices.ContainsFunc(openers, func(o trust.Opener) bool { return o.Key == r.Key }):
		return nil
	case len(openers) == 0, slices.ContainsFunc(openers, func(o trust.Opener) bool { return o.Key.IsZero() }):
		return errNotWanted
	}
	return errWrongKey
}

// isClosed reports whether a chunk brings nothing to an epoch whose last record is stated
// and held: what is void then is wanted by nobody but its author (epochs.md 17).
func (i *Intake) isClosed(c *chunk) bool {
	if _, stated := i.o.Trust.Last(c.EpochID); !stated {
		return false
	}
	if _, closed := i.o.Trust.Closed(c.EpochID, i.branches(c.EpochID)); !closed {
		return false
	}
	_, err := i.o.Store.ByDigest(c.head)
	return err != nil
}

// verify checks the last signature of a chunk, once. A chunk that a parked one follows is
// judged with it, by the signature that was checked when that was parked (epochs.md 6).
func (i *Intake) verify(c *chunk) error {
	if c.signed {
		return nil
	}
	i.count(func(n *Counts) { n.Chunks++; n.Verified += len(c.records) })
	err := i.signed.check(c.head, c.last())
	c.signed = err == nil || i.parked.proves(c)
	if c.signed {
		return nil
	}
	return err
}

// sift judges chunks and gives those that may be offered to the archive. What is not
// wanted comes back apart; what is not authentic is dropped, a chunk of several runs run
// by run.
func (i *Intake) sift(l *lot, chunks []*chunk) (good, unwanted []*chunk) {
	for _, c := range chunks {
		err := i.admit(c)
		if err == nil {
			err = i.verify(c)
		}
		switch {
		case err == nil:
			good = append(good, c)
		case errors.Is(err, errNotWanted):
			unwanted = append(unwanted, c)
		case len(c.parts) > 1:
			alone, not := i.sift(l, c.split(l))
			good, unwanted = append(good, alone...), append(unwanted, not...)
		default:
			i.drop(c.peer, len(c.records), err)
			l.fill(c, protocol.RunOutcome{Outcome: protocol.Dropped, Sequence: i.head(c.EpochID)})
		}
	}
	return good, unwanted
}

// isOwn reports whether the node writes for an institution.
func (i *Intake) isOwn(id protocol.InstitutionID) bool {
	return slices.Contains(i.o.Signer.Institutions(), id)
}

func (i *Intake) head(e protocol.EpochID) uint32 {
	branches := i.o.Store.Branches(e)
	if len(branches) == 0 {
		return 0
	}
	return branches[0].Head
}
