package site

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Bounds of the register.
const (
	// MaxSites is how many an institution may have: every school of a large town.
	MaxSites = 500
	// MaxServices is how many kinds of services one site names: the vocabulary, and as many of
	// one's own.
	MaxServices = 64
	// MaxText bounds a name, a unit and a note, in bytes: a line, not a report.
	MaxText = 200
)

// Site is a place of an institution.
type Site struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"`
	Name        string                 `json:"name"`
	Night       *body.Quantity         `json:"night,omitempty"` // places to sleep; absent: not known
	Day         *body.Quantity         `json:"day,omitempty"`   // places by day
	Services    []Service              `json:"services,omitempty"`
	Present     *Count                 `json:"present,omitempty"` // absent: nobody has counted yet
	Changed     protocol.Instant       `json:"changed"`
	Gone        bool                   `json:"gone,omitempty"` // it was taken away; its movements are kept
}

// Service is what a site does for those who are there, and how much of it.
type Service struct {
	Type     body.ResourceType `json:"type"`
	Quantity body.Quantity     `json:"quantity"`
}

// Count is how many people were at a site when somebody counted.
type Count struct {
	People body.Quantity    `json:"people"`
	Time   protocol.Instant `json:"time"`
	By     string           `json:"by"` // the account that counted
}

// What the register refuses. A [Fault] wraps one of the first three.
var (
	ErrValue = errors.New("this can't be")
	ErrShort = errors.New("more is to go out than is there")
	ErrMany  = errors.New("this is more than the register holds")
	ErrNone  = errors.New("no site of this institution has this code")
	ErrOther = errors.New("another movement was noted under this number")
)

// Fault says which part of what was to be noted is wrong, and how it is mended.
type Fault struct {
	Field  string // path of the member: lines[0].quantity
	Detail string
	Mend   string
	Err    error
}

// Error gives field, what is wrong and the mend.
func (f *Fault) Error() string { return f.Field + ": " + f.Detail + ": " + f.Mend }

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Err }

// Kept is the room's bucket; node fills it with the store's. Put is one transaction, and on
// disk when it returns.
type Kept interface {
	Put(ctx context.Context, key, value []byte) error
	Each(ctx context.Context, prefix []byte) iter.Seq2[[2][]byte, error]
}

// Options are what the room needs; all are required.
type Options struct {
	Kept  Kept
	Clock func() time.Time
}

// Register is the book of all institutions of a node. Make it with [Open]; its methods are
// safe for concurrent use.
type Register struct {
	o Options

	mu    sync.Mutex // guards the rest; held from the look at what is left to the note of what goes
	sites map[siteKey]Site
	left  map[shelf]body.Quantity
	away  map[errand]int64
	last  map[protocol.InstitutionID]uint64
	noted map[numbered]Movement
}

type siteKey struct {
	institution protocol.InstitutionID
	place       body.PlaceKey
}

// Open reads the book: what is left is summed from its movements.
func Open(ctx context.Context, o Options) (*Register, error) {
	if o.Kept == nil || o.Clock == nil {
		return nil, errors.New("site: a required option is empty")
	}
	r := &Register{
		o: o, sites: map[siteKey]Site{}, left: map[shelf]body.Quantity{}, away: map[errand]int64{},
		last: map[protocol.InstitutionID]uint64{}, noted: map[numbered]Movement{},
	}
	for s, err := range entries[Site](ctx, o.Kept, sitePrefix) {
		if err != nil {
			return nil, err
		}
		r.sites[siteKey{s.Institution, s.Place}] = s
	}
	for m, err := range entries[Movement](ctx, o.Kept, movePrefix) {
		if err != nil {
			return nil, err
		}
		r.take(&m)
	}
	return r, nil
}

const sitePrefix = "site/"

func keyOf(s *Site) []byte {
	return []byte(sitePrefix + string(s.Institution) + "/" + s.Place.String())
}

// entries gives what lies under a prefix, by key; after an error it ends.
func entries[T any](ctx context.Context, kept Kept, prefix string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for pair, err := range kept.Each(ctx, []byte(prefix)) {
			var value T
			if err == nil {
				err = json.Unmarshal(pair[1], &value)
			}
			if err != nil {
				yield(value, fmt.Errorf("site: %s: %w", prefix, err))
				return
			}
			if !yield(value, nil) {
				return
			}
		}
	}
}

func (r *Register) now() protocol.Instant { return protocol.InstantOf(r.o.Clock()) }

// Sites gives those of an institution, by code.
func (r *Register) Sites(as protocol.InstitutionID) []Site {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []Site{}
	for key, s := range r.sites {
		if key.institution == as && !s.Gone {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b Site) int { return cmp.Compare(a.Place.String(), b.Place.String()) })
	return out
}

// Site gives one; [ErrNone] if there is none of this code.
func (r *Register) Site(as protocol.InstitutionID, place body.PlaceKey) (Site, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.site(as, place)
}

func (r *Register) site(as protocol.InstitutionID, place body.PlaceKey) (Site, error) {
	s, ok := r.sites[siteKey{as, place}]
	if !ok || s.Gone {
		return s, fmt.Errorf("%s: %w", place, ErrNone)
	}
	return s, nil
}

// Remove takes away a site at which nobody and nothing is any more. Its movements are kept, and
// it is there again once it is noted anew. It returns a [*Fault] while somebody or something is
// there, and [ErrNone].
func (r *Register) Remove(ctx context.Context, as protocol.InstitutionID, place body.PlaceKey) (Site, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.site(as, place)
	if err != nil {
		return Site{}, err
	}
	if s.Present != nil && s.Present.People > 0 {
		return Site{}, &Fault{"place", fmt.Sprintf("%d people were there when they were counted last", s.Present.People), "count again when they have left", ErrValue}
	}
	for on, left := range r.left {
		if on.institution == as && on.place == place && left > 0 {
			return Site{}, &Fault{"place", "goods are noted there still", "note first where they went", ErrValue}
		}
	}
	s.Gone = true
	return r.keep(ctx, s)
}

// Set notes a site, or what has changed of it; who is there stays as it was counted. It
// returns a [*Fault] for what can't be.
func (r *Register) Set(ctx context.Context, s Site) (Site, error) {
	if err := s.check(); err != nil {
		return Site{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := siteKey{s.Institution, s.Place}
	before, there := r.sites[key]
	own := 0
	for k, other := range r.sites {
		if k.institution == s.Institution && !other.Gone {
			own++
		}
	}
	if (!there || before.Gone) && own >= MaxSites {
		return Site{}, &Fault{"place", fmt.Sprintf("there are %d sites already", own), "change one that is there", ErrMany}
	}
	s.Present, s.Gone = before.Present, false
	return r.keep(ctx, s)
}

// check holds what a person said of a site against what can be.
func (s *Site) check() error {
	s.Name = strings.TrimSpace(s.Name)
	switch {
	case s.Name == "":
		return &Fault{"name", "the site has no name", "give the name that people know it by", ErrValue}
	case len(s.Name) > MaxText:
		return &Fault{"name", fmt.Sprintf("it is longer than %d bytes", MaxText), "shorten it", ErrValue}
	case len(s.Services) > MaxServices:
		return &Fault{"services", fmt.Sprintf("these are more than %d", MaxServices), "leave out what matters least", ErrMany}
	}
	for _, n := range []struct {
		field string
		value *body.Quantity
	}{{"night", s.Night}, {"day", s.Day}} {
		if n.value != nil && !whole(int64(*n.value)) {
			return &Fault{n.field, fmt.Sprintf("%d is no number of places", *n.value), "give a whole number of 0 or more, or leave it out", ErrValue}
		}
	}
	seen := map[body.ResourceType]bool{}
	for i, service := range s.Services {
		field := fmt.Sprintf("services[%d]", i)
		if err := known(service.Type, field+".type"); err != nil {
			return err
		}
		if seen[service.Type] {
			return &Fault{field + ".type", fmt.Sprintf("%s stands there twice", service.Type), "say it once, with the sum", ErrValue}
		}
		seen[service.Type] = true
		if !whole(int64(service.Quantity)) {
			return &Fault{field + ".quantity", fmt.Sprintf("%d is no quantity", service.Quantity), "give a whole number of 0 or more", ErrValue}
		}
	}
	return nil
}

// whole reports whether a number can be a quantity in a record.
func whole(n int64) bool { return n >= 0 && n <= body.MaxCount }

// known refuses a type that a record could not name.
func known(t body.ResourceType, field string) error {
	var read body.ResourceType
	if err := read.UnmarshalText([]byte(t)); err != nil {
		return &Fault{field, fmt.Sprintf("%.40q is no type of goods", string(t)), "want one such as blanket, tent, meal or interpreter, or one of your own that begins with x-", ErrValue}
	}
	return nil
}

// CountPeople notes how many people are at a site now.
func (r *Register) CountPeople(ctx context.Context, as protocol.InstitutionID, place body.PlaceKey, people int64, by string) (Site, error) {
	if !whole(people) {
		return Site{}, &Fault{"people", fmt.Sprintf("%d is no number of people", people), "give a whole number of 0 or more", ErrValue}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.site(as, place)
	if err != nil {
		return Site{}, err
	}
	s.Present = &Count{People: body.Quantity(people), Time: r.now(), By: by}
	return r.keep(ctx, s)
}

// keep writes a site. The caller holds mu.
func (r *Register) keep(ctx context.Context, s Site) (Site, error) {
	s.Changed = r.now()
	text, err := json.Marshal(s)
	if err == nil {
		err = r.o.Kept.Put(context.WithoutCancel(ctx), keyOf(&s), text)
	}
	if err != nil {
		return Site{}, err
	}
	r.sites[siteKey{s.Institution, s.Place}] = s
	return s, nil
}
