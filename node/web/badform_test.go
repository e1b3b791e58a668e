package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestBadInputIsRefusedInTheFormsOfPhaseAndStance: beside its field, and nothing is written. Each
// other kind has a table of its own.
func TestBadInputIsRefusedInTheFormsOfPhaseAndStance(t *testing.T) {
	b := meet(t)
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960").Record
	b.centre.comes(said)
	u := b.centre.account(staff.Coordinator)
	stance := "/endorse/" + said.String()
	right := map[string]map[string]string{
		"/phase/new": {"place": "MK-405", "phase": "response", "reason": "many come"},
		stance:       {"stance": "dispute", "basis": "observed", "reason": "nobody was there"},
	}
	for _, tt := range []struct{ path, name, value, field string }{
		{"/phase/new", "place", "", "place"},
		{"/phase/new", "place", "Nowhere", "place"},
		{"/phase/new", "phase", "panic", "phase"},
		{"/phase/new", "phase", "", "phase"},
		{"/phase/new", "report_every_h", "often", "report_every_h"},
		{"/phase/new", "report_every_h", "0", "report_every_h"},
		{"/phase/new", "reason", "", "reason"},
		{stance, "stance", "", "stance"},
		{stance, "basis", "", "basis"},
		{stance, "basis", "hearsay", "basis"},
		{stance, "reason", "", "reason"},
		{stance, "value", "many", "value"},
		{stance, "value", "960", "field"}, // of no field
	} {
		form := u.form(tt.path)
		for name, value := range right[tt.path] {
			form.Set(name, value)
		}
		form.Set(tt.name, tt.value)
		p := u.post(tt.path, form)
		if p.status < http.StatusBadRequest || p.status >= http.StatusInternalServerError || !strings.Contains(p.body, `id="why.`+tt.field+`"`) || !strings.Contains(p.body, `href="#`+tt.field+`"`) {
			t.Errorf("%s with %s=%q: %d, want it refused beside %s:\n%s", tt.path, tt.name, tt.value, p.status, tt.field, p.body)
		}
	}
	for path, fields := range right {
		form := u.form(path)
		for name, value := range fields {
			form.Set(name, value)
		}
		if n := u.sent(path, form); n.Sequence == 0 {
			t.Errorf("%s is refused as it should be", path)
		}
	}
}
