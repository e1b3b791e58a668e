package federation

import (
	"math/rand/v2"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// replayClock is the replay's own time: it stands where the story has put it, and goes on
// from there as fast as the real one, so that no two beacons have one time. It never goes
// back.
type replayClock struct {
	real func() time.Time

	mu   sync.Mutex // guards what follows
	base time.Time
	set  time.Time // when, by the real clock

	behind map[protocol.InstitutionID]time.Time // hours of nodes that sign at their own pace
}

func newReplayClock(realClock func() time.Time, at time.Time) *replayClock {
	return &replayClock{real: realClock, base: at, set: realClock(), behind: map[protocol.InstitutionID]time.Time{}}
}

// Now is the replay's time.
func (c *replayClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.nowLocked()
}

func (c *replayClock) nowLocked() time.Time { return c.base.Add(c.real().Sub(c.set)) }

// Told is where the story has put the clock.
func (c *replayClock) Told() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base
}

// ToldTo is where the story has put the clock for one node: the hour that its records are
// given, so that a replay with the same seed signs the same.
func (c *replayClock) ToldTo(node protocol.InstitutionID) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own, ok := c.behind[node]; ok {
		return own
	}
	return c.base
}

// Set puts the clock forward for all. A time that has passed already leaves it as it is.
func (c *replayClock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.nowLocked()) {
		c.base, c.set = at, c.real()
		clear(c.behind)
	}
}

// SetOf puts the clock forward and says what a node's records are given from now on: until
// the next Set it may be behind others.
func (c *replayClock) SetOf(node protocol.InstitutionID, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.nowLocked()) {
		c.base, c.set = at, c.real()
	}
	c.behind[node] = at
}

// chance is a node's source of random bytes from a seed, safe for concurrent use. Keys
// made of it are no secret: it is for demonstrations that are to be repeated.
type chance struct {
	mu  sync.Mutex // guards rng
	rng *rand.ChaCha8
}

// Read fills p; it never fails.
func (c *chance) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.Read(p)
}
