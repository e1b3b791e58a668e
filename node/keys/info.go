package keys

import (
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Info is what may be told of a key.
type Info struct {
	Use    protocol.KeyUse
	State  State
	Public string    // 64 hex digits; of an age key its recipient
	Made   time.Time // zero: not known
	// Place is the file in which the private half lies sealed; "" of an earlier identity
	// key, which is gone. Of a current or next identity key it is on the carrier.
	Place string
	Token string // name of the age plugin that opens it; "" if none does
	// Err is why the private half can't be used now: [ErrNoCarrier], or nil. The key of
	// a token may need the token besides.
	Err error
}

// Keys tells of all keys of an institution, earlier ones included, and of no secret: by
// use, the newest first. A key should be rotated before it is a year old. It returns
// [ErrNotHosted].
func (s *Safe) Keys(id protocol.InstitutionID) ([]Info, error) {
	h, err := s.find(id)
	if err != nil {
		return nil, err
	}
	var out []Info
	for _, use := range allUses() {
		for i := len(h.keys) - 1; i >= 0; i-- {
			l := h.keys[i]
			if l.use != use {
				continue
			}
			info := Info{Use: use, State: l.state, Public: l.public, Made: l.made}
			switch {
			case !l.sealed():
			case use == protocol.UseIdentity:
				info.Place, info.Err = s.identityPath(id, l), s.reachable(id, l)
				info.Token = tokenName(info.Place)
			default:
				info.Place = s.keyFile(id, l)
			}
			out = append(out, info)
		}
	}
	return out, nil
}
