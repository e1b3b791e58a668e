package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
)

// TestBadStepIsRefusedByTheAPI: with the member that is wrong, and nothing written.
func TestBadStepIsRefusedByTheAPI(t *testing.T) {
	n := open(t)
	n.fill()
	request := string(centre) + "/resource.1.1"
	for lines, want := range map[string]string{
		`{"line":1,"quantity":0}`:              "0 of line 1 are none",
		`{"line":1,"quantity":-5}`:             "1=-5 is no line and quantity",
		`{"line":9,"quantity":5}`:              "has no line 9",
		`{"line":1,"quantity":5,"unit":"bus"}`: "unknown field",
		`{"line":1,"quantity":5}`:              "offer is for the provider to say",
	} {
		r := n.ask("POST", "/v1/answer", `{"record":"`+request+`","step":"offer","lines":[`+lines+`]}`)
		if r.status < http.StatusBadRequest || r.status >= http.StatusInternalServerError || !strings.Contains(r.body, want) {
			t.Errorf("%s: %d %s, want %s", lines, r.status, r.body, want)
		}
	}
	l := must(n.client.List(t.Context(), api.Query{What: "offers"}))(t)
	if l.Total != 0 {
		t.Errorf("%d offers are written", l.Total)
	}
}
