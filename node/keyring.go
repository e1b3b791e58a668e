package node

import (
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// keyring lets the desk turn the keys of the safe.
type keyring struct{ *keys.Safe }

// Keys lists what the safe holds of an institution.
func (k keyring) Keys(id protocol.InstitutionID) ([]desk.Key, error) {
	held, err := k.Safe.Keys(id)
	if err != nil {
		return nil, err
	}
	out := make([]desk.Key, len(held))
	for i, h := range held {
		out[i] = desk.Key{Institution: id, Use: h.Use, State: h.State.String(), Public: h.Public, Place: h.Place, Current: h.State == keys.Current}
		if !h.Made.IsZero() {
			out[i].Made = protocol.InstantOf(h.Made)
		}
		if h.Err != nil {
			out[i].Trouble = h.Err.Error()
		}
	}
	return out, nil
}

// Prepare makes the next key of a use.
func (k keyring) Prepare(id protocol.InstitutionID, use protocol.KeyUse) (desk.NextKey, error) {
	p, err := k.Safe.Prepare(id, use)
	return desk.NextKey{Public: p.Public, Proof: p.Proof}, err
}
