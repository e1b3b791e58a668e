package desk

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/site"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The register of one's own sites, which is this node's book and no record.
type (
	// Site is [site.Site].
	Site = site.Site
	// SiteService is [site.Service].
	SiteService = site.Service
	// SiteGoods is [site.Goods].
	SiteGoods = site.Goods
	// MovedLine is [site.Line].
	MovedLine = site.Line
	// Movement is [site.Movement].
	Movement = site.Movement
	// Direction is [site.Direction].
	Direction = site.Direction
)

// Which way goods go.
const (
	GoodsIn  = site.In
	GoodsOut = site.Out
)

// SiteView is a site with what lies there.
type SiteView struct {
	Site
	Goods []SiteGoods `json:"goods"`
}

// SiteRequest notes a site, or what has changed of it: what is not given is not known.
type SiteRequest struct {
	As       protocol.InstitutionID `json:"as,omitempty"`
	Place    string                 `json:"place"`
	Name     string                 `json:"name"`
	Night    *body.Quantity         `json:"night,omitempty"` // places to sleep
	Day      *body.Quantity         `json:"day,omitempty"`
	Services []SiteService          `json:"services,omitempty"`
}

// CountRequest says how many people are at a site now.
type CountRequest struct {
	As     protocol.InstitutionID `json:"as,omitempty"`
	Place  string                 `json:"place"`
	People int64                  `json:"people"`
}

// MoveRequest notes goods that came in or go out.
type MoveRequest struct {
	As        protocol.InstitutionID `json:"as,omitempty"`
	Place     string                 `json:"place"`
	Direction Direction              `json:"direction"` // in or out
	Lines     []MovedLine            `json:"lines"`
	Exchange  string                 `json:"exchange,omitempty"` // the record that began the exchange of help that they belong to
	Note      string                 `json:"note,omitempty"`
	ID        string                 `json:"id,omitempty"` // under which it is noted once, however often it is asked for
}

// noPlace is where the command line goes on when a site is not found.
const noPlace = "vardar stock list"

// siteProblem says why something can't be noted; nothing of no error.
func siteProblem(err error) error {
	var f *site.Fault
	switch {
	case errors.As(err, &f):
		return &Problem{Kind: Refused, Field: f.Field, Detail: f.Detail, Mend: f.Mend, Next: noPlace, Err: err}
	case errors.Is(err, site.ErrNone):
		return &Problem{Kind: NotFound, Field: "place", Detail: site.ErrNone.Error(), Mend: "note the site first", Next: noPlace, Err: err}
	}
	return failure(err)
}

// sitePlace reads the code of a site.
func (d *Desk) sitePlace(ctx context.Context, as protocol.InstitutionID, place string) (protocol.InstitutionID, body.PlaceKey, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return as, body.PlaceKey{}, err
	}
	k, err := d.placeKey(place)
	return as, k, at(err, "place", noPlace)
}

// Sites gives the sites of an institution of this node, by code, with what lies there.
func (d *Desk) Sites(ctx context.Context, as protocol.InstitutionID) ([]SiteView, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return nil, err
	}
	out := []SiteView{}
	for _, s := range d.o.Sites.Sites(as) {
		out = append(out, SiteView{s, d.o.Sites.Goods(as, s.Place)})
	}
	return out, nil
}

// Site gives one of them.
func (d *Desk) Site(ctx context.Context, as protocol.InstitutionID, place string) (SiteView, error) {
	as, k, err := d.sitePlace(ctx, as, place)
	if err != nil {
		return SiteView{}, err
	}
	s, err := d.o.Sites.Site(as, k)
	return SiteView{s, d.o.Sites.Goods(as, k)}, siteProblem(err)
}

// SetSite notes a site; who is there and what lies there stays.
func (d *Desk) SetSite(ctx context.Context, r SiteRequest) (out SiteView, err error) {
	defer func() { d.note(ctx, act{"set-site", r.As, r.Place, false}, err) }()
	as, k, err := d.sitePlace(ctx, r.As, r.Place)
	if err != nil {
		return SiteView{}, err
	}
	s, err := d.o.Sites.Set(ctx, Site{Institution: as, Place: k, Name: r.Name, Night: r.Night, Day: r.Day, Services: r.Services})
	return SiteView{s, d.o.Sites.Goods(as, k)}, siteProblem(err)
}

// CountSite notes how many people are at a site now.
func (d *Desk) CountSite(ctx context.Context, r CountRequest) (out SiteView, err error) {
	defer func() { d.note(ctx, act{"count-site", r.As, r.Place, false}, err) }()
	as, k, err := d.sitePlace(ctx, r.As, r.Place)
	if err != nil {
		return SiteView{}, err
	}
	s, err := d.o.Sites.CountPeople(ctx, as, k, r.People, actorOf(ctx).name)
	return SiteView{s, d.o.Sites.Goods(as, k)}, siteProblem(err)
}

// PlaceRequest names a site.
type PlaceRequest struct {
	As    protocol.InstitutionID `json:"as,omitempty"`
	Place string                 `json:"place"`
}

// RemoveSite takes a site away at which nobody and nothing is any more; what came in and went
// out stays in the log. What was declared of it stands until its author takes that back.
func (d *Desk) RemoveSite(ctx context.Context, r PlaceRequest) (out Site, err error) {
	defer func() { d.note(ctx, act{"remove-site", r.As, r.Place, false}, err) }()
	as, k, err := d.sitePlace(ctx, r.As, r.Place)
	if err != nil {
		return Site{}, err
	}
	out, err = d.o.Sites.Remove(ctx, as, k)
	return out, siteProblem(err)
}

// MoveGoods notes goods that came in or go out: it is on disk when it returns. More than is
// there can't go out.
func (d *Desk) MoveGoods(ctx context.Context, r MoveRequest) (out Movement, err error) {
	defer func() { d.note(ctx, act{"move-goods", r.As, r.Place, false}, err) }()
	as, k, err := d.sitePlace(ctx, r.As, r.Place)
	if err != nil {
		return Movement{}, err
	}
	m := Movement{Institution: as, Place: k, Direction: r.Direction, Lines: r.Lines, Note: r.Note, By: actorOf(ctx).name, ID: r.ID}
	if r.Exchange != "" {
		if m.Exchange, err = d.exchangeNamed(as, r.Exchange); err != nil {
			return Movement{}, err
		}
	}
	out, err = d.o.Sites.Move(ctx, m)
	return out, siteProblem(err)
}

// exchangeNamed reads the name of an exchange that counts here.
func (d *Desk) exchangeNamed(as protocol.InstitutionID, ref string) (protocol.Name, error) {
	const field, list = "exchange", "vardar list requests"
	n, err := d.named(as, ref)
	if err != nil {
		return n, at(err, field, list)
	}
	view := d.world(board.World{})
	if _, ok := exchangeOf(&view, n); !ok {
		return n, &Problem{Kind: NotFound, Field: field, Detail: "no exchange that counts here began with " + n.String(), Mend: "name the request that the goods are for, or leave it out", Next: list}
	}
	return n, nil
}

// MostMovements is how many of the last movements a page shows.
const MostMovements = 50

// Movements gives the last movements of an institution of this node, the newest first; of one
// site, if one is named.
func (d *Desk) Movements(ctx context.Context, as protocol.InstitutionID, place string, most int) ([]Movement, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return nil, err
	}
	var k body.PlaceKey
	if place != "" {
		if as, k, err = d.sitePlace(ctx, as, place); err != nil {
			return nil, err
		}
	}
	if most < 1 || most > MaxLimit {
		most = DefaultLimit
	}
	out, err := d.o.Sites.Movements(ctx, as, k, most)
	return out, siteProblem(err)
}
