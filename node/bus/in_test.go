package bus_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/bus"
)

func TestFramesComeOutInOrderAndAreGoneWhenDone(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	in := b.Arrivals()
	l := token(gevgelija)
	next, total := 0, 300
	go func() {
		for i := range total {
			if err := b.PutIn(ctx, l, l.Inbox(fmt.Sprint(i)), fmt.Appendf(nil, "%d", i)); err != nil {
				t.Errorf("PutIn() = %v", err)
			}
		}
	}()
	for next < total {
		batch, done, err := in.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			t.Fatal("Next() gave nothing")
		}
		for _, a := range batch {
			if want := fmt.Sprint(next); string(a.Frame) != want || a.Reply != l.Inbox(want) || a.Token != l {
				t.Fatalf("came %v, want frame %d", a, next)
			}
			next++
		}
		if err := done(); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if batch, _, err := in.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next() of an empty IN = %v, %v, want DeadlineExceeded", batch, err)
	}
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("later")); err != nil {
		t.Fatal(err)
	}
	if batch, _, err := in.Next(ctx); err != nil || len(batch) != 1 || string(batch[0].Frame) != "later" {
		t.Errorf("Next() after one that was given up = %v, %v, want the later frame", batch, err)
	}
}

func TestFullInRefusesUntilSomethingIsDone(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir())) // 1 MiB
	l := token(gevgelija)
	frame := bytes.Repeat([]byte("x"), 64<<10)
	put := 0
	var err error
	for ; put < 100 && err == nil; put++ {
		err = b.PutIn(ctx, l, l.Inbox("a"), frame)
	}
	if !errors.Is(err, bus.ErrBusy) || put < 10 || put > 17 {
		t.Fatalf("PutIn() number %d = %v, want ErrBusy at about 16", put, err)
	}
	in := b.Arrivals()
	batch, done, err := in.Next(ctx)
	if err != nil || len(batch) != put-1 {
		t.Fatalf("Next() = %d frames, %v, want all %d", len(batch), err, put-1)
	}
	if err := b.PutIn(ctx, l, l.Inbox("a"), frame); !errors.Is(err, bus.ErrBusy) {
		t.Errorf("PutIn() with everything taken and nothing done = %v, want ErrBusy", err)
	}
	if err := done(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "IN takes again", func() bool { return b.PutIn(ctx, l, l.Inbox("a"), frame) == nil })
}

func TestOneBatchIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	o := options(t.TempDir())
	o.InMaxBytes = 32 << 20
	b := open(t, o)
	l := token(gevgelija)
	frame := bytes.Repeat([]byte("x"), 512<<10)
	const frames = 40 // 20 MiB
	for range frames {
		if err := b.PutIn(ctx, l, l.Inbox("a"), frame); err != nil {
			t.Fatal(err)
		}
	}
	in := b.Arrivals()
	for got := 0; got < frames; {
		batch, done, err := in.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if size := len(batch) * len(frame); size > bus.BatchBytes {
			t.Errorf("Next() gave %d bytes, want at most %d", size, bus.BatchBytes)
		}
		got += len(batch)
		if err := done(); err != nil {
			t.Fatal(err)
		}
	}
}

// nats-server turns JetStream off when the disk is full; IN must come back.
func TestInComesBackAfterJetStreamWasTurnedOff(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	l := token(gevgelija)
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("lost")); err != nil {
		t.Fatal(err)
	}
	if err := b.ShutdownJetStream(); err != nil {
		t.Fatal(err)
	}
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("refused")); !errors.Is(err, bus.ErrBusy) {
		t.Errorf("PutIn() = %v, want ErrBusy", err)
	}
	eventually(t, "IN takes again", func() bool { return b.PutIn(ctx, l, l.Inbox("a"), []byte("later")) == nil })
	if batch, _, err := b.Arrivals().Next(ctx); err != nil || len(batch) != 1 || string(batch[0].Frame) != "later" {
		t.Errorf("Next() = %v, %v, want the later frame alone", batch, err)
	}
}

func TestInIsEmptyAfterARestart(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	dir := t.TempDir()
	b := open(t, options(dir))
	l := token(gevgelija)
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("before")); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("closed")); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("PutIn() after Close = %v, want ErrClosed", err)
	}
	b = open(t, options(dir))
	if err := b.PutIn(ctx, l, l.Inbox("a"), []byte("after")); err != nil {
		t.Fatal(err)
	}
	if batch, _, err := b.Arrivals().Next(ctx); err != nil || len(batch) != 1 || string(batch[0].Frame) != "after" {
		t.Errorf("Next() = %v, %v, want the frame from after the restart alone", batch, err)
	}
}
