package api

import (
	"io"
	"time"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol/body"
)

// What is asked and answered. These are the desk's words, so that a client needs this
// package alone.
type (
	// Anyway has a record written that the node refuses otherwise.
	Anyway = desk.Anyway
	// Request is [desk.Request].
	Request = desk.Request
	// Published is [desk.Published].
	Published = desk.Published
	// AnswerRequest is [desk.AnswerRequest].
	AnswerRequest = desk.AnswerRequest
	// Stage is [body.Stage].
	Stage = body.Stage
	// LineResponse is [body.LineResponse].
	LineResponse = body.LineResponse
	// Second is [desk.Second].
	Second = desk.Second
	// Login is [desk.Login].
	Login = desk.Login
	// Token is [desk.Token].
	Token = desk.Token
	// TokenRequest is [desk.TokenRequest].
	TokenRequest = desk.TokenRequest
	// TokenMade is [desk.TokenMade].
	TokenMade = desk.TokenMade
	// LineQuantity is [desk.LineQuantity].
	LineQuantity = desk.LineQuantity
	// CorrectRequest is [desk.CorrectRequest].
	CorrectRequest = desk.CorrectRequest
	// ImportRequest is [desk.ImportRequest].
	ImportRequest = desk.ImportRequest
	// Imported is [desk.Imported].
	Imported = desk.Imported
	// Query is [desk.Query].
	Query = desk.Query
	// Listing is [desk.Listing].
	Listing = desk.Listing
	// Coverage is [desk.Coverage].
	Coverage = desk.Coverage
	// Exported is [desk.Exported].
	Exported = desk.Exported
	// Loss is [desk.Loss].
	Loss = desk.Loss
	// Evidence is [desk.Evidence].
	Evidence = desk.Evidence
	// EvidenceFile is [desk.EvidenceFile].
	EvidenceFile = desk.EvidenceFile
	// Shown is [desk.Shown].
	Shown = desk.Shown
	// RecordView is [desk.RecordView].
	RecordView = desk.RecordView
	// InstitutionView is [desk.InstitutionView].
	InstitutionView = desk.InstitutionView
	// PlaceView is [desk.PlaceView].
	PlaceView = desk.PlaceView
	// StandardGap is [desk.StandardGap].
	StandardGap = desk.StandardGap
	// Proof is [desk.Proof].
	Proof = desk.Proof
	// Rival is [desk.Rival].
	Rival = desk.Rival
	// FeedView is [desk.FeedView].
	FeedView = desk.FeedView
	// Status is [desk.Status].
	Status = desk.Status
	// Verdict is [desk.Verdict].
	Verdict = desk.Verdict
	// Finding is [desk.Finding].
	Finding = desk.Finding
	// Health is [desk.Health].
	Health = desk.Health
	// Member is [desk.Member].
	Member = desk.Member
	// InviteRequest is [desk.InviteRequest].
	InviteRequest = desk.InviteRequest
	// Invited is [desk.Invited].
	Invited = desk.Invited
	// Neighbour is [desk.Neighbour].
	Neighbour = desk.Neighbour
	// AdmitRequest is [desk.AdmitRequest].
	AdmitRequest = desk.AdmitRequest
	// EraseRequest is [desk.EraseRequest].
	EraseRequest = desk.EraseRequest
	// Erasing is [desk.Erasing].
	Erasing = desk.Erasing
	// CloseRequest is [desk.CloseRequest].
	CloseRequest = desk.CloseRequest
	// Closing is [desk.Closing].
	Closing = desk.Closing
	// Key is [desk.Key].
	Key = desk.Key
	// KeyList is [desk.KeyList].
	KeyList = desk.KeyList
	// RotateRequest is [desk.RotateRequest].
	RotateRequest = desk.RotateRequest
	// Rotated is [desk.Rotated].
	Rotated = desk.Rotated
	// AcceptCharterRequest is [desk.AcceptCharterRequest].
	AcceptCharterRequest = desk.AcceptCharterRequest
	// Charter is [desk.Charter].
	Charter = desk.Charter
	// Founder is [desk.Founder].
	Founder = desk.Founder
	// CharterChange is [desk.CharterChange].
	CharterChange = desk.CharterChange
	// CharterPaper is [desk.CharterPaper].
	CharterPaper = desk.CharterPaper
	// CharterReading is [desk.CharterReading].
	CharterReading = desk.CharterReading
	// CharterVersion is [desk.CharterVersion].
	CharterVersion = desk.CharterVersion
	// Quorum is [desk.Quorum].
	Quorum = desk.Quorum
	// DraftCharterRequest is [desk.DraftCharterRequest].
	DraftCharterRequest = desk.DraftCharterRequest
	// CharterDrafted is [desk.CharterDrafted].
	CharterDrafted = desk.CharterDrafted
	// PublishCharterRequest is [desk.PublishCharterRequest].
	PublishCharterRequest = desk.PublishCharterRequest
	// Link is [desk.Link].
	Link = desk.Link
	// LinkState is [desk.LinkState].
	LinkState = desk.LinkState
	// LinkTest is [desk.LinkTest].
	LinkTest = desk.LinkTest
	// Diagnosis is [desk.Diagnosis].
	Diagnosis = desk.Diagnosis
	// BackupRequest is [desk.BackupRequest].
	BackupRequest = desk.BackupRequest
	// BackupMade is [backup.Made].
	BackupMade = backup.Made
	// BackupEntry is [backup.Entry].
	BackupEntry = backup.Entry
	// Check is [desk.Check].
	Check = desk.Check
	// Terms is [desk.Terms].
	Terms = desk.Terms
	// ApproveRequest is [desk.ApproveRequest].
	ApproveRequest = desk.ApproveRequest
	// AddLinkRequest is [desk.AddLinkRequest].
	AddLinkRequest = desk.AddLinkRequest
	// Event is [desk.Event].
	Event = desk.Event
	// PictureQuery is [desk.PictureQuery].
	PictureQuery = desk.PictureQuery

	// WatchQuery is [desk.WatchQuery].
	WatchQuery = desk.WatchQuery
	// Peers is [desk.Peers].
	Peers = desk.Peers
	// Known is [desk.Known].
	Known = desk.Known
	// Account is [desk.Account].
	Account = desk.Account
	// Role is [staff.Role].
	Role = staff.Role
	// StaffRequest is [desk.StaffRequest].
	StaffRequest = desk.StaffRequest
	// StaffDone is [desk.StaffDone].
	StaffDone = desk.StaffDone
	// DutyView is [desk.DutyView].
	DutyView = desk.DutyView
	// Waking is [desk.Waking].
	Waking = desk.Waking
	// Subscription is [desk.Subscription].
	Subscription = desk.Subscription
	// WebhookRequest is [desk.WebhookRequest].
	WebhookRequest = desk.WebhookRequest
	// WebhookMade is [desk.WebhookMade].
	WebhookMade = desk.WebhookMade
	// SiteView is [desk.SiteView].
	SiteView = desk.SiteView
	// Site is [desk.Site].
	Site = desk.Site
	// PlaceRequest is [desk.PlaceRequest].
	PlaceRequest = desk.PlaceRequest
	// SiteRequest is [desk.SiteRequest].
	SiteRequest = desk.SiteRequest
	// SiteService is [desk.SiteService].
	SiteService = desk.SiteService
	// CountRequest is [desk.CountRequest].
	CountRequest = desk.CountRequest
	// MoveRequest is [desk.MoveRequest].
	MoveRequest = desk.MoveRequest
	// MovedLine is [desk.MovedLine].
	MovedLine = desk.MovedLine
	// Movement is [desk.Movement].
	Movement = desk.Movement
	// Direction is [desk.Direction].
	Direction = desk.Direction
	// CapacityDraft is [desk.CapacityDraft].
	CapacityDraft = desk.CapacityDraft
	// DeclareRequest is [desk.DeclareRequest].
	DeclareRequest = desk.DeclareRequest
	// ResourceType is [body.ResourceType].
	ResourceType = body.ResourceType
	// Quantity is [body.Quantity].
	Quantity = body.Quantity
	// Problem is [desk.Problem].
	Problem = desk.Problem
	// Kind is [desk.Kind].
	Kind = desk.Kind
)

// The rows of lists.
type (
	// DueRow is [desk.DueRow].
	DueRow = desk.DueRow
	// ReportRow is [desk.ReportRow].
	ReportRow = desk.ReportRow
	// FigureRow is [desk.FigureRow].
	FigureRow = desk.FigureRow
	// RouteRow is [desk.RouteRow].
	RouteRow = desk.RouteRow
	// TerritoryRow is [desk.TerritoryRow].
	TerritoryRow = desk.TerritoryRow
	// Sign is [desk.Sign].
	Sign = desk.Sign
	// PhaseRow is [desk.PhaseRow].
	PhaseRow = desk.PhaseRow
	// CapacityRow is [desk.CapacityRow].
	CapacityRow = desk.CapacityRow
	// RequestRow is [desk.RequestRow].
	RequestRow = desk.RequestRow
	// OfferRow is [desk.OfferRow].
	OfferRow = desk.OfferRow
	// AlertRow is [desk.AlertRow].
	AlertRow = desk.AlertRow
	// DraftRow is [desk.DraftRow].
	DraftRow = desk.DraftRow
	// NoteRow is [desk.NoteRow].
	NoteRow = desk.NoteRow
	// NeedsRow is [desk.NeedsRow].
	NeedsRow = desk.NeedsRow
	// UnmetRow is [desk.UnmetRow].
	UnmetRow = desk.UnmetRow
	// PoolRow is [desk.PoolRow].
	PoolRow = desk.PoolRow
	// MatchRow is [desk.MatchRow].
	MatchRow = desk.MatchRow
	// Backing is [desk.Backing].
	Backing = desk.Backing
	// SolidarityRow is [desk.SolidarityRow].
	SolidarityRow = desk.SolidarityRow
	// LedgerRow is [desk.LedgerRow].
	LedgerRow = desk.LedgerRow
	// WhoRow is [desk.WhoRow].
	WhoRow = desk.WhoRow
	// FlowRow is [desk.FlowRow].
	FlowRow = desk.FlowRow
	// FundTotal is [desk.FundTotal].
	FundTotal = desk.FundTotal
	// UnfundedRow is [desk.UnfundedRow].
	UnfundedRow = desk.UnfundedRow
	// CorrectionRow is [desk.CorrectionRow].
	CorrectionRow = desk.CorrectionRow
	// ContradictionRow is [desk.ContradictionRow].
	ContradictionRow = desk.ContradictionRow
	// Quality is [desk.Quality].
	Quality = desk.Quality
	// EndorsementRow is [desk.EndorsementRow].
	EndorsementRow = desk.EndorsementRow
	// KeptRow is [desk.KeptRow].
	KeptRow = desk.KeptRow
	// StepRow is [desk.StepRow].
	StepRow = desk.StepRow
	// DroppedRow is [desk.DroppedRow].
	DroppedRow = desk.DroppedRow
	// AuditRow is [desk.AuditRow].
	AuditRow = desk.AuditRow
	// GapRow is [desk.GapRow].
	GapRow = desk.GapRow
	// ForkRow is [desk.ForkRow].
	ForkRow = desk.ForkRow
)

// The kinds of problems.
const (
	// Failed is [desk.Failed].
	Failed = desk.Failed
	// Usage is [desk.Usage].
	Usage = desk.Usage
	// NotFound is [desk.NotFound].
	NotFound = desk.NotFound
	// Refused is [desk.Refused].
	Refused = desk.Refused
	// NotPermitted is [desk.NotPermitted].
	NotPermitted = desk.NotPermitted
	// NoLine is [desk.NoLine].
	NoLine = desk.NoLine
	// Damaged is [desk.Damaged].
	Damaged = desk.Damaged
	// CheckFound is [desk.CheckFound].
	CheckFound = desk.CheckFound
)

// LongAgo is [desk.LongAgo].
const LongAgo = desk.LongAgo

// Which way goods go.
const (
	// GoodsIn is [desk.GoodsIn].
	GoodsIn = desk.GoodsIn
	// GoodsOut is [desk.GoodsOut].
	GoodsOut = desk.GoodsOut
)

// What can be done to an account.
const (
	// StaffAdd is [desk.StaffAdd].
	StaffAdd = desk.StaffAdd
	// StaffRole is [desk.StaffRole].
	StaffRole = desk.StaffRole
	// StaffLock is [desk.StaffLock].
	StaffLock = desk.StaffLock
	// StaffUnlock is [desk.StaffUnlock].
	StaffUnlock = desk.StaffUnlock
	// StaffReset is [desk.StaffReset].
	StaffReset = desk.StaffReset
	// StaffRemove is [desk.StaffRemove].
	StaffRemove = desk.StaffRemove
	// StaffEnd is [desk.StaffEnd].
	StaffEnd = desk.StaffEnd
	// StaffFactor is [desk.StaffFactor].
	StaffFactor = desk.StaffFactor
	// StaffBind is [desk.StaffBind].
	StaffBind = desk.StaffBind
)

// Roles gives what accounts can be.
func Roles() []Role { return staff.Roles() }

// Scope is how much of its role a token may do.
type Scope = staff.Scope

// Scopes gives all scopes, the narrowest first.
func Scopes() []Scope { return staff.Scopes() }

// Lists gives the names of all lists, due first.
func Lists() []string { return desk.Lists() }

// AllFormats gives every format that some list can be said in.
func AllFormats() []string { return desk.AllFormats() }

// Publishable gives the short names of the kinds that can be published.
func Publishable() []string { return desk.Publishable() }

// Zip is [desk.Zip].
func Zip(w io.Writer, files []EvidenceFile) error { return desk.Zip(w, files) }

// SecondKinds gives the kinds that a node can be told to hold for a second person.
func SecondKinds() []string { return desk.SecondKinds() }

// Nearest gives the word that takes the fewest changes; the first of several.
func Nearest(s string, words []string) string { return body.Nearest(s, words) }

// OneOf says what words there are, and which of them was meant.
func OneOf(s string, words []string) string { return desk.OneOf(s, words) }

// Fields gives the paths that can be set in a kind that can be published.
func Fields(kind string) []string { return desk.Fields(kind) }

// Count says how many, with the words for one and for any other number.
func Count(n int, one, many string) string { return desk.Count(n, one, many) }

// AnswerWords gives the words for what a record can be answered with.
func AnswerWords() []string { return desk.AnswerWords() }

// Everything is the policy of links inside one network unless told otherwise.
func Everything() Terms { return desk.Everything() }

// Age is [desk.Age].
func Age(t time.Duration) string { return desk.Age(t) }

// The signs that a phase is suggested by, as in [desk.SignOccupancy] and those beside it.
const (
	SignOccupancy = desk.SignOccupancy
	SignClosed    = desk.SignClosed
	SignFull      = desk.SignFull
	SignArrivals  = desk.SignArrivals
	SignAlert     = desk.SignAlert
	SignQuiet     = desk.SignQuiet
	SignRoom      = desk.SignRoom
)
