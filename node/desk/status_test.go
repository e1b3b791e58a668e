package desk_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestNodeThatHasJustStartedIsWaitedForUntilItsFirstCallIsThroughOrFailed: who waits for a node
// to start is not told "no line" of one whose first call is still on its way, and does not wait
// for what will not come.
func TestNodeThatHasJustStartedIsWaitedForUntilItsFirstCallIsThroughOrFailed(t *testing.T) {
	start := time.Date(2015, time.November, 5, 6, 0, 0, 0, time.UTC)
	calling := desk.LinkState{Peer: centre, Dials: true, Since: start}
	with := func(change func(l *desk.LinkState)) desk.LinkState {
		l := calling
		change(&l)
		return l
	}
	for _, tt := range []struct {
		name  string
		after time.Duration
		lines []desk.LinkState
		want  bool
	}{
		{"its first call is on its way", time.Second, []desk.LinkState{calling}, true},
		{"it has no links", time.Second, nil, false},
		{"a line is up", time.Second, []desk.LinkState{calling, with(func(l *desk.LinkState) { l.Up = true })}, false},
		{"the call failed", time.Second, []desk.LinkState{with(func(l *desk.LinkState) { l.Error = "refused" })}, false},
		{"the peer is to call", time.Second, []desk.LinkState{with(func(l *desk.LinkState) { l.Dials = false })}, false},
		{"the line is paused", time.Second, []desk.LinkState{with(func(l *desk.LinkState) { l.Paused = true })}, false},
		{"nobody answers for long", time.Minute, []desk.LinkState{calling}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := desk.Status{Time: protocol.InstantOf(start.Add(tt.after)), Lines: tt.lines}
			if got := s.Calls(); got != tt.want {
				t.Errorf("Calls() = %v, want %v", got, tt.want)
			}
		})
	}
}
