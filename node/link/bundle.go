package link

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// ErrNothingAgreed says that a link has no policy that both have signed, so that nothing
// but trust may be carried either.
var ErrNothingAgreed = errors.New("nothing is agreed on this link yet: both sides sign a policy first, see 'vardar link propose --help'")

// ErrNoRecipient says that no age key of the peer is held, so that nothing can be sealed to it.
var ErrNoRecipient = errors.New("no age key of that institution is held, so nothing can be sealed to it")

// Bundled says what a bundle holds.
type Bundled struct {
	protocol.BundleHead

	Records  int `json:"records"`
	Bodies   int `json:"bodies"` // of them, that the policy lets pass
	Charters int `json:"charters"`
	Beacons  int `json:"beacons"`
}

// WriteBundle writes what a peer is not known to hold, or with all everything that the
// policy of its link carries, for a stick or a mail where there is no line. The bytes are
// sealed to the peer. Nothing is taken for delivered: what the peer holds is seen when the
// two compare again. It returns [ErrNoLink], [ErrOut], [ErrPaused], [ErrNothingAgreed] or
// [ErrNoRecipient] before the first byte.
func (l *Links) WriteBundle(ctx context.Context, id protocol.InstitutionID, all bool, to io.Writer) (Bundled, error) {
	p, recipient, err := l.recipient(id)
	if err != nil {
		return Bundled{}, err
	}
	b := &bundler{p: p, all: all, sending: p.outgoing()}
	b.BundleHead = protocol.BundleHead{From: l.self(), To: id, Made: protocol.InstantOf(l.o.Clock())}
	if _, err = to.Write(b.Text()); err != nil {
		return Bundled{}, err
	}
	sealed, err := l.o.Signer.Seal(to, recipient)
	if err != nil {
		return Bundled{}, err
	}
	packed, err := zstd.NewWriter(sealed, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Bundled{}, err
	}
	b.w = packed
	if err = b.write(ctx); err != nil {
		return b.Bundled, err // without its end, and not closed: it is none
	}
	return b.Bundled, errors.Join(packed.Close(), sealed.Close())
}

// recipient finds whom a bundle goes to, and what it is sealed with.
func (l *Links) recipient(id protocol.InstitutionID) (*peer, string, error) {
	p := l.find(id)
	if p == nil {
		return nil, "", ErrNoLink
	}
	if why := p.judge(); why != nil {
		return nil, "", why
	}
	if c, _, err := l.Config(id); err != nil || c.InForce == nil {
		return nil, "", errors.Join(err, ErrNothingAgreed)
	}
	m, _ := l.o.Trust.Member(id)
	if m.AgeRecipient == "" {
		return nil, "", ErrNoRecipient
	}
	return p, m.AgeRecipient, nil
}

// bundler writes one bundle.
type bundler struct {
	Bundled

	p       *peer
	all     bool
	sending outgoing
	w       io.Writer
	section []byte
}

func (b *bundler) write(ctx context.Context) error {
	l := b.p.l
	for _, digest := range l.o.Trust.LaterCharters() {
		c, ok := l.o.Trust.CharterOf(digest)
		if !ok {
			continue
		}
		if err := b.put(protocol.SectionCharter, marshal(c)); err != nil {
			return err
		}
		b.Charters++
	}
	groups := slices.DeleteFunc(l.o.Store.Groups(), func(g protocol.Group) bool { return !b.sending.carries(g) })
	slices.SortFunc(groups, protocol.Group.Compare) // trust first: it opens the others
	for _, g := range groups {
		if err := b.group(ctx, g); err != nil {
			return err
		}
	}
	for beacon := range l.o.Store.Beacons() {
		if l.o.Trust.BeaconKey(&beacon) != nil {
			continue
		}
		if err := b.put(protocol.SectionBeacon, beacon.Wire()); err != nil {
			return err
		}
		b.Beacons++
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.put(protocol.SectionEnd, nil)
}

func (b *bundler) put(kind protocol.Section, data []byte) error {
	b.section = protocol.AppendSection(b.section[:0], kind, data)
	_, err := b.w.Write(b.section)
	return err
}

// group writes the frames of a group, from the place that the peer acknowledged.
func (b *bundler) group(ctx context.Context, g protocol.Group) error {
	l := b.p.l
	after := uint64(0)
	if !b.all {
		for _, p := range l.both(b.p.id) {
			after = max(after, l.o.Store.Cursor(p.token, g))
		}
	}
	var held []store.Stored
	for {
		records, err := l.o.Store.After(ctx, g, after, LookAhead)
		var damage *store.Damage
		if errors.As(err, &damage) && len(records) == 0 {
			l.logDamage(ctx, damage)
			after = max(after+1, damage.Order)
			continue
		}
		if err != nil && damage == nil {
			return err
		}
		read := len(records)
		records = l.marked(records)
		part := len(records) < read // behind it stands an own record that may not go yet
		if len(records) == 0 {
			return nil
		}
		after = records[len(records)-1].Order
		b.sending.withhold(records)
		if !b.all {
			records = b.p.lacking(records)
		}
		var frames []outFrame
		frames, held = cut(append(held, records...), l.signed)
		if err := b.frames(frames); err != nil {
			return err
		}
		if part {
			return nil
		}
	}
}

func (b *bundler) frames(frames []outFrame) error {
	for _, f := range frames {
		runs, err := protocol.ParseFrame(f.data, nil)
		if err != nil {
			return err
		}
		for i := range runs {
			b.Records += len(runs[i].Records)
			for k := range runs[i].Records {
				if runs[i].Records[k].BodyState == protocol.BodyHeld {
					b.Bodies++
				}
			}
		}
		if err := b.put(protocol.SectionFrame, f.data); err != nil {
			return err
		}
	}
	return nil
}

// Unbundled says what became of a bundle.
type Unbundled struct {
	protocol.BundleHead

	New      int  `json:"new"`      // records that were not here
	Known    int  `json:"known"`    // that were
	Waiting  int  `json:"waiting"`  // behind others that neither this node nor the bundle has
	Refused  int  `json:"refused"`  // not authentic, not of this network, or not agreed on with the peer
	Charters int  `json:"charters"` // versions that were not here
	Whole    bool `json:"whole"`    // it was read to its end
}

// ErrBundle says why a bundle can't be read, or not to its end.
var ErrBundle = errors.New("bundle can't be read")

// ErrNotForUs says that a bundle is for an institution of another node.
var ErrNotForUs = errors.New("bundle is for another node")

// ErrSeal says that a bundle can't be opened with a key of whom it is for.
var ErrSeal = errors.New("seal of the bundle can't be opened")

// ErrNoRoom says that the disk has no room for what others say.
var ErrNoRoom = errors.New("the disk is nearly full, and no more of what others say is taken until there is room")

// ReadBundle takes in what a peer wrote with [Links.WriteBundle], by the same door as what
// comes over its line: nothing is taken twice, and nothing is believed that its author did
// not sign. Of a bundle that is cut off or altered, what stands before the damage is taken,
// and counted in what is returned beside the error: [ErrBundle], [ErrNotForUs], [ErrSeal],
// [ErrNoLink], [ErrOut], [ErrPaused] or [ErrNoRoom].
func (l *Links) ReadBundle(ctx context.Context, from io.Reader) (Unbundled, error) {
	in := bufio.NewReaderSize(from, protocol.MaxBundleHeadBytes)
	start, err := in.Peek(protocol.MaxBundleHeadBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return Unbundled{}, err
	}
	head, size, err := protocol.ReadBundleHead(start)
	if err != nil {
		return Unbundled{}, err
	}
	u := &unbundler{Unbundled: Unbundled{BundleHead: head}}
	if !slices.Contains(l.o.Self, head.To) {
		return u.Unbundled, ErrNotForUs
	}
	if u.p = l.find(head.From); u.p == nil {
		return u.Unbundled, ErrNoLink
	}
	if why := u.p.judge(); why != nil {
		return u.Unbundled, why
	}
	if _, err = in.Discard(size); err != nil {
		return u.Unbundled, err
	}
	plain, err := l.o.Signer.Unseal(head.To, in)
	if err != nil {
		return u.Unbundled, fmt.Errorf("%w: %w", ErrSeal, err)
	}
	unpacked, err := zstd.NewReader(plain, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return u.Unbundled, err
	}
	defer unpacked.Close()
	err = u.read(ctx, bufio.NewReader(unpacked))
	if errors.Is(err, protocol.ErrBundle) {
		err = fmt.Errorf("%w: %w", ErrBundle, err) // behind a seal that is whole: another vardar wrote it
	}
	return u.Unbundled, err
}

// unbundler takes one bundle in.
type unbundler struct {
	Unbundled

	p       *peer
	beacons []string
}

func (u *unbundler) read(ctx context.Context, r io.Reader) error {
	if err := protocol.ReadSections(r, func(kind protocol.Section, data []byte) error { return u.take(ctx, kind, data) }); err != nil {
		return err
	}
	u.Whole = true
	return u.tellBeacons(ctx)
}

func (u *unbundler) take(ctx context.Context, kind protocol.Section, data []byte) error {
	switch kind {
	case protocol.SectionCharter:
		return u.charter(ctx, data)
	case protocol.SectionBeacon:
		if u.beacons = append(u.beacons, string(data)); len(u.beacons) < maxCarriedBeacons {
			return nil
		}
		return u.tellBeacons(ctx)
	case protocol.SectionFrame, protocol.SectionEnd:
	}
	return u.frame(ctx, data)
}

// maxCarriedBeacons is how many are kept in one transaction.
const maxCarriedBeacons = 256

// tellBeacons takes in the beacons that were read. Whose key no trust record names is told
// again by the next bundle or line.
func (u *unbundler) tellBeacons(ctx context.Context) error {
	these := u.beacons
	u.beacons = nil
	_, err := u.p.takeBeacons(ctx, these)
	return err
}

// charter takes a version of the charter; one that is not valid here is left out, as one is
// that a line brings.
func (u *unbundler) charter(ctx context.Context, data []byte) error {
	var c protocol.SignedCharter
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%w: a charter in it: %w", ErrBundle, err)
	}
	if _, held := u.p.l.o.Trust.CharterOf(c.Digest()); held {
		return nil
	}
	if err := u.p.l.o.Intake.TakeCharter(ctx, c); err != nil {
		u.p.note(fmt.Errorf("charter %s in a bundle of %s: %w", c.Digest(), u.p.id, err))
		return ctx.Err()
	}
	u.Charters++
	return nil
}

func (u *unbundler) frame(ctx context.Context, data []byte) error {
	l := u.p.l
	if l.o.Store.Stats().ForeignPaused {
		return ErrNoRoom
	}
	runs, err := protocol.ParseFrame(data, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBundle, err)
	}
	known := make([]int, len(runs))
	for i := range runs {
		for _, d := range runs[i].Digests {
			if _, unknown := l.o.Store.ByDigest(d); unknown == nil {
				known[i]++
			}
		}
	}
	outcomes, err := u.p.putAndWait(ctx, data)
	if err != nil {
		return err
	}
	for i := range runs {
		n := len(runs[i].Records)
		switch {
		case i >= len(outcomes):
			u.Refused += n
		case outcomes[i].Outcome == protocol.Accepted:
			u.New, u.Known = u.New+n-known[i], u.Known+known[i]
		case outcomes[i].Outcome == protocol.Parked:
			u.Waiting += n
		default:
			u.Refused += n
		}
	}
	return nil
}
