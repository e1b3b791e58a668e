package desk_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
)

// walk reads a list a row at a time, and has something happen between any two pages.
func (w *world) walk(q desk.Query, between func()) (rows []string) {
	w.t.Helper()
	q.Limit = 1
	for {
		l := must(w.desk.List(w.t.Context(), q))(w.t)
		of := reflect.ValueOf(l.Rows)
		for i := range of.Len() {
			rows = append(rows, string(must(json.Marshal(of.Index(i).Interface()))(w.t)))
		}
		if q.Cursor = l.Next; q.Cursor == "" {
			return rows
		}
		if len(rows) > 200 {
			w.t.Fatalf("%s does not end", q.What)
		}
		between()
	}
}

// TestListGoesOnWhereItsPageEnded: whatever is accepted between two pages, all rows of the
// first moment come, and none twice.
func TestListGoesOnWhereItsPageEnded(t *testing.T) {
	for _, pass := range []time.Duration{time.Second, 0} {
		t.Run(pass.String(), func(t *testing.T) {
			w := market(t)
			for i := range 3 {
				w.reportAt(gate, "iso3166-2:MK-405", 900+i)
				w.reportAt(river, "iso3166-2:MK-401", 10+i)
				w.publish(desk.Request{Kind: "note", Set: []string{fmt.Sprintf("text=note %d", i)}})
				w.clock.pass(24 * time.Hour)
			}
			n := 0
			for _, what := range desk.Lists() {
				if what == desk.ListAudit || (pass == 0 && what != desk.ListReports) {
					continue // of the same instant everything counts, of the log of acts below
				}
				all := must(w.desk.List(t.Context(), desk.Query{What: what, Limit: -1}))(t)
				var want []string
				of := reflect.ValueOf(all.Rows)
				for i := range of.Len() {
					want = append(want, string(must(json.Marshal(of.Index(i).Interface()))(t)))
				}
				got := w.walk(desk.Query{What: what}, func() {
					n++
					w.clock.pass(pass)
					w.reportAt(gate, "iso3166-2:MK-405", 5000+n)
					w.publish(desk.Request{Kind: "note", Set: []string{fmt.Sprintf("text=meanwhile %d", n)}})
				})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-at the beginning +in pages):\n%s", what, diff)
				}
			}
			if n < 4 {
				t.Errorf("something happened between %d pages only", n)
			}
		})
	}
}

func TestLogOfActsIsReadInPages(t *testing.T) {
	w := solo(t)
	for i := range 4 {
		w.publish(desk.Request{Kind: "note", Set: []string{fmt.Sprintf("text=note %d", i)}})
	}
	want := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAudit, Limit: -1}))(t).Total
	if got := w.walk(desk.Query{What: desk.ListAudit}, func() { w.publish(desk.Request{Kind: "note", Set: []string{"text=more"}}) }); len(got) != want {
		t.Errorf("%d acts in pages, want the %d of the beginning:\n%v", len(got), want, got)
	}
}

func TestCursorBelongsToOneQuestion(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.reportAt(gate, "iso3166-2:MK-405", 961)
	w.publish(desk.Request{Kind: "note", Set: []string{"text=one"}})
	w.publish(desk.Request{Kind: "note", Set: []string{"text=two"}})
	first := must(w.desk.List(t.Context(), desk.Query{What: desk.ListReports, Limit: 1}))(t)
	for name, q := range map[string]desk.Query{
		"another list":   {What: desk.ListNotes, Cursor: first.Next},
		"another filter": {What: desk.ListReports, By: string(river), Cursor: first.Next},
		"another moment": {What: desk.ListReports, At: 1000, Cursor: first.Next},
	} {
		_, err := w.desk.List(t.Context(), q)
		t.Log(name)
		refused(t, err, desk.Usage, "cursor: it goes on with another question")
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListReports, Cursor: "AAAA"})
	refused(t, err, desk.Usage, "cursor: this is no cursor of this node")
}

// TestListSaysThatItsRowIsGone: where the row before the page is in the list no more, nobody is
// told that nothing is left.
func TestListSaysThatItsRowIsGone(t *testing.T) {
	w, elsewhere := solo(t), solo(t)
	for i, of := range []*world{w, elsewhere, w, elsewhere} {
		of.publish(desk.Request{Kind: "note", Set: []string{fmt.Sprintf("text=note %d", i)}})
	}
	there := must(elsewhere.desk.List(t.Context(), desk.Query{What: desk.ListNotes, Limit: 1}))(t)
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListNotes, Cursor: there.Next})
	refused(t, err, desk.Refused, "the list has changed since its page before")
}
