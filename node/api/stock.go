package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// stock are the routes of an institution's own sites, which no record speaks of.
func (s *Server) stock() map[string]route {
	d := s.desk
	as := func(r *http.Request) protocol.InstitutionID { return protocol.InstitutionID(r.URL.Query().Get("as")) }
	return map[string]route{
		"GET /v1/sites": get(s, "The sites of an institution of this node, and what lies there", []string{"as"}, func(ctx context.Context, r *http.Request) ([]desk.SiteView, error) {
			return d.Sites(ctx, as(r))
		}),
		"GET /v1/sites/movements": get(s, "Goods that came in and went out, the newest first", []string{"as", "place", "limit"}, func(ctx context.Context, r *http.Request) ([]desk.Movement, error) {
			return d.Movements(ctx, as(r), r.URL.Query().Get("place"), number(r.URL.Query(), "limit"))
		}),
		"GET /v1/sites/draft": get(s, "What the declaration of a site would say, drafted from its book", []string{"as", "place"}, func(ctx context.Context, r *http.Request) (desk.CapacityDraft, error) {
			return d.DraftCapacity(ctx, as(r), r.URL.Query().Get("place"))
		}),
		"POST /v1/sites":         post(s, "Note a site, or what has changed of it", d.SetSite),
		"POST /v1/sites/count":   post(s, "Say how many people are at a site now", d.CountSite),
		"POST /v1/sites/remove":  post(s, "Take a site away at which nobody and nothing is any more; its log stays", d.RemoveSite),
		"POST /v1/sites/move":    once(s, "Note goods that came in or go out: never more than are there", d.MoveGoods),
		"POST /v1/sites/declare": once(s, "Send what is drafted of a site, as a record of capacity", d.DeclareCapacity),
	}
}

const sitesPath = "/v1/sites"

func ofInstitution(as protocol.InstitutionID) url.Values {
	v := url.Values{}
	if as != "" {
		v.Set("as", string(as))
	}
	return v
}

// Sites gives the sites of an institution of the node; empty: its first.
func (c *Client) Sites(ctx context.Context, as protocol.InstitutionID) ([]SiteView, error) {
	return ask[[]SiteView](ctx, c, question{path: sitesPath, query: ofInstitution(as)})
}

// Movements gives its movements of goods, the newest first; of one site, if one is named, and
// so many, if a number is.
func (c *Client) Movements(ctx context.Context, as protocol.InstitutionID, place string, most int) ([]Movement, error) {
	v := ofInstitution(as)
	if place != "" {
		v.Set("place", place)
	}
	if most != 0 {
		v.Set("limit", strconv.Itoa(most))
	}
	return ask[[]Movement](ctx, c, question{path: sitesPath + "/movements", query: v})
}

// SetSite notes a site; see [desk.Desk.SetSite].
func (c *Client) SetSite(ctx context.Context, r SiteRequest) (SiteView, error) {
	return ask[SiteView](ctx, c, question{path: sitesPath, act: r})
}

// CountSite says how many people are at a site now.
func (c *Client) CountSite(ctx context.Context, r CountRequest) (SiteView, error) {
	return ask[SiteView](ctx, c, question{path: sitesPath + "/count", act: r})
}

// RemoveSite takes a site away; see [desk.Desk.RemoveSite].
func (c *Client) RemoveSite(ctx context.Context, r PlaceRequest) (Site, error) {
	return ask[Site](ctx, c, question{path: sitesPath + "/remove", act: r})
}

// MoveGoods notes goods that came in or go out; see [desk.Desk.MoveGoods].
func (c *Client) MoveGoods(ctx context.Context, r MoveRequest) (Movement, error) {
	return ask[Movement](ctx, c, question{path: sitesPath + "/move", act: r})
}

// DraftCapacity gives what the declaration of a site would say.
func (c *Client) DraftCapacity(ctx context.Context, as protocol.InstitutionID, place string) (CapacityDraft, error) {
	v := ofInstitution(as)
	v.Set("place", place)
	return ask[CapacityDraft](ctx, c, question{path: sitesPath + "/draft", query: v})
}

// Declare sends what is drafted of a site; see [desk.Desk.DeclareCapacity].
func (c *Client) Declare(ctx context.Context, r DeclareRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: sitesPath + "/declare", act: r})
}
