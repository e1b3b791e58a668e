package web_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestWhatIsThereAndWhatIsMissingIsDeclaredOnAPage: a town says by its form what it has, lacks and
// wants to learn, a ministry what it teaches, and each node shows who could help whom.
func TestWhatIsThereAndWhatIsMissingIsDeclaredOnAPage(t *testing.T) {
	f := federate(t)
	lacks, gives := f.sites[town].account(staff.Officer), f.sites[centre].account(staff.Officer)
	reads := f.sites[town].account(staff.Auditor)
	for _, at := range []string{"/help/capacity", "/library"} {
		lacks.get(at).wants(t, []string{`href="/capacity/new"`})
		reads.get(at).wants(t, nil, `href="/capacity/new"`)
	}
	form := lacks.form("/capacity/new")
	until := time.Now().Add(72 * time.Hour).Format("2006-01-02T15:04")
	for name, value := range map[string]string{
		"place": "MK-405", "staff": "14", "training_needs": "triage of children",
		"items.1.type": "bus", "items.1.total": "3", "items.1.committed": "1", "items.1.available": "2", "items.1.readiness_hours": "6", "items.1.conditions": "with <our> drivers",
		"items.1.certified": "by the inspectorate", "items.1.place": "MK", "items.1.until": until, "items.1.offerable": "true",
		"gaps.2.type": "tent", "gaps.2.required": "40",
	} {
		form.Set(name, value)
	}
	for _, tt := range []struct{ field, typed, at string }{
		{"place", "", "place"},
		{"place", "nowhere at all", "place"},
		{"staff", "some", "staff"},
		{"items.1.type", "", "items.1.type"},
		{"items.1.total", "many", "items.1.total"},
		{"items.1.committed", "-1", "items.1.committed"},
		{"items.1.available", "1.5", "items.1.available"},
		{"items.1.readiness_hours", "9000", "items.1.readiness_hours"},
		{"items.1.place", "nowhere at all", "items.1.place"},
		{"items.1.until", "soon", "items.1.until"},
		{"items.1.offerable", "perhaps", "items.1.offerable"},
		{"items.1.from", until, "items.1.until"},
		{"gaps.2.required", "a few", "gaps.2.required"},
		{"gaps.2.required", "", "gaps.2.required"},
		{"gaps.2.type", "", "gaps.2.type"},
	} {
		wrong := maps.Clone(form)
		wrong.Set(tt.field, tt.typed)
		if p := lacks.post("/capacity/new", wrong); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.`+tt.at+`"`) {
			t.Errorf("%s is %q: %d\n%s", tt.field, tt.typed, p.status, p.body)
		}
	}
	none := lacks.form("/capacity/new")
	none.Set("place", "MK-405")
	if p := lacks.post("/capacity/new", none); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.items.0.type"`) {
		t.Errorf("nothing is declared: %d", p.status)
	}
	n := lacks.sent("/capacity/new", form)
	said := f.sites[town].said(n)
	for _, want := range []string{
		`"staff":14`, `"training_needs":"triage of children"`, `"gaps":[{"required":40,"type":"tent","unit":"pieces"}]`, `"available":2`, `"committed":1`, `"total":3`, `"unit":"pieces"`, `"readiness_hours":6`,
		`"certified":"by the inspectorate"`, `"offerable":true`, `"place":{"code":"MK"`, `"until":"`, `with <our> drivers`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("declared without %s:\n%s", want, said)
		}
	}
	f.sites[centre].lists(desk.ListCapacity, n)

	form = gives.form("/capacity/new")
	for name, value := range map[string]string{
		"place": "MK", "items.0.type": "training_seat", "items.0.available": "20", "items.0.conditions": "triage, for municipalities", "items.0.offerable": "true",
		"items.1.type": "tent", "items.1.available": "30", "items.1.offerable": "true",
	} {
		form.Set(name, value)
	}
	taught := gives.sent("/capacity/new", form)
	f.sites[town].lists(desk.ListCapacity, taught)
	for _, u := range []*browser{lacks, gives} {
		u.get("/library").wants(t, []string{"triage, for municipalities", "triage of children"})
		u.get("/help/capacity").wants(t, []string{"with &lt;our&gt; drivers", "by the inspectorate", "tents: 40", "triage of children"})
	}

	again := lacks.form("/capacity/new?about=" + n.String())
	for name, want := range map[string]string{"items.0.type": "bus", "items.0.offerable": "true", "items.0.until": until, "gaps.0.required": "40", "staff": "14", "training_needs": "triage of children"} {
		if again.Get(name) != want {
			t.Errorf("the next one begins with %s %q, want %q", name, again.Get(name), want)
		}
	}
	mended := lacks.form("/correct/" + n.String())
	mended.Set("reason", "one bus broke down")
	mended.Set("items.0.total", "2")
	mended.Set("gaps.1.type", "bus")
	mended.Set("gaps.1.unit", "pieces")
	mended.Set("gaps.1.required", "5")
	lacks.sent("/correct/"+n.String(), mended)
	f.sites[centre].until(func() bool {
		rows := must(f.sites[centre].node.Desk().List(t.Context(), desk.Query{What: desk.ListCapacity, By: string(town)}))(t).Rows.([]desk.CapacityRow)
		return len(rows) == 1 && *rows[0].Items[0].Total == 2 && len(rows[0].Gaps) == 2
	})
}
