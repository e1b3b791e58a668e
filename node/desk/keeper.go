package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Keeping is what who keeps a node must know now.
type Keeping struct {
	Status
	Keys     []Key          `json:"keys,omitempty"` // of all institutions hosted, by the date they are due
	Expires  string         `json:"expires,omitempty"`
	Expired  bool           `json:"expired,omitempty"`
	Version  int            `json:"version"`            // of the charter
	Accounts map[string]int `json:"accounts,omitempty"` // by state
	People   int            `json:"people"`
}

// keeping gathers it around a status.
func (d *Desk) keeping(ctx context.Context, s Status) (Keeping, error) {
	charter, err := d.Charter(ctx, 0)
	if err != nil {
		return Keeping{}, err
	}
	out := Keeping{Status: s, Expires: charter.Expires, Expired: charter.Expired, Version: charter.Version, Accounts: map[string]int{}}
	if d.o.Keyring != nil {
		for _, id := range d.o.Institutions {
			held, unread := d.keysOf(id)
			if unread != nil {
				continue // the verdict tells
			}
			out.Keys = append(out.Keys, slices.DeleteFunc(held, func(k Key) bool { return !k.Current })...)
		}
	}
	slices.SortStableFunc(out.Keys, func(a, b Key) int { return cmp.Compare(due(&a), due(&b)) })
	people, err := d.Staff(ctx)
	if err != nil {
		return Keeping{}, err
	}
	for i := range people {
		out.Accounts[people[i].State]++
	}
	out.People = len(people)
	return out, nil
}

// due puts keys without a date last.
func due(k *Key) protocol.Instant {
	if k.Due == 0 {
		return protocol.Instant(1<<63 - 1)
	}
	return k.Due
}

// Examined is how the node is, with all that the doctor looked at: the verdict rests on that.
type Examined struct {
	Keeping
	Checks []Check `json:"checks,omitempty"`
}

// Examined asks the doctor.
func (d *Desk) Examined(ctx context.Context) (Examined, error) {
	g, s := d.diagnose(ctx)
	k, err := d.keeping(ctx, s)
	return Examined{k, g.Checks}, err
}

// Lines gives all links with what was agreed on them, sorted by peer.
func (d *Desk) Lines(ctx context.Context) ([]Link, error) {
	out := []Link{}
	for _, s := range d.o.Links.States() {
		l, err := d.LinkShow(ctx, s.Peer)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// Lacking is what was not kept, what is not here, and what is forked.
type Lacking struct {
	Dropped []DroppedRow
	Since   protocol.Instant // from when on what was dropped is counted
	Gaps    []GapRow
	Forks   []ForkRow
}

// Lacking gathers it.
func (d *Desk) Lacking(ctx context.Context) (Lacking, error) {
	p := d.o.Board.Picture(d.now())
	return Lacking{Dropped: d.dropped(), Since: d.o.Intake.DropsSince(), Gaps: d.gaps(), Forks: d.forks(&p)}, ctx.Err()
}
