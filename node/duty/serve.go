package duty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/protocol"
)

// told is what a subscription's webhook says.
type told struct {
	Type      string           `json:"type"` // vardar.record, or vardar.test, which has no event
	Timestamp protocol.Instant `json:"timestamp"`
	Data      toldData         `json:"data"`
}

type toldData struct {
	Subscription  string                 `json:"subscription"`
	Node          protocol.InstitutionID `json:"node"` // the institution of the node that tells
	Demonstration bool                   `json:"demonstration"`
	Event         *Event                 `json:"event,omitempty"`
}

// identity tells a subscription from a later one of its name.
type identity struct {
	name string
	made protocol.Instant
}

// serveSubscriptions tells each subscription for itself: one that takes nothing keeps no other
// waiting.
func (d *Duty) serveSubscriptions(ctx context.Context, from Source) error {
	moved, end := d.Changed()
	defer end()
	var g errgroup.Group
	running := map[identity]context.CancelFunc{}
	for ctx.Err() == nil {
		wanted := map[identity]bool{}
		for _, s := range d.Subscriptions() {
			wanted[identity{s.Name, s.Made}] = true
		}
		for id, stop := range running {
			if !wanted[id] {
				stop()
				delete(running, id)
			}
		}
		for id := range wanted {
			if running[id] == nil {
				one, stop := context.WithCancel(ctx)
				running[id] = stop
				g.Go(func() error { d.serve(one, from, id); return nil })
			}
		}
		select {
		case <-moved:
		case <-ctx.Done():
		}
	}
	for _, stop := range running {
		stop()
	}
	return g.Wait()
}

// serve tells one subscription until ctx ends.
func (d *Duty) serve(ctx context.Context, from Source, id identity) {
	news, endNews := from.Changed()
	defer endNews()
	moved, endMoved := d.Changed()
	defer endMoved()
	var again <-chan time.Time // of the next try; nil: nothing failed
	for ctx.Err() == nil {
		s, there := d.find(id)
		if !there {
			return
		}
		listen := news
		switch {
		case s.Paused != 0:
			again, listen = nil, nil
		case again != nil && s.Tries > 0:
			listen = nil
		default:
			again = nil
			if err := d.forward(ctx, from, id, &s); err != nil && ctx.Err() == nil {
				again, listen = time.After(d.failedFor(ctx, id, err)), nil
			}
		}
		select {
		case <-listen:
		case <-moved:
		case <-again:
			again = nil
		case <-ctx.Done():
		}
	}
}

func (d *Duty) find(id identity) (subscription, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.subscription(id.name); s != nil && s.Made == id.made {
		return *s, true
	}
	return subscription{}, false
}

// forward sends what lies behind the cursor, in order; behind each event that was taken the
// cursor moves, on disk, before the next is sent. It ends with the first that was not taken.
func (d *Duty) forward(ctx context.Context, from Source, id identity, s *subscription) error {
	for cursor := s.Cursor; ; {
		news, err := from.Events(ctx, cursor, s.takes)
		if err != nil {
			return err
		}
		asked := slices.DeleteFunc(news.Events, func(e Event) bool { return !s.Fits(&e) })
		good := make([]bool, len(asked))
		if s.Quality != "" && len(asked) > 0 {
			good = from.Good(ctx, asked, s.Quality)
		}
		for i := range asked {
			if s.Quality != "" && !good[i] {
				continue
			}
			if now, there := d.find(id); !there || now.Paused != 0 {
				return nil // somebody has just said so
			}
			if _, err := d.hand(ctx, s, &asked[i]); err != nil {
				return err
			}
			d.taken(ctx, id, asked[i].After, true)
		}
		if news.Next == cursor {
			return nil
		}
		cursor = news.Next
		d.taken(ctx, id, cursor, false)
	}
}

// hand sends one event, and gives what was answered; in every try under the same ID, by which the receiver
// knows it again.
func (d *Duty) hand(ctx context.Context, s *subscription, e *Event) (answered string, err error) {
	id := protocol.DigestOf([]byte("vardar-webhook-v1\n"+s.Name+"\n"+s.Made.String()+"\n"), []byte(e.After)).Prefix().String()
	return d.call(ctx, s, id, &told{"vardar.record", e.Accepted, d.toldTo(s, e)})
}

// TestSubscription sends what says that it is a test, once, and gives what was answered. It is sent to one
// that is paused too, and moves nothing: what waits goes on waiting. [ErrUnknown] if there is none; any
// other error is why it was not taken.
func (d *Duty) TestSubscription(ctx context.Context, name string) (answered string, err error) {
	d.mu.Lock()
	found := d.subscription(name)
	if found == nil {
		d.mu.Unlock()
		return "", fmt.Errorf("%.50q: %w", name, ErrUnknown)
	}
	s := *found
	d.mu.Unlock()
	id, err := newSecret(d.o.Rand) // no two tests are one
	if err != nil {
		return "", err
	}
	return d.call(ctx, &s, protocol.DigestOf([]byte(id)).Prefix().String(), &told{"vardar.test", d.now(), d.toldTo(&s, nil)})
}

func (d *Duty) toldTo(s *subscription, e *Event) toldData {
	return toldData{s.Name, d.o.Institution, d.o.Demonstration, e}
}

// call sends a subscription what it is told, under an ID.
func (d *Duty) call(ctx context.Context, s *subscription, id string, what *told) (answered string, err error) {
	h := hook{url: s.URL, id: id}
	if h.key, err = keyOf(s.Secret); err != nil {
		return "", err
	}
	if h.body, err = json.Marshal(what); err != nil {
		return "", err
	}
	// A try that has begun ends, also of a node that is told to stop: it would else be repeated.
	return h.send(context.WithoutCancel(ctx), d.http, d.o.Clock())
}

// taken moves a subscription's cursor.
func (d *Duty) taken(ctx context.Context, id identity, cursor string, sent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.subscription(id.name)
	if s == nil || s.Made != id.made {
		return
	}
	s.Cursor = cursor
	if sent {
		d.counts.Webhooks++
		s.Sent, s.Last, s.Failing, s.Tries, s.Error = s.Sent+1, d.now(), 0, 0, ""
	}
	if err := d.keepSubscriptions(ctx); err != nil {
		d.o.Logger.ErrorContext(ctx, "how far a subscription has read is not kept: behind a restart it is told again", "subscription", id.name, "err", err)
	}
}

// failedFor notes that something was not taken, and says how long to wait. What never goes is
// paused, until somebody resumes it; nothing of it is lost.
func (d *Duty) failedFor(ctx context.Context, id identity, err error) time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.subscription(id.name)
	if s == nil || s.Made != id.made {
		return 0
	}
	if s.Failing == 0 {
		s.Failing = d.now()
		d.o.Logger.WarnContext(ctx, "subscription takes nothing", "subscription", s.Name, "err", err)
	}
	s.Tries, s.Error = s.Tries+1, err.Error()
	wait := d.o.Again
	for range s.Tries - 1 {
		if wait *= 2; wait >= mostWait {
			wait = mostWait
			break
		}
	}
	if errors.Is(err, errGone) || d.now()-s.Failing >= ms(pauseAfter) {
		s.Paused = d.now()
		d.o.Logger.ErrorContext(ctx, "subscription paused", "subscription", s.Name, "since", s.Failing)
		d.noteOn(ctx, "webhook-pause", s.Name, failed)
	}
	if kept := d.keepSubscriptions(ctx); kept != nil {
		d.o.Logger.ErrorContext(ctx, "that a subscription fails is not kept", "subscription", s.Name, "err", kept)
	}
	return wait
}
