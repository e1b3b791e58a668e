package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const depot = "x:mk:river-depot"

// stocked is a market whose river town has a depot with blankets.
func stocked(t *testing.T, blankets body.Quantity) *world {
	t.Helper()
	w := market(t)
	must(w.desk.SetSite(t.Context(), desk.SiteRequest{As: river, Place: depot, Name: "Depot by the river"}))(t)
	w.move(site.In, blankets, "")
	return w
}

// move notes blankets at the depot.
func (w *world) move(way site.Direction, n body.Quantity, exchange string) {
	w.t.Helper()
	must(w.desk.MoveGoods(w.t.Context(), desk.MoveRequest{
		As: river, Place: depot, Direction: way, Exchange: exchange, Lines: []desk.MovedLine{{Type: "blanket", Unit: "piece", Quantity: n}},
	}))(w.t)
}

// drafted says what would be declared of a place of the river town, one thing a line.
func (w *world) drafted(place string) []string {
	w.t.Helper()
	said := func(q *body.Quantity) string {
		if q == nil {
			return "-"
		}
		return fmt.Sprint(*q)
	}
	out := []string{}
	for _, i := range must(w.desk.DraftCapacity(w.t.Context(), river, place))(w.t).Items {
		line := fmt.Sprintf("%s: %s in all, %s promised, %s free", i.Type, said(i.Total), said(i.Committed), said(i.Available))
		if i.Kept {
			line += ", as before"
		}
		out = append(out, line)
	}
	return out
}

func TestDeclarationIsDraftedFromTheRegister(t *testing.T) {
	w := market(t)
	set := desk.SiteRequest{
		As: river, Place: depot, Name: "Depot by the river", Night: new(body.Quantity(500)), Day: new(body.Quantity(800)),
		Services: []desk.SiteService{{Type: "medical_team", Quantity: 2}},
	}
	must(w.desk.SetSite(t.Context(), set))(t)
	w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(`{"place":{"scheme":"x","code":"mk:river-depot"},"training_needs":"First aid.","staff":12,"items":[
		{"type":"blanket","unit":"piece","available":9,"readiness_hours":6,"conditions":"in bales of ten","offerable":true},{"type":"bus","unit":"pieces","total":3}]}`)})
	w.move(site.In, 300, "")
	w.move(site.Out, 120, "")
	var p *desk.Problem
	if _, err := w.desk.DraftCapacity(t.Context(), river, depot); !errors.As(err, &p) || p.Kind != desk.Refused || p.Field != "people" {
		t.Fatalf("free places that nobody has counted: %v, want them refused", err)
	}
	must(w.desk.CountSite(t.Context(), desk.CountRequest{As: river, Place: depot, People: 620}))(t)
	want := []string{
		"bed_place: 500 in all, - promised, 0 free", "x-day_place: 800 in all, - promised, 180 free",
		"medical_team: 2 in all, - promised, 2 free", "blanket: 180 in all, - promised, 180 free", "bus: 3 in all, - promised, - free, as before",
	}
	if diff := cmp.Diff(want, w.drafted(depot)); diff != "" {
		t.Errorf("drafted (-want +got):\n%s", diff)
	}
	if n := len(w.rows(desk.ListCapacity)); n != 1 {
		t.Fatalf("%d declarations, want the one from before: a draft is no record", n)
	}
	draft := must(w.desk.DraftCapacity(t.Context(), river, depot))(t)
	must(w.desk.DeclareCapacity(t.Context(), desk.DeclareRequest{As: river, Place: depot, Digest: draft.Digest}))(t)
	c := rowsOf[desk.CapacityRow](w, desk.Query{What: desk.ListCapacity})[0]
	b := c.Items[3]
	if *b.Available != 180 || *b.ReadinessHours != 6 || b.Conditions != "in bales of ten" || !b.Offerable || c.Items[0].Offerable || c.TrainingNeeds != "First aid." || *c.Staff != 12 {
		t.Errorf("declared: %+v", c)
	}
	// Sent twice it is another draft: the first has taken its place.
	_, err := w.desk.DeclareCapacity(t.Context(), desk.DeclareRequest{As: river, Place: depot, Digest: draft.Digest})
	if !errors.As(err, &p) || p.Kind != desk.Refused || p.Field != "digest" {
		t.Errorf("the same draft twice: %v, want it refused", err)
	}
	must(w.desk.DeclareCapacity(t.Context(), desk.DeclareRequest{As: river, Place: depot, Offer: &[]body.ResourceType{"medical_team"}}))(t)
	c = rowsOf[desk.CapacityRow](w, desk.Query{What: desk.ListCapacity})[0]
	if !c.Items[2].Offerable || c.Items[3].Offerable {
		t.Errorf("offered: %+v", c.Items)
	}
}

// rows counts what a list has.
func (w *world) rows(list string) []desk.CapacityRow {
	w.t.Helper()
	return rowsOf[desk.CapacityRow](w, desk.Query{What: list})
}

func TestDraftTakesOffWhatIsPromisedAndHasNotLeft(t *testing.T) {
	w := stocked(t, 100)
	request := w.need(300, 1).Record
	free := func(when, want string) {
		t.Helper()
		if got := strings.Join(w.drafted(depot), "; "); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	free("at first", "blanket: 100 in all, - promised, 100 free")
	w.answer(river, request, "commit", desk.LineQuantity{Line: 1, Quantity: 60})
	free("promised", "blanket: 100 in all, 60 promised, 40 free")
	w.move(site.Out, 10, "")
	free("some have left for something else", "blanket: 90 in all, 60 promised, 30 free")
	w.move(site.Out, 40, request.String())
	free("a part has left for it", "blanket: 50 in all, 20 promised, 30 free")
	w.move(site.Out, 20, request.String())
	free("all have left", "blanket: 30 in all, - promised, 30 free")
	// The declaration and the register together never let more be promised than is there.
	must(w.desk.DeclareCapacity(t.Context(), desk.DeclareRequest{As: river, Place: depot}))(t)
	commit := func(n int64) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: request.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: n}}})
		return err
	}
	if err := commit(31); !errors.Is(err, desk.ErrStock) {
		t.Errorf("31 of 30 are promised: %v", err)
	}
	if err := commit(30); err != nil {
		t.Errorf("30 of 30 are refused: %v", err)
	}
	free("the rest is promised", "blanket: 30 in all, 30 promised, 0 free")
}

// What is promised is taken off once, wherever it lies.
func TestDraftsOfTwoSitesTakeAPromiseOffOnce(t *testing.T) {
	w := stocked(t, 50)
	const school = "x:mk:river-school"
	must(w.desk.SetSite(t.Context(), desk.SiteRequest{As: river, Place: school, Name: "School"}))(t)
	must(w.desk.MoveGoods(t.Context(), desk.MoveRequest{As: river, Place: school, Direction: site.In, Lines: []desk.MovedLine{{Type: "blanket", Unit: "piece", Quantity: 40}}}))(t)
	w.answer(river, w.need(300, 1).Record, "commit", desk.LineQuantity{Line: 1, Quantity: 70})
	got := append(w.drafted(depot), w.drafted(school)...)
	want := []string{"blanket: 50 in all, 50 promised, 0 free", "blanket: 40 in all, 20 promised, 20 free"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("drafted (-want +got):\n%s", diff)
	}
}

func TestSiteIsItsInstitutionsAlone(t *testing.T) {
	w := stocked(t, 100)
	if all := must(w.desk.Sites(t.Context(), gate))(t); len(all) != 0 {
		t.Errorf("the gate has %+v", all)
	}
	var p *desk.Problem
	for name, act := range map[string]func(as protocol.InstitutionID) error{
		"goods": func(as protocol.InstitutionID) error {
			_, err := w.desk.MoveGoods(t.Context(), desk.MoveRequest{As: as, Place: depot, Direction: site.Out, Lines: []desk.MovedLine{{Type: "blanket", Unit: "piece", Quantity: 1}}})
			return err
		},
		"a count": func(as protocol.InstitutionID) error {
			_, err := w.desk.CountSite(t.Context(), desk.CountRequest{As: as, Place: depot, People: 1})
			return err
		},
		"a declaration": func(as protocol.InstitutionID) error {
			_, err := w.desk.DeclareCapacity(t.Context(), desk.DeclareRequest{As: as, Place: depot})
			return err
		},
	} {
		if err := act(gate); !errors.As(err, &p) || p.Kind != desk.NotFound || p.Mend == "" {
			t.Errorf("%s at another's site: %v, want it not found", name, err)
		}
		if err := act(secretary); !errors.As(err, &p) || p.Kind != desk.NotPermitted {
			t.Errorf("%s for an institution of another node: %v, want it not permitted", name, err)
		}
	}
	short := desk.MoveRequest{As: river, Place: depot, Direction: site.Out, Lines: []desk.MovedLine{{Type: "blanket", Unit: "piece", Quantity: 101}}}
	_, err := w.desk.MoveGoods(t.Context(), short)
	if want := "lines[0].quantity: 101 blanket are to go out, and 100 are there: note first what came in, or let fewer go (try: vardar stock list)"; err == nil || err.Error() != want {
		t.Errorf("more than is there: %v, want %s", err, want)
	}
	short.Exchange, short.Lines[0].Quantity = "mk.southeast.demo-south-gate/resource.1.99", 1
	if _, err := w.desk.MoveGoods(t.Context(), short); !errors.As(err, &p) || p.Field != "exchange" {
		t.Errorf("goods for an exchange that nobody began: %v", err)
	}
	acts := rowsOf[desk.AuditRow](w, desk.Query{What: desk.ListAudit, Match: "move-goods"})
	if len(acts) != 5 || acts[4].Outcome != "done" {
		t.Errorf("noted acts: %+v", acts)
	}
}

func TestManyOfficersAtOneDepotTakeNoMoreThanThereIs(t *testing.T) {
	w := stocked(t, 20)
	var wg sync.WaitGroup
	for range 40 {
		wg.Go(func() {
			_, _ = w.desk.MoveGoods(t.Context(), desk.MoveRequest{As: river, Place: depot, Direction: site.Out, Lines: []desk.MovedLine{{Type: "blanket", Unit: "piece", Quantity: 1}}})
		})
	}
	wg.Wait()
	if s := must(w.desk.Site(t.Context(), river, depot))(t); s.Goods[0].Quantity != 0 {
		t.Errorf("%d are left, want 0", s.Goods[0].Quantity)
	}
	if all := must(w.desk.Movements(t.Context(), river, depot, 100))(t); len(all) != 21 {
		t.Errorf("%d movements are noted, want 21", len(all))
	}
}
