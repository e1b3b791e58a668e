package api

import (
	"context"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// ConsultationRow is [desk.ConsultationRow].
	ConsultationRow = desk.ConsultationRow
	// Hearing is [desk.Hearing].
	Hearing = desk.Hearing
	// Respondent is [desk.Respondent].
	Respondent = desk.Respondent
	// Decided is [desk.Decided].
	Decided = desk.Decided
	// TakenBack is [desk.TakenBack].
	TakenBack = desk.TakenBack
)

// consulting are the routes of consultations. They are written as every record is.
func (s *Server) consulting() map[string]route {
	return map[string]route{
		"GET /v1/consultations/{institution}/{position}": get(s, "A consultation: each answer beside what its author needs and has, who is silent, what was decided", []string{"as", "at", "quality"}, soGood(onRecord(s.desk.Hearing))),
	}
}

// Consultation gives a consultation as an institution of the node sees it, empty for its
// first; see [desk.Desk.Hearing].
func (c *Client) Consultation(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (Hearing, error) {
	return ask[Hearing](ctx, c, question{path: "/v1/consultations/" + n.String(), query: ofInstitution(as)})
}
