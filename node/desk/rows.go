package desk

import (
	"encoding/json"
	"fmt"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The rows of lists that the board gives as they are.
type (
	// DueRow is [board.Due].
	DueRow = board.Due
	// FigureRow is [board.Figure].
	FigureRow = board.Figure
	// PhaseRow is [board.Phase].
	PhaseRow = board.Phase
	// AlertRow is [board.Alert].
	AlertRow = board.Alert
	// DraftRow is [board.Draft].
	DraftRow = board.Draft
	// RequestRow is [board.Request].
	RequestRow = board.Request
	// OfferRow is [board.Offer].
	OfferRow = board.Offer
	// NoteRow is [board.Note].
	NoteRow = board.Note
	// CapacityRow is [board.Capacity].
	CapacityRow = board.Capacity
	// NeedsRow is [board.Needs].
	NeedsRow = board.Needs
	// NeedPoint is [board.NeedPoint].
	NeedPoint = board.NeedPoint
	// Backing is [board.Backing].
	Backing = board.Backing
	// SolidarityRow is [board.Solidarity].
	SolidarityRow = board.Solidarity
	// LedgerRow is [board.Ledger].
	LedgerRow = board.Ledger
	// Ignoring is [board.Ignoring].
	Ignoring = board.Ignoring
	// WhoRow is [board.WhoWhatWhere].
	WhoRow = board.WhoWhatWhere
	// PlanLine is [body.PlanLine].
	PlanLine = body.PlanLine
	// PlanVersion is [board.PlanVersion].
	PlanVersion = board.PlanVersion
	// FlowRow is [board.Flow].
	FlowRow = board.Flow
	// FundTotal is [board.FundTotal].
	FundTotal = board.FundTotal
	// UnfundedRow is [board.Unfunded].
	UnfundedRow = board.Unfunded
	// CorrectionRow is [board.Correction].
	CorrectionRow = board.Correction
	// Quality is [board.Quality].
	Quality = board.Quality
	// QualityBand is [board.QualityBand].
	QualityBand = board.QualityBand
	// EndorsementRow is [board.Endorsement].
	EndorsementRow = board.Endorsement
	// KeptRow is [board.Kept].
	KeptRow = board.Kept
	// StepRow is [board.Step].
	StepRow = board.Step
)

// ReportRow is one situation report.
type ReportRow struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Time        protocol.Instant       `json:"time"`     // its author's clock
	Accepted    protocol.Instant       `json:"accepted"` // by this node
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	PeriodStart protocol.Instant       `json:"period_start,omitzero"`
	PeriodEnd   protocol.Instant       `json:"period_end,omitzero"`
	Severity    body.Severity          `json:"severity,omitempty"`
	Summary     string                 `json:"summary,omitempty"`
	Figures     []body.Figure          `json:"figures"`
	NA          []body.NotAvailable    `json:"na,omitempty"` // what was not reported, and why
	Handling    protocol.Handling      `json:"handling"`
	Standing    board.Standing         `json:"standing"`
	Reason      string                 `json:"reason,omitempty"`   // why it does not count
	Regional    bool                   `json:"regional,omitempty"` // a regional body added it up of what others report
	Quality     *Quality               `json:"quality,omitempty"`  // of its weakest figure; none of one that a later word has taken the place of
}

// RouteRow is a route with its sides. The asset is its shared code, or what its author
// called it; of a crossing that both sides name in their profiles, and speak of each by its own, there is a twin.
type RouteRow struct {
	Asset    string         `json:"asset"`
	Twin     string         `json:"twin,omitempty"`
	Type     body.AssetType `json:"type"`
	Name     string         `json:"name"`
	Footnote bool           `json:"footnote,omitempty"`
	Sides    []board.Side   `json:"sides"`

	Contradictions []board.Contradiction `json:"contradictions,omitempty"` // between two of the sides
}

// DroppedRow counts what a peer sent that was not kept, by the rule it broke, over all starts
// of the node; First and Last are when, by its own clock.
type DroppedRow struct {
	Peer    protocol.InstitutionID `json:"peer"`
	Rule    string                 `json:"rule"`
	Records int                    `json:"records"`
	First   protocol.Instant       `json:"first"`
	Last    protocol.Instant       `json:"last"`
}

// GapRow is what a beacon names and this node lacks.
type GapRow struct {
	Institution protocol.InstitutionID `json:"institution"`
	Topic       protocol.Topic         `json:"topic"`
	Epoch       uint32                 `json:"epoch"`
	From        uint32                 `json:"from"`
	To          uint32                 `json:"to"`
	Beacon      protocol.Instant       `json:"beacon"` // its author's clock
}

// ForkRow is an epoch that two records at one position stop.
type ForkRow struct {
	Institution protocol.InstitutionID `json:"institution"`
	Topic       protocol.Topic         `json:"topic"`
	Epoch       uint32                 `json:"epoch"`
	From        uint32                 `json:"from"`    // the position where it parts
	Stopped     int                    `json:"stopped"` // records there and behind
	Closes      protocol.InstitutionID `json:"closes"`  // who can close it
}

// The lists there are.
const (
	ListDue            = "due"
	ListReports        = "reports"
	ListFigures        = "figures"
	ListRoutes         = "routes"
	ListPhases         = "phases"
	ListTerritories    = "territories"
	ListCapacity       = "capacity"
	ListPool           = "pool"
	ListNeeds          = "needs"
	ListUnmet          = "unmet"
	ListMatches        = "matches"
	ListSolidarity     = "solidarity"
	ListLedger         = "ledger"
	ListWho            = "3w"
	ListRequests       = "requests"
	ListOffers         = "offers"
	ListFlows          = "flows"
	ListFunds          = "funds"
	ListAlerts         = "alerts"
	ListDrafts         = "drafts"
	ListNotes          = "notes"
	ListCorrections    = "corrections"
	ListEndorsements   = "endorsements"
	ListUnverified     = "unverified"
	ListContradictions = "contradictions"
	ListKept           = "kept"
	ListMembers        = "members"
	ListLinks          = "links"
	ListDropped        = "dropped"
	ListGaps           = "gaps"
	ListAudit          = "audit"

	// ListConsultations has what is asked of whom, with what this node still owes.
	ListConsultations = "consultations"

	// ListStrategies has the strategies of all levels, ListAlignment their objectives with those
	// above and below, ListCoverage how many there are by level and country.
	ListStrategies = "strategies"
	ListAlignment  = "alignment"
	ListCoverage   = "coverage"

	// ListProjects has the projects across borders, with whose word of this node they wait for.
	ListProjects = "projects"

	// ListPlans has the fund plans, with whose signature of this node they wait for.
	ListPlans = "plans"

	// ListUnfunded has what the open needs cost and no donor has committed, by place, sector and currency.
	ListUnfunded = "unfunded"

	// ListPlanSums adds up the plans that are proposed, agreed or closed, those of a territory with
	// place.
	ListPlanSums = "plan-sums"
)

// Lists gives the names of all lists, due first.
func Lists() []string {
	return []string{
		ListDue, ListReports, ListFigures, ListUnverified, ListContradictions, ListRoutes, ListPhases, ListTerritories, ListNeeds, ListUnmet, ListCapacity, ListPool, ListRequests, ListOffers, ListMatches, ListWho,
		ListSolidarity, ListLedger, ListPlans, ListPlanSums, ListFlows, ListFunds, ListUnfunded, ListConsultations, ListStrategies, ListAlignment, ListCoverage, ListProjects, ListPractices, ListRegional, ListExercises, ListAlerts,
		ListDrafts, ListNotes, ListCorrections, ListEndorsements, ListKept, ListMembers, ListLinks, ListDropped, ListGaps, ListAudit,
	}
}

// Listing is one list. Rows is a slice of the row type that What names: a []DueRow for
// due, and so on.
type Listing struct {
	What     string           `json:"what"`
	At       protocol.Instant `json:"at"`
	Exercise bool             `json:"exercise"`
	Within   protocol.Name    `json:"within,omitzero"`    // the record that began the exercise; zero: played without a name, or real
	Total    int              `json:"total"`              // before cursor and limit
	Next     string           `json:"next,omitempty"`     // the cursor of the page behind this one; empty: there is none
	Coverage *Coverage        `json:"coverage,omitempty"` // of what is due; nil of a list that is made of nothing that is
	Rows     any              `json:"rows"`
}

// UnmarshalJSON reads the rows as What says.
func (l *Listing) UnmarshalJSON(b []byte) error {
	type plain Listing
	var read struct {
		*plain
		Rows json.RawMessage `json:"rows"`
	}
	read.plain = (*plain)(l)
	if err := json.Unmarshal(b, &read); err != nil {
		return err
	}
	rows, err := readRows(l.What, read.Rows)
	l.Rows = rows
	return err
}

func readRows(what string, raw json.RawMessage) (any, error) {
	switch what {
	case ListDue:
		return rowsOf[DueRow](raw)
	case ListReports:
		return rowsOf[ReportRow](raw)
	case ListFigures, ListUnverified:
		return rowsOf[FigureRow](raw)
	case ListContradictions:
		return rowsOf[ContradictionRow](raw)
	case ListRoutes:
		return rowsOf[RouteRow](raw)
	case ListPhases:
		return rowsOf[PhaseRow](raw)
	case ListTerritories:
		return rowsOf[TerritoryRow](raw)
	case ListCapacity:
		return rowsOf[CapacityRow](raw)
	case ListRequests, ListOffers, ListNeeds, ListUnmet, ListPool, ListMatches, ListSolidarity, ListLedger, ListWho:
		return readHelp(what, raw)
	case ListFlows:
		return rowsOf[FlowRow](raw)
	case ListFunds:
		return rowsOf[FundTotal](raw)
	case ListUnfunded:
		return rowsOf[UnfundedRow](raw)
	case ListPlans:
		return rowsOf[PlanRow](raw)
	case ListPlanSums:
		return rowsOf[PlanSum](raw)
	case ListConsultations, ListStrategies, ListAlignment, ListCoverage, ListProjects, ListPractices, ListRegional:
		return readPolicy(what, raw)
	case ListExercises:
		return rowsOf[ExerciseRow](raw)
	case ListAlerts:
		return rowsOf[AlertRow](raw)
	case ListDrafts:
		return rowsOf[DraftRow](raw)
	case ListNotes:
		return rowsOf[NoteRow](raw)
	case ListCorrections:
		return rowsOf[CorrectionRow](raw)
	case ListEndorsements:
		return rowsOf[EndorsementRow](raw)
	case ListKept:
		return rowsOf[KeptRow](raw)
	case ListMembers:
		return rowsOf[Member](raw)
	case ListLinks:
		return rowsOf[LinkState](raw)
	case ListDropped:
		return rowsOf[DroppedRow](raw)
	case ListGaps:
		return rowsOf[GapRow](raw)
	case ListAudit:
		return rowsOf[AuditRow](raw)
	}
	return nil, fmt.Errorf("no list is called %q", what)
}

// readPolicy reads the rows of lists about policy and knowledge.
func readPolicy(what string, raw json.RawMessage) (any, error) {
	switch what {
	case ListStrategies:
		return rowsOf[StrategyRow](raw)
	case ListAlignment:
		return rowsOf[AlignmentRow](raw)
	case ListCoverage:
		return rowsOf[CoverageRow](raw)
	case ListProjects:
		return rowsOf[ProjectRow](raw)
	case ListPractices:
		return rowsOf[PracticeRow](raw)
	case ListRegional:
		return rowsOf[RegionalFigureRow](raw)
	}
	return rowsOf[ConsultationRow](raw)
}

// readHelp reads the rows of lists about help.
func readHelp(what string, raw json.RawMessage) (any, error) {
	switch what {
	case ListRequests:
		return rowsOf[RequestRow](raw)
	case ListOffers:
		return rowsOf[OfferRow](raw)
	case ListNeeds:
		return rowsOf[NeedsRow](raw)
	case ListUnmet:
		return rowsOf[UnmetRow](raw)
	case ListPool:
		return rowsOf[PoolRow](raw)
	case ListMatches:
		return rowsOf[MatchRow](raw)
	case ListSolidarity:
		return rowsOf[SolidarityRow](raw)
	case ListLedger:
		return rowsOf[LedgerRow](raw)
	}
	return rowsOf[WhoRow](raw)
}

func rowsOf[T any](raw json.RawMessage) ([]T, error) {
	rows := []T{}
	err := json.Unmarshal(raw, &rows)
	return rows, err
}
