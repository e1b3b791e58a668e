package web

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// consultationPage is one consultation, and what was wrong with what was said in it.
type consultationPage struct {
	desk.Hearing
	refused
}

// Stands are the words of an answer to choose from.
func (*consultationPage) Stands() []string { return body.PositionSupport.Words() }

// Considerations are the words of what became of an answer.
func (*consultationPage) Considerations() []string { return body.ConsideredNoted.Words() }

// Rewords reports whether the form that puts the question right has a field for its words: while they can be put
// right, or where somebody has typed others.
func (p *consultationPage) Rewords() bool { return p.MayReword || p.typed.Has("question") }

// Decision is what stands in the form of the outcome: what was typed, or what is in force.
func (p *consultationPage) Decision() string {
	if p.Problem == nil && p.Outcome != nil {
		return p.Outcome.Decision
	}
	return p.Typed("decision")
}

// Asks is what stands in the form that puts the question right: what was typed, or what is in force.
func (p *consultationPage) Asks(name string) string {
	if p.Problem != nil && p.Typed("step") == "mend" {
		return p.Typed(name)
	}
	var lines []string
	switch name {
	case "question":
		return p.Question
	case "background":
		return p.Background
	case "closes_at":
		return local(p.ClosesAt.String())
	case "project":
		if !p.Project.IsZero() {
			return p.Project.String()
		}
	case "options":
		for _, option := range p.Options {
			lines = append(lines, string(option))
		}
	case "to":
		for _, who := range p.To {
			lines = append(lines, string(who))
		}
	}
	return strings.Join(lines, "\n")
}

// considering is an answer in the form of the outcome.
type considering struct {
	desk.Respondent
	Number int
}

// Considering gives the answers that want a consideration, with what is typed of it, or in
// force.
func (p *consultationPage) Considering() []considering {
	var out []considering
	for i := range p.Respondents {
		a := considering{p.Respondents[i], len(out)}
		if !a.Counting() {
			continue
		}
		if a.Outdated {
			a.Consideration, a.Reason = "", ""
		}
		for n := 0; p.typed.Has(consideredField(n, "response")); n++ {
			if p.Typed(consideredField(n, "response")) == a.Record.String() {
				a.Consideration, a.Reason = body.Consideration(p.Typed(consideredField(n, "consideration"))), p.Typed(consideredField(n, "reason"))
			}
		}
		out = append(out, a)
	}
	return out
}

// consideredField names a member of a consideration.
func consideredField(n int, member string) string { return fmt.Sprintf("considered.%d.%s", n, member) }

func (p *Pages) consultation(w http.ResponseWriter, r *http.Request) {
	p.showConsultation(w, r, acting(r.Context()), nil)
}

func (p *Pages) showConsultation(w http.ResponseWriter, r *http.Request, as protocol.InstitutionID, why error) {
	v, err := p.o.Desk.Hearing(r.Context(), as, recordName(r), asked(r))
	if err == nil {
		err = v.Only(r.URL.Query().Get("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := &consultationPage{Hearing: v, refused: p.refusal(r, why)}
	p.render(w, r, statusOf(why), p.frame(r, "policy").page("consultation", page))
}

// sayInConsultation takes an answer, the outcome, or what puts that right.
func (p *Pages) sayInConsultation(w http.ResponseWriter, r *http.Request) {
	as := protocol.InstitutionID(field(r, "as"))
	var done desk.Published
	var err error
	switch field(r, "step") {
	case "response":
		doc := given(r, "position", "text", "needs_ref", "capacity_ref")
		doc["thread"] = recordName(r)
		doc["refs"] = answering(r)
		numbered(r, doc, "option")
		done, err = p.saysTyped(r, body.TypeResponse, doc)
	case "outcome":
		doc := concluding(r)
		doc["thread"] = recordName(r)
		done, err = p.saysTyped(r, body.TypeOutcome, doc)
	case "correct":
		done, err = p.mend(r, desk.CorrectRequest{Record: field(r, "record")}, concluding(r))
	case "mend":
		done, err = p.mend(r, desk.CorrectRequest{Record: recordName(r)}, questionMended(r))
	case "remind":
		if done, err = p.remindOf(r, as); err == nil {
			p.leadOn(w, r, done, "/record/"+done.Record.String())
			return
		}
	default:
		err = &desk.Problem{Kind: desk.Usage, Field: "step", Detail: "nobody knows this act"}
	}
	if err != nil {
		p.showConsultation(w, r, as, err)
		return
	}
	p.leadOn(w, r, done, "/policy/consultation/"+recordName(r))
}

// answering names the question, and the version of it that the form showed.
func answering(r *http.Request) []any {
	refs := []any{map[string]any{"rel": string(body.RelAnswers), "record": recordName(r)}}
	if read := field(r, "read"); read != "" {
		refs = append(refs, map[string]any{"rel": string(body.RelAbout), "record": read})
	}
	return refs
}

// remindOf reminds one who is silent in a consultation, in the language of the page.
func (p *Pages) remindOf(r *http.Request, as protocol.InstitutionID) (desk.Published, error) {
	words := p.frame(r, "policy").T("policy.remind.text", field(r, "closes"))
	return p.o.Desk.Answer(r.Context(), desk.AnswerRequest{
		As: as, Record: recordName(r), Step: desk.AnswerRemind, To: []protocol.InstitutionID{protocol.InstitutionID(field(r, "institution"))}, Reason: words,
	})
}

// concluding gives the decision and the considerations that were typed.
func concluding(r *http.Request) map[string]any {
	doc := given(r, "decision")
	var considered []any
	for n := 0; r.PostForm.Has(consideredField(n, "response")); n++ {
		k := map[string]any{}
		for _, member := range []string{"response", "digest", "version", "consideration", "reason"} {
			if said := field(r, consideredField(n, member)); said != "" {
				k[member] = said
			}
		}
		considered = append(considered, k)
	}
	if len(considered) > 0 {
		doc["considered"] = considered
	}
	return doc
}

// questionMended is what was typed to put a question right: what is empty is said no more. Where its words stay, the
// form has no field for them.
func questionMended(r *http.Request) map[string]any {
	doc := questionTyped(r)
	for _, name := range []string{"question", "background", "options", "to", "closes_at", "project"} {
		if _, said := doc[name]; !said && r.PostForm.Has(name) {
			doc[name] = nil
		}
	}
	return doc
}

// Next is the number of what stands at an index.
func (*frame) Next(index int) int { return index + 1 }

// lettered is a word as a key of the catalogue has it.
func lettered(word any) string { return strings.ReplaceAll(fmt.Sprint(word), " ", "_") }

// HearingState says how far a consultation is.
func (f *frame) HearingState(word any) string {
	return f.T("policy.state." + lettered(word))
}

// HearingClass is the shape of how far a consultation is, or of whether an answer counts.
func (f *frame) HearingClass(word any) string {
	switch lettered(word) {
	case "open", "concluded", "counts":
		return "open"
	case "closed", "not_open_yet", "not_invited", "erased":
		return "watch"
	case "late":
		return "late"
	}
	return "over"
}

// Leads gives the path under which what ends, or rings, is read best.
func (f *frame) Leads(kind string, n protocol.Name) string {
	switch {
	case n.Topic == protocol.Policy && (kind == desk.EndingHearing || kind == desk.AnswerDue):
		return "/policy/consultation/" + n.String()
	case n.Topic == protocol.Resource && (kind == desk.EndingRequest || kind == desk.AnswerDue):
		return "/help/" + n.String()
	case kind == desk.SignatureDue:
		return "/funds/plan/" + n.String()
	case kind == desk.Contradictory:
		return "/situation/contradictions"
	}
	return "/record/" + n.String()
}
