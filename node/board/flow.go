package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Flow is one flow of funds, as the words of its donor and its recipient make it together.
type Flow struct {
	Flow protocol.Name `json:"flow"` // the record that began it
	body.FlowBook
	State          body.FlowState      `json:"state"`
	Reconciliation body.Reconciliation `json:"reconciliation"`
	DecidedAt      protocol.Instant    `json:"decided_at,omitzero"` // of what was promised last, else of what began it
	InKind         string              `json:"in_kind,omitempty"`
	Earmarking     body.Earmarking     `json:"earmarking,omitempty"`
	PlanLines      []body.PlanLineRef  `json:"plan_lines,omitempty"`
	NeedsRefs      []protocol.Name     `json:"needs_refs,omitempty"`
	UseBy          protocol.Instant    `json:"use_by,omitzero"`
	Results        string              `json:"results,omitempty"`
	ParentFlow     protocol.Name       `json:"parent_flow,omitzero"` // as its donor says
	PassedOn       bool                `json:"passed_on"`            // it is counted by its parent, and not again
	Place          body.PlaceKey       `json:"place,omitzero"`
	PlaceName      string              `json:"place_name,omitempty"`
	Footnote       bool                `json:"footnote,omitempty"`
	PledgedOnly    body.Sum            `json:"pledged_only,omitempty"` // of what was pledged, what is not committed: no funding; no part of the digest
	Places         []body.PlaceKey     `json:"places,omitempty"`       // where it is to help: its own, or those of the lines or needs that it names; no part of the digest
	Sectors        []body.Sector       `json:"sectors,omitempty"`      // of these lines, or else needs; no part of the digest
	Steps          []FlowStep          `json:"steps"`                  // in the one order of all nodes

	aims    []aim           // where it is to help; see [View.WhoWhatWhere]
	answers []protocol.Name // the needs that it names, or the lines that it names
	project protocol.Name   // no part of the digest, which nodes of two versions compare
}

// Project gives the project that it is part of, as was said last; the zero name: of none. A promise
// that names none takes it from none.
func (f *Flow) Project() protocol.Name { return f.project }

// FlowStep is one record of a flow, and what became of it.
type FlowStep struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Step        string                 `json:"step"`
	Institution protocol.InstitutionID `json:"institution"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Amount      body.Sum               `json:"amount,omitempty"`
	Spent       body.Sum               `json:"spent,omitempty"`
	Unspent     body.Sum               `json:"unspent,omitempty"`
	Says        string                 `json:"says,omitempty"` // a reason, or results
	Standing    Standing               `json:"standing"`
	Correction  protocol.Name          `json:"correction,omitzero"`
	Ignored     string                 `json:"ignored,omitempty"` // why it has no effect
}

// SaidAt gives when its author wrote the last step, by that one's clock.
func (f *Flow) SaidAt() protocol.Instant {
	if len(f.Steps) == 0 {
		return 0
	}
	return f.Steps[len(f.Steps)-1].AuthorTime
}

// flowStep is the essence of a step of a flow.
type flowStep struct {
	flow protocol.Name
	said *body.Flow
}

func newFlowStep(b *body.Flow, name protocol.Name) *flowStep {
	s := &flowStep{b.Thread, b}
	if s.flow.IsZero() {
		s.flow = name
	}
	return s
}

// flowOf gives the flow that a record is shown in.
func flowOf(e *entry) (protocol.Name, bool) {
	said := e.what
	if said == nil {
		said = e.now
	}
	if s, ok := said.(*flowStep); ok {
		return s.flow, true
	}
	return protocol.Name{}, false
}

// flow is the fold of all that stands under one name.
type flow struct {
	row      Flow
	begun    *entry // what begins it, once that is taken in
	promised bool   // its terms are those of a donor's promise
}

// foldFlow goes through a flow in its one order. What its author's side or the order of
// steps does not allow is kept, and says why it has no effect.
func foldFlow(name protocol.Name, of []*entry) *flow {
	out := &flow{row: Flow{Flow: name, Steps: []FlowStep{}}}
	for _, e := range reissuesIn(of).inOrder(of, name) {
		s, ok := e.now.(*flowStep)
		if !ok {
			s, ok = e.what.(*flowStep)
		}
		if ok {
			out.row.Steps = append(out.row.Steps, out.apply(e, s))
		}
	}
	out.row.State, out.row.Reconciliation = out.row.FlowBook.State(), out.row.FlowBook.Reconciliation()
	return out
}

// apply takes one step and says what became of it.
func (f *flow) apply(e *entry, s *flowStep) FlowStep {
	said := s.said
	row := FlowStep{
		Record: e.name, Digest: e.digest, Step: said.Step.String(), Institution: e.name.Institution, AuthorTime: e.time,
		Says: cmp.Or(string(said.Reason), string(said.Results)), Standing: e.standing,
	}
	switch {
	case said.Amount != "":
		row.Amount = body.SumOf(said.Amount)
	case said.Step == body.FlowReport:
		row.Spent, row.Unspent = body.SumOf(said.Spent), body.SumOf(said.Unspent)
	}
	if e.by != nil {
		row.Correction = e.by.name
	}
	switch {
	case e.now == nil:
		row.Ignored = e.standing.String()
		return row
	case e.name == f.row.Flow && f.begun != nil:
		row.Ignored = "another record of this name began the flow"
		return row
	case e.name != f.row.Flow && said.Thread.IsZero():
		row.Ignored = "it began another flow"
		return row
	}
	if err := f.row.Take(e.name.Institution, said); err != nil {
		row.Ignored = err.Error()
		return row
	}
	if e.name == f.row.Flow {
		f.begun = e
	}
	f.terms(said)
	return row
}

// terms takes what a step says besides numbers: what a donor promises goes before what the
// recipient says of it.
func (f *flow) terms(said *body.Flow) {
	if said.Step == body.FlowReport {
		f.row.Results = string(said.Results)
	}
	promise := said.Step == body.FlowPledge || said.Step == body.FlowCommit
	if !promise && (f.promised || !said.Step.Begins()) {
		return
	}
	f.promised = promise
	f.row.DecidedAt, f.row.UseBy = said.DecidedAt.Instant(), said.UseBy.Instant()
	f.row.InKind, f.row.Earmarking = string(said.InKind), said.Earmarking
	f.row.PlanLines, f.row.NeedsRefs, f.row.ParentFlow = said.PlanLines, said.NeedsRefs, said.ParentFlow
	f.row.project = cmp.Or(said.Base().Project, f.row.project)
	f.row.Place, f.row.PlaceName = body.PlaceKey{}, ""
	if said.Base().Place != nil {
		f.row.Place, f.row.PlaceName = internKey(said.Base().Place.Key()), string(said.Base().Place.Name)
	}
}

// flowRows gives the flows of which anything counts, each told whether another one counts it.
func flowRows(of []*flow) []Flow {
	var out []Flow
	at := map[protocol.Name]int{}
	for _, f := range of {
		if f.row.Donor == "" && !slices.ContainsFunc(f.row.Steps, func(s FlowStep) bool { return s.Standing == Counts || s.Standing == Replaced }) {
			continue // nothing of it counts: what is kept says why
		}
		at[f.row.Flow] = len(out)
		out = append(out, f.row)
	}
	for i := range out {
		out[i].PassedOn = passedOn(out, at, i)
	}
	return out
}

// passedOn reports whether a flow is of money that came to its donor by another one, which is
// held, is promised, and went to that donor. Of flows that say so of each other in a circle
// none is.
func passedOn(of []Flow, at map[protocol.Name]int, i int) bool {
	parent := func(i int) (int, bool) {
		p, held := at[of[i].ParentFlow]
		return p, held && of[p].Recipient == of[i].Donor && of[p].Committed.Sign() > 0
	}
	seen := map[int]bool{}
	p, ok := parent(i)
	for q, more := p, ok; more && !seen[q]; q, more = parent(q) {
		if q == i {
			return false
		}
		seen[q] = true
	}
	return ok
}

// FundTotal adds up the flows of one currency; currencies are never added. What is passed on
// counts once, by the flow that it came from; what is committed beyond that, in its currency, is
// its donor's own and counts too, as in [View.FundingGap].
type FundTotal struct {
	Currency     body.Currency `json:"currency"`
	Flows        int           `json:"flows"`
	Pledged      body.Sum      `json:"pledged_only"` // and not committed: no funding
	Committed    body.Sum      `json:"committed"`    // paid or not
	Paid         body.Sum      `json:"paid"`
	Received     body.Sum      `json:"received"`
	Spent        body.Sum      `json:"spent"`
	Unspent      body.Sum      `json:"unspent"`
	Unreconciled int           `json:"unreconciled"`   // flows on which the two sides have not said the same
	ReceivedOf   int           `json:"received_flows"` // flows in these sums of which the recipient has received anything
	ReportedOf   int           `json:"reported_flows"` // of those, what became of which it has reported: Spent and Unspent tell of no other
	PassedOn     int           `json:"passed_on"`      // flows that are not counted again
}

// FundTotals adds up the flows, currency by currency.
func (v *View) FundTotals() []FundTotal {
	sums, passed := map[body.Currency]*FundTotal{}, v.passed()
	for i := range v.Flows {
		f := &v.Flows[i]
		if f.Donor == "" {
			continue // nothing of it has an effect
		}
		t := sums[f.Currency]
		if t == nil {
			t = &FundTotal{Currency: f.Currency}
			sums[f.Currency] = t
		}
		t.add(f)
		if p := passed[f.Flow]; p != nil {
			t.addBeyond(f, p)
		}
	}
	out := []FundTotal{}
	for _, t := range sums {
		out = append(out, *t)
	}
	slices.SortFunc(out, func(a, b FundTotal) int { return cmp.Compare(a.Currency, b.Currency) })
	return out
}

func (t *FundTotal) add(f *Flow) {
	t.Flows++
	if f.Reconciliation != body.Reconciled && f.State != body.FlowCancelled {
		t.Unreconciled++
	}
	if f.PassedOn {
		t.PassedOn++
		return
	}
	received, told := f.reports()
	t.ReceivedOf, t.ReportedOf = t.ReceivedOf+received, t.ReportedOf+told
	t.Pledged, t.Committed, t.Paid = t.Pledged.Plus(f.OpenPledge()), t.Committed.Plus(f.Committed), t.Paid.Plus(f.Paid)
	t.Received, t.Spent, t.Unspent = t.Received.Plus(f.Received), t.Spent.Plus(f.Spent), t.Unspent.Plus(f.Unspent)
}

// reports gives of how many received flows this one is, and of how many reported ones: one or none.
func (f *Flow) reports() (received, told int) {
	if f.Received.Sign() > 0 {
		received = 1
	}
	if f.Reported {
		told = 1
	}
	return received, told
}

// passed adds up by flow what is passed on of it in its own currency.
func (v *View) passed() map[protocol.Name]*FundTotal {
	out, named := map[protocol.Name]*FundTotal{}, map[protocol.Name]*Flow{}
	for i := range v.Flows {
		named[v.Flows[i].Flow] = &v.Flows[i]
	}
	for i := range v.Flows {
		f := &v.Flows[i]
		if !f.PassedOn || named[f.ParentFlow].Currency != f.Currency {
			continue
		}
		t := out[f.ParentFlow]
		if t == nil {
			t = &FundTotal{}
			out[f.ParentFlow] = t
		}
		t.Committed, t.Paid = t.Committed.Plus(f.Committed), t.Paid.Plus(f.Paid)
		t.Received, t.Spent, t.Unspent = t.Received.Plus(f.Received), t.Spent.Plus(f.Spent), t.Unspent.Plus(f.Unspent)
	}
	return out
}

// addBeyond adds what is passed on beyond what a flow brought: of that no more is paid than is
// committed, and no more told of than is received.
func (t *FundTotal) addBeyond(f *Flow, passed *FundTotal) {
	committed, received := passed.Committed.Over(f.Committed), passed.Received.Over(f.Received)
	spent := least(passed.Spent.Over(f.Spent), received)
	t.Committed, t.Paid = t.Committed.Plus(committed), t.Paid.Plus(least(passed.Paid.Over(f.Paid), committed))
	t.Received, t.Spent = t.Received.Plus(received), t.Spent.Plus(spent)
	t.Unspent = t.Unspent.Plus(least(passed.Unspent.Over(f.Unspent), received.Over(spent)))
}

// least gives the smaller of two sums.
func least(a, b body.Sum) body.Sum { return a.Over(a.Over(b)) }
