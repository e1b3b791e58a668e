package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// PlanRow is a fund plan, with whose signature of this node it waits for.
type PlanRow struct {
	board.Plan
	Owed   OwedWord                 `json:"owed,omitempty"`
	OwedBy []protocol.InstitutionID `json:"owed_by,omitempty"`
	Sums   []PlanSum                `json:"sums"` // in a list the total alone, by currency; of one plan by all groups
}

// What is said of a plan by the board.
type (
	// PlanSum is [board.PlanSum].
	PlanSum = board.PlanSum
	// PlanGroup is [board.PlanGroup].
	PlanGroup = board.PlanGroup
)

// sumsOf adds up one plan.
func sumsOf(v *board.View, p *board.Plan, by ...board.PlanGroup) []PlanSum {
	return v.PlanSums(func(q *board.Plan) bool { return q.Digest == p.Digest }, by...)
}

// planSums adds up the plans that are proposed, agreed or closed, and fit what is asked for: those
// of a territory, or of an institution.
func planSums(v *board.View, f *filter) []PlanSum {
	rows := v.PlanSums(func(p *board.Plan) bool {
		row := PlanRow{Plan: *p}
		return p.Counted() && f.fits(factsOf(&row), &row)
	})
	f.chosen = true
	return rows
}

// OwedSignature is what is owed to a plan that waits for a signature.
const OwedSignature OwedWord = "signature"

// unsigned gives the institutions of this node whose signature a plan waits for.
func (d *Desk) unsigned(p *board.Plan) []protocol.InstitutionID {
	var out []protocol.InstitutionID
	if p.State != board.PlanProposed {
		return nil
	}
	for _, s := range p.Live().Signatures {
		if s.State == board.SignatureWaiting && d.isOwn(s.Institution) {
			out = append(out, s.Institution)
		}
	}
	return out
}

// plans gives what waits for a signature of this node first, then what is proposed, agreed, and
// the rest; of each what was written last.
func (d *Desk) plans(view *board.View) []PlanRow {
	out := make([]PlanRow, 0, len(view.Plans))
	for i := range view.Plans {
		row := PlanRow{Plan: view.Plans[i], Sums: sumsOf(view, &view.Plans[i], board.PlanTotal)}
		if row.OwedBy = d.unsigned(&row.Plan); len(row.OwedBy) > 0 {
			row.Owed = OwedSignature
		}
		out = append(out, row)
	}
	order := []board.PlanState{board.PlanProposed, board.PlanAgreed, board.PlanDraft, board.PlanClosed, board.PlanWithdrawn}
	rank := func(r *PlanRow) int {
		if r.Owed != "" {
			return -1
		}
		return slices.Index(order, r.State)
	}
	slices.SortStableFunc(out, func(a, b PlanRow) int { return cmp.Or(rank(&a)-rank(&b), cmp.Compare(b.AuthorTime, a.AuthorTime)) })
	return out
}

// listPlans gives the lists about fund plans.
func (d *Desk) listPlans(l Listing, v *board.View, f *filter) (Listing, error) {
	if l.What == ListPlanSums {
		return take(l, planSums(v, f), f)
	}
	return take(l, d.plans(v), f)
}

// PlanQuestion asks for a plan.
type PlanQuestion struct {
	As     protocol.InstitutionID
	Record string // of the plan, or of any version of it
	From   int    // with To: two versions to compare; 0: the one before To
	To     int    // 0: the live one
	At     protocol.Instant
}

// FundPlan is one plan as an institution sees it.
type FundPlan struct {
	PlanRow
	As         protocol.InstitutionID `json:"as"`
	MaySign    bool                   `json:"may_sign"`    // it is asked, and has not signed the live version
	MayRefuse  bool                   `json:"may_refuse"`  // it is asked, and has not refused the live version
	MayMend    bool                   `json:"may_correct"` // its own, neither closed nor taken back
	MayPropose bool                   `json:"may_propose"` // its own draft
	MayClose   bool                   `json:"may_close"`   // its own, agreed
	From       int                    `json:"from"`        // the versions that are compared; 0: there is one alone
	To         int                    `json:"to"`
	Changes    []PlanChange           `json:"changes"`       // from one to the other
	Flows      []FlowRow              `json:"flows"`         // that name a line of it; what is still open first, of each what was said last
	Hearings   []HearingOn            `json:"consultations"` // about it or a line of it, in the order of their names
	Needs      []PlanNeed             `json:"needs"`         // that its lines name, in the order of their names
	Exercise   bool                   `json:"exercise"`
	Within     protocol.Name          `json:"within,omitzero"` // the record that began the exercise, where it has a name
	Past       bool                   `json:"-"`
}

// PlanNeed is an assessment that a line rests on, with how good it is.
type PlanNeed struct {
	Record  protocol.Name `json:"record"`
	Quality *Quality      `json:"quality,omitempty"` // nil: a later one has taken its place, or it is not here
}

// Good gives how good an assessment is that a line names.
func (p *FundPlan) Good(n protocol.Name) *Quality {
	if need := pick(p.Needs, func(of *PlanNeed) bool { return of.Record == n }); need != nil {
		return need.Quality
	}
	return nil
}

// needsBehind gives the assessments that lines name.
func needsBehind(v *board.View, lines []body.PlanLine) []PlanNeed {
	out := []PlanNeed{}
	for i := range lines {
		for _, n := range lines[i].NeedsRefs {
			if !slices.ContainsFunc(out, func(of PlanNeed) bool { return of.Record == n }) {
				out = append(out, PlanNeed{n, v.QualityOf(n)})
			}
		}
	}
	slices.SortFunc(out, func(a, b PlanNeed) int { return cmp.Compare(a.Record.String(), b.Record.String()) })
	return out
}

// HearingOn is a consultation about a plan or a line of it, or about a strategy.
type HearingOn struct {
	Record   protocol.Name           `json:"record"`
	Line     int                     `json:"line,omitempty"` // 0: about the whole
	Question string                  `json:"question"`
	State    board.ConsultationState `json:"state"`
}

// hearingsOn gives the consultations about any version of what is asked about, in the order of their
// names.
func hearingsOn(v *board.View, version func(protocol.Name) bool) []HearingOn {
	out := []HearingOn{}
	for i := range v.Consultations {
		if c := &v.Consultations[i]; version(c.About) {
			out = append(out, HearingOn{c.Record, c.Line, c.Question, c.State})
		}
	}
	return out
}

// FundPlan gives a plan, as this node knew it at an instant (zero: now), with what two of its
// versions differ in, and what an institution may do with it. It is [NotFound] for a record that
// is no version of one that counts.
func (d *Desk) FundPlan(ctx context.Context, q PlanQuestion) (FundPlan, error) {
	var p *board.Plan
	s, err := d.seek(ctx, q.As, q.Record, q.At, func(v *board.View, n protocol.Name) bool {
		p = planOf(v, n)
		return p != nil
	})
	switch {
	case err != nil:
		return FundPlan{}, err
	case p == nil:
		return FundPlan{}, noPlan(s.name)
	}
	out, err := d.fundPlan(s.as, s.moment, p, &q)
	out.Exercise, out.Within = s.world.Exercise, s.world.Name
	return out, err
}

func noPlan(n protocol.Name) error {
	return problem(NotFound, "vardar list plans", "%s is no version of a fund plan that counts here", n)
}

// planOf finds the plan that has a version of this name.
func planOf(v *board.View, n protocol.Name) *board.Plan {
	return pick(v.Plans, func(p *board.Plan) bool { return says(p, n) })
}

// says reports whether a record began a plan or is a version of it.
func says(p *board.Plan, n protocol.Name) bool {
	return p.Record == n || slices.ContainsFunc(p.Versions, func(v board.PlanVersion) bool { return v.Record == n })
}

// versionWith finds a version by its name and digest, with its plan.
func versionWith(v *board.View, n protocol.Name, digest protocol.Digest) (*board.Plan, *board.PlanVersion) {
	p := planOf(v, n)
	if p == nil {
		return nil, nil
	}
	if version := pick(p.Versions, func(v *board.PlanVersion) bool { return v.Record == n && v.Digest == digest }); version != nil {
		return p, version
	}
	return nil, nil
}

func (d *Desk) fundPlan(as protocol.InstitutionID, m *moment, p *board.Plan, q *PlanQuestion) (FundPlan, error) {
	out := FundPlan{PlanRow: PlanRow{Plan: *p, Sums: sumsOf(&m.view, p)}, As: as, Changes: []PlanChange{}, Flows: flowsFor(&m.view, p), Needs: needsBehind(&m.view, p.Lines), Past: m.past}
	out.Hearings = hearingsOn(&m.view, func(n protocol.Name) bool { return says(p, n) })
	live := p.Live()
	if live == nil {
		return FundPlan{}, noPlan(p.Record)
	}
	if !m.past {
		if out.OwedBy = d.unsigned(p); len(out.OwedBy) > 0 {
			out.Owed = OwedSignature
		}
		if said := saidOf(p, as); said != "" && d.o.Trust.May(as, body.TypeAcknowledgement(protocol.Funding)) {
			out.MaySign, out.MayRefuse = said != board.SignatureGiven, said != board.SignatureRefused
		}
		own := p.Institution == as && d.o.Trust.May(as, body.TypePlan)
		out.MayMend = own && p.State != board.PlanClosed && p.State != board.PlanWithdrawn
		out.MayPropose, out.MayClose = own && p.State == board.PlanDraft, own && p.State == board.PlanAgreed
	}
	to := cmp.Or(q.To, p.Version)
	from := cmp.Or(q.From, to-1)
	for _, asked := range []struct {
		field string
		n     int
	}{{"to", to}, {"from", from}} {
		if n := asked.n; n < 0 || n > p.Version || n == 0 && asked.field == "to" {
			return FundPlan{}, &Problem{Kind: Usage, Field: asked.field, Detail: fmt.Sprintf("there is no version %d of this plan", n), Mend: fmt.Sprintf("want 1 to %d", p.Version), Next: "vardar show " + p.Record.String()}
		}
	}
	if from == 0 {
		return out, nil
	}
	out.From, out.To = from, to
	var err error
	out.Changes, err = d.planChanges(&p.Versions[from-1], &p.Versions[to-1])
	return out, err
}

// saidOf gives what an institution has said of the live version, where its word counts; empty
// where it would not.
func saidOf(p *board.Plan, as protocol.InstitutionID) board.SignatureState {
	if p.State != board.PlanProposed && p.State != board.PlanAgreed {
		return ""
	}
	for _, s := range p.Live().Signatures {
		if s.Institution == as && s.Ignored == "" {
			return s.State
		}
	}
	return ""
}

// signature composes the word of a co-signer on the one version that it names.
func (a *answer) signature() (string, map[string]any, error) {
	view := a.d.world(board.WorldOf(&a.to.Record))
	p, _ := versionWith(&view, a.to.Name, a.to.Digest)
	if p == nil {
		return "", nil, noPlan(a.to.Name)
	}
	state := body.Accepted
	if a.r.Step == AnswerRefuse {
		state = body.Refused
	}
	doc := map[string]any{"thread": p.Record.String(), "state": string(state), "refs": a.refs(body.RelAcknowledges)}
	if a.r.Reason != "" {
		doc["reason"] = a.r.Reason
	}
	return body.TypeAcknowledgement(protocol.Funding), doc, nil
}

// checkSignature refuses a signature that would not count: of somebody who is not asked, or of a
// version that is not proposed, or is not in force.
func (d *Desk) checkSignature(s *statement, a *body.Acknowledgement) error {
	if a.State != body.Accepted && a.State != body.Refused {
		return nil
	}
	ref, _ := a.Ref(body.RelAcknowledges)
	view := d.world(s.world)
	p, v := versionWith(&view, ref.Record, ref.Digest)
	if p == nil {
		return nil // it is of something else
	}
	next, live := "vardar show "+p.Record.String(), p.Live()
	at := slices.IndexFunc(live.Signatures, func(x board.PlanSignature) bool { return x.Institution == s.as && x.Ignored == "" })
	switch {
	case p.State == board.PlanWithdrawn:
		return problem(Refused, next, "%s was taken back by who proposed it", p.Record)
	case v.Number != live.Number:
		return &Problem{
			Kind: Refused, Field: "record", Detail: fmt.Sprintf("%s is version %d of this plan, and version %d is in force", v.Record, v.Number, live.Number),
			Mend: "read that one, and sign it or refuse it", Next: "vardar show " + live.Record.String(),
		}
	case live.Status != body.PlanProposed:
		return problem(Refused, next, "this plan is %s: nobody signs it", live.Status)
	case at < 0:
		return problem(Refused, next, "%s is not among those who are to sign this plan: its signature would not count", s.as)
	case live.Signatures[at].State == board.SignatureGiven && a.State == body.Accepted, live.Signatures[at].State == board.SignatureRefused && a.State == body.Refused:
		return problem(Refused, next, "%s has said so of this version already", s.as)
	}
	return nil
}

// checkPlan refuses a plan that nobody could agree to.
func (d *Desk) checkPlan(s *statement, p *body.Plan) error {
	if p.Status == body.PlanClosed {
		return &Problem{Kind: Refused, Field: "status", Detail: "a plan is closed once it is agreed", Mend: "write draft or proposed", Next: "vardar publish plan --help"}
	}
	return d.checkAgreeable(s, p, nil)
}

// checkAgreeable refuses who can't sign, and lines that can't be; what was said before stays.
func (d *Desk) checkAgreeable(s *statement, p *body.Plan, was []body.PlanLine) error {
	return cmp.Or(d.checkCosigners(s.as, p), checkYears(p), d.checkLineRefs(s, p, was))
}

func (d *Desk) checkCosigners(as protocol.InstitutionID, p *body.Plan) error {
	for i, id := range p.Cosigners {
		field := fmt.Sprintf("cosigners.%d", i)
		if id == as {
			return &Problem{Kind: Refused, Field: field, Detail: "it is who proposes the plan: its signature is on it", Mend: "leave it out", Next: "vardar publish plan --help"}
		}
		if err := d.stranger(field, id); err != nil {
			return err
		}
	}
	return nil
}

// planOutsiders warns of those whom the lines of a plan name and who are no members here.
func (d *Desk) planOutsiders(p *body.Plan) []string {
	var named []protocol.InstitutionID
	for i := range p.Lines {
		named = append(named, p.Lines[i].Beneficiary, p.Lines[i].Payer)
	}
	return d.outsiders(named...)
}

// checkVersion holds another version of a plan against how far the plan is.
func (d *Desk) checkVersion(s *statement, h *Held, said *body.Plan) error {
	view := d.world(s.world)
	p := planOf(&view, h.Name)
	if p == nil || p.Live() == nil {
		return d.checkAgreeable(s, said, nil)
	}
	next := "vardar show " + p.Record.String()
	switch {
	case p.State == board.PlanClosed:
		return problem(Refused, next, "this plan is closed: begin another one")
	case said.Status == body.PlanDraft && p.State != board.PlanDraft && p.State != board.PlanWithdrawn:
		return &Problem{Kind: Refused, Field: "status", Detail: "what was proposed is no draft again", Mend: "propose another version, or take the plan back", Next: next}
	case said.Status != body.PlanClosed:
		return cmp.Or(d.checkAgreeable(s, said, p.Lines), checkTakenOut(s, &view, p, said))
	case p.State != board.PlanAgreed:
		return &Problem{Kind: Refused, Field: "status", Detail: "a plan is closed once it is agreed, and this one is not", Mend: "wait for the signatures, or take the plan back", Next: next}
	}
	changes, err := d.changesTo(p.Live(), said)
	switch {
	case err != nil:
		return err
	case len(changes) != 1 || changes[0].Line != 0 || len(changes[0].Fields) != 1:
		return &Problem{Kind: Refused, Field: "status", Detail: "who closes a plan changes nothing else of what was signed", Mend: "propose the other changes first, as a version of their own", Next: next}
	}
	return nil
}

// planLine says a plan in a line.
func planLine(p *body.Plan) string {
	return short(string(p.Title)) + ": " + p.Total().String() + " " + string(p.Currency)
}
