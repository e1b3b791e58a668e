package desk

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// AdmitRequest admits an institution whose identity key is there already, for those who
// can't use an invitation: it printed key and proof with `vardar init --keys-only`.
type AdmitRequest struct {
	As          protocol.InstitutionID `json:"as,omitempty"` // default: the hosted registrar of the institution
	Institution protocol.InstitutionID `json:"institution"`
	Level       body.Level             `json:"level"`
	Prefix      body.Prefix            `json:"prefix,omitempty"`
	Key         protocol.Key           `json:"key"`               // identity key
	Proof       protocol.Signature     `json:"proof"`             // of possession
	NoLink      bool                   `json:"no_link,omitempty"` // another node hosts it, or is to take it in: no link with it is agreed on
}

// Admit writes the admission. It refuses a proof that the key did not make for this very
// institution.
func (d *Desk) Admit(ctx context.Context, r AdmitRequest) (Published, error) {
	d.admitted.Lock()
	defer d.admitted.Unlock()
	registrar, err := d.registrarOf(r.As, r.Institution)
	if err != nil {
		return Published{}, err
	}
	if err := d.admissible(r.Institution, r.Level); err != nil {
		return Published{}, err
	}
	if err := protocol.CheckKeyProof(r.Institution, protocol.UseIdentity, r.Key, r.Proof); err != nil {
		return Published{}, &Problem{
			Kind: Refused, Field: "proof", Detail: cause(err).Error(), Mend: "the newcomer prints key and proof together: vardar init " + string(r.Institution) + " --keys-only",
			Next: "vardar member admit --help", Rule: protocol.RuleName(err), Err: err,
		}
	}
	for _, m := range d.o.Trust.Members() {
		if m.IdentityKey == r.Key {
			return Published{}, problem(Refused, "vardar member show "+string(m.ID), "this is the identity key of %s: every institution has its own", m.ID)
		}
	}
	return d.admission(ctx, registrar, !r.NoLink, &body.Admission{
		Institution: r.Institution, Level: r.Level, Prefix: r.Prefix, Key: r.Key, Proof: r.Proof,
	})
}
