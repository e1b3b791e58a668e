package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// What a node needs to settle on a version of the charter (trust.Registry.Settle): to have
// followed it on so many days of its own, on each of which it was in touch with a peer that
// could have told it of a rival. A day counts when the clock has gone on by as much since
// the day before was counted: a clock that leaps years ahead counts one, and so does a node
// that was off for as long.
const (
	SettleDays = 30
	settleDay  = 24 * time.Hour
)

// Where it is kept.
const (
	settleBucket = "charter"
	settleKey    = "settled"
)

// settling is what a node has settled on, and what it is about to.
type settling struct {
	Line []protocol.Digest          `json:"line"` // from the founding version on
	Seen map[protocol.Digest]seenOn `json:"seen"` // versions behind those that are followed
}

// seenOn is on how many days a version was followed, and when the last of them began.
type seenOn struct {
	Days int       `json:"days"`
	Last time.Time `json:"last"`
}

// SettledIn has a registry take up what the node of an archive had settled on.
func SettledIn(s *store.Store, g *trust.Registry) error {
	st, err := readSettling(s)
	if err == nil {
		g.SettledOn(st.Line)
	}
	return err
}

func readSettling(s *store.Store) (st settling, err error) {
	st.Seen = map[protocol.Digest]seenOn{}
	text, ok, err := s.Private(settleBucket).Get([]byte(settleKey))
	if err == nil && ok {
		err = json.Unmarshal(text, &st)
	}
	if err != nil {
		return st, fmt.Errorf("read which versions of the charter this node has settled on: %w", err)
	}
	return st, nil
}

func (i *Intake) keepSettling(ctx context.Context, st settling) error {
	text, err := json.Marshal(st)
	if err == nil {
		err = i.o.Store.Private(settleBucket).Put(ctx, []byte(settleKey), text)
	}
	if err != nil {
		return fmt.Errorf("keep which versions of the charter this node has settled on: %w", err)
	}
	return nil
}

// Settle counts a day for each version of the charter that is followed, and settles on those
// followed on [SettleDays]. Call it now and then while a line is up.
func (i *Intake) Settle(ctx context.Context) error {
	i.charters.Lock()
	defer i.charters.Unlock()
	st, err := readSettling(i.o.Store)
	if err != nil {
		return err
	}
	now, seen, news := i.o.Clock(), map[protocol.Digest]seenOn{}, false
	var settled protocol.Digest
	for _, digest := range i.o.Trust.Line()[1:] { // the founding one is given
		if slices.Contains(st.Line, digest) {
			continue
		}
		s := st.Seen[digest]
		if s.Days == 0 || now.Sub(s.Last) >= settleDay {
			s.Days++
			s.Last, news = now, true
		} else if now.Before(s.Last) { // the clock was ahead
			s.Last, news = now, true
		}
		seen[digest] = s
		if s.Days > SettleDays { // the first began with the version
			settled = digest
		}
	}
	if !news {
		return nil
	}
	st.Seen = seen
	if settled.IsZero() {
		return i.keepSettling(ctx, st)
	}
	return i.settleOn(ctx, st, settled)
}

// SettleOn settles on a version at once, because people chose it: what it says is in force
// when it returns. It returns trust.ErrNotSettled.
func (i *Intake) SettleOn(ctx context.Context, digest protocol.Digest) error {
	i.charters.Lock()
	defer i.charters.Unlock()
	st, err := readSettling(i.o.Store)
	if err != nil {
		return err
	}
	return i.settleOn(ctx, st, digest)
}

// settleOn settles, and says so, first in the archive's file and then to everybody. Once begun it
// goes on, whoever waits for it: what was settled on is not to be forgotten by the next start.
func (i *Intake) settleOn(ctx context.Context, st settling, digest protocol.Digest) error {
	ctx = context.WithoutCancel(ctx)
	changed, err := i.o.Trust.Settle(digest)
	if err != nil {
		return err
	}
	st.Line = i.o.Trust.Settled()
	for _, d := range st.Line {
		delete(st.Seen, d)
	}
	err = i.keepSettling(ctx, st)
	i.charterTaken(changed)
	return err
}

// charterTaken tells of a change of the charter that no record brought.
func (i *Intake) charterTaken(changed []protocol.Feed) {
	about := authors{}
	for _, feed := range changed {
		about[feed.Institution] = true
	}
	i.have.trustChanged()
	i.tellMembership(about)
	i.logs.put(nil, about)
}
