package link_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/link"
)

const shortest, longest = 200 * time.Millisecond, time.Minute

// On a busy line something is under way whenever groups are compared. That makes what
// nobody asked for rare, and holds up no comparison that something asks for.
func TestWhatIsUnderWayHoldsUpNoComparisonThatIsAskedFor(t *testing.T) {
	var p link.Pace
	var asked, underWay time.Duration
	for range 12 {
		if asked, underWay = p.After(nil, true, 0); asked != shortest {
			t.Fatalf("a comparison that is asked for waits %v, want %v", asked, shortest)
		}
	}
	if underWay != longest {
		t.Errorf("after a dozen comparisons the next one nobody asks for waits %v, want %v", underWay, longest)
	}
	if _, underWay = p.After(nil, false, 0); underWay != shortest {
		t.Errorf("with nothing under way: %v, want %v", underWay, shortest)
	}
}

// A peer lacks what was sent to it again, over and over: it is asked ever more rarely.
func TestWhatIsSentAgainInVainIsLookedForEverMoreRarely(t *testing.T) {
	var p link.Pace
	var asked time.Duration
	for want := shortest; want < longest; want *= 2 {
		if asked, _ = p.After([]uint32{7, 40}, false, 0); asked != want {
			t.Fatalf("waits %v, want %v", asked, want)
		}
	}
	if asked, _ = p.After([]uint32{7}, true, 0); asked != longest {
		t.Errorf("waits %v, want %v", asked, longest)
	}
	// It was taken at last; something else is lacking, and other things are under way.
	if asked, _ = p.After([]uint32{9}, true, 0); asked != shortest {
		t.Errorf("after what was lacking has been taken: %v, want %v", asked, shortest)
	}
}

// Rows of thousands of feeds over a slow line take seconds: they are not asked for so often
// that nothing else finds room.
func TestComparisonsTakeATenthOfALine(t *testing.T) {
	var p link.Pace
	for took, want := range map[time.Duration]time.Duration{
		time.Millisecond: shortest, time.Second: 9 * time.Second, time.Hour: longest, -time.Second: shortest, // a clock set back
	} {
		if asked, underWay := p.After(nil, false, took); asked != want || underWay != want {
			t.Errorf("after one of %v: %v and %v, want %v", took, asked, underWay, want)
		}
	}
}
