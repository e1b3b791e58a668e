package staff_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

var errRefused = errors.New("refused")

// trouble is what an act meets.
type trouble struct {
	failed  error
	perhaps bool // something may have been done all the same
}

// once asks, and counts how often something was done.
func (o *office) once(who, key, what string, done *int, met trouble) (string, error) {
	o.t.Helper()
	answer, _, err := o.Once(o.t.Context(), staff.Asked{Who: who, Key: key, What: protocol.DigestOf([]byte(what))}, func() (json.RawMessage, bool, error) {
		if met.failed == nil || met.perhaps {
			*done++
		}
		text, err := json.Marshal(*done)
		return text, met.perhaps, errors.Join(err, met.failed)
	})
	return string(answer), err
}

func TestProgramIsAnsweredOnceUnderItsKey(t *testing.T) {
	o := open(t)
	done := 0
	asks := func(who, key, what, want string, wantErr error) {
		t.Helper()
		if got, err := o.once(who, key, what, &done, trouble{}); got != want || !errors.Is(err, wantErr) {
			t.Errorf("%s asks %s under %s: %q, %v; want %q, %v", who, what, key, got, err, want, wantErr)
		}
	}
	asks("token a", "k1", "one", "1", nil)
	asks("token a", "k1", "one", "1", nil)
	asks("token a", "k1", "two", "", staff.ErrOtherQuestion)
	asks("token a", "k2", "one", "2", nil)
	asks("token b", "k1", "two", "3", nil) // its own key
	o.Staff = o.again()                    // the node is started again
	asks("token a", "k1", "one", "1", nil)
	asks("token a", "k1", "two", "", staff.ErrOtherQuestion)
	o.now = o.now.Add(staff.AnswerLasts)
	asks("token a", "k1", "two", "4", nil)
	if err := o.SweepAnswers(t.Context()); err != nil {
		t.Fatal(err)
	}
	asks("token a", "k1", "two", "4", nil)
	asks("token b", "k1", "one", "5", nil)
}

// TestKeyOfWhatWasRefusedIsFree: nothing was done, so that it can be asked anew; where the node
// does not know, it says so and does nothing.
func TestKeyOfWhatWasRefusedIsFree(t *testing.T) {
	o := open(t)
	done := 0
	if _, err := o.once("a", "k", "one", &done, trouble{failed: errRefused}); !errors.Is(err, errRefused) {
		t.Errorf("Once() = %v", err)
	}
	if got, err := o.once("a", "k", "mended", &done, trouble{}); got != "1" || err != nil {
		t.Errorf("Once() = %q, %v", got, err)
	}
	if _, err := o.once("a", "l", "one", &done, trouble{failed: errRefused, perhaps: true}); !errors.Is(err, errRefused) {
		t.Errorf("Once() = %v", err)
	}
	o.Staff = o.again()
	if _, err := o.once("a", "l", "one", &done, trouble{}); !errors.Is(err, staff.ErrNotAnswered) || done != 2 {
		t.Errorf("Once() = %v, done %d times", err, done)
	}
}

func TestKeysOfAProgramAreBounded(t *testing.T) {
	o := open(t)
	o.RememberAtMost(2)
	done := 0
	for _, key := range []string{"k1", "k2", "k1"} {
		if _, err := o.once("a", key, "one", &done, trouble{}); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	o.Staff = o.again()
	o.RememberAtMost(2)
	if _, err := o.once("a", "k3", "one", &done, trouble{}); !errors.Is(err, staff.ErrManyAnswers) || done != 2 {
		t.Errorf("Once() = %v, done %d times", err, done)
	}
	if _, err := o.once("b", "k3", "one", &done, trouble{}); err != nil {
		t.Error(err)
	}
	o.now = o.now.Add(staff.AnswerLasts)
	if err := o.SweepAnswers(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.once("a", "k3", "one", &done, trouble{}); err != nil {
		t.Error(err)
	}
}
