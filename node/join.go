package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Joined is what came of an invitation.
type Joined struct {
	Institution protocol.InstitutionID `json:"institution"`
	Network     string                 `json:"network"`
	Listener    protocol.InstitutionID `json:"listener"`
	Neighbour   protocol.InstitutionID `json:"neighbour,omitempty"` // a second link is proposed to it
	Records     uint64                 `json:"records"`             // trust records received
}

// ErrExpired is when the invitation's time is over by this machine's clock.
var ErrExpired = errors.New("the invitation has expired")

// Join makes a node in a new folder from an invitation: keys, charter, the trust feeds
// of its registrar and listener, the claim, and a link to the listener with a proposed
// policy. An attempt that was cut off, at whatever moment, can be made again in the same
// folder; in that of a node that has joined it changes nothing. The recovery sheet goes to
// Options.Sheet when the keys are made.
//
// An institution that has lost its identity key, or all, joins again with the second
// invitation that its registrar makes: in the folder of its node, which then has a new
// carrier and goes on as it was, or in a new folder, to which all comes home that peers
// hold.
//
// It returns [ErrExpired], [ErrUsed] if somebody else has taken the invitation,
// keys.ErrPassphrase, or store.ErrLocked while the node of that folder runs.
func Join(ctx context.Context, o Options, inv protocol.Invitation, who Opening) (_ Joined, err error) {
	if o, err = o.withDefaults(); err != nil {
		return Joined{}, err
	}
	if now := o.Clock(); !now.Before(inv.Expires) {
		return Joined{}, fmt.Errorf("%w: it was good until %s, this machine's clock says %s; set the clock, or ask %s for a new one",
			ErrExpired, inv.Expires.Format("2006-01-02 15:04 MST"), now.UTC().Format("2006-01-02 15:04 MST"), inv.Registrar)
	}
	if err = ownKeys(o, inv.Institution); err != nil {
		return Joined{}, err
	}
	guest, inv, err := knock(ctx, o, inv)
	if errors.Is(err, bus.ErrRefused) {
		// It may have taken our claim when the line broke, and lets no guest in twice.
		return joinedBefore(ctx, o, inv)
	}
	if err != nil {
		return Joined{}, fmt.Errorf("join at %s: %w", inv.Listener, err)
	}
	defer guest.Close()
	charter, err := guest.Charter(ctx)
	if err != nil {
		return Joined{}, err
	}
	r, o, err := prepare(ctx, o, charter)
	if err != nil {
		return Joined{}, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	if err = r.follow(ctx, guest, inv, o.Logger); err != nil {
		return Joined{}, err
	}
	if err = r.meet(ctx, guest, inv.Listener, inv.Registrar, inv.Institution); err != nil {
		return Joined{}, err
	}
	if !r.trust.Wanted(protocol.Feed{Institution: inv.Institution, Topic: protocol.Trust}) {
		return Joined{}, fmt.Errorf("%s holds no admission of %s: ask %s for a new invitation", inv.Listener, inv.Institution, inv.Registrar)
	}
	who.Institution = inv.Institution
	if m, ok := r.trust.Member(inv.Institution); ok && who.Level == 0 {
		who.Level = m.Level
	}
	if err = r.claim(ctx, o, guest, inv, who); err != nil {
		return Joined{}, err
	}
	return r.joined(ctx, inv)
}

// knock opens the guest's line to the listener, or, if that is out of reach, to the
// neighbour; the invitation it gives names the one that answered, or the last tried.
func knock(ctx context.Context, o Options, inv protocol.Invitation) (*link.Guest, protocol.Invitation, error) {
	dial := func(inv protocol.Invitation) (*link.Guest, error) {
		sign := func(_ context.Context, nonce string) (protocol.Signature, error) { return keys.SignJoin(inv, nonce) }
		return link.DialGuest(ctx, inv, sign, o.Logger)
	}
	guest, err := dial(inv)
	other, ok := inv.AtNeighbour()
	if err == nil || !ok || errors.Is(err, bus.ErrRefused) {
		return guest, inv, err
	}
	guest, second := dial(other)
	if second == nil || errors.Is(second, bus.ErrRefused) {
		return guest, other, second
	}
	return nil, inv, errors.Join(err, fmt.Errorf("and at %s: %w", other.Listener, second))
}

// ErrUsed is when the listener does not let the guest of an invitation in.
var ErrUsed = errors.New("the listener does not let this invitation in: it was used already, or has expired by the listener's clock; ask for a new one")

// joinedBefore finishes in the folder of an attempt whose claim the listener took, and
// that heard no more of it: then our own link key is let in.
func joinedBefore(ctx context.Context, o Options, inv protocol.Invitation) (_ Joined, err error) {
	r := &rooms{}
	if r.safe, err = keys.Open(o.keys()); err != nil {
		return Joined{}, err
	}
	if err = r.openStore(ctx, o); err != nil {
		return Joined{}, err
	}
	defer func() { err = errors.Join(err, r.store.Close()) }()
	key := r.safe.LinkKeys()[0]
	var errs []error
	for _, address := range inv.Addresses {
		conn, refused := bus.Dial(ctx, bus.DialOptions{
			Address: address, Self: inv.Institution, Listener: inv.Listener, ListenerKey: inv.ListenerKey, LinkKey: key, Logger: o.Logger,
			Sign: func(ctx context.Context, nonce string) (protocol.Signature, error) {
				return r.safe.SignLink(ctx, inv.Listener, nonce)
			},
		})
		if refused == nil {
			conn.Close()
			if err = r.openTrust(ctx, o); err != nil {
				return Joined{}, err
			}
			if err = r.foldTrust(ctx); err != nil {
				return Joined{}, err
			}
			return r.joined(ctx, inv)
		}
		errs = append(errs, refused)
	}
	err = errors.Join(errs...)
	if errors.Is(err, bus.ErrRefused) {
		err = ErrUsed
	}
	return Joined{}, fmt.Errorf("join at %s: %w", inv.Listener, err)
}

// joined remembers the links to the listener and to the neighbour that the invitation
// names, unless the node has them already, and says what came of the invitation.
func (r *rooms) joined(ctx context.Context, inv protocol.Invitation) (Joined, error) {
	links := []link.Config{{Peer: inv.Listener, Addresses: inv.Addresses, Key: inv.ListenerKey}}
	out := Joined{Institution: inv.Institution, Network: inv.Network, Listener: inv.Listener, Records: r.store.Stats().Records}
	if n := inv.Neighbour; n != nil && n.Institution != inv.Listener && n.Institution != inv.Institution {
		links = append(links, link.Config{Peer: n.Institution, Addresses: []string{n.Address}, Key: n.Key})
		out.Neighbour = n.Institution
	}
	for _, l := range links {
		if err := r.firstLink(ctx, l); err != nil {
			return Joined{}, err
		}
	}
	return out, nil
}

// ownKeys makes keys in the folder, or finds those of the same institution from an
// attempt that was cut off. Another institution's folder is left alone.
func ownKeys(o Options, id protocol.InstitutionID) error {
	safe, err := keys.Open(o.keys())
	if errors.Is(err, keys.ErrNoKeys) {
		_, err = keys.Create(o.keys(), id)
		return err
	}
	if err != nil {
		return err
	}
	if safe.Institutions()[0] != id {
		return fmt.Errorf("%w: %s is of %s, the invitation is for %s: use another folder", ErrOtherInstitution, o.Dir, safe.Institutions()[0], id)
	}
	return nil
}

// meet takes from a listener the trust feeds that a newcomer needs: those of stewards and
// registrars, in which admissions stand and later versions of the charter; the listener's,
// for its link key; and what an institution itself said before it lost its key or its
// archive. The rest comes over the link.
func (r *rooms) meet(ctx context.Context, guest *link.Guest, listener protocol.InstitutionID, others ...protocol.InstitutionID) error {
	met := map[protocol.InstitutionID]bool{}
	for again := true; again; { // a version may name others
		again = false
		for _, e := range r.trust.Charter().Entries() {
			if met[e.Institution] {
				continue
			}
			met[e.Institution], again = true, true
			if err := r.pull(ctx, guest, listener, e.Institution); err != nil {
				return err
			}
		}
	}
	for _, id := range append([]protocol.InstitutionID{listener}, others...) {
		if met[id] {
			continue
		}
		met[id] = true
		if err := r.pull(ctx, guest, listener, id); err != nil {
			return err
		}
	}
	return nil
}

// follow takes the version of the charter that the invitation names as given, and with it all
// before it, so that a rival which was signed with stolen keys since stops no newcomer. Where
// the listener does not hold it, or this node has settled already, the newcomer stops at a
// fork as others do, and its people choose.
func (r *rooms) follow(ctx context.Context, guest *link.Guest, inv protocol.Invitation, log *slog.Logger) error {
	if inv.Settled.IsZero() || len(r.trust.Settled()) > 0 {
		return nil
	}
	var line []protocol.SignedCharter
	wanted := []protocol.Digest{inv.Settled}
	for least := math.MaxInt; len(wanted) > 0; {
		digest := wanted[0]
		wanted = wanted[1:]
		if _, held := r.trust.CharterOf(digest); held {
			continue
		}
		signed, err := guest.CharterOf(ctx, digest)
		var refused *protocol.ErrorAnswer
		if errors.As(err, &refused) && refused.Code == protocol.CodeNotFound {
			log.WarnContext(ctx, "version of the charter that the invitation names not held by the listener", "listener", inv.Listener, "charter", digest)
			return nil
		}
		if err != nil {
			return err
		}
		c, err := signed.Verify()
		if err != nil {
			return err
		}
		if c.Version > least || c.Previous == nil {
			return fmt.Errorf("the invitation names a version of the charter that does not follow its first: ask %s for a new invitation", inv.Registrar)
		}
		least, line = c.Version, append(line, signed)
		if c.Rival != nil {
			wanted = append(wanted, *c.Rival)
		}
		wanted = append(wanted, *c.Previous)
	}
	for _, signed := range slices.Backward(line) { // each is judged by the one before
		if err := r.intake.TakeCharter(ctx, signed); err != nil {
			return fmt.Errorf("take a version of the charter that the invitation names: %w", err)
		}
	}
	if err := r.intake.SettleOn(ctx, inv.Settled); err != nil {
		return fmt.Errorf("follow the charter that the invitation names: %w", err)
	}
	return nil
}

// pull takes what the listener holds of an institution's trust feed, epoch by epoch as
// they are opened; of one that an own invitation opened nothing, since it is to be written.
func (r *rooms) pull(ctx context.Context, guest *link.Guest, listener, id protocol.InstitutionID) error {
	f := protocol.Feed{Institution: id, Topic: protocol.Trust}
	for n := uint32(1); len(r.trust.Openers(protocol.EpochID{Feed: f, Epoch: n})) > 0; n++ {
		e := protocol.EpochID{Feed: f, Epoch: n}
		if r.toClaim(e) {
			return nil
		}
		from := uint32(1)
		if held := r.store.Branches(e); len(held) > 0 {
			from = held[0].Head + 1
		}
		err := r.pullEpoch(ctx, guest, listener, e, from)
		if o, ok := errors.AsType[notHeld](err); ok && protocol.Outcome(o) == protocol.Parked && from > 1 {
			// What an earlier attempt was given of a forked feed is another branch than this listener's.
			err = r.pullEpoch(ctx, guest, listener, e, 1)
		}
		if err != nil {
			return fmt.Errorf("take the trust records of %s that %s holds: %w", id, listener, err)
		}
	}
	return nil
}

// notHeld is what became of pulled records that do not hold.
type notHeld protocol.Outcome

func (o notHeld) Error() string { return "they do not hold (" + string(o) + ")" }

// pullEpoch takes one epoch from a sequence on. That it is forked keeps nobody out: both branches are held
// then, and what counts of them is judged as at every node.
func (r *rooms) pullEpoch(ctx context.Context, guest *link.Guest, listener protocol.InstitutionID, e protocol.EpochID, from uint32) error {
	_, err := guest.Pull(ctx, e, from, func(frame []byte) error {
		for _, o := range r.intake.Take(ctx, intake.Arrived{Peer: listener, Frame: frame}).Runs {
			if o.Outcome != protocol.Accepted && o.Outcome != protocol.Forked {
				return notHeld(o.Outcome)
			}
		}
		return nil
	})
	return err
}

// toClaim reports whether an own trust epoch is opened by an invitation that this node has
// not taken.
func (r *rooms) toClaim(e protocol.EpochID) bool {
	current, ok := r.trust.Current(e.Feed)
	return ok && slices.Contains(r.safe.Institutions(), e.Institution) && current.Epoch == e.Epoch && len(r.store.Branches(e)) == 0 && current.Key.IsZero()
}

// claim writes the first trust records, as far as an earlier attempt has not, and hands
// them over.
func (r *rooms) claim(ctx context.Context, o Options, guest *link.Guest, inv protocol.Invitation, who Opening) error {
	if err := r.open(ctx, o, who, &inv); err != nil {
		return err
	}
	e := r.trustEpoch(inv.Institution)
	var records []protocol.Record
	give := func() error {
		run, err := protocol.NewRun(records)
		if err != nil {
			return err
		}
		records = nil
		return guest.Give(ctx, protocol.AppendFrame(nil, []protocol.Run{run}))
	}
	size := 0
	for s, err := range r.store.Range(ctx, e, protocol.Digest{}, 1, protocol.MaxNumber) {
		if err != nil {
			return err
		}
		need := protocol.EntrySize(&s.Record)
		if len(records) == protocol.MaxRunRecords || len(records) > 0 && size+need > protocol.MaxFrameBytes/2 {
			if err := give(); err != nil {
				return err
			}
			size = 0
		}
		records, size = append(records, s.Record), size+need
	}
	return give()
}

// firstLink keeps a link with the policy that is proposed to the peer, unless there is one
// already.
func (r *rooms) firstLink(ctx context.Context, c link.Config) error {
	if _, known, err := link.Remembered(r.store, c.Peer); known || err != nil {
		return err
	}
	var err error
	c.Proposed, err = link.NewPolicy(ctx, r.safe, 1, [2]protocol.InstitutionID{r.safe.Institutions()[0], c.Peer}, link.Everything())
	if err != nil {
		return err
	}
	return link.Remember(ctx, r.store, c)
}
