package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Inspection is what a reader without any key finds in the archive of a stopped node.
type Inspection struct {
	Held     int             // records in the archive
	Verified int             // of these with an opener, a whole chain and a good signature
	Have     protocol.Digest // of all feeds held (wire.md §3)
	Digest   protocol.Digest // of the picture at the instant asked for
	Picture  Picture         // at that instant
	Dropped  Drops           // what peers sent and was not kept, as the archive counts it
	First    error           // the first thing that does not hold; nil if all is well
}

// Inspect opens the archive of a node that does not run, checks every record in it from
// its epoch's opener on, and draws the picture anew. It signs nothing and needs no key:
// of Options it takes Dir, CheckStore, Clock and Logger. An archive that can't be opened
// is an error; one that opens and does not hold is told by the counts.
func Inspect(ctx context.Context, o Options, at time.Time) (_ Inspection, err error) {
	if o, err = o.withDefaults(); err != nil {
		return Inspection{}, err
	}
	r := &rooms{}
	if err = r.openStore(ctx, o); err != nil {
		return Inspection{}, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.openTrust(ctx, o); err != nil {
		return Inspection{}, err
	}
	if err = r.openReader(ctx, o); err != nil {
		return Inspection{}, err
	}
	out := Inspection{Held: int(r.store.Stats().Records)} //nolint:gosec // fewer than fit
	for _, f := range r.store.Feeds() {
		for _, epoch := range r.store.Epochs(f) {
			n, err := r.verifyEpoch(ctx, protocol.EpochID{Feed: f, Epoch: epoch})
			if out.Verified += n; err != nil && out.First == nil {
				out.First = err
			}
		}
	}
	groups := map[protocol.Group]protocol.Digest{}
	for _, g := range r.store.Groups() {
		if d := protocol.GroupDigest(g, r.intake.Rows(g)); !d.IsZero() {
			groups[g] = d
		}
	}
	out.Have = protocol.HavesDigest(groups)
	out.Picture, out.Digest = r.board.Picture(protocol.InstantOf(at)), r.board.Digest(protocol.InstantOf(at))
	out.Dropped = r.intake.Drops()
	return out, nil
}

// openReader joins the rooms that fold and show, with nobody to write for.
func (r *rooms) openReader(ctx context.Context, o Options) error {
	if err := r.openBoard(ctx, o); err != nil {
		return err
	}
	var err error
	r.intake, err = intake.New(intake.Options{
		Store: r.store, Trust: r.trust, Board: r.board, Signer: nobody{},
		Inbox: offline{}, Log: offline{}, Line: offline{}, Clock: o.Clock, Logger: o.Logger,
	})
	if err != nil {
		return err
	}
	return r.intake.Load(ctx, intake.Held{})
}

// verifyEpoch counts the records of an epoch that hold, along each of its branches.
func (r *rooms) verifyEpoch(ctx context.Context, e protocol.EpochID) (int, error) {
	verified := 0
	var first error
	for _, b := range r.store.Branches(e) {
		n, err := r.verifyBranch(ctx, b)
		if verified += n; err != nil && first == nil {
			first = err
		}
	}
	return verified, first
}

// verifyBranch counts those records of a branch that are its own and hold. A record whose
// own signature is bad is authentic by a good one after it (epochs.md 5), so it counts
// only then.
func (r *rooms) verifyBranch(ctx context.Context, b store.Branch) (int, error) {
	verified, waiting, next := 0, 0, uint32(1)
	for s, err := range r.store.Range(ctx, b.EpochID, b.Digest, 1, b.Head) {
		if err != nil {
			return verified, err
		}
		if s.Sequence == 1 {
			if err := r.trust.CheckOpening(&s.Record); err != nil {
				return verified, fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		if key, _ := openerOf(r.trust, &s.Record); key.IsZero() {
			return verified, fmt.Errorf("%s: %w", s.Name, trust.ErrWrongKey)
		}
		if s.Sequence >= b.Parts {
			waiting++
		}
		if next++; s.Verify() == nil {
			verified, waiting = verified+waiting, 0
		}
	}
	switch {
	case next <= b.Head:
		return verified, fmt.Errorf("%s ends at %d of %d", b.EpochID, next-1, b.Head)
	case waiting > 0:
		return verified, fmt.Errorf("%s: the last %d records: %w", b.EpochID, waiting, protocol.ErrNotSigned)
	}
	return verified, nil
}

// nobody stands for the safe of a node that is only read.
type nobody struct{}

var errNobody = errors.New("this archive is only read: nothing is written or signed")

// Institutions are none.
func (nobody) Institutions() []protocol.InstitutionID { return nil }

// SignRecord signs nothing.
func (nobody) SignRecord(context.Context, *protocol.Record) error { return errNobody }

// SignBeacon signs nothing.
func (nobody) SignBeacon(context.Context, *protocol.Beacon) error { return errNobody }

// AppendTrust writes nothing.
func (nobody) AppendTrust(protocol.Record) error { return errNobody }

// SetMark marks nothing.
func (nobody) SetMark(map[protocol.EpochID]protocol.Head) error { return errNobody }
