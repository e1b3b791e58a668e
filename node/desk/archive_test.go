package desk_test

import (
	"context"
	"errors"
	"iter"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// archive reads the store for the desk, as node does.
type archive struct{ s *store.Store }

func held(s store.Stored) desk.Held {
	return desk.Held{Record: s.Record, Digest: s.Digest, Accepted: s.Accepted}
}

// bodyless lets a record pass whose body rotted: its header is whole.
func bodyless(err error) error {
	var damage *store.Damage
	if errors.As(err, &damage) && damage.Body {
		return nil
	}
	return err
}

func (a archive) At(n protocol.Name) ([]desk.Held, error) {
	stored, err := a.s.At(n)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	var out []desk.Held
	for _, s := range stored {
		out = append(out, held(s))
	}
	return out, bodyless(err)
}

func (a archive) Branches(e protocol.EpochID) []trust.Branch {
	var out []trust.Branch
	for _, b := range a.s.Branches(e) {
		out = append(out, trust.Branch{Root: b.Root, Digest: b.Digest, Head: b.Head, Parts: b.Parts})
	}
	return out
}

func (a archive) Records(ctx context.Context, recordType string, since protocol.Instant) iter.Seq2[desk.Held, error] {
	records := a.s.ByType(ctx, recordType, since)
	if recordType == "" {
		records = a.s.All(ctx)
	}
	return func(yield func(desk.Held, error) bool) {
		for s, err := range records {
			if err == nil && s.Accepted < since {
				continue
			}
			if !yield(held(s), bodyless(err)) {
				return
			}
		}
	}
}

// newsBytes bounds what News reads of a group at once.
const newsBytes = 1 << 20

func (a archive) News(ctx context.Context, c desk.Cursor) ([]desk.Held, desk.Cursor, error) {
	next := desk.Cursor{}
	var out []desk.Held
	for _, g := range a.s.Groups() {
		next[g] = a.s.Order(g)
		if c == nil || c[g] >= next[g] {
			continue
		}
		lot, err := a.s.After(ctx, g, c[g], newsBytes)
		if err != nil {
			return nil, c, err
		}
		for _, s := range lot {
			out, next[g] = append(out, held(s)), s.Order
		}
	}
	return out, next, nil
}

func (a archive) Beacons() iter.Seq2[protocol.Beacon, protocol.Instant] { return a.s.Beacons() }
