package store_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

const gevgelija protocol.InstitutionID = "mk.southeast.gevgelija"

// clock ticks a second at every look, so that times of acceptance differ.
func clock() func() time.Time {
	now := time.Date(2016, 3, 17, 9, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}

// roomy is a disk with plenty of room, whatever the machine's is like.
func roomy(string) (free, total uint64, err error) { return 1 << 40, 1 << 40, nil }

func options(dir string) store.Options {
	return store.Options{Dir: dir, Clock: clock(), Free: roomy}
}

func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// author writes records of one feed; copies of it fork.
type author struct {
	key      ed25519.PrivateKey
	epoch    protocol.EpochID
	sequence uint32
	previous protocol.Digest
}

func newAuthor(id protocol.InstitutionID, topic protocol.Topic, epoch uint32) *author {
	seed := sha256.Sum256(fmt.Append(nil, id, topic))
	e := protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: topic}, Epoch: epoch}
	return &author{key: ed25519.NewKeyFromSeed(seed[:]), epoch: e, previous: protocol.DigestOf([]byte("opener " + e.String()))}
}

// write signs the next record, its body of about size bytes.
func (a *author) write(say string, size int) protocol.Record {
	a.sequence++
	r := protocol.Record{
		Name: protocol.Name{Institution: a.epoch.Institution, Position: protocol.Position{Topic: a.epoch.Topic, Epoch: a.epoch.Epoch, Sequence: a.sequence}},
		Type: protocol.FullType(a.epoch.Topic, "report.v1"), Time: protocol.Instant(1458205200000 + int64(a.sequence)),
		Previous: a.previous, Handling: protocol.Green,
	}
	body := fmt.Appendf(nil, `%s,"say":%q}`, protocol.SaltMember([16]byte{byte(a.sequence)}), say)
	for len(body) < size {
		body = append(body, ' ')
	}
	r.SetBody(body)
	r.Sign(a.key)
	a.previous = r.Digest()
	return r
}

// run writes n records.
func (a *author) run(n int, say string) []protocol.Record {
	var out []protocol.Record
	for range n {
		out = append(out, a.write(say, 0))
	}
	return out
}

// fork gives a second writer with the same past.
func (a *author) fork() *author {
	b := *a
	return &b
}

func mustAppend(t testing.TB, s *store.Store, records ...protocol.Record) []store.Result {
	t.Helper()
	results, err := s.Append(t.Context(), records)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return results
}

// collect reads an iterator to its end, which must be without error.
func collect[T any](t testing.TB, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var out []T
	for v, err := range seq {
		if err != nil {
			t.Fatalf("iterator: %v", err)
		}
		out = append(out, v)
	}
	return out
}

func names(records []store.Stored) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.String())
	}
	return out
}

func TestAppendedRecordIsReadAsItWasWritten(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(dir))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	records := a.run(20, "quiet")
	results := mustAppend(t, s, records...)
	check := func(s *store.Store) {
		t.Helper()
		for i, r := range records {
			got, err := s.Get(r.Name)
			if err != nil || got.Digest != r.Digest() || string(got.Body) != string(r.Body) || got.Order != uint64(i)+1 {
				t.Fatalf("Get(%s) = %+v, %v", r.Name, got, err)
			}
			if got.Verify() != nil || results[i].Status != store.Added || results[i].Order != got.Order {
				t.Fatalf("%s is not what was appended: %+v", r.Name, results[i])
			}
			if byDigest, err := s.ByDigest(r.Digest()); err != nil || byDigest.Name != r.Name {
				t.Fatalf("ByDigest(%s) = %v, %v", r.Name, byDigest.Name, err)
			}
		}
		if n := len(collect(t, s.All(t.Context()))); n != 20 {
			t.Errorf("All gives %d records, want 20", n)
		}
		if n := len(collect(t, s.ByType(t.Context(), "vardar.situation.report.v1", 0))); n != 20 {
			t.Errorf("ByType gives %d records, want 20", n)
		}
		if n := len(collect(t, s.Range(t.Context(), a.epoch, protocol.Digest{}, 5, 100))); n != 16 {
			t.Errorf("Range from 5 gives %d records, want 16", n)
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, options(dir)))
}

func sign(a *author, text []byte) []byte { return ed25519.Sign(a.key, text) }

func TestErasingSeveralBodiesIsAllOrNone(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor("mk.southeast.gevgelija", protocol.Situation, 1)
	records := []protocol.Record{a.write("one", 0), a.write("two", 0), a.write("three", 0)}
	mustAppend(t, s, records...)
	strange := a.write("not held", 0)
	if err := s.Erase(t.Context(), records[0].Digest(), strange.Digest()); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("Erase() of one that is not held = %v, want %v", err, store.ErrNotFound)
	}
	state := func(r protocol.Record) protocol.BodyState {
		held, err := s.ByDigest(r.Digest())
		must(t, err)
		return held.BodyState
	}
	if got := state(records[0]); got != protocol.BodyHeld {
		t.Errorf("body is %s after an erasure that was refused, want %s", got, protocol.BodyHeld)
	}
	must(t, s.Erase(t.Context(), records[0].Digest(), records[1].Digest()))
	for k, want := range []protocol.BodyState{protocol.BodyErased, protocol.BodyErased, protocol.BodyHeld} {
		if got := state(records[k]); got != want {
			t.Errorf("body %d is %s, want %s", k+1, got, want)
		}
	}
}

// Those that their author wrote, or the node accepted, before an instant: indexed or not,
// held or not, and once each, however many there are.
func TestOlderBodiesAreFoundByTheEarlierTime(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor("mk.southeast.gevgelija", protocol.Situation, 1)
	var old []protocol.Digest
	for range 6 { // several lots
		var batch []protocol.Record
		for range 500 {
			r := a.write("old", 0)
			batch, old = append(batch, r), append(old, r.Digest())
		}
		mustAppend(t, s, batch...)
	}
	must(t, s.Erase(t.Context(), old[0]))
	kind := protocol.FullType(protocol.Situation, "report.v1")
	count := func(before protocol.Instant) int {
		seen := map[protocol.Digest]bool{}
		for _, r := range collect(t, s.OlderBodies(t.Context(), kind, before)) {
			if seen[r.Digest] || r.BodyState != protocol.BodyMissing || r.Body != nil {
				t.Fatalf("%s is given twice, or as %s", r.Name, r.BodyState)
			}
			seen[r.Digest] = true
		}
		return len(seen)
	}
	last, err := s.ByDigest(old[2999])
	must(t, err)
	written := last.Time
	for _, tt := range []struct {
		before protocol.Instant
		want   int
	}{{written - 2998, 0}, {written - 2997, 1}, {written, 2998}, {written + 1, 2999}, {protocol.MaxInstant, 2999}} {
		if got := count(tt.before); got != tt.want {
			t.Errorf("%d bodies before %s, want %d", got, tt.before, tt.want)
		}
	}
}
