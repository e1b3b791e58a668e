package link

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

const (
	// maxQuestions bounds the questions of one peer that are answered at the same time.
	maxQuestions = 8
	// MaxTaken bounds the bytes of one peer, as they open, that are queued for IN or lie
	// in it: the largest window of an honest sender, and its last frame. So one peer that
	// floods fills no more than a sixteenth of IN, and frames that open to a thousand
	// times their length fill no memory.
	MaxTaken = MaxWindow + 512<<10
	// inTimeout is how long a frame that this node fetched may lie in IN; what IN lost
	// does not come out of it.
	inTimeout = 2 * time.Minute
)

// subscription is one of nats.go whose end can be waited for. (nats.go tells of that only who
// asked for it while the connection was there: in a session that another connection kicked in
// just that moment, and at the end of its node, one waited for ever.)
type subscription struct {
	sub *nats.Subscription

	mu   sync.Mutex // held while a message is taken; guards over
	over bool
}

func subscribe(c *nats.Conn, subject string, take nats.MsgHandler) (*subscription, error) {
	s := &subscription{}
	var err error
	s.sub, err = c.Subscribe(subject, func(m *nats.Msg) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.over {
			take(m)
		}
	})
	return s, err
}

// close ends the subscription and waits until nothing of it runs.
func (s *subscription) close() {
	_ = s.sub.Unsubscribe() // an error says that the connection has ended
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// asked takes a dialler's question.
func (l *Links) asked(m *nats.Msg) {
	q, err := bus.ParseQuestion(m)
	if err != nil {
		l.count(func(c *Counts) { c.Forged++ })
		return
	}
	if p := l.peer(q.Token); p != nil && !p.dialler {
		p.dispatch(q)
	}
}

// dispatch answers a question, or queues a frame. What comes faster than it can be
// answered is told so; it never piles up.
func (p *peer) dispatch(q bus.Question) {
	if p.isBarred() != nil {
		return
	}
	if q.Operation == protocol.OpPush || q.Operation == protocol.OpTail || q.Operation == protocol.OpJoin {
		if !p.takeIn(q) {
			p.l.count(func(c *Counts) { c.Refused++ })
			p.publish(q.Reply, busyAnswer())
		}
		return
	}
	select {
	case p.questions <- struct{}{}:
	default:
		p.l.count(func(c *Counts) { c.Refused++ })
		p.publish(q.Reply, marshal(protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBusy}))
		return
	}
	p.l.spawn(func(ctx context.Context) {
		defer func() { <-p.questions }()
		p.publish(q.Reply, p.answer(ctx, q.Operation, q.Data))
	})
}

// takeIn queues a frame for IN, if the peer has not too much under way already.
func (p *peer) takeIn(q bus.Question) bool {
	queued, first := p.queue(q)
	if first {
		p.l.spawn(p.takeFrames)
	}
	return queued
}

// queue reports whether there was room, and whether somebody must begin to take.
func (p *peer) queue(q bus.Question) (queued, first bool) {
	size := openedSize(q.Data)
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, twice := p.taken[q.Reply]; twice || p.takenBytes+size > MaxTaken || len(p.frames) == maxFrames {
		return false, false
	}
	p.frames = append(p.frames, q)
	p.taken[q.Reply] = size
	p.takenBytes += size
	first = !p.putting
	p.putting = true
	return true, first
}

// release notes that a frame was answered.
func (p *peer) release(reply string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.takenBytes -= p.taken[reply]
	delete(p.taken, reply)
}

// maxBlock is what a block of zstd opens to at most (RFC 8878 s3.1.1.2.4).
const maxBlock = 128 << 10

// openedSize is how long a frame is once it is open, as it says itself. What opens to less
// than 256 bytes need not say it (RFC 8878 s3.1.1.1.1), and is bounded by its one block; what
// says nothing else counts for as much as it may become.
func openedSize(frame []byte) int {
	body, packed := packedPart(frame)
	if !packed {
		return len(frame)
	}
	var h zstd.Header
	if err := h.Decode(body); err != nil {
		return protocol.MaxRunBytes
	}
	size := uint64(protocol.MaxRunBytes)
	switch b := &h.FirstBlock; {
	case h.HasFCS:
		size = h.FrameContentSize
	case b.OK && b.Last && b.Compressed && h.HeaderSize+blockHeader+b.CompressedSize == len(body):
		size = min(h.WindowSize, maxBlock)
	}
	if size > protocol.MaxRunBytes {
		return protocol.MaxRunBytes
	}
	return max(len(frame), int(size)) //nolint:gosec // at most MaxRunBytes
}

// blockHeader is how long the header of a block of zstd is.
const blockHeader = 3

// packedPart gives what follows the mark of a compressed frame (wire.md §4).
func packedPart(frame []byte) ([]byte, bool) {
	if len(frame) <= protocol.FrameHeaderSize || frame[protocol.FrameHeaderSize-1] != 2 {
		return nil, false
	}
	return frame[protocol.FrameHeaderSize:], true
}

// takeFrames puts the peer's frames into IN one after the other, in their order, until none
// waits: most links have none for minutes.
func (p *peer) takeFrames(ctx context.Context) {
	for ctx.Err() == nil {
		q, ok := p.nextFrame()
		if !ok {
			return
		}
		p.take(ctx, q)
	}
}

func (p *peer) nextFrame() (bus.Question, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.frames) == 0 {
		p.frames, p.putting = nil, false
		return bus.Question{}, false
	}
	q := p.frames[0]
	p.frames[0] = bus.Question{}
	p.frames = p.frames[1:]
	return q, true
}

// take puts a peer's frame into IN; intake answers after its commit.
func (p *peer) take(ctx context.Context, q bus.Question) {
	p.hear()
	if p.isBarred() != nil {
		p.release(q.Reply)
		return
	}
	err := p.l.o.Bus.PutIn(ctx, p.token, q.Reply, q.Data)
	if err == nil {
		return
	}
	p.release(q.Reply)
	switch {
	case errors.Is(err, bus.ErrBusy), ctx.Err() != nil:
		p.publish(q.Reply, busyAnswer())
	default:
		p.note(err)
		p.publish(q.Reply, marshal(protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBadRequest, Detail: err.Error()}))
	}
}

// busyAnswer tells a sender that nothing was taken.
func busyAnswer() []byte {
	return marshal(protocol.Acknowledgement{V: protocol.ControlVersion, Runs: []protocol.RunOutcome{}, Busy: true})
}

// publish answers a peer, if the reply subject it named is one of its own link's: nats
// does not check reply subjects, so this node must (nats.md).
func (p *peer) publish(reply string, data []byte) {
	answers, conn := p.token.AnswersTo, p.line()
	if p.dialler {
		answers = p.token.AnsweredBy
	} else {
		p.l.mu.Lock()
		conn = p.l.local
		p.l.mu.Unlock()
	}
	if !answers(reply) || conn == nil {
		return
	}
	if err := p.through(func() error { return conn.Publish(reply, data) }); err != nil {
		p.note(err)
	}
}

// Answer is intake's way to acknowledge a frame: to the peer that sent it, or to this
// node where it fetched the frame itself.
func (l *Links) Answer(token protocol.LinkToken, reply string, a protocol.Acknowledgement) {
	l.mu.Lock()
	own := l.waiting[reply]
	delete(l.waiting, reply)
	p := l.byToken[token]
	l.mu.Unlock()
	if own != nil {
		own <- a
		return
	}
	if a.Runs == nil {
		a.Runs = []protocol.RunOutcome{} // of a frame that is none: null would be no list
	}
	if p != nil {
		p.release(reply)
		p.publish(reply, marshal(a))
	}
}

// putAndWait puts a frame that was fetched into IN, waits until it is committed, and
// gives what became of its runs.
func (p *peer) putAndWait(ctx context.Context, frame []byte) ([]protocol.RunOutcome, error) {
	for {
		a, err := p.putOnce(ctx, frame)
		if err != nil {
			return nil, err
		}
		if !a.Busy {
			return a.Runs, nil
		}
		if err := sleep(ctx, busyWait); err != nil {
			return nil, err
		}
	}
}

func (p *peer) putOnce(ctx context.Context, frame []byte) (protocol.Acknowledgement, error) {
	reply := p.token.Inbox(rand.Text())
	if p.dialler {
		reply = p.token.Reply(rand.Text())
	}
	done := make(chan protocol.Acknowledgement, 1)
	p.l.mu.Lock()
	p.l.waiting[reply] = done
	p.l.mu.Unlock()
	defer func() {
		p.l.mu.Lock()
		delete(p.l.waiting, reply)
		p.l.mu.Unlock()
	}()
	busy := protocol.Acknowledgement{Busy: true}
	switch err := p.l.o.Bus.PutIn(ctx, p.token, reply, frame); {
	case errors.Is(err, bus.ErrBusy):
		return busy, nil
	case err != nil:
		return busy, err
	}
	lost := time.NewTimer(inTimeout)
	defer lost.Stop()
	select {
	case a := <-done:
		return a, nil
	case <-lost.C:
		return busy, nil
	case <-ctx.Done():
		return busy, ctx.Err()
	}
}

// Fetch asks the peer of a link for a gap.
func (l *Links) Fetch(gap intake.Gap) {
	if p := l.peer(gap.Token); p != nil {
		p.want(gap)
	}
}

// Sends reports whether a link's policy lets its peer send a group; nothing may come from
// a member that is out.
func (l *Links) Sends(token protocol.LinkToken, g protocol.Group) bool {
	p := l.peer(token)
	return p != nil && p.isBarred() == nil && p.takes(g)
}

// PeerOf gives the institution at the other end of a link; empty if there is none.
func (l *Links) PeerOf(token protocol.LinkToken) protocol.InstitutionID {
	if p := l.peer(token); p != nil {
		return p.id
	}
	return ""
}

// Took notes what a peer sent, so that it is not sent back.
func (l *Links) Took(token protocol.LinkToken, tops []protocol.HaveRow) {
	p := l.peer(token)
	if p == nil {
		return
	}
	for _, r := range tops {
		p.holds(r.EpochID, r.Sequence)
	}
	l.changed()
}
