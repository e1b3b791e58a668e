package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Watch over people and programs.
type (
	// Waking is [duty.Waking].
	Waking = duty.Waking
	// WakingEvent is [duty.Event].
	WakingEvent = duty.Event
	// Subscription is [duty.Subscription].
	Subscription = duty.Subscription
)

// DutyView is who is woken by what, and what was woken.
type DutyView struct {
	File    duty.File  `json:"file"` // where the rules come from
	Rules   []DutyRule `json:"rules"`
	Ways    []DutyWay  `json:"ways"`
	Wakings []Waking   `json:"wakings"` // the newest first
}

// DutyRule is a rule as it is said to people.
type DutyRule struct {
	Name string        `json:"name"`
	Rule duty.RuleSaid `json:"rule"`
}

// DutyWay is a way, and how the last message by it went.
type DutyWay struct {
	Name  string           `json:"name"`
	By    string           `json:"by"` // mail, webhook, command
	Last  protocol.Instant `json:"last,omitzero"`
	Error string           `json:"error,omitempty"` // of the last try, if it failed
	Mend  string           `json:"mend,omitempty"`
}

// Duty gathers it for who may read up to a mark.
func (d *Desk) Duty(_ context.Context, ceiling protocol.Handling) DutyView {
	out := d.dutyView(ceiling)
	out.File = d.o.Duty.File()
	d.openEvents(out.Wakings, ceiling)
	return out
}

// dutyView is that without the file, which lies on the disk: the status asks for it all the time.
func (d *Desk) dutyView(ceiling protocol.Handling) DutyView {
	c := d.o.Duty.Config()
	out := DutyView{Rules: []DutyRule{}, Ways: []DutyWay{}, Wakings: d.wakings(ceiling)}
	for i := range c.Rules {
		r := &c.Rules[i]
		out.Rules = append(out.Rules, DutyRule{r.Name, r.Said()})
	}
	for _, name := range d.o.Duty.Ways() {
		w := DutyWay{Name: name, By: c.Ways[name].By()}
		for i := range out.Wakings { // the newest first
			for _, m := range out.Wakings[i].Messages {
				if m.Way == name && m.Tries > 0 && w.Last == 0 {
					w.Last, w.Error = max(m.Sent, m.Failed, out.Wakings[i].Sent), m.Error
				}
			}
		}
		if w.Error != "" {
			w.Mend = wayMend(&w)
		}
		out.Ways = append(out.Ways, w)
	}
	return out
}

// wayMend says what to do about a way that failed.
func wayMend(w *DutyWay) string {
	switch w.By {
	case duty.ByMail:
		return "see that the mail server of the duty file answers and takes its log-in, then: vardar duty test " + w.Name
	case duty.ByWebhook:
		return "see that the address answers with 2xx and has the same secret, then: vardar duty test " + w.Name
	}
	return "run the program by hand as the account of the node, then: vardar duty test " + w.Name
}

// wakings gives those that are kept; what is above a mark only as having come.
func (d *Desk) wakings(ceiling protocol.Handling) []Waking {
	out := d.o.Duty.Wakings()
	for i := range out {
		out[i].Key = "" // of its messages alone
		for j := range out[i].Events {
			e := &out[i].Events[j]
			if e.After = ""; e.Handling > ceiling {
				e.Said = "marked " + e.Handling.String()
			}
		}
	}
	return out
}

// openEvents reads what the records of wakings say, up to a mark; of one that can't be read any more, why.
func (d *Desk) openEvents(wakings []Waking, ceiling protocol.Handling) {
	for i := range wakings {
		for j := range wakings[i].Events {
			e := &wakings[i].Events[j]
			if e.Worded = e.OfDesk(); e.Worded || e.Handling > ceiling {
				continue
			}
			h, err := d.heldAs(e.Record, e.Digest)
			if err != nil {
				continue
			}
			why := ""
			if e.Body, why = d.open(&h); e.Body == nil {
				e.Said = why
			} else if _, version := e.Body.(*body.Correction); version && e.Kind == duty.SignatureDue {
				e.Worded = true
			}
		}
	}
}

// Ringing gives the wakings that nobody has seen yet and that are for an account's institutions,
// for the banner of its open pages.
func (d *Desk) Ringing(a Account) []Waking {
	own, ceiling := d.ActsFor(a), Ceiling(a)
	out := slices.DeleteFunc(d.wakings(ceiling), func(w Waking) bool {
		return w.Sent == 0 || w.Seen != 0 || w.Ended != 0 || !w.IsFor(own)
	})
	d.openEvents(out, ceiling)
	return out
}

// WakingID names a waking.
type WakingID struct {
	ID uint64 `json:"id"`
}

// SeenWaking says that somebody has seen a waking: nobody is woken of it any more.
func (d *Desk) SeenWaking(ctx context.Context, r WakingID) (w Waking, err error) {
	var about []protocol.Name
	defer func() { d.note(ctx, act{what: "seen", on: fmt.Sprintf("waking %d", r.ID)}, err, about...) }()
	if only := actorOf(ctx).only; len(only) > 0 {
		for _, w := range d.o.Duty.Wakings() {
			if w.ID == r.ID && !w.IsFor(only) {
				about = w.Records()
				return w, problem(NotPermitted, "vardar duty list", "waking %d is for the people of %s: they say that it was seen", r.ID, joinIDs(w.For))
			}
		}
	}
	w, about, err = d.o.Duty.Seen(ctx, r.ID, actorOf(ctx).name)
	if errors.Is(err, duty.ErrNoWaking) {
		err = &Problem{Kind: NotFound, Detail: err.Error(), Mend: "see which there are", Next: "vardar duty list", Err: err}
	}
	return w, failure(err)
}

// WayName names a way.
type WayName struct {
	Way string `json:"way"`
}

// TestWay sends a message that says that it is a test.
func (d *Desk) TestWay(ctx context.Context, r WayName) (out WayName, err error) {
	defer func() { d.note(ctx, act{"test-way", "", r.Way, false}, err) }()
	err = d.o.Duty.Test(ctx, r.Way)
	switch {
	case errors.Is(err, duty.ErrNoWay):
		p := &Problem{Kind: NotFound, Field: "way", Detail: "no way is called " + quoted(r.Way), Next: "vardar duty list", Err: err}
		if near := body.Nearest(r.Way, d.o.Duty.Ways()); near != "" {
			p.Mend = "did you mean " + near + "?"
		}
		return r, p
	case err != nil:
		w := DutyWay{Name: r.Way, By: d.o.Duty.Config().Ways[r.Way].By()}
		return r, &Problem{Kind: Failed, Detail: r.Way + ": " + strings.SplitN(err.Error(), "\n", 2)[0], Mend: wayMend(&w), Next: "vardar duty test " + r.Way, Err: err}
	}
	return r, nil
}

// WebhookRequest asks for a subscription.
type WebhookRequest struct {
	Name string `json:"name"`
	URL  string `json:"url"`
	ChoiceRequest
}

// WebhookMade is a subscription with its secret, which is shown once.
type WebhookMade struct {
	Webhook Subscription `json:"webhook"`
	Secret  string       `json:"secret"`
}

// Webhooks gives the subscriptions, by name.
func (d *Desk) Webhooks(context.Context) ([]Subscription, error) {
	return d.o.Duty.Subscriptions(), nil
}

// AddWebhook makes a subscription.
func (d *Desk) AddWebhook(ctx context.Context, r WebhookRequest) (out WebhookMade, err error) {
	defer func() { d.note(ctx, act{"webhook-add", "", r.Name, false}, err) }()
	asks := Choice(r.ChoiceRequest)
	if err = d.checkChoice(&asks, "vardar webhook add --help"); err != nil {
		return out, err
	}
	out.Webhook, out.Secret, err = d.o.Duty.Subscribe(ctx, Subscription{Name: r.Name, URL: r.URL, Choice: asks}, d.Source())
	return out, webhookProblem(err, r.Name)
}

// WebhookName names a subscription.
type WebhookName struct {
	Name string `json:"name"`
}

// RemoveWebhook takes a subscription away: nothing is sent to it any more.
func (d *Desk) RemoveWebhook(ctx context.Context, r WebhookName) (out WebhookName, err error) {
	defer func() { d.note(ctx, act{"webhook-remove", "", r.Name, false}, err) }()
	return r, webhookProblem(d.o.Duty.Unsubscribe(ctx, r.Name), r.Name)
}

// PauseWebhook has nothing sent to a subscription until somebody resumes it; nothing is lost.
func (d *Desk) PauseWebhook(ctx context.Context, r WebhookName) (out Subscription, err error) {
	defer func() { d.note(ctx, act{"webhook-pause", "", r.Name, false}, err) }()
	out, err = d.o.Duty.Pause(ctx, r.Name)
	return out, webhookProblem(err, r.Name)
}

// ResumeWebhook lets a subscription go on behind what it took last.
func (d *Desk) ResumeWebhook(ctx context.Context, r WebhookName) (out Subscription, err error) {
	defer func() { d.note(ctx, act{"webhook-resume", "", r.Name, false}, err) }()
	out, err = d.o.Duty.Resume(ctx, r.Name)
	return out, webhookProblem(err, r.Name)
}

// WebhookTested is what a receiver answered to a test.
type WebhookTested struct {
	Name     string `json:"name"`
	Answered string `json:"answered"` // the status: 200 OK
}

// TestWebhook sends a subscription what says that it is a test, signed as all that it is told; what waits for
// it goes on waiting.
func (d *Desk) TestWebhook(ctx context.Context, r WebhookName) (out WebhookTested, err error) {
	defer func() { d.note(ctx, act{"webhook-test", "", r.Name, false}, err) }()
	out = WebhookTested{Name: r.Name}
	out.Answered, err = d.o.Duty.TestSubscription(ctx, r.Name)
	if err == nil || errors.Is(err, duty.ErrUnknown) {
		return out, webhookProblem(err, r.Name)
	}
	return out, &Problem{Kind: Failed, Detail: r.Name + ": " + err.Error(), Mend: "see that the address answers with 2xx and has the same secret", Next: "vardar webhook test " + r.Name, Err: err}
}

// webhookProblem says why a subscription can't be.
func webhookProblem(err error, name string) error {
	p := &Problem{Kind: Usage, Next: "vardar webhook add --help", Err: err}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, duty.ErrName):
		p.Field, p.Detail = "name", err.Error()
	case errors.Is(err, duty.ErrURL):
		p.Field, p.Detail = "url", err.Error()
	case errors.Is(err, duty.ErrTaken):
		p.Kind, p.Field, p.Detail, p.Mend, p.Next = Refused, "name", err.Error(), "choose another, or take that one away", "vardar webhook remove "+name
	case errors.Is(err, duty.ErrMany):
		p.Kind, p.Detail, p.Mend, p.Next = Refused, err.Error(), "take one away that nobody reads", "vardar webhook list"
	case errors.Is(err, duty.ErrUnknown):
		p.Kind, p.Field, p.Detail, p.Next = NotFound, "name", err.Error(), "vardar webhook list"
	default:
		return failure(err)
	}
	return p
}

// dutyFindings looks at who could not be woken, and at programs that take nothing.
func (d *Desk) dutyFindings() []Finding {
	var out []Finding
	for _, w := range d.dutyView(protocol.Clear).Ways {
		if w.Error != "" {
			out = append(out, Finding{"duty", "nobody was reached by the way " + w.Name + ": " + w.Error, w.Mend, false})
		}
	}
	for _, s := range d.o.Duty.Subscriptions() {
		switch {
		case s.Paused != 0:
			out = append(out, Finding{"webhook", strings.TrimSuffix(fmt.Sprintf("the webhook %s is paused since %s: %s", s.Name, s.Paused, s.Error), ": "), "see that its receiver answers, then: vardar webhook resume " + s.Name + "; nothing is lost", false})
		case s.Failing != 0:
			out = append(out, Finding{"webhook", fmt.Sprintf("the webhook %s takes nothing since %s: %s", s.Name, s.Failing, s.Error), "see that its receiver answers; it is tried again by itself", false})
		}
	}
	return out
}
