package federation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// A project of two countries, with the line between them cut while each side adds to it and a
// version is written: both show the same once it is back.
func TestProjectIsOneOverACutBorder(t *testing.T) {
	t.Parallel()
	const south, north = capital, protocol.InstitutionID("rs.south.town")
	n, err := federation.Start(t.Context(), federation.Options{Dir: t.TempDir(), Clock: time.Now, Timing: quick()}, federation.Plan{
		Network: "test", Nodes: [][]federation.Member{{member(capital, body.Ministry)}, {member(ministry, body.Ministry)}, {member(north, body.Municipality)}},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}, ministry: {"rs."}},
	})
	t.Cleanup(func() {
		if n != nil {
			if failed := n.Close(); failed != nil {
				t.Error(failed)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	publish := func(as protocol.InstitutionID, kind string, set ...string) protocol.Name {
		t.Helper()
		done, err := n.Node(as).Desk().Publish(t.Context(), desk.Request{As: as, Kind: kind, Set: set})
		if err != nil {
			t.Fatalf("%s: %s: %v", as, kind, err)
		}
		return done.Record
	}
	settle := func() {
		t.Helper()
		if err := n.Settle(within(t)); err != nil {
			t.Fatal(err)
		}
	}
	shown := func(at protocol.InstitutionID, p protocol.Name) desk.ProjectSheet {
		t.Helper()
		s, err := n.Node(at).Desk().Project(t.Context(), desk.ProjectQuery{As: at, Record: p.String()})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	settle()
	p := publish(south, "project", "title=One queue", "period=2015-01-01/2099-01-01", "partners="+string(north)+","+string(ministry))
	settle()
	for _, id := range []protocol.InstitutionID{north, ministry} {
		await(t, n.Node(id), "the project is in the picture", func() bool {
			_, err := n.Node(id).Desk().Project(t.Context(), desk.ProjectQuery{As: id, Record: p.String()})
			return err == nil
		})
	}
	border := n.Line(capital, ministry)
	border.Cut()
	in := "project=" + p.String()
	publish(north, "practice", "title=Numbers", "problem=Rain", "solution=A number each", in)
	for as, step := range map[protocol.InstitutionID]string{north: desk.AnswerAccept, ministry: desk.AnswerRefuse} {
		if _, err := n.Node(as).Desk().Answer(t.Context(), desk.AnswerRequest{As: as, Record: p.String(), Step: step, Reason: "the council said so"}); err != nil {
			t.Fatal(err)
		}
	}
	publish(capital, "consultation", "to="+string(north), "question=More beds?", "closes_at="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), in)
	if _, err := n.Node(south).Desk().Correct(t.Context(), desk.CorrectRequest{As: south, Record: p.String(), Reason: "the council said so", Set: []string{"title=One queue for all"}}); err != nil {
		t.Fatal(err)
	}
	if s := shown(south, p); s.Confirmed != 0 || len(s.Records) != 1 || s.Version != 2 {
		t.Errorf("this side of the cut: %+v", s.Project)
	}
	await(t, n.Node(north), "that side of the cut shows its own", func() bool {
		s := shown(north, p)
		return s.Confirmed == 1 && s.Words[1].State == board.PartDeclined && len(s.Records) == 1 && s.Version == 1
	})
	border.Heal()
	settle()
	told := func(at protocol.InstitutionID) string {
		raw, err := json.Marshal(shown(at, p).Project)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	await(t, n.Node(north), "both sides show the same", func() bool { return told(north) == told(south) })
	s := shown(north, p)
	if s.Confirmed != 1 || s.Version != 2 || s.Title != "One queue for all" || len(s.Records) != 2 || s.Words[1].State != board.PartDeclined || s.Words[0].Version != 1 {
		t.Errorf("healed: %+v", s.Project)
	}
}
