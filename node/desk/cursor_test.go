package desk_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
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
				if pass == 0 { // what comes in the same instant is in the quality of what was there
					quality := regexp.MustCompile(`,"quality":\{[^}]*\}`)
					for _, rows := range [][]string{want, got} {
						for i := range rows {
							rows[i] = quality.ReplaceAllString(rows[i], "")
						}
					}
				}
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

// TestEachRowHasAPlaceOfItsOwn: a list of what several say goes on behind its page, too, and
// tells none of it twice.
func TestEachRowHasAPlaceOfItsOwn(t *testing.T) {
	w := market(t)
	for _, currency := range []string{"EUR", "CHF", "MKD"} {
		w.publish(desk.Request{Kind: "commit-flow", Set: []string{"recipient=" + string(gate), "amount=100", "currency=" + currency}})
	}
	for _, says := range []struct {
		id protocol.InstitutionID
		n  int
	}{{gate, 9000}, {river, 500}} {
		w.publish(desk.Request{As: says.id, Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", fmt.Sprintf("figures.arrivals=%d", says.n), fmt.Sprintf("figures.present=%d", says.n/2), fmt.Sprintf("figures.departures=%d", says.n/3)}})
	}
	of := must(w.desk.List(t.Context(), desk.Query{What: desk.ListReports}))(t).Rows.([]desk.ReportRow)
	for _, field := range []string{"arrivals", "present", "departures"} {
		for i := range of {
			if of[i].Institution == gate {
				w.stance(desk.AnswerRequest{As: river, Record: of[i].Record.String(), Step: "dispute", Reason: "counted otherwise", Set: []string{"basis=asked", "field=" + field}})
			}
		}
	}
	for _, title := range []string{"Numbers", "Blankets", "Tea"} {
		w.practise(river, title)
	}
	for _, what := range []string{desk.ListFlows, desk.ListFunds, desk.ListContradictions, desk.ListEndorsements, desk.ListPractices} {
		all := must(w.desk.List(t.Context(), desk.Query{What: what, Limit: -1}))(t)
		if all.Total < 3 {
			t.Errorf("%s: %d rows say nothing of pages", what, all.Total)
		}
		var want []string
		rows := reflect.ValueOf(all.Rows)
		for i := range rows.Len() {
			want = append(want, string(must(json.Marshal(rows.Index(i).Interface()))(t)))
		}
		if diff := cmp.Diff(want, w.walk(desk.Query{What: what}, func() {})); diff != "" {
			t.Errorf("%s (-whole +in pages):\n%s", what, diff)
		}
	}
}
