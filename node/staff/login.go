package staff

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// How long a log-in lasts.
const (
	// SessionLife is how long it holds in all: a shift of twelve hours.
	SessionLife = 12 * time.Hour
	// SessionIdle is how long nobody may do anything before it ends: a screen that was left.
	SessionIdle = 2 * time.Hour
	// fresh is how long who has just come in has proved who they are.
	fresh = 10 * time.Minute
	// usedEvery is how exactly it is kept when a log-in was last used.
	usedEvery = time.Minute
)

// What is said of a log-in.
var (
	ErrLogin = errors.New("this account is not logged in there, or not any more")
	ErrStale = errors.New("this account has no password here: log in again, and end it within ten minutes")
)

// Login is a screen at which an account is logged in. Its number opens nothing: a session has a
// token of its own.
type Login struct {
	ID      string           `json:"id"`
	Account string           `json:"account"`
	Began   protocol.Instant `json:"began"`
	Used    protocol.Instant `json:"used"`           // to the minute
	From    string           `json:"from,omitempty"` // the address that it was last used from
	With    string           `json:"with,omitempty"` // what kind of browser, on what kind of machine
}

// keptLogin is a log-in as it lies in the bucket.
type keptLogin struct {
	Login
	Of    string           `json:"of"`    // what of the account it belongs to
	Until protocol.Instant `json:"until"` // when its session ends at the latest, by the clock that sessions have
}

const loginPrefix = "login/"

func loginsOf(name string) string { return loginPrefix + name + "/" }

func loginKey(name, id string) []byte { return []byte(loginsOf(name) + id) }

// Begin notes that an account has logged in, with a session that ends at the latest at an instant.
func (s *Staff) Begin(ctx context.Context, a Account, from, with string, until time.Time) (Login, error) {
	var id [8]byte
	if _, err := io.ReadFull(s.o.Rand, id[:]); err != nil {
		return Login{}, err
	}
	l := Login{ID: hex.EncodeToString(id[:]), Account: a.Name, Began: s.now(), Used: s.now(), From: from, With: with}
	return l, s.writeLogin(ctx, &keptLogin{l, a.Session(), protocol.InstantOf(until)})
}

func (s *Staff) writeLogin(ctx context.Context, l *keptLogin) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return s.o.Kept.Put(ctx, loginKey(l.Account, l.ID), text)
}

func (s *Staff) login(name, id string) (l keptLogin, found bool, err error) {
	if !validName(name) || id == "" {
		return l, false, nil
	}
	text, found, err := s.o.Kept.Get(loginKey(name, id))
	if err == nil && found {
		err = json.Unmarshal(text, &l)
	}
	return l, found, err
}

// Stands reports whether a log-in of an account was neither ended nor is of an account of before.
// By the clock its session ends.
func (s *Staff) Stands(a Account, id string) (bool, error) {
	l, found, err := s.login(a.Name, id)
	return found && l.Of == a.Session(), err
}

// Use notes that a log-in is used, and from where.
func (s *Staff) Use(ctx context.Context, a Account, id, from string) error {
	l, found, err := s.login(a.Name, id)
	if err != nil || !found || l.From == from && s.now() < l.Used+protocol.Instant(usedEvery.Milliseconds()) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l, found, err = s.login(a.Name, id); err != nil || !found { // it was ended meanwhile
		return err
	}
	l.Used, l.From = s.now(), from
	return s.writeLogin(ctx, &l)
}

// over reports whether the session of a log-in has come to its end.
func (s *Staff) over(l *keptLogin) bool { return s.now() >= l.Until }

// left reports whether nobody does anything at the screen of a log-in any more.
func (s *Staff) left(l *keptLogin) bool {
	return s.o.Clock().After(l.Used.Time().Add(SessionIdle + usedEvery))
}

// Logins gives the log-ins of an account that go on, the one that was used last first; of all
// accounts for an empty name.
func (s *Staff) Logins(ctx context.Context, name string) ([]Login, error) {
	of, prefix := map[string]string{}, loginPrefix
	if name != "" {
		if _, err := s.Account(ctx, name); err != nil {
			return nil, err
		}
		prefix = loginsOf(name)
	}
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for i := range accounts {
		if a := &accounts[i]; a.State == StateActive {
			of[a.Name] = a.Session()
		}
	}
	out := []Login{}
	for e, err := range entries[keptLogin](ctx, s.o.Kept, prefix) {
		if err != nil {
			return nil, err
		}
		if l := &e.value; of[l.Account] == l.Of && !s.over(l) && !s.left(l) {
			out = append(out, l.Login)
		}
	}
	slices.SortStableFunc(out, func(a, b Login) int { return cmp.Compare(b.Used, a.Used) })
	return out, nil
}

// EndLogin ends one log-in of an account. It returns [ErrLogin] if there is none of that number.
func (s *Staff) EndLogin(ctx context.Context, name, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.login(name, id)
	if err == nil && !found {
		err = ErrLogin
	}
	if err != nil {
		return err
	}
	return s.o.Kept.Delete(ctx, loginKey(name, id))
}

// Proves asks somebody who is in for the password again; of an account that has none, the log-in
// has to have begun just now. It returns what [Staff.Enter] does, or [ErrStale].
func (s *Staff) Proves(ctx context.Context, a Account, id, password string) error {
	if a.Password {
		_, err := s.Enter(ctx, a.Name, password)
		return err
	}
	l, found, err := s.login(a.Name, id)
	if err == nil && (!found || s.o.Clock().After(l.Began.Time().Add(fresh))) {
		err = ErrStale
	}
	return err
}

// SweepLogins takes away the log-ins whose sessions have ended.
func (s *Staff) SweepLogins(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e, err := range entries[keptLogin](ctx, s.o.Kept, loginPrefix) {
		if err == nil && s.over(&e.value) {
			err = s.o.Kept.Delete(ctx, e.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
