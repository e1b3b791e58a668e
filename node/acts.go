package node

import (
	"context"
	"io"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What federations and the demonstration see of a node.
type (
	// Picture is what the node shows.
	Picture = board.Picture
	// Figure is an institution's latest word on an indicator at a place.
	Figure = board.Figure
	// Point is an institution's word for one period.
	Point = board.Point
	// Request is an exchange that a request began.
	Request = board.Request
	// Step is one record of an exchange and what became of it.
	Step = board.Step
	// Capacity is what an institution has at a place.
	Capacity = board.Capacity
	// Needs is the live needs assessment of an institution for a place.
	Needs = board.Needs
	// Route is the state of a crossing as each side sees it.
	Route = board.Route
	// World is what is real, or one exercise.
	World = board.World
	// Drop is what a peer sent and was not kept, by one rule.
	Drop = intake.Drop
	// Drops are those of each peer and rule.
	Drops = map[protocol.InstitutionID]map[string]Drop
	// Consultation is a question with all answers to it, and its outcome.
	Consultation = board.Consultation
	// ConsultationAnswer is one answer.
	ConsultationAnswer = board.ConsultationAnswer
	// Plan is a fund plan with its versions and who has signed them.
	Plan = board.Plan
	// Terms are the two directions of a link's policy.
	Terms = desk.Terms
	// Practice is what somebody has tried, with who does the same.
	Practice = board.Practice
	// Flow is a flow of funds as both sides have said it.
	Flow = board.Flow
	// FlowStep is one record of a flow and what became of it.
	FlowStep = board.FlowStep
	// RegionalReport is what a regional body has added up, as the node adds it up again.
	RegionalReport = board.RegionalReport
	// Territory is a row of the phase board.
	Territory = desk.TerritoryRow
	// Standing is what becomes of a record in the picture.
	Standing = board.Standing
	// Draft is an alert that the change rule proposes.
	Draft = board.Draft
	// Station is an earlier or a later station of a route.
	Station = board.Station
	// LineState is how one link is.
	LineState = link.State
	// Query chooses a list.
	Query = desk.Query
	// Listing is one list.
	Listing = desk.Listing
	// Status is what the node's administrator reads.
	Status = desk.Status
	// Counts are the events at the node's door.
	Counts = intake.Counts
	// Form is a record before it is one, as texts that a person types.
	Form = desk.Form
	// PublishRequest is a record that somebody wants to publish.
	PublishRequest = desk.Request
	// RegionalAsk has a regional report added up.
	RegionalAsk = desk.RegionalAsk
	// AnswerRequest answers a record.
	AnswerRequest = desk.AnswerRequest
	// LineQuantity is how much of a line an answer is about.
	LineQuantity = desk.LineQuantity
	// InviteRequest invites an institution.
	InviteRequest = desk.InviteRequest
	// AdmitRequest admits one by its key.
	AdmitRequest = desk.AdmitRequest
	// CloseRequest puts a member out.
	CloseRequest = desk.CloseRequest
	// RotateRequest turns a key.
	RotateRequest = desk.RotateRequest
	// BackupRequest asks for a backup.
	BackupRequest = desk.BackupRequest
	// AddLinkRequest keeps a link, or tells a peer's new key.
	AddLinkRequest = desk.AddLinkRequest
	// ApproveRequest is [desk.ApproveRequest].
	ApproveRequest = desk.ApproveRequest
	// DraftCharterRequest asks for the next version of the charter.
	DraftCharterRequest = desk.DraftCharterRequest
	// PublishCharterRequest publishes one.
	PublishCharterRequest = desk.PublishCharterRequest
)

// Words of the picture.
const (
	NotReported  = board.NotReported  // of a figure: its author said that there is none
	LineCut      = board.LineCut      // of what is due: overdue, and no line
	LineDown     = board.LineDown     // of a line
	AnswerCounts = board.AnswerCounts // of an answer to a consultation
	AddsUp       = board.AddsUp       // of a regional report
	SignArrivals = board.SignArrivals // of a phase that is suggested
	Stopped      = board.Stopped      // of a record: a fork stops it
	Void         = board.Void         // of a record: its author does not stand by it
)

// Words of the desk.
const (
	ListTerritories = desk.ListTerritories // the phase board

	FormNeeds    = desk.FormNeeds    // the form that says how many people are here, what they need, and asks for it
	AnswerNote   = desk.AnswerNote   // an answer that is a plain message
	AnswerCosign = desk.AnswerCosign // the signature to a version of a fund plan
)

// Said is one record that an own institution published.
type Said struct {
	protocol.Name
	Digest protocol.Digest
}

// Say publishes a body for one of the node's institutions, at the time of Options.Stamp,
// under a handling mark.
func (n *Node) Say(ctx context.Context, id protocol.InstitutionID, b body.Body, h protocol.Handling) (Said, error) {
	raw, err := n.salted(b)
	if err != nil {
		return Said{}, err
	}
	s, err := n.rooms.intake.Publish(ctx, intake.Draft{
		Institution: id, Type: b.Type(), Time: protocol.InstantOf(n.o.Stamp()), Handling: h, Body: raw,
	})
	return Said{s.Name, s.Digest}, err
}

func (n *Node) salted(b body.Body) ([]byte, error) {
	var salt [16]byte
	if _, err := io.ReadFull(n.o.Rand, salt[:]); err != nil {
		return nil, err
	}
	return body.Marshal(b, salt)
}

// Invite admits an institution by an invitation; see desk.Desk.Invite.
func (n *Node) Invite(ctx context.Context, r InviteRequest) (protocol.Invitation, error) {
	out, err := n.desk.Invite(ctx, r)
	return out.Invitation, err
}

// Admit admits an institution by the identity key it has made already; see desk.Desk.Admit.
func (n *Node) Admit(ctx context.Context, r AdmitRequest) error {
	_, err := n.desk.Admit(ctx, r)
	return err
}

func (n *Node) addresses() []string {
	if len(n.o.Advertise) > 0 {
		return n.o.Advertise
	}
	if addr := n.Addr(); addr != "" {
		return []string{addr}
	}
	return nil
}

// Introduce writes the first trust records of a hosted institution, once its admission
// is here.
func (n *Node) Introduce(ctx context.Context, who Opening) error {
	return n.rooms.open(ctx, n.o, who, nil)
}

// Wants reports whether the node knows an institution as a member.
func (n *Node) Wants(id protocol.InstitutionID) bool {
	return n.rooms.trust.Wanted(protocol.Feed{Institution: id, Topic: protocol.Trust})
}

// Connect agrees on a link that this node dials, and proposes the usual policy. The key
// is the listener's link key where its trust feed is not held yet.
func (n *Node) Connect(ctx context.Context, peer protocol.InstitutionID, address string, key protocol.Key) error {
	c, _, err := n.links.Config(peer)
	if err != nil {
		return err
	}
	c.Addresses, c.Key = []string{address}, key
	if err = n.links.Configure(ctx, c); err != nil {
		return err
	}
	_, err = n.links.Propose(ctx, peer, link.Everything())
	return err
}

// Call keeps a line to a peer at an address, from the settings, and proposes the usual
// policy where none was agreed or proposed yet.
func (n *Node) Call(ctx context.Context, r desk.AddLinkRequest) error {
	l, err := n.desk.AddLink(ctx, r)
	if err != nil || l.InForce != nil || l.Proposed != nil {
		return err
	}
	_, err = n.desk.Propose(ctx, r.Peer, link.Everything())
	return err
}

// Offer agrees in advance to the usual policy with a peer that will dial. The key is the
// peer's link key where its trust feed is not held yet.
func (n *Node) Offer(ctx context.Context, peer protocol.InstitutionID, key protocol.Key) error {
	terms := link.Everything()
	c, _, err := n.links.Config(peer)
	if err != nil {
		return err
	}
	c.Offered, c.Key = &terms, key
	return n.links.Configure(ctx, c)
}

// Redirect keeps another address for a link that this node dials.
func (n *Node) Redirect(ctx context.Context, peer protocol.InstitutionID, address string) error {
	c, _, err := n.links.Config(peer)
	if err != nil {
		return err
	}
	c.Addresses = []string{address}
	return n.links.Configure(ctx, c)
}

// Status is what 'vardar status' says: lines, forks, gaps, and what there is to mend.
func (n *Node) Status(ctx context.Context) (Status, error) { return n.desk.Status(ctx) }

// Lists names what [Node.List] lists.
func Lists() []string { return desk.Lists() }

// List gives a list; see desk.Desk.List.
func (n *Node) List(ctx context.Context, q Query) (Listing, error) { return n.desk.List(ctx, q) }

// Lines gives the state of all links.
func (n *Node) Lines() []LineState { return n.links.States() }

// Picture gives what the node shows at an instant.
func (n *Node) Picture(at time.Time) Picture { return n.rooms.board.Picture(protocol.InstantOf(at)) }

// PictureDigest is the digest of the picture at an instant, of what is real and of all exercises: by
// it nodes are compared.
func (n *Node) PictureDigest(at time.Time) protocol.Digest {
	return n.rooms.board.Digest(protocol.InstantOf(at))
}

// Have gives the digest of every group the node holds.
func (n *Node) Have() map[protocol.Group]protocol.Digest {
	out := map[protocol.Group]protocol.Digest{}
	for _, g := range n.rooms.store.Groups() {
		if d := protocol.GroupDigest(g, n.rooms.intake.Rows(g)); !d.IsZero() {
			out[g] = d
		}
	}
	return out
}

// Holds reports whether the node holds a record.
func (n *Node) Holds(name protocol.Name) bool {
	_, err := n.rooms.store.Get(name)
	return err == nil
}

// Shows reports whether the node holds a record and its pages and lists have it too: what comes is on
// disk a moment before it is in the picture.
func (n *Node) Shows(name protocol.Name) bool {
	s, err := n.rooms.store.Get(name)
	if err != nil {
		return false
	}
	standing, _ := n.rooms.board.Standing(s.Digest)
	return standing != 0
}

// Record gives a record the node holds.
func (n *Node) Record(name protocol.Name) (protocol.Record, error) {
	s, err := n.rooms.store.Get(name)
	return s.Record, err
}

// Head gives the last position the node holds of an institution's topic without a gap; its
// zero value if it holds nothing.
func (n *Node) Head(id protocol.InstitutionID, t protocol.Topic) protocol.Position {
	f := protocol.Feed{Institution: id, Topic: t}
	var out protocol.Position
	for _, epoch := range n.rooms.store.Epochs(f) {
		for _, b := range n.rooms.store.Branches(protocol.EpochID{Feed: f, Epoch: epoch}) {
			if epoch > out.Epoch || (epoch == out.Epoch && b.Head > out.Sequence) {
				out = protocol.Position{Topic: t, Epoch: epoch, Sequence: b.Head}
			}
		}
	}
	return out
}

// Push sends a peer a frame as it is; see link.Links. Hostile peers of federations do.
func (n *Node) Push(ctx context.Context, peer protocol.InstitutionID, frame []byte) (protocol.Acknowledgement, error) {
	return n.links.Push(ctx, peer, frame)
}

// Counts gives the events at the node's door; Dropped, by peer, what was not kept and
// why.
func (n *Node) Counts() Counts { return n.rooms.intake.Counts() }

// Dropped gives, for each peer, how often what it sent broke which rule, over all starts.
func (n *Node) Dropped() Drops {
	return n.rooms.intake.Drops()
}

// Records is how many records the node holds.
func (n *Node) Records() int { return int(n.rooms.store.Stats().Records) } //nolint:gosec // fewer than fit

// LinkKey is the key this node's links are opened with.
func (n *Node) LinkKey() protocol.Key { return n.bus.LinkKey() }

// Changed tells, coalesced, that records or lines changed.
func (n *Node) Changed() (<-chan struct{}, func()) {
	records, stopRecords := n.rooms.board.Subscribe()
	lines, stopLines := n.links.Changed()
	out := make(chan struct{}, 1)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-records:
			case <-lines:
			case <-done:
				return
			}
			select {
			case out <- struct{}{}:
			default:
			}
		}
	}()
	return out, func() { close(done); stopRecords(); stopLines() }
}
