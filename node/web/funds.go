package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// funding are the routes of who promises, pays and receives.
func (p *Pages) funding() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /funds":       p.funds,
		"POST /funds":      p.beginFlow,
		"GET /funds/plan":  p.scoreless(desk.ListPlans, p.plans),
		"POST /funds/plan": p.writePlan,
		"GET /funds/plan/{institution}/{position}":  p.plan,
		"POST /funds/plan/{institution}/{position}": p.sayOfPlan,
		"POST " + planFilePath:                      p.readPlan,

		"GET /funds/flow/{institution}/{position}":  p.flow,
		"POST /funds/flow/{institution}/{position}": p.sayOfFlow,

		"GET /funds/plan/{institution}/{position}/plan.xlsx": p.planSheet(desk.AsXLSX),
		"GET /funds/plan/{institution}/{position}/plan.csv":  p.planSheet(desk.AsCSV),
	}
}

// fundsPage is what flows, and what was wrong with a flow that was to begin.
type fundsPage struct {
	desk.Funds
	Problem *desk.Problem
	typed   url.Values // in the form that was refused, where it stays as it was, or that is filled in
}

// Typed gives what a field holds.
func (p *fundsPage) Typed(name string) string { return p.typed.Get(name) }

// Earmarkings are the words to choose from.
func (p *fundsPage) Earmarkings() []string { return body.Unearmarked.Words() }

// funds shows them; for needs, or lines of a plan, that are named with the form filled in.
func (p *Pages) funds(w http.ResponseWriter, r *http.Request) {
	as, asks := acting(r.Context()), r.URL.Query()
	if asks.Get("for") == "" {
		p.showFunds(w, r, as, nil, nil)
		return
	}
	q := desk.FundingQuestion{As: as, Record: asks.Get("for"), Sector: body.Sector(asks.Get("sector"))}
	for _, said := range asks["line"] {
		n, err := strconv.Atoi(said)
		if err != nil {
			p.refuse(w, r, &desk.Problem{Kind: desk.Usage, Field: "line", Detail: "this is no whole number", Err: err})
			return
		}
		q.Lines = append(q.Lines, desk.LineQuantity{Line: n})
	}
	t, err := p.o.Desk.FundingFor(r.Context(), q)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.showFunds(w, r, as, typedTerms(&t), nil)
}

// typedTerms gives the fields of the form as they would be typed.
func typedTerms(t *desk.FundingTerms) url.Values {
	out := url.Values{"step": {body.FlowPledge.String()}, "other": {string(t.Recipient)}, "currency": {string(t.Currency)}}
	if t.Amount != "" {
		out.Set("amount", t.Amount.String())
	}
	if !t.Project.IsZero() {
		out.Set("project", t.Project.String())
	}
	var needs, lines []string
	for _, n := range t.NeedsRefs {
		needs = append(needs, n.String())
	}
	for _, l := range t.PlanLines {
		lines = append(lines, fmt.Sprintf("%s %d", l.Plan, l.Line))
	}
	out.Set("needs_refs", strings.Join(needs, "\n"))
	out.Set("plan_lines", strings.Join(lines, "\n"))
	return out
}

func (p *Pages) showFunds(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, typed url.Values, why error) {
	f, err := p.o.Desk.Funds(r.Context(), as, asked(r))
	if err == nil {
		err = f.Only(r.URL.Query().Get("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &fundsPage{Funds: f, typed: typed, Problem: p.problem(r, why)}
	p.render(w, r, statusOf(why), p.frame(r, "funds").page("funds", page))
}

// planSheet gives the live version of a plan as a file, to be changed and brought back.
func (p *Pages) planSheet(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		e, err := p.o.Desk.PlanSheet(r.Context(), desk.PlanQuestion{As: acting(r.Context()), Record: recordName(r), At: asked(r)}, format)
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		p.file(w, r, e.Files[0].Name, e.Files[0].Data, nil)
	}
}

// given gives the members of a body that were typed.
func given(r *http.Request, names ...string) map[string]any {
	doc := map[string]any{}
	for _, name := range names {
		if said := field(r, name); said != "" {
			doc[name] = said
		}
	}
	return doc
}

// beginFlow writes what begins a flow.
func (p *Pages) beginFlow(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	doc := given(r, "amount", "currency", "in_kind", "earmarking", "parent_flow", "project")
	if said := field(r, "decided_at"); said != "" {
		doc["decided_at"] = moment(said)
	}
	aims(r, doc)
	other := body.RecipientSide
	if field(r, "step") == body.FlowReceive.String() {
		other = body.DonorSide
	}
	if said := field(r, "other"); said != "" {
		doc[other.String()] = said
	}
	done, err := p.sayFlow(r, as, doc)
	if err != nil {
		p.showFunds(w, r, as, r.PostForm, atOther(err))
		return
	}
	p.leadOn(w, r, done, "/funds/flow/"+done.Record.String())
}

// aims reads what the money is for, and until when it is to be used. What cannot be read stays as it
// is typed, for the desk to refuse.
func aims(r *http.Request, doc map[string]any) {
	if needs := strings.Fields(field(r, "needs_refs")); len(needs) > 0 {
		doc["needs_refs"] = needs
	}
	if lines := desk.PlanLinesTyped(field(r, "plan_lines")); len(lines) > 0 {
		doc["plan_lines"] = lines
	}
	if said := field(r, "use_by"); said != "" {
		doc["use_by"] = moment(said)
	}
}

// atOther leads to the one field that holds the other side.
func atOther(err error) error {
	p, ok := err.(*desk.Problem) //nolint:errorlint // the desk's own
	if !ok {
		return err
	}
	return p.Renamed(func(field string) string {
		if field == "donor" || field == "recipient" {
			return "other"
		}
		return field
	})
}

// MayPledge reports whether who looks at the page can pledge funds to an institution there.
func (f *frame) MayPledge(to protocol.InstitutionID) bool {
	return f.May("POST /funds") && f.mayPledge(f.Institution, to)
}

// PledgeTo gives those of some records that are needs for which who looks can pledge funds.
func (f *frame) PledgeTo(records []protocol.Name) []protocol.Name {
	return slices.DeleteFunc(slices.Clone(records), func(n protocol.Name) bool { return n.Topic != protocol.Situation || !f.MayPledge(n.Institution) })
}

// Assesses reports whether a record is of needs.
func (f *frame) Assesses(recordType string) bool { return recordType == body.TypeNeeds }

// sayFlow writes a step of a flow.
func (p *Pages) sayFlow(r *http.Request, as protocol.InstitutionID, doc map[string]any) (desk.Published, error) {
	for _, step := range body.FlowSteps() {
		if step.String() != field(r, "step") {
			continue
		}
		raw, err := json.Marshal(doc)
		if err != nil {
			return desk.Published{}, err
		}
		return p.o.Desk.Publish(r.Context(), desk.Request{As: as, Kind: step.Type(), Body: raw, Knowing: field(r, "knowing") != "", Form: true})
	}
	return desk.Published{}, &desk.Problem{Kind: desk.Usage, Field: "step", Detail: "nobody knows this act"}
}

// flowPage is one flow, and what was wrong with an act in it.
type flowPage struct {
	desk.FlowView
	refused
}

// Wrong reports whether a step was refused.
func (p *flowPage) Wrong(step body.FlowStep) bool { return p.Typed("step") == step.String() }

func (p *Pages) flow(w http.ResponseWriter, r *http.Request) {
	p.showFlow(w, r, acting(r.Context()), nil)
}

func (p *Pages) showFlow(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Flow(r.Context(), as, recordName(r), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &flowPage{FlowView: v, refused: p.refusal(r, why)}
	for _, a := range v.Acts {
		if page.Wrong(a.Step) { // each act has fields of its own
			page.Problem = page.Problem.Renamed(func(field string) string { return strings.TrimSuffix(a.Step.String()+"."+field, ".") })
		}
	}
	p.render(w, r, statusOf(why), p.frame(r, "funds").page("flow", page))
}

// sayOfFlow takes a step of a flow.
func (p *Pages) sayOfFlow(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	doc := given(r, "amount", "spent", "unspent", "results", "reason")
	doc["thread"] = recordName(r)
	done, err := p.sayFlow(r, as, doc)
	if err != nil {
		p.showFlow(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/funds/flow/"+recordName(r))
}

// Money says an amount as the page's language writes numbers.
func (f *frame) Money(of body.Sum) string { return f.speaker.Decimal(of.String()) }

// SidesClass is the shape of whether the two sides of a flow say the same.
func (f *frame) SidesClass(r body.Reconciliation) string {
	if r == body.Reconciled {
		return "open"
	}
	return "watch"
}

// sides is whether the two sides of a flow say the same, and its shape.
type sides struct{ Said, Class string }

// Sides says it. Of a flow that was cancelled before anything was paid there is nothing to reconcile.
func (f *frame) Sides(state body.FlowState, r body.Reconciliation) sides {
	if state == body.FlowCancelled {
		return sides{f.T("funds.nothing"), "over"}
	}
	return sides{f.Word(r), f.SidesClass(r)}
}

// FlowKind says a step of a flow by its word.
func (f *frame) FlowKind(word string) string {
	return f.Kind(fmt.Sprintf("vardar.funding.%s.v1", word))
}

// flowDoing is an act in a flow with what its form needs.
type flowDoing struct {
	desk.FlowAct
	Flow     protocol.Name
	Currency body.Currency
	As       protocol.InstitutionID
	Wrong    bool // it was refused
	typed    url.Values
}

// Holds gives what stands in a field: what was typed and refused, or what it begins with.
func (d *flowDoing) Holds(name, otherwise string) string {
	if d.Wrong {
		return d.typed.Get(name)
	}
	return otherwise
}

// FlowDoing gives the frame around an act in a flow.
func (f *frame) FlowDoing(a desk.FlowAct, of *flowPage) *frame {
	return f.With(&flowDoing{a, of.Flow, of.Currency, of.As, of.Wrong(a.Step), of.typed})
}
