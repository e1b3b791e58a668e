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
	at := func(r *http.Request) (protocol.InstitutionID, string, protocol.Instant, error) {
		v := r.URL.Query()
		at, err := instant(v, "at")
		return protocol.InstitutionID(v.Get("as")), r.PathValue("institution") + "/" + r.PathValue("position"), at, err
	}
	return map[string]route{
		"GET /v1/practices/{institution}/{position}": get(s, "A practice: what was done and what came of it, who does the same and with what result", []string{"as", "at"}, func(ctx context.Context, r *http.Request) (desk.PracticeView, error) {
			as, ref, at, err := at(r)
			if err != nil {
				return desk.PracticeView{}, err
			}
			return s.desk.Practice(ctx, as, ref, at)
		}),
		"GET /v1/practices/{institution}/{position}/files/{number}": get(s, "A file of a practice, by its number from 1, in base64", []string{"as", "at"}, func(ctx context.Context, r *http.Request) (desk.AttachedFile, error) {
			as, ref, at, err := at(r)
			if err != nil {
				return desk.AttachedFile{}, err
			}
			number, err := strconv.Atoi(r.PathValue("number"))
			if err != nil {
				return desk.AttachedFile{}, usage("number", r.PathValue("number")+" is no number of a file", "count the files from 1")
			}
			return s.desk.PracticeFile(ctx, as, ref, number, at)
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
