package store_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

const linkToken protocol.LinkToken = "8b1730cb1a3d4fa920e0"

// furnish fills a store with some of everything.
func furnish(t testing.TB, dir string) {
	t.Helper()
	s := open(t, options(dir))
	charter := protocol.SignedCharter{Document: []byte(`{"vardar":"charter"}`)}
	for _, id := range []protocol.InstitutionID{gevgelija, "mk.southeast.strumica", "al.north.kukes"} {
		for _, topic := range []protocol.Topic{protocol.Trust, protocol.Situation} {
			a := newAuthor(id, topic, 1)
			mustAppend(t, s, a.run(10, "quiet")...)
			mustAppend(t, s, a.write("large", 40_000))
			b := a.fork()
			mustAppend(t, s, a.run(3, "one")...)
			mustAppend(t, s, b.run(4, "other")...)
			bare := a.write("bare", 0)
			mustAppend(t, s, bare.WithoutBody(protocol.BodyMissing))
			gone := a.write("gone", 0)
			mustAppend(t, s, gone)
			must(t, s.Erase(t.Context(), gone.Digest()))
			must(t, s.SetCursors(t.Context(), linkToken, map[protocol.Group]uint64{a.epoch.Group(): 7}))
		}
		a := newAuthor(id, protocol.Situation, 1)
		b := protocol.Beacon{Institution: id, Time: 1458205200000, Key: protocol.KeyOf(a.key), Heads: []protocol.Head{{Topic: protocol.Situation, Epoch: 1, Sequence: 1, Digest: protocol.DigestOf(nil)}}}
		b.Signature = protocol.Signature(sign(a, b.Text()))
		if newer, err := s.PutBeacons(t.Context(), []protocol.Beacon{b}, 1458205201000); err != nil || !newer[0] {
			t.Fatalf("PutBeacons = %v, %v", newer, err)
		}
	}
	if err := s.PutCharter(t.Context(), charter); !errors.Is(err, protocol.ErrCharterSigned) {
		t.Fatalf("PutCharter without a signature: %v", err)
	}
	charter.Sign(gevgelija, newAuthor(gevgelija, protocol.Trust, 1).key)
	must(t, s.PutCharter(t.Context(), charter))
	for i := range 30 {
		must(t, s.Private("audit").Put(t.Context(), fmt.Append(nil, "line ", i), fmt.Append(nil, "what was done ", i)))
	}
	must(t, s.Private("audit").Delete(t.Context(), []byte("line 3")))
	must(t, s.Close())
	// And some in front of the water mark, as after a crash: a copy of the file of a store
	// that still runs.
	s = open(t, options(dir))
	mustAppend(t, s, newAuthor("mk.southeast.bogdanci", protocol.Alert, 1).run(5, "late")...)
	data, err := os.ReadFile(filepath.Join(dir, store.FileName))
	must(t, err)
	must(t, s.Close())
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), data, 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// inventory is everything a store can be asked for, each answer by its digest.
type inventory struct {
	answers map[string]string
	records int
	failed  error // the first
}

func (v *inventory) tell(key string, answer any, err error) {
	sum := sha256.Sum256(fmt.Appendf([]byte(v.answers[key]), "%v %v", answer, err))
	v.answers[key] = string(sum[:])
	if v.failed == nil {
		v.failed = err
	}
}

// differs names the answers in which two inventories differ.
func (v *inventory) differs(o *inventory) []string {
	var keys []string
	for key := range v.answers {
		if v.answers[key] != o.answers[key] {
			keys = append(keys, key)
		}
	}
	for key := range o.answers {
		if _, ok := v.answers[key]; !ok {
			keys = append(keys, key)
		}
	}
	return keys
}

func take(t testing.TB, s *store.Store) *inventory {
	t.Helper()
	v := &inventory{answers: map[string]string{}}
	ctx := t.Context()
	types := map[string]bool{}
	for r, err := range s.All(ctx) {
		v.tell("all", r, err)
		v.records++
		held, err := s.At(r.Name)
		v.tell("at "+r.String(), held, err)
		same, err := s.ByDigest(r.Digest)
		v.tell("digest "+r.Digest.Hex(), same, err)
		types[r.Type] = true
	}
	for name := range types {
		for r, err := range s.ByType(ctx, name, 0) {
			v.tell("type "+name, r, err)
		}
	}
	for _, g := range s.Groups() {
		after, err := s.After(ctx, g, 0, 1<<30)
		v.tell("group "+g.String(), []any{after, s.Cursor(linkToken, g), s.Rows(g), s.Order(g)}, err)
	}
	for _, f := range s.Feeds() {
		for _, n := range s.Epochs(f) {
			e := protocol.EpochID{Feed: f, Epoch: n}
			for i, b := range s.Branches(e) {
				v.tell("branches "+e.String(), b, nil)
				for r, err := range s.Range(ctx, e, b.Digest, 1, b.Head) {
					v.tell(fmt.Sprintf("range %s %d", e, i), r, err)
				}
			}
		}
	}
	for state := protocol.BodyWithheld; state <= protocol.BodyMissing; state++ {
		for name, err := range s.Bodies(ctx, state) {
			v.tell("bodies "+state.String(), name, err)
		}
	}
	for b, received := range s.Beacons() {
		v.tell("beacon "+string(b.Institution), []any{b, received}, nil)
	}
	for pair, err := range s.Private("audit").Each(ctx, nil) {
		v.tell("private "+string(pair[0]), pair, err)
	}
	c, err := s.Charter(protocol.DigestOf([]byte(`{"vardar":"charter"}`)))
	v.tell("charter", c, err)
	return v
}

// TestBitFlipIsNoticedOrHarmless flips bits all over a store's file. The check runs in a
// child; when it finds nothing, the store must hold exactly what it held.
func TestBitFlipIsNoticedOrHarmless(t *testing.T) {
	dir := t.TempDir()
	furnish(t, dir)
	path := filepath.Join(dir, store.FileName)
	whole, err := os.ReadFile(path)
	must(t, err)
	must(t, checkInChild(t.Context(), path))
	want := read(t, whole)
	if want.failed != nil || want.records < 100 {
		t.Fatalf("the whole store: %d records, %v", want.records, want.failed)
	}
	dice := rand.New(rand.NewPCG(7, 7))
	flips := 120
	if testing.Short() {
		flips = 40
	}
	var mu sync.Mutex // guards noticed, harmless
	noticed, harmless := 0, 0
	limit := make(chan struct{}, 4)
	var wait sync.WaitGroup
	for i := range flips {
		bit := dice.IntN(len(whole) * 8)
		if i%2 == 0 { // half of them where there is something
			for whole[bit/8] == 0 {
				bit = dice.IntN(len(whole) * 8)
			}
		}
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			flipped := append([]byte(nil), whole...)
			flipped[bit/8] ^= 1 << (bit % 8)
			where := filepath.Join(t.TempDir(), store.FileName)
			if err := os.WriteFile(where, flipped, 0o600); err != nil {
				t.Error(err)
				return
			}
			err := checkInChild(t.Context(), where)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				noticed++
				return
			}
			harmless++
			if lost := want.differs(read(t, flipped)); len(lost) > 0 {
				t.Errorf("bit %d of byte %d (page %d, offset %d) was flipped unnoticed; other answers to %d questions: %.300q", bit%8, bit/8, bit/8>>14, bit/8&(1<<14-1), len(lost), lost)
			}
		})
	}
	wait.Wait()
	t.Logf("%d bits of %d bytes flipped: %d noticed, %d harmless", flips, len(whole), noticed, harmless)
	if noticed == 0 || harmless == 0 {
		t.Errorf("the flips are one-sided: %d noticed, %d harmless", noticed, harmless)
	}
}

// read opens a store over these bytes and reads all of it.
func read(t *testing.T, data []byte) *inventory {
	t.Helper()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), data, 0o600))
	s, err := store.Open(t.Context(), options(dir))
	if err != nil {
		return &inventory{failed: err, answers: map[string]string{"open": err.Error()}}
	}
	defer s.Close() //nolint:errcheck // only read
	return take(t, s)
}

func TestTruncatedFileIsRefusedWithAClearError(t *testing.T) {
	dir := t.TempDir()
	furnish(t, dir)
	path := filepath.Join(dir, store.FileName)
	whole, err := os.ReadFile(path)
	must(t, err)
	want := read(t, whole)
	for _, size := range []int{1, 100, 16 << 10, 32<<10 + 1, len(whole) / 4, len(whole) / 2, len(whole) * 3 / 4, len(whole) - 1} {
		dir := t.TempDir()
		must(t, os.WriteFile(filepath.Join(dir, store.FileName), whole[:size], 0o600))
		o := options(dir)
		o.Check = checkInChild
		s, err := store.Open(t.Context(), o)
		switch {
		case err == nil:
			must(t, s.Close())
			if lost := want.differs(read(t, whole[:size])); len(lost) > 0 {
				t.Errorf("cut to %d of %d bytes unnoticed: other answers to %.300q", size, len(whole), lost)
			}
		case !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), dir):
			t.Errorf("cut to %d of %d bytes: %v, want ErrDamaged that names the file", size, len(whole), err)
		}
	}
}

// TestFileCutUnderARunningStoreEndsNoNode: the map then has nothing behind it, and a read
// of it is a fault.
func TestFileCutUnderARunningStoreEndsNoNode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows does not let a mapped file be cut")
	}
	dir := t.TempDir()
	s := open(t, options(dir))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	records := a.run(500, "quiet")
	mustAppend(t, s, records...)
	must(t, os.Truncate(filepath.Join(dir, store.FileName), 32<<10))
	if _, err := s.Get(records[0].Name); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Get = %v, want ErrDamaged", err)
	}
	if _, err := s.Append(t.Context(), []protocol.Record{a.write("on", 0)}); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Append = %v, want ErrDamaged", err)
	}
	if s.Stats().Failed == nil {
		t.Error("the store goes on writing into a file that was cut")
	}
}

// tamper changes a closed store's file through bbolt.
func tamper(t *testing.T, dir string, fn func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, store.FileName), 0o600, &bolt.Options{NoFreelistSync: true})
	must(t, err)
	must(t, db.Update(fn))
	must(t, db.Close())
}

// sealed appends the checksum of a value, as DESIGN.md says it is made.
func sealed(bucket string, key, value []byte) []byte {
	sum := crc32.Checksum(fmt.Append(nil, bucket, string(key), string(value)), crc32.MakeTable(crc32.Castagnoli))
	return append(value, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
}

func TestDamagedBodyIsNamedAndTheRestGoesOn(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(dir))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	records := a.run(5, "quiet")
	mustAppend(t, s, records...)
	must(t, s.Close())
	tamper(t, dir, func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("bodies")).Bucket([]byte{0, 0, 0, 1})
		body := append([]byte(nil), b.Get([]byte{0, 0, 0, 0, 0, 0, 0, 3})...)
		body[len(body)-3] ^= 1
		return b.Put([]byte{0, 0, 0, 0, 0, 0, 0, 3}, body)
	})
	if err := store.CheckFile(filepath.Join(dir, store.FileName)); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "body of mk.southeast.gevgelija/situation.1.3") {
		t.Errorf("CheckFile = %v, want ErrDamaged that names the record", err)
	}
	s = open(t, options(dir))
	got, err := s.Get(records[2].Name)
	var damage *store.Damage
	if !errors.As(err, &damage) || !damage.Body || damage.Record != records[2].Name || got.BodyState != protocol.BodyMissing || got.Body != nil {
		t.Errorf("Get of the damaged one = %+v, %v; want it without body and a Damage", got, err)
	}
	var good []string
	for r, err := range s.Range(t.Context(), a.epoch, protocol.Digest{}, 1, 5) {
		if err == nil {
			good = append(good, r.String())
		}
	}
	if len(good) != 4 {
		t.Errorf("Range gives %v whole, want the four others", good)
	}
	// A peer has it.
	if err := s.PutBody(t.Context(), records[2].Digest(), []byte(`{}`)); !errors.Is(err, protocol.ErrBodyDigest) {
		t.Errorf("PutBody of another body: %v, want ErrBodyDigest", err)
	}
	must(t, s.PutBody(t.Context(), records[2].Digest(), records[2].Body))
	if got, err := s.Get(records[2].Name); err != nil || string(got.Body) != string(records[2].Body) {
		t.Errorf("after PutBody: %v, %v", got, err)
	}
}

func TestDamagedHeaderIsNamedAndTheGroupGoesOnBehindIt(t *testing.T) {
	dir := t.TempDir()
	s := open(t, options(dir))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	mustAppend(t, s, a.run(5, "quiet")...)
	must(t, s.Close())
	tamper(t, dir, func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte("records")).Bucket([]byte{0, 0, 0, 1})
		key := []byte{0, 0, 0, 0, 0, 0, 0, 3}
		value := append([]byte(nil), b.Get(key)...)
		value = value[:len(value)-4]
		value[len(value)-40] ^= 1 // in the signature; with a good checksum, as an attacker would
		return b.Put(key, sealed("records", []byte{0, 0, 1, 0, 0, 0, 0, 3}, value))
	})
	s = open(t, options(dir))
	g := a.epoch.Group()
	before, err := s.After(t.Context(), g, 0, 1<<20)
	var damage *store.Damage
	if len(before) != 2 || !errors.As(err, &damage) || damage.Order != 3 || damage.Group != g || damage.Record.Sequence != 3 {
		t.Fatalf("After gives %d records, %v; want two and a Damage of the third", len(before), err)
	}
	var all []string
	var told []error
	for r, err := range s.All(t.Context()) {
		if err != nil {
			told = append(told, err)
			continue
		}
		all = append(all, r.String())
	}
	if len(all) != 4 || len(told) != 1 || !errors.As(told[0], &damage) || damage.Order != 3 {
		t.Errorf("All gives %v and tells of %v; want the four others and a Damage of the third", all, told)
	}
	behind, err := s.After(t.Context(), g, damage.Order, 1<<20)
	if len(behind) != 2 || err != nil {
		t.Errorf("After the damage: %d records, %v, want two", len(behind), err)
	}
	if _, err := s.ByDigest(protocol.DigestOf(a.previous[:])); err == nil {
		t.Error("a digest nobody wrote is found")
	}
	// The author goes on.
	if r := mustAppend(t, s, a.write("on", 0)); r[0].Status != store.Added {
		t.Errorf("Append behind damage: %v", r[0].Status)
	}
}
