package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Why somebody is not let in.
var (
	ErrNotLetIn = errors.New("name and password don't belong together")
	ErrWord     = errors.New("this is no word of that account, or it was used, or its week is over")
	ErrShut     = errors.New("this account is locked")
	ErrPassword = fmt.Errorf("a password has %d to %d characters, and is not the account's name", MinPassword, MaxPassword)
)

// The back-off: so many slips are a person's; then it waits, twice as long each time, up to
// a bound at which a duty officer is not kept out for a night.
const (
	freeTries = 5
	firstWait = 30 * time.Second
	maxWait   = 15 * time.Minute
)

// Wait says that nothing is tried yet.
type Wait struct{ Until protocol.Instant }

// Error says until when.
func (w *Wait) Error() string {
	return "too many tries: the next one counts from " + w.Until.String()
}

// attempt notes a try before it is judged, so that tries at the same moment are all counted.
func (s *Staff) attempt(ctx context.Context, name string) (kept, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.read(name)
	if err != nil {
		return k, err
	}
	if now := s.now(); now < k.Wait {
		return k, &Wait{k.Wait}
	}
	if k.Failures++; k.Failures >= freeTries {
		k.Wait = s.after(min(firstWait<<min(k.Failures-freeTries, 10), maxWait))
	}
	return k, s.write(ctx, &k)
}

// Enter lets an account in by its password; one with a second factor is in by [Staff.EnterCode]
// alone. It returns [ErrNotLetIn], [*Wait], [ErrShut]
// (to who knows the password alone), or [ErrBusy]. A name that nobody has costs as long as
// one that somebody has.
func (s *Staff) Enter(ctx context.Context, name, password string) (Account, error) {
	k, err := s.attempt(ctx, name)
	if err != nil && !errors.Is(err, ErrUnknown) {
		return Account{}, err
	}
	fits, busy := s.fits(ctx, password, k.Hash)
	if busy != nil {
		return Account{}, busy
	}
	if err != nil || !fits {
		return Account{}, ErrNotLetIn
	}
	return s.change(ctx, name, func(k *kept) error {
		if a := s.seen(ctx, k); a.State != StateActive {
			return fmt.Errorf("%s: %w: %s", name, ErrShut, a.Reason)
		}
		s.proved(k)
		return nil
	})
}

// EnterBy lets in whoever has logged in where the institution's people do: the account that is
// bound to them. It returns [ErrUnknown] if there is none, or [ErrShut].
func (s *Staff) EnterBy(ctx context.Context, who string) (Account, error) {
	name, err := s.boundTo(ctx, who)
	if err != nil {
		return Account{}, err
	}
	return s.change(ctx, name, func(k *kept) error {
		switch a := s.seen(ctx, k); {
		case who == "" || k.Signs != who: // it was taken away meanwhile
			return ErrUnknown
		case a.State != StateActive:
			return fmt.Errorf("%s: %w: %s", name, ErrShut, a.Reason)
		}
		if k.Device == nil {
			k.Failures, k.Wait, k.Seen = 0, 0, s.now()
		}
		return nil
	})
}

// Redeem lets somebody who has a one-time word, or the recovery word, choose a password.
// It gives the next recovery word, for the sheet; every other word and session ends. It
// returns [ErrWord] or a kind of it, [ErrPassword], [ErrGuessable], [ErrBreached], [*Wait], [ErrShut] or [ErrBusy].
func (s *Staff) Redeem(ctx context.Context, name, word, password string) (Account, string, error) {
	if err := s.may(name, password); err != nil {
		return Account{}, "", err
	}
	k, err := s.attempt(ctx, name)
	switch {
	case errors.Is(err, ErrUnknown):
		return Account{}, "", ErrWord
	case err != nil:
		return Account{}, "", err
	case !s.opens(&k, word):
		return Account{}, "", k.fails(word)
	}
	hash, err := s.hashOf(ctx, password)
	if err != nil {
		return Account{}, "", err
	}
	recovery, err := s.draw(wordGroups)
	if err != nil {
		return Account{}, "", err
	}
	a, err := s.change(ctx, name, func(k *kept) error {
		if !s.opens(k, word) { // it was used meanwhile
			return k.fails(word)
		}
		if a := s.seen(ctx, k); a.State != StateActive && a.State != StateInvited {
			return fmt.Errorf("%s: %w: %s", name, ErrShut, a.Reason)
		}
		k.spend(digestOf(word))
		k.Hash, k.Recovery = hash, digestOf(recovery)
		s.proved(k)
		k.Generation++
		return nil
	})
	if err != nil {
		return Account{}, "", err
	}
	return a, recovery, nil
}
