package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Bounds of drafts.
const (
	// DraftLasts is how long a draft is kept: a fortnight's leave. The number of one that was
	// sent is known as long, so that it is not sent twice.
	DraftLasts = 14 * 24 * time.Hour
	// MaxDrafts is how many an account may have lying: more are no drafts but an archive.
	MaxDrafts = 200
	// MaxDraftBytes bounds one: a form's bound with what JSON adds.
	MaxDraftBytes = 96 << 10
)

// Draft is a form that an account has begun, and what became of it.
type Draft struct {
	ID      string                 `json:"id"` // of this filling-in, drawn when the form was opened
	Account string                 `json:"account"`
	As      protocol.InstitutionID `json:"as"`
	Form    string                 `json:"form"`
	About   string                 `json:"about,omitempty"` // the record that it answers or corrects
	Within  protocol.Name          `json:"within,omitzero"` // the exercise in which it was opened, by what began it
	Values  map[string]string      `json:"values"`          // as they were typed
	Saved   protocol.Instant       `json:"saved"`
	Sent    protocol.Name          `json:"sent,omitzero"`   // the record that it became
	Waits   string                 `json:"waits,omitempty"` // the number under which it waits for a second person
	Back    string                 `json:"back,omitempty"`  // why that person has returned it
}

// What a draft can't be.
var (
	ErrDraft      = errors.New("there is no such draft, or its fortnight is over")
	ErrDraftID    = errors.New("the form has no number of its own")
	ErrManyDrafts = fmt.Errorf("there are %d drafts of this account already", MaxDrafts)
	ErrLongDraft  = fmt.Errorf("a draft has at most %d KiB", MaxDraftBytes>>10)
)

const draftPrefix = "draft/"

func draftKey(account, id string) []byte { return []byte(draftPrefix + account + "/" + id) }

// NewDraftID draws the number of a form that is opened.
func (s *Staff) NewDraftID() (string, error) { return s.draw(numberGroups) }

func validDraftID(id string) bool {
	return len(id) == 19 && strings.Trim(id, letters+"-") == ""
}

// KeepDraft keeps a draft, in the place of what was kept of it. It returns [ErrDraftID],
// [ErrManyDrafts] or [ErrLongDraft] for what can't be kept.
func (s *Staff) KeepDraft(ctx context.Context, d Draft) error {
	if !validDraftID(d.ID) || !validName(d.Account) {
		return ErrDraftID
	}
	d.Saved = s.now()
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if len(text) > MaxDraftBytes {
		return ErrLongDraft
	}
	key := draftKey(d.Account, d.ID)
	if _, there, err := s.o.Kept.Get(key); err != nil {
		return err
	} else if !there {
		held, err := s.Drafts(ctx, d.Account)
		if err != nil {
			return err
		}
		if len(held) >= MaxDrafts {
			return ErrManyDrafts
		}
	}
	return s.o.Kept.Put(ctx, key, text)
}

// Draft gives a draft of an account; [ErrDraft] if there is none.
func (s *Staff) Draft(account, id string) (Draft, error) {
	var d Draft
	if !validDraftID(id) || !validName(account) {
		return d, ErrDraft
	}
	text, ok, err := s.o.Kept.Get(draftKey(account, id))
	if err == nil && !ok {
		err = ErrDraft
	}
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err == nil && s.stale(&d) {
		err = ErrDraft
	}
	return d, err
}

func (s *Staff) stale(d *Draft) bool {
	return d.Saved+protocol.Instant(DraftLasts.Milliseconds()) <= s.now()
}

// Drafts gives the drafts of an account, those that were sent too; of an empty one those of
// all accounts.
func (s *Staff) Drafts(ctx context.Context, account string) ([]Draft, error) {
	prefix := draftPrefix
	if account != "" {
		prefix += account + "/"
	}
	var out []Draft
	for e, err := range entries[Draft](ctx, s.o.Kept, prefix) {
		if err != nil {
			return nil, err
		}
		if !s.stale(&e.value) {
			out = append(out, e.value)
		}
	}
	return out, nil
}

// DropDraft throws a draft away.
func (s *Staff) DropDraft(ctx context.Context, account, id string) error {
	if _, err := s.Draft(account, id); err != nil {
		return err
	}
	return s.o.Kept.Delete(ctx, draftKey(account, id))
}

// SweepDrafts takes away the drafts whose fortnight is over, and what waited as long.
func (s *Staff) SweepDrafts(ctx context.Context) error {
	for e, err := range entries[Draft](ctx, s.o.Kept, draftPrefix) {
		if err == nil && s.stale(&e.value) {
			err = s.o.Kept.Delete(ctx, e.key)
		}
		if err != nil {
			return err
		}
	}
	return s.sweepPending(ctx)
}
