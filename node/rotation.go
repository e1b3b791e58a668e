package node

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// followKeys takes the next identity key into use as soon as its registrar's admission is here,
// so that 'member key list' says what is so.
func (n *Node) followKeys(ctx context.Context) error {
	changed, stop := n.rooms.board.Subscribe() // told after trust
	defer stop()
	return atChanges(ctx, changed, func() {
		for _, id := range n.Institutions() {
			opener, ok := n.rooms.trust.Current(protocol.Feed{Institution: id, Topic: protocol.Trust})
			if !ok {
				continue
			}
			if err := n.rooms.safe.Follow(id, protocol.UseIdentity, opener.Key.String()); err != nil && !errors.Is(err, keys.ErrNoCarrier) {
				n.o.Logger.WarnContext(ctx, "identity key was admitted and is not in use yet", "institution", id, "err", err)
			}
		}
	})
}

// followTrust ends what a crash cut off between publishing a key and promoting it: the
// next key becomes the current one if trust names it by now. A node key needs none of
// this, since the first record of its epoch promotes it. Without the carrier an identity
// key waits: no trust record can be written then.
func (r *rooms) followTrust(o Options) {
	for _, id := range r.safe.Institutions() {
		named := map[protocol.KeyUse]string{}
		if m, ok := r.trust.Member(id); ok {
			named[protocol.UseLink], named[protocol.UseAge] = m.LinkKey.String(), m.AgeRecipient
		}
		if opener, ok := r.trust.Current(protocol.Feed{Institution: id, Topic: protocol.Trust}); ok {
			named[protocol.UseIdentity] = opener.Key.String()
		}
		for use, public := range named {
			if err := r.safe.Follow(id, use, public); err != nil && !errors.Is(err, keys.ErrNoCarrier) {
				o.Logger.Warn("key was published and is not in use yet", "institution", id, "use", string(use), "err", err)
			}
		}
	}
}
