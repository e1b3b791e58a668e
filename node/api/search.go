package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// looking is the route of the search that every page has.
func (s *Server) looking() map[string]route {
	takes := []string{"q", "place", "by", "quality", "since", "until", "limit", cursor}
	return map[string]route{
		"GET /v1/search": paged(s, "What has some words: institutions, places, and page by page records", takes, func(ctx context.Context, r *http.Request) (desk.SearchResult, error) {
			v := r.URL.Query()
			q := desk.SearchQuery{Words: v.Get("q"), Place: v.Get("place"), By: v.Get("by"), Quality: v.Get("quality"), Cursor: v.Get(cursor), Limit: number(v, "limit")}
			var err error
			if q.Since, err = instant(v, "since"); err != nil {
				return desk.SearchResult{}, err
			}
			if q.Until, err = instant(v, "until"); err != nil {
				return desk.SearchResult{}, err
			}
			return s.desk.SearchList(ctx, q, searches(ctx))
		}, func(found *desk.SearchResult) string { return found.Next }),
	}
}

// searches gives the mark up to which records are found for who asks; as on the page, none for a
// role that may open none.
func searches(ctx context.Context) protocol.Handling {
	if t, ok := tokenOf(ctx); ok && !desk.MayOpen(desk.Account{Role: t.Role}, "GET /record/{institution}/{position}") {
		return 0
	}
	return ceilingOf(ctx)
}
