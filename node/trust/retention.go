package trust

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Retention is for how long a version of the charter has the bodies of a type kept.
type Retention struct {
	Type    string
	Days    int
	Version int // of the charter
}

// String says it of a body that is gone.
func (r Retention) String() string {
	days := fmt.Sprintf("%d days", r.Days)
	if r.Days == 1 {
		days = "1 day"
	}
	return fmt.Sprintf("let go after %s, as version %d of the charter has it for %s", days, r.Version, r.Type)
}

// Before gives the instant before which a record was written whose days are over at
// another.
func (r Retention) Before(at protocol.Instant) protocol.Instant {
	return at - protocol.Instant(time.Duration(r.Days)*24*time.Hour/time.Millisecond)
}

// Kept reports whether the bodies of a type are for ever, whatever a charter says: who may
// speak, and who took what back, must stay to be seen.
func Kept(recordType string) bool {
	topic, err := protocol.TypeTopic(recordType)
	return err != nil || topic == protocol.Trust || body.IsErasure(recordType)
}

// Retentions gives for how long bodies are kept, sorted by type: those of other types are for
// ever. A sealed record goes by the type in its header. What is let go does not come back, so
// a version of the charter shortens nothing before this node has settled on it: from the one
// settled on to the one in force, whichever keeps a type longest holds.
func (g *Registry) Retentions() []Retention {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return recall(&g.memory, &g.memory.retentions, struct{}{}, func() ([]Retention, bool) {
		var out []Retention
		for t := range g.charter.Charter.RetentionDays {
			if r, ok := g.keeps(t); ok {
				out = append(out, r)
			}
		}
		slices.SortFunc(out, func(a, b Retention) int { return cmp.Compare(a.Type, b.Type) })
		return out, true
	})
}

// Shortening gives what the charter in force would have let go sooner, and what this node has
// not settled on yet, sorted by type.
func (g *Registry) Shortening() []Retention {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []Retention
	c := g.charter.Charter
	for t, days := range c.RetentionDays {
		if r, ok := g.keeps(t); !Kept(t) && (!ok || days < r.Days) {
			out = append(out, Retention{t, days, c.Version})
		}
	}
	slices.SortFunc(out, func(a, b Retention) int { return cmp.Compare(a.Type, b.Type) })
	return out
}

// keeps gives for how long the bodies of a type are kept; false: for ever. The caller holds mu.
func (g *Registry) keeps(recordType string) (longest Retention, ok bool) {
	if Kept(recordType) {
		return Retention{}, false
	}
	for _, v := range g.line[g.settledAt():] {
		days, ok := v.Charter.RetentionDays[recordType]
		if !ok {
			return Retention{}, false
		}
		if days >= longest.Days {
			longest = Retention{recordType, days, v.Charter.Version}
		}
	}
	return longest, true
}

// settledAt gives the place in the line of the newest version that this node takes as given:
// the founding one's, where it has settled on none. The caller holds mu.
func (g *Registry) settledAt() int {
	return max(0, min(len(g.settled), len(g.line))-1)
}

// RanOut says whether the days of a record that was written at one instant are over at
// another.
func (g *Registry) RanOut(recordType string, written, at protocol.Instant) bool {
	all := g.Retentions()
	k, ok := slices.BinarySearchFunc(all, recordType, func(r Retention, t string) int { return cmp.Compare(r.Type, t) })
	return ok && written < all[k].Before(at)
}

// WhyLetGo says by what a body was let go that no erasure took: by what holds now, or, where
// that would keep it, by the newest version that would not, of those settled on if there are
// any; false: by none.
func (g *Registry) WhyLetGo(recordType string, written, at protocol.Instant) (Retention, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if Kept(recordType) {
		return Retention{}, false
	}
	if r, ok := g.keeps(recordType); ok && written < r.Before(at) {
		return r, true
	}
	line := g.line
	if len(g.settled) > 0 {
		line = line[:g.settledAt()+1]
	}
	for _, v := range slices.Backward(line) {
		days, ok := v.Charter.RetentionDays[recordType]
		r := Retention{recordType, days, v.Charter.Version}
		if ok && written < r.Before(at) {
			return r, true
		}
	}
	return Retention{}, false
}
