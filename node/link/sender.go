package link

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// sender is one direction of a link: it sends what the peer lacks, group by group, in
// the order this node accepted it.
type sender struct {
	p       *peer
	ask     *bus.Requester
	push    string // subject
	sending outgoing
	groups  map[protocol.Group]*outGroup
	order   []protocol.Group // that may be sent: the urgent ones first
	urgent  int              // how many are
	turn    int
	acks    chan *ack
	answers chan answered // to the question that is asked, one at most
	asking  bool
	window  window
	resume  <-chan time.Time // set while the peer is too busy, or its policy's pace is kept
	marks   <-chan time.Time // set while an own record waits for its mark
	marked  <-chan struct{}  // told when one is written
	wg      sync.WaitGroup   // waits for acknowledgements
}

type ack struct {
	frame outFrame
	ahead *ahead
	at    time.Time // when it was sent
	data  []byte
	err   error
}

// answered is how long a question took that was asked behind so many bytes; no time if it
// has no answer.
type answered struct {
	behind int
	took   time.Duration
}

func (p *peer) newSender(a *bus.Requester) *sender {
	push := p.token.Ask(protocol.OpPush)
	if !p.dialler {
		push = p.token.Serve(protocol.OpTail)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return &sender{
		p: p, ask: a, push: push, groups: map[protocol.Group]*outGroup{}, sending: outgoing{revision: -1},
		acks: make(chan *ack, 16), answers: make(chan answered, 1), window: newWindow(p.l.o.Clock, p.rate),
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
		if err := s.sendAll(ctx); err != nil {
			return err
		}
		s.p.setIdle(s.window.inFlight == 0 && s.resume == nil && s.marks == nil)
		select {
		case a := <-s.acks:
			if err := s.acknowledged(ctx, a); err != nil {
				return err
			}
		case a := <-s.answers:
			if s.asking = false; a.took > 0 {
				s.window.answered(a.behind, a.took)
			}
		case <-changed:
			s.order = nil
		case <-s.p.rescan:
			s.resend()
		case <-s.resume:
			s.resume = nil
		case <-s.marked:
			s.marks, s.marked = nil, nil
		case <-s.marks:
			s.marks, s.marked = nil, nil
		case <-s.window.timeout():
			return fmt.Errorf("no acknowledgement within %v: %w", ackTimeout, ErrNoLine)
		case <-ctx.Done():
			return nil
		}
	}
}

// sendAll sends as long as there is something, and room for it.
func (s *sender) sendAll(ctx context.Context) error {
	s.follow()
	for s.resume == nil && s.window.open() {
		g, err := s.pick(ctx)
		if err != nil {
			return err
		}
		if g == nil {
			s.window.drained()
			return nil
		}
		a := g.unsent()
		f := a.frames[0]
		a.frames = a.frames[1:]
		if err := s.send(ctx, f, a); err != nil {
			return err
		}
		s.follow()
	}
	return nil
}

// follow takes a changed policy over: what was read under the old one is read again.
func (s *sender) follow() {
	o := s.p.outgoing()
	if o.revision == s.sending.revision {
		return
	}
	s.sending, s.order = o, nil
	clear(s.groups)
}

// resend takes what comparisons found the peer to lack behind the cursors.
func (s *sender) resend() {
	s.p.mu.Lock()
	due := s.p.resend
	s.p.resend = map[protocol.Group][]stretch{}
	s.p.mu.Unlock()
	for g, parts := range due {
		s.group(g).again = parts
	}
}

// pick gives the next group with a frame to send: alerts, then trust, then the others by
// turns. Groups are listed anew only after a commit: hundreds of them for each frame
// would cost more than the frame.
func (s *sender) pick(ctx context.Context) (*outGroup, error) {
	if s.order == nil {
		s.list()
	}
	for _, g := range s.order[:s.urgent] {
		if out, err := s.ready(ctx, g); out != nil || err != nil {
			return out, err
		}
	}
	rest := s.order[s.urgent:]
	for k := range rest {
		n := (s.turn + k) % len(rest)
		if out, err := s.ready(ctx, rest[n]); out != nil || err != nil {
			s.turn = n + 1
			return out, err
		}
	}
	return nil, nil //nolint:nilnil // nothing to send is no error
}

func (s *sender) list() {
	s.order, s.urgent = []protocol.Group{}, 0
	for _, g := range s.p.l.o.Store.Groups() {
		if s.sending.carries(g) {
			s.order = append(s.order, g)
		}
	}
	slices.SortFunc(s.order, func(a, b protocol.Group) int {
		return cmp.Or(cmp.Compare(urgency(a), urgency(b)), a.Compare(b))
	})
	for s.urgent < len(s.order) && urgency(s.order[s.urgent]) < 2 {
		s.urgent++
	}
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

func (s *sender) send(ctx context.Context, f outFrame, a *ahead) error {
	data := f.data
	switch {
	case f.isSmall() && s.p.packs(s.p.l.o.Packer.Dictionary()), s.window.compresses() && !f.isSmall() && s.p.packs(Packing):
		data = f.compressed(s.p.l.o.Packer)
	}
	a.pending++
	s.window.sent(len(f.data))
	if limit := s.sending.pace(); limit > 0 {
		s.resume = time.After(time.Duration(len(data)) * time.Second / time.Duration(limit))
	}
	at := s.p.l.o.Clock()
	var asked *bus.Asked
	err := s.p.through(func() (err error) {
		asked, err = s.ask.Ask(s.push, data)
		return err
	})
	if err != nil {
		return err
	}
	s.wg.Go(func() {
		m, err := asked.Wait(ctx)
		got := &ack{f, a, at, nil, err}
		if err == nil {
			got.data = m.Data
		}
		select {
		case s.acks <- got:
		case <-ctx.Done():
		}
	})
	return nil
}

// acknowledged takes the answer to one frame.
func (s *sender) acknowledged(ctx context.Context, a *ack) error {
	if a.err != nil {
		return a.err
	}
	answer, err := s.read(a.data)
	if err != nil {
		return err
	}
	if answer.Busy {
		s.window.drained() // it says nothing of the line
	}
	s.window.acked(len(a.frame.data), a.at)
	s.askOfLine(ctx)
	s.p.mu.Lock()
	s.p.rate, s.p.heard = s.window.rate, s.p.l.o.Clock()
	s.p.mu.Unlock()
	a.ahead.pending--
	if answer.Busy {
		a.ahead.frames = append([]outFrame{a.frame}, a.ahead.frames...)
		s.resume = time.After(busyWait)
		return nil
	}
	out := s.groups[a.frame.group]
	if out == nil {
		return nil // the policy changed: it is read again
	}
	s.outcomes(ctx, out, a.frame, answer.Runs)
	s.settle(ctx, out)
	return nil
}

// askOfLine asks, now and then, a question behind the frames under way: how soon the
// answer comes tells a slow line from a slow peer. What is asked is of no matter.
func (s *sender) askOfLine(ctx context.Context) {
	if s.asking {
		return
	}
	behind, ask := s.window.question()
	if s.asking = ask; !ask {
		return
	}
	at := s.p.l.o.Clock()
	s.wg.Go(func() {
		var h protocol.Hello
		err := s.p.askFor(ctx, protocol.OpHello, s.p.l.hello(s.p), &h)
		if took := s.p.l.o.Clock().Sub(at); err == nil {
			s.answers <- answered{behind, took}
			return
		}
		s.answers <- answered{}
	})
}

// read reads an acknowledgement. A peer that refuses a frame whole for another reason
// than being busy is not sent it for ever: its runs count as dropped, and a comparison
// offers them anew.
func (s *sender) read(data []byte) (a protocol.Acknowledgement, err error) {
	if e := protocol.ParseErrorAnswer(data); e != nil {
		a.Busy = e.Code == protocol.CodeBusy
		if !a.Busy {
			s.p.note(fmt.Errorf("peer refused a frame: %w", e))
		}
		return a, nil
	}
	if err := protocol.DecodeControl(data, &a); err != nil {
		return a, fmt.Errorf("acknowledgement: %w", err)
	}
	return a, nil
}

func (s *sender) outcomes(ctx context.Context, out *outGroup, f outFrame, runs []protocol.RunOutcome) {
	for k, top := range f.tops {
		if k >= len(runs) {
			s.p.countOutcome(protocol.Dropped)
			s.p.compareSoon() // nobody judged it: the peer was in trouble
			continue
		}
		o := runs[k]
		s.p.countOutcome(o.Outcome)
		switch o.Outcome {
		case protocol.Accepted:
			s.p.holds(top.EpochID, top.Sequence)
		case protocol.Parked:
			s.p.compareSoon() // it is not committed there, and may be forgotten
		case protocol.Unwanted:
			out.forget(top.EpochID)
			s.p.compareSoon()
		case protocol.Forked:
			s.p.takeFork(ctx, o)
		case protocol.Dropped:
			// What intake judges never changes: only another vardar there would take it, so
			// that the comparison due in any case is soon enough.
			out.forget(top.EpochID)
			s.p.note(fmt.Errorf("peer dropped a run that ends at %s.%d", top.EpochID, top.Sequence))
		}
	}
	s.p.l.changed()
}

// settle moves the cursor over the look-aheads that are acknowledged whole.
func (s *sender) settle(ctx context.Context, out *outGroup) {
	moved := uint64(0)
	for len(out.aheads) > 0 && out.aheads[0].pending == 0 && len(out.aheads[0].frames) == 0 {
		moved = max(moved, out.aheads[0].end)
		out.aheads = slices.Delete(out.aheads, 0, 1) // and not a slice of it, which would keep its frames in memory
	}
	if moved == 0 {
		return
	}
	if err := s.p.l.o.Store.SetCursors(ctx, s.p.token, map[protocol.Group]uint64{out.Group: moved}); err != nil && !errors.Is(err, context.Canceled) {
		s.p.note(fmt.Errorf("cursor not kept: %w", err))
	}
}

// takeFork reads the proof in a fork answer.
func (p *peer) takeFork(ctx context.Context, o protocol.RunOutcome) {
	held, err := o.Held()
	if err != nil {
		p.note(fmt.Errorf("peer answered fork without the record it holds: %w", err))
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
