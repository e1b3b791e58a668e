package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// signs has an institution write a record as of an earlier day.
func (s *site) signs(as protocol.InstitutionID, daysAgo int, b body.Body) (protocol.Name, protocol.Digest) {
	s.t.Helper()
	said := must(s.node.Intake().Publish(s.t.Context(), intake.Draft{
		Institution: as, Type: b.Type(), Time: protocol.InstantOf(time.Now().AddDate(0, 0, -daysAgo)), Handling: protocol.Green, Body: must(body.Marshal(b, [16]byte{1}))(s.t),
	}))(s.t)
	return said.Name, said.Digest
}

// heardLongAgo has the centre ask the town, past its desk, a month ago, and the town answer before the closing.
func (f *federated) heardLongAgo() (asked, answer body.Ref) {
	c := &body.Consultation{Question: "By residents or by arrivals?", OpensAt: body.TimeOf(time.Now().AddDate(0, 0, -30)), ClosesAt: body.TimeOf(time.Now().AddDate(0, 0, -10))}
	c.To = []body.Addressee{body.Addressee(town)}
	asked.Rel = body.RelAnswers
	asked.Record, asked.Digest = f.sites[centre].signs(centre, 31, c)
	r := &body.ConsultationResponse{Position: body.PositionOppose, Text: "arrivals count"}
	r.Thread, r.Refs = asked.Record, []body.Ref{asked}
	answer.Record, answer.Digest = f.sites[town].signs(town, 20, r)
	return asked, answer
}

// TestPageSaysWhereTheArrivalOfAnAnswerIsNotKnown: a question of last month was answered and closed before this node was
// there, so that it has the answer since today.
func TestPageSaysWhereTheArrivalOfAnAnswerIsNotKnown(t *testing.T) {
	f := federate(t)
	asked, answer := f.heardLongAgo()
	f.sites[centre].comes(answer.Record)

	asks := f.sites[centre].account(staff.Officer)
	path := "/policy/consultation/" + asked.Record.String()
	p := asks.get(path)
	p.wants(t, []string{"counts</span>", "Whether it came in time cannot be told here", "It was signed before the closing, and so it counts.", "1 of 1"})
	if p = asks.post(path, filledIn(t, p, "conclude", "decision", "By arrivals.", "considered.0.consideration", "partly")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#considered.0.reason"`) {
		t.Errorf("decided without a word on it: %d", p.status)
	}
	o := &body.ConsultationOutcome{Decision: "By residents."}
	o.Thread, o.Refs = asked.Record, []body.Ref{{Rel: body.RelConcludes, Record: asked.Record, Digest: asked.Digest}}
	left, leftDigest := f.sites[centre].signs(centre, 1, o)
	asks.get(path).wants(t, []string{"late</span>", "Whether it came in time cannot be told here", "Who asked decided without it after"})
	back := &body.Correction{Topic: protocol.Policy, Action: body.Retract, Reason: "one answer was left out"} // past its own desk, which has it put right
	back.Thread, back.Refs = asked.Record, []body.Ref{{Rel: body.RelCorrects, Record: left, Digest: leftDigest}}
	f.sites[centre].signs(centre, 1, back)
	o.Considered = []body.Considered{{Response: answer.Record, Digest: answer.Digest, Consideration: body.ConsideredPartly, Reason: "from December on"}}
	f.sites[centre].signs(centre, 0, o)
	asks.get(path).wants(t, []string{"counts</span>", "from December on"}, "cannot be told here")
}
