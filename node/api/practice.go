package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// PracticeRow is [desk.PracticeRow].
	PracticeRow = desk.PracticeRow
	// PracticeView is [desk.PracticeView].
	PracticeView = desk.PracticeView
	// ExerciseRow is [desk.ExerciseRow].
	ExerciseRow = desk.ExerciseRow
	// AttachedFile is [desk.AttachedFile].
	AttachedFile = desk.AttachedFile
)

// learning are the routes of practices. They are written, and adopted, as every record is.
func (s *Server) learning() map[string]route {
	return map[string]route{
		"GET /v1/practices/{institution}/{position}": get(s, "A practice: what was done and what came of it, who does the same and with what result", []string{"as", "at"}, onRecord(s.desk.Practice)),
		"GET /v1/practices/{institution}/{position}/files/{number}": get(s, "A file of a practice, by its number from 1, in base64", []string{"as", "at"}, func(ctx context.Context, r *http.Request) (desk.AttachedFile, error) {
			return onRecord(func(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (desk.AttachedFile, error) {
				number, err := strconv.Atoi(r.PathValue("number"))
				if err != nil {
					return desk.AttachedFile{}, usage("number", r.PathValue("number")+" is no number of a file", "count the files from 1")
				}
				return s.desk.PracticeFile(ctx, as, ref, number, at)
			})(ctx, r)
		}),
	}
}

// Practice gives a practice as an institution of the node sees it, empty for its first; see
// [desk.Desk.Practice].
func (c *Client) Practice(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (PracticeView, error) {
	return ask[PracticeView](ctx, c, question{path: "/v1/practices/" + n.String(), query: ofInstitution(as)})
}

// PracticeFile gives a file of a practice by its number, from 1; see [desk.Desk.PracticeFile].
func (c *Client) PracticeFile(ctx context.Context, n protocol.Name, number int) (AttachedFile, error) {
	return ask[AttachedFile](ctx, c, question{path: "/v1/practices/" + n.String() + "/files/" + strconv.Itoa(number)})
}
