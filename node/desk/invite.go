package desk

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DefaultInvitation is how long an invitation can be taken: a working week and a weekend.
const DefaultInvitation = 7 * 24 * time.Hour

// maxInvitation bounds it: a line that lets a stranger in must not lie about for ever.
const maxInvitation = 90 * 24 * time.Hour

// InviteRequest invites an institution: one that is no member yet, was put out, or has
// lost its identity key.
type InviteRequest struct {
	As           protocol.InstitutionID   `json:"as,omitempty"` // default: the hosted registrar of the institution
	Institution  protocol.InstitutionID   `json:"institution"`
	Level        body.Level               `json:"level,omitempty"`
	Prefix       body.Prefix              `json:"prefix,omitempty"`       // of a registrar to be
	Predecessors []protocol.InstitutionID `json:"predecessors,omitempty"` // of a merged municipality
	Again        bool                     `json:"again,omitempty"`        // it takes back an invitation that is open, or replaces an identity key that is lost
	ValidFor     time.Duration            `json:"valid_for,omitzero"`     // default DefaultInvitation
	Addresses    []string                 `json:"addresses,omitempty"`    // host:port to join at; default: where this node listens
	Neighbour    *Neighbour               `json:"neighbour,omitempty"`    // a second node to link with, and to join at while this one is out; default: the nearest that this node dials
	NoLink       bool                     `json:"no_link,omitempty"`      // another member is to let it in: no link with it is agreed on
}

// Neighbour is a member and where it listens.
type Neighbour struct {
	Institution protocol.InstitutionID `json:"institution"`
	Address     string                 `json:"address"` // host:port
}

// Invited is an invitation that was made. Its line holds a secret: whoever has it can take
// the seat, once.
type Invited struct {
	Institution protocol.InstitutionID `json:"institution"`
	Registrar   protocol.InstitutionID `json:"registrar"`
	Admission   protocol.Name          `json:"admission"`
	Expires     protocol.Instant       `json:"expires"`
	Addresses   []string               `json:"addresses"`
	Neighbour   *Neighbour             `json:"neighbour,omitempty"`
	Network     string                 `json:"network"`
	CheckWords  [6]string              `json:"check_words"`            // of the line, to be compared on the phone
	Contact     *body.Contact          `json:"duty_contact,omitempty"` // the registrar's, from its profile
	Line        string                 `json:"invitation"`

	Invitation protocol.Invitation `json:"-"` // what the line says
}

// Invite admits an institution with a claim key made for it, agrees beforehand on a link
// over which everything may go, and gives the line that the newcomer joins with. The
// registrar may be out of reach when it is taken.
func (d *Desk) Invite(ctx context.Context, r InviteRequest) (_ Invited, err error) {
	defer func() { d.note(ctx, act{"invite", r.As, string(r.Institution), false}, err) }()
	d.admitted.Lock()
	defer d.admitted.Unlock()
	registrar, err := d.registrarOf(ctx, r.As, r.Institution)
	if err != nil {
		return Invited{}, err
	}
	if err = d.admissible(r.Institution, &r.Level, again(r.Again)); err != nil {
		return Invited{}, err
	}
	inv, err := d.draw(r)
	if err != nil {
		return Invited{}, err
	}
	inv.Registrar = registrar
	// Read back before anything is signed: an invitation that can't be read admits nobody.
	line := inv.Line()
	if _, err = protocol.ParseInvitation(line); err != nil {
		return Invited{}, misfit(err, "vardar member invite --help")
	}
	said, err := d.admission(ctx, registrar, !r.NoLink, &body.Admission{
		Institution: r.Institution, Level: r.Level, Prefix: r.Prefix, Predecessors: r.Predecessors, Claim: protocol.KeyOf(inv.Claim), Expires: body.TimeOf(inv.Expires),
	})
	if err != nil {
		return Invited{}, err
	}
	out := Invited{
		Institution: r.Institution, Registrar: registrar, Admission: said.Record, Expires: protocol.InstantOf(inv.Expires), Addresses: inv.Addresses,
		Network: inv.Network, CheckWords: protocol.CheckWords(line), Line: line, Invitation: inv,
	}
	if n := inv.Neighbour; n != nil {
		out.Neighbour = &Neighbour{n.Institution, n.Address}
	}
	if m, ok := d.o.Trust.Member(registrar); ok && m.Profile != nil {
		out.Contact = m.Profile.DutyContact
	}
	return out, nil
}

// draw makes what an invitation says, with a claim key of its own.
func (d *Desk) draw(r InviteRequest) (protocol.Invitation, error) {
	inv := protocol.Invitation{
		Network: d.o.Trust.Charter().Network, Charter: d.o.Trust.CharterDigest(), Institution: r.Institution, Addresses: r.Addresses,
		ListenerKey: d.o.LinkKey, Listener: d.o.Institutions[0],
	}
	if line := d.o.Trust.Settled(); len(line) > 1 { // the first is given by the charter's own digest
		inv.Settled = line[len(line)-1]
	}
	if key, ok := d.o.Trust.LinkKey(inv.Listener); ok {
		inv.ListenerKey = key // it may have been rotated since the node started
	}
	if len(inv.Addresses) == 0 {
		inv.Addresses = d.o.Addresses
	}
	if len(inv.Addresses) == 0 {
		return inv, &Problem{Kind: Refused, Field: "addresses", Detail: "this node listens nowhere, so nobody could join at it", Mend: "start it with an address to listen on, or name one with --address", Next: "vardar run --help"}
	}
	if inv.Neighbour = d.nearest(r.Institution); r.Neighbour != nil {
		key, ok := d.o.Trust.LinkKey(r.Neighbour.Institution)
		if !ok {
			return inv, problem(NotFound, "vardar member list", "%s has no node in %s: a newcomer can link with members alone", r.Neighbour.Institution, inv.Network)
		}
		inv.Neighbour = &protocol.Neighbour{Institution: r.Neighbour.Institution, Address: r.Neighbour.Address, Key: key}
	}
	var err error
	if inv.Expires, err = d.expiry(r.ValidFor); err != nil {
		return inv, err
	}
	var seed [ed25519.SeedSize]byte
	if _, err := io.ReadFull(d.o.Rand, seed[:]); err != nil {
		return inv, failure(fmt.Errorf("draw a claim key: %w", err))
	}
	inv.Claim = ed25519.NewKeyFromSeed(seed[:])
	return inv, nil
}

// nearest gives the member that this node dials, and so can name an address of, which
// lies nearest to a newcomer by its name: of the same region, else of the same country.
func (d *Desk) nearest(id protocol.InstitutionID) *protocol.Neighbour {
	var best *protocol.Neighbour
	rank := 0
	for _, s := range d.o.Links.States() {
		near := 0
		switch {
		case s.Peer == id || len(s.Addresses) == 0 || s.Paused:
		case s.Peer.Group() == id.Group():
			near = 2
		case s.Peer.Country() == id.Country():
			near = 1
		}
		if key, ok := d.o.Trust.LinkKey(s.Peer); ok && near > rank {
			best, rank = &protocol.Neighbour{Institution: s.Peer, Address: s.Addresses[0], Key: key}, near
		}
	}
	return best
}

// expiry gives when an invitation ends, in whole seconds as the line has it.
func (d *Desk) expiry(validFor time.Duration) (time.Time, error) {
	if validFor == 0 {
		validFor = DefaultInvitation
	}
	if validFor < time.Minute || validFor > maxInvitation {
		return time.Time{}, &Problem{Kind: Usage, Field: "valid_for", Detail: fmt.Sprintf("%s is not between a minute and %d days", validFor, int(maxInvitation.Hours())/24), Mend: "leave it out for 7 days", Next: "vardar member invite --help"}
	}
	return d.o.Clock().Add(validFor).UTC().Truncate(time.Second), nil
}

// registrarOf gives the hosted institution that may admit another.
func (d *Desk) registrarOf(ctx context.Context, as, id protocol.InstitutionID) (protocol.InstitutionID, error) {
	if _, err := protocol.ParseInstitution(string(id)); err != nil {
		return "", at(misfit(err, "").as(Usage), "institution", "vardar member invite --help")
	}
	registrar, ok := d.o.Trust.Charter().RegistrarOf(id)
	if !ok {
		return "", problem(NotPermitted, "vardar member charter show", "the charter names no registrar for %s", id)
	}
	if as != "" {
		if _, err := d.author(ctx, as); err != nil {
			return "", err
		}
	}
	if !slices.Contains(d.own(ctx), registrar) || as != "" && as != registrar {
		return "", problem(NotPermitted, "vardar show "+string(registrar), "%s is admitted by its registrar, %s: ask there", id, registrar)
	}
	return registrar, nil
}
