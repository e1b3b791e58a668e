package desk

import (
	"context"
	"encoding/json"

	"github.com/vardar-network/vardar/protocol"
)

// Charter is the network's founding document as this node holds it.
type Charter struct {
	Digest   protocol.Digest          `json:"digest"`
	Network  string                   `json:"network"`
	Version  int                      `json:"version"`
	Expires  string                   `json:"expires"`
	Expired  bool                     `json:"expired"`         // nobody is admitted any more; no record is judged by it
	Newer    []string                 `json:"newer,omitempty"` // members that need a newer vardar
	Document json.RawMessage          `json:"document"`        // as it was signed, but for white space
	Signed   protocol.SignedCharter   `json:"signed"`          // document and signatures as they travel, to the byte
	Members  int                      `json:"members"`
	Stewards []protocol.InstitutionID `json:"stewards"`
}

// Charter gives the charter in force.
func (d *Desk) Charter(context.Context) (Charter, error) {
	c := d.o.Trust.Charter()
	signed := d.o.Trust.SignedCharter()
	out := Charter{
		Digest: d.o.Trust.CharterDigest(), Network: c.Network, Version: c.Version, Expires: c.Expires,
		Expired: d.o.Trust.Expired(d.o.Clock()), Newer: c.Newer, Document: signed.Document, Signed: signed,
		Members: len(d.o.Trust.Members()), Stewards: []protocol.InstitutionID{},
	}
	for _, s := range signed.Signatures {
		out.Stewards = append(out.Stewards, s.Steward)
	}
	return out, nil
}
