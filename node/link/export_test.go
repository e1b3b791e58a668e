package link

import "time"

// SeveralAfter tells whether hellos of these processes, a minute apart, and a wait after
// the last one, show that two of them live.
func SeveralAfter(wait time.Duration, instances ...string) bool {
	var c copies
	now := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	for _, name := range instances {
		now = now.Add(time.Minute)
		c.saw(name, now)
	}
	return c.several(now.Add(wait))
}

// Window is a sender's window, for tests.
type Window struct{ w window }

// NewWindow makes one.
func NewWindow(clock func() time.Time, rate float64) *Window { return &Window{newWindow(clock, rate)} }

// Fill sends frames of n bytes until the window is full, and gives how many.
func (w *Window) Fill(n int) int {
	k := 0
	for w.w.open() {
		w.w.sent(n)
		k++
	}
	return k
}

// Send sends one frame and finds nothing more to send.
func (w *Window) Send(n int) {
	w.w.sent(n)
	w.w.open()
	w.w.drained()
}

// Acked takes an acknowledgement.
func (w *Window) Acked(n int, at time.Time) { w.w.acked(n, at) }

// Size, Rate and Slow are what the window has become.
func (w *Window) Size() int { return w.w.size }

// Rate is in bytes a second.
func (w *Window) Rate() float64 { return w.w.rate }

// Slow reports whether frames are compressed.
func (w *Window) Slow() bool { return w.w.slow() }

// OpenedSize is what a frame counts for.
func OpenedSize(frame []byte) int { return openedSize(frame) }
