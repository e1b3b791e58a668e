package link

import (
	"context"
	"fmt"
	"log/slog"
	"time"
	"unsafe"
	"weak"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Senders are those of several links that stand at the same cursor of one group.
type Senders struct {
	l    *Links
	all  []*sender
	outs []*outGroup
}

// NewSenders has n links with a policy for all groups and bodies up to a mark.
func NewSenders(s *store.Store, clock func() time.Time, g protocol.Group, n int, bodies protocol.Handling) *Senders {
	l := &Links{
		o:   Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Store: s, Clock: clock},
		log: slog.New(slog.DiscardHandler), signed: new(intake.Intake).WellSigned, maySend: func(protocol.Name) bool { return true }, nextMark: func() <-chan struct{} { return nil },
	}
	out := &Senders{l: l}
	out.add(g, n, bodies)
	return out
}

func (s *Senders) add(g protocol.Group, n int, bodies protocol.Handling) {
	for k := range n {
		p := s.l.newPeer(protocol.InstitutionID(fmt.Sprintf("mk.southeast.peer%d-%d", len(s.all), k)), false)
		p.sending.terms = []protocol.Direction{{Groups: []string{"* *"}, Bodies: bodies, Relay: bodies}}
		sending := &sender{p: p, sending: p.outgoing(), groups: map[protocol.Group]*outGroup{}}
		s.all, s.outs = append(s.all, sending), append(s.outs, sending.group(g))
	}
}

// Resting makes what so many links keep while their lines are up.
func Resting(n int) any {
	l := &Links{o: Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Clock: time.Now}, log: slog.New(slog.DiscardHandler)}
	var all []*sender
	for k := range n {
		all = append(all, l.newPeer(protocol.InstitutionID(fmt.Sprintf("mk.southeast.peer-%d", k)), false).newSender(nil))
	}
	return all
}

// Frames is the queue of what a peer sent.
type Frames struct{ p *peer }

// NewFrames makes one in which nothing waits.
func NewFrames() *Frames {
	l := &Links{o: Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Clock: time.Now}, log: slog.New(slog.DiscardHandler)}
	return &Frames{l.newPeer("mk.national.peer", false)}
}

// Queue reports whether there was room, and whether somebody must begin to take.
func (f *Frames) Queue(reply string) (queued, first bool) {
	return f.p.queue(bus.Question{Reply: reply, Data: []byte("frame")})
}

// Next gives the reply of the next one, and whether there was one.
func (f *Frames) Next() (string, bool) {
	q, ok := f.p.nextFrame()
	return q.Reply, ok
}

// Sent has the first of them read the group to its end and send it, each frame of which is
// acknowledged, and gives those frames.
func (s *Senders) Sent(ctx context.Context) (frames []weak.Pointer[byte], err error) {
	out, sending := s.outs[0], s.all[0]
	for out.read < s.l.o.Store.Order(out.Group) {
		if err := sending.readOn(ctx, out); err != nil {
			return nil, err
		}
		for a := out.unsent(); a != nil; a = out.unsent() {
			frames = append(frames, weak.Make(&a.frames[0].data[0]))
			a.frames = a.frames[1:]
		}
		sending.settle(ctx, out)
	}
	s.l.shelf = shelf{} // others' copies
	return frames, nil
}

// Read has all of them read and cut the group to its end, a look-ahead each in turn, and
// gives how many bytes of frames each has. Unless they share, each reads for itself.
func (s *Senders) Read(ctx context.Context, share bool) ([]int, error) {
	sizes := make([]int, len(s.all))
	for _, out := range s.outs {
		out.read = 0
	}
	for done := false; !done; {
		done = true
		for k, sending := range s.all {
			if !share {
				s.l.shelf = shelf{}
			}
			out := s.outs[k]
			if out.read == s.l.o.Store.Order(out.Group) {
				continue
			}
			done = false
			if err := sending.readOn(ctx, out); err != nil {
				return nil, err
			}
			for _, a := range out.aheads {
				for _, f := range a.frames {
					sizes[k] += len(f.data)
				}
			}
			out.aheads = nil
		}
	}
	if !share {
		s.l.shelf = shelf{}
	}
	return sizes, nil
}

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

// WhySessionsEnd begins a session of a dialler while the bus is asked who is connected, and
// has it answer each time that nobody is: why the session ended after the first look, and
// after the second.
func WhySessionsEnd(ctx context.Context) (first, second error) {
	l := &Links{o: Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Clock: time.Now}, log: slog.New(slog.DiscardHandler)}
	p := l.newPeer("mk.southeast.town", false)
	l.byToken = map[protocol.LinkToken]*peer{p.token: p}
	p.greet("an earlier session")
	session, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l.follow(func() []bus.PeerState {
		p.greet("a new session")
		p.begin(cancel)
		return nil
	})
	first = context.Cause(session)
	l.follow(func() []bus.PeerState { return nil })
	return first, context.Cause(session)
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

// Question gives how many bytes are under way if it is worth asking a question behind them.
func (w *Window) Question() (behind int, ask bool) { return w.w.question() }

// Answered takes how long the answer took.
func (w *Window) Answered(behind int, took time.Duration) { w.w.answered(behind, took) }

// Compresses reports whether large frames go compressed.
func (w *Window) Compresses() bool { return w.w.compresses() }

// OpenedSize is what a frame counts for.
func OpenedSize(frame []byte) int { return openedSize(frame) }

// Page is one page of the rows of groups.
func Page(groups []protocol.Group, last *protocol.HaveRow, of func(protocol.Group) []protocol.HaveRow) protocol.RowsAnswer {
	return page(groups, last, of)
}

// CloseUntold subscribes over a connection that ends before nats.go was asked to tell of
// that, and closes the subscription.
func CloseUntold(c *nats.Conn, subject string) error {
	s, err := subscribe(c, subject, func(*nats.Msg) {})
	if err != nil {
		return err
	}
	s.sub.SetClosedHandler(nil)
	c.Close()
	s.close()
	return nil
}

// Subscribe takes what comes until the function that it gives is called.
func Subscribe(c *nats.Conn, subject string, take nats.MsgHandler) (stop func(), err error) {
	s, err := subscribe(c, subject, take)
	return s.close, err
}

// Pace is how soon groups are compared again, for tests.
type Pace struct{ p pace }

// After takes what a comparison found lacking of one epoch, from which sequences on.
func (p *Pace) After(lacks []uint32, underWay bool, took time.Duration) (whenAsked, whenUnderWay time.Duration) {
	f := found{underWay: underWay}
	for _, from := range lacks {
		f.lacks = append(f.lacks, stretch{from: from})
	}
	p.p.after(f, took)
	return p.p.asked, p.p.underWay
}

// SkewOf gives how far a peer's clock is ahead, which told the hour in its hello just now.
func SkewOf(clock func() time.Time, hello time.Time) func() time.Duration {
	l := &Links{o: Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Clock: clock}, log: slog.New(slog.DiscardHandler)}
	p := l.newPeer("mk.southeast.peer", false)
	p.clock, p.clockAt = hello, clock()
	return p.skew
}

// Learner is what a line remembers of its peer, for tests.
type Learner struct{ p *peer }

// NewLearner has a link made now.
func NewLearner(clock func() time.Time) *Learner {
	l := &Links{o: Options{Self: []protocol.InstitutionID{"mk.national.hub"}, Clock: clock}, log: slog.New(slog.DiscardHandler)}
	return &Learner{l.newPeer("mk.southeast.peer", false)}
}

// Acknowledged, Equal and Lacking are an acknowledged run, a comparison that found the peer to hold
// all, and one that found it to lack an epoch behind a sequence.
func (x *Learner) Acknowledged(r *store.Stored) { x.p.holds(r.EpochID(), r.Sequence) }

// Equal takes the group's order.
func (x *Learner) Equal(g protocol.Group, order uint64) { x.p.holdsGroup(g, order) }

// Lacking takes the group's order too.
func (x *Learner) Lacking(g protocol.Group, order uint64, e protocol.EpochID, behind uint32) {
	x.p.holdsOnly(g, order, map[protocol.EpochID]uint32{e: behind}, []learnt{{what: lacksRest, epoch: e, upTo: uint64(behind)}})
}

// Known tells of a record.
func (x *Learner) Known(r *store.Stored) Known { return x.p.known(r) }

// Bytes is what the memory takes, and may take.
func (x *Learner) Bytes() (taken, most int) {
	const entry = int(unsafe.Sizeof(learnt{}))
	return cap(x.p.past.all) * entry, maxLearnt * entry
}
