package site_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	gate  protocol.InstitutionID = "mk.southeast.demo-south-gate"
	river protocol.InstitutionID = "mk.southeast.demo-river-town"
)

func hour() time.Time { return time.Date(2015, 11, 7, 6, 0, 0, 0, time.UTC) }

func camp() body.PlaceKey { return body.PlaceKey{Scheme: body.Shared, Code: "mk:reception-south"} }

func hall() body.PlaceKey { return body.PlaceKey{Scheme: body.Shared, Code: "mk:sports-hall"} }

// book is a register in a real store.
type book struct {
	*site.Register
	store *store.Store
	dir   string
}

// open opens the book that lies in a folder.
func open(t *testing.T, dir string) *book {
	t.Helper()
	s := must(store.Open(t.Context(), store.Options{Dir: dir, Clock: hour}))(t)
	t.Cleanup(func() { _ = s.Close() }) // a test may have closed it
	return &book{must(site.Open(t.Context(), site.Options{Kept: s.Private("site"), Clock: hour}))(t), s, dir}
}

// two opens a new book with the two sites of the gate.
func two(t *testing.T) *book {
	t.Helper()
	b := open(t, t.TempDir())
	must(b.Set(t.Context(), site.Site{Institution: gate, Place: camp(), Name: "Reception camp", Night: quantity(500)}))(t)
	must(b.Set(t.Context(), site.Site{Institution: gate, Place: hall(), Name: "Sports hall"}))(t)
	return b
}

func quantity(n body.Quantity) *body.Quantity { return &n }

// deliver is a movement of one kind of goods at the camp.
func deliver(way site.Direction, kind body.ResourceType, n body.Quantity) site.Movement {
	return site.Movement{Institution: gate, Place: camp(), Direction: way, Lines: []site.Line{{Type: kind, Quantity: n}}, By: "ana"}
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestBookIsTheSameBehindARestart(t *testing.T) {
	b := two(t)
	must(b.Set(t.Context(), site.Site{
		Institution: gate, Place: camp(), Name: "Reception camp", Night: quantity(600), Day: quantity(900), Services: []site.Service{{Type: "medical_team", Quantity: 2}},
	}))(t)
	must(b.CountPeople(t.Context(), gate, camp(), 712, "ana"))(t)
	must(b.Move(t.Context(), site.Movement{
		Institution: gate, Place: camp(), Direction: site.In, By: "ana", Note: "lorry from the capital",
		Lines: []site.Line{{Type: "blanket", Quantity: 300}, {Type: "blanket", Unit: "pallets", Quantity: 2}, {Type: "meal", Quantity: 900}},
	}))(t)
	must(b.Move(t.Context(), deliver(site.Out, "blanket", 120)))(t)
	must(b.Move(t.Context(), deliver(site.Out, "meal", 900)))(t)
	said := func(b *book) any {
		return []any{b.Sites(gate), b.Sites(river), b.Goods(gate, camp()), b.Goods(gate, hall()), must(b.Movements(t.Context(), gate, body.PlaceKey{}, 10))(t)}
	}
	before := said(b)
	want := []site.Goods{{Type: "blanket", Unit: "pallets", Quantity: 2}, {Type: "blanket", Unit: "pieces", Quantity: 180}, {Type: "meal", Unit: "pieces"}}
	if diff := cmp.Diff(want, b.Goods(gate, camp())); diff != "" {
		t.Errorf("goods (-want +got):\n%s", diff)
	}
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, said(open(t, b.dir))); diff != "" {
		t.Errorf("behind a restart (-before +after):\n%s", diff)
	}
}

func TestMovementIsKeptWholeWhateverTheMomentOfAKill(t *testing.T) {
	b := two(t)
	for n := range 5 {
		must(b.Move(t.Context(), site.Movement{
			Institution: gate, Place: camp(), Direction: site.In, By: "ana", Lines: []site.Line{{Type: "blanket", Quantity: 10}, {Type: "tent", Quantity: 1}},
		}))(t)
		// What lies on the disk now is all that a node which is killed now finds again.
		left := filepath.Join(t.TempDir(), "killed")
		if err := os.CopyFS(left, os.DirFS(b.dir)); err != nil {
			t.Fatal(err)
		}
		killed := open(t, left)
		if diff := cmp.Diff(b.Goods(gate, camp()), killed.Goods(gate, camp())); diff != "" || len(b.Goods(gate, camp())) != 2 {
			t.Errorf("killed behind movement %d (-noted +found):\n%s", n+1, diff)
		}
		if err := killed.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// torn is a bucket whose disk takes a few values more.
type torn struct {
	site.Kept
	puts, takes int
}

var errTorn = errors.New("the disk takes nothing more")

func (k *torn) Put(ctx context.Context, key, value []byte) error {
	if k.puts++; k.puts > k.takes {
		return errTorn
	}
	return k.Kept.Put(ctx, key, value)
}

func TestMovementThatTheDiskDoesNotTakeHasNotBeen(t *testing.T) {
	b := two(t)
	must(b.Move(t.Context(), deliver(site.In, "blanket", 50)))(t)
	kept := &torn{Kept: b.store.Private("site"), takes: 1}
	r := must(site.Open(t.Context(), site.Options{Kept: kept, Clock: hour}))(t)
	lorry := deliver(site.In, "blanket", 50)
	lorry.Lines = append(lorry.Lines, site.Line{Type: "tent", Quantity: 4}, site.Line{Type: "meal", Quantity: 90})
	must(r.Move(t.Context(), lorry))(t) // the one value it takes: a movement is one
	before := r.Goods(gate, camp())
	if _, err := r.Move(t.Context(), deliver(site.Out, "blanket", 60)); !errors.Is(err, errTorn) {
		t.Fatalf("Move() = %v, want %v", err, errTorn)
	}
	if diff := cmp.Diff(before, r.Goods(gate, camp())); diff != "" {
		t.Errorf("it is counted all the same (-before +after):\n%s", diff)
	}
	again := must(site.Open(t.Context(), site.Options{Kept: b.store.Private("site"), Clock: hour}))(t)
	if diff := cmp.Diff(before, again.Goods(gate, camp())); diff != "" {
		t.Errorf("behind a restart (-before +after):\n%s", diff)
	}
}

func TestNoMoreGoesOutThanIsThere(t *testing.T) {
	b := two(t)
	must(b.Move(t.Context(), deliver(site.In, "blanket", 100)))(t)
	must(b.Move(t.Context(), deliver(site.In, "tent", 3)))(t)
	lorry := deliver(site.Out, "blanket", 40)
	lorry.Lines = append(lorry.Lines, site.Line{Type: "tent", Quantity: 4})
	_, err := b.Move(t.Context(), lorry)
	var fault *site.Fault
	if !errors.As(err, &fault) || !errors.Is(err, site.ErrShort) || fault.Field != "lines[1].quantity" {
		t.Fatalf("Move() = %v, want ErrShort at lines[1].quantity", err)
	}
	if want := "4 tent are to go out, and 3 are there"; fault.Detail != want {
		t.Errorf("it says %q, want %q", fault.Detail, want)
	}
	if got := b.Goods(gate, camp()); got[0].Quantity != 100 || got[1].Quantity != 3 {
		t.Errorf("of a lorry that is refused some went: %+v", got)
	}
	// What lies elsewhere, in another unit or with another institution does not help.
	must(b.Move(t.Context(), site.Movement{Institution: gate, Place: hall(), Direction: site.In, Lines: []site.Line{{Type: "tent", Quantity: 9}}}))(t)
	must(b.Move(t.Context(), site.Movement{Institution: gate, Place: camp(), Direction: site.In, Lines: []site.Line{{Type: "tent", Unit: "pallets", Quantity: 9}}}))(t)
	if _, err := b.Move(t.Context(), deliver(site.Out, "tent", 4)); !errors.Is(err, site.ErrShort) {
		t.Errorf("Move() = %v, want ErrShort", err)
	}
}

func TestOfManyAtOnceAsManyGoAsThereAre(t *testing.T) {
	b := two(t)
	must(b.Move(t.Context(), deliver(site.In, "blanket", 100)))(t)
	var wg sync.WaitGroup
	went := make(chan error, 200)
	for range 200 {
		wg.Go(func() {
			_, err := b.Move(t.Context(), deliver(site.Out, "blanket", 1))
			went <- err
		})
	}
	wg.Wait()
	close(went)
	done := 0
	for err := range went {
		switch {
		case err == nil:
			done++
		case !errors.Is(err, site.ErrShort):
			t.Error(err)
		}
	}
	if left := b.Goods(gate, camp()); done != 100 || left[0].Quantity != 0 {
		t.Errorf("%d of 200 went, %+v are left; want 100 and none", done, left)
	}
	if all := must(b.Movements(t.Context(), gate, camp(), 1000))(t); len(all) != 101 || all[0].Number != 101 || all[100].Number != 1 {
		t.Errorf("%d movements are noted, want 101, the newest first", len(all))
	}
}

func TestSameMovementTwiceIsNotedOnce(t *testing.T) {
	b := two(t)
	in := deliver(site.In, "blanket", 100)
	in.ID = "k7w3-p2x9-m4t8-r6qa"
	first := must(b.Move(t.Context(), in))(t)
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, b.dir) // the button was pressed again when the node was back
	if diff := cmp.Diff(first, must(b.Move(t.Context(), in))(t)); diff != "" {
		t.Errorf("the second answer (-first +second):\n%s", diff)
	}
	if got := b.Goods(gate, camp()); got[0].Quantity != 100 {
		t.Errorf("%d blankets are there, want 100", got[0].Quantity)
	}
	in.Lines[0].Quantity = 90
	if _, err := b.Move(t.Context(), in); !errors.Is(err, site.ErrOther) {
		t.Errorf("another movement under its number: %v, want ErrOther", err)
	}
}

func TestWhatIsAwayForAnExchangeComesBack(t *testing.T) {
	b := two(t)
	exchange := must(protocol.ParseName(string(river) + "/resource.1.7"))(t)
	move := func(way site.Direction, n body.Quantity) {
		m := deliver(way, "blanket", n)
		if m.Exchange = exchange; way == site.In && n == 100 {
			m.Exchange = protocol.Name{}
		}
		must(b.Move(t.Context(), m))(t)
	}
	move(site.In, 100)
	move(site.Out, 60)
	move(site.In, 20)
	again := must(site.Open(t.Context(), site.Options{Kept: b.store.Private("site"), Clock: hour}))(t)
	for name, r := range map[string]*site.Register{"now": b.Register, "behind a restart": again} {
		if got := r.Away(gate, exchange, "blanket", "pieces"); got != 40 {
			t.Errorf("%s %d are away, want 40", name, got)
		}
	}
}

func TestRegisterRefusesWhatCannotBe(t *testing.T) {
	b := two(t)
	set := func(change func(*site.Site)) error {
		s := site.Site{Institution: gate, Place: camp(), Name: "Reception camp"}
		change(&s)
		_, err := b.Set(t.Context(), s)
		return err
	}
	move := func(change func(*site.Movement)) error {
		m := deliver(site.In, "blanket", 5)
		change(&m)
		_, err := b.Move(t.Context(), m)
		return err
	}
	people := func(n int64) error {
		_, err := b.CountPeople(t.Context(), gate, camp(), n, "ana")
		return err
	}
	long := string(bytes.Repeat([]byte("x"), site.MaxText+1))
	tests := []struct {
		name  string
		err   error
		field string
	}{
		{"a site without a name", set(func(s *site.Site) { s.Name = " " }), "name"},
		{"a long name", set(func(s *site.Site) { s.Name = long }), "name"},
		{"fewer places than none", set(func(s *site.Site) { s.Night = quantity(-1) }), "night"},
		{"more places than can be said", set(func(s *site.Site) { s.Day = quantity(body.MaxCount + 1) }), "day"},
		{"a service of no type", set(func(s *site.Site) { s.Services = []site.Service{{Type: "magic"}} }), "services[0].type"},
		{"a service twice", set(func(s *site.Site) { s.Services = []site.Service{{Type: "meal"}, {Type: "meal"}} }), "services[1].type"},
		{"fewer people than none", people(-1), "people"},
		{"neither in nor out", move(func(m *site.Movement) { m.Direction = "up" }), "direction"},
		{"no goods", move(func(m *site.Movement) { m.Lines = nil }), "lines"},
		{"nothing of some goods", move(func(m *site.Movement) { m.Lines[0].Quantity = 0 }), "lines[0].quantity"},
		{"less than nothing", move(func(m *site.Movement) { m.Lines[0].Quantity = -5 }), "lines[0].quantity"},
		{"goods of no type", move(func(m *site.Movement) { m.Lines[0].Type = "magic" }), "lines[0].type"},
		{"goods twice", move(func(m *site.Movement) {
			m.Lines = append(m.Lines, site.Line{Type: "blanket", Unit: "pieces", Quantity: 1})
		}), "lines[1].type"},
		{"a long note", move(func(m *site.Movement) { m.Note = long }), "note"},
	}
	for _, tt := range tests {
		var fault *site.Fault
		if !errors.As(tt.err, &fault) || fault.Field != tt.field || fault.Mend == "" {
			t.Errorf("%s: %v, want a fault of %s with its mend", tt.name, tt.err, tt.field)
		}
	}
	if err := move(func(m *site.Movement) { m.Place = body.PlaceKey{Scheme: body.Shared, Code: "mk:nowhere"} }); !errors.Is(err, site.ErrNone) {
		t.Errorf("goods to a site that is not there: %v, want ErrNone", err)
	}
	if err := move(func(m *site.Movement) { m.Institution = river }); !errors.Is(err, site.ErrNone) {
		t.Errorf("goods to another's site: %v, want ErrNone", err)
	}
	if n := len(must(b.Movements(t.Context(), gate, body.PlaceKey{}, 10))(t)); n != 0 {
		t.Errorf("%d movements that were refused are noted", n)
	}
	if err := move(func(m *site.Movement) { m.Lines[0].Quantity = body.MaxCount }); err != nil {
		t.Fatal(err)
	}
	var fault *site.Fault
	if err := move(func(*site.Movement) {}); !errors.As(err, &fault) || !errors.Is(err, site.ErrMany) {
		t.Errorf("more than a record can say: %v, want ErrMany", err)
	}
}

// TestWhatIsLeftIsTheSumOfAllMovements plays any order of movements against a sum.
func TestWhatIsLeftIsTheSumOfAllMovements(t *testing.T) {
	kept := two(t)
	rapid.Check(t, func(rt *rapid.T) {
		kind := body.ResourceType("x-" + rapid.StringMatching(`[a-z]{12}`).Draw(rt, "kind")) // of this run alone
		want := map[body.PlaceKey]body.Quantity{}
		for range rapid.IntRange(1, 12).Draw(rt, "movements") {
			m := deliver(rapid.SampledFrom([]site.Direction{site.In, site.Out}).Draw(rt, "way"), kind, body.Quantity(rapid.IntRange(1, 20).Draw(rt, "n")))
			m.Place = rapid.SampledFrom([]body.PlaceKey{camp(), hall()}).Draw(rt, "where")
			n := m.Lines[0].Quantity
			done, err := kept.Move(t.Context(), m)
			switch {
			case m.Direction == site.Out && n > want[m.Place]:
				if !errors.Is(err, site.ErrShort) {
					rt.Fatalf("%d of %d went out: %v", n, want[m.Place], err)
				}
				continue
			case err != nil:
				rt.Fatal(err)
			case m.Direction == site.Out:
				n = -n
			}
			want[m.Place] += n
			if done.Lines[0].Left != want[m.Place] {
				rt.Fatalf("it leaves %d, want %d", done.Lines[0].Left, want[m.Place])
			}
		}
		again := must(site.Open(t.Context(), site.Options{Kept: kept.store.Private("site"), Clock: hour}))(t)
		for _, r := range []*site.Register{kept.Register, again} {
			for _, place := range []body.PlaceKey{camp(), hall()} {
				var got body.Quantity
				for _, g := range r.Goods(gate, place) {
					if g.Type == kind {
						got = g.Quantity
					}
				}
				if got != want[place] {
					rt.Fatalf("%d are at %s, want %d", got, place, want[place])
				}
			}
		}
	})
}
