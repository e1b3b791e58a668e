package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Keyring is what the desk needs of the safe to turn keys. node fills it.
type Keyring interface {
	// Keys lists what the safe holds of an institution.
	Keys(id protocol.InstitutionID) ([]Key, error)
	// Prepare makes the next key of a use, or gives the one that an attempt made that was
	// cut off.
	Prepare(id protocol.InstitutionID, use protocol.KeyUse) (NextKey, error)
	// Promote makes the next key the current one.
	Promote(id protocol.InstitutionID, use protocol.KeyUse) error
	// RecoveryRecipient is what the sealed files are sealed to besides: the sheet's.
	RecoveryRecipient() string
}

// KeyYear is how old a key may be: each turns at least yearly (design.md §5).
const KeyYear = 365 * 24 * time.Hour

// keyNotice is how long before that status reminds of it.
const keyNotice = 30 * 24 * time.Hour

// Key is what may be told of a key of this node.
type Key struct {
	Institution protocol.InstitutionID `json:"institution"`
	Use         protocol.KeyUse        `json:"use"`
	State       string                 `json:"state"`             // current, next, previous
	Public      string                 `json:"public"`            // 64 hex digits; of an age key its recipient
	Made        protocol.Instant       `json:"made,omitzero"`     // zero: not known
	Due         protocol.Instant       `json:"due,omitzero"`      // when it is to be rotated at the latest
	Place       string                 `json:"place,omitempty"`   // the file of its private half, sealed
	Trouble     string                 `json:"trouble,omitempty"` // why it can't be used now
	Current     bool                   `json:"-"`
}

// NextKey is the public half of a key that is to follow.
type NextKey struct {
	Public string
	Proof  protocol.Signature // of possession; zero for an age key
}

// KeyList is all keys of an institution on this node.
type KeyList struct {
	Keys     []Key  `json:"keys"`
	Recovery string `json:"recovery"` // the recipient of the recovery sheet: compare it with the sheet
}

// Keys lists the keys of a hosted institution.
func (d *Desk) Keys(ctx context.Context, as protocol.InstitutionID) (KeyList, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return KeyList{}, err
	}
	held, err := d.keysOf(as)
	if err != nil {
		return KeyList{}, err
	}
	return KeyList{held, d.o.Keyring.RecoveryRecipient()}, nil
}

func (d *Desk) keysOf(id protocol.InstitutionID) ([]Key, error) {
	if d.o.Keyring == nil {
		return nil, problem(Failed, "vardar status", "this node's keys are out of reach")
	}
	held, err := d.o.Keyring.Keys(id)
	if err != nil {
		return nil, failure(err)
	}
	for i := range held {
		if k := &held[i]; k.Current && k.Made != 0 {
			k.Due = protocol.InstantOf(k.Made.Time().Add(KeyYear))
		}
	}
	return held, nil
}

// KeyFinding reminds of a key whose year is nearly over; false of any other. A key of which
// nobody knows when it was made is not due.
func KeyFinding(id protocol.InstitutionID, use protocol.KeyUse, made, now time.Time) (Finding, bool) {
	due := made.Add(KeyYear)
	if made.IsZero() || now.Before(due.Add(-keyNotice)) {
		return Finding{}, false
	}
	said := "the %s key of %s is to be rotated by %s"
	if now.After(due) {
		said = "the %s key of %s was to be rotated by %s"
	}
	return Finding{
		"key", fmt.Sprintf(said, use, id, due.UTC().Format(time.DateOnly)),
		fmt.Sprintf("'vardar member key rotate %s --as %s'", use, id), false,
	}, true
}

func (d *Desk) keyFindings() []Finding {
	if d.o.Keyring == nil {
		return nil
	}
	var out []Finding
	for _, id := range d.o.Institutions {
		held, err := d.keysOf(id)
		if err != nil {
			continue // told by what fails for it
		}
		if f, ok := d.strangeKey(id, held); ok {
			out = append(out, f)
		}
		for _, k := range held {
			if !k.Current || k.Made == 0 {
				continue
			}
			f, due := KeyFinding(id, k.Use, k.Made.Time(), d.o.Clock())
			if _, named := d.o.Trust.Charter().KeyOf(id); named && k.Use == protocol.UseIdentity {
				f.Mend = "the charter names it, so another one stands in its next version: see 'vardar member charter draft --help'"
			}
			if due {
				out = append(out, f)
			}
		}
	}
	return out
}

// strangeKey tells of an own feed whose open epoch names a node key that this node hasn't:
// whoever named it has the identity key.
func (d *Desk) strangeKey(id protocol.InstitutionID, held []Key) (Finding, bool) {
	for _, t := range protocol.Topics() {
		o, ok := d.o.Trust.Current(protocol.Feed{Institution: id, Topic: t})
		ours := func(k Key) bool { return k.Use == protocol.UseNode && k.Public == o.Key.String() }
		if t == protocol.Trust || !ok || slices.ContainsFunc(held, ours) {
			continue
		}
		m, _ := d.o.Trust.Member(id)
		return Finding{
			"key", fmt.Sprintf("%s names a node key for %s that this node does not have: it can't write there", o.By, o.Feed),
			fmt.Sprintf("if nobody of yours did that with another copy of the keys, a thief has your identity key: call %s for an invitation that gives you another one, and take it with 'vardar join'; then say what was your own: 'vardar member key close --help'", m.Registrar), true,
		}, true
	}
	return Finding{}, false
}

// RotateRequest turns a key, or states that it was stolen.
type RotateRequest struct {
	As     protocol.InstitutionID `json:"as,omitempty"` // default: the node's first institution
	Use    protocol.KeyUse        `json:"use"`
	Stolen bool                   `json:"stolen,omitempty"`  // of the node key: what counts of each feed is said by Last
	Last   []string               `json:"last,omitempty"`    // records, one a feed, that are the last of their author's own; default: all that is held
	DryRun bool                   `json:"dry_run,omitempty"` // say what it would do
}

// Rotated is what turning a key did.
type Rotated struct {
	Institution protocol.InstitutionID `json:"institution"`
	Use         protocol.KeyUse        `json:"use"`
	Does        []string               `json:"does"`
	Public      string                 `json:"public,omitempty"`  // of the new key; empty after a dry run
	Records     []protocol.Name        `json:"records,omitempty"` // that say so
}

// RotateKey makes the next key of a use, names it in the trust feed, and uses it from then
// on. A node key opens the next epoch of every feed that it signs. An identity key is only
// asked for: the registrar admits it. One that was cut off is asked for again.
func (d *Desk) RotateKey(ctx context.Context, r RotateRequest) (_ Rotated, err error) {
	defer func() { d.note(ctx, act{"rotate-key", r.As, string(r.Use), false}, err) }()
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Rotated{}, err
	}
	if d.o.Keyring == nil {
		return Rotated{}, problem(Failed, "vardar status", "this node's keys are out of reach")
	}
	d.turning.Lock()
	defer d.turning.Unlock()
	out := Rotated{Institution: as, Use: r.Use}
	turn := d.turnNamed
	switch r.Use {
	case protocol.UseNode:
		turn = d.turnNode
	case protocol.UseIdentity:
		turn = d.turnIdentity
	case protocol.UseLink, protocol.UseAge:
	default:
		return out, &Problem{Kind: Usage, Field: "use", Detail: "say which key", Mend: "want identity, node, link or age", Next: "vardar member key rotate --help"}
	}
	if (r.Stolen || len(r.Last) > 0) && r.Use != protocol.UseNode {
		return out, &Problem{
			Kind: Refused, Field: "use", Detail: fmt.Sprintf("a stolen %s key closes no feed", r.Use),
			Mend: map[protocol.KeyUse]string{
				protocol.UseIdentity: "have your registrar admit another one at once, by telephone: it closes the epoch that the thief writes in",
				protocol.UseLink:     "rotate it twice, and it opens no line any more", protocol.UseAge: "rotate it: what is sealed from now on is not for the thief",
			}[r.Use], Next: "vardar member key rotate " + string(r.Use),
		}
	}
	return out, turn(ctx, &r, as, &out)
}

// turnNamed turns a link or age key: the newest that the trust feed names is used.
func (d *Desk) turnNamed(ctx context.Context, r *RotateRequest, as protocol.InstitutionID, out *Rotated) error {
	out.Does = []string{map[protocol.KeyUse]string{
		protocol.UseLink: "peers know this node by the new key as soon as they hear of it; the key before is taken too until the next rotation",
		protocol.UseAge:  "what is sealed to " + string(as) + " from now on is sealed to the new key; the keys before stay, to read what is older",
	}[r.Use]}
	if r.DryRun {
		return nil
	}
	next, err := d.prepare(as, r.Use, out)
	if err != nil {
		return err
	}
	if err := d.sayKey(ctx, as, &body.KeyRecord{Use: r.Use, Key: body.KeyText(next.Public), Proof: next.Proof}, out); err != nil {
		return err
	}
	return failure(d.o.Keyring.Promote(as, r.Use))
}

// turnIdentity asks the registrar for the next epoch of the trust feed.
func (d *Desk) turnIdentity(ctx context.Context, r *RotateRequest, as protocol.InstitutionID, out *Rotated) error {
	m, _ := d.o.Trust.Member(as)
	if memberState(d.present(), &m) == MemberNamed {
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("the charter itself names the identity key of %s", as), Mend: "another one stands in the charter's next version", Next: "vardar member charter draft --help"}
	}
	out.Does = []string{
		fmt.Sprintf("%s is asked to admit the new key; the one that is there signs until then", m.Registrar),
		fmt.Sprintf("call them, and compare the first digits of the key: they run 'vardar member admit %s'", as),
	}
	if r.DryRun {
		return nil
	}
	next, err := d.prepare(as, r.Use, out)
	if err != nil {
		return err
	}
	return d.sayKey(ctx, as, &body.KeyRecord{Use: r.Use, Key: body.KeyText(next.Public), Proof: next.Proof}, out)
}

// turnNode opens the next epoch of every feed that the node key signs.
func (d *Desk) turnNode(ctx context.Context, r *RotateRequest, as protocol.InstitutionID, out *Rotated) error {
	if done, err := d.restate(ctx, r, as, out); done || err != nil {
		return err
	}
	said, err := d.lastsOf(as, r.Last)
	if err != nil {
		return err
	}
	var openers []trustOpening
	for _, t := range protocol.Topics() {
		o, one := d.o.Trust.Current(protocol.Feed{Institution: as, Topic: t})
		if t == protocol.Trust || o.Epoch == 0 {
			continue
		}
		next := trustOpening{EpochID: o.EpochID, opener: o.Digest, last: protocol.Last{Unknown: true}}
		if last, ok := said[t]; ok {
			next.last, next.told = last, true
		} else if one {
			next.last = d.lastHeld(o.EpochID, o.Digest)
		}
		openers = append(openers, next)
		counts := countsTo
		if next.told {
			counts = toldTo
		}
		out.Does = append(out.Does, fmt.Sprintf("%s begins epoch %d: %s", o.Feed, o.Epoch+1, counts(&next.last, as, t, o.Epoch)))
	}
	if r.DryRun {
		return nil
	}
	next, err := d.prepare(as, r.Use, out)
	if err != nil {
		return err
	}
	for i := range openers {
		if err := d.openEpoch(ctx, as, &openers[i], next, out); err != nil {
			return err
		}
	}
	return failure(d.o.Keyring.Promote(as, r.Use))
}

// trustOpening is the next epoch of a feed, as it is to be opened.
type trustOpening struct {
	protocol.EpochID // the one before it

	opener protocol.Digest
	last   protocol.Last
	told   bool // by a person: nothing behind it counts
}

// openEpoch opens the next epoch of a feed. What was published meanwhile in the one before
// is taken in by saying it again.
func (d *Desk) openEpoch(ctx context.Context, as protocol.InstitutionID, o *trustOpening, next NextKey, out *Rotated) error {
	k := &body.KeyRecord{
		Use: protocol.UseNode, FeedTopic: o.Topic, FeedEpoch: body.Positive(o.Epoch + 1), Wire: body.WireV1,
		Key: body.KeyText(next.Public), Proof: next.Proof, Last: &o.last,
	}
	if err := d.sayKey(ctx, as, k, out); err != nil {
		return err
	}
	now := d.lastHeld(o.EpochID, o.opener)
	if o.told || o.last.Unknown || now == o.last {
		return nil
	}
	k.Last = &now
	return d.sayKey(ctx, as, k, out)
}

// lastsOf reads the records that a person names as the last of their own, one a feed.
func (d *Desk) lastsOf(as protocol.InstitutionID, refs []string) (map[protocol.Topic]protocol.Last, error) {
	out := map[protocol.Topic]protocol.Last{}
	for _, ref := range refs {
		n, err := d.lastNamed(as, ref)
		if err != nil {
			return nil, err
		}
		o, _ := d.o.Trust.Current(protocol.Feed{Institution: as, Topic: n.Topic})
		if _, twice := out[n.Topic]; twice || n.Institution != as || n.Topic == protocol.Trust || n.Epoch != o.Epoch {
			return nil, &Problem{
				Kind: Usage, Field: "last", Detail: fmt.Sprintf("%s is no record of the open epoch of a feed that the node key of %s signs, or the second one of its feed", n, as),
				Mend: "name one record a feed: the last that you know for your own", Next: "vardar list reports",
			}
		}
		if out[n.Topic], err = d.lastAt(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *Desk) prepare(as protocol.InstitutionID, use protocol.KeyUse, out *Rotated) (NextKey, error) {
	next, err := d.o.Keyring.Prepare(as, use)
	out.Public = next.Public
	return next, failure(err)
}

func (d *Desk) sayKey(ctx context.Context, as protocol.InstitutionID, k *body.KeyRecord, out *Rotated) error {
	document, err := body.ReplacementOf(k)
	if err != nil {
		return misfit(err, "vardar member key --help")
	}
	said, err := d.say(ctx, statement{as: as, recordType: body.TypeKey, document: document, ours: true})
	if err == nil {
		out.Records = append(out.Records, said.Record)
	}
	return err
}
