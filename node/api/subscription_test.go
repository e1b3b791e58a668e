package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestProgramFollowsByItsToken: what a token follows is its own, and over the socket nobody's.
func TestProgramFollowsByItsToken(t *testing.T) {
	n := open(t)
	ask, act := n.programs()
	var made staff.Subscription
	if status := act(staff.Officer, "/v1/subscriptions", `{"name":"Figures in Gevgelija","kinds":["report"],"places":["MK-405"]}`, &made); status != http.StatusOK || made.Number != 1 || made.Kinds[0] != "report" {
		t.Fatalf("made: %d %+v", status, made)
	}
	said := must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"place=MK-405", "figures.arrivals=960", "period=2015-11-02"}}))(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"place=MK-102", "figures.arrivals=961", "period=2015-11-02"}}))(t)
	var all []desk.Followed
	ask(staff.Coordinator, "/v1/subscriptions", &all)
	if len(all) != 0 {
		t.Errorf("another token follows %+v", all)
	}
	if status := ask(staff.Officer, "/v1/subscriptions", &all); status != http.StatusOK || len(all) != 1 || all[0].Name != "Figures in Gevgelija" {
		t.Errorf("what it follows: %d %+v", status, all)
	}
	var one desk.FollowedRecords
	if status := ask(staff.Officer, "/v1/subscriptions/1", &one); status != http.StatusOK || len(one.Records) != 1 || one.Records[0].Record != said.Record {
		t.Errorf("its records: %d %+v", status, one)
	}
	if status := act(staff.Officer, "/v1/subscriptions/looked", fmt.Sprintf(`{"number":1,"at":%q}`, one.At), &made); status != http.StatusOK || made.Looked != one.At {
		t.Errorf("looked: %d %+v", status, made)
	}
	var gone desk.FollowNumber
	if status := act(staff.Officer, "/v1/subscriptions/remove", `{"number":1}`, &gone); status != http.StatusOK {
		t.Errorf("removed: %d", status)
	}
	var p api.Problem
	for _, path := range []string{"/v1/subscriptions/1", "/v1/subscriptions/first"} {
		if status := ask(staff.Officer, path, &p); status != http.StatusNotFound || p.Field != "number" {
			t.Errorf("%s, once it is gone: %d %+v", path, status, p)
		}
	}
	if r := n.ask(http.MethodGet, "/v1/subscriptions", ""); r.status != http.StatusConflict || !strings.Contains(r.body, "ask with a token") {
		t.Errorf("over the socket: %d %s", r.status, r.body)
	}
}
