package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// rulesPage is by which rules people are woken, which programs are told, and what was just made
// or refused there.
type rulesPage struct {
	desk.DutyView
	refused
	Webhooks []desk.Subscription
	Made     desk.WebhookMade // its secret is shown once
	Tested   desk.WebhookTested
}

// dutyRules shows the rules, and the programs that are told.
func (p *Pages) dutyRules(w http.ResponseWriter, r *http.Request) {
	p.showRules(w, r, &rulesPage{}, nil)
}

func (p *Pages) showRules(w http.ResponseWriter, r *http.Request, page *rulesPage, why error) {
	page.refused = p.refusal(r, why)
	page.DutyView = p.o.Desk.Duty(r.Context(), desk.Ceiling(visitor(r.Context())))
	var err error
	if page.Webhooks, err = p.o.Desk.Webhooks(r.Context()); err != nil {
		p.refuse(w, r, err)
		return
	}
	f := p.present(r, "duty")
	if page.Tested.Answered != "" && why == nil {
		f.Said = f.T("webhook.tested", page.Tested.Name, page.Tested.Answered)
	}
	if page.Made.Secret != "" || f.Said != "" || why != nil {
		f.Scripts, f.Address = nil, "" // what is shown once, and what was typed, stays until its reader goes
	}
	p.render(w, r, statusOf(why), f.page("dutyrules", page))
}

// changeWebhook makes a webhook, or does something to one.
func (p *Pages) changeWebhook(w http.ResponseWriter, r *http.Request) {
	var page rulesPage
	var err error
	of := desk.WebhookName{Name: field(r, "name")}
	switch field(r, "do") {
	case "pause":
		_, err = p.o.Desk.PauseWebhook(r.Context(), of)
	case "resume":
		_, err = p.o.Desk.ResumeWebhook(r.Context(), of)
	case "remove":
		_, err = p.o.Desk.RemoveWebhook(r.Context(), of)
	case "test":
		page.Tested, err = p.o.Desk.TestWebhook(r.Context(), of)
	default:
		page.Made, err = p.o.Desk.AddWebhook(r.Context(), desk.WebhookRequest{Name: of.Name, URL: field(r, "url"), ChoiceRequest: choiceTyped(r)})
	}
	p.showRules(w, r, &page, err)
}

// choiceTyped reads what of records a form asks for.
func choiceTyped(r *http.Request) desk.ChoiceRequest {
	c := desk.ChoiceRequest{Places: strings.FieldsFunc(field(r, "place"), func(c rune) bool { return strings.ContainsRune(" ,;", c) }), Severity: body.Severity(field(r, "severity")), Quality: field(r, "quality")}
	for _, word := range r.PostForm["kinds"] {
		if t, err := protocol.ParseTopic(strings.TrimPrefix(word, "topic:")); err == nil && strings.HasPrefix(word, "topic:") {
			c.Topics = append(c.Topics, t)
		} else {
			c.Kinds = append(c.Kinds, word)
		}
	}
	return c
}

// ChoiceKinds are the kinds of records that programs can be told of.
func (p *rulesPage) ChoiceKinds() []string {
	kinds, _ := desk.Selectable()
	return kinds
}

// ChoiceTopics are the topics that programs can be told of.
func (p *rulesPage) ChoiceTopics() []protocol.Topic {
	_, topics := desk.Selectable()
	return topics
}

// Severities are the words of a severity, the gravest first.
func (f *frame) Severities() []string { return body.Severity("").Words() }

// Asks says what of records is asked for.
func (f *frame) Asks(c desk.Choice) string {
	var of []string
	for _, t := range c.Topics {
		of = append(of, f.T("choice.topic", f.T("topic."+t.String())))
	}
	if len(c.Kinds) > 0 {
		of = append(of, f.KindsSaid(c.Kinds))
	}
	if len(of) == 0 {
		of = append(of, f.T("choice.all"))
	}
	said := strings.Join(of, ", ")
	if len(c.Places) > 0 {
		said += " " + f.T("duty.rule.places", f.Listed(c.Places))
	}
	if c.Severity != "" {
		said += " " + f.T("duty.rule.severity", f.Severity(string(c.Severity)))
	}
	if c.Quality != "" {
		said += " · " + f.T("figure.quality") + ": " + f.QualityChoice(c.Quality)
	}
	return said
}
