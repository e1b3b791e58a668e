package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// Funds is what donors promise and pay, and what recipients say of it.
type Funds struct {
	Totals    []FundTotal // by currency
	Gap       board.FundingGap
	Needs     Coverage  // of the assessments that the gap was made of
	Flows     []FlowRow // of which anything has an effect
	Plans     []PlanRow // what waits for a signature first
	As        protocol.InstitutionID
	Begins    []body.FlowStep // what As may begin a flow with
	Joined    []TitledRecord  // projects that As takes part in
	Past      bool
	ByQuality // of the gap
}

// Only leaves of what is not funded the rows whose needs are at least so good, or not yet verified. Of how
// many needs a cost is known it says as of all.
func (f *Funds) Only(quality string) error {
	f.Quality = quality
	return leave(&f.Gap.Rows, &f.ByQuality)
}

// Funds gathers the flows as this node knew them at an instant; zero: now.
func (d *Desk) Funds(ctx context.Context, as protocol.InstitutionID, at protocol.Instant) (Funds, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return Funds{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Funds{}, err
	}
	out := Funds{Totals: m.view.FundTotals(), Gap: m.view.FundingGap(), Needs: coverage(&m.view, body.TypeNeeds, everywhere), Flows: openFirst(flowRows(&m.view)), Plans: d.plans(&m.view), As: as, Past: m.past}
	out.Joined = d.mayName(&m.view, as)
	for _, step := range body.FlowSteps() {
		if step.Begins() && d.o.Trust.May(as, step.Type()) {
			out.Begins = append(out.Begins, step)
		}
	}
	return out, nil
}

// flowRows leaves out flows of which no step has an effect: their records say why.
func flowRows(v *board.View) []FlowRow {
	return slices.DeleteFunc(slices.Clone(v.Flows), func(f FlowRow) bool { return f.Donor == "" })
}

// flowsFor gives the flows that name a line of a plan by any of its versions: those that are not
// over or not reconciled first, and of each what was said last.
func flowsFor(v *board.View, p *board.Plan) []FlowRow {
	out := slices.DeleteFunc(append([]FlowRow{}, flowRows(v)...), func(f FlowRow) bool {
		return !slices.ContainsFunc(f.PlanLines, func(ref body.PlanLineRef) bool {
			return slices.ContainsFunc(p.Versions, func(v board.PlanVersion) bool { return v.Record == ref.Plan })
		})
	})
	return openFirst(out)
}

// openFirst puts flows that are not over or not reconciled first, and of each what was said last.
func openFirst(flows []FlowRow) []FlowRow {
	over := func(f *FlowRow) int {
		if f.State == body.FlowCancelled || f.State == body.FlowReported && f.Reconciliation == body.Reconciled {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(flows, func(a, b FlowRow) int { return cmp.Or(over(&a)-over(&b), cmp.Compare(b.SaidAt(), a.SaidAt())) })
	return flows
}

// FlowView is one flow, as one institution sees it.
type FlowView struct {
	FlowRow
	As       protocol.InstitutionID `json:"as"`
	Side     body.FlowSide          `json:"side"`           // of As; 0: neither
	Acts     []FlowAct              `json:"acts,omitempty"` // what As may say now
	PassesTo []protocol.Name        `json:"passes_to,omitempty"`
	Project  protocol.Name          `json:"project,omitzero"` // that it is part of
	Notes    []NoteRow              `json:"notes,omitempty"`
	Past     bool                   `json:"past,omitempty"`
}

// FlowAct is a step that may be taken now, and how much it usually is.
type FlowAct struct {
	Step body.FlowStep `json:"step"`
	Most body.Sum      `json:"most"`
}

// Begins is the amount that the field of its form begins with; empty where nobody knows how much.
func (a *FlowAct) Begins() string {
	if a.Most.Sign() == 0 {
		return ""
	}
	return sheet.Amount(a.Most.String()).Plain()
}

// Flow gives a flow by the name of the record that began it, as this node knew it at an
// instant (zero: now), and what an institution may say in it now. It is [NotFound] for a
// record that began none.
func (d *Desk) Flow(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (FlowView, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return FlowView{}, err
	}
	n, err := d.named(as, ref)
	if err != nil {
		return FlowView{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return FlowView{}, err
	}
	row, ok := flowIn(&m.view, n)
	if !ok {
		return FlowView{}, noFlow(n)
	}
	out := FlowView{FlowRow: *row, As: as, Project: row.Project(), Past: m.past}
	switch as {
	case row.Donor:
		out.Side = body.DonorSide
	case row.Recipient:
		out.Side = body.RecipientSide
	}
	for _, step := range body.FlowSteps() {
		most, may := row.Open(step)
		if may && step.By() == out.Side && d.o.Trust.May(as, step.Type()) {
			out.Acts = append(out.Acts, FlowAct{step, most})
		}
	}
	for i := range m.view.Flows {
		if f := &m.view.Flows[i]; f.PassedOn && f.ParentFlow == n {
			out.PassesTo = append(out.PassesTo, f.Flow)
		}
	}
	out.Notes = slices.DeleteFunc(slices.Clone(m.view.Notes), func(note NoteRow) bool { return note.Thread != n })
	return out, nil
}

func noFlow(n protocol.Name) error {
	return problem(NotFound, "vardar list flows", "no flow of funds that is known here began with %s", n)
}

// flowIn finds a flow by the record that began it.
func flowIn(v *board.View, n protocol.Name) (*FlowRow, bool) {
	for i := range v.Flows {
		if v.Flows[i].Flow == n {
			return &v.Flows[i], true
		}
	}
	return nil, false
}

// flowWith finds the flow that a record stands in.
func flowWith(v *board.View, n protocol.Name, digest protocol.Digest) *FlowRow {
	for i := range v.Flows {
		if slices.ContainsFunc(v.Flows[i].Steps, func(s board.FlowStep) bool { return s.Record == n && s.Digest == digest }) {
			return &v.Flows[i]
		}
	}
	return nil
}

// fillFlow gives what follows from the flow that a step is about: the two sides, the
// currency, the step before, and of a report what is left.
func (d *Desk) fillFlow(step body.FlowStep, as protocol.InstitutionID, w board.World, doc map[string]any) {
	give := func(member string, value any) {
		if _, ok := doc[member]; !ok {
			doc[member] = value
		}
	}
	if _, moves := doc["amount"]; moves {
		give("decided_at", body.TimeOf(d.o.Clock().UTC()).String())
	}
	thread, _ := doc["thread"].(string)
	n := namedIn(thread)
	if n.IsZero() {
		give(step.By().String(), string(as))
		return
	}
	view := d.world(w)
	f, ok := flowIn(&view, n)
	if !ok || f.Donor == "" {
		return // the check says so
	}
	give("donor", string(f.Donor))
	give("recipient", string(f.Recipient))
	give("currency", string(f.Currency))
	if p := projectOf(&view, f.Project()); p != nil && p.Has(as) && p.State != board.ProjectWithdrawn {
		give(fieldProject, f.Project().String())
	}
	if step == body.FlowCommit && n.Institution == f.Donor {
		giveTerms(f, give)
	}
	for i := range f.Steps {
		if s := &f.Steps[len(f.Steps)-1-i]; s.Ignored == "" {
			give("refs", []any{map[string]any{"rel": string(body.RelAnswers), "record": s.Record.String(), "digest": s.Digest.String()}})
			break
		}
	}
	var spent body.Decimal
	if text, said := doc["spent"].(string); said && step == body.FlowReport && spent.UnmarshalText([]byte(text)) == nil {
		give("unspent", f.Received.Over(body.SumOf(spent)).String())
	}
}

// giveTerms keeps what a pledge is for in what the donor binds itself to: the terms of a flow are
// those of the last promise, and what nobody takes back stays.
func giveTerms(f *FlowRow, give func(member string, value any)) {
	if len(f.NeedsRefs) > 0 {
		give(fieldNeedsRefs, f.NeedsRefs)
	}
	if len(f.PlanLines) > 0 {
		give("plan_lines", f.PlanLines)
	}
	if !f.ParentFlow.IsZero() {
		give("parent_flow", f.ParentFlow)
	}
	if !f.Place.IsZero() {
		give("place", body.Place{Scheme: f.Place.Scheme, Code: f.Place.Code, Name: body.Label(f.PlaceName)})
	}
	if f.UseBy != 0 {
		give("use_by", body.TimeOf(f.UseBy.Time()).String())
	}
	for member, said := range map[string]string{"in_kind": f.InKind, "earmarking": string(f.Earmarking)} {
		if said != "" {
			give(member, said)
		}
	}
}

// checkFlow refuses a step that all nodes would show as ignored.
func (d *Desk) checkFlow(s *statement, f *body.Flow) (warnings []string, err error) {
	view := d.world(s.world)
	stands, next := &FlowRow{}, "vardar list flows"
	if f.Thread.IsZero() { // the steps behind it have the two sides of the first
		if err = d.stranger("recipient", f.Recipient); err != nil {
			return nil, err
		}
		warnings = d.outsiders(f.Donor)
	} else {
		row, ok := flowIn(&view, f.Thread)
		if !ok {
			return nil, noFlow(f.Thread)
		}
		stands, next = row, "vardar show "+f.Thread.String()
	}
	book := stands.FlowBook
	if err = book.Take(s.as, f); err != nil {
		return nil, &Problem{Kind: Refused, Field: flowField(f), Detail: err.Error(), Next: next, Err: err}
	}
	if err = d.checkFlowRefs(&view, f, stands); err != nil {
		return nil, err
	}
	if !s.knowing {
		if err = checkCurrency(&view, f, stands, "vardar publish "+shortName(f.Step.Type())+" --knowing"); err != nil {
			return nil, err
		}
		again := "vardar publish " + shortName(f.Step.Type()) + " --knowing"
		if !f.Thread.IsZero() {
			again = fmt.Sprintf("vardar answer %s %s --set amount=%s --knowing", f.Thread, f.Step, body.SumOf(f.Amount))
		}
		if err = (passing{f, stands, &book}).check(&view, again); err != nil {
			return nil, err
		}
		told := fmt.Sprintf("vardar answer %s report --set spent=%s --set unspent=%s --knowing", f.Thread, body.SumOf(f.Spent), body.SumOf(f.Unspent))
		if err = cmp.Or(checkReceived(&book, f, again), checkReported(&book, f, told)); err != nil {
			return nil, err
		}
	}
	more, err := d.checkTerms(&view, f, next)
	return append(warnings, more...), err
}

// checkReceived warns of what is received above what the donor is known here to have paid, or above what it
// promised while no payment is known, and says how to say it knowingly. It is the desk's own rule: the donor's word
// may be still on its way.
func checkReceived(after *body.FlowBook, f *body.Flow, knowingly string) error {
	limit, detail := after.Paid, fmt.Sprintf("with this %s %s are received in all, and the donor is known here to have paid %s", after.Received, f.Currency, after.Paid)
	if after.Paid.Sign() == 0 {
		limit = after.Committed.Plus(after.OpenPledge())
		detail = fmt.Sprintf("with this %s %s are received in all, and the donor is known here to have promised %s", after.Received, f.Currency, limit)
	}
	if f.Step != body.FlowReceive || after.Reconciliation() != body.SidesDiffer || after.Received.Compare(limit) <= 0 {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "amount", Detail: detail,
		Mend: "give what came, or say that you know of it: the donor's word may be still on its way", Next: knowingly,
	}
}

// checkReported warns of a report that leaves a part of what was received untold, and says how to say it knowingly: what
// is not spent is left (domain.md §4), but some of it may be lost, or be reported on later.
func checkReported(after *body.FlowBook, f *body.Flow, knowingly string) error {
	told := body.SumOf(f.Spent, f.Unspent)
	if f.Step != body.FlowReport || told.Compare(after.Received) == 0 {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "unspent", Detail: fmt.Sprintf("%s %s are received, and this tells of %s", after.Received, f.Currency, told),
		Mend: "give what is left, or say that you know that the rest is told of nowhere", Next: knowingly,
	}
}

// checkTerms refuses what is decided in time to come, and what passes on money that went to somebody else; it
// warns of what passes on a flow that is not known.
func (d *Desk) checkTerms(view *board.View, f *body.Flow, next string) (warnings []string, err error) {
	if f.DecidedAt.Instant() > d.now() {
		return nil, &Problem{Kind: Refused, Field: "decided_at", Detail: "that moment is still to come", Mend: "give an earlier one", Next: next}
	}
	if f.ParentFlow.IsZero() {
		return nil, nil
	}
	parent, held := flowIn(view, f.ParentFlow)
	switch {
	case !held:
		return []string{"the flow that this passes on is not known here: until it is, both are counted"}, nil
	case parent.Recipient != f.Donor:
		return nil, &Problem{
			Kind: Refused, Field: "parent_flow", Detail: "the money of that flow went to somebody else, who alone can pass it on",
			Mend: "name a flow to the donor, or leave it out", Next: "vardar show " + f.ParentFlow.String(),
		}
	}
	return nil, nil
}

// flowField is the field that a refusal of a step speaks of.
func flowField(f *body.Flow) string {
	switch f.Step {
	case body.FlowReport:
		return "spent"
	case body.FlowCancel:
		return "reason"
	case body.FlowPledge, body.FlowCommit, body.FlowPay, body.FlowReceive:
	}
	return "amount"
}

// flowLine says a step in a line.
func flowLine(f *body.Flow) string {
	said := f.Step.String()
	switch f.Step {
	case body.FlowReport:
		said += " " + body.SumOf(f.Spent).String() + " + " + body.SumOf(f.Unspent).String() + " " + string(f.Currency)
	case body.FlowCancel:
	case body.FlowPledge, body.FlowCommit, body.FlowPay, body.FlowReceive:
		said += " " + body.SumOf(f.Amount).String() + " " + string(f.Currency)
	}
	return said + ": " + string(f.Donor) + " → " + string(f.Recipient)
}

// namedIn reads the name of a thread; the zero one if it is none.
func namedIn(thread string) protocol.Name {
	n, err := protocol.ParseName(thread)
	if err != nil {
		return protocol.Name{}
	}
	return n
}
