package intake

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// MaxBeaconAhead is how far a beacon's time may lie ahead of the own clock (wire.md §8):
// one from further ahead would silence every true one after it.
const MaxBeaconAhead = 5 * time.Minute

// ErrBeaconAhead is for a beacon whose time lies too far in the future.
var ErrBeaconAhead = errors.New("beacon's time is more than 5 minutes ahead of this node's clock")

// MakeBeacon signs the heads of an own institution's feeds and keeps the beacon, so that
// it travels with the others. It returns [ErrNotMember] while no feed but trust is open:
// nobody could tell that the node key, which signs it, is the institution's.
func (i *Intake) MakeBeacon(ctx context.Context, id protocol.InstitutionID) (protocol.Beacon, error) {
	now, vouched := protocol.InstantOf(i.o.Clock()), false
	b := protocol.Beacon{Institution: id, Time: now}
	for _, t := range protocol.Topics() {
		opener, ok := i.o.Trust.Current(protocol.Feed{Institution: id, Topic: t})
		if !ok {
			continue
		}
		if t != protocol.Trust {
			vouched, b.Key = true, opener.Key // any open key will do
		}
		head := protocol.Head{Topic: t, Epoch: opener.Epoch, Digest: opener.Digest}
		if b, ok := i.ownBranch(opener); ok {
			head.Sequence, head.Digest = b.Head, b.Digest
		}
		b.Heads = append(b.Heads, head)
	}
	if !vouched {
		return protocol.Beacon{}, ErrNotMember
	}
	_ = i.catchUp() // a mark that could not be written is tried again, so that the node goes on by itself
	if err := i.o.Signer.SignBeacon(ctx, &b); err != nil {
		return protocol.Beacon{}, err
	}
	_, err := i.o.Store.PutBeacons(ctx, []protocol.Beacon{b}, now)
	return b, err
}

// BeaconTaken is what became of a beacon that a peer passed on. Of one that is no beacon,
// or not to be believed, Err alone says so; one that is not newer than what is held is
// read, and looked at no further: a peer repeats what it holds to everyone.
type BeaconTaken struct {
	protocol.Beacon
	Missing []Gap // what a newer one names and this node lacks
	Newer   bool
	Err     error
}

// TakeBeacons judges the beacons of one message of a peer, in its order, and keeps the
// newer ones in one transaction. An error is the archive's: nothing is kept then. Once begun it goes on,
// though the line over which they came has gone down: what is kept is read no second time, and a copy of
// this node that one of them shows would go unseen.
func (i *Intake) TakeBeacons(ctx context.Context, peer protocol.InstitutionID, wires []string) ([]BeaconTaken, error) {
	ctx = context.WithoutCancel(ctx)
	now := protocol.InstantOf(i.o.Clock())
	out := make([]BeaconTaken, len(wires))
	var believed []protocol.Beacon
	var at []int
	for k, wire := range wires {
		t := &out[k]
		t.Beacon, t.Err = protocol.ReadBeacon([]byte(wire))
		if t.Err == nil && !i.o.Store.IsNews(&t.Beacon, now) {
			continue
		}
		if t.Err == nil {
			t.Err = i.believe(&t.Beacon)
		}
		switch {
		case t.Err == nil:
			believed, at = append(believed, t.Beacon), append(at, k)
		case !errors.Is(t.Err, trust.ErrBeaconKey): // its key: the trust records that name it may be on their way
			i.drop(peer, 1, t.Err)
		}
	}
	newer, err := i.o.Store.PutBeacons(ctx, believed, now)
	if err != nil {
		return nil, err
	}
	for k := range believed {
		b, t := &believed[k], &out[at[k]]
		if newer[k] {
			i.hear(b)
			i.takeBack(b.Institution)
		}
		if t.Newer = newer[k]; t.Newer && i.isOwn(b.Institution) && i.speaksNow(b) {
			i.noteCopy(ctx, b.Institution, Copy{b.Time, peer})
		}
		t.Missing = i.Lacking(b)
	}
	return out, nil
}

func (i *Intake) believe(b *protocol.Beacon) error {
	if b.Time.Time().After(i.o.Clock().Add(MaxBeaconAhead)) {
		i.refuseAhead(b)
		return ErrBeaconAhead
	}
	if err := i.o.Trust.BeaconKey(b); err != nil {
		return err
	}
	return b.Verify()
}

// Copy is a sign that another node signs with the keys of this one.
type Copy struct {
	Time protocol.Instant       // of its newest beacon, by its clock
	Peer protocol.InstitutionID // who passed that on
}

// Copies gives the own institutions for which a beacon came that this node did not sign,
// and that is newer than any it had signed: a copy of its folder runs, or its machine was
// put back to an earlier state while the other went on. It is known before either writes.
func (i *Intake) Copies() map[protocol.InstitutionID]Copy {
	i.mu.Lock()
	defer i.mu.Unlock()
	return maps.Clone(i.copies)
}

// speaksNow reports whether a beacon is signed by the key of an open epoch: one of a life
// before a restore is by an older key, and no copy.
func (i *Intake) speaksNow(b *protocol.Beacon) bool {
	for _, h := range b.Heads {
		f := protocol.Feed{Institution: b.Institution, Topic: h.Topic}
		if o, ok := i.o.Trust.Current(f); ok && h.Topic != protocol.Trust && o.Key == b.Key {
			return true
		}
	}
	return false
}

func (i *Intake) noteCopy(ctx context.Context, id protocol.InstitutionID, c Copy) {
	i.mu.Lock()
	_, known := i.copies[id]
	i.copies[id] = c
	i.mu.Unlock()
	if !known {
		i.log.ErrorContext(ctx, "another copy of this node speaks", "institution", id, "beacon", c.Time, "peer", c.Peer)
	}
}

// Lacking gives what a beacon names and the archive does not hold: a tail that somebody
// on the way holds back, or that has not come yet, or a branch that is not held.
func (i *Intake) Lacking(b *protocol.Beacon) []Gap {
	var gaps []Gap
	for _, h := range b.Heads {
		e := protocol.EpochID{Feed: protocol.Feed{Institution: b.Institution, Topic: h.Topic}, Epoch: h.Epoch}
		if h.Sequence == 0 || !i.o.Trust.Wanted(e.Feed) {
			continue
		}
		if _, err := i.o.Store.ByDigest(h.Digest); err == nil || !errors.Is(err, store.ErrNotFound) {
			continue
		}
		if _, closed := i.o.Trust.Closed(e, i.branches(e)); closed {
			continue // what lies beyond last is void, and wanted by nobody
		}
		gap := Gap{EpochID: e, From: 1, To: h.Sequence} // another chain: the link finds where it parts
		if held := i.head(e); held < h.Sequence {
			gap.From = held + 1
		}
		gaps = append(gaps, gap)
	}
	return gaps
}
