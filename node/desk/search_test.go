package desk_test

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func (w *world) looked(q desk.SearchQuery) (names []string, next string) {
	w.t.Helper()
	r := must(w.desk.SearchList(w.t.Context(), q, protocol.Amber))(w.t)
	for i := range r.Records {
		names = append(names, r.Records[i].Record.Position.String())
	}
	return names, r.Next
}

// TestSearchFindsWhatIsThereNow: what comes after the first search is found, in any alphabet; what
// is erased is not, whatever was kept of it.
func TestSearchFindsWhatIsThereNow(t *testing.T) {
	w := market(t)
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=Снег на патот"}})
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=An exercise in the sneg"}, Exercise: true})
	want := []string{"situation.1.1"}
	if got, _ := w.looked(desk.SearchQuery{Words: "sneg"}); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=Sneg again"}})
	want = []string{"situation.1.3", "situation.1.1"}
	if got, _ := w.looked(desk.SearchQuery{Words: "СНЕ"}); !slices.Equal(got, want) {
		t.Errorf("after another record found %q, want %q", got, want)
	}
	must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: "situation.1.1", Reason: "private"}))(t)
	if got, _ := w.looked(desk.SearchQuery{Words: "sneg"}); !slices.Equal(got, []string{"situation.1.3"}) {
		t.Errorf("after the erasure found %q, want the one that is left", got)
	}
	if got, _ := w.looked(desk.SearchQuery{Words: "patot"}); len(got) != 0 {
		t.Errorf("an erased word finds %q", got)
	}
	w.clock.pass(desk.SearchBack + time.Hour)
	if got, _ := w.looked(desk.SearchQuery{Words: "sneg"}); len(got) != 0 {
		t.Errorf("behind %s found %q", desk.SearchBack, got)
	}
}

func TestSearchForProgramsHasFiltersAndPages(t *testing.T) {
	w := market(t)
	for i := range 5 {
		w.clock.pass(time.Hour)
		w.publish(desk.Request{As: []protocol.InstitutionID{gate, river}[i%2], Kind: "report", Set: []string{fmt.Sprintf("summary=Snow %d", i)}})
	}
	page, next := w.looked(desk.SearchQuery{Words: "snow", Limit: 2})
	w.publish(desk.Request{As: river, Kind: "report", Set: []string{"summary=Snow between the pages"}})
	rest, end := w.looked(desk.SearchQuery{Words: "snow", Limit: 9, Cursor: next})
	if all, want := append(page, rest...), []string{"situation.1.3", "situation.1.2", "situation.1.2", "situation.1.1", "situation.1.1"}; !slices.Equal(all, want) || end != "" {
		t.Errorf("pages have %q, want %q, and behind them nothing (%q)", all, want, end)
	}
	if got, _ := w.looked(desk.SearchQuery{Words: "snow", By: string(gate), Since: protocol.InstantOf(w.clock.Now().Add(-3 * time.Hour))}); !slices.Equal(got, []string{"situation.1.3", "situation.1.2"}) {
		t.Errorf("of the gate since then found %q", got)
	}
	r := must(w.desk.SearchList(t.Context(), desk.SearchQuery{Words: string(gate)}, protocol.Amber))(t)
	if r.Institution != gate || !slices.Contains(r.Institutions, gate) {
		t.Errorf("found %+v", r)
	}
	for _, bad := range []struct {
		q    desk.SearchQuery
		want string
	}{
		{desk.SearchQuery{Words: strings.Repeat("x", desk.MaxSearch+1)}, "q: what is looked for is longer than a line"},
		{desk.SearchQuery{Words: "snow", Cursor: "x"}, "cursor: this is no cursor of this node"},
		{desk.SearchQuery{Words: "tent", Cursor: next}, "cursor: it goes on with another question"},
		{desk.SearchQuery{Words: "snow", Place: "Atlantis"}, "place: no place is called"},
		{desk.SearchQuery{Words: "snow", Quality: "best"}, "quality: no quality is called"},
	} {
		_, err := w.desk.SearchList(t.Context(), bad.q, protocol.Amber)
		refused(t, err, desk.Usage, bad.want)
	}
}

// TestSearchFindsTheSameAsReadingEverything: what is kept of the words leaves nothing out that the
// bodies say, as an earlier instant shows, of which they are read.
func TestSearchFindsTheSameAsReadingEverything(t *testing.T) {
	w := busy(t)
	w.clock.pass(time.Minute)
	a := desk.Account{Role: staff.Officer}
	for _, words := range []string{"snow", "tents", "blanket piece", "mk-405", "gate", "arrivals", "nobody counted", "x", "1", "needs"} {
		now := must(w.desk.Search(t.Context(), a, centre, desk.Sought{Words: words}))(t)
		read := must(w.desk.Search(t.Context(), a, centre, desk.Sought{Words: words, At: protocol.InstantOf(w.clock.Now().Add(-time.Second))}))(t)
		names := func(f *desk.Found) (out []string) {
			for _, told := range append(f.Incidents, f.Records...) {
				out = append(out, told.Record.String())
			}
			return out
		}
		if diff := cmp.Diff(names(&read), names(&now)); diff != "" {
			t.Errorf("%q (-read +kept):\n%s", words, diff)
		}
	}
}

// TestSearchIsChosenByQuality, also behind a screen of what is not so good, and at an earlier
// instant; what has none is none.
func TestSearchIsChosenByQuality(t *testing.T) {
	w := market(t)
	good := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=960", "method=registered", "summary=Snow counted"}}).Record
	for i := range 30 {
		w.publish(desk.Request{As: gate, Kind: "note", Set: []string{fmt.Sprintf("text=Snow %d", i)}})
	}
	w.clock.pass(time.Minute)
	for _, at := range []protocol.Instant{0, protocol.InstantOf(w.clock.Now().Add(-time.Second))} {
		for quality, want := range map[string][]protocol.Name{"weak": {good}, desk.Unverified: {good}, "good": nil} {
			f := must(w.desk.Search(t.Context(), desk.Account{Role: staff.Officer}, centre, desk.Sought{Words: "snow", Quality: quality, At: at}))(t)
			var got []protocol.Name
			for i := range f.Records {
				got = append(got, f.Records[i].Record)
			}
			if !slices.Equal(got, want) || f.More {
				t.Errorf("%s at %d: found %v (and more: %t), want %v", quality, at, got, f.More, want)
			}
		}
	}
	for quality, want := range map[string][]string{"weak": {good.Position.String()}, "good": nil} {
		if got, next := w.looked(desk.SearchQuery{Words: "snow", Quality: quality, Limit: 5}); !slices.Equal(got, want) || next != "" {
			t.Errorf("%s for programs: found %q (%q), want %q", quality, got, next, want)
		}
	}
}

// searched is how many records the benchmark looks through.
const searched = 100_000

// BenchmarkSearch looks for a word of one record among many, by the words that are kept and by
// reading every body, in turns.
func BenchmarkSearch(b *testing.B) {
	w := found(b, centre).open(b, centre, body.Ministry, false)
	w.fill(searched)
	w.clock.pass(time.Minute)
	a := desk.Account{Role: staff.Officer}
	look := func(search func() (desk.Found, error)) float64 {
		began := time.Now()
		f := must(search())(b)
		if len(f.Records) != 1 {
			b.Fatalf("found %d records, want 1", len(f.Records))
		}
		return float64(time.Since(began).Microseconds()) / 1000
	}
	byWords := func() (desk.Found, error) {
		return w.desk.Search(b.Context(), a, centre, desk.Sought{Words: "edinstven"})
	}
	byReading := func() (desk.Found, error) { return w.desk.SearchByReading(b.Context(), "edinstven") }
	first := look(byWords)
	var kept, read float64
	b.ResetTimer()
	for range b.N {
		kept += look(byWords)
		read += look(byReading)
	}
	b.ReportMetric(first, "first-ms")
	b.ReportMetric(kept/float64(b.N), "kept-ms")
	b.ReportMetric(read/float64(b.N), "read-ms")
}

// fill puts so many reports into the archive, past the door.
func (w *world) fill(n int) {
	w.t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	previous := protocol.DigestOf([]byte("opener"))
	var lot []protocol.Record
	for i := range n {
		b := &body.SituationReport{Summary: body.Text(fmt.Sprintf("Многу луѓе на патот %d", i)), Actions: "Додадени се шатори и ќебиња, отворена е втора линија за регистрација"}
		if i == n/2 {
			b.Summary = "Единствен збор"
		}
		r := protocol.Record{
			Name: protocol.Name{Institution: "mk.southeast.demo-many", Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: uint32(i + 1)}},
			Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Previous: previous, Handling: protocol.Green,
		}
		r.SetBody(must(body.Marshal(b, [16]byte{1}))(w.t))
		r.Sign(key)
		previous = r.Digest()
		if lot = append(lot, r); len(lot) == 2048 || i == n-1 {
			must(w.store.Append(w.t.Context(), lot))(w.t)
			lot = nil
		}
	}
}
