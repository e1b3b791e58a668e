package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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
		"GET /funds/plan":  p.plans,
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
	typed   url.Values // in the form that was refused; it stays as it was
}

// Typed gives what a field holds that was refused.
func (p *fundsPage) Typed(name string) string { return p.typed.Get(name) }

// Earmarkings are the words to choose from.
func (p *fundsPage) Earmarkings() []string { return body.Unearmarked.Words() }

func (p *Pages) funds(w http.ResponseWriter, r *http.Request) {
	p.showFunds(w, r, acting(r.Context()), nil)
}

func (p *Pages) showFunds(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	f, err := p.o.Desk.Funds(r.Context(), as, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page, status := &fundsPage{Funds: f}, http.StatusOK
	if why != nil {
		page.Problem, status, page.typed = p.problem(r, why), statusOf(why), r.PostForm
	}
	p.render(w, r, status, p.frame(r, "funds").page("funds", page))
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
	doc := given(r, "amount", "currency", "in_kind", "earmarking", "parent_flow")
	other := body.RecipientSide
	if field(r, "step") == body.FlowReceive.String() {
		other = body.DonorSide
	}
	if said := field(r, "other"); said != "" {
		doc[other.String()] = said
	}
	done, err := p.sayFlow(r, as, doc)
	if err != nil {
		p.showFunds(w, r, as, atOther(err))
		return
	}
	p.leadOn(w, r, done, "/funds/flow/"+done.Record.String())
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
		return p.o.Desk.Publish(r.Context(), desk.Request{As: as, Kind: step.Type(), Body: raw})
	}
	return desk.Published{}, &desk.Problem{Kind: desk.Usage, Field: "step", Detail: "nobody knows this act"}
}

// flowPage is one flow, and what was wrong with an act in it.
type flowPage struct {
	desk.FlowView
	Problem *desk.Problem
}

func (p *Pages) flow(w http.ResponseWriter, r *http.Request) {
	p.showFlow(w, r, acting(r.Context()), nil)
}

func (p *Pages) showFlow(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Flow(r.Context(), as, recordName(r), asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page, status := &flowPage{FlowView: v}, http.StatusOK
	if why != nil {
		page.Problem, status = p.problem(r, why), statusOf(why)
	}
	p.render(w, r, status, p.frame(r, "funds").page("flow", page))
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
func (f *frame) Money(of body.Sum) string {
	whole, part, fraction := strings.Cut(of.String(), ".")
	if !fraction {
		return f.Number(whole)
	}
	return f.T("format.decimal", f.Number(whole), part)
}

// SidesClass is the shape of whether the two sides of a flow say the same.
func (f *frame) SidesClass(r body.Reconciliation) string {
	if r == body.Reconciled {
		return "open"
	}
	return "watch"
}

// FlowKind says a step of a flow by its word.
func (f *frame) FlowKind(word string) string {
	return f.Kind(fmt.Sprintf("vardar.funding.%s.v1", word))
}

// flowDoing is an act in a flow with what its form needs.
type flowDoing struct {
	desk.FlowAct
	Flow protocol.Name
	As   protocol.InstitutionID
}

// FlowDoing gives the frame around an act in a flow.
func (f *frame) FlowDoing(a desk.FlowAct, flow protocol.Name, as protocol.InstitutionID) *frame {
	return f.With(&flowDoing{a, flow, as})
}
