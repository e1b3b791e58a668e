package staff_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestTokenOpensUntilItEnds: and its secret lies nowhere.
func TestTokenOpensUntilItEnds(t *testing.T) {
	o := open(t)
	made, secret, err := o.AddToken(t.Context(), staff.Token{Name: "counter", Role: staff.Officer, Scope: staff.Publish, Institutions: []protocol.InstitutionID{river}}, 30)
	if err != nil {
		t.Fatal(err)
	}
	var drawn []byte
	if drawn, err = base64.RawURLEncoding.DecodeString(strings.TrimPrefix(secret, "vardar_")); err != nil || len(drawn) < 32 {
		t.Errorf("a secret of %d bytes, want 32: %v", len(drawn), err)
	}
	o.now = o.now.Add(30*24*time.Hour - time.Second)
	got, err := o.Bearer(secret)
	if err != nil || got.Name != "counter" || got.Institutions[0] != river {
		t.Errorf("a second before its end: %+v, %v", got, err)
	}
	o.now = o.now.Add(time.Second)
	if _, err = o.Bearer(secret); !errors.Is(err, staff.ErrToken) {
		t.Errorf("at its end: %v", err)
	}
	all, err := o.Tokens(t.Context())
	if err != nil || len(all) != 1 || !all[0].Ended || all[0].Ends != made.Ends {
		t.Errorf("tokens = %+v, %v", all, err)
	}
	for pair, err := range o.store.Each(t.Context(), nil) {
		if err != nil || strings.Contains(string(pair[0])+string(pair[1]), strings.TrimPrefix(secret, "vardar_")) {
			t.Errorf("%q holds the secret, %v", pair[0], err)
		}
	}
	for name, secret := range map[string]string{"cut": secret[:len(secret)-1], "longer": secret + "A", "without its mark": strings.TrimPrefix(secret, "vardar_"), "empty": ""} {
		if _, err := o.Bearer(secret); !errors.Is(err, staff.ErrToken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := o.RemoveToken(t.Context(), "counter"); err != nil {
		t.Error(err)
	}
	if err := o.RemoveToken(t.Context(), "counter"); !errors.Is(err, staff.ErrUnknown) {
		t.Errorf("twice: %v", err)
	}
}

// TestTokenThatCannotBeIsRefused, with what is wanted.
func TestTokenThatCannotBeIsRefused(t *testing.T) {
	o := open(t)
	fine := staff.Token{Name: "counter", Role: staff.Officer, Scope: staff.Read}
	if _, _, err := o.AddToken(t.Context(), fine, 0); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		t    staff.Token
		days int
		want error
	}{
		{"no name", staff.Token{Role: staff.Officer, Scope: staff.Read}, 0, staff.ErrName},
		{"no role", staff.Token{Name: "x1", Scope: staff.Read}, 0, staff.ErrRole},
		{"no scope", staff.Token{Name: "x1", Role: staff.Officer}, 0, staff.ErrScope},
		{"another's", staff.Token{Name: "x1", Role: staff.Officer, Scope: staff.Read, Institutions: []protocol.InstitutionID{"rs.national.centre"}}, 0, staff.ErrInstitution},
		{"for ever", staff.Token{Name: "x1", Role: staff.Officer, Scope: staff.Read}, staff.MaxTokenDays + 1, staff.ErrDays},
		{"a day ago", staff.Token{Name: "x1", Role: staff.Officer, Scope: staff.Read}, -1, staff.ErrDays},
		{"twice", fine, 0, staff.ErrTaken},
	} {
		if _, _, err := o.AddToken(t.Context(), tt.t, tt.days); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
}
