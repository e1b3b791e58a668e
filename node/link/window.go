package link

import (
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// The window of a sender (design.md §4.6; hotpath.md 2).
const (
	// MinWindow and MaxWindow bound the bytes under way at first and at most.
	MinWindow = 512 << 10
	MaxWindow = 4 << 20
	// PackBelow is the rate, in bytes a second, below which it is asked whether it is the
	// line that frames wait for.
	PackBelow = 50e6
	// PackFrom is the smallest frame worth compressing alone; smaller ones take the
	// dictionary, on every line: they are too few to be measured, and it costs little.
	PackFrom = 4 << 10
	// maxFrames bounds the frames under way, however small.
	maxFrames = 512
	// busyWait is how long a peer that took nothing is left alone (wire.md §4).
	busyWait = time.Second
	// ackTimeout ends a session in which an acknowledgement never came, though the line
	// lives: a record of 256 KiB takes that long at 1 KiB/s.
	ackTimeout = 5 * time.Minute
	// measure is the longest measurement of the rate, and what a window holds on a slow
	// line.
	measure = time.Second
)

// window counts the bytes under way. It doubles while the acknowledged rate rises, up to
// MaxWindow, and holds about a second's worth on a slow line. The rate is measured only
// while the window is full: of a sender that has little to say it would say little.
type window struct {
	clock    func() time.Time
	size     int
	inFlight int // bytes
	frames   int
	full     bool      // the window was full ever since the measurement began
	since    time.Time // of the measurement
	done     int       // bytes acknowledged since
	rate     float64   // bytes a second, of the last measurement
	pack     packing
	asks     bool          // it is worth a question whether the line is slow
	mixed    int           // bytes under way from before frames went another way: no rate is measured of both
	trip     time.Duration // the shortest from sending a frame to its acknowledgement
	timer    *time.Timer
}

// newWindow begins with what the line was found to carry when it was up before.
func newWindow(clock func() time.Time, rate float64) window {
	w := window{clock: clock, size: MinWindow, rate: rate, pack: packing{on: rate < PackBelow}}
	if rate > 0 {
		w.size = min(MinWindow, w.bound())
	}
	return w
}

// open reports whether another frame may be sent.
func (w *window) open() bool {
	if w.inFlight < w.size && w.frames < maxFrames {
		return true
	}
	if !w.full {
		w.full, w.since, w.done = true, w.clock(), 0
	}
	return false
}

// drained notes that there is nothing to send though the window is open.
func (w *window) drained() { w.full = false }

func (w *window) sent(n int) {
	if w.inFlight == 0 {
		w.restart()
	}
	w.inFlight += n
	w.frames++
}

func (w *window) restart() {
	w.stop()
	w.timer = time.NewTimer(ackTimeout)
}

func (w *window) stop() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

func (w *window) timeout() <-chan time.Time {
	if w.timer == nil {
		return nil
	}
	return w.timer.C
}

// acked takes the acknowledgement of n bytes that were sent at an instant.
func (w *window) acked(n int, at time.Time) {
	w.inFlight -= n
	w.frames--
	w.stop()
	if w.inFlight > 0 {
		w.restart()
	}
	now := w.clock()
	if took := now.Sub(at); took > 0 && (w.trip == 0 || took < w.trip) {
		w.trip = took
	}
	if w.mixed > 0 {
		w.mixed -= n
		w.since, w.done = now, 0
		return
	}
	if !w.full {
		return
	}
	w.done += n
	elapsed := now.Sub(w.since)
	if elapsed <= 0 || (w.done < w.size && elapsed < measure) {
		return
	}
	rate := float64(w.done) / elapsed.Seconds()
	if rate > w.rate {
		w.size = min(2*w.size, MaxWindow)
	}
	w.rate, w.since, w.done = rate, now, 0
	w.asks = rate < PackBelow || w.pack.on
	w.size = min(w.size, w.bound())
}

// question gives how many bytes are under way if it is worth asking a question behind them.
func (w *window) question() (behind int, ask bool) {
	ask, w.asks = w.asks, false
	return w.inFlight, ask && w.inFlight > 0
}

// answered takes how long the answer took to a question that went behind so many bytes.
func (w *window) answered(behind int, took time.Duration) {
	if w.rate <= 0 {
		return
	}
	altogether := time.Duration(float64(behind) / w.rate * float64(time.Second))
	if w.rate >= 2*PackBelow { // no processor compresses as fast
		took = 0
	}
	if w.pack.answered(took, altogether) {
		w.mixed = w.inFlight
	}
}

// bound is what the line carries in a second and the time of one round trip: without the
// latter a window on a line over a satellite would shrink with each measurement.
func (w *window) bound() int {
	return max(protocol.MaxFrameBytes, int(min(w.rate*(measure+w.trip).Seconds(), MaxWindow)))
}

// compresses reports whether large frames go compressed.
func (w *window) compresses() bool { return w.pack.on }
