package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// nowPage is Now for a duty officer.
type nowPage struct {
	desk.Post
	Curves []figureRow
}

// now is what each role must know first.
func (p *Pages) now(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "now")
	if desk.HomeOf(f.Visitor) == desk.HomeNode {
		f = p.present(r, "now")
	}
	n, err := p.o.Desk.Now(r.Context(), f.Visitor, f.Institution, f.At)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	switch n.Home {
	case desk.HomeOverview:
		f.page("overview", *n.Overview)
	case desk.HomeNode:
		f.page("keeper", *n.Node)
	case desk.HomeAudit:
		f.page("auditor", n.Audit.Rows)
	case desk.HomePost:
		f.page("now", nowPage{*n.Post, p.figures(f, n.Post.Figures.Rows)})
	}
	p.render(w, r, http.StatusOK, f)
}

// newestTold is how many records of an incident Now tells unfolded.
const newestTold = 3

// Folded gives what Now folds away of the records of an incident, the oldest first: never one alone.
func (*frame) Folded(of []desk.Told) []desk.Told {
	if len(of) <= newestTold+1 {
		return nil
	}
	return of[:len(of)-newestTold]
}

// Newest gives the others.
func (f *frame) Newest(of []desk.Told) []desk.Told { return of[len(f.Folded(of)):] }

// looked notes that a coordinator has seen what a page told.
func (p *Pages) looked(w http.ResponseWriter, r *http.Request) {
	at, err := seenUntil(r)
	if err == nil {
		err = p.o.Desk.Looked(r.Context(), visitor(r.Context()), at)
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// seenUntil reads up to when somebody says that they have seen what came.
func seenUntil(r *http.Request) (at protocol.Instant, err error) {
	if err = at.UnmarshalText([]byte(r.PostFormValue("at"))); err != nil {
		err = &desk.Problem{Kind: desk.Usage, Field: "at", Detail: "this is no moment", Err: err}
	}
	return at, err
}

// until gives the end of a list of what happened, for the instant a page is asked about.
func until(r *http.Request) protocol.Instant {
	if at := asked(r); at != 0 {
		return at + 1
	}
	return 0
}

func (p *Pages) network(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Directory(r.Context(), strings.TrimSpace(r.FormValue("q")), from(r), asked(r))
	p.answer(w, r, p.frame(r, "network").page("network", v), err)
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) {
	l, err := p.o.Desk.List(r.Context(), desk.Query{What: desk.ListAudit, Until: until(r)})
	p.answer(w, r, p.frame(r, "audit").page("audit", l.Rows), err)
}

// acknowledge says for an institution that a person has read what asks for it.
func (p *Pages) acknowledge(w http.ResponseWriter, r *http.Request) {
	done, err := p.o.Desk.Answer(r.Context(), desk.AnswerRequest{As: protocol.InstitutionID(field(r, "as")), Record: recordName(r), Step: desk.AnswerAcknowledge})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.leadOn(w, r, done, "/")
}
