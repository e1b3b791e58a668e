package api

import (
	"context"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

type (
	// RegionalAsk is [desk.RegionalAsk].
	RegionalAsk = desk.RegionalAsk
	// RegionalSheet is [desk.RegionalSheet].
	RegionalSheet = desk.RegionalSheet
	// RegionalSource is [desk.RegionalSource].
	RegionalSource = desk.RegionalSource
	// RegionalFigureRow is [desk.RegionalFigureRow].
	RegionalFigureRow = desk.RegionalFigureRow
)

// NeedsFootnote reports whether a place is named with the mark of the footnote.
func NeedsFootnote(k body.PlaceKey) bool { return desk.NeedsFootnote(k) }

// addingUp are the routes of regional reports. They are written as every record is.
func (s *Server) addingUp() map[string]route {
	return map[string]route{
		"GET /v1/regional/{institution}/{position}": get(s, "A regional report: what it adds up, the records that each figure was made of, and whether they come to it here", []string{"as", "at", "quality"}, soGood(onRecord(s.desk.Regional))),
	}
}

// Regional gives a regional report as an institution of the node sees it, empty for its first;
// see [desk.Desk.Regional].
func (c *Client) Regional(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (RegionalSheet, error) {
	return ask[RegionalSheet](ctx, c, question{path: "/v1/regional/" + n.String(), query: ofInstitution(as)})
}
