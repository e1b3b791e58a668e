package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestRecordIsJudgedOnItsPage by somebody of another institution, with basis and value; who
// goes beyond its competence is told so beside the field.
func TestRecordIsJudgedOnItsPage(t *testing.T) {
	b := meet(t)
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "figures.present=40").Record
	b.centre.comes(said)
	record, path := "/record/"+said.String(), "/endorse/"+said.String()
	u := b.centre.account(staff.Officer)
	u.get(record).wants(t, []string{`href="` + path + `"`})
	b.gate.account(staff.Officer).get(record).wants(t, nil, `href="`+path+`"`)
	form := u.form(path)
	for name, value := range map[string]string{"stance": "verify", "basis": "registered", "field": "arrivals", "value": "960", "reason": "as in the register"} {
		form.Set(name, value)
	}
	u.sent(path, form)
	u.get(record).wants(t, []string{"Where others stand on it", "verify, as the authority", "arrivals 960", "as in the register"}, "not counted")

	own := b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=960").Record
	b.gate.comes(own)
	g := b.gate.named("test.other", staff.Officer)
	path = "/endorse/" + own.String()
	form = g.form(path)
	form.Set("stance", "verify")
	form.Set("basis", "observed")
	p := g.post(path, form)
	if p.status != http.StatusUnprocessableEntity && p.status != http.StatusForbidden && p.status != http.StatusConflict || !strings.Contains(p.body, `id="why.stance"`) {
		t.Errorf("a municipality verifies for the country: %d %s", p.status, p.body)
	}
}
