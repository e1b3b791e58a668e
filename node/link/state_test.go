package link_test

import (
	"testing"
	"time"
	"unsafe"

	"github.com/vardar-network/vardar/node/link"
)

// setForward gives what time.Now gives on a machine whose clock was set by so much: the hour is
// another, and the time since earlier readings is not. Package time has no way to make one.
func setForward(t *testing.T, now time.Time, by time.Duration) time.Time {
	t.Helper()
	set := now
	// The first word holds 30 bits of nanoseconds, then the seconds since 1885.
	*(*uint64)(unsafe.Pointer(&set)) += uint64(by/time.Second) << 30 //nolint:gosec // see above, and below
	if set.Sub(now) != 0 || set.Round(0).Sub(now.Round(0)) != by {
		t.Skip("package time keeps its readings in another way now")
	}
	return set
}

// What a peer's hello told of its clock is held against where this node's clock stands now.
func TestSkewFollowsAClockThatIsSet(t *testing.T) {
	began := time.Now()
	now := began
	skew := link.SkewOf(func() time.Time { return now }, began.Round(0).Add(3*time.Hour))
	if got := skew(); got != 3*time.Hour {
		t.Errorf("the peer is %v ahead, want 3h", got)
	}
	now = began.Add(10 * time.Minute)
	if got := skew(); got != 3*time.Hour {
		t.Errorf("ten minutes later it is %v ahead, want 3h", got)
	}
	now = setForward(t, now, 1000*time.Hour)
	if got, want := skew(), -997*time.Hour; got != want {
		t.Errorf("once this clock was set forward by 1000h it is %v ahead, want %v", got, want)
	}
}
