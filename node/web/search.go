package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// search shows what has the words that somebody looks for; what is called just so is opened.
func (p *Pages) search(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "")
	found, err := p.o.Desk.Search(r.Context(), f.Visitor, f.Institution, desk.Sought{Words: r.FormValue("q"), Quality: r.FormValue("quality"), At: f.At})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	if to := f.called(&found); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	f.Address, f.Query = "", found.Query // an answer stays as it was asked for
	f.Here = strings.TrimSuffix("/search?"+url.Values{"q": {found.Query}}.Encode(), "?q=")
	p.render(w, r, http.StatusOK, f.page("search", found))
}

// called gives the page of the one thing that is called what was looked for; empty for none.
func (f *frame) called(found *desk.Found) string {
	switch {
	case !found.Record.IsZero():
		return f.Href("/record/", found.Record)
	case found.Institution != "":
		return f.Href("/network/member/", found.Institution)
	case !found.Place.IsZero():
		return f.Href("/place/", found.Place)
	}
	return ""
}

// Back is how many days back the words of records are looked at.
func (f *frame) Back() int { return int(desk.SearchBack.Hours() / 24) }
