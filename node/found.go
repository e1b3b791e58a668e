package node

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What a charter is made of.
type (
	// Founder is [desk.Founder].
	Founder = desk.Founder
	// CharterChange is [desk.CharterChange].
	CharterChange = desk.CharterChange
	// CharterPaper is [desk.CharterPaper].
	CharterPaper = desk.CharterPaper
)

// MakeKeys makes the keys of one institution in a new folder and nothing else; the
// recovery sheet goes to Options.Sheet. It returns keys.ErrExists if the folder has some.
func MakeKeys(o Options, id protocol.InstitutionID) (Founder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Founder{}, err
	}
	safe, err := keys.Create(o.keys(), id)
	if err != nil {
		return Founder{}, err
	}
	return founderOf(safe, id)
}

// FounderIn gives what [MakeKeys] gave, of an institution whose keys the folder holds
// already; false if it holds none of it.
func FounderIn(o Options, id protocol.InstitutionID) (Founder, bool, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Founder{}, false, err
	}
	safe, err := keys.Open(o.keys())
	if err != nil || !slices.Contains(safe.Institutions(), id) {
		return Founder{}, false, err
	}
	f, err := founderOf(safe, id)
	return f, err == nil, err
}

// HostKeys makes the keys of one more institution in a node's folder.
func HostKeys(o Options, id protocol.InstitutionID) (Founder, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Founder{}, err
	}
	safe, err := keys.Open(o.keys())
	if err != nil {
		return Founder{}, err
	}
	if err := safe.Add(id); err != nil {
		return Founder{}, err
	}
	return founderOf(safe, id)
}

func founderOf(safe *keys.Safe, id protocol.InstitutionID) (Founder, error) {
	key, ok := safe.Public(id, protocol.UseIdentity)
	if !ok {
		return Founder{}, fmt.Errorf("the safe has no identity key of %s", id)
	}
	proof, err := safe.Proof(id, protocol.UseIdentity)
	return Founder{Institution: id, Key: key, Proof: proof}, err
}

// FirstCharter writes the document of a first version, unsigned; see desk.FirstCharter.
func FirstCharter(ch CharterChange) (CharterPaper, error) {
	document, err := desk.FirstCharter(ch)
	return CharterPaper{SignedCharter: protocol.SignedCharter{Document: document}}, err
}

// ErrNoSteward says that the folder holds no key that a charter asks for.
var ErrNoSteward = errors.New("no institution of this folder is a steward of that charter, or of the one before it")

// SignCharter adds the signature of a steward whose identity key lies in the folder, or
// on its carrier, to a paper: of the one named, or else of the first that is one. It needs
// no running node. It returns who signed, [ErrNoSteward], keys.ErrNoCarrier, or a
// [desk.Problem] for a document that is not valid and for a second signature.
func SignCharter(ctx context.Context, o Options, as protocol.InstitutionID, paper *CharterPaper) (protocol.InstitutionID, error) {
	o, err := o.withDefaults()
	if err != nil {
		return "", err
	}
	seats, err := paper.Seats()
	if err != nil {
		return "", err
	}
	safe, err := keys.Open(o.keys())
	if err != nil {
		return "", err
	}
	for _, id := range safe.Institutions() {
		if seats[id] == nil || as != "" && as != id {
			continue
		}
		alone := protocol.SignedCharter{Document: paper.Document}
		if err := safe.SignCharter(ctx, id, &alone); err != nil {
			return "", err
		}
		return id, paper.Add(alone.Signatures[0])
	}
	return "", fmt.Errorf("%w: it is for %v", ErrNoSteward, slices.Sorted(maps.Keys(seats)))
}

// SignedTwice reports whether an error says that a steward has signed already.
func SignedTwice(err error) bool { return errors.Is(err, desk.ErrSignedTwice) }

// Opening is how an institution introduces itself.
type Opening struct {
	Institution protocol.InstitutionID
	Level       body.Level
	Names       body.Names // at least one; default the ID's last token in English
	Seat        *body.Place
	Residents   *body.Residents
}

// Found makes a node for an institution that the charter itself names; its keys lie in
// the folder already. Its first trust records open its feeds.
func Found(ctx context.Context, o Options, charter protocol.SignedCharter, who Opening) (err error) {
	c, err := charter.Verify()
	if err != nil {
		return err
	}
	if _, ok := c.KeyOf(who.Institution); !ok {
		return fmt.Errorf("%w: the charter of %s and %s: join with an invitation of its registrar", ErrNotNamed, c.Network, who.Institution)
	}
	r, o, err := prepare(ctx, o, charter)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	return r.open(ctx, o, who, nil)
}

// prepare makes the archive of a new node, if there is none yet, and opens the rooms over
// it, offline.
func prepare(ctx context.Context, o Options, charter protocol.SignedCharter) (r *rooms, _ Options, err error) {
	if o, err = o.withDefaults(); err != nil {
		return nil, o, err
	}
	r = &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return nil, o, err
	}
	if err = r.openStore(ctx, o); err != nil {
		return nil, o, err
	}
	if err = r.openTrust(ctx, o); errors.Is(err, ErrNoArchive) {
		r.trust, err = trust.New(charter)
		if err == nil {
			err = r.store.PutCharter(ctx, charter)
		}
		if err == nil {
			err = r.store.Private(ownBucket).Put(ctx, []byte(charterKey), []byte(charter.Digest().String()))
		}
	}
	if err == nil {
		err = r.openIntake(ctx, o, intake.Options{Inbox: offline{}, Log: offline{}, Line: offline{}})
	}
	if err != nil {
		return nil, o, errors.Join(err, r.store.Close())
	}
	return r, o, nil
}

// open writes the first trust records of an institution, as far as they are not written
// yet: an attempt may have been cut off between any two of them.
func (r *rooms) open(ctx context.Context, o Options, who Opening, inv *protocol.Invitation) error {
	e := r.trustEpoch(who.Institution)
	if inv != nil && e.Epoch > 1 {
		return r.comeBack(ctx, o, who, inv)
	}
	first, err := r.firstWords(who, inv)
	if err != nil {
		return err
	}
	written := 0
	if b := r.store.Branches(e); len(b) > 0 {
		written = int(b[0].Head)
	}
	for _, b := range first[min(written, len(first)):] {
		if err := r.publish(ctx, o, who.Institution, b); err != nil {
			return err
		}
	}
	return nil
}

// trustEpoch gives the epoch of an own trust feed that is open: 1, or a later one for an
// institution that is admitted again.
func (r *rooms) trustEpoch(id protocol.InstitutionID) protocol.EpochID {
	e := protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: protocol.Trust}, Epoch: 1}
	if o, ok := r.trust.Current(e.Feed); ok {
		e.Epoch = o.Epoch
	}
	return e
}

// firstWords are what an institution says first, always in this order: with an invitation
// the claim, then the link and age keys, an opener for each feed, and the profile.
func (r *rooms) firstWords(who Opening, inv *protocol.Invitation) ([]body.Body, error) {
	var first []body.Body
	if inv != nil {
		k, err := r.claimRecord(inv)
		if err != nil {
			return nil, err
		}
		first = append(first, k)
	}
	link, err := r.keyRecord(who.Institution, protocol.UseLink)
	if err != nil {
		return nil, err
	}
	first = append(first, link, &body.KeyRecord{Use: protocol.UseAge, Key: body.KeyText(r.safe.Recipient(who.Institution))})
	for _, t := range protocol.Topics() {
		if t == protocol.Trust {
			continue
		}
		k, err := r.keyRecord(who.Institution, protocol.UseNode)
		if err != nil {
			return nil, err
		}
		k.FeedTopic, k.FeedEpoch, k.Wire = t, 1, body.WireV1
		first = append(first, k)
	}
	return append(first, who.profile()), nil
}

func (who Opening) profile() *body.Profile {
	if who.Names == nil {
		who.Names = body.Names{"en": body.Label(who.Institution.LocalName())}
	}
	return &body.Profile{Names: who.Names, Level: who.Level, Seat: who.Seat, Residents: who.Residents}
}

// claimRecord takes an invitation with the identity key that is here.
func (r *rooms) claimRecord(inv *protocol.Invitation) (*body.KeyRecord, error) {
	k, err := r.keyRecord(inv.Institution, protocol.UseIdentity)
	if err != nil {
		return nil, err
	}
	identity, _ := r.safe.Public(inv.Institution, protocol.UseIdentity)
	k.ClaimSignature = protocol.Signature(ed25519.Sign(inv.Claim, protocol.ClaimText(inv.Institution, identity)))
	return k, nil
}

func (r *rooms) keyRecord(id protocol.InstitutionID, use protocol.KeyUse) (*body.KeyRecord, error) {
	key, ok := r.safe.Public(id, use)
	if !ok {
		return nil, fmt.Errorf("the safe has no %s key of %s", use, id)
	}
	proof, err := r.safe.Proof(id, use)
	return &body.KeyRecord{Use: use, Key: body.KeyText(key.String()), Proof: proof}, err
}

func (r *rooms) publish(ctx context.Context, o Options, id protocol.InstitutionID, b body.Body) error {
	var salt [16]byte
	if _, err := io.ReadFull(o.Rand, salt[:]); err != nil {
		return err
	}
	raw, err := body.Marshal(b, salt)
	if err != nil {
		return err
	}
	_, err = r.intake.Publish(ctx, intake.Draft{
		Institution: id, Type: b.Type(), Time: protocol.InstantOf(o.Stamp()), Handling: protocol.Green, Body: raw,
	})
	return err
}
