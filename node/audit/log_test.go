package audit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func hour() time.Time { return time.Date(2015, 11, 3, 9, 0, 0, 0, time.UTC) }

// bucket is the private bucket of a real store.
func bucket(t *testing.T) *store.Private {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Clock: hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.Private("audit")
}

func note(t *testing.T, l *audit.Log, acts ...string) {
	t.Helper()
	for _, act := range acts {
		if err := l.Note(t.Context(), audit.Entry{Who: "duty", Act: act, On: "situation.1.1", Outcome: audit.Done}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChainHoldsAcrossAStart(t *testing.T) {
	b := bucket(t)
	note(t, audit.New(b, hour), "publish", "correct")
	l := audit.New(b, hour)
	note(t, l, strings.Repeat("x", 1000))
	c, err := l.Check(t.Context())
	if err != nil || c.Entries != 3 {
		t.Fatalf("Check() = %+v, %v, want 3 entries", c, err)
	}
	var acts []string
	var last audit.Entry
	for e, err := range l.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Previous != last.Digest || e.Time.Time() != hour() {
			t.Errorf("entry %d = %+v, which does not follow from %s", e.Number, e, last.Digest)
		}
		acts, last = append(acts, e.Act), e
	}
	if len(acts) != 3 || acts[0] != "publish" || len(acts[2]) != 300 || last.Digest != c.Head {
		t.Errorf("acts = %.40q, head = %s, want %s", acts, last.Digest, c.Head)
	}
}

// TestKillBetweenEntryAndHeadBreaksNothing: they are written one after the other.
func TestKillBetweenEntryAndHeadBreaksNothing(t *testing.T) {
	for _, written := range []int{0, 1} {
		b := bucket(t)
		note(t, audit.New(b, hour), strings.Fields("first second")[:written+1]...)
		killed := &dying{Private: b, left: 1}
		if err := audit.New(killed, hour).Note(t.Context(), audit.Entry{Who: "duty", Act: "third", Outcome: audit.Done}); err == nil {
			t.Fatal("the head was written")
		}
		l := audit.New(b, hour)
		note(t, l, "fourth")
		if c, err := l.Check(t.Context()); err != nil || c.Entries != uint64(written+3) {
			t.Errorf("Check() = %+v, %v", c, err)
		}
	}
}

// dying writes so many values and no more.
type dying struct {
	*store.Private
	left int
}

var errKilled = errors.New("killed")

func (d *dying) Put(ctx context.Context, key, value []byte) error {
	if d.left == 0 {
		return errKilled
	}
	d.left--
	return d.Private.Put(ctx, key, value)
}

func TestCheckFindsWhatIsNotAsItWasWritten(t *testing.T) {
	key := func(n byte) []byte { return []byte{'e', 0, 0, 0, 0, 0, 0, 0, n} }
	tests := []struct {
		name string
		harm func(b *store.Private) error
		want string
	}{
		{"a word changed", func(b *store.Private) error {
			text, _, err := b.Get(key(2))
			return errors.Join(err, b.Put(t.Context(), key(2), []byte(strings.Replace(string(text), "correct", "publish", 1))))
		}, "entry 3 does not follow from entry 2"},
		{"an entry taken out", func(b *store.Private) error { return b.Delete(t.Context(), key(2)) }, "entry 2 is missing"},
		{"the newest taken away", func(b *store.Private) error { return b.Delete(t.Context(), key(3)) }, "it ends at entry 2 of 3"},
		{"the newest changed", func(b *store.Private) error {
			text, _, err := b.Get(key(3))
			return errors.Join(err, b.Put(t.Context(), key(3), []byte(strings.Replace(string(text), "erase", "admit", 1))))
		}, "entry 3 is not the one that was written last"},
		{"two entries exchanged", func(b *store.Private) error {
			first, _, err := b.Get(key(1))
			second, _, again := b.Get(key(2))
			return errors.Join(err, again, b.Put(t.Context(), key(1), second), b.Put(t.Context(), key(2), first))
		}, "entry 1 is missing"},
		{"no entry at all", func(b *store.Private) error { return b.Put(t.Context(), key(1), []byte("{")) }, "an entry can't be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := bucket(t)
			note(t, audit.New(b, hour), "publish", "correct", "erase")
			if err := tt.harm(b); err != nil {
				t.Fatal(err)
			}
			_, err := audit.New(b, hour).Check(t.Context())
			if !errors.Is(err, audit.ErrBroken) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Check() = %v, want %q", err, tt.want)
			}
		})
	}
}

// TestActThatCouldNotBeNotedIsTold: the act itself was done.
func TestActThatCouldNotBeNotedIsTold(t *testing.T) {
	l := audit.New(&dying{Private: bucket(t)}, hour)
	if err := l.Note(t.Context(), audit.Entry{Who: "duty", Act: "publish"}); !errors.Is(err, errKilled) {
		t.Errorf("Note() = %v", err)
	}
	if _, err := l.Check(t.Context()); !errors.Is(err, errKilled) || !strings.Contains(err.Error(), "publish of duty") {
		t.Errorf("Check() = %v, want what could not be noted", err)
	}
}

// TestExtractIsCheckedWithoutTheLog: a changed entry, one that follows from another, and one that
// stands twice are noticed; that one was left out can't be.
func TestExtractIsCheckedWithoutTheLog(t *testing.T) {
	l := audit.New(bucket(t), hour)
	note(t, l, "publish", "answer", "close")
	seen := audit.Entry{Who: "officer", Act: "seen", On: "waking 1", Records: []protocol.Name{{Institution: "mk.national.demo-centre", Position: protocol.Position{Topic: protocol.Alert, Epoch: 1, Sequence: 3}}}, Outcome: audit.Done}
	if err := l.Note(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	var all []audit.Entry
	for e, err := range l.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	const before = "sha-256:b2f421f1f6047e3d80716111d97d2b18b4a149f4ba1983236f710655833670e3" // of the first, as it was written when no entry named records
	if all[0].Digest.String() != before {
		t.Errorf("an entry without records is chained by %s, want %s", all[0].Digest, before)
	}
	changed, other, silent := slices.Clone(all), slices.Clone(all), slices.Clone(all)
	silent[3].Records = nil
	changed[2].Who = "somebody else" // the last: none behind it gives it away
	other[2].Previous = other[0].Digest
	for name, tt := range map[string]struct {
		entries []audit.Entry
		holds   bool
	}{
		"whole": {all, true}, "one left out": {[]audit.Entry{all[0], all[2]}, true}, "none": {nil, true},
		"changed": {changed, false}, "follows from another": {other, false}, "twice": {[]audit.Entry{all[0], all[0]}, false}, "without its records": {silent, false},
	} {
		if err := audit.Holds(tt.entries); (err == nil) != tt.holds || err != nil && !errors.Is(err, audit.ErrBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
