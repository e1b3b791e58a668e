package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// StrategyRow is [desk.StrategyRow].
	StrategyRow = desk.StrategyRow
	// AlignmentRow is [desk.AlignmentRow].
	AlignmentRow = desk.AlignmentRow
	// CoverageRow is [desk.CoverageRow].
	CoverageRow = desk.CoverageRow
	// StrategyChange is [desk.StrategyChange].
	StrategyChange = desk.StrategyChange
	// StrategySheet is [desk.StrategySheet].
	StrategySheet = desk.StrategySheet
)

// planning are the routes of strategies. They are written as every record is.
func (s *Server) planning() map[string]route {
	return map[string]route{
		"GET /v1/strategies/{institution}/{position}": get(s, "A strategy: what its objectives support and what supports them, how far they are, its versions and what changed", []string{"as", "at", "from", "to"}, s.strategy),
	}
}

func (s *Server) strategy(ctx context.Context, r *http.Request) (desk.StrategySheet, error) {
	v := r.URL.Query()
	at, err := instant(v, "at")
	if err != nil {
		return desk.StrategySheet{}, err
	}
	return s.desk.Strategy(ctx, desk.StrategyQuery{As: protocol.InstitutionID(v.Get("as")), Record: recordName(r), At: at, From: number(v, "from"), To: number(v, "to")})
}

// Strategy gives a strategy as an institution of the node sees it, empty for its first; see
// [desk.Desk.Strategy].
func (c *Client) Strategy(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (StrategySheet, error) {
	return ask[StrategySheet](ctx, c, question{path: "/v1/strategies/" + n.String(), query: ofInstitution(as)})
}
