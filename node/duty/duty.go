package duty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
)

// Options are what the room needs; all are required but those with a default.
type Options struct {
	Config        Config // default: [Default]
	Kept          Kept
	Audit         *audit.Log
	Institution   protocol.InstitutionID // the node's first: who sends
	Demonstration bool                   // each message says so first
	// Says gives what an event says in a line, in the language of the letters; default: as it says it, a record's line in English.
	Says   func(*Event) string
	Clock  func() time.Time
	Rand   io.Reader
	Again  time.Duration // the first wait between two tries of a subscription's webhook; default a second
	Logger *slog.Logger  // default: discard
}

// Duty wakes people and tells programs. Make it with [New]; its methods are safe for
// concurrent use.
type Duty struct {
	o     Options
	words *lang.Speaker
	http  *http.Client
	// opened is when the rules were read.
	opened protocol.Instant
	// behind: news came in such numbers that changes were not looked at; of the goroutine that
	// steps.
	behind bool

	mu     sync.Mutex // guards the rest
	state  state
	told   map[chan struct{}]struct{} // who is told that what is shown is another
	counts Counts
	subs   []subscription
}

// Counts are the events of this room since the node started.
type Counts struct {
	Wakings  int `json:"wakings"` // that were sent
	Sent     int `json:"sent"`    // messages that were taken
	Failed   int `json:"failed"`  // tries that were not
	Seen     int `json:"seen"`
	Expired  int `json:"expired"`  // events that went to the log alone
	Webhooks int `json:"webhooks"` // events that subscriptions took
}

// stateKey is where the state lies.
const stateKey = "state"

// who acts in the log of acts.
const nobody = "duty"

// New reads what is kept.
func New(o Options) (*Duty, error) {
	if o.Kept == nil || o.Audit == nil || o.Institution == "" || o.Clock == nil || o.Rand == nil {
		return nil, errors.New("duty: a required option is empty")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Config.zone == nil {
		o.Config = Default()
	}
	if o.Again == 0 {
		o.Again = time.Second
	}
	words, err := lang.New()
	if err != nil {
		return nil, err
	}
	d := &Duty{o: o, words: words.Speaker(o.Config.Lang), http: o.Config.guard().client(), opened: protocol.InstantOf(o.Clock()), told: map[chan struct{}]struct{}{}}
	if err := d.load(stateKey, &d.state); err != nil {
		return nil, err
	}
	if d.state.Told == nil {
		d.state.Told = map[string]protocol.Instant{}
	}
	if d.state.Rang == nil {
		d.state.Rang = map[string]protocol.Instant{}
	}
	return d, d.load(subscriptionsKey, &d.subs)
}

func (d *Duty) load(key string, into any) error {
	text, ok, err := d.o.Kept.Get([]byte(key))
	if err == nil && ok {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		return fmt.Errorf("duty: %s: %w", key, err)
	}
	return nil
}

// save keeps what is known. If that fails, the node goes on by what it knows: a message too
// many behind a restart is better than a night in which nothing rings.
func (d *Duty) save(ctx context.Context) {
	text, err := json.Marshal(&d.state)
	if err == nil {
		err = d.o.Kept.Put(context.WithoutCancel(ctx), []byte(stateKey), text)
	}
	if err != nil {
		d.o.Logger.ErrorContext(ctx, "what was woken is not kept: behind a restart it may be told again", "err", err)
	}
}

func (d *Duty) now() protocol.Instant { return protocol.InstantOf(d.o.Clock()) }

const (
	// poll is the longest that nobody looks: a clock may be set.
	poll = 30 * time.Second
	// pace is the least time between two looks at the news.
	pace = time.Second
	// catchUp is how many events at once are a catch-up, in which changes are not looked for:
	// drawing the picture is dear.
	catchUp = 256
)

// Run wakes people, and tells subscriptions, until ctx ends.
func (d *Duty) Run(ctx context.Context, from Source) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { d.watch(ctx, from); return nil })
	g.Go(func() error { return d.serveSubscriptions(ctx, from) })
	return g.Wait()
}

// watch goes on whenever there may be something to do.
func (d *Duty) watch(ctx context.Context, from Source) {
	changed, end := from.Changed()
	defer end()
	failing := false
	for ctx.Err() == nil {
		wait, err := d.Step(ctx, from)
		if err != nil && ctx.Err() == nil && !failing {
			d.o.Logger.ErrorContext(ctx, "news can't be read: nobody is woken of them yet", "err", err)
		}
		failing = err != nil
		news := make(<-chan struct{}) // not before the pace allows it
		timer, slow := time.NewTimer(wait), time.NewTimer(pace)
	waiting:
		for {
			select {
			case <-slow.C:
				news = changed
				continue
			case <-news:
			case <-timer.C:
			case <-ctx.Done():
			}
			break waiting
		}
		timer.Stop()
		slow.Stop()
	}
}

// Step does all that is due now, and says how long nothing will be. Run does nothing else.
func (d *Duty) Step(ctx context.Context, from Source) (time.Duration, error) {
	err := d.take(ctx, from)
	d.due(ctx, from)
	d.send(ctx)
	return d.wait(), err
}

// wait says how long nothing will be due.
func (d *Duty) wait() time.Duration {
	if d.behind {
		return pace
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now, wait := d.now(), poll
	until := func(at protocol.Instant) { wait = min(wait, max(0, time.Duration(at-now)*time.Millisecond)) }
	for i := range d.state.Wakings {
		w := &d.state.Wakings[i]
		if !w.open() {
			continue
		}
		if w.Sent == 0 {
			until(w.Due)
		} else if w.After != 0 && w.Deputy == 0 {
			until(w.After)
		}
		for j := range w.Messages {
			if w.Messages[j].waits() {
				until(w.Messages[j].Next)
			}
		}
	}
	return wait
}

// take reads what has happened, to its end: what comes at once is told at once.
func (d *Duty) take(ctx context.Context, from Source) error {
	d.mu.Lock()
	cursor := d.state.Cursor
	d.mu.Unlock()
	var fresh []Event
	passed, begin := 0, cursor
	for {
		news, err := from.Events(ctx, cursor, d.wakes)
		if err != nil {
			return err
		}
		fresh, passed = append(fresh, news.Events...), passed+news.Passed
		if news.Next == cursor {
			break
		}
		cursor = news.Next
	}
	var changes []Event
	if d.behind = len(fresh)+passed > catchUp; !d.behind {
		var err error
		if changes, err = from.Proposed(ctx); err != nil {
			return err
		}
	}
	good := d.good(ctx, from, slices.Concat(changes, fresh)...)
	d.mu.Lock()
	defer d.mu.Unlock()
	changed := cursor != begin
	d.state.Cursor = cursor
	for i := range changes {
		changed = d.changed(ctx, &changes[i], begin == "", good) || changed
	}
	for i := range fresh {
		d.match(ctx, &fresh[i], good)
	}
	if changed {
		d.state.tidy(d.now())
		d.save(ctx)
	}
	return nil
}

// wakes reports whether any rule is for a kind.
func (d *Duty) wakes(kind string) bool {
	return slices.ContainsFunc(d.o.Config.Rules, func(r Rule) bool { return slices.Contains(r.Kinds, kind) })
}

// changed takes what is no record, unless it was told; of a change one of the records of its
// cause is enough to know it by. What was proposed before anybody was to be woken is nothing new. The caller
// holds mu.
func (d *Duty) changed(ctx context.Context, e *Event, old bool, good func(*Rule, *Event) bool) bool {
	names := e.once()
	known, all := false, true
	for _, n := range names {
		_, told := d.state.Told[n]
		known, all = known || told, all && told
	}
	if all {
		return false
	}
	for _, n := range names {
		d.state.Told[n] = d.now()
	}
	if !known && !old {
		d.match(ctx, e, good)
	}
	return true
}

// match holds an event against the rules. The caller holds mu.
func (d *Duty) match(ctx context.Context, e *Event, good func(*Rule, *Event) bool) {
	for i := range d.o.Config.Rules {
		r := &d.o.Config.Rules[i]
		switch {
		case !r.fits(e) || !good(r, e) || e.Idle && e.Beyond == "":
		case e.Idle:
			d.logAlone(ctx, r.Name, e, e.Beyond)
		case e.end() <= d.now():
			d.expired(ctx, r.Name, e)
		default:
			d.state.add(r, e, d.o.Clock())
		}
	}
}

// fits reports whether a rule is for an event, whatever its quality.
func (r *Rule) fits(e *Event) bool {
	return slices.Contains(r.Kinds, e.Kind) && r.concerns(e) && (r.Exercises || !e.Exercise) && e.graveAs(r.Severity) && e.in(r.Places)
}

// concerns reports whether an event is news to the people of a rule. What their own institution
// has written is none, but for its alerts: the colleagues are to be up when the neighbours are.
func (r *Rule) concerns(e *Event) bool {
	if e.Own && e.isRecord() && e.Kind != alert && (len(r.For) == 0 || slices.Contains(r.For, e.Institution)) {
		return false
	}
	return len(r.For) == 0 || len(e.To) == 0 || slices.ContainsFunc(e.To, func(id protocol.InstitutionID) bool { return slices.Contains(r.For, id) })
}

// expired puts into the log alone what is over. The caller holds mu.
func (d *Duty) expired(ctx context.Context, rule string, e *Event) {
	d.counts.Expired++
	d.logAlone(ctx, rule, e, "it was over before")
}

// logAlone puts into the log alone, with the reason, what wakes nobody. The caller holds mu.
func (d *Duty) logAlone(ctx context.Context, rule string, e *Event, why string) {
	d.state.LogAlone++
	d.o.Logger.InfoContext(ctx, "nobody was woken", "rule", rule, "record", e.Record, "kind", e.Kind, "why", why)
}
