package duty

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Bounds of subscriptions.
const (
	// MaxSubscriptions is how many there may be: each reads the archive for itself.
	MaxSubscriptions = 50
	// mostWait is the longest wait between two tries.
	mostWait = 10 * time.Minute
	// pauseAfter is how long is tried what never goes: a long weekend.
	pauseAfter = 72 * time.Hour
)

// Subscription is a program that is told of what happens, by webhooks to its address.
type Subscription struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	Choice
	Made    protocol.Instant `json:"made"`
	Sent    uint64           `json:"sent"` // events that it took
	Last    protocol.Instant `json:"last,omitzero"`
	Failing protocol.Instant `json:"failing,omitzero"` // since when nothing was taken
	Tries   int              `json:"tries,omitempty"`  // since then
	Error   string           `json:"error,omitempty"`  // of the last try
	Paused  protocol.Instant `json:"paused,omitzero"`  // nothing is sent until somebody resumes it
}

// subscription is one with what nobody is shown.
type subscription struct {
	Subscription
	Secret string `json:"secret"`
	Cursor string `json:"cursor"` // everything before it was taken, or not asked for
}

// subscriptionsKey is where they lie.
const subscriptionsKey = "subscriptions"

// What a subscription can't be.
var (
	ErrName    = errors.New("want 1 to 40 letters, digits, points and hyphens")
	ErrTaken   = errors.New("there is a subscription of that name")
	ErrUnknown = errors.New("there is no subscription of that name")
	ErrMany    = fmt.Errorf("there are %d subscriptions already", MaxSubscriptions)
	ErrURL     = errors.New("this address can't be called")
)

var nameRule = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,39}$`)

// Subscriptions gives all of them, by name.
func (d *Duty) Subscriptions() []Subscription {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]Subscription, 0, len(d.subs))
	for i := range d.subs {
		out = append(out, d.subs[i].Subscription)
	}
	return out
}

// Subscribe makes one that is told of what happens from now on, and gives its secret, which is
// shown once. It returns [ErrName], [ErrURL], [ErrTaken] or [ErrMany] for what can't be.
func (d *Duty) Subscribe(ctx context.Context, s Subscription, from Source) (Subscription, string, error) {
	if !nameRule.MatchString(s.Name) {
		return Subscription{}, "", fmt.Errorf("%.50q: %w", s.Name, ErrName)
	}
	if err := d.o.Config.guard().url(s.URL); err != nil {
		return Subscription{}, "", fmt.Errorf("%w: %w", ErrURL, err)
	}
	secret, err := newSecret(d.o.Rand)
	if err != nil {
		return Subscription{}, "", err
	}
	end, err := from.Events(ctx, "", s.takes)
	if err != nil {
		return Subscription{}, "", err
	}
	made := Subscription{Name: s.Name, URL: s.URL, Choice: s.Choice, Made: d.now()}
	made.Kinds, made.Places = append([]string{}, s.Kinds...), append([]string{}, s.Places...)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.subscription(s.Name) != nil:
		return Subscription{}, "", fmt.Errorf("%s: %w", s.Name, ErrTaken)
	case len(d.subs) >= MaxSubscriptions:
		return Subscription{}, "", ErrMany
	}
	d.subs = append(d.subs, subscription{made, secret, end.Next})
	slices.SortFunc(d.subs, func(a, b subscription) int { return cmpNames(a.Name, b.Name) })
	return made, secret, d.keepSubscriptions(ctx)
}

// Unsubscribe takes one away. [ErrUnknown] if there is none.
func (d *Duty) Unsubscribe(ctx context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.subscription(name) == nil {
		return fmt.Errorf("%.50q: %w", name, ErrUnknown)
	}
	d.subs = slices.DeleteFunc(d.subs, func(s subscription) bool { return s.Name == name })
	return d.keepSubscriptions(ctx)
}

// Pause has nothing sent to one until somebody resumes it; what comes meanwhile is not lost.
// [ErrUnknown] if there is none.
func (d *Duty) Pause(ctx context.Context, name string) (Subscription, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.subscription(name)
	if s == nil {
		return Subscription{}, fmt.Errorf("%.50q: %w", name, ErrUnknown)
	}
	if s.Paused == 0 {
		s.Paused = d.now()
	}
	return s.Subscription, d.keepSubscriptions(ctx)
}

// Resume lets one go on that was paused, behind what it took last; one that waits for its next
// try tries now. [ErrUnknown] if there is none.
func (d *Duty) Resume(ctx context.Context, name string) (Subscription, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.subscription(name)
	if s == nil {
		return Subscription{}, fmt.Errorf("%.50q: %w", name, ErrUnknown)
	}
	s.Paused, s.Failing, s.Tries, s.Error = 0, 0, 0, ""
	return s.Subscription, d.keepSubscriptions(ctx)
}

func cmpNames(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// subscription gives the one of a name; nil if there is none. The caller holds mu.
func (d *Duty) subscription(name string) *subscription {
	i := slices.IndexFunc(d.subs, func(s subscription) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &d.subs[i]
}

// keepSubscriptions keeps them, and tells whoever serves them. The caller holds mu.
func (d *Duty) keepSubscriptions(ctx context.Context) error {
	d.tell()
	text, err := json.Marshal(d.subs)
	if err != nil {
		return err
	}
	return d.o.Kept.Put(context.WithoutCancel(ctx), []byte(subscriptionsKey), text)
}
