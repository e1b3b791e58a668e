package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// What becomes of a record that waits for a second person.
const (
	PendingWaits     = "waits"
	PendingApproved  = "approved"  // somebody else has seen it and let it go
	PendingReturned  = "returned"  // and wants it otherwise, or not at all
	PendingWithdrawn = "withdrawn" // who handed it in has taken it back before
)

// MaxPending is how many may wait at once: more are no second look any more.
const MaxPending = 200

// Pending is a record that somebody wants to say, as it will be sent, and that waits for a
// second person. It is kept as long as a draft.
type Pending struct {
	ID       string                 `json:"id"`
	By       string                 `json:"by"` // the account or program that said it
	As       protocol.InstitutionID `json:"as"`
	Type     string                 `json:"type"`
	Handling protocol.Handling      `json:"handling"`
	Exercise bool                   `json:"exercise"`
	Body     json.RawMessage        `json:"body,omitempty"`  // with its salt: the bytes that are signed
	Knowing  bool                   `json:"knowing"`         // its author knew what it warns of
	After    protocol.Digest        `json:"after,omitzero"`  // of a correction: what its author read; zero: nothing was said of it
	Anyway   json.RawMessage        `json:"anyway"`          // what its author wanted despite of a refusal
	Draft    string                 `json:"draft,omitempty"` // the form that it was
	Made     protocol.Instant       `json:"made"`
	State    string                 `json:"state"`
	Decided  protocol.Instant       `json:"decided,omitzero"`
	Decider  string                 `json:"decider,omitempty"`
	Reason   string                 `json:"reason,omitempty"` // why it was returned
	Record   protocol.Name          `json:"record,omitzero"`  // that it became
}

// What can't wait, or is not there to be decided.
var (
	ErrPending     = errors.New("nothing of that number waits, or its fortnight is over")
	ErrManyPending = fmt.Errorf("%d records wait for a second person already", MaxPending)
)

const pendingPrefix = "pending/"

func (s *Staff) stalePending(p *Pending) bool {
	return max(p.Made, p.Decided)+protocol.Instant(DraftLasts.Milliseconds()) <= s.now()
}

// AddPending keeps a record for a second person, and gives it its number. It returns
// [ErrManyPending] for one too many.
func (s *Staff) AddPending(ctx context.Context, p Pending) (Pending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.AllPending(ctx)
	if err != nil {
		return p, err
	}
	all = slices.DeleteFunc(all, func(q Pending) bool { return q.State != PendingWaits })
	if len(all) >= MaxPending {
		return p, ErrManyPending
	}
	if p.ID, err = s.draw(numberGroups); err != nil {
		return p, err
	}
	p.Made, p.State = s.now(), PendingWaits
	return p, s.putPending(ctx, &p)
}

func (s *Staff) putPending(ctx context.Context, p *Pending) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.o.Kept.Put(ctx, []byte(pendingPrefix+p.ID), text)
}

// Pending gives one; [ErrPending] if there is none.
func (s *Staff) Pending(id string) (Pending, error) {
	var p Pending
	if !validDraftID(id) {
		return p, ErrPending
	}
	text, ok, err := s.o.Kept.Get([]byte(pendingPrefix + id))
	if err == nil && !ok {
		err = ErrPending
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil && s.stalePending(&p) {
		err = ErrPending
	}
	return p, err
}

// AllPending gives what waits, and what was decided not long ago, the oldest first.
func (s *Staff) AllPending(ctx context.Context) ([]Pending, error) {
	var out []Pending
	for e, err := range entries[Pending](ctx, s.o.Kept, pendingPrefix) {
		if err != nil {
			return nil, err
		}
		if !s.stalePending(&e.value) {
			out = append(out, e.value)
		}
	}
	slices.SortStableFunc(out, func(a, b Pending) int { return int(a.Made - b.Made) })
	return out, nil
}

// Decide notes what becomes of what waits; how changes it. [ErrPending] if it is not there.
func (s *Staff) Decide(ctx context.Context, id string, how func(p *Pending) error) (Pending, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.Pending(id)
	if err == nil {
		err = how(&p)
	}
	if err != nil {
		return p, err
	}
	p.Decided = s.now()
	return p, s.putPending(ctx, &p)
}

// sweepPending takes away what was decided, or waited, too long ago.
func (s *Staff) sweepPending(ctx context.Context) error {
	for e, err := range entries[Pending](ctx, s.o.Kept, pendingPrefix) {
		if err == nil && s.stalePending(&e.value) {
			err = s.o.Kept.Delete(ctx, e.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
