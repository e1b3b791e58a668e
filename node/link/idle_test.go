package link_test

import (
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
