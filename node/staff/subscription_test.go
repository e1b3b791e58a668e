package staff_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestSubscriptionsGoWithTheirOwner: they outlive the node's end, and who gets the name of an account
// or a token that was taken away finds none.
func TestSubscriptionsGoWithTheirOwner(t *testing.T) {
	o := open(t)
	ctx := t.Context()
	o.duty()
	add := func(owner string) {
		t.Helper()
		if _, err := o.Subscribe(ctx, owner, "crossings", duty.Choice{Kinds: []string{"route"}, Places: []string{"MK"}}); err != nil {
			t.Fatal(err)
		}
	}
	has := func(s *staff.Staff, owner string, want int) {
		t.Helper()
		if all, err := s.Subscriptions(owner); err != nil || len(all) != want {
			t.Errorf("%s has %+v (%v), want %d", owner, all, err, want)
		}
	}
	if _, _, err := o.AddToken(ctx, staff.Token{Name: "duty", Role: staff.Officer, Scope: staff.Read}, 0); err != nil {
		t.Fatal(err)
	}
	token := staff.TokenOwner + "duty"
	add("duty")
	has(o.again(), "duty", 1)
	has(o.Staff, token, 0)
	add(token)
	if err := o.Remove(ctx, "duty"); err != nil {
		t.Fatal(err)
	}
	has(o.Staff, "duty", 0)
	has(o.Staff, token, 1)
	if err := o.RemoveToken(ctx, "duty"); err != nil {
		t.Fatal(err)
	}
	has(o.Staff, token, 0)
}

// TestSubscriptionKeepsItsNumberAndTheLatestLook: none gets the number of one that is gone, and nobody
// looks back.
func TestSubscriptionKeepsItsNumberAndTheLatestLook(t *testing.T) {
	o := open(t)
	ctx := t.Context()
	made, err := o.Subscribe(ctx, "duty", " crossings ", duty.Choice{})
	if err != nil || made.Number != 1 || made.Name != "crossings" || made.Looked != made.Made {
		t.Fatalf("made %+v (%v)", made, err)
	}
	later := made.Made + 60_000
	for _, at := range []protocol.Instant{later, made.Made + 1} {
		if got, err := o.LookedAt(ctx, "duty", 1, at); err != nil || got.Looked != later {
			t.Errorf("looked at %s: %+v (%v)", at, got, err)
		}
	}
	o.now = o.now.Add(time.Minute)
	if err := o.Unsubscribe(ctx, "duty", 1); err != nil {
		t.Fatal(err)
	}
	if next, err := o.Subscribe(ctx, "duty", "crossings", duty.Choice{}); err != nil || next.Number != 2 {
		t.Errorf("the next is %+v (%v)", next, err)
	}
	for _, err := range []error{o.Unsubscribe(ctx, "duty", 1), func() error { _, err := o.LookedAt(ctx, "duty", 1, later); return err }()} {
		if !errors.Is(err, staff.ErrSubscription) {
			t.Errorf("of one that is gone: %v", err)
		}
	}
	for _, name := range []string{"", " ", "two\nlines", strings.Repeat("x", 61)} {
		if _, err := o.Subscribe(ctx, "duty", name, duty.Choice{}); !errors.Is(err, staff.ErrSubscriptionName) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
