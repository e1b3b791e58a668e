package link

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

const (
	// lackingGrace is how long what a beacon names may still be on its way before it is
	// asked for, and how long one peer is given before the next is asked.
	lackingGrace = 5 * time.Second
	// lackingMost is the longest pause between two rounds of asking.
	lackingMost = time.Minute
)

// Lack is a tail that a beacon names and this node does not hold: it is on its way, or
// somebody on the way holds it back.
type Lack struct {
	protocol.EpochID
	Head  uint32                   // as the beacon says
	From  uint32                   // first sequence that is not held
	Since time.Time                // when it was first noticed
	Asked []protocol.InstitutionID // who was asked for it, the last one last
}

// Lacking gives the tails that beacons name and this node lacks, sorted. What is younger
// than some seconds is on its way, as a rule.
func (l *Links) Lacking() []Lack {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]Lack, 0, len(l.lacking))
	for _, k := range l.lacking {
		c := *k
		c.Asked = slices.Clone(k.Asked)
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Lack) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// runLacking looks, when a beacon came, for tails that are held back, and asks one peer
// after the other for them.
func (l *Links) runLacking(ctx context.Context) {
	wait := lackingGrace
	for {
		if l.lookForLacks(ctx) == 0 {
			wait = lackingGrace
			select {
			case <-l.news:
			case <-ctx.Done():
				return
			}
			l.lookForLacks(ctx)
		}
		if sleep(ctx, wait) != nil {
			return
		}
		l.askForLacks()
		wait = min(2*wait, lackingMost)
	}
}

// lookForLacks compares the beacons with what is held and counts what is lacking.
func (l *Links) lookForLacks(ctx context.Context) int {
	var gaps []intake.Gap
	for b := range l.o.Store.Beacons() {
		if ctx.Err() != nil {
			return 0
		}
		if !slices.Contains(l.o.Self, b.Institution) {
			gaps = append(gaps, l.o.Intake.Lacking(&b)...)
		}
	}
	now := l.o.Clock()
	l.mu.Lock()
	before := l.lacking
	l.lacking = map[protocol.EpochID]*Lack{}
	changed := len(before) != len(gaps)
	for _, gap := range gaps {
		k := before[gap.EpochID]
		if k == nil {
			k, changed = &Lack{EpochID: gap.EpochID, Since: now}, true
		}
		k.From, k.Head = gap.From, gap.To
		l.lacking[gap.EpochID] = k
	}
	l.mu.Unlock()
	if changed {
		l.changed()
	}
	return len(gaps)
}

// askForLacks asks, for each tail that is still lacking, the peer that was not asked, or
// whom it is longest ago that it was.
func (l *Links) askForLacks() {
	peers := slices.DeleteFunc(l.peers(), func(p *peer) bool { return !p.isUp() })
	for _, k := range l.Lacking() {
		var next *peer
		for _, p := range peers {
			if p.takes(k.Group()) && (next == nil || slices.Index(k.Asked, p.id) < slices.Index(k.Asked, next.id)) {
				next = p
			}
		}
		if next == nil {
			continue
		}
		l.mu.Lock()
		if held := l.lacking[k.EpochID]; held != nil {
			held.Asked = append(slices.DeleteFunc(held.Asked, func(id protocol.InstitutionID) bool { return id == next.id }), next.id)
		}
		l.mu.Unlock()
		next.want(intake.Gap{Token: next.token, EpochID: k.EpochID, From: k.From, To: k.Head})
	}
}
