package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Charter is the network's founding document as this node holds it: the version in force,
// and what becomes of the others.
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
	Stewards []protocol.InstitutionID `json:"stewards"` // who signed it
	Versions []CharterVersion         `json:"versions"` // every one held, that in force too
	Rivalry  string                   `json:"rivalry,omitempty"`
	Closers  []protocol.InstitutionID `json:"closers,omitempty"` // who can end the rivalry, more than half of them
}

// CharterVersion is one version that is held.
type CharterVersion struct {
	Version int                      `json:"version"`
	Digest  protocol.Digest          `json:"digest"`
	State   string                   `json:"state"`         // in force, earlier, waits for its predecessor, rival, not valid
	Why     string                   `json:"why,omitempty"` // of one that is not valid: what it lacks
	Signed  []protocol.InstitutionID `json:"signed"`        // stewards of its own whose signatures hold
	Changes []string                 `json:"changes,omitempty"`
}

// Charter gives the charter in force, and what becomes of other versions, as this node knew them at
// an instant; zero: now.
func (d *Desk) Charter(ctx context.Context, at protocol.Instant) (Charter, error) {
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return Charter{}, err
	}
	now := k.trust.CharterInForce()
	c := now.Charter
	out := Charter{
		Digest: now.Digest, Network: c.Network, Version: c.Version, Expires: c.Expires,
		Expired: k.trust.Expired(k.at.Time()), Newer: c.Newer, Document: now.Signed.Document, Signed: now.Signed,
		Members: len(k.trust.Members()), Stewards: []protocol.InstitutionID{},
	}
	for _, s := range now.Signed.Signatures {
		out.Stewards = append(out.Stewards, s.Steward)
	}
	all := k.trust.Charters()
	for i := range all {
		v := &all[i]
		said := CharterVersion{Version: v.Charter.Version, Digest: v.Digest, State: v.Standing.String(), Why: v.Why, Signed: v.Signed.SignedBy(v.Charter)}
		if before := predecessorOf(v, all); before != nil {
			said.Changes = CharterWords(before, v.Charter)
		}
		out.Versions = append(out.Versions, said)
	}
	out.Rivalry, out.Closers = rivalry(k.trust)
	return out, nil
}

// predecessorOf gives the version that another goes on from; nil if it is not held.
func predecessorOf(v *trust.CharterVersion, all []trust.CharterVersion) *protocol.Charter {
	for i := range all {
		if v.Charter.Previous != nil && all[i].Digest == *v.Charter.Previous {
			return all[i].Charter
		}
	}
	return nil
}

// rivalry says that versions hold each other up, and who can end it: those stewards before
// them who did not sign two of them (epochs.md 16).
func rivalry(g *trust.Registry) (said string, closers []protocol.InstitutionID) {
	rivals := g.Rivals()
	if len(rivals) == 0 {
		return "", nil
	}
	now := g.CharterInForce()
	digests := make([]string, len(rivals))
	for i := range rivals {
		digests[i] = rivals[i].Digest.String()
	}
	for _, s := range now.Charter.Stewards {
		signed := 0
		for i := range rivals {
			if slices.Contains(rivals[i].Signed.SignedBy(now.Charter), s.Institution) {
				signed++
			}
		}
		if signed < 2 { //nolint:mnd // both
			closers = append(closers, s.Institution)
		}
	}
	said = fmt.Sprintf("%s versions %d of the charter stop each other: %s; version %d stays in force",
		many(len(rivals)), rivals[0].Charter.Version, strings.Join(digests, " and "), now.Charter.Version)
	return said, closers
}

func many(n int) string {
	if n == 2 { //nolint:mnd // the usual number
		return "two"
	}
	return strconv.Itoa(n)
}

// AcceptCharterRequest chooses a version of the charter.
type AcceptCharterRequest struct {
	Digest protocol.Digest `json:"digest"`
}

// AcceptCharter has this node take a version, and with it all before it, as given, as it
// does by itself with what it has followed for [intake.SettleDays] days: rivals of them are
// set aside. It is for people who have asked others by another way than this network, and
// it can be done again for another version. It returns what is in force then. A version
// that is not held, or that does not follow from the first, is [Refused].
func (d *Desk) AcceptCharter(ctx context.Context, r AcceptCharterRequest) (_ Charter, err error) {
	defer func() { d.note(ctx, act{"accept-charter", "", r.Digest.String(), false}, err) }()
	if err := d.o.Intake.SettleOn(ctx, r.Digest); errors.Is(err, trust.ErrNotSettled) {
		return Charter{}, &Problem{
			Kind: Refused, Field: "digest", Detail: err.Error(), Mend: "choose one of the versions that 'vardar member charter show' prints",
			Next: "vardar member charter show", Err: err,
		}
	} else if err != nil {
		return Charter{}, failure(err)
	}
	return d.Charter(ctx, 0)
}

// DraftCharterRequest asks for the next version of the charter.
type DraftCharterRequest struct {
	CharterChange

	On       protocol.Digest `json:"on,omitzero"`        // of two rivals: the one to go on from
	Document json.RawMessage `json:"document,omitempty"` // the version in force, changed by hand; the rest of the request changes it further
}

// CharterDrafted is a version that nobody has signed yet.
type CharterDrafted struct {
	Paper CharterPaper `json:"paper"`
	CharterReading
}

// DraftCharter writes the version after the one in force, or the one that ends a rivalry,
// and says what it changes. Nothing is published: the stewards sign the paper, each on its
// own machine.
func (d *Desk) DraftCharter(_ context.Context, r DraftCharterRequest) (CharterDrafted, error) {
	base, beside, err := d.draftBase(r.On)
	if err != nil {
		return CharterDrafted{}, err
	}
	from := base.Charter
	if len(r.Document) > 0 {
		if from, err = edited(r.Document); err != nil {
			return CharterDrafted{}, err
		}
		from.Version = base.Charter.Version
	}
	document, err := nextCharter(from, base.Digest, r.CharterChange, d.trustState)
	if err != nil {
		return CharterDrafted{}, failure(err)
	}
	out := CharterDrafted{Paper: CharterPaper{SignedCharter: protocol.SignedCharter{Document: document}, Before: beside}}
	if len(beside) > 1 {
		if out.Paper.Document, err = withRival(document, beside[1].Digest()); err != nil {
			return CharterDrafted{}, err
		}
	}
	out.CharterReading, err = out.Paper.Read()
	return out, err
}

// draftBase gives the version that a draft goes on from, and what is to lie beside it: the
// one in force, or, of two rivals, the one named, the other, and the one in force.
func (d *Desk) draftBase(on protocol.Digest) (trust.CharterVersion, []protocol.SignedCharter, error) {
	now, rivals := d.o.Trust.CharterInForce(), d.o.Trust.Rivals()
	if on.IsZero() && len(rivals) > 0 {
		said, _ := rivalry(d.o.Trust)
		return now, nil, &Problem{Kind: Refused, Field: "on", Detail: said, Mend: "say with --on DIGEST which of the two the next version goes on from", Next: "vardar member charter show"}
	}
	if on.IsZero() || on == now.Digest {
		return now, []protocol.SignedCharter{now.Signed}, nil
	}
	for i := range rivals {
		if rivals[i].Digest == on {
			beside := []protocol.SignedCharter{rivals[i].Signed, rivals[(i+1)%len(rivals)].Signed, now.Signed}
			for k := range rivals[2:] {
				beside = append(beside, rivals[(i+2+k)%len(rivals)].Signed)
			}
			return rivals[i], beside, nil
		}
	}
	return now, nil, problem(NotFound, "vardar member charter show", "%s is neither in force nor one of two rivals here", on)
}

// withRival writes into a document which version it drops.
func withRival(document []byte, rival protocol.Digest) ([]byte, error) {
	c, err := protocol.ParseCharter(document)
	if err != nil {
		return nil, charterMisfit(err)
	}
	c.Rival = &rival
	return writeCharter(c)
}

// edited reads a document that was changed by hand.
func edited(document []byte) (*protocol.Charter, error) {
	var c protocol.Charter
	newer, err := protocol.DecodeJSON(document, &c)
	if err != nil {
		return nil, misfit(err, "vardar member charter draft --help")
	}
	if len(newer) > 0 {
		return nil, &Problem{
			Kind: Refused, Field: newer[0], Detail: "no member of a charter is called that in this version",
			Mend: "correct its spelling, or draft with a newer vardar", Next: "vardar member charter draft --help",
		}
	}
	return &c, nil
}

// trustState gives what is held of an institution's trust feed.
func (d *Desk) trustState(id protocol.InstitutionID) trustState {
	o, ok := d.o.Trust.Current(protocol.Feed{Institution: id, Topic: protocol.Trust})
	if !ok {
		return trustState{}
	}
	out := trustState{epoch: o.Epoch, key: o.Key}
	out.since = o.Last
	out.last = d.lastHeld(o.EpochID, o.Digest)
	return out
}

// lastHeld gives the last record that is held of the branches of an epoch that hang on an
// opener: sequence 0 with the opener's digest if there is none.
func (d *Desk) lastHeld(e protocol.EpochID, opener protocol.Digest) protocol.Last {
	last := protocol.Last{Digest: opener}
	for _, b := range d.o.Archive.Branches(e) {
		if b.Root == opener && b.Head > last.Sequence {
			last = protocol.Last{Sequence: b.Head, Digest: b.Digest}
		}
	}
	return last
}

// PublishCharterRequest publishes a version that enough stewards have signed.
type PublishCharterRequest struct {
	As    protocol.InstitutionID `json:"as,omitempty"` // default: the node's first institution
	Paper CharterPaper           `json:"paper"`
}

// PublishCharter says a version to the network, in a trust record of the institution that
// publishes it: any member may, since the stewards' signatures are what counts. It is
// refused unless it is the one that follows, and signed as old and new version ask.
func (d *Desk) PublishCharter(ctx context.Context, r PublishCharterRequest) (_ Published, err error) {
	defer func() { d.note(ctx, act{"publish-charter", r.As, r.Paper.Digest().String(), false}, err) }()
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Published{}, err
	}
	if r.Paper.Digest() == d.o.Trust.CharterInForce().Digest {
		return Published{}, problem(Refused, "vardar member charter show", "this version is in force already")
	}
	reading, err := r.Paper.Read()
	if err != nil {
		return Published{}, err
	}
	for i := range reading.Quorums {
		if q := &reading.Quorums[i]; !q.Reached() {
			return Published{}, &Problem{
				Kind: Refused, Field: "signatures", Detail: fmt.Sprintf("version %d is not signed by enough: %s", reading.Version, q),
				Mend: "send the file to those who are missing", Next: "vardar member charter sign FILE",
			}
		}
	}
	if err = d.follows(&r.Paper, reading.Charter); err != nil {
		return Published{}, err
	}
	document, err := body.ReplacementOf(body.CharterRecordOf(r.Paper.SignedCharter))
	if err != nil {
		return Published{}, misfit(err, "vardar member charter publish --help")
	}
	return d.say(ctx, statement{as: as, recordType: body.TypeCharter, document: document, ours: true})
}

// follows refuses a version that does not follow the one in force here, or does not end
// the rivalry that there is.
func (d *Desk) follows(p *CharterPaper, c *protocol.Charter) error {
	now := d.o.Trust.CharterInForce()
	var err error
	if c.Rival == nil {
		_, err = p.VerifyAfter(&now.Signed)
	} else if err = d.besideHeld(p); err == nil {
		_, err = p.VerifyEnding(&p.Before[2], &p.Before[0], p.others()...)
	}
	if errors.Is(err, protocol.ErrCharterAfter) && c.Version == now.Charter.Version && sameBefore(c, now.Charter) {
		return &Problem{
			Kind: Refused, Field: "previous", Detail: fmt.Sprintf("another version %d is in force here, %s: this one would stop it, and itself", c.Version, now.Digest),
			Mend: "draft it anew from the version in force, and have it signed again; if it was published at another node, both stop each other as soon as a line joins the two, and 'member charter show' names who ends that",
			Next: "vardar member charter show", Rule: protocol.RuleName(protocol.ErrCharterAfter), Err: err,
		}
	}
	if errors.Is(err, protocol.ErrCharterAfter) {
		return &Problem{
			Kind: Refused, Field: "previous", Detail: fmt.Sprintf("version %d does not follow the version in force here, which is %d with digest %s", c.Version, now.Charter.Version, now.Digest),
			Mend: "draft it anew from the version in force, and have it signed again", Next: "vardar member charter draft --help", Rule: protocol.RuleName(protocol.ErrCharterAfter), Err: err,
		}
	}
	if err != nil {
		return charterMisfit(err)
	}
	return nil
}

// sameBefore reports whether two versions go on from the same one.
func sameBefore(a, b *protocol.Charter) bool {
	return a.Previous != nil && b.Previous != nil && *a.Previous == *b.Previous
}

// besideHeld sees to it that the rivals beside a paper are those that stand here.
func (d *Desk) besideHeld(p *CharterPaper) error {
	rivals, beside := d.o.Trust.Rivals(), append([]*protocol.SignedCharter{&p.Before[0]}, p.others()...)
	for _, b := range beside {
		if !slices.ContainsFunc(rivals, func(v trust.CharterVersion) bool { return v.Digest == b.Digest() }) {
			return fmt.Errorf("%s is no rival here: %w", b.Digest(), protocol.ErrCharterAfter)
		}
	}
	for i := range rivals {
		if !slices.ContainsFunc(beside, func(b *protocol.SignedCharter) bool { return b.Digest() == rivals[i].Digest }) {
			return fmt.Errorf("%s came to rival both since it was drafted: %w", rivals[i].Digest, protocol.ErrCharterAfter)
		}
	}
	return nil
}
