package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// plansPage are the fund plans, what they come to, and the form of a new one.
type plansPage struct {
	desk.Plans
	planForm
}

// Groups parts the sums of all plans that count.
func (p *plansPage) Groups() []planGroup { return groupsOf(p.Sums) }

// States are the words for how far a new plan is.
func (*plansPage) States() []string {
	return []string{string(body.PlanDraft), string(body.PlanProposed)}
}

func (p *Pages) plans(w http.ResponseWriter, r *http.Request) {
	p.showPlans(w, r, acting(r.Context()), nil)
}

func (p *Pages) showPlans(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Plans(r.Context(), as, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &plansPage{Plans: v, planForm: planForm{refused: p.refusal(r, why), now: url.Values{}}}
	p.render(w, r, statusOf(why), p.frame(r, "funds").page("planlist", page))
}

// writePlan writes a plan.
func (p *Pages) writePlan(w http.ResponseWriter, r *http.Request) {
	as, doc := protocol.InstitutionID(field(r, "as")), planTyped(r)
	done, err := p.saysTyped(r, body.TypePlan, doc, placeTyped(r, doc, "territory")...)
	if err != nil {
		p.showPlans(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/funds/plan/"+done.Record.String())
}

// sayOfPlan takes the word of a co-signer on the version that was shown, the next version, or
// that the plan is closed.
func (p *Pages) sayOfPlan(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	var done desk.Published
	var err error
	switch step := field(r, "step"); step {
	case desk.AnswerCosign, desk.AnswerRefuse:
		var shown protocol.Digest
		if shown, err = digestTyped(r, "digest"); err == nil {
			done, err = p.o.Desk.Answer(r.Context(), desk.AnswerRequest{As: as, Record: field(r, "record"), Digest: shown, Step: step, Reason: field(r, "reason")})
		}
	case "close":
		done, err = p.mend(r, desk.CorrectRequest{Record: recordName(r), Form: true}, map[string]any{"status": string(body.PlanClosed)})
	case "mend":
		doc := planTyped(r)
		done, err = p.mend(r, desk.CorrectRequest{Record: recordName(r), Set: placeTyped(r, doc, "territory"), Knowing: field(r, "knowing") != "", Form: true}, doc)
	default:
		err = &desk.Problem{Kind: desk.Usage, Field: "step", Detail: "nobody knows this act"}
	}
	if err != nil {
		p.showPlan(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/funds/plan/"+recordName(r))
}

// mend puts a record of the visitor right with what was typed, over the version that the form showed.
func (p *Pages) mend(r *http.Request, c desk.CorrectRequest, doc map[string]any) (done desk.Published, err error) {
	if c.After, err = digestTyped(r, "after"); err != nil {
		return done, err
	}
	if c.Body, err = json.Marshal(doc); err != nil {
		return done, err
	}
	c.As, c.Reason = protocol.InstitutionID(field(r, "as")), field(r, "reason")
	return p.o.Desk.Correct(r.Context(), c)
}

// whyNot keeps what was typed, and compares the version that was shown with the one that came
// meanwhile. What a hidden field holds nobody can mend in it.
func (p *Pages) whyNot(r *http.Request, page *planPage, why error) {
	page.refused = p.refusal(r, why)
	page.Problem = page.Problem.Renamed(func(field string) string {
		if slices.Contains([]string{"record", "digest", "step"}, field) {
			return ""
		}
		if field == "lines" { // which are taken out
			return "knowing"
		}
		return field
	})
	for i := range page.Versions {
		v := &page.Versions[i]
		if shown := v.Digest.String(); v.Number == page.Version || shown != field(r, "digest") && shown != field(r, "after") {
			continue
		}
		q := desk.PlanQuestion{As: page.As, Record: recordName(r), From: v.Number}
		if newer, err := p.o.Desk.FundPlan(r.Context(), q); err == nil {
			page.FundPlan = newer
		}
		return
	}
}
