package link

import (
	"context"
	"maps"
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

// suspect has the beacon of an institution compared with what is held.
func (l *Links) suspect(id protocol.InstitutionID) {
	if slices.Contains(l.o.Self, id) {
		return
	}
	l.mu.Lock()
	l.suspects[id] = true
	l.mu.Unlock()
	wake(l.news)
}

// suspectAll has all beacons compared: what is wanted has changed, or nobody compared yet.
func (l *Links) suspectAll() {
	for b := range l.o.Store.Beacons() {
		l.suspect(b.Institution)
	}
}

// lookForLacks compares the beacons of those of whom something may be lacking with what is
// held, and counts what is. A network has thousands of beacons, of which few name anything
// that is not here.
func (l *Links) lookForLacks(ctx context.Context) int {
	l.mu.Lock()
	suspects := slices.Sorted(maps.Keys(l.suspects))
	l.mu.Unlock()
	var gaps []intake.Gap
	for _, id := range suspects {
		if ctx.Err() != nil {
			return 0
		}
		l.mu.Lock()
		delete(l.suspects, id) // a beacon that comes meanwhile puts it back
		l.mu.Unlock()
		b, _, ok := l.o.Store.Beacon(id)
		if !ok {
			continue
		}
		if lacking := l.o.Intake.Lacking(&b); len(lacking) > 0 {
			gaps = append(gaps, lacking...)
			l.mu.Lock()
			l.suspects[id] = true
			l.mu.Unlock()
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
