package desk

import (
	"context"
	"net/url"
	"slices"

	"github.com/vardar-network/vardar/node/staff"
)

// MustPair reports whether an account has to have a second factor, and has none. One without a
// password comes in by the institution's provider alone, which asks what it asks.
func (d *Desk) MustPair(a Account) bool {
	return a.Password && !a.Factor && slices.Contains(d.o.Factor, a.Role)
}

// Unpaired reports whether an account that must have a second factor first may open a route;
// [staff.Unpaired].
func Unpaired(route string) bool { return staff.Unpaired(route) }

// EnterCode lets an account in by its second factor, whose password was proved before.
func (d *Desk) EnterCode(ctx context.Context, name, code string) (Account, error) {
	a, err := d.o.Staff.EnterCode(ctx, name, code)
	return a, d.entered(ctx, "enter-code", name, err)
}

// Pairing is what an app takes to show an account's codes. It is shown once.
type Pairing struct {
	Secret string // base32
	URI    string // the same as a square holds it
}

// BeginFactor draws the secret of an account's second factor.
func (d *Desk) BeginFactor(ctx context.Context, name, password string) (Pairing, error) {
	secret, err := d.o.Staff.BeginFactor(ctx, name, password)
	if err = d.entered(ctx, "factor-begin", name, err); err != nil {
		return Pairing{}, err
	}
	of := string(d.o.Institutions[0])
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + of + ":" + name, RawQuery: url.Values{"secret": {secret}, "issuer": {of}}.Encode()}
	return Pairing{secret, u.String()}, nil
}

// ConfirmFactor has a second factor count from now on; it gives the recovery codes.
func (d *Desk) ConfirmFactor(ctx context.Context, name, code string) (Account, []string, error) {
	a, codes, err := d.o.Staff.ConfirmFactor(ctx, name, code)
	return a, codes, d.entered(ctx, "factor-confirm", name, err)
}

// DropFactor takes an account's own second factor away.
func (d *Desk) DropFactor(ctx context.Context, name, password, code string) (Account, error) {
	a, err := d.o.Staff.DropFactor(ctx, name, password, code)
	return a, d.entered(ctx, "factor-drop", name, err)
}
