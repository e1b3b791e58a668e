package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// Bounds of subscriptions.
const (
	// MaxSubscriptions is how many an account or a token may have: a screen of them.
	MaxSubscriptions = 20
	// MaxSubscriptionName bounds a name in characters: a line on a telephone.
	MaxSubscriptionName = 60
)

// Subscription is what somebody follows: of all that comes, what fits a choice.
type Subscription struct {
	Number int    `json:"number"` // among those of its owner; none has that of one that is gone
	Name   string `json:"name"`
	duty.Choice
	Made   protocol.Instant `json:"made"`
	Looked protocol.Instant `json:"looked"` // up to when its owner has seen what came; at first, when it was made
}

// subscribed are the subscriptions of one owner as they lie in the bucket.
type subscribed struct {
	Last int            `json:"last"` // the number given last
	All  []Subscription `json:"all"`  // the oldest first
}

// What a subscription can't be.
var (
	ErrSubscription      = errors.New("there is no subscription of that number")
	ErrSubscriptionName  = errors.New("want a name of 1 to " + strconv.Itoa(MaxSubscriptionName) + " characters, in one line")
	ErrManySubscriptions = errors.New("there are " + strconv.Itoa(MaxSubscriptions) + " subscriptions already")
)

// TokenOwner begins how a token is named among those who own something: an account's name has no space.
const TokenOwner = "token "

// subscriptionKey is where those of an owner lie: of an account, by its name, or of a token.
func subscriptionKey(owner string) []byte { return []byte("subscriptions/" + owner) }

// Subscriptions gives those of an owner, the oldest first.
func (s *Staff) Subscriptions(owner string) ([]Subscription, error) {
	of, err := s.subscribedBy(owner)
	return of.All, err
}

func (s *Staff) subscribedBy(owner string) (of subscribed, err error) {
	text, ok, err := s.o.Kept.Get(subscriptionKey(owner))
	if err == nil && ok {
		err = json.Unmarshal(text, &of)
	}
	if err != nil {
		return of, fmt.Errorf("subscriptions of %s: %w", owner, err)
	}
	return of, nil
}

// changeSubscriptions changes those of an owner.
func (s *Staff) changeSubscriptions(ctx context.Context, owner string, how func(*subscribed) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, err := s.subscribedBy(owner)
	if err != nil {
		return err
	}
	if err = how(&of); err != nil {
		return err
	}
	text, err := json.Marshal(of)
	if err != nil {
		return err
	}
	return s.o.Kept.Put(ctx, subscriptionKey(owner), text)
}

// Subscribe has an owner follow what comes from now on and fits a choice, under a name. It returns
// [ErrSubscriptionName], [ErrTaken] or [ErrManySubscriptions] for what can't be.
func (s *Staff) Subscribe(ctx context.Context, owner, name string, what duty.Choice) (made Subscription, err error) {
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 || n > MaxSubscriptionName || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return made, ErrSubscriptionName
	}
	what.Kinds, what.Places = append([]string{}, what.Kinds...), append([]string{}, what.Places...)
	err = s.changeSubscriptions(ctx, owner, func(of *subscribed) error {
		switch {
		case slices.ContainsFunc(of.All, func(o Subscription) bool { return o.Name == name }):
			return fmt.Errorf("%q: %w", name, ErrTaken)
		case len(of.All) >= MaxSubscriptions:
			return ErrManySubscriptions
		}
		of.Last++
		made = Subscription{Number: of.Last, Name: name, Choice: what, Made: s.now(), Looked: s.now()}
		of.All = append(of.All, made)
		return nil
	})
	return made, err
}

// Unsubscribe takes one away. [ErrSubscription] if there is none.
func (s *Staff) Unsubscribe(ctx context.Context, owner string, number int) error {
	return s.changeSubscriptions(ctx, owner, func(of *subscribed) error {
		left := slices.DeleteFunc(slices.Clone(of.All), func(o Subscription) bool { return o.Number == number })
		if len(left) == len(of.All) {
			return ErrSubscription
		}
		of.All = left
		return nil
	})
}

// LookedAt notes up to when the owner of one has seen what came; never an earlier instant than it has
// already. [ErrSubscription] if there is none.
func (s *Staff) LookedAt(ctx context.Context, owner string, number int, at protocol.Instant) (out Subscription, err error) {
	err = s.changeSubscriptions(ctx, owner, func(of *subscribed) error {
		i := slices.IndexFunc(of.All, func(o Subscription) bool { return o.Number == number })
		if i < 0 {
			return ErrSubscription
		}
		of.All[i].Looked = max(of.All[i].Looked, at)
		out = of.All[i]
		return nil
	})
	return out, err
}
