package federation_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// decidedHeld is what a store holds of deciding and paying together, read without the board.
type decidedHeld struct {
	asked      []body.Addressee
	answers    map[protocol.Name]protocol.InstitutionID
	considered map[protocol.Name]body.Consideration
	plan       protocol.Name
	total      body.Sum
	cosigners  []protocol.InstitutionID
	signed     map[protocol.InstitutionID]bool
	donor      map[body.FlowStep]body.Sum // of the steps that the donor itself has signed
	recipient  map[body.FlowStep]body.Sum
	spent      body.Sum
	practices  int
	adopted    map[protocol.InstitutionID]bool
}

func readDecided(t *testing.T, dir string) decidedHeld {
	t.Helper()
	out := decidedHeld{
		answers: map[protocol.Name]protocol.InstitutionID{}, considered: map[protocol.Name]body.Consideration{},
		adopted: map[protocol.InstitutionID]bool{}, signed: map[protocol.InstitutionID]bool{}, donor: map[body.FlowStep]body.Sum{}, recipient: map[body.FlowStep]body.Sum{},
	}
	saidIn(t, dir, func(r *protocol.Record) bool {
		return r.Topic == protocol.Policy || r.Topic == protocol.Funding || r.Topic == protocol.Knowledge
	}, func(r *protocol.Record, said body.Body) {
		out.take(r.Name, said)
	})
	return out
}

func (h *decidedHeld) take(name protocol.Name, said body.Body) {
	switch b := said.(type) {
	case *body.Consultation:
		h.asked = append(h.asked, b.To...)
	case *body.ConsultationResponse:
		h.answers[name] = name.Institution
	case *body.ConsultationOutcome:
		for i := range b.Considered {
			h.considered[b.Considered[i].Response] = b.Considered[i].Consideration
		}
	case *body.Practice:
		h.practices++
	case *body.Endorsement:
		h.adopted[name.Institution] = b.Stance == body.Adopt
	case *body.Plan:
		h.plan, h.cosigners = name, b.Cosigners
		for i := range b.Lines {
			h.total = h.total.Plus(body.SumOf(b.Lines[i].Amount))
		}
	case *body.Acknowledgement:
		if b.State == body.Accepted {
			h.signed[name.Institution] = true
		}
	case *body.Flow:
		side := h.recipient
		if name.Institution == b.Donor {
			side = h.donor
		}
		side[b.Step] = side[b.Step].Plus(body.SumOf(b.Amount))
		if b.Step == body.FlowReport {
			h.spent = body.SumOf(b.Spent)
		}
	}
}

// proveDecided holds what was counted and told of deciding and paying together against the
// records in the store of every node.
func proveDecided(t *testing.T, report federation.DemoReport, flat, dir string) {
	t.Helper()
	got := report.Decided
	if len(got.Plans) != 1 || len(got.Flows) != 1 {
		t.Fatalf("%d plans and %d flows are counted, want 1 of each: %+v", len(got.Plans), len(got.Flows), got)
	}
	plan, flow := got.Plans[0], got.Flows[0]
	for _, n := range report.Nodes {
		held := readDecided(t, filepath.Join(dir, string(n.Institution)))
		if got.Asked != len(held.asked) || got.Answered != len(held.answers) || got.Considered != len(held.considered) || got.Concluded != 1 || len(held.answers) == 0 {
			t.Errorf("the report says %+v, and the store of %s asks %v, answers %v, considers %v", got, n.Institution, held.asked, held.answers, held.considered)
		}
		if got.Practices != held.practices || got.Adoptions != len(held.adopted) || held.practices != 1 || !held.adopted[federation.NorthGate] {
			t.Errorf("the report says %d practices and %d adoptions, and the store of %s has %d, adopted by %v", got.Practices, got.Adoptions, n.Institution, held.practices, held.adopted)
		}
		for answer, by := range held.answers {
			if held.considered[answer] == "" {
				t.Errorf("%s holds no consideration of the answer of %s", n.Institution, by)
			}
		}
		if plan.Plan != held.plan || plan.Total.Compare(held.total) != 0 || plan.Of != len(held.cosigners) || plan.Signed != len(held.signed) || plan.Signed < 2 {
			t.Errorf("the report says %+v, and the store of %s plans %s for %v, signed by %v", plan, n.Institution, held.total, held.cosigners, held.signed)
		}
		for step, told := range map[body.FlowStep]body.Sum{body.FlowCommit: flow.Committed, body.FlowPay: flow.Paid} {
			if told.Compare(held.donor[step]) != 0 || told.Sign() == 0 {
				t.Errorf("%s %s is told, and in the store of %s the donor says %s", told, step, n.Institution, held.donor[step])
			}
		}
		if flow.Received.Compare(held.recipient[body.FlowReceive]) != 0 || flow.Spent.Compare(held.spent) != 0 || flow.Spent.Plus(flow.Unspent).Compare(flow.Received) != 0 {
			t.Errorf("the report says %+v, and in the store of %s the recipient says %v, spent %s", flow, n.Institution, held.recipient, held.spent)
		}
	}
	for _, want := range []string{
		fmt.Sprintf("%d towns asked, %d answers counted, %d considered with a reason, %d concluded.", got.Asked, got.Answered, got.Considered, got.Concluded),
		fmt.Sprintf("signed by %d of %d: agreed.", plan.Signed, plan.Of), "left: reconciled.",
		"ANSWER by south-gate (mk), signed in time, and no line is left", "REFUSED by the node of crisis-centre (mk) itself: to conclude over an answer",
		"1 practice, 1 adoption by others.", "LEARNT, says south-gate (mk) (invented): Numbers instead of queues", "ADOPTED by north-gate (mk): hours that a family waits, 7 before and 3 after",
		"not reconciled: south-gate (mk) has not said so yet", "the two sides are reconciled",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("not told: %s", want)
		}
	}
}

// proveAddedUp holds what was counted and told of the regional report, and of the phase that is
// suggested, against the stores.
func proveAddedUp(t *testing.T, report federation.DemoReport, flat, dir string, of scenes) {
	t.Helper()
	from, to := dayOf(t, of.from), dayOf(t, of.to)
	got, figures, sources := report.Regional, 0, map[protocol.Name]bool{}
	for _, n := range report.Nodes {
		found, err := node.Inspect(t.Context(), node.Options{Dir: filepath.Join(dir, string(n.Institution))}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Picture.Regional) != 1 || found.Picture.Regional[0].Check != node.AddsUp {
			t.Errorf("%s has the regional reports %+v", n.Institution, found.Picture.Regional)
		}
		if n.Institution != federation.Coordinator {
			continue
		}
		for _, f := range found.Picture.Figures {
			figures++
			for _, p := range found.Picture.Series(f.Place, f.Indicator, f.Institution) {
				if p.PeriodStart >= from && p.PeriodStart <= to {
					sources[p.Record] = true
				}
			}
		}
	}
	if got.Figures != figures || got.Records != len(sources) || got.AddsUp != len(report.Nodes) || got.Of-got.Reported != 3 || report.Suggested != of.suggested {
		t.Errorf("counted %+v and %d suggested, want %d figures of %d records, adding up on all nodes, three towns that never reported, and %d", got, report.Suggested, figures, len(sources), of.suggested)
	}
	for _, want := range []string{
		fmt.Sprintf("Regional report: %d figures of %d records; adds up on %d nodes. %d of %d reports had come.", figures, len(sources), len(report.Nodes), got.Reported, got.Of),
		fmt.Sprintf("REGIONAL REPORT by secretariat: %d figures of %d records; at the crisis centre it adds up.", figures, len(sources)),
		"never one from 3 members", "PHASE SUGGESTED for Gevgelija: response.", "a phase is suggested for 1 place, and declared by nobody",
	} {
		if !strings.Contains(flat, want) {
			t.Errorf("not told: %s", want)
		}
	}
}
