package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// stockAt is where the book of an institution's own sites is.
const stockAt = "/help/stock"

// stockPage is the book, open at one site, and what was wrong with an act.
type stockPage struct {
	desk.Stock
	Problem *desk.Problem
	typed   url.Values // in the form that was refused; it stays as it was
}

// Typed gives what a field holds: what was typed, if that was refused, else what is known.
func (p *stockPage) Typed(act, name string, known any) any {
	if p.typed.Get("act") == act {
		return p.typed.Get(name)
	}
	return known
}

// Wrong reports whether it is a field of this form that is wrong.
func (p *stockPage) Wrong(act string) bool { return p.Problem != nil && p.typed.Get("act") == act }

func (p *Pages) stock(w http.ResponseWriter, r *http.Request) {
	p.showStock(w, r, r.FormValue("site"), nil)
}

func (p *Pages) showStock(w http.ResponseWriter, r *http.Request, site string, why error) {
	f := p.present(r, "help")
	page, status := &stockPage{}, http.StatusOK
	if why != nil {
		page.Problem, status, page.typed = p.problem(r, why), statusOf(why), r.PostForm
	}
	var err error
	if page.Stock, err = p.o.Desk.Stock(r.Context(), f.Institution, site); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, status, f.page("stock", page))
}

// keepStock takes an act on a site: what it is, who is there, what comes and goes, and what
// others are told.
func (p *Pages) keepStock(w http.ResponseWriter, r *http.Request) {
	site := field(r, "site")
	acts := map[string]func(*http.Request) (desk.Published, error){"set": p.setSite, "count": p.countSite, "move": p.moveGoods, "declare": p.declareSite, "remove": p.removeSite}
	act, known := acts[field(r, "act")]
	done, err := desk.Published{}, error(&desk.Problem{Kind: desk.Usage, Field: "act", Detail: "nobody knows this act"})
	if known {
		done, err = act(r)
	}
	switch {
	case err != nil && field(r, "act") == "set": // it may not be there yet
		p.showStock(w, r, r.URL.Query().Get("site"), err)
	case err != nil:
		p.showStock(w, r, site, err)
	case done.Waits != "":
		http.Redirect(w, r, "/drafts", http.StatusSeeOther)
	case field(r, "act") == "remove":
		http.Redirect(w, r, stockAt, http.StatusSeeOther)
	default:
		http.Redirect(w, r, stockAt+"?site="+url.QueryEscape(site), http.StatusSeeOther)
	}
}

// quantity reads a field that holds a number; none of an empty one.
func quantity(r *http.Request, name string) (*body.Quantity, error) {
	said := field(r, name)
	if said == "" {
		return nil, nil //nolint:nilnil // not known is no fault
	}
	n, err := strconv.ParseUint(said, 10, 32)
	if err != nil {
		return nil, &desk.Problem{Kind: desk.Refused, Field: name, Detail: "this is no whole number", Mend: "give a whole number of 0 or more"}
	}
	return new(body.Quantity(n)), nil //nolint:gosec // 32 bits
}

// mustQuantity reads one that must be there.
func mustQuantity(r *http.Request, name string) (body.Quantity, error) {
	q, err := quantity(r, name)
	if err == nil && q == nil {
		err = &desk.Problem{Kind: desk.Refused, Field: name, Detail: "this field is empty", Mend: "give a whole number of 0 or more"}
	}
	if err != nil {
		return 0, err
	}
	return *q, nil
}

func (p *Pages) setSite(r *http.Request) (done desk.Published, err error) {
	q := desk.SiteRequest{As: acting(r.Context()), Place: field(r, "site"), Name: field(r, "name")}
	if q.Night, err = quantity(r, "night"); err != nil {
		return done, err
	}
	if q.Day, err = quantity(r, "day"); err != nil {
		return done, err
	}
	for name := range r.PostForm {
		kind, is := strings.CutPrefix(name, "service.")
		n, wrong := quantity(r, name)
		if !is || n == nil && wrong == nil {
			continue
		}
		if wrong != nil {
			return done, wrong
		}
		q.Services = append(q.Services, desk.SiteService{Type: body.ResourceType(kind), Quantity: *n})
	}
	_, err = p.o.Desk.SetSite(r.Context(), q)
	return done, err
}

func (p *Pages) countSite(r *http.Request) (done desk.Published, err error) {
	n, err := mustQuantity(r, "people")
	if err == nil {
		_, err = p.o.Desk.CountSite(r.Context(), desk.CountRequest{As: acting(r.Context()), Place: field(r, "site"), People: int64(n)})
	}
	return done, err
}

func (p *Pages) removeSite(r *http.Request) (done desk.Published, err error) {
	_, err = p.o.Desk.RemoveSite(r.Context(), desk.PlaceRequest{As: acting(r.Context()), Place: field(r, "site")})
	return done, err
}

func (p *Pages) moveGoods(r *http.Request) (done desk.Published, err error) {
	n, err := mustQuantity(r, "quantity")
	if err != nil {
		return done, err
	}
	_, err = p.o.Desk.MoveGoods(r.Context(), desk.MoveRequest{
		As: acting(r.Context()), Place: field(r, "site"), Direction: desk.Direction(field(r, "direction")), Exchange: field(r, "exchange"), Note: field(r, "note"), ID: field(r, "id"),
		Lines: []desk.MovedLine{{Type: body.ResourceType(field(r, "type")), Unit: field(r, "unit"), Quantity: n}},
	})
	return done, oneLine(err)
}

// oneLine names the field of a form that moves one kind of goods.
func oneLine(err error) error {
	p, ok := err.(*desk.Problem) //nolint:errorlint // the desk's own
	if !ok {
		return err
	}
	return p.Renamed(func(field string) string { return strings.TrimPrefix(field, "lines[0].") })
}

func (p *Pages) declareSite(r *http.Request) (desk.Published, error) {
	offer := []body.ResourceType{}
	for _, kind := range r.PostForm["offer"] {
		offer = append(offer, body.ResourceType(kind))
	}
	return p.o.Desk.DeclareCapacity(r.Context(), desk.DeclareRequest{As: acting(r.Context()), Place: field(r, "site"), Digest: field(r, "digest"), Offer: &offer})
}

// Code gives the code of the site that is open; empty of none.
func (p *stockPage) Code() string {
	if !p.Open {
		return ""
	}
	return p.Site.Place.String()
}

// Plain gives a number as a field has it; nothing of one that is not known.
func (p *stockPage) Plain(n *body.Quantity) string {
	if n == nil {
		return ""
	}
	return strconv.FormatInt(int64(*n), 10)
}
