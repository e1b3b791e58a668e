package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Charter is the network's founding document as this node holds it.
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
	Stewards []protocol.InstitutionID `json:"stewards"`
}

// Charter gives the charter in force.
func (d *Desk) Charter(context.Context) (Charter, error) {
	c := d.o.Trust.Charter()
	signed := d.o.Trust.SignedCharter()
	out := Charter{
		Digest: d.o.Trust.CharterDigest(), Network: c.Network, Version: c.Version, Expires: c.Expires,
		Expired: d.o.Trust.Expired(d.o.Clock()), Newer: c.Newer, Document: signed.Document, Signed: signed,
		Members: len(d.o.Trust.Members()), Stewards: []protocol.InstitutionID{},
	}
	for _, s := range signed.Signatures {
		out.Stewards = append(out.Stewards, s.Steward)
	}
	return out, nil
}

// DraftCharterRequest asks for the next version of the charter.
type DraftCharterRequest struct {
	CharterChange

	Document json.RawMessage `json:"document,omitempty"` // the version in force, changed by hand; the rest of the request changes it further
}

// CharterDrafted is a version that nobody has signed yet.
type CharterDrafted struct {
	Paper CharterPaper `json:"paper"`
	CharterReading
}

// DraftCharter writes the version after the one in force, and says what it changes.
// Nothing is published: the stewards sign the paper, each on its own machine.
func (d *Desk) DraftCharter(_ context.Context, r DraftCharterRequest) (CharterDrafted, error) {
	signed := d.o.Trust.SignedCharter()
	base := d.o.Trust.Charter()
	if len(r.Document) > 0 {
		var c protocol.Charter
		newer, err := protocol.DecodeJSON(r.Document, &c)
		if err != nil {
			return CharterDrafted{}, misfit(err, "vardar member charter draft --help")
		}
		if len(newer) > 0 {
			return CharterDrafted{}, &Problem{
				Kind: Refused, Field: newer[0], Detail: "no member of a charter is called that in this version",
				Mend: "correct its spelling, or draft with a newer vardar", Next: "vardar member charter draft --help",
			}
		}
		c.Version = base.Version
		base = &c
	}
	document, err := nextCharter(base, signed.Digest(), r.CharterChange, d.trustState)
	if err != nil {
		return CharterDrafted{}, failure(err)
	}
	out := CharterDrafted{Paper: CharterPaper{
		SignedCharter: protocol.SignedCharter{Document: document}, Before: []protocol.SignedCharter{signed},
	}}
	out.CharterReading, err = out.Paper.Read()
	return out, err
}

// trustState gives what is held of an institution's trust feed.
func (d *Desk) trustState(id protocol.InstitutionID) trustState {
	o, ok := d.o.Trust.Current(protocol.Feed{Institution: id, Topic: protocol.Trust})
	if !ok {
		return trustState{}
	}
	out := trustState{epoch: o.Epoch, key: o.Key}
	if o.Last != nil {
		since := protocol.Last(*o.Last)
		out.since = &since
	}
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
func (d *Desk) PublishCharter(ctx context.Context, r PublishCharterRequest) (Published, error) {
	as, err := d.author(r.As)
	if err != nil {
		return Published{}, err
	}
	if r.Paper.Digest() == d.o.Trust.CharterDigest() {
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
	if err := d.follows(&r.Paper, reading.Charter); err != nil {
		return Published{}, err
	}
	document, err := body.ReplacementOf(body.CharterRecordOf(r.Paper.SignedCharter))
	if err != nil {
		return Published{}, misfit(err, "vardar member charter publish --help")
	}
	return d.say(ctx, statement{as: as, recordType: body.TypeCharter, document: document, ours: true})
}

// follows refuses a version that does not follow the one in force here.
func (d *Desk) follows(p *CharterPaper, c *protocol.Charter) error {
	now := d.o.Trust.Charter()
	if c.Previous == nil || *c.Previous != d.o.Trust.CharterDigest() {
		return &Problem{
			Kind: Refused, Field: "previous", Detail: fmt.Sprintf("version %d does not follow the version in force here, which is %d with digest %s", c.Version, now.Version, d.o.Trust.CharterDigest()),
			Mend: "draft it anew from the version in force, and have it signed again", Next: "vardar member charter draft --help", Rule: protocol.RuleName(protocol.ErrCharterAfter),
		}
	}
	signed := d.o.Trust.SignedCharter()
	if _, err := p.VerifyAfter(&signed); err != nil {
		return charterMisfit(err)
	}
	return nil
}
