package staff_test

import (
	"bytes"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node/staff"
)

// vault seals as the node does, to an age key.
type vault struct{ key *age.X25519Identity }

func newVault(t *testing.T) vault {
	t.Helper()
	k, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return vault{k}
}

func (v vault) Seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, v.key.Recipient())
	if err == nil {
		_, err = w.Write(plain)
	}
	if err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

func (v vault) Open(sealed []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), v.key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// TestCodesAreThoseOfRFC6238, appendix B, of which six digits are shown.
func TestCodesAreThoseOfRFC6238(t *testing.T) {
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := staff.CodeAt([]byte("12345678901234567890"), time.Unix(at, 0)); got != want[2:] {
			t.Errorf("at %d: %s, want %s", at, got, want[2:])
		}
	}
}

// app is what is in an officer's hand: its clock goes as it goes.
type app struct {
	o      *office
	secret []byte
	ahead  time.Duration
}

func (a *app) shows() string { return staff.CodeAt(a.secret, a.o.now.Add(a.ahead)) }

// pairs gives duty a second factor, and its recovery codes.
func (o *office) pairs(ahead time.Duration) (*app, []string) {
	o.t.Helper()
	text, err := o.BeginFactor(o.t.Context(), "duty", good)
	if err != nil {
		o.t.Fatal(err)
	}
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(secret) < 20 {
		o.t.Fatalf("the secret %q: %v", text, err)
	}
	a := &app{o, secret, ahead}
	account, codes, err := o.ConfirmFactor(o.t.Context(), "duty", a.shows())
	if err != nil || !account.Factor || len(codes) != 10 {
		o.t.Fatalf("ConfirmFactor() = %+v, %d codes, %v", account, len(codes), err)
	}
	return a, codes
}

// gives logs in with the password and a code.
func (o *office) gives(code string, want error) {
	o.t.Helper()
	a, err := o.Enter(o.t.Context(), "duty", good)
	if err != nil || !a.Factor {
		o.t.Fatalf("Enter() = %+v, %v", a, err)
	}
	if _, err = o.EnterCode(o.t.Context(), "duty", code); !errors.Is(err, want) {
		o.t.Errorf("%s at %s: %v, want %v", code, o.now.Format(time.TimeOnly), err, want)
	}
}

func (o *office) passes(d time.Duration) { o.now = o.now.Add(d) }

// TestCodeIsTakenOnceAndWithinAStep: the one of confirmation too is spent, one of the step before
// or behind is taken, one of two steps is not.
func TestCodeIsTakenOnceAndWithinAStep(t *testing.T) {
	o := open(t)
	o.duty()
	a, _ := o.pairs(0)
	o.gives(a.shows(), staff.ErrCode)
	o.passes(time.Minute)
	code := a.shows()
	o.gives(code[:3]+" "+code[3:], nil)
	o.gives(code, staff.ErrCode)
	o.passes(time.Minute)
	late := a.shows()
	o.passes(30 * time.Second)
	o.gives(late, nil)
	o.passes(5 * time.Minute)
	late = a.shows()
	o.passes(time.Minute)
	o.gives(late, staff.ErrCode)
	o.gives("", staff.ErrCode)
	o.gives("12345", staff.ErrCode)
}

// TestFactorCountsOnlyOnceACodeWasSeen, and the log-ins of before end.
func TestFactorCountsOnlyOnceACodeWasSeen(t *testing.T) {
	o := open(t)
	o.duty()
	before, err := o.Account(t.Context(), "duty")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = o.BeginFactor(t.Context(), "duty", "wrong"); !errors.Is(err, staff.ErrNotLetIn) {
		t.Errorf("without the password: %v", err)
	}
	if _, _, err = o.ConfirmFactor(t.Context(), "duty", "123456"); !errors.Is(err, staff.ErrBegun) {
		t.Errorf("nothing was begun: %v", err)
	}
	if _, err = o.BeginFactor(t.Context(), "duty", good); err != nil {
		t.Fatal(err)
	}
	if _, _, err = o.ConfirmFactor(t.Context(), "duty", "nought"); !errors.Is(err, staff.ErrCode) {
		t.Errorf("no code: %v", err)
	}
	if early, wrong := o.Enter(t.Context(), "duty", good); wrong != nil || early.Factor {
		t.Errorf("it counts before a code was seen: %+v, %v", early, wrong)
	}
	o.passes(10 * time.Minute)
	if _, _, err = o.ConfirmFactor(t.Context(), "duty", "123456"); !errors.Is(err, staff.ErrBegun) {
		t.Errorf("behind ten minutes: %v", err)
	}
	a, _ := o.pairs(0)
	after, err := o.Account(t.Context(), "duty")
	if err != nil || after.Session() == before.Session() {
		t.Errorf("the log-ins of before go on: %+v, %v", after, err)
	}
	if _, err = o.BeginFactor(t.Context(), "duty", good); !errors.Is(err, staff.ErrPaired) {
		t.Errorf("another one over it: %v", err)
	}
	o.passes(time.Minute)
	if _, err = o.DropFactor(t.Context(), "duty", good, "000000"); !errors.Is(err, staff.ErrCode) {
		t.Errorf("taken away without a code: %v", err)
	}
	if gone, err := o.DropFactor(t.Context(), "duty", good, a.shows()); err != nil || gone.Factor || gone.Session() == after.Session() {
		t.Errorf("DropFactor() = %+v, %v", gone, err)
	}
}

// TestClockThatIsOffIsLearnt: at the first code, and when it jumps later, by two codes behind one
// another.
func TestClockThatIsOffIsLearnt(t *testing.T) {
	for _, ahead := range []time.Duration{-90 * time.Second, 90 * time.Second, 4 * time.Minute} {
		t.Run(ahead.String(), func(t *testing.T) {
			o := open(t)
			o.duty()
			a, _ := o.pairs(ahead)
			o.passes(time.Hour)
			o.gives(a.shows(), nil)
			a.ahead = 0 // the node's clock is set
			o.passes(time.Hour)
			first := a.shows()
			o.gives(first, staff.ErrCode)
			o.gives(first, staff.ErrCode)
			o.passes(30 * time.Second)
			o.gives(a.shows(), nil)
			o.passes(time.Minute)
			o.gives(a.shows(), nil)
		})
	}
	o := open(t)
	o.duty()
	a, _ := o.pairs(0)
	o.passes(time.Hour)
	a.ahead = 10 * time.Minute
	o.gives(a.shows(), staff.ErrCode)
	o.passes(30 * time.Second)
	o.gives(a.shows(), staff.ErrCode)
}

// TestWrongCodesWaitAsWrongPasswordsDo: who knows the password gets no more of them by giving it.
func TestWrongCodesWaitAsWrongPasswordsDo(t *testing.T) {
	o := open(t)
	o.duty()
	a, _ := o.pairs(0)
	o.passes(time.Minute)
	judged := 0
	var wait *staff.Wait
	for i := range 20 {
		if _, err := o.Enter(t.Context(), "duty", good); err != nil {
			break
		}
		if _, err := o.EnterCode(t.Context(), "duty", fmt.Sprintf("%06d", i)); !errors.Is(err, staff.ErrCode) {
			break
		}
		judged++
	}
	if judged != 5 {
		t.Errorf("%d codes were judged, want 5", judged)
	}
	if _, err := o.EnterCode(t.Context(), "duty", a.shows()); !errors.As(err, &wait) {
		t.Errorf("a right code meanwhile: %v", err)
	}
	o.passes(30 * time.Second)
	o.gives(a.shows(), nil)
	o.enters("wrong", staff.ErrNotLetIn)
	o.passes(time.Minute)
	o.gives(a.shows(), nil)
}

// TestRecoveryCodeOpensOnce, and an administrator takes a lost factor away; a lost password does
// not go around it.
func TestRecoveryCodeOpensOnce(t *testing.T) {
	o := open(t)
	recovery := o.duty()
	_, codes := o.pairs(0)
	for _, code := range codes {
		o.gives(strings.ToUpper(code), nil)
	}
	o.gives(codes[3], staff.ErrCode)
	if len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 10 {
		t.Errorf("codes are alike: %s", codes)
	}
	if a, _, err := o.Redeem(t.Context(), "duty", recovery, good); err != nil || !a.Factor {
		t.Errorf("the recovery word takes the second factor away: %+v, %v", a, err)
	}
	before, err := o.Account(t.Context(), "duty")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := o.RemoveFactor(t.Context(), "duty"); err != nil || a.Factor || a.Session() == before.Session() {
		t.Errorf("RemoveFactor() = %+v, %v", a, err)
	}
	o.enters(good, nil)
}

// TestSecondFactorLiesSealed: neither secret nor recovery code can be read in the store, and where
// the keys are lost a recovery code still opens.
func TestSecondFactorLiesSealed(t *testing.T) {
	o := open(t)
	o.duty()
	a, codes := o.pairs(0)
	text, _, err := o.store.Get([]byte("account/duty"))
	if err != nil || !strings.Contains(string(text), `"sealed"`) {
		t.Fatalf("kept is %s, %v", text, err)
	}
	for _, secret := range append(codes, string(a.secret), base32.StdEncoding.EncodeToString(a.secret), fmt.Sprintf("%x", a.secret)) {
		if strings.Contains(string(text), secret) || strings.Contains(string(text), strings.ReplaceAll(secret, "-", "")) {
			t.Errorf("%q lies in the store", secret)
		}
	}
	o.vault = newVault(t)
	o.Staff = o.again()
	o.passes(time.Minute)
	o.gives(a.shows(), staff.ErrSealed)
	o.gives(codes[0], nil)
}
