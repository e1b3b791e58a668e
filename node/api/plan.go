package api

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// What is asked and answered about fund plans; see [Request].
type (
	// PlanImport is [desk.PlanImport].
	PlanImport = desk.PlanImport
	// PlanImported is [desk.PlanImported].
	PlanImported = desk.PlanImported
	// PlanRow is [desk.PlanRow].
	PlanRow = desk.PlanRow
	// PlanSum is [desk.PlanSum].
	PlanSum = desk.PlanSum
	// FundPlan is [desk.FundPlan].
	FundPlan = desk.FundPlan
	// PlanLine is [desk.PlanLine].
	PlanLine = desk.PlanLine
	// PlanVersion is [desk.PlanVersion].
	PlanVersion = desk.PlanVersion
)

// cosigning are the routes of fund plans. They are written as every record is, signed by an answer.
func (s *Server) cosigning() map[string]route {
	return map[string]route{
		"GET /v1/plans/{institution}/{position}/sheet": get(s, "A version of a fund plan as a file: a row for each line, members of one's own too", []string{"as", "to", "at", "format"}, func(ctx context.Context, r *http.Request) (desk.Exported, error) {
			q, err := planQuestion(r)
			if err != nil {
				return desk.Exported{}, err
			}
			return s.desk.PlanSheet(ctx, q, cmp.Or(r.URL.Query().Get("format"), desk.AsCSV))
		}),
		"POST /v1/plans/sheet": once(s, "Write the next version of a fund plan, or a new plan, of such a file; with a fault in a cell, nothing", s.desk.ImportPlan),
		"GET /v1/plans/{institution}/{position}": get(s, "A fund plan: its lines, its versions, who has signed which, and what two of them differ in", []string{"as", "from", "to", "at"}, func(ctx context.Context, r *http.Request) (desk.FundPlan, error) {
			q, err := planQuestion(r)
			if err != nil {
				return desk.FundPlan{}, err
			}
			return s.desk.FundPlan(ctx, q)
		}),
	}
}

// planQuestion reads which plan is asked for, and what of it.
func planQuestion(r *http.Request) (q desk.PlanQuestion, err error) {
	v := r.URL.Query()
	q.As, q.Record, q.From, q.To = protocol.InstitutionID(v.Get("as")), recordName(r), number(v, "from"), number(v, "to")
	q.At, err = instant(v, "at")
	return q, err
}

// PlanFormats gives the formats in which a fund plan is taken away and brought back.
func PlanFormats() []string { return desk.PlanFormats() }

// PlanSheet gives a version of a plan as a file, 0 for the live one; see [desk.Desk.PlanSheet].
func (c *Client) PlanSheet(ctx context.Context, n protocol.Name, version int, format string) (Exported, error) {
	v := url.Values{"format": {format}}
	if version != 0 {
		v.Set("to", strconv.Itoa(version))
	}
	return ask[Exported](ctx, c, question{path: "/v1/plans/" + n.String() + "/sheet", query: v})
}

// ImportPlan writes what such a file says; see [desk.Desk.ImportPlan].
func (c *Client) ImportPlan(ctx context.Context, r PlanImport) (PlanImported, error) {
	return ask[PlanImported](ctx, c, question{path: "/v1/plans/sheet", act: r})
}

// FundPlan gives a plan by the name of any version of it, as an institution of the node sees it,
// empty for its first; see [desk.Desk.FundPlan].
func (c *Client) FundPlan(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (FundPlan, error) {
	return ask[FundPlan](ctx, c, question{path: "/v1/plans/" + n.String(), query: ofInstitution(as)})
}
