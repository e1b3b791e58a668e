package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestExchangeFlowAndDeliveryAreShownOrRefused: of a record that begins a thread of theirs how it stands, and
// of any other why it is none.
func TestExchangeFlowAndDeliveryAreShownOrRefused(t *testing.T) {
	n := open(t)
	must(n.client.Invite(t.Context(), api.InviteRequest{Institution: town, Level: body.Municipality}))(t)
	for _, said := range []string{
		`{"kind":"request","body":{"answer_by":"2036-11-05T12:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"blanket","quantity":300,"unit":"piece"}]}}`,
		`{"kind":"commit-flow","body":{"recipient":"` + string(town) + `","amount":"5000","currency":"EUR"}}`,
	} {
		if r := n.ask("POST", "/v1/publish", said); r.status != http.StatusOK {
			t.Fatalf("%s: %d %s", said, r.status, r.body)
		}
	}
	for _, tt := range []struct {
		asked  string
		status int
		want   string
	}{
		{"/v1/exchanges/" + string(centre) + "/resource.1.1", 200, `"quantity":300`},
		{"/v1/exchanges/" + string(centre) + "/resource.1.9", 404, "resource.1.9"},
		{"/v1/flows/" + string(centre) + "/funding.1.1", 200, `"committed":"5000"`},
		{"/v1/flows/" + string(centre) + "/funding.1.9", 404, "funding.1.9"},
		{"/v1/deliveries/" + string(centre) + "/resource.1.1", 400, "is no commitment"},
	} {
		if r := n.ask("GET", tt.asked, ""); r.status != tt.status || !strings.Contains(r.body, tt.want) {
			t.Errorf("%s: %d %s, want %d with %s", tt.asked, r.status, r.body, tt.status, tt.want)
		}
	}
}
