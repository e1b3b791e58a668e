package intake

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Told is what the newest beacon of another institution tells of the hour.
type Told struct {
	Institution protocol.InstitutionID
	Ahead       time.Duration // of its time, by which its clock was ahead of where ours is now; a beacon ages
	Age         time.Duration // of the beacon when it came, by both clocks; below zero if it was refused for lying ahead
}

// refuseAhead notes a beacon that lies too far ahead of this clock to be believed: if others
// say the same, it is this clock that is wrong. One that nobody of that name signed says
// nothing.
func (i *Intake) refuseAhead(b *protocol.Beacon) {
	i.mu.Lock()
	known := i.ahead[b.Institution]
	i.mu.Unlock()
	if b.Time <= known || i.isOwn(b.Institution) || i.o.Trust.BeaconKey(b) != nil || b.Verify() != nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ahead[b.Institution] = max(b.Time, i.ahead[b.Institution])
}

// takeBack forgets what an institution's clock said before it was set: a newer beacon is
// believed.
func (i *Intake) takeBack(id protocol.InstitutionID) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.ahead, id)
}

// ToldAhead gives how far ahead of this clock the newest beacon of anybody else lies, those
// that were refused for it included; false if there is none. It is cheap, and enough to see
// that this clock is not behind.
func (i *Intake) ToldAhead() (time.Duration, bool) {
	newest := i.Heard()
	i.mu.Lock()
	for _, t := range i.ahead {
		newest = max(newest, t)
	}
	i.mu.Unlock()
	return newest.Time().Sub(i.o.Clock()), newest > 0
}

// Told gives what the newest beacon of each other institution tells, sorted by institution.
func (i *Intake) Told() []Told {
	now := i.o.Clock()
	i.mu.Lock()
	ahead := maps.Clone(i.ahead)
	i.mu.Unlock()
	var out []Told
	for b, received := range i.o.Store.Beacons() {
		if _, refused := ahead[b.Institution]; !refused && !i.isOwn(b.Institution) {
			out = append(out, Told{b.Institution, b.Time.Time().Sub(now), received.Time().Sub(b.Time.Time())})
		}
	}
	for id, t := range ahead {
		out = append(out, Told{id, t.Time().Sub(now), -MaxBeaconAhead})
	}
	slices.SortFunc(out, func(a, b Told) int { return cmp.Compare(a.Institution, b.Institution) })
	return out
}
