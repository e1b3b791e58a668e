package staff_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

const (
	gate  protocol.InstitutionID = "mk.southeast.demo-south-gate"
	river protocol.InstitutionID = "mk.southeast.demo-river-town"

	good = "a long night at the gate"
)

// office is the accounts of a test, over a real store.
type office struct {
	*staff.Staff
	t     *testing.T
	store *store.Private
	now   time.Time
	vault vault
}

func open(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2015, 11, 3, 9, 0, 0, 0, time.UTC), vault: newVault(t)}
	clock := func() time.Time { return o.now }
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	o.store = s.Private("staff")
	o.Staff = o.again()
	return o
}

// again gives the accounts as a node that is started again has them.
func (o *office) again() *staff.Staff {
	return staff.New(staff.Options{
		Kept: o.store, Institutions: []protocol.InstitutionID{gate, river}, Clock: func() time.Time { return o.now }, Rand: rand.NewChaCha8([32]byte{1}),
		Cost: staff.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}, Vault: o.vault,
	})
}

// duty makes an account with a password, and gives its recovery word.
func (o *office) duty() string {
	o.t.Helper()
	_, word, err := o.Add(o.t.Context(), staff.Account{Name: "duty", Role: staff.Officer})
	if err != nil {
		o.t.Fatal(err)
	}
	_, recovery, err := o.Redeem(o.t.Context(), "duty", word, good)
	if err != nil {
		o.t.Fatal(err)
	}
	return recovery
}

func (o *office) enters(password string, want error) {
	o.t.Helper()
	if _, err := o.Enter(o.t.Context(), "duty", password); !errors.Is(err, want) {
		o.t.Errorf("Enter() = %v, want %v", err, want)
	}
}

func TestOneTimeWordOpensOnceWithinItsWeek(t *testing.T) {
	o := open(t)
	a, word, err := o.Add(t.Context(), staff.Account{Name: "duty", Role: staff.Officer})
	if err != nil || a.State != staff.StateInvited || len(a.Institutions) != 1 || a.Institutions[0] != gate {
		t.Fatalf("Add() = %+v, %v", a, err)
	}
	o.enters("", staff.ErrNotLetIn)
	if _, _, err = o.Redeem(t.Context(), "duty", word, "duty"); !errors.Is(err, staff.ErrPassword) {
		t.Errorf("a short password: %v", err)
	}
	if _, _, err = o.Redeem(t.Context(), "duty", "0000-0000-0000-0000", good); !errors.Is(err, staff.ErrWord) {
		t.Errorf("another word: %v", err)
	}
	typed := strings.ToUpper(strings.ReplaceAll(word, "-", " "))
	if a, _, err = o.Redeem(t.Context(), "duty", typed, good); err != nil || a.State != staff.StateActive {
		t.Fatalf("Redeem() = %+v, %v", a, err)
	}
	if _, _, err = o.Redeem(t.Context(), "duty", word, good+"!"); !errors.Is(err, staff.ErrWordUsed) {
		t.Errorf("the word opens again: %v", err)
	}
	o.enters(good, nil)

	_, earlier, err := o.Reset(t.Context(), "duty")
	if err == nil {
		_, word, err = o.Reset(t.Context(), "duty")
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = o.Redeem(t.Context(), "duty", earlier, good); !errors.Is(err, staff.ErrWordReplaced) {
		t.Errorf("the word before the last one opens: %v", err)
	}
	o.enters(good, staff.ErrNotLetIn)
	o.now = o.now.Add(staff.WordLasts)
	if _, _, err := o.Redeem(t.Context(), "duty", word, good); !errors.Is(err, staff.ErrWordOver) {
		t.Errorf("the word opens after its week: %v", err)
	}
}

func TestRecoveryWordReplacesALostPassword(t *testing.T) {
	o := open(t)
	recovery := o.duty()
	o.now = o.now.Add(30 * 24 * time.Hour)
	a, next, err := o.Redeem(t.Context(), "duty", recovery, "another long password")
	if err != nil || next == recovery || a.Generation < 2 {
		t.Fatalf("Redeem() = %+v, %v", a, err)
	}
	o.enters(good, staff.ErrNotLetIn)
	o.enters("another long password", nil)
	if _, _, err := o.Redeem(t.Context(), "duty", recovery, good); !errors.Is(err, staff.ErrWordUsed) {
		t.Errorf("the old sheet opens: %v", err)
	}
}

func TestSlipsMakeAnAccountWaitLongerEachTime(t *testing.T) {
	o := open(t)
	recovery := o.duty()
	for range 5 {
		o.enters("wrong", staff.ErrNotLetIn)
	}
	var wait *staff.Wait
	for i, least := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		_, err := o.Enter(t.Context(), "duty", good)
		if !errors.As(err, &wait) || wait.Until.Time().Sub(o.now) != least {
			t.Fatalf("try %d: %v, want to wait %s", i, err, least)
		}
		if _, _, err := o.Redeem(t.Context(), "duty", recovery, good); !errors.As(err, &wait) {
			t.Errorf("a word is tried meanwhile: %v", err)
		}
		o.now = o.now.Add(least)
		o.enters("wrong", staff.ErrNotLetIn)
	}
	if _, err := o.Unlock(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	o.enters(good, nil)
	o.enters("wrong", staff.ErrNotLetIn)
	o.enters(good, nil)
}

// TestTriesAtOneMomentAreAllCounted: a guess in parallel is a guess.
func TestTriesAtOneMomentAreAllCounted(t *testing.T) {
	o := open(t)
	o.duty()
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() { _, errs[i] = o.Enter(t.Context(), "duty", fmt.Sprint("guess", i)) })
	}
	wg.Wait()
	judged := 0
	for _, err := range errs {
		if errors.Is(err, staff.ErrNotLetIn) {
			judged++
		}
	}
	if judged != 5 {
		t.Errorf("%d guesses were judged, want 5", judged)
	}
}

func TestAccountThatNobodyUsesIsLocked(t *testing.T) {
	o := open(t)
	o.duty()
	o.now = o.now.Add(staff.UnusedAfter)
	o.enters(good, nil)
	o.now = o.now.Add(staff.UnusedAfter + time.Second)
	o.enters(good, staff.ErrShut)
	a, err := o.Account(t.Context(), "duty")
	if err != nil || a.State != staff.StateUnused || !strings.Contains(a.Reason, "90 days") {
		t.Errorf("Account() = %+v, %v", a, err)
	}
	if _, err := o.Unlock(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	o.enters(good, nil)
}

func TestWhatEndsSessionsStartsAnotherGeneration(t *testing.T) {
	o := open(t)
	o.duty()
	last, err := o.Account(t.Context(), "duty")
	if err != nil {
		t.Fatal(err)
	}
	acts := map[string]func() (staff.Account, error){
		"role": func() (staff.Account, error) { return o.SetRole(t.Context(), "duty", staff.Auditor) },
		"lock": func() (staff.Account, error) { return o.Lock(t.Context(), "duty", "left") },
		"bind": func() (staff.Account, error) { return o.Bind(t.Context(), "duty", "ana@town.example") },
		"reset": func() (staff.Account, error) {
			a, _, err := o.Reset(t.Context(), "duty")
			return a, err
		},
	}
	for name, act := range acts {
		a, err := act()
		if err != nil || a.Generation <= last.Generation {
			t.Errorf("%s: %+v, %v, want another generation than %d", name, a, err, last.Generation)
		}
		last = a
	}
	if err := o.Remove(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Account(t.Context(), "duty"); !errors.Is(err, staff.ErrUnknown) {
		t.Errorf("Account() = %v", err)
	}
}

// TestAccountMadeAnewIsAnother: who was shown out does not come back with the old session.
func TestAccountMadeAnewIsAnother(t *testing.T) {
	o := open(t)
	o.duty()
	first, err := o.Account(t.Context(), "duty")
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Remove(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(time.Second)
	o.duty()
	if again, err := o.Account(t.Context(), "duty"); err != nil || again.Generation != first.Generation || again.Session() == first.Session() {
		t.Errorf("made anew: %+v, %v, want no session of %+v to go on", again, err, first)
	}
}

func TestAccountThatCanNotBeIsRefused(t *testing.T) {
	o := open(t)
	o.duty()
	tests := []struct {
		name string
		a    staff.Account
		want error
	}{
		{"a name with a blank", staff.Account{Name: "night duty", Role: staff.Officer}, staff.ErrName},
		{"one letter", staff.Account{Name: "d", Role: staff.Officer}, staff.ErrName},
		{"no role", staff.Account{Name: "night"}, staff.ErrRole},
		{"another role", staff.Account{Name: "night", Role: "root"}, staff.ErrRole},
		{"another's institution", staff.Account{Name: "night", Role: staff.Officer, Institutions: []protocol.InstitutionID{"rs.national.centre"}}, staff.ErrInstitution},
		{"twice", staff.Account{Name: "duty", Role: staff.Officer}, staff.ErrTaken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, word, err := o.Add(t.Context(), tt.a); !errors.Is(err, tt.want) || word != "" {
				t.Errorf("Add() = %q, %v, want %v", word, err, tt.want)
			}
		})
	}
	if all, err := o.Accounts(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("Accounts() = %+v, %v", all, err)
	}
}

func TestStoreHoldsNoSecret(t *testing.T) {
	o := open(t)
	_, word, err := o.Add(t.Context(), staff.Account{Name: "duty", Role: staff.Officer})
	if err != nil {
		t.Fatal(err)
	}
	_, recovery, err := o.Redeem(t.Context(), "duty", word, good)
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := o.store.Get([]byte("account/duty"))
	if err != nil || !strings.Contains(string(text), "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("kept is %s, %v", text, err)
	}
	if letters := len(strings.ReplaceAll(word, "-", "")); letters*5 < 112 || len(recovery) != len(word) {
		t.Errorf("words %s and %s are too short for a digest alone", word, recovery)
	}
	for _, secret := range []string{word, recovery, good, strings.ReplaceAll(word, "-", ""), strings.ReplaceAll(recovery, "-", "")} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q lies in the store", secret)
		}
	}
}

func TestSessionEndsAtItsHour(t *testing.T) {
	o := open(t)
	s := o.Sessions()
	if err := errors.Join(s.Commit("old", []byte("a"), o.now.Add(time.Hour)), s.Commit("new", []byte("b"), o.now.Add(3*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if b, found, err := s.Find("old"); err != nil || !found || string(b) != "a" {
		t.Errorf("Find() = %q, %t, %v", b, found, err)
	}
	o.now = o.now.Add(time.Hour)
	if _, found, _ := s.Find("old"); found {
		t.Error("a session goes on behind its end")
	}
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := o.store.Get([]byte("session/old")); ok {
		t.Error("a session that ended is still kept")
	}
	if _, found, _ := s.Find("new"); !found {
		t.Error("a session that goes on was taken away")
	}
	if err := s.Delete("new"); err != nil {
		t.Fatal(err)
	}
	if _, found, _ := s.Find("new"); found {
		t.Error("a session that was ended goes on")
	}
}

// TestPasswordThatIsTriedFirstIsRefused, and any other is taken as it is, whatever it is made
// of; it opens only as it was typed.
func TestPasswordThatIsTriedFirstIsRefused(t *testing.T) {
	o := open(t)
	_, word, err := o.Add(t.Context(), staff.Account{Name: "duty.night", Role: staff.Officer})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		password string
		want     error
	}{
		{"short", staff.ErrPassword},
		{strings.Repeat("long", 40), staff.ErrPassword},
		{"password1234", staff.ErrGuessable},
		{"qwertyuiop123", staff.ErrGuessable},
		{"123456789012", staff.ErrGuessable},
		{"letmeinletmein", staff.ErrGuessable},
		{"aaaaaaaaaaaaaaaaaaaaaaaa", staff.ErrGuessable},
		{"vardar.vardar", staff.ErrGuessable},
		{"demosouthgate", staff.ErrGuessable},
		{"duty.night.duty", staff.ErrGuessable},
		{"officer12345", staff.ErrGuessable},
		{"cfvfzrhfcbdfz", staff.ErrBreached}, // which nobody guesses, and everybody knows
		{"CFVFZRHFCBDFZ", staff.ErrBreached},
		{"hjpjxrf23062007", staff.ErrBreached},
		{"NICK1234-rem936", staff.ErrBreached},
	} {
		if _, _, err = o.Redeem(t.Context(), "duty.night", word, tt.password); !errors.Is(err, tt.want) {
			t.Errorf("%q: %v, want %v", tt.password, err, tt.want)
		}
	}
	long := "тоа беше долга ноќ на портата, and nobody came before " + strings.Repeat("mornings ", 5)
	a, _, err := o.Redeem(t.Context(), "duty.night", word, long)
	if err != nil {
		t.Fatalf("%q: %v", long, err)
	}
	for _, typed := range []string{strings.ToUpper(long), long[:64], long + " "} {
		if _, err = o.Enter(t.Context(), a.Name, typed); !errors.Is(err, staff.ErrNotLetIn) {
			t.Errorf("%q opens: %v", typed, err)
		}
	}
	if _, err = o.Enter(t.Context(), a.Name, long); err != nil {
		t.Error(err)
	}
}

// TestPasswordIsChangedByWhoKnowsIt, and every log-in under the old one ends.
func TestPasswordIsChangedByWhoKnowsIt(t *testing.T) {
	o := open(t)
	o.duty()
	before, err := o.Account(t.Context(), "duty")
	if err != nil {
		t.Fatal(err)
	}
	const next = "the next long night"
	if _, err = o.ChangePassword(t.Context(), "duty", "not this one", next); !errors.Is(err, staff.ErrNotLetIn) {
		t.Errorf("ChangePassword() = %v", err)
	}
	if _, err = o.ChangePassword(t.Context(), "duty", good, "password1234"); !errors.Is(err, staff.ErrGuessable) {
		t.Errorf("ChangePassword() = %v", err)
	}
	a, err := o.ChangePassword(t.Context(), "duty", good, next)
	if err != nil || a.Session() == before.Session() {
		t.Errorf("ChangePassword() = %+v, %v", a, err)
	}
	o.enters(good, staff.ErrNotLetIn)
	o.enters(next, nil)
	left, err := o.EndSessions(t.Context(), "duty")
	if err != nil || left.Session() == a.Session() {
		t.Errorf("EndSessions() = %+v, %v", left, err)
	}
}
