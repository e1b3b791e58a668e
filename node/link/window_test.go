package link_test

import (
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

const frame = 64 << 10

// line is a line of some rate and delay, in a time of its own.
type line struct {
	now   time.Time
	rate  float64 // bytes a second
	delay time.Duration
	peer  bool      // it is the peer that takes no more, however frames come
	free  time.Time // when it has carried all that was sent
	sent  []sent
}

type sent struct {
	at, back time.Time
}

// run sends through a window for a while, as much as that lets it.
func (l *line) run(w *link.Window, long time.Duration) {
	for end := l.now.Add(long); l.now.Before(end); {
		for range w.Fill(frame) {
			if l.free.Before(l.now) {
				l.free = l.now
			}
			size := float64(frame)
			if w.Compresses() && !l.peer {
				size /= 4
			}
			l.free = l.free.Add(time.Duration(size / l.rate * float64(time.Second)))
			l.sent = append(l.sent, sent{l.now, l.free.Add(l.delay)})
		}
		first := l.sent[0]
		l.sent = l.sent[1:]
		l.now = first.back
		w.Acked(frame, first.at)
		if behind, ask := w.Question(); ask {
			w.Answered(behind, l.answer())
		}
	}
}

// answer is how long the answer takes to a question that is asked now.
func (l *line) answer() time.Duration {
	if l.peer || l.free.Before(l.now) {
		return l.delay
	}
	return l.free.Sub(l.now) + l.delay
}

func TestWindowFitsTheLine(t *testing.T) {
	tests := []struct {
		name       string
		rate       float64
		delay      time.Duration
		least      int
		most       int
		compressed bool
	}{
		{"a local network", 200e6, time.Millisecond, 1 << 20, link.MaxWindow, false},
		{"a slow line holds about a second's worth", 100 << 10, 50 * time.Millisecond, 64 << 10, 500 << 10, true},
		{"a line of a mebibyte a second", 1 << 20, 20 * time.Millisecond, 512 << 10, link.MaxWindow, true},
		{"a very slow line holds a few frames", 4 << 10, 100 * time.Millisecond, 64 << 10, 256 << 10, true},
		{"two satellites: a window is no smaller than its round trip asks for", 1 << 20, 1500 * time.Millisecond, 1 << 20, link.MaxWindow, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &line{now: time.Unix(1_458_205_200, 0), rate: tt.rate, delay: tt.delay}
			w := link.NewWindow(func() time.Time { return l.now }, 0)
			if w.Size() != link.MinWindow {
				t.Errorf("begins with %d bytes, want %d", w.Size(), link.MinWindow)
			}
			l.run(w, 3*time.Minute)
			if w.Size() < tt.least || w.Size() > tt.most {
				t.Errorf("window is %d bytes, want %d to %d (rate %.0f)", w.Size(), tt.least, tt.most, w.Rate())
			}
			if often := share(l, w); (often > 0.8) != tt.compressed {
				t.Errorf("compresses %.2f of the time, want it mostly: %v (rate %.0f)", often, tt.compressed, w.Rate())
			}
		})
	}
}

// share is how much of the next ten minutes frames go compressed.
func share(l *line, w *link.Window) float64 {
	n := 0
	for range 600 {
		if l.run(w, time.Second); w.Compresses() {
			n++
		}
	}
	return float64(n) / 600
}

// A peer whose disk is slow is not helped by compression, which costs both ends much.
func TestSlowPeerIsNoSlowLine(t *testing.T) {
	l := &line{now: time.Unix(1_458_205_200, 0), rate: 20e6, delay: time.Millisecond, peer: true}
	w := link.NewWindow(func() time.Time { return l.now }, 0)
	l.run(w, time.Minute)
	if often := share(l, w); often > 0.1 {
		t.Errorf("compresses %.2f of the time for nothing", often)
	}
	l.peer, l.rate = false, 1<<20
	l.run(w, 10*time.Minute)
	if often := share(l, w); often < 0.8 {
		t.Errorf("compresses %.2f of the time on a line that became slow", often)
	}
}

// A sender with little to say learns nothing of its line.
func TestRateIsMeasuredUnderLoadAlone(t *testing.T) {
	now := time.Unix(1_458_205_200, 0)
	w := link.NewWindow(func() time.Time { return now }, 0)
	for range 600 {
		at := now
		w.Send(1000)
		now = now.Add(100 * time.Millisecond)
		w.Acked(1000, at)
	}
	if w.Rate() != 0 || w.Size() != link.MinWindow {
		t.Errorf("a line that carried little counts for slow: rate %.0f, window %d", w.Rate(), w.Size())
	}
}

// A line that comes back begins with what it was found to carry.
func TestWindowRemembersASlowLine(t *testing.T) {
	w := link.NewWindow(time.Now, 8<<10)
	if w.Size() != protocol.MaxFrameBytes {
		t.Errorf("begins with %d bytes on a line of 8 KiB/s, want one frame", w.Size())
	}
}

func TestCompressedFrameCountsForWhatItBecomes(t *testing.T) {
	p, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		t.Fatal(err)
	}
	plain := append([]byte("vf\x01"), make([]byte, 1<<20)...)
	packed := protocol.PackFrame(plain, p)
	if got := link.OpenedSize(packed); got < 1<<20 {
		t.Errorf("a frame of %d bytes that opens to a mebibyte counts for %d", len(packed), got)
	}
	if got := link.OpenedSize(plain); got != len(plain) {
		t.Errorf("a plain frame of %d bytes counts for %d", len(plain), got)
	}
	for _, cut := range [][]byte{packed[:5], []byte("vf\x02no zstd")} {
		if got := link.OpenedSize(cut); got != protocol.MaxRunBytes {
			t.Errorf("a frame that does not say its length counts for %d", got)
		}
	}
	if got := link.OpenedSize(nil); got != 0 {
		t.Errorf("no frame counts for %d", got)
	}
}

// Zstd may leave out the length of what opens to less than 256 bytes. Such a frame counts for
// no more than its block, and ours say it: else each record of a few words would count for four
// mebibytes, and one alone of a burst of them would be taken in a second.
func TestShortFrameCountsForLittle(t *testing.T) {
	p, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		t.Fatal(err)
	}
	plain := append([]byte("vf\x01"), make([]byte, 200)...)
	if got := link.OpenedSize(p.PackSmall(plain)); got > len(plain) {
		t.Errorf("a frame of ours of %d bytes counts for %d", len(plain), got)
	}
	another, err := zstd.NewWriter(nil, zstd.WithSingleSegment(false), zstd.WithEncoderCRC(false))
	if err != nil {
		t.Fatal(err)
	}
	unsaid := another.EncodeAll(plain[3:], []byte("vf\x02"))
	if got := link.OpenedSize(unsaid); got < len(plain)-3 || got > 128<<10 {
		t.Errorf("a frame that opens to %d bytes and does not say so counts for %d", len(plain)-3, got)
	}
	more := another.EncodeAll(make([]byte, 1<<20), slices.Clone(unsaid))
	if got := link.OpenedSize(more); got != protocol.MaxRunBytes {
		t.Errorf("a frame with more behind the block that it seems to end with counts for %d", got)
	}
}
