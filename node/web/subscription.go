package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// subscriptionsAt is the page of what the visitor follows.
const subscriptionsAt = "/subscriptions"

// followPage is what the visitor follows, and what was just refused there.
type followPage struct {
	refused
	Rows []desk.Followed
	Full bool // no more can be made
}

// ChoiceKinds are the kinds of records that can be followed.
func (p *followPage) ChoiceKinds() []string {
	kinds, _ := desk.Followable()
	return kinds
}

// ChoiceTopics are the topics that can be followed.
func (p *followPage) ChoiceTopics() []protocol.Topic {
	_, topics := desk.Followable()
	return topics
}

// following are the pages of what somebody follows.
func (p *Pages) following() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET " + subscriptionsAt:                func(w http.ResponseWriter, r *http.Request) { p.showFollowing(w, r, nil) },
		"POST " + subscriptionsAt:               p.follow,
		"GET " + subscriptionsAt + "/{number}":  p.followed,
		"POST " + subscriptionsAt + "/{number}": p.lookedAt,
	}
}

func (p *Pages) showFollowing(w http.ResponseWriter, r *http.Request, why error) {
	f, page := p.present(r, "subscriptions"), followPage{refused: p.refusal(r, why)}
	var err error
	if page.Rows, err = p.o.Desk.Following(r.Context(), f.Visitor); err != nil {
		p.refuse(w, r, err)
		return
	}
	page.Full = len(page.Rows) >= desk.MaxSubscriptions
	p.render(w, r, statusOf(why), f.page("following", &page))
}

// follow makes a subscription, or takes one away.
func (p *Pages) follow(w http.ResponseWriter, r *http.Request) {
	var err error
	if field(r, "do") == "remove" {
		_, err = p.o.Desk.Unfollow(r.Context(), visitor(r.Context()), desk.FollowNumber{Number: desk.NumberFollowed(field(r, "number"))})
	} else {
		_, err = p.o.Desk.Follow(r.Context(), visitor(r.Context()), desk.FollowRequest{Name: field(r, "name"), ChoiceRequest: choiceTyped(r)})
	}
	if err != nil {
		p.showFollowing(w, r, err)
		return
	}
	http.Redirect(w, r, subscriptionsAt, http.StatusSeeOther)
}

// followed shows what came of a subscription.
func (p *Pages) followed(w http.ResponseWriter, r *http.Request) {
	f := p.present(r, "subscriptions")
	v, err := p.o.Desk.FollowedRecords(r.Context(), f.Visitor, desk.NumberFollowed(r.PathValue("number")))
	p.answer(w, r, f.page("followed", v), err)
}

// lookedAt notes that the visitor has seen what came of a subscription.
func (p *Pages) lookedAt(w http.ResponseWriter, r *http.Request) {
	at, err := seenUntil(r)
	if err == nil {
		_, err = p.o.Desk.LookedAt(r.Context(), visitor(r.Context()), desk.FollowLooked{Number: desk.NumberFollowed(r.PathValue("number")), At: at})
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, subscriptionsAt, http.StatusSeeOther)
}

// New says how many records of a subscription are new.
func (f *frame) New(s desk.Followed) string {
	n := f.T("overview.new", s.New)
	if s.More {
		return f.T("follow.least", n)
	}
	return n
}
