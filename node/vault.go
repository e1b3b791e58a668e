package node

import (
	"bytes"
	"io"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// vault seals what the accounts must read again to the age key of the institution that names the
// node: it lies in the store and in backups sealed, and opens with every age key that the safe has
// had. A safe that was made anew, out of the carrier alone, has none of them.
type vault struct {
	safe *keys.Safe
	id   protocol.InstitutionID
}

// Seal seals a few bytes.
func (v vault) Seal(plain []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := v.safe.Seal(&out, v.safe.Recipient(v.id))
	if err != nil {
		return nil, err
	}
	if _, err = w.Write(plain); err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// Open gives what was sealed.
func (v vault) Open(sealed []byte) ([]byte, error) {
	plain, err := v.safe.Unseal(v.id, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(plain)
}

// NoFactor says, in the place of roles, that none must have a second factor.
const NoFactor = "none"

// factors gives the roles that must have a second factor: those that were said, or, where other
// machines reach the pages, who keeps the node and who lets records go.
func (o Options) factors() []staff.Role {
	var out []staff.Role
	switch {
	case len(o.Factor) == 0 && o.Pages != "" && (len(o.PagesProxies) > 0 || !onLoopback(o.Pages)):
		return []staff.Role{staff.Admin, staff.Approver}
	case len(o.Factor) == 1 && o.Factor[0] == NoFactor:
		return nil
	}
	for _, r := range o.Factor {
		out = append(out, staff.Role(r))
	}
	return out
}
