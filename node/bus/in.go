package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// BatchBytes bounds what [Inbox.Next] gives at once: two chunks of 4 MiB, enough that
	// one commit's two fsyncs are shared by thousands of records.
	BatchBytes = 8 << 20
	// batchFrames bounds it in frames: the batch of single live records.
	batchFrames = 4096

	// replyHeader carries a peer's reply subject through IN. JetStream sees none of it.
	replyHeader = "Vardar-Reply"

	// pullWait is how long one request to IN waits for the first frame.
	pullWait = 10 * time.Second
)

// Arrived is one frame that a peer sent, as it came.
type Arrived struct {
	Token protocol.LinkToken
	Reply string // where its acknowledgement goes, see [Answer]
	Frame []byte
}

// PutIn puts a frame into IN, in order if called in order, and returns when it is there:
// in memory, not committed. Nothing of the peer's message is passed on but the frame
// and, if it is that link's own, the reply. It returns [ErrBusy] when IN is full,
// [ErrReply] or [ErrFrameSize] for what is to be dropped.
func (b *Bus) PutIn(ctx context.Context, token protocol.LinkToken, reply string, frame []byte) error {
	if !token.Valid() || !token.AnswersTo(reply) && !token.AnsweredBy(reply) {
		return ErrReply
	}
	m := &nats.Msg{Subject: token.In(), Header: nats.Header{replyHeader: {reply}}, Data: frame}
	if len(frame) == 0 || m.Size() > MaxPayload {
		return ErrFrameSize
	}
	err := b.publish(ctx, m)
	switch {
	case b.closed.Load():
		return ErrClosed
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case full(err):
		return ErrBusy
	}
	return errors.Join(ErrBusy, err, b.mend(ctx))
}

// publish is a publish with acknowledgement.
func (b *Bus) publish(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeout(ctx, streamWait)
	defer cancel()
	r, err := b.intake.RequestMsgWithContext(ctx, m)
	if err != nil {
		return connError("put into IN", err)
	}
	var ack pubAck
	if err := json.Unmarshal(r.Data, &ack); err != nil {
		return fmt.Errorf("put into IN: %w", err)
	}
	if ack.Error != nil {
		return fmt.Errorf("put into IN: %w", ack.Error)
	}
	if ack.Stream != streamIn {
		return fmt.Errorf("put into IN: stream %q answered", ack.Stream)
	}
	return nil
}

// pubAck is JetStream's answer to a publish.
type pubAck struct {
	Stream   string              `json:"stream"`
	Sequence uint64              `json:"seq"`
	Error    *jetstream.APIError `json:"error"`
}

// Inbox takes from IN. It is for one goroutine.
type Inbox struct {
	bus     *Bus
	sub     *nats.Subscription
	came    chan *nats.Msg
	pulling bool        // a request is out and its end has not come
	held    []*nats.Msg // came, and not yet given out
}

// Arrivals is the one way out of IN: call it once.
func (b *Bus) Arrivals() *Inbox {
	return &Inbox{bus: b, came: make(chan *nats.Msg, batchFrames+16)}
}

// Next waits until at least one frame is there, takes what is there up to [BatchBytes],
// and never waits for more. Call done once the batch is committed, or dropped: IN then
// has room again. What is not done comes again after a minute, or never, if the node
// stops: it was not acknowledged. It returns ctx's error when that ends, and [ErrClosed].
func (i *Inbox) Next(ctx context.Context) (batch []Arrived, done func() error, err error) {
	if err := i.subscribe(); err != nil {
		return nil, nil, err
	}
	for len(i.held) == 0 || i.pulling {
		if !i.pulling {
			if err := i.pull(); err != nil {
				return nil, nil, err
			}
		}
		if err := i.await(ctx); err != nil {
			return nil, nil, err
		}
	}
	taken := i.held
	i.held = nil
	for _, m := range taken {
		batch = append(batch, arrived(m))
	}
	return batch, func() error { return i.done(taken) }, nil
}

func (i *Inbox) subscribe() error {
	if i.sub != nil {
		return nil
	}
	sub, err := i.bus.intake.ChanSubscribe(inboxPrefix(UserIntake)+".batch", i.came)
	if err != nil {
		return connError("take from IN", err)
	}
	i.sub = sub
	return nil
}

// pull asks for a batch: with no_wait and expires JetStream waits for the first frame,
// gives what is there, and says that this was all.
func (i *Inbox) pull() error {
	request := fmt.Sprintf(`{"batch":%d,"max_bytes":%d,"no_wait":true,"expires":%d}`, batchFrames, BatchBytes, pullWait)
	m := &nats.Msg{Subject: nextSubject, Reply: i.sub.Subject, Data: []byte(request)}
	if err := i.bus.intake.PublishMsg(m); err != nil {
		return connError("take from IN", err)
	}
	i.pulling = true
	return nil
}

// await takes one message: a frame, or the word that the request has ended.
func (i *Inbox) await(ctx context.Context) error {
	late := time.NewTimer(pullWait + streamWait)
	defer late.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-late.C:
		i.pulling = false
		return nil
	case m, ok := <-i.came:
		if !ok || m == nil {
			return ErrClosed
		}
		if m.Header.Get("Status") == "" {
			i.held = append(i.held, m)
			i.pulling = len(i.held) < batchFrames
			return nil
		}
		i.pulling = false
		if m.Header.Get("Status") == "503" { // nobody there: JetStream is off
			return i.comeBack(ctx)
		}
		return nil
	}
}

// comeBack waits until IN is there again.
func (i *Inbox) comeBack(ctx context.Context) error {
	err := i.bus.mend(ctx)
	if err == nil || errors.Is(err, ErrClosed) {
		return err
	}
	pause := time.NewTimer(mendPause)
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}

func arrived(m *nats.Msg) Arrived {
	return Arrived{Token: protocol.LinkToken(m.Subject[len("in."):]), Reply: m.Header.Get(replyHeader), Frame: m.Data}
}

func (i *Inbox) done(taken []*nats.Msg) error {
	for _, m := range taken {
		if err := i.bus.intake.Publish(m.Reply, []byte("+ACK")); err != nil {
			return connError("acknowledge to IN", err)
		}
	}
	return nil
}
