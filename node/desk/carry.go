package desk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// BundleRequest asks for a bundle: what a peer lacks, in a file that is carried there.
type BundleRequest struct {
	All bool `json:"all,omitempty"` // everything that the link's policy carries, whatever the peer is known to hold
}

// Bundled says what a bundle holds.
type Bundled = link.Bundled

// Unbundled says what became of a bundle that was read.
type Unbundled struct {
	link.Unbundled

	Said []string `json:"said"` // the same in sentences, with what to do
}

// WriteBundle writes a bundle for the peer of a link, sealed to it. Every problem but that
// of a writer that fails is told before the first byte.
func (d *Desk) WriteBundle(ctx context.Context, peer protocol.InstitutionID, r BundleRequest, to io.Writer) (_ Bundled, err error) {
	defer func() { d.note(ctx, act{"write-bundle", "", string(peer), false}, err) }()
	l, err := d.LinkShow(ctx, peer)
	if err != nil {
		return Bundled{}, err
	}
	b, err := d.o.Links.WriteBundle(ctx, l.State.Peer, r.All, to)
	return b, carryProblem(err, l.State.Peer)
}

// ReadBundle takes in a bundle that was carried here. What stands before a damage is taken
// and counted in the problem's detail.
func (d *Desk) ReadBundle(ctx context.Context, from io.Reader) (_ Unbundled, err error) {
	var u Unbundled
	defer func() { d.note(ctx, act{"read-bundle", "", string(u.From), false}, err) }()
	u.Unbundled, err = d.o.Links.ReadBundle(ctx, from)
	if err == nil {
		u.Said = sayRead(&u)
		return u, nil
	}
	if errors.Is(err, link.ErrNotForUs) {
		return u, &Problem{Kind: Refused, Field: "to", Detail: fmt.Sprintf("this bundle is for %s, and this node is of %s", u.To, joinIDs(d.o.Institutions)), Mend: "carry it there", Next: "vardar link list", Err: err}
	}
	err = carryProblem(err, u.From)
	var p *Problem
	if taken := u.New + u.Known + u.Waiting; taken > 0 && errors.As(err, &p) {
		p.Detail += fmt.Sprintf("; of what stood before it, this is new and is kept: %d", u.New)
	}
	return u, err
}

// sayRead says what became of a bundle.
func sayRead(u *Unbundled) []string {
	said := []string{fmt.Sprintf("New records from %s: %d; here already: %d.", u.From, u.New, u.Known)}
	if u.Waiting > 0 {
		said = append(said, fmt.Sprintf("Waiting for others before them, which neither this node nor the bundle has: %d. Ask %s for a bundle of everything.", u.Waiting, u.From))
	}
	if u.Refused > 0 {
		said = append(said, fmt.Sprintf("Not taken, for they are not authentic, or nothing is agreed with %s that lets them pass: %d.", u.From, u.Refused))
	}
	return said
}

// carryProblem says why there is no bundle, or nothing read of one.
func carryProblem(err error, peer protocol.InstitutionID) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, link.ErrNoLink):
		return &Problem{Kind: NotFound, Detail: fmt.Sprintf("there is no link with %s, so nothing is agreed on what may be carried", peer), Mend: "add it, and agree on a policy", Next: "vardar link propose --help", Err: err}
	case errors.Is(err, link.ErrNothingAgreed):
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("nothing is agreed with %s yet, so nothing may be carried either", peer), Mend: "propose a policy, and have it approved there", Next: "vardar link propose " + string(peer), Err: err}
	case errors.Is(err, link.ErrPaused):
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("the link with %s was paused here", peer), Mend: "resume it first", Next: "vardar link resume " + string(peer), Err: err}
	case errors.Is(err, link.ErrOut):
		return &Problem{Kind: Refused, Detail: err.Error(), Next: "vardar member show " + string(peer), Err: err}
	case errors.Is(err, link.ErrNoRecipient):
		return &Problem{Kind: Refused, Detail: fmt.Sprintf("no key of %s is held that a bundle could be sealed to", peer), Mend: "its trust feed has not come yet", Next: "vardar member show " + string(peer), Err: err}
	case errors.Is(err, link.ErrNoRoom):
		return &Problem{Kind: Refused, Detail: "the disk is nearly full, so no more of what others say is taken", Mend: "make room, then read the bundle again: nothing is taken twice", Next: "vardar doctor", Err: err}
	case errors.Is(err, link.ErrSeal):
		return &Problem{Kind: Refused, Detail: "this bundle was sealed to another key than those of this node, or is damaged", Mend: "have it written again, and copy it again", Next: "vardar export bundle --help", Err: err}
	case errors.Is(err, link.ErrBundle):
		return &Problem{Kind: Refused, Detail: "the bundle ends too early or was altered on its way", Mend: "copy it again, and read it again: nothing is taken twice", Next: "vardar import --help", Err: err}
	case protocol.RuleName(err) != "":
		return &Problem{Kind: Refused, Detail: "this is no bundle: a bundle begins with the line vardar-bundle-v1 and says from whom, to whom and when", Mend: "choose the file that was written for this node", Next: "vardar import --help", Rule: protocol.RuleName(err), Err: err}
	}
	return failure(err)
}
