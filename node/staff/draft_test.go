package staff_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
)

func (o *office) draft(account string) staff.Draft {
	o.t.Helper()
	id, err := o.NewDraftID()
	d := staff.Draft{ID: id, Account: account, As: gate, Form: "report", Values: map[string]string{"summary": "half a sen"}}
	if err == nil {
		err = o.KeepDraft(o.t.Context(), d)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return d
}

// TestDraftIsItsAccountsForAFortnight, and goes with the account.
func TestDraftIsItsAccountsForAFortnight(t *testing.T) {
	o := open(t)
	o.duty()
	d := o.draft("duty")
	o.draft("duty.night")
	if got, err := o.Draft("duty", d.ID); err != nil || got.Values["summary"] != "half a sen" {
		t.Errorf("Draft() = %+v, %v", got, err)
	}
	if _, err := o.Draft("duty.night", d.ID); !errors.Is(err, staff.ErrDraft) {
		t.Errorf("of another account: %v", err)
	}
	o.now = o.now.Add(staff.DraftLasts - time.Second)
	if all, err := o.Drafts(t.Context(), "duty"); err != nil || len(all) != 1 {
		t.Errorf("on the last day: %v, %v", all, err)
	}
	o.now = o.now.Add(time.Second)
	if _, err := o.Draft("duty", d.ID); !errors.Is(err, staff.ErrDraft) {
		t.Errorf("behind its end: %v", err)
	}
	fresh := o.draft("duty")
	if err := o.SweepDrafts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := o.Drafts(t.Context(), ""); err != nil || len(all) != 1 || all[0].ID != fresh.ID {
		t.Errorf("swept: %v, %v", all, err)
	}
	for pair, err := range o.store.Each(t.Context(), []byte("draft/")) {
		if err != nil || !strings.Contains(string(pair[0]), fresh.ID) {
			t.Errorf("left in the store: %s, %v", pair[0], err)
		}
	}
	if err := o.Remove(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	if all, err := o.Drafts(t.Context(), ""); err != nil || len(all) != 0 {
		t.Errorf("the account is gone: %v, %v", all, err)
	}
}

func TestDraftsAreBounded(t *testing.T) {
	o := open(t)
	for range staff.MaxDrafts {
		o.draft("duty")
	}
	last := o.draft("other")
	id, err := o.NewDraftID()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		d    staff.Draft
		want error
	}{
		{"one too many", staff.Draft{ID: id, Account: "duty"}, staff.ErrManyDrafts},
		{"too long", staff.Draft{ID: last.ID, Account: "other", Values: map[string]string{"a": strings.Repeat("x", staff.MaxDraftBytes)}}, staff.ErrLongDraft},
		{"no number", staff.Draft{ID: "../../account/duty", Account: "other"}, staff.ErrDraftID},
		{"no account", staff.Draft{ID: id}, staff.ErrDraftID},
		{"one that is there", last, nil},
	} {
		if err := o.KeepDraft(t.Context(), tt.d); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
