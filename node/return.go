package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// ReturnRequest makes a node anew of which the carrier of its identity keys is left, and
// no backup. The carrier may be Options.Identity itself; from any other folder it is copied.
type ReturnRequest struct {
	Carrier     string                 // folder
	Sheet       string                 // the recovery sheet, or its line; not asked for once the keys are made
	Institution protocol.InstitutionID // names the node, if the carrier holds several
	Peer        protocol.InstitutionID // a member that can be called
	Address     string                 // its host:port
	Key         protocol.Key           // its link key
}

// Returned is a node that was made anew.
type Returned struct {
	Institution protocol.InstitutionID   `json:"institution"`
	Hosted      []protocol.InstitutionID `json:"hosted"`
	Network     string                   `json:"network"`
	Records     uint64                   `json:"records"` // of trust; the rest comes when the node runs
	LinkKey     protocol.Key             `json:"link_key"`
	Opened      []protocol.EpochID       `json:"opened"`
}

// Return makes a node in a new folder out of the carrier and one peer: fresh node, link and
// age keys; the charter and the trust feeds from the peer, where the records on the carrier
// prove that it is the right network; the next epoch of every own feed, `last` unknown
// until the own records have come home. A Return that was cut off or refused is made again
// in the same folder.
//
// It returns a [desk.Problem] if the peer has not been told the new link key, or the
// network does not know the identity key, and what keys.Adopt does.
func Return(ctx context.Context, o Options, q ReturnRequest) (out Returned, err error) {
	if o, err = o.withDefaults(); err != nil {
		return out, err
	}
	safe, err := o.adoptAll(q)
	if err != nil {
		return out, err
	}
	out.Hosted, out.LinkKey = safe.Institutions(), safe.LinkKeys()[0]
	out.Institution = out.Hosted[0]
	guest, err := callBack(ctx, o, safe, q)
	if err != nil {
		return out, err
	}
	defer guest.Close()
	charter, err := guest.Charter(ctx)
	if err != nil {
		return out, err
	}
	begun := IsFolder(o.Dir)
	r, o, err := prepare(ctx, o, charter)
	if err != nil {
		return out, err
	}
	strange := false
	defer func() {
		err = errors.Join(err, r.store.Close())
		if strange && !begun { // it holds another network's charter
			err = errors.Join(err, os.Remove(filepath.Join(o.Dir, store.FileName)))
		}
	}()
	if err = r.meet(ctx, guest, q.Peer, r.registrars(out.Hosted)...); err != nil {
		return out, err
	}
	if err = r.meet(ctx, guest, q.Peer, out.Hosted...); err != nil {
		return out, err
	}
	if err = r.known(q.Peer); err != nil {
		strange = true
		return out, err
	}
	if out.Opened, err = r.resume(ctx, o); err != nil {
		return out, err
	}
	out.Network, out.Records = r.trust.Charter().Network, r.store.Stats().Records
	terms := link.Everything() // what the peer has signed is no more
	return out, r.firstLink(ctx, link.Config{Peer: q.Peer, Addresses: []string{q.Address}, Key: q.Key, Offered: &terms})
}

// adoptAll makes the keys of a new folder for all whose identity keys are on a carrier, as
// far as an earlier attempt has not.
func (o Options) adoptAll(q ReturnRequest) (*keys.Safe, error) {
	safe, err := keys.Open(o.keys())
	if err != nil && !errors.Is(err, keys.ErrNoKeys) {
		return nil, err
	}
	left := keys.OnCarrier(q.Carrier)
	if safe != nil {
		left = slices.DeleteFunc(left, func(id protocol.InstitutionID) bool { return slices.Contains(safe.Institutions(), id) })
		if len(left) == 0 {
			return safe, nil
		}
	}
	secret, err := keys.ParseSheet(q.Sheet)
	if err != nil {
		return nil, err
	}
	from := keys.Source{Folder: q.Carrier, Sheet: secret}
	if safe == nil {
		first, err := namesNode(q, left)
		if err != nil {
			return nil, err
		}
		if safe, err = keys.Adopt(o.keys(), from, first); err != nil {
			return nil, err
		}
		left = slices.DeleteFunc(left, func(id protocol.InstitutionID) bool { return id == first })
	}
	for _, id := range left {
		if err := safe.Adopt(from, id); err != nil {
			return nil, err
		}
	}
	return safe, nil
}

// namesNode says which of the institutions on a carrier names the node.
func namesNode(q ReturnRequest, held []protocol.InstitutionID) (protocol.InstitutionID, error) {
	switch {
	case q.Institution != "":
		return q.Institution, nil
	case len(held) == 1:
		return held[0], nil
	case len(held) == 0:
		return "", fmt.Errorf("%s holds no identity key (mend: name the folder of the carrier): %w", q.Carrier, keys.ErrNoCarrier)
	}
	return "", &desk.Problem{
		Kind: desk.Usage, Field: "institution", Detail: fmt.Sprintf("%s holds the identity keys of %d institutions", q.Carrier, len(held)),
		Mend: "name the one that named the lost node", Next: "vardar member key recover " + string(held[0]) + " --carrier " + q.Carrier,
	}
}

// callBack opens a line to the peer with this node's new link key.
func callBack(ctx context.Context, o Options, safe *keys.Safe, q ReturnRequest) (*link.Guest, error) {
	self, key := safe.Institutions()[0], safe.LinkKeys()[0]
	card := protocol.Invitation{Institution: self, Listener: q.Peer, ListenerKey: q.Key, Addresses: []string{q.Address}}
	sign := func(ctx context.Context, nonce string) (protocol.Signature, error) {
		return safe.SignLink(ctx, q.Peer, nonce)
	}
	guest, err := link.DialBack(ctx, card, key, sign, o.Logger)
	if errors.Is(err, bus.ErrRefused) {
		return nil, &desk.Problem{
			Kind: desk.Refused, Detail: fmt.Sprintf("%s does not let this node in: its link key is new", q.Peer),
			Mend: fmt.Sprintf("call them; they type: vardar link propose %s --key %s", self, key),
			Next: fmt.Sprintf("vardar member key recover --carrier %s --at %s=%s/%s, once they have", q.Carrier, q.Peer, q.Address, q.Key), Err: err,
		}
	}
	if err != nil {
		return nil, fmt.Errorf("call %s: %w", q.Peer, err)
	}
	return guest, nil
}

// registrars gives who admits each of the institutions.
func (r *rooms) registrars(ids []protocol.InstitutionID) []protocol.InstitutionID {
	var out []protocol.InstitutionID
	for _, id := range ids {
		if registrar, ok := r.trust.Charter().RegistrarOf(id); ok && !slices.Contains(out, registrar) {
			out = append(out, registrar)
		}
	}
	return out
}

// known says whether the identity key of each hosted institution is the one that its trust
// feed is open for. The feed on the carrier hangs on an admission by its digest, and that
// on the charter, so that no other network passes for the right one.
func (r *rooms) known(peer protocol.InstitutionID) error {
	for _, id := range r.safe.Institutions() {
		key, _ := r.safe.Public(id, protocol.UseIdentity)
		opener, _ := r.trust.Current(protocol.Feed{Institution: id, Topic: protocol.Trust})
		if opener.Key == key && slices.ContainsFunc(r.store.Branches(opener.EpochID), func(b store.Branch) bool { return b.Root == opener.Digest }) {
			continue
		}
		registrar, _ := r.trust.Charter().RegistrarOf(id)
		return &desk.Problem{
			Kind: desk.Refused, Detail: fmt.Sprintf("in the network of %s the identity key on this carrier is not the one of %s", peer, id),
			Mend: fmt.Sprintf("take the newest copy of the carrier; if there is none, ask %s for 'vardar member invite %s --again'", registrar, id),
			Next: "vardar join INVITATION, in another folder",
		}
	}
	return nil
}
