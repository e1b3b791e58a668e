package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

const linksPath = "/network/links"

// linksPage is all links, and one that is added.
type linksPage struct {
	Links   []desk.Link
	Peer    string // as typed
	Address string
	Key     string
	Problem *desk.Problem
}

// linkPage is one link: what was agreed, what is proposed, and what a test of it found.
type linkPage struct {
	desk.Link
	Sides   []linkSide // as they are typed, or as they were last agreed
	Marks   []protocol.Handling
	Test    desk.LinkTest
	Problem *desk.Problem
}

// linkSide is one direction of a policy, as texts that a person types.
type linkSide struct{ Name, Groups, Bodies, Relay, KiBs string }

// agreeing are the routes of links: one verb each, as the command has it.
func (p *Pages) agreeing() map[string]http.HandlerFunc {
	d := p.o.Desk
	return map[string]http.HandlerFunc{
		"GET /network/links":                 func(w http.ResponseWriter, r *http.Request) { p.showLinks(w, r, &linksPage{}, nil) },
		"POST /network/links":                p.addLink,
		"GET /network/links/{peer}":          func(w http.ResponseWriter, r *http.Request) { p.showLink(w, r, &linkPage{}, nil) },
		"POST /network/links/{peer}/propose": p.propose,
		"POST /network/links/{peer}/approve": p.approve,
		"POST /network/links/{peer}/pause":   p.turnLink(d.PauseLink),
		"POST /network/links/{peer}/resume":  p.turnLink(d.ResumeLink),
		"POST /network/links/{peer}/remove":  p.removeLink,
		"POST /network/links/{peer}/test":    p.testLink,
	}
}

func linkPeer(r *http.Request) protocol.InstitutionID {
	return protocol.InstitutionID(r.PathValue("peer"))
}

// toLink leads to the page of a link, where it stands as it is now.
func toLink(w http.ResponseWriter, r *http.Request, peer protocol.InstitutionID) {
	http.Redirect(w, r, linksPath+"/"+string(peer), http.StatusSeeOther)
}

func (p *Pages) showLinks(w http.ResponseWriter, r *http.Request, page *linksPage, err error) {
	status := statusOf(err)
	page.Problem = p.problem(r, err)
	page.Links, err = p.o.Desk.Lines(r.Context())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, status, p.present(r, "network").page("links", page))
}

func (p *Pages) showLink(w http.ResponseWriter, r *http.Request, page *linkPage, err error) {
	status := statusOf(err)
	page.Problem = p.problem(r, err)
	page.Link, err = p.o.Desk.LinkShow(r.Context(), linkPeer(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if page.Sides == nil {
		page.Sides = lastTerms(&page.Link)
	}
	for m := protocol.Clear; m.Valid(); m++ {
		page.Marks = append(page.Marks, m)
	}
	p.render(w, r, status, p.present(r, "network").page("link", page))
}

// lastTerms gives what was last proposed or agreed on a link, else what is usual.
func lastTerms(l *desk.Link) []linkSide {
	t, policy := desk.Everything(), l.Proposed
	if policy == nil {
		policy = l.InForce
	}
	if policy != nil {
		t.Theirs = policy.From(l.State.Peer)
		if t.Ours = policy.AToB; policy.A == l.State.Peer {
			t.Ours = policy.BToA
		}
	}
	typed := func(name string, d protocol.Direction) linkSide {
		return linkSide{name, strings.Join(d.Groups, "\n"), d.Bodies.String(), d.Relay.String(), strconv.Itoa(d.KiBs)}
	}
	return []linkSide{typed("ours", t.Ours), typed("theirs", t.Theirs)}
}

// direction reads what was typed; what is none is given as what the desk refuses.
func (s *linkSide) direction() protocol.Direction {
	var d protocol.Direction
	for line := range strings.Lines(s.Groups) {
		if words := strings.Fields(line); len(words) > 0 {
			d.Groups = append(d.Groups, strings.Join(words, " "))
		}
	}
	_ = d.Bodies.UnmarshalText([]byte(s.Bodies))
	_ = d.Relay.UnmarshalText([]byte(s.Relay))
	var err error
	if d.KiBs, err = strconv.Atoi(s.KiBs); err != nil && s.KiBs != "" {
		d.KiBs = -1
	}
	return d
}

// propose signs a policy, for the peer to approve.
func (p *Pages) propose(w http.ResponseWriter, r *http.Request) {
	page := &linkPage{}
	for _, name := range []string{"ours", "theirs"} {
		page.Sides = append(page.Sides, linkSide{name, field(r, name+".groups"), field(r, name+".bodies"), field(r, name+".relay"), field(r, name+".kib_s")})
	}
	if _, err := p.o.Desk.Propose(r.Context(), linkPeer(r), desk.Terms{Ours: page.Sides[0].direction(), Theirs: page.Sides[1].direction()}); err != nil {
		p.showLink(w, r, page, err)
		return
	}
	toLink(w, r, linkPeer(r))
}

// approve signs the proposal that was read.
func (p *Pages) approve(w http.ResponseWriter, r *http.Request) {
	read, err := protocol.ParseDigest(field(r, "document"))
	if err != nil {
		err = &desk.Problem{Kind: desk.Usage, Detail: "it isn't said which proposal was read", Mend: "read it on its page, and approve it there", Err: err}
	} else {
		_, err = p.o.Desk.Approve(r.Context(), linkPeer(r), desk.ApproveRequest{Document: &read})
	}
	if err != nil {
		p.showLink(w, r, &linkPage{}, err)
		return
	}
	toLink(w, r, linkPeer(r))
}

// turnLink pauses a link, or resumes it.
func (p *Pages) turnLink(turn func(context.Context, protocol.InstitutionID) (desk.Link, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, err := turn(r.Context(), linkPeer(r)); err != nil {
			p.refuse(w, r, err)
			return
		}
		toLink(w, r, linkPeer(r))
	}
}

func (p *Pages) removeLink(w http.ResponseWriter, r *http.Request) {
	if _, err := p.o.Desk.RemoveLink(r.Context(), linkPeer(r)); err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, linksPath, http.StatusSeeOther)
}

// testLink looks at all that a link needs, and says what it found.
func (p *Pages) testLink(w http.ResponseWriter, r *http.Request) {
	found, err := p.o.Desk.TestLink(r.Context(), linkPeer(r))
	p.showLink(w, r, &linkPage{Test: found}, err)
}

// addLink has the node call a peer from now on, or takes it in when it calls.
func (p *Pages) addLink(w http.ResponseWriter, r *http.Request) {
	page := &linksPage{Peer: field(r, "peer"), Address: field(r, "address"), Key: field(r, "key")}
	q := desk.AddLinkRequest{Peer: protocol.InstitutionID(page.Peer), Address: page.Address}
	var err error
	if page.Key != "" {
		if q.Key, err = protocol.ParseKey(page.Key); err != nil {
			err = &desk.Problem{Kind: desk.Usage, Field: "key", Detail: "this is no link key", Mend: "want the 64 digits and letters that the other side's page of itself shows", Err: err}
		}
	}
	if err == nil {
		_, err = p.o.Desk.AddLink(r.Context(), q)
	}
	if err != nil {
		p.showLinks(w, r, page, err)
		return
	}
	toLink(w, r, q.Peer)
}
