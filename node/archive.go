package node

import (
	"context"
	"errors"
	"iter"
	"maps"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// newsBytes is about how much [archive.News] gives at once.
const newsBytes = 1 << 20

// archive is what the desk reads of the store.
type archive struct{ *store.Store }

// ArchiveOf gives the archive that a desk reads: a store.
func ArchiveOf(s *store.Store) desk.Archive { return archive{s} }

func heldOf(s *store.Stored) desk.Held {
	return desk.Held{Record: s.Record, Digest: s.Digest, Accepted: s.Accepted, Place: s.Place}
}

// At gives the records held at a position; see desk.Archive.
func (a archive) At(n protocol.Name) ([]desk.Held, error) {
	stored, err := a.Store.At(n)
	out := make([]desk.Held, len(stored))
	for i := range stored {
		out[i] = heldOf(&stored[i])
	}
	if len(out) > 0 {
		err = nil // a damaged rival is asked for again; what can be read is shown
	}
	return out, err
}

// Branches gives the branches held of an epoch.
func (a archive) Branches(e protocol.EpochID) []trust.Branch {
	held := a.Store.Branches(e)
	out := make([]trust.Branch, len(held))
	for i, b := range held {
		out[i] = trust.Branch{Root: b.Root, Parts: b.Parts, Head: b.Head, Digest: b.Digest}
	}
	return out
}

// bodyless lets a record pass whose body rotted: its header is whole, and the body is
// asked for again.
func bodyless(err error) error {
	var damage *store.Damage
	if errors.As(err, &damage) && damage.Body {
		return nil
	}
	return err
}

// Records gives the records of a type, or all, that were accepted since.
func (a archive) Records(ctx context.Context, recordType string, since protocol.Instant) iter.Seq2[desk.Held, error] {
	records := a.All(ctx)
	if recordType != "" {
		records = a.ByType(ctx, recordType, since)
	}
	return func(yield func(desk.Held, error) bool) {
		for s, err := range records {
			if err != nil || s.Accepted >= since {
				if !yield(heldOf(&s), bodyless(err)) {
					return
				}
			}
		}
	}
}

// News gives what was accepted since a cursor; with nil nothing, and the end.
func (a archive) News(ctx context.Context, c desk.Cursor) ([]desk.Held, desk.Cursor, error) {
	end := desk.Cursor(a.Orders())
	if c == nil {
		return nil, end, nil
	}
	next := maps.Clone(c)
	var out []desk.Held
	size := 0
	for s, err := range a.Between(ctx, c, end) {
		if err = bodyless(err); errors.Is(err, store.ErrDamaged) {
			continue // said by the store's check; news go on behind it
		}
		if err != nil {
			return nil, c, err
		}
		out = append(out, heldOf(&s))
		next[s.Feed().Group()] = s.Order
		if size += protocol.EntrySize(&s.Record); size > newsBytes {
			return out, next, nil
		}
	}
	return out, end, nil
}

// Behind gives the cursor of who has read up to a record at its place.
func (a archive) Behind(ctx context.Context, place uint64, digest protocol.Digest) (desk.Cursor, bool, error) {
	c, err := a.Store.Behind(ctx, place, digest)
	if errors.Is(err, store.ErrPlace) {
		return nil, false, nil
	}
	return c, err == nil, err
}
