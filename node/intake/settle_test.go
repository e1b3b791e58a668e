package intake_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// followed gives a version after another, signed by the centre, which is the one steward.
func (d *door) followed(before protocol.SignedCharter, expires string) protocol.SignedCharter {
	d.t.Helper()
	c, err := protocol.ParseCharter(before.Document)
	if err != nil {
		d.t.Fatal(err)
	}
	digest := before.Digest()
	c.Version, c.Previous, c.Expires = c.Version+1, &digest, expires
	document, err := json.Marshal(c)
	if err != nil {
		d.t.Fatal(err)
	}
	s := protocol.SignedCharter{Document: document}
	if err := d.hand.SignCharter(d.t.Context(), centre, &s); err != nil {
		d.t.Fatal(err)
	}
	return s
}

func (d *door) takeCharter(c protocol.SignedCharter) {
	d.t.Helper()
	if err := d.TakeCharter(d.t.Context(), c); err != nil {
		d.t.Fatal(err)
	}
}

// days counts days in touch with others.
func (d *door) days(n int) {
	d.t.Helper()
	for range n {
		if err := d.Settle(d.t.Context()); err != nil {
			d.t.Fatal(err)
		}
		d.now = d.now.Add(24 * time.Hour)
	}
}

func (d *door) inForce() int { return d.trust.Charter().Version }

// The key of the one who founded the network was stolen long ago. A node that has followed
// what came since for thirty days goes on, after a start too; one that had not, stops.
func TestNodeSettlesOnWhatItHasFollowedForDays(t *testing.T) {
	for name, tt := range map[string]struct{ days, want int }{"thirty days": {intake.SettleDays + 1, 3}, "a day less": {intake.SettleDays, 1}} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			next := d.followed(d.charter, "2031-01-01T00:00:00Z")
			d.takeCharter(next)
			d.days(tt.days)
			third := d.followed(next, "2032-01-01T00:00:00Z")
			d.takeCharter(third)
			d = d.again()
			d.takeCharter(next) // the node gives the registry what it holds of the charter
			d.takeCharter(third)
			if d.inForce() != 3 {
				t.Fatalf("version %d is in force, want 3", d.inForce())
			}
			d.takeCharter(d.followed(d.charter, "2039-01-01T00:00:00Z")) // the thief's
			if d.inForce() != tt.want {
				t.Errorf("version %d is in force, want %d", d.inForce(), tt.want)
			}
			if tt.want == 3 {
				return
			}
			// Its people choose, and that lasts.
			if err := d.SettleOn(t.Context(), next.Digest()); err != nil || d.inForce() != 3 {
				t.Errorf("SettleOn() = %v; version %d is in force, want 3", err, d.inForce())
			}
			d = d.again()
			d.takeCharter(d.followed(d.charter, "2039-01-01T00:00:00Z"))
			d.takeCharter(next)
			if d.inForce() != 2 {
				t.Errorf("after a start version %d is in force, want 2", d.inForce())
			}
		})
	}
}

// A clock that leaps, forwards or back, is no thirty days; nor are looks in one day.
func TestNodeSettlesOnNothingByALeapingClock(t *testing.T) {
	d := founded(t)
	d.takeCharter(d.followed(d.charter, "2031-01-01T00:00:00Z"))
	d.days(1)
	for range 100 { // hours of one day
		d.now = d.now.Add(time.Minute)
		if err := d.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	d.now = d.now.AddDate(10, 0, 0)
	d.days(1)
	d.now = d.now.AddDate(-20, 0, 0)
	d.days(intake.SettleDays - 3)
	if n := len(d.trust.Settled()); n != 0 {
		t.Fatalf("it has settled on %d versions", n)
	}
	d.days(4)
	if n := len(d.trust.Settled()); n != 2 {
		t.Errorf("it has settled on %d versions, want both", n)
	}
	if err := d.SettleOn(t.Context(), protocol.DigestOf([]byte("nobody's"))); !errors.Is(err, trust.ErrNotSettled) {
		t.Errorf("SettleOn() on one that is not held = %v, want %v", err, trust.ErrNotSettled)
	}
}

// TestCharterIsTakenWholeThoughItsLineGoesDown: of the line it came over, or of the page where it was chosen.
func TestCharterIsTakenWholeThoughItsLineGoesDown(t *testing.T) {
	d := founded(t)
	ctx, down := context.WithCancel(t.Context())
	down()
	next := d.followed(d.charter, "2031-01-01T00:00:00Z")
	if err := d.TakeCharter(ctx, next); err != nil {
		t.Errorf("TakeCharter() = %v", err)
	}
	if _, err := d.store.Charter(next.Digest()); err != nil || d.inForce() != 2 {
		t.Errorf("version %d is followed, and of version 2 the file says: %v", d.inForce(), err)
	}
	if err := d.SettleOn(ctx, next.Digest()); err != nil {
		t.Errorf("SettleOn() = %v", err)
	}
	d = d.again()
	if got := d.trust.Settled(); !slices.Contains(got, next.Digest()) {
		t.Errorf("the next start has settled on %v, want version 2 among them", got)
	}
}
