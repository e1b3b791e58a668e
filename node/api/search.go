package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
)

// looking is the route of the search that every page has.
func (s *Server) looking() map[string]route {
	takes := []string{"q", "place", "by", "quality", "since", "until", "limit", "cursor"}
	return map[string]route{
		"GET /v1/search": get(s, "What has some words: institutions, places, and page by page records", takes, func(ctx context.Context, r *http.Request) (desk.SearchResult, error) {
			v := r.URL.Query()
			q := desk.SearchQuery{Words: v.Get("q"), Place: v.Get("place"), By: v.Get("by"), Quality: v.Get("quality"), Cursor: v.Get("cursor")}
			var err error
			if q.Since, err = instant(v, "since"); err != nil {
				return desk.SearchResult{}, err
			}
			if q.Until, err = instant(v, "until"); err != nil {
				return desk.SearchResult{}, err
			}
			if q.Limit, err = number(v, "limit"); err != nil {
				return desk.SearchResult{}, err
			}
			if v.Has("limit") && (q.Limit < 1 || q.Limit > desk.MaxLimit) {
				return desk.SearchResult{}, usage("limit", strconv.Itoa(q.Limit)+" is not within 1 to "+strconv.Itoa(desk.MaxLimit), "ask for pages, and go on with cursor")
			}
			return s.desk.SearchList(ctx, q, ceilingOf(ctx))
		}),
	}
}
