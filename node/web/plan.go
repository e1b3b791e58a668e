package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// planPage is one fund plan: what it says, what it comes to, and who has signed which version.
type planPage struct {
	desk.FundPlan
	planForm
}

// planGroup are the sums of a plan by one thing.
type planGroup struct {
	By   desk.PlanGroup
	Rows []desk.PlanSum
}

// Groups parts the sums of a plan.
func (p *planPage) Groups() []planGroup { return groupsOf(p.Sums) }

// groupsOf parts sums by what they are grouped by, the total first.
func groupsOf(sums []desk.PlanSum) []planGroup {
	var out []planGroup
	for i := range sums {
		if len(out) == 0 || out[len(out)-1].By != sums[i].By {
			out = append(out, planGroup{By: sums[i].By})
		}
		last := &out[len(out)-1]
		last.Rows = append(last.Rows, sums[i])
	}
	return out
}

// States are the words for how far its next version may be.
func (p *planPage) States() []string {
	if p.MayPropose {
		return []string{string(body.PlanDraft), string(body.PlanProposed)}
	}
	return []string{string(body.PlanProposed)}
}

// TooLong reports whether it has more lines than a form holds.
func (p *planPage) TooLong() bool { return len(p.Lines) > mostPlanRows }

// MostRows is how many lines a form holds.
func (*planPage) MostRows() int { return mostPlanRows }

// Newest are the versions, the newest first.
func (p *planPage) Newest() []desk.PlanVersion {
	out := slices.Clone(p.Versions)
	slices.Reverse(out)
	return out
}

func (p *Pages) plan(w http.ResponseWriter, r *http.Request) {
	p.showPlan(w, r, acting(r.Context()), nil)
}

func (p *Pages) showPlan(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	q := desk.PlanQuestion{As: as, Record: recordName(r), At: asked(r)}
	if err := versionsAsked(r, &q.From, &q.To); err != nil {
		p.refuse(w, r, err)
		return
	}
	v, err := p.o.Desk.FundPlan(r.Context(), q)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page, status := &planPage{FundPlan: v}, http.StatusOK
	if why != nil {
		p.whyNot(r, page, why)
		status = statusOf(why)
	}
	page.now = planInForce(&page.FundPlan)
	p.render(w, r, status, p.frame(r, "funds").page("plan", page))
}

// SumOf names a row of sums of plans.
func (f *frame) SumOf(s *desk.PlanSum) string {
	if s.Gone {
		of := *s
		of.Gone = false
		if of.Of == "" && !of.Undivided {
			return f.T("plan.gone")
		}
		return f.T("plan.gone") + ": " + f.SumOf(&of)
	}
	switch {
	case s.Undivided:
		return f.T("plan.undivided")
	case !s.Place.IsZero():
		return f.Place(s.Place, s.PlaceName)
	case s.Of == "":
		return f.T("plan.total")
	}
	return f.Word(s.Of)
}

// PlanClass is the shape of how far a plan is, or of what somebody has said of a version.
func (f *frame) PlanClass(state any) string {
	switch lettered(state) {
	case "agreed", "signed":
		return "open"
	case "refused":
		return "late"
	case "proposed", "waiting":
		return "watch"
	}
	return "over"
}

// PlanSigned says which version of a plan how many have signed, who of the others has signed only
// an earlier one, and as which version it was closed behind that.
func (f *frame) PlanSigned(r *desk.PlanRow) string {
	asked := r.Asked()
	if asked == nil {
		return ""
	}
	said := f.T("plan.signed", f.Number(asked.Number), f.Number(asked.Signed), f.Number(asked.Of))
	for _, b := range r.Before {
		said += "; " + f.T("plan.before", f.Number(len(b.Institutions)), f.Number(b.Version))
	}
	if asked.Number != r.Version {
		said += ", " + f.T("plan.closed", f.Number(r.Version))
	}
	return said
}

// PlanField names a member of a plan, or of one of its lines.
func (f *frame) PlanField(line int, name string) string {
	of := "plan"
	if line > 0 {
		of = "lines"
	}
	switch name {
	case "period.start":
		return f.T("strategy.from")
	case "period.end":
		return f.T("strategy.until")
	case "rates":
		return f.T("plan.rate")
	}
	return f.PlanMember(of, name)
}

// PlanMember names a member of a plan, of its lines or of its rates.
func (f *frame) PlanMember(of, name string) string { return f.label("plan", of, name) }

// PlanValue says what stood, or stands, in a member of a plan: its own words as they are.
func (f *frame) PlanValue(name, value string) any {
	switch name {
	case "amount":
		return f.Money(body.SumOf(body.Decimal(value)))
	case "status", "sector", "source":
		return f.Word(value)
	case "period":
		var of body.Period
		if json.Unmarshal([]byte(value), &of) == nil {
			return f.Time(of.Start.Instant()) + " – " + f.Time(of.End.Instant())
		}
	case "rates":
		var of []body.PlanRate
		if json.Unmarshal([]byte(value), &of) == nil {
			said := make([]string, len(of))
			for i := range of {
				said[i] = fmt.Sprintf("%s %s (%v · %s)", f.Rate(of[i].Rate), of[i].Currency, f.Stated(string(of[i].AsOf)), of[i].Source)
			}
			return strings.Join(said, "; ")
		}
	case "territory":
		var of body.Place
		if json.Unmarshal([]byte(value), &of) == nil {
			return f.place(&of)
		}
	}
	var list []string
	if json.Unmarshal([]byte(value), &list) == nil {
		return strings.Join(list, ", ")
	}
	return value
}
