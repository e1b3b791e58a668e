package desk

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// AdmitRequest admits an institution whose identity key is there already: one that can't
// use an invitation, and printed key and proof with `vardar init --keys-only`. Without a
// key it changes what a member is: to the identity key that the member itself asks for, or
// to another level.
type AdmitRequest struct {
	As           protocol.InstitutionID   `json:"as,omitempty"` // default: the hosted registrar of the institution
	Institution  protocol.InstitutionID   `json:"institution"`
	Level        body.Level               `json:"level,omitempty"`  // default: a member's stays
	Prefix       body.Prefix              `json:"prefix,omitempty"` // default: a member's stays
	Predecessors []protocol.InstitutionID `json:"predecessors,omitempty"`
	Key          protocol.Key             `json:"key,omitzero"`      // identity key
	Proof        protocol.Signature       `json:"proof,omitzero"`    // of possession
	NoLink       bool                     `json:"no_link,omitempty"` // another node hosts it, or is to take it in: no link with it is agreed on
	Again        bool                     `json:"again,omitempty"`   // the key replaces one that is lost
}

// Admit writes the admission. It refuses a proof that the key did not make for this very
// institution.
func (d *Desk) Admit(ctx context.Context, r AdmitRequest) (_ Published, err error) {
	defer func() { d.note(ctx, act{"admit", r.As, string(r.Institution), false}, err) }()
	d.admitted.Lock()
	defer d.admitted.Unlock()
	registrar, err := d.registrarOf(ctx, r.As, r.Institution)
	if err != nil {
		return Published{}, err
	}
	if r.Key.IsZero() {
		return d.readmit(ctx, registrar, r)
	}
	if err := d.admissible(r.Institution, &r.Level, again(r.Again)); err != nil {
		return Published{}, err
	}
	if err := d.checkIdentity(&r); err != nil {
		return Published{}, err
	}
	return d.admission(ctx, registrar, !r.NoLink, &body.Admission{
		Institution: r.Institution, Level: r.Level, Prefix: r.Prefix, Predecessors: r.Predecessors, Key: r.Key, Proof: r.Proof,
	})
}

func (d *Desk) checkIdentity(r *AdmitRequest) error {
	if err := protocol.CheckKeyProof(r.Institution, protocol.UseIdentity, r.Key, r.Proof); err != nil {
		return &Problem{
			Kind: Refused, Field: "proof", Detail: cause(err).Error(), Mend: "the newcomer prints key and proof together: vardar init " + string(r.Institution) + " --keys-only",
			Next: "vardar member admit --help", Rule: protocol.RuleName(err), Err: err,
		}
	}
	for _, m := range d.o.Trust.Members() {
		if m.IdentityKey == r.Key {
			return problem(Refused, "vardar member show "+string(m.ID), "this is the identity key of %s: every institution has its own", m.ID)
		}
	}
	return nil
}

// readmit says an admission again, with another level, or opens the next epoch for the key
// that the member asks for.
func (d *Desk) readmit(ctx context.Context, registrar protocol.InstitutionID, r AdmitRequest) (Published, error) {
	if d.o.Trust.Expired(d.o.Clock()) {
		return Published{}, d.admissible(r.Institution, &r.Level, true)
	}
	a, err := d.standing(r.Institution)
	if err != nil {
		return Published{}, err
	}
	m, _ := d.o.Trust.Member(r.Institution)
	if m.Out {
		return Published{}, problem(Refused, "vardar member invite "+string(r.Institution), "%s was closed: it comes back with an invitation, or with the key that it makes", r.Institution)
	}
	if r.Level.Valid() {
		a.Level = r.Level
	}
	if r.Prefix != "" {
		a.Prefix = r.Prefix
	}
	if len(r.Predecessors) > 0 {
		a.Predecessors = r.Predecessors
	}
	if !m.RequestedKey.IsZero() {
		a.Key, a.Proof, a.Claim, a.Expires = m.RequestedKey, m.RequestProof, protocol.Key{}, 0
		return d.admission(ctx, registrar, false, a)
	}
	if !r.Level.Valid() && r.Prefix == "" && len(r.Predecessors) == 0 {
		return Published{}, &Problem{
			Kind: Refused, Detail: fmt.Sprintf("nothing changes: %s asks for no other identity key, and no other level was named", r.Institution),
			Mend: "name a level with --level, or the file with its key", Next: "vardar member admit --help",
		}
	}
	return d.sayAdmission(ctx, registrar, a)
}
