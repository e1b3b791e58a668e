package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// MemberState says how far an institution has come into the network.
type MemberState string

// The states.
const (
	MemberNamed   MemberState = "named"    // by the charter
	MemberInvited MemberState = "invited"  // the invitation is not taken yet
	MemberExpired MemberState = "expired"  // nor will it be: it has run out
	MemberIn      MemberState = "member"   // it has a key, or has taken the invitation
	MemberOut     MemberState = "out"      // closed by its registrar
	MemberTwice   MemberState = "conflict" // its admission or its invitation was taken in two ways
)

// Member is an institution as the trust topic knows it, and as this node hears of it.
type Member struct {
	ID        protocol.InstitutionID   `json:"institution"`
	State     MemberState              `json:"state"`
	Own       bool                     `json:"own"` // hosted by this node
	Level     string                   `json:"level,omitempty"`
	Names     map[body.Language]string `json:"names,omitempty"`
	Steward   bool                     `json:"steward,omitempty"`
	Prefixes  []string                 `json:"prefixes,omitempty"` // under which it admits
	Registrar protocol.InstitutionID   `json:"registrar,omitempty"`
	Admission protocol.Name            `json:"admission,omitzero"`
	Expires   protocol.Instant         `json:"expires,omitzero"` // of an open invitation
	Heard     protocol.Instant         `json:"heard,omitzero"`   // its newest beacon, by this node's clock
	Duty      *body.Contact            `json:"duty_contact,omitempty"`
	Seat      body.PlaceKey            `json:"seat,omitzero"`
	Footnote  bool                     `json:"footnote,omitempty"`
	Announced string                   `json:"announced,omitempty"` // for a day: that it was closed, or has another identity key
	Closed    *Closure                 `json:"closed,omitempty"`    // of one that is out
	Before    []protocol.InstitutionID `json:"predecessors,omitempty"`
	Profile   *body.Profile            `json:"profile,omitempty"`

	IdentityKey  protocol.Key `json:"identity_key,omitzero"`
	RequestedKey protocol.Key `json:"requested_key,omitzero"` // the identity key that it asks its registrar to admit
	NodeKey      protocol.Key `json:"node_key,omitzero"`
	LinkKey      protocol.Key `json:"link_key,omitzero"`
	AgeRecipient string       `json:"age_recipient,omitempty"`
}

// Closure is how a member was put out.
type Closure struct {
	By        protocol.Name          `json:"by"`
	Reason    string                 `json:"reason,omitempty"`
	Successor protocol.InstitutionID `json:"successor,omitempty"`
}

// Members gives all members, sorted by ID, as this node knew them at an instant; zero: now.
func (d *Desk) Members(ctx context.Context, at protocol.Instant) ([]Member, error) {
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return nil, err
	}
	return d.members(k), nil
}

func (d *Desk) members(k knowledge) []Member {
	heard, out := d.lastHeard(k), []Member{}
	for _, m := range k.trust.Members() {
		out = append(out, d.member(k, &m, heard[m.ID]))
	}
	return out
}

// lastHeard gives when the newest beacon of each came; of an earlier instant nobody knows.
func (d *Desk) lastHeard(k knowledge) map[protocol.InstitutionID]protocol.Instant {
	heard := map[protocol.InstitutionID]protocol.Instant{}
	if d.isPast(k) {
		return heard
	}
	for b, received := range d.o.Archive.Beacons() {
		heard[b.Institution] = received
	}
	return heard
}

// Member gives one as this node knew it at an instant; zero: now. The problem is [NotFound] for an
// institution that nobody had admitted.
func (d *Desk) Member(ctx context.Context, id protocol.InstitutionID, at protocol.Instant) (Member, error) {
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return Member{}, err
	}
	m, ok := k.trust.Member(id)
	if !ok {
		return Member{}, d.noMemberIn(k, id)
	}
	return d.member(k, &m, d.lastHeard(k)[id]), nil
}

func (d *Desk) member(k knowledge, m *trust.Member, heard protocol.Instant) Member {
	out := Member{
		ID: m.ID, State: memberState(k, m), Own: d.isOwn(m.ID), Steward: m.Steward, Prefixes: m.Prefixes, Registrar: m.Registrar,
		Admission: m.Admission, Heard: heard, Footnote: atlas.InstitutionNeedsFootnote(m.ID), Profile: m.Profile,
		IdentityKey: m.IdentityKey, NodeKey: m.NodeKey, LinkKey: m.LinkKey, AgeRecipient: m.AgeRecipient,
	}
	out.Announced, out.Before, out.RequestedKey = d.announcement(k, m), m.Predecessors, m.RequestedKey
	if m.Out {
		out.Closed = &Closure{m.ClosedBy, m.Reason, m.Successor}
	}
	if m.Level.Valid() {
		out.Level = m.Level.String()
	}
	if out.State == MemberInvited || out.State == MemberExpired {
		out.Expires = m.Expires
	}
	if p := m.Profile; p != nil {
		out.Names = map[body.Language]string{}
		for lang, name := range p.Names {
			out.Names[lang] = string(name)
		}
		out.Duty = p.DutyContact
		if p.Seat != nil {
			out.Seat = p.Seat.Key()
			out.Footnote = out.Footnote || atlas.NeedsFootnote(out.Seat)
		}
	}
	return out
}

// memberState says how far a member has come by what is known.
func memberState(k knowledge, m *trust.Member) MemberState {
	_, named := k.trust.Charter().KeyOf(m.ID)
	switch {
	case m.Out:
		return MemberOut
	case named:
		return MemberNamed
	case m.Admission.IsZero() || m.Claimed && m.IdentityKey.IsZero():
		return MemberTwice
	case m.Claimed:
		return MemberIn
	case m.Expires != 0 && k.at >= m.Expires:
		return MemberExpired
	}
	return MemberInvited
}
