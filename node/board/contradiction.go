package board

import (
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Contradiction is two institutions that say of one crossing, for the same hours and the
// same direction, what can't both be so. It is shown to all, believes neither, and ends
// when one of them corrects itself, says something else, or expires.
type Contradiction struct {
	Of      Disagreement     `json:"of"`
	Between [2]protocol.Name `json:"between"`
}

// Disagreement is what two statements on a route differ in.
type Disagreement string

// What two statements on a route can differ in.
const (
	InState      Disagreement = "state"      // another of the four words
	InThroughput Disagreement = "throughput" // by more than a tenth and more than ten persons
)

// Two throughputs contradict each other beyond both limits (domain.md §5), over the hours
// that the two have in common.
const (
	throughputPercent = 10
	throughputFloor   = 10 // persons
)

// contradictions compares each two sides of a route that speak of the same hours.
func contradictions(sides []Side) []Contradiction {
	var out []Contradiction
	for i := range sides {
		for j := range sides[i+1:] {
			a, b := &sides[i], &sides[i+1+j]
			if a.Institution == b.Institution || a.Expired || b.Expired || !a.meets(b) {
				continue
			}
			between := [2]protocol.Name{a.Record, b.Record}
			if a.State != b.State {
				out = append(out, Contradiction{InState, between})
			}
			if differ(a.Throughput, b.Throughput) {
				out = append(out, Contradiction{InThroughput, between})
			}
		}
	}
	return out
}

// meets reports whether two sides speak of the same hours and of the same people: a
// direction is seen from the author's territory, so that what leaves one country comes
// into the other.
func (s *Side) meets(other *Side) bool {
	if s.ObservedAt >= other.ValidUntil || other.ObservedAt >= s.ValidUntil {
		return false
	}
	if s.Direction == "both" || other.Direction == "both" {
		return true
	}
	country, _, _ := strings.Cut(string(s.Institution), ".")
	return (s.Direction == other.Direction) == strings.HasPrefix(string(other.Institution), country+".")
}

// differ compares persons for the same number of hours; bands by what they may stand for,
// in favour of agreement. It multiplies, since a quotient would be rounded.
func differ(a, b *body.Throughput) bool {
	if a == nil || b == nil {
		return false
	}
	lowA, highA := a.Count.Range()
	lowB, highB := b.Count.Range()
	return above(lowA, b.PerHours, highB, a.PerHours) || above(lowB, a.PerHours, highA, b.PerHours)
}

// above reports whether low·hours lies above high·otherHours beyond both limits. The floor
// holds for the shorter of the two spans of hours.
func above(low int64, hours body.Positive, high int64, otherHours body.Positive) bool {
	more, less := low*int64(hours), high*int64(otherHours)
	gap := more - less
	return gap*100 > more*throughputPercent && gap > throughputFloor*int64(max(hours, otherHours))
}
