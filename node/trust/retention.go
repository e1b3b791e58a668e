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

// Retentions gives what the charter in force says, sorted by type: bodies of other types
// are kept for ever. A sealed record goes by the type in its header.
func (g *Registry) Retentions() []Retention {
	return retentions(g.Charter())
}

func retentions(c *protocol.Charter) []Retention {
	out := make([]Retention, 0, len(c.RetentionDays))
	for t, days := range c.RetentionDays {
		if !Kept(t) {
			out = append(out, Retention{t, days, c.Version})
		}
	}
	slices.SortFunc(out, func(a, b Retention) int { return cmp.Compare(a.Type, b.Type) })
	return out
}

// RanOut says whether the days of a record that was written at one instant are over at
// another, by the charter in force.
func (g *Registry) RanOut(recordType string, written, at protocol.Instant) bool {
	days, ok := g.Charter().RetentionDays[recordType]
	return ok && !Kept(recordType) && written < (Retention{Days: days}).Before(at)
}

// WhyLetGo says by what a body was let go that no erasure took: by the charter in force,
// or, where that would keep it, by the newest before it that would not; false: by none.
func (g *Registry) WhyLetGo(recordType string, written, at protocol.Instant) (Retention, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if Kept(recordType) {
		return Retention{}, false
	}
	for _, v := range slices.Backward(g.line) {
		days, ok := v.Charter.RetentionDays[recordType]
		r := Retention{recordType, days, v.Charter.Version}
		if ok && written < r.Before(at) {
			return r, true
		}
	}
	return Retention{}, false
}
