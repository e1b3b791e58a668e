package api_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestProgramIsToldWhatThisNodeKnewThen of members, the charter, exercises and what a name leads to, as
// the pages tell it; of what no record says it is told that this can't be asked.
func TestProgramIsToldWhatThisNodeKnewThen(t *testing.T) {
	n := open(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "phase", Exercise: true, Set: []string{"exercise=Flood 1", "place=MK-405", "phase=response", "reason=to see", "valid_until=2015-11-03T12:00:00Z"}}))(t)
	said := must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet", "place=MK-405", "figures.arrivals=960", "period=2015-11-02"}}))(t)
	ask, _ := n.programs()
	before := "at=" + url.QueryEscape(protocol.InstantOf(hour().Add(-time.Second)).String())
	for at, there := range map[string]bool{"": true, before: false} {
		var all []desk.Member
		var one desk.Member
		var charter desk.Charter
		var shown desk.Shown
		var members struct{ Rows []desk.Member }
		var exercises struct{ Rows []desk.ExerciseRow }
		for route, into := range map[string]any{
			"/v1/members?": &all, "/v1/members/" + string(centre) + "?": &one, "/v1/charter?": &charter, "/v1/show?ref=" + string(centre) + "&": &shown, "/v1/lists/members?": &members, "/v1/lists/exercises?": &exercises,
		} {
			if status := ask(staff.Officer, route+at, into); status != http.StatusOK {
				t.Errorf("%s%s: %d", route, at, status)
			}
		}
		if len(all) != 1 || len(members.Rows) != 1 || charter.Members != 1 || charter.Version != 1 {
			t.Fatalf("%q: members %v, in the list %v, charter %+v", at, all, members.Rows, charter)
		}
		for _, m := range []desk.Member{all[0], one, members.Rows[0], shown.Institution.Member} {
			if (m.Profile != nil) != there || m.NodeKey.IsZero() == there || m.IdentityKey.IsZero() {
				t.Errorf("%q: %+v", at, m)
			}
		}
		if (len(exercises.Rows) == 1) != there {
			t.Errorf("%q: exercises %+v", at, exercises.Rows)
		}
	}
	for route, want := range map[string]int{
		"/v1/show?ref=" + said.Record.String() + "&": http.StatusNotFound,
		"/v1/links?": http.StatusBadRequest, "/v1/lists/links?": http.StatusBadRequest, "/v1/lists/dropped?": http.StatusBadRequest, "/v1/doctor?": http.StatusBadRequest,
	} {
		var p api.Problem
		if status := ask(staff.Officer, route+before, &p); status != want {
			t.Errorf("%s: %d %+v, want %d", route, status, p, want)
		}
	}
	var p api.Problem
	if status := ask(staff.Officer, "/v1/members?at=yesterday", &p); status != http.StatusBadRequest || p.Field != "at" {
		t.Errorf("no moment: %d %+v", status, p)
	}
}
