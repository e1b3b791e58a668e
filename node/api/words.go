package api

import "github.com/vardar-network/vardar/node/desk"

// What is asked and answered. These are the desk's words, so that a client needs this
// package alone.
type (
	Request         = desk.Request
	Published       = desk.Published
	AnswerRequest   = desk.AnswerRequest
	LineQuantity    = desk.LineQuantity
	CorrectRequest  = desk.CorrectRequest
	Query           = desk.Query
	Listing         = desk.Listing
	Shown           = desk.Shown
	RecordView      = desk.RecordView
	InstitutionView = desk.InstitutionView
	PlaceView       = desk.PlaceView
	Proof           = desk.Proof
	Rival           = desk.Rival
	FeedView        = desk.FeedView
	Status          = desk.Status
	Verdict         = desk.Verdict
	Finding         = desk.Finding
	Health          = desk.Health
	Member          = desk.Member
	InviteRequest   = desk.InviteRequest
	Invited         = desk.Invited
	AdmitRequest    = desk.AdmitRequest
	Charter         = desk.Charter
	Link            = desk.Link
	LinkState       = desk.LinkState
	LinkTest        = desk.LinkTest
	Check           = desk.Check
	Terms           = desk.Terms
	AddLinkRequest  = desk.AddLinkRequest
	Event           = desk.Event
	WatchQuery      = desk.WatchQuery
	Peers           = desk.Peers
	Problem         = desk.Problem
	Kind            = desk.Kind
)

// The rows of lists.
type (
	DueRow        = desk.DueRow
	ReportRow     = desk.ReportRow
	FigureRow     = desk.FigureRow
	RouteRow      = desk.RouteRow
	PhaseRow      = desk.PhaseRow
	CapacityRow   = desk.CapacityRow
	RequestRow    = desk.RequestRow
	OfferRow      = desk.OfferRow
	AlertRow      = desk.AlertRow
	DraftRow      = desk.DraftRow
	NoteRow       = desk.NoteRow
	CorrectionRow = desk.CorrectionRow
	KeptRow       = desk.KeptRow
	StepRow       = desk.StepRow
	DroppedRow    = desk.DroppedRow
	GapRow        = desk.GapRow
	ForkRow       = desk.ForkRow
)

// The kinds of problems.
const (
	Failed       = desk.Failed
	Usage        = desk.Usage
	NotFound     = desk.NotFound
	Refused      = desk.Refused
	NotPermitted = desk.NotPermitted
	NoLine       = desk.NoLine
	Damaged      = desk.Damaged
	CheckFound   = desk.CheckFound
)

// Lists gives the names of all lists, due first.
func Lists() []string { return desk.Lists() }

// Publishable gives the short names of the kinds that can be published.
func Publishable() []string { return desk.Publishable() }

// AnswerWords gives the words for what a record can be answered with.
func AnswerWords() []string { return desk.AnswerWords() }

// Everything is the policy of links inside one network unless told otherwise.
func Everything() Terms { return desk.Everything() }
