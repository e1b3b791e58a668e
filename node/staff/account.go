package staff

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Role says what an account may open.
type Role string

// The roles.
const (
	Officer     Role = "officer"     // reports and answers for the institution
	Approver    Role = "approver"    // is the second person where one is wanted; an officer as well
	Coordinator Role = "coordinator" // watches over others, and reports
	Admin       Role = "admin"       // keeps the node and its accounts
	Auditor     Role = "auditor"     // reads everything, the log of acts too, and changes nothing
)

// Roles gives all roles.
func Roles() []Role { return []Role{Officer, Approver, Coordinator, Admin, Auditor} }

// The states of an account.
const (
	StateActive  = "active"
	StateInvited = "invited" // its one-time word was not used yet
	StateLocked  = "locked"
	StateUnused  = "unused" // locked by itself: nobody used it for UnusedAfter
)

// UnusedAfter is how long an account may lie idle before it is locked: a quarter of a year,
// after which an office that still wants it can ask. Of the administrators of an institution the
// one who was here last stays: somebody has to be asked.
const UnusedAfter = 90 * 24 * time.Hour

// WordLasts is how long a one-time word can be used: as long as a letter takes.
const WordLasts = 7 * 24 * time.Hour

// Account is one office's way in.
type Account struct {
	Name         string                   `json:"name"`
	Institutions []protocol.InstitutionID `json:"institutions"` // that it acts for
	Role         Role                     `json:"role"`
	State        string                   `json:"state"`
	Reason       string                   `json:"reason,omitempty"` // why it is locked
	Made         protocol.Instant         `json:"made"`
	Signs        string                   `json:"signs,omitempty"`  // who it is where the institution's people log in; empty: it has a password alone
	Seen         protocol.Instant         `json:"seen,omitzero"`    // last log-in; zero: never
	Looked       protocol.Instant         `json:"looked,omitzero"`  // up to when it has seen what happened; zero: never
	Generation   int                      `json:"generation"`       // a session of an earlier one has ended
	Factor       bool                     `json:"factor,omitempty"` // it has a second factor
	Password     bool                     `json:"-"`                // it has a password
}

// Session is what a session of the account belongs to: one that began under another has
// ended. An account that is made anew under the name of one that was taken away is another.
func (a *Account) Session() string { return fmt.Sprintf("%d.%d", a.Made, a.Generation) }

// kept is an account as it lies in the bucket.
type kept struct {
	Account
	Hash     string           `json:"hash,omitempty"` // of the password; empty: none was chosen yet
	Word     protocol.Digest  `json:"word,omitzero"`  // one-time
	WordEnds protocol.Instant `json:"word_ends,omitzero"`
	Recovery protocol.Digest  `json:"recovery,omitzero"`
	Spent    []spent          `json:"spent,omitempty"`   // words that open it no more
	Opened   protocol.Instant `json:"opened,omitzero"`   // by an administrator, after it was locked
	Failures int              `json:"failures,omitzero"` // since the last success
	Wait     protocol.Instant `json:"wait,omitzero"`     // nothing is tried before
	Device   *device          `json:"device,omitempty"`  // second factor; nil: none
	Begun    *device          `json:"begun,omitempty"`   // one of which no code was seen yet
}

// Kept is the room's bucket; node fills it with the store's.
type Kept interface {
	Get(key []byte) (value []byte, ok bool, err error)
	Put(ctx context.Context, key, value []byte) error
	Delete(ctx context.Context, key []byte) error
	Each(ctx context.Context, prefix []byte) iter.Seq2[[2][]byte, error]
}

// Options are what the room needs; all are required but Cost.
type Options struct {
	Kept         Kept
	Institutions []protocol.InstitutionID // hosted; an account without any is for the first
	Clock        func() time.Time
	Rand         io.Reader
	Vault        Vault // for secrets of second factors
	Cost         Cost  // of a password's hash; default DefaultCost
}

// Staff keeps the accounts. Make it with [New]; its methods are safe for concurrent use.
type Staff struct {
	o     Options
	queue chan struct{} // who waits for a hash
	hash  chan struct{} // who makes one

	mu sync.Mutex // held from the look at an account to its writing

	onceMu     sync.Mutex               // guards what follows; held with no other
	asking     map[string]chan struct{} // by key, closed when the question is answered
	remembered map[string]int           // by program, how many of its keys
	maxAnswers int
}

// New makes the room over its bucket. It reads nothing, and hashes nothing.
func New(o Options) *Staff {
	if o.Cost == (Cost{}) {
		o.Cost = DefaultCost()
	}
	return &Staff{
		o: o, queue: make(chan struct{}, maxQueue), hash: make(chan struct{}, maxHashes),
		asking: map[string]chan struct{}{}, remembered: map[string]int{}, maxAnswers: MaxAnswers,
	}
}

// What an account can't be, or can't do.
var (
	ErrName        = errors.New("an account's name is 2 to 40 of a-z, 0-9, dot and hyphen, such as duty or duty.night")
	ErrTaken       = errors.New("there is one of that name already")
	ErrUnknown     = errors.New("nothing has that name")
	ErrRole        = errors.New("want one of officer, approver, coordinator, admin, auditor")
	ErrInstitution = errors.New("this node does not write for that institution")
)

const accountPrefix = "account/"

func (s *Staff) now() protocol.Instant { return protocol.InstantOf(s.o.Clock()) }

// after gives the instant so long from now.
func (s *Staff) after(d time.Duration) protocol.Instant {
	return protocol.InstantOf(s.o.Clock().Add(d))
}

func validName(name string) bool {
	return len(name) >= 2 && len(name) <= 40 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == ""
}

// Accounts gives all accounts, by name.
func (s *Staff) Accounts(ctx context.Context) ([]Account, error) {
	out := []Account{}
	for e, err := range entries[kept](ctx, s.o.Kept, accountPrefix) {
		if err != nil {
			return nil, err
		}
		out = append(out, s.seen(ctx, &e.value))
	}
	return out, nil
}

// Account gives one account; [ErrUnknown] if there is none.
func (s *Staff) Account(ctx context.Context, name string) (Account, error) {
	k, err := s.read(name)
	if err != nil {
		return Account{}, err
	}
	return s.seen(ctx, &k), nil
}

// seen gives an account in its state of now.
func (s *Staff) seen(ctx context.Context, k *kept) Account {
	a := k.Account
	a.Factor, a.Password = k.Device != nil, k.Hash != ""
	switch {
	case a.State == StateLocked:
	case s.idle(k) && !s.stays(ctx, k):
		a.State, a.Reason = StateUnused, fmt.Sprintf("nobody used it for %d days", UnusedAfter/(24*time.Hour))
	case k.Hash == "" && k.Signs == "":
		a.State = StateInvited
	default:
		a.State = StateActive
	}
	return a
}

func (s *Staff) read(name string) (kept, error) {
	var k kept
	if !validName(name) {
		return k, fmt.Errorf("%.40q: %w", name, ErrUnknown)
	}
	text, ok, err := s.o.Kept.Get([]byte(accountPrefix + name))
	if err == nil && !ok {
		err = ErrUnknown
	}
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		return k, fmt.Errorf("%s: %w", name, err)
	}
	return k, nil
}

func (s *Staff) write(ctx context.Context, k *kept) error {
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return s.o.Kept.Put(ctx, []byte(accountPrefix+k.Name), text)
}

// change changes one account.
func (s *Staff) change(ctx context.Context, name string, how func(k *kept) error) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.read(name)
	if err == nil {
		err = how(&k)
	}
	if err == nil {
		err = s.write(ctx, &k)
	}
	if err != nil {
		return Account{}, err
	}
	return s.seen(ctx, &k), nil
}

// Add makes an account, and gives the one-time word with which its password is chosen. It
// returns [ErrName], [ErrRole], [ErrInstitution] or [ErrTaken] for what can't be.
func (s *Staff) Add(ctx context.Context, a Account) (Account, string, error) {
	if !validName(a.Name) {
		return Account{}, "", fmt.Errorf("%.40q: %w", a.Name, ErrName)
	}
	if !slices.Contains(Roles(), a.Role) {
		return Account{}, "", fmt.Errorf("%.40q: %w", a.Role, ErrRole)
	}
	var err error
	if a.Institutions, err = s.actsFor(a.Institutions); err != nil {
		return Account{}, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err = s.read(a.Name); !errors.Is(err, ErrUnknown) {
		return Account{}, "", errors.Join(err, fmt.Errorf("%s: %w", a.Name, ErrTaken))
	}
	k := kept{Account: Account{Name: a.Name, Institutions: a.Institutions, Role: a.Role, Made: s.now()}}
	word, err := s.newWord(&k)
	if err == nil {
		err = s.write(ctx, &k)
	}
	return s.seen(ctx, &k), word, err
}

// actsFor gives whom an account or a token acts for: the node's first, unless others are
// named.
func (s *Staff) actsFor(named []protocol.InstitutionID) ([]protocol.InstitutionID, error) {
	if len(named) == 0 {
		return s.o.Institutions[:1], nil
	}
	for _, id := range named {
		if !slices.Contains(s.o.Institutions, id) {
			return nil, fmt.Errorf("%s: %w", id, ErrInstitution)
		}
	}
	return named, nil
}

// SetRole gives an account another role; its sessions end. It returns [ErrRole], or [ErrLast].
func (s *Staff) SetRole(ctx context.Context, name string, r Role) (Account, error) {
	if !slices.Contains(Roles(), r) {
		return Account{}, fmt.Errorf("%.40q: %w", r, ErrRole)
	}
	return s.change(ctx, name, func(k *kept) error {
		if r != Admin {
			if err := s.spared(ctx, k); err != nil {
				return err
			}
		}
		k.Role = r
		k.Generation++
		return nil
	})
}

// ErrBound says that somebody has an account already.
var ErrBound = errors.New("whoever that is there has another account here")

// Bind says who an account is where the institution's people log in (as its claim says it);
// empty takes that away. Its sessions end. It returns [ErrBound].
func (s *Staff) Bind(ctx context.Context, name, who string) (Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, err := s.boundTo(ctx, who); who != "" && (err != nil || other != "" && other != name) {
		return Account{}, cmp.Or(err, fmt.Errorf("%.100q: %w, %s", who, ErrBound, other))
	}
	k, err := s.read(name)
	if err != nil {
		return Account{}, err
	}
	k.Signs = who
	k.Generation++
	return s.seen(ctx, &k), s.write(ctx, &k)
}

// boundTo gives the name of the account that somebody is; empty if there is none.
func (s *Staff) boundTo(ctx context.Context, who string) (string, error) {
	for e, err := range entries[kept](ctx, s.o.Kept, accountPrefix) {
		if err != nil {
			return "", err
		}
		if who != "" && e.value.Signs == who {
			return e.value.Name, nil
		}
	}
	return "", nil
}

// Lock shuts an account; its sessions end. It returns [ErrLast].
func (s *Staff) Lock(ctx context.Context, name, reason string) (Account, error) {
	return s.change(ctx, name, func(k *kept) error {
		if err := s.spared(ctx, k); err != nil {
			return err
		}
		k.State, k.Reason = StateLocked, reason
		k.Generation++
		return nil
	})
}

// Unlock opens an account again, whatever had shut it.
func (s *Staff) Unlock(ctx context.Context, name string) (Account, error) {
	return s.change(ctx, name, func(k *kept) error {
		k.State, k.Reason, k.Failures, k.Wait, k.Opened = "", "", 0, 0, s.now()
		return nil
	})
}

// Looked notes up to when an account has seen what happened; never an earlier instant than
// it has already.
func (s *Staff) Looked(ctx context.Context, name string, at protocol.Instant) (Account, error) {
	return s.change(ctx, name, func(k *kept) error { k.Looked = max(k.Looked, at); return nil })
}

// Reset takes password and recovery word away, and gives a one-time word; sessions end.
func (s *Staff) Reset(ctx context.Context, name string) (Account, string, error) {
	var word string
	a, err := s.change(ctx, name, func(k *kept) (err error) {
		k.Hash, k.Failures, k.Wait = "", 0, 0
		k.spend(protocol.Digest{})
		k.Generation++
		word, err = s.newWord(k)
		return err
	})
	return a, word, err
}

// Remove takes an account, its drafts, subscriptions and log-ins away. What it did stays in the
// log of acts. It returns [ErrLast].
func (s *Staff) Remove(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.read(name)
	if err == nil {
		err = s.spared(ctx, &k)
	}
	if err != nil {
		return err
	}
	drafts, err := s.Drafts(ctx, name)
	for i := range drafts {
		if err == nil {
			err = s.o.Kept.Delete(ctx, draftKey(name, drafts[i].ID))
		}
	}
	for pair, err := range s.o.Kept.Each(ctx, []byte(loginsOf(name))) {
		if err == nil {
			err = s.o.Kept.Delete(ctx, pair[0])
		}
		if err != nil {
			return err
		}
	}
	if err == nil {
		err = s.o.Kept.Delete(ctx, subscriptionKey(name))
	}
	if err != nil {
		return err
	}
	return s.o.Kept.Delete(ctx, []byte(accountPrefix+name))
}
