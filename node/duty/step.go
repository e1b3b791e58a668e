package duty

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/protocol"
)

// mostAtOnce bounds the messages that are on their way at once.
const mostAtOnce = 8

// due sets going what is to be sent now, wakes deputies, and ends what is over.
func (d *Duty) due(ctx context.Context, from Source) {
	d.mu.Lock()
	now := d.now()
	var asked []Event
	for i := range d.state.Wakings {
		if w := &d.state.Wakings[i]; w.open() && (w.Sent != 0 || w.Due <= now) {
			asked = append(asked, w.Events...)
		}
	}
	d.mu.Unlock()
	if len(asked) == 0 {
		return
	}
	over := map[string]bool{}
	for i, is := range from.Over(ctx, asked) { // it draws the picture: not under the lock
		over[asked[i].key()] = is
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	moved := false
	for i := range d.state.Wakings {
		if w := &d.state.Wakings[i]; w.open() && (w.Sent != 0 || w.Due <= now) {
			moved = d.goOn(ctx, w, over) || moved
		}
	}
	if moved {
		d.save(ctx)
		d.tell()
	}
}

// key names an event among others; a contradiction by both of its records.
func (e *Event) key() string { return fmt.Sprintf("%s %s %v", e.Kind, e.Digest.Hex(), e.Also) }

// goOn does what is due for a waking, and reports whether it did anything. The caller holds
// mu.
func (d *Duty) goOn(ctx context.Context, w *Waking, over map[string]bool) bool {
	now := d.now()
	left := slices.DeleteFunc(slices.Clone(w.Events), func(e Event) bool { return e.end() <= now || over[e.key()] })
	r, there := d.rule(w.Rule)
	switch {
	case len(left) == 0:
		w.Ended, w.End = now, EndExpired
		if w.Sent == 0 {
			for i := range w.Events {
				d.expired(ctx, w.Rule, &w.Events[i])
			}
			d.note(ctx, "wake", w, EndExpired)
		}
		return true
	case !there: // the file names it no more
		w.Ended, w.End = now, EndExpired
		return true
	case w.Sent == 0:
		for i := range w.Events {
			if e := &w.Events[i]; e.end() <= now || over[e.key()] {
				d.expired(ctx, w.Rule, e)
			}
		}
		w.Events, w.Sent = left, now
		if r.after > 0 {
			w.After = now + ms(r.after)
		}
		w.begin(&d.o.Config, r.Wake, false, now)
		d.counts.Wakings++
		d.note(ctx, "wake", w, audit.Done)
		return true
	case w.After != 0 && w.Deputy == 0 && w.After <= now:
		w.Deputy = now
		w.begin(&d.o.Config, r.Deputy, true, now)
		d.note(ctx, "wake-deputy", w, audit.Done)
		return true
	}
	return false
}

func (d *Duty) rule(name string) (*Rule, bool) {
	rules := d.o.Config.Rules
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name })
	if i < 0 {
		return nil, false
	}
	return &rules[i], true
}

// errand is a message to be sent now.
type errand struct {
	waking  Waking // as it was when the errand began
	message int
	err     error
	said    string
}

// send tries every message whose time has come, all at once: one server that does not answer
// keeps nobody asleep. A try that has begun ends, also of a node that is told to stop: it
// would else be repeated.
func (d *Duty) send(ctx context.Context) {
	errands := d.errands()
	if len(errands) == 0 {
		return
	}
	var g errgroup.Group
	g.SetLimit(mostAtOnce)
	going := context.WithoutCancel(ctx)
	for _, e := range errands {
		g.Go(func() error {
			m := &e.waking.Messages[e.message]
			e.said, e.err = d.by(going, d.o.Config.Ways[m.Way], m, d.letter(&e.waking), fmt.Sprintf("%s.%d", e.waking.Key, e.message))
			return nil
		})
	}
	_ = g.Wait() // each has its own error
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	for _, e := range errands {
		if w := d.state.waking(e.waking.ID); w != nil {
			d.ended(ctx, w, e, now)
		}
	}
	d.save(ctx)
	d.tell()
}

func (d *Duty) errands() []*errand {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	var out []*errand
	for i := range d.state.Wakings {
		w := &d.state.Wakings[i]
		if !w.open() {
			continue
		}
		for j := range w.Messages {
			if m := &w.Messages[j]; m.waits() && m.Next <= now {
				copied := *w
				copied.Messages = slices.Clone(w.Messages)
				out = append(out, &errand{waking: copied, message: j})
			}
		}
	}
	return out
}

// ended notes how a try ended. The caller holds mu.
func (d *Duty) ended(ctx context.Context, w *Waking, e *errand, now protocol.Instant) {
	m := &w.Messages[e.message]
	since := w.Sent
	if m.Deputy {
		since = w.Deputy
	}
	m.tried(e.err, now, since)
	if e.err == nil {
		d.counts.Sent++
		d.o.Logger.InfoContext(ctx, "message sent", "waking", w.ID, "way", m.Way, "tries", m.Tries, "said", e.said)
		d.noteOn(ctx, "wake-message", fmt.Sprintf("waking %d by %s", w.ID, m.Way), audit.Done, d.state.records(w)...)
		return
	}
	d.counts.Failed++
	d.o.Logger.WarnContext(ctx, "message not sent", "waking", w.ID, "way", m.Way, "tries", m.Tries, "err", e.err)
	if m.Tries == 1 || m.Failed != 0 { // not each try of a night
		d.noteOn(ctx, "wake-message", fmt.Sprintf("waking %d by %s", w.ID, m.Way), failed, d.state.records(w)...)
	}
}

// failed is the outcome of an act that was not done, as the log of acts has it.
const failed = "failed"

func (d *Duty) note(ctx context.Context, act string, w *Waking, outcome string) {
	d.noteOn(ctx, act, fmt.Sprintf("waking %d by rule %s: %s", w.ID, w.Rule, w.Events[0].Record), outcome, d.state.records(w)...)
}

func (d *Duty) noteOn(ctx context.Context, act, on, outcome string, about ...protocol.Name) {
	err := d.o.Audit.Note(context.WithoutCancel(ctx), audit.Entry{Who: nobody, As: d.o.Institution, Act: act, On: on, Records: about, Outcome: outcome})
	if err != nil {
		d.o.Logger.ErrorContext(ctx, "act not noted", "act", act, "err", err)
	}
}
