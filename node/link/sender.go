package link

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// What a sender allows itself (design.md §4.6; hotpath.md 1, 2).
const (
	// LookAhead is how much of a group is read at once and ordered by feed.
	LookAhead = 4 << 20
	// MinWindow and MaxWindow bound the bytes under way.
	MinWindow = 512 << 10
	MaxWindow = 4 << 20
	// PackBelow is the rate, in bytes a second, below which frames are compressed.
	PackBelow = 50e6
	// PackFrom is the smallest frame worth compressing alone.
	PackFrom = 4 << 10
	// maxFrames bounds the frames under way, however small.
	maxFrames = 512
	// busyWait is how long a peer that took nothing is left alone (wire.md §4).
	busyWait = time.Second
	// ackTimeout ends a line on which an acknowledgement never came.
	ackTimeout = time.Minute
)

// sender is one direction of a link: it sends what the peer lacks, group by group, in
// the order this node accepted it.
type sender struct {
	p      *peer
	ask    *bus.Requester
	push   string // subject
	groups map[protocol.Group]*outGroup
	turn   int
	acks   chan ack
	window window
	resume <-chan time.Time // set while the peer is too busy
	wg     sync.WaitGroup   // waits for acknowledgements; acks has room for all of them
}

// outGroup is the sender's place in one group.
type outGroup struct {
	protocol.Group
	read   uint64         // order read up to
	held   []store.Stored // read, but no good signature covers them yet
	aheads []*ahead
	again  bool // to be read from the beginning, once what is under way is acknowledged
}

// ahead is one look-ahead: the cursor moves to end when all of it is acknowledged.
type ahead struct {
	end     uint64
	frames  []outFrame // not sent yet
	pending int        // sent, not acknowledged
}

type ack struct {
	frame outFrame
	ahead *ahead
	data  []byte
	err   error
}

func (p *peer) newSender(a *bus.Requester) *sender {
	push := p.token.Ask(protocol.OpPush)
	if !p.dialler {
		push = p.token.Serve(protocol.OpTail)
	}
	return &sender{
		p: p, ask: a, push: push, groups: map[protocol.Group]*outGroup{},
		acks: make(chan ack, maxFrames), window: window{size: MinWindow, clock: p.l.o.Clock},
	}
}

// run sends until the line ends.
func (s *sender) run(ctx context.Context) error {
	changed, stop := s.p.l.o.Store.Changed()
	defer stop()
	ctx, cancel := context.WithCancel(ctx)
	defer s.wg.Wait()
	defer cancel()
	for {
		for s.window.open() {
			sent, err := s.sendOne(ctx)
			if err != nil {
				return err
			}
			if !sent {
				break
			}
		}
		s.p.setIdle(s.window.inFlight == 0 && s.resume == nil)
		select {
		case a := <-s.acks:
			if err := s.acknowledged(ctx, a); err != nil {
				return err
			}
		case <-changed:
		case <-s.p.rescan:
			s.rewind()
		case <-s.resume:
			s.resume = nil
		case <-s.window.timeout():
			return fmt.Errorf("no acknowledgement within %v: %w", ackTimeout, ErrNoLine)
		case <-ctx.Done():
			return nil
		}
	}
}

// rewind has the groups read again that a comparison found to differ.
func (s *sender) rewind() {
	for _, g := range s.p.takeRescans() {
		if out := s.groups[g]; out != nil {
			out.again = true
			out.restart()
		}
	}
}

// restart begins a group anew if that is due and nothing of it is under way.
func (g *outGroup) restart() {
	if g.again && len(g.aheads) == 0 {
		g.read, g.held, g.again = 0, nil, false
	}
}

// unsent gives the first look-ahead with a frame that is not sent, or nil.
func (g *outGroup) unsent() *ahead {
	for _, a := range g.aheads {
		if len(a.frames) > 0 {
			return a
		}
	}
	return nil
}

func (s *sender) sendOne(ctx context.Context) (bool, error) {
	if s.resume != nil {
		return false, nil
	}
	g, err := s.pick(ctx)
	if g == nil || err != nil {
		return false, err
	}
	a := g.unsent()
	f := a.frames[0]
	a.frames = a.frames[1:]
	return true, s.send(ctx, f, a)
}

// pick gives the next group with a frame to send: alerts, then trust, then the others by
// turns.
func (s *sender) pick(ctx context.Context) (*outGroup, error) {
	groups := s.p.l.o.Store.Groups()
	slices.SortFunc(groups, func(a, b protocol.Group) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), a.Compare(b))
	})
	urgent := 0
	for urgent < len(groups) && urgency(groups[urgent]) < 2 {
		urgent++
	}
	s.turn++
	order := slices.Clone(groups[:urgent])
	if rest := groups[urgent:]; len(rest) > 0 {
		k := s.turn % len(rest)
		order = append(append(order, rest[k:]...), rest[:k]...)
	}
	for _, g := range order {
		out, err := s.ready(ctx, g)
		if out != nil || err != nil {
			return out, err
		}
	}
	return nil, nil //nolint:nilnil // nothing to send is no error
}

func urgency(g protocol.Group) int {
	switch g.Topic { //nolint:exhaustive // the rest goes by turns
	case protocol.Alert:
		return 0
	case protocol.Trust:
		return 1
	}
	return 2
}

// ready gives the group if it has a frame to send, reading on if need be.
func (s *sender) ready(ctx context.Context, g protocol.Group) (*outGroup, error) {
	direction, ok := s.p.sends(g)
	if !ok {
		return nil, nil //nolint:nilnil // not ours to send
	}
	out := s.groups[g]
	if out == nil {
		out = &outGroup{Group: g, read: s.p.l.o.Store.Cursor(s.p.token, g)}
		s.groups[g] = out
	}
	for {
		if out.unsent() != nil {
			return out, nil
		}
		if s.p.l.o.Store.Order(g) <= out.read {
			return nil, nil //nolint:nilnil // the tail
		}
		if err := s.readOn(ctx, out, direction); err != nil {
			return nil, err
		}
	}
}

// readOn takes the next look-ahead of a group.
func (s *sender) readOn(ctx context.Context, out *outGroup, d protocol.Direction) error {
	records, err := s.p.l.o.Store.After(ctx, out.Group, out.read, LookAhead)
	if err != nil {
		return err
	}
	if len(records) == 0 {
		out.read = s.p.l.o.Store.Order(out.Group)
		return nil
	}
	end := records[len(records)-1].Order
	out.read = end
	frames, held := cut(append(out.held, s.p.filter(records, d)...))
	for _, r := range held {
		end = min(end, r.Order-1)
	}
	out.held = held
	out.aheads = append(out.aheads, &ahead{end: end, frames: frames})
	s.settle(ctx, out)
	return nil
}

func (s *sender) send(ctx context.Context, f outFrame, a *ahead) error {
	data := f.data
	if s.p.packs() && len(data) >= PackFrom && s.window.rate > 0 && s.window.rate < PackBelow {
		data = protocol.PackFrame(data, s.p.l.o.Packer)
	}
	a.pending++
	s.window.sent(len(f.data))
	asked, err := s.ask.Ask(s.push, data)
	if err != nil {
		return err
	}
	s.wg.Go(func() {
		m, err := asked.Wait(ctx)
		if err != nil {
			s.acks <- ack{f, a, nil, err}
			return
		}
		s.acks <- ack{f, a, m.Data, nil}
	})
	return nil
}

// acknowledged takes the answer to one frame.
func (s *sender) acknowledged(ctx context.Context, a ack) error {
	s.window.acked(len(a.frame.data))
	if a.err != nil {
		return a.err
	}
	var answer protocol.Acknowledgement
	if e := protocol.ParseErrorAnswer(a.data); e != nil {
		if e.Code != protocol.CodeBusy {
			s.p.note(fmt.Errorf("peer refused a frame: %w", e))
		}
		answer.Busy = e.Code == protocol.CodeBusy
	} else if err := protocol.DecodeControl(a.data, &answer); err != nil {
		return fmt.Errorf("acknowledgement: %w", err)
	}
	a.ahead.pending--
	if answer.Busy {
		a.ahead.frames = append([]outFrame{a.frame}, a.ahead.frames...)
		s.resume = time.After(busyWait)
		return nil
	}
	s.outcomes(ctx, a.frame, answer.Runs)
	s.settle(ctx, s.groups[a.frame.group])
	return nil
}

func (s *sender) outcomes(ctx context.Context, f outFrame, runs []protocol.RunOutcome) {
	for k, top := range f.tops {
		if k >= len(runs) {
			s.p.countOutcome(protocol.Dropped)
			continue
		}
		o := runs[k]
		s.p.countOutcome(o.Outcome)
		switch o.Outcome {
		case protocol.Accepted, protocol.Parked:
			s.p.holds(top.EpochID, top.Sequence)
		case protocol.Unwanted:
			s.p.compareSoon()
		case protocol.Forked:
			s.p.takeFork(ctx, o)
		case protocol.Dropped:
			s.p.note(fmt.Errorf("peer dropped a run that ends at %s.%d", top.EpochID, top.Sequence))
		}
	}
}

// settle moves the cursor over the look-aheads that are acknowledged whole.
func (s *sender) settle(ctx context.Context, out *outGroup) {
	moved := uint64(0)
	for len(out.aheads) > 0 && out.aheads[0].pending == 0 && len(out.aheads[0].frames) == 0 {
		moved = out.aheads[0].end
		out.aheads = out.aheads[1:]
	}
	if moved == 0 {
		return
	}
	out.restart()
	if err := s.p.l.o.Store.SetCursors(ctx, s.p.token, map[protocol.Group]uint64{out.Group: moved}); err != nil && !errors.Is(err, context.Canceled) {
		s.p.note(fmt.Errorf("cursor not kept: %w", err))
	}
}

// window counts the bytes under way. It doubles while the acknowledged rate rises, up to
// MaxWindow, and holds about a second's worth on a slow line.
type window struct {
	clock    func() time.Time
	size     int
	inFlight int // bytes
	frames   int
	since    time.Time // of the measurement
	done     int       // bytes acknowledged since
	rate     float64   // bytes a second, of the last full measurement
	timer    *time.Timer
}

func (w *window) open() bool { return w.inFlight < w.size && w.frames < maxFrames }

func (w *window) sent(n int) {
	if w.inFlight == 0 {
		w.since, w.done = w.clock(), 0
		w.stop()
		w.timer = time.NewTimer(ackTimeout)
	}
	w.inFlight += n
	w.frames++
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

func (w *window) acked(n int) {
	w.inFlight -= n
	w.frames--
	w.done += n
	w.stop()
	if w.inFlight > 0 {
		w.timer = time.NewTimer(ackTimeout)
	}
	elapsed := w.clock().Sub(w.since).Seconds()
	if w.done < w.size || elapsed <= 0 {
		return
	}
	rate := float64(w.done) / elapsed
	if rate > w.rate {
		w.size = min(2*w.size, MaxWindow)
	}
	w.size = max(protocol.MaxFrameBytes, min(w.size, int(max(rate, protocol.MaxFrameBytes))))
	w.rate, w.since, w.done = rate, w.clock(), 0
}

// takeFork reads the proof in a fork answer.
func (p *peer) takeFork(ctx context.Context, o protocol.RunOutcome) {
	entry, err := base64.StdEncoding.DecodeString(o.Record)
	if err != nil || o.Previous == nil || o.Key == nil {
		p.note(errors.New("peer answered fork without the record it holds"))
		return
	}
	name := protocol.Name{Institution: o.Feed.Institution, Position: protocol.Position{Topic: o.Feed.Topic, Epoch: o.Epoch, Sequence: o.Sequence}}
	held, err := protocol.ParseEntry(entry, name, *o.Key, *o.Previous)
	if err != nil {
		p.note(fmt.Errorf("peer answered fork: %w", err))
		return
	}
	p.l.o.Intake.TakeForkProof(ctx, p.id, held)
}

func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"v":1,"error":"internal"}`)
	}
	return b
}

// filter leaves out what the peer is known to hold and the bodies the link may not
// carry.
func (p *peer) filter(records []store.Stored, d protocol.Direction) []store.Stored {
	out := records[:0]
	for _, r := range records {
		if p.has(r.EpochID(), r.Sequence) {
			continue
		}
		if r.BodyState == protocol.BodyHeld && !p.carriesBody(&r.Record, d) {
			r.Record = r.WithoutBody(protocol.BodyWithheld)
		}
		out = append(out, r)
	}
	return out
}
