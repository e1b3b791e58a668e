package federation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ministry is that of another country than the capital's.
const ministry protocol.InstitutionID = "rs.national.interior"

// hearing is two ministries, each with five municipalities: one of them asks all the others.
type hearing struct {
	t      *testing.T
	n      *federation.Network
	passed atomic.Int64 // of the hours since it began
	asked  desk.Published
}

func towns(country string) []protocol.InstitutionID {
	out := make([]protocol.InstitutionID, 5)
	for i := range out {
		out[i] = protocol.InstitutionID(fmt.Sprintf("%s.south.town-%d", country, i+1))
	}
	return out
}

func hear(t *testing.T) *hearing {
	t.Helper()
	h := &hearing{t: t}
	plan := federation.Plan{
		Network: "test", Nodes: [][]federation.Member{{member(capital, body.Ministry)}, {member(ministry, body.Ministry)}},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}, ministry: {"rs."}},
	}
	for _, id := range append(towns("mk"), towns("rs")...) {
		plan.Nodes = append(plan.Nodes, []federation.Member{member(id, body.Municipality)})
	}
	clock := func() time.Time { return time.Now().Add(time.Duration(h.passed.Load()) * time.Hour) }
	var err error
	h.n, err = federation.Start(t.Context(), federation.Options{Dir: t.TempDir(), Clock: clock, Timing: quick()}, plan)
	t.Cleanup(func() {
		if h.n != nil {
			if failed := h.n.Close(); failed != nil {
				t.Error(failed)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	set := []string{"question=By residents or by arrivals?", "closes_at=" + clock().Add(24*time.Hour).UTC().Format(time.RFC3339)}
	for i, id := range append(append(towns("mk"), towns("rs")...), ministry) {
		set = append(set, fmt.Sprintf("to.%d=%s", i, id))
	}
	h.asked = h.publish(capital, "consultation", set...)
	if err := h.n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hearing) publish(as protocol.InstitutionID, kind string, set ...string) desk.Published {
	h.t.Helper()
	done, err := h.n.Node(as).Desk().Publish(h.t.Context(), desk.Request{As: as, Kind: kind, Set: set})
	if err != nil {
		h.t.Fatalf("%s: %s: %v", as, kind, err)
	}
	return done
}

// declares says how many beds an institution has, again and again, and gives the last word.
func (h *hearing) declares(as protocol.InstitutionID, beds ...int) (last protocol.Name) {
	h.t.Helper()
	for _, n := range beds {
		last = h.publish(as, "capacity", "place=RS-24", "items.0.type=bed_place", "items.0.unit=place", fmt.Sprintf("items.0.available=%d", n)).Record
	}
	return last
}

// answer is one by its author's desk, as soon as its picture has the question.
func (h *hearing) answer(as protocol.InstitutionID, position string) protocol.Name {
	h.t.Helper()
	at := h.n.Node(as)
	await(h.t, at, "the question is in the picture", func() bool {
		_, err := at.Desk().Hearing(h.t.Context(), as, h.asked.Record.String(), 0)
		return err == nil
	})
	return h.publish(as, "response", "thread="+h.asked.Record.String(), "position="+position, "text=as we said").Record
}

// concludes tries to decide, with a consideration of each of some answers.
func (h *hearing) concludes(knowing bool, answers ...protocol.Name) (desk.Published, error) {
	h.t.Helper()
	set := []string{"thread=" + h.asked.Record.String(), "decision=By arrivals."}
	for i, n := range answers {
		set = append(set, fmt.Sprintf("considered.%d.response=%s", i, n), fmt.Sprintf("considered.%d.consideration=partly", i), fmt.Sprintf("considered.%d.reason=as far as the law lets us", i))
	}
	return h.n.Node(capital).Desk().Publish(h.t.Context(), desk.Request{As: capital, Kind: "outcome", Set: set, Knowing: knowing})
}

func (h *hearing) refused(err error, want string) {
	h.t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		h.t.Fatalf("concluded: %v, want a refusal with %q", err, want)
	}
}

// shown is the consultation at a node as its people see it.
func (h *hearing) shown(at protocol.InstitutionID) desk.Hearing {
	h.t.Helper()
	v, err := h.n.Node(at).Desk().Hearing(h.t.Context(), at, h.asked.Record.String(), 0)
	if err != nil {
		h.t.Fatal(err)
	}
	return v
}

// bytes is what a node shows of it, without the hours at which each node had the answers.
func (h *hearing) bytes(at protocol.InstitutionID) string {
	h.t.Helper()
	c := h.shown(at).Consultation
	for i := range c.Answers {
		c.Answers[i].Accepted = 0
	}
	raw, err := json.Marshal(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(raw)
}

// One ministry asks another and ten municipalities; for half of them the line is cut while they answer.
// What they signed before the closing and came within 72 hours counts, what came later is
// late, nothing is decided over an answer that was received, and all show the same.
func TestConsultationHoldsOverAPartition(t *testing.T) {
	t.Parallel()
	h := hear(t)
	mk, rs := towns("mk"), towns("rs")
	border, last := h.n.Line(capital, ministry), h.n.Line(rs[3], ministry)
	border.Cut()
	last.Cut()
	h.publish(rs[0], "needs", "place=RS-24", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=600", "items.0.basis=count", "items.0.priority=1")
	newest := h.declares(rs[0], 20, 35)
	var near, far []protocol.Name
	for i, position := range []string{"support", "amend", "oppose", "neutral"} {
		near = append(near, h.answer(mk[i], position)) // the fifth is silent
	}
	for i, position := range []string{"no_capacity", "support", "oppose", "amend"} {
		far = append(far, h.answer([]protocol.InstitutionID{rs[0], rs[1], rs[2], ministry}[i], position))
	}
	late := h.answer(rs[3], "support") // in time, and by a line that is cut too long
	for _, n := range near {
		arrives(t, h.n, capital, n)
	}

	h.passed.Store(25)
	_, err := h.n.Node(rs[4]).Desk().Publish(t.Context(), desk.Request{Kind: "response", Set: []string{"thread=" + h.asked.Record.String(), "position=support"}})
	h.refused(err, "an answer would be late")
	past := &body.ConsultationResponse{Position: body.PositionSupport}
	past.Thread, past.Refs = h.asked.Record, []body.Ref{{Rel: body.RelAnswers, Record: h.asked.Record, Digest: h.asked.Digest}}
	behind, err := h.n.Node(rs[4]).Say(t.Context(), rs[4], past, protocol.Green) // past its desk
	if err != nil {
		t.Fatal(err)
	}
	await(t, h.n.Node(capital), "the clocks of others have gone on too", func() bool {
		_, err = h.concludes(false, near...)
		return err == nil || !strings.Contains(err.Error(), "clock says")
	})
	h.refused(err, "7 who were asked have not answered, and what they signed in time may come")
	border.Heal()
	for _, n := range append(far, behind.Name) {
		arrives(t, h.n, capital, n)
	}
	h.counts(t, 9, 8)
	_, err = h.concludes(true, near...)
	h.refused(err, "has answered, and nothing says what became of it")

	h.passed.Store(24 + 73)
	last.Heal()
	arrives(t, h.n, capital, late)
	all := append(near, far...)
	h.counts(t, 10, 8)
	_, err = h.concludes(false, append(all, late)...)
	h.refused(err, "came late: to consider it would let it count")
	_, err = h.concludes(false, all[1:]...)
	h.refused(err, string(mk[0])+" has answered")
	outcome, err := h.concludes(false, all...)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range h.n.Nodes() {
		arrives(t, h.n, n.Institutions()[0], outcome.Record)
	}
	h.same(t, newest, late, behind.Name)
}

// counts waits until so many answers are in the capital's picture, and wants so many to count.
func (h *hearing) counts(t *testing.T, known, counted int) {
	t.Helper()
	await(t, h.n.Node(capital), "the answers are in the picture", func() bool { return len(h.shown(capital).Answers) == known })
	if v := h.shown(capital); v.Counted() != counted {
		t.Fatalf("of %d answers %d count, want %d", known, v.Counted(), counted)
	}
}

// same holds what the nodes show against each other and against what happened: who declared its capacity in a record has assessed
// its needs once, and has not declared anything since.
func (h *hearing) same(t *testing.T, newest protocol.Name, late ...protocol.Name) {
	t.Helper()
	if err := h.n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(time.Duration(h.passed.Load()) * time.Hour)
	here := h.n.Node(capital)
	for _, other := range h.n.Nodes() {
		await(t, other, "its picture is the capital's", func() bool { return other.PictureDigest(at) == here.PictureDigest(at) })
	}
	if a, b := h.bytes(capital), h.bytes(ministry); a != b {
		t.Errorf("the ministries show\n%s\n%s", a, b)
	}
	v := h.shown(ministry)
	if v.State != board.ConsultationConcluded || len(v.Outcome.Considered) != 8 || len(v.Quiet) != 3 || len(v.Waiting) != 0 {
		t.Errorf("it is %s, of %d answers something became, %d are quiet, %v wait", v.State, len(v.Outcome.Considered), len(v.Quiet), v.Waiting)
	}
	for i := range v.Respondents {
		r := &v.Respondents[i]
		want := board.AnswerCounts
		if r.Record == late[0] || r.Record == late[1] {
			want = board.AnswerLate
		}
		if r.State != want || (want == board.AnswerCounts) != (r.Consideration == body.ConsideredPartly) {
			t.Errorf("%s is %s and %q, want %s", r.Record, r.State, r.Consideration, want)
		}
		if r.Institution == newest.Institution && len(r.Needs) != 1 {
			t.Errorf("beside the answer of %s stand %d assessments, want 1", r.Institution, len(r.Needs))
		}
		if r.Institution == newest.Institution && (len(r.Capacity) != 1 || r.Capacity[0].Record != newest) {
			t.Errorf("beside the answer of %s stands the capacity %+v, want that of %s", r.Institution, r.Capacity, newest)
		}
	}
	if !slices.ContainsFunc(v.Respondents, func(r desk.Respondent) bool { return r.Institution == ministry && r.State == board.AnswerCounts }) {
		t.Error("the answer of the ministry does not count")
	}
}
