package link_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// TestLinkThatRestsTakesLittleMemory: a hub has a thousand of them, and most say nothing for
// minutes. Queues that have room for all that may be under way took 116 KiB of each, of pointers 12.
func TestLinkThatRestsTakesLittleMemory(t *testing.T) {
	const links, most = 100, 6 << 10
	least := uint64(1 << 40)
	for range 3 { // something else may allocate beside it, once
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		kept := link.Resting(links)
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
		least = min(least, (after.TotalAlloc-before.TotalAlloc)/links)
	}
	if least > most {
		t.Errorf("a link that rests takes %d bytes, want at most %d", least, most)
	}
}

// TestWhatIsAcknowledgedIsNotKept: a link has a look-ahead of up to 4 MiB in each group, and
// a group in which nothing is said any more must not keep the last one.
func TestWhatIsAcknowledgedIsNotKept(t *testing.T) {
	s, g := hub(t, 200, 1000)
	senders := link.NewSenders(s, time.Now, g, 1, protocol.Amber)
	frames, err := senders.Sent(t.Context())
	if err != nil || len(frames) < 3 {
		t.Fatalf("%d frames, %v", len(frames), err)
	}
	runtime.GC()
	kept := 0
	for _, f := range frames {
		if f.Value() != nil {
			kept++
		}
	}
	runtime.KeepAlive(senders)
	if kept > 0 {
		t.Errorf("%d of %d acknowledged frames are still in memory", kept, len(frames))
	}
}

// TestFramesAreTakenInTheirOrderAndAgainAfterAPause: one at a time takes what a peer sent, and
// ends when nothing waits; for the next frame another must begin.
func TestFramesAreTakenInTheirOrderAndAgainAfterAPause(t *testing.T) {
	f := link.NewFrames()
	for round := range 3 {
		for k := range 5 {
			queued, first := f.Queue(fmt.Sprint(round, k))
			if !queued || first != (k == 0) {
				t.Fatalf("round %d, frame %d: queued %v, the first %v", round, k, queued, first)
			}
		}
		if queued, _ := f.Queue(fmt.Sprint(round, 3)); queued {
			t.Error("a frame that waits is queued twice")
		}
		for k := range 5 {
			if got, ok := f.Next(); !ok || got != fmt.Sprint(round, k) {
				t.Errorf("round %d: %q comes as frame %d", round, got, k)
			}
		}
		if got, ok := f.Next(); ok {
			t.Errorf("%q came twice", got)
		}
	}
}
