package web_test

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestNeedsAreCostedAndPutRightOnAPage: what a town says that its needs cost stands at a donor's
// node as not funded, and so does what it puts right.
func TestNeedsAreCostedAndPutRightOnAPage(t *testing.T) {
	f := federate(t)
	u, donor := f.sites[town].account(staff.Officer), f.sites[centre].account(staff.Officer)
	form := u.form("/needs/new")
	form.Set("place", "MK-405")
	form.Set("population.in_need", "3000")
	form.Set("items.0.item", "water_litre")
	form.Set("items.0.required", "45000")
	for name, value := range map[string]string{"cost_estimate.amount": "900.50", "cost_estimate.currency": "EUR", "deadline": time.Now().Add(48 * time.Hour).Format("2006-01-02T15:04")} {
		form.Set("items.0."+name, value)
	}
	form.Set("workout", "1")
	rows := fields(u.post("/needs/new", form).body)
	if rows.Get("items.0.item") != "bed_place" || rows.Get("items.0.cost_estimate.amount") != "" || rows.Get("items.2.item") != "water_litre" || rows.Get("items.2.cost_estimate.amount") != "900.50" || rows.Get("items.2.deadline") == "" {
		t.Errorf("worked out: %v", rows)
	}
	for _, tt := range []struct{ field, typed string }{
		{"cost_estimate.amount", "a lot"}, {"cost_estimate.amount", ""}, {"cost_estimate.currency", "euro"}, {"cost_estimate.currency", ""}, {"deadline", "soon"},
	} {
		wrong := maps.Clone(rows)
		wrong.Set("items.2."+tt.field, tt.typed)
		wrong.Set("items.1.item", "") // an empty row before it is no row of the record
		for _, part := range []string{"unit", "required", "available", "priority"} {
			wrong.Set("items.1."+part, "")
		}
		if p := u.post("/needs/new", wrong); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.items.2.`+tt.field+`"`) {
			t.Errorf("%s is %q: %d\n%s", tt.field, tt.typed, p.status, p.body)
		}
	}
	n := u.sent("/needs/new", rows)
	f.sites[centre].lists(desk.ListUnfunded, n)
	donor.get("/funds").wants(t, []string{"The cost is known of 1 of 3 needs", "<b>900.50 EUR</b>"})

	path := "/correct/" + n.String()
	now := u.form(path)
	for name, want := range map[string]string{"place": "iso3166-2:MK-405", "population.in_need": "3000", "items.1.item": "latrine", "items.1.required": "150", "items.2.cost_estimate.currency": "EUR", "items.2.deadline": rows.Get("items.2.deadline")} {
		if now.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, now.Get(name), want)
		}
	}
	for _, tt := range []struct{ field, typed, at string }{
		{"reason", "", "reason"},
		{"items.2.required", "many", "items.2.required"},
		{"items.2.cost_estimate.amount", "-1", "items.2.cost_estimate.amount"},
		{"population.in_need", "", "population.in_need"},
		{"place", "nowhere at all", "place"},
	} {
		wrong := maps.Clone(now)
		wrong.Set("reason", "counted again")
		wrong.Set("items.0.required", "2999")
		wrong.Set(tt.field, tt.typed)
		if p := u.post(path, wrong); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.`+tt.at+`"`) {
			t.Errorf("%s is %q: %d\n%s", tt.field, tt.typed, p.status, p.body)
		}
	}
	same := maps.Clone(now)
	same.Set("reason", "nothing is otherwise")
	if p := u.post(path, same); p.status != http.StatusUnprocessableEntity {
		t.Errorf("nothing is otherwise: %d", p.status)
	}
	now.Set("reason", "counted again")
	now.Set("items.0.item", "") // no beds any more, and buses in their place
	for _, part := range []string{"unit", "required", "available", "priority"} {
		now.Set("items.0."+part, "")
	}
	now.Set("items.3.item", "bus")
	now.Set("items.3.required", "4")
	now.Set("items.2.cost_estimate.amount", "1200")
	said := f.sites[town].said(u.sent(path, now))
	for _, want := range []string{`"basis":"standard"`, `"standard_ref":"Sphere Handbook 2018`, `"in_need":3000`, `"amount":"1200"`, `"item":"bus"`, `"sector":`} {
		if !strings.Contains(said, want) {
			t.Errorf("put right without %s:\n%s", want, said)
		}
	}
	if strings.Contains(said, "bed_place") {
		t.Errorf("beds are still needed:\n%s", said)
	}
	f.sites[centre].until(func() bool {
		l := must(f.sites[centre].node.Desk().List(t.Context(), desk.Query{What: desk.ListUnfunded}))(t).Rows.([]desk.UnfundedRow)
		for i := range l {
			if l[i].Currency == "EUR" && l[i].Unfunded.String() == "1200" {
				return true
			}
		}
		return false
	})
	donor.get("/funds").wants(t, []string{"<b>1,200 EUR</b>"}, "900.50")

	fewer := u.form(path) // and no buses, with nothing in their place
	fewer.Set("reason", "the buses came")
	for i := range 4 {
		if row := "items." + strconv.Itoa(i) + "."; fewer.Get(row+"item") == "bus" {
			for _, part := range []string{"item", "unit", "required", "available", "priority"} {
				fewer.Set(row+part, "")
			}
		}
	}
	if said = f.sites[town].said(u.sent(path, fewer)); strings.Contains(said, `"bus"`) || !strings.Contains(said, `"latrine"`) || !strings.Contains(said, `"amount":"1200"`) {
		t.Errorf("emptied without another in its place:\n%s", said)
	}
}
