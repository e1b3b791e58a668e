package desk

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// LinkState is how one line is.
type LinkState = link.State

// Terms are the two directions of a policy.
type Terms = link.Terms

// Everything is the policy of links inside one network unless told otherwise.
func Everything() Terms { return link.Everything() }

// Link is one link with what was agreed on it.
type Link struct {
	State    LinkState            `json:"state"`
	InForce  *protocol.LinkPolicy `json:"in_force,omitempty"`
	Proposed *protocol.LinkPolicy `json:"proposed,omitempty"`
	Approve  bool                 `json:"approve"`           // the proposal is the peer's and waits for this side
	Document protocol.Digest      `json:"document,omitzero"` // of the proposal, to approve that and no other
	Says     []string             `json:"says"`              // the policy in sentences
	Asks     []string             `json:"asks,omitempty"`    // the proposal in sentences
}

// Links gives all links, sorted by peer.
func (d *Desk) Links(context.Context) ([]LinkState, error) {
	states := d.o.Links.States()
	if states == nil {
		states = []LinkState{}
	}
	return states, nil
}

// LinkShow gives one link; the problem is [NotFound] where there is none.
func (d *Desk) LinkShow(ctx context.Context, peer protocol.InstitutionID) (Link, error) {
	states := d.o.Links.States()
	i := slices.IndexFunc(states, func(s link.State) bool { return s.Peer == peer || slices.Contains(s.Hosts, peer) })
	if i < 0 {
		p := problem(NotFound, "vardar link list", "there is no link with %s", peer)
		var peers []protocol.InstitutionID
		for _, s := range states {
			peers = append(append(peers, s.Peer), s.Hosts...)
		}
		p.Mend, _ = meant(peer, peers)
		return Link{}, p
	}
	out := Link{State: states[i]}
	c, _, err := d.o.Links.Config(states[i].Peer)
	if err != nil {
		return Link{}, failure(err)
	}
	if out.InForce, err = policyOf(c.InForce); err != nil {
		return Link{}, failure(err)
	}
	if out.Proposed, err = policyOf(c.Proposed); err != nil {
		return Link{}, failure(err)
	}
	if out.Proposed != nil {
		out.Document, out.Asks = c.Proposed.Digest(), d.sentences(states[i].Peer, out.Proposed)
		out.Approve = slices.ContainsFunc(c.Proposed.Signatures, func(s protocol.PolicySignature) bool { return s.Institution == states[i].Peer })
	}
	out.Says = []string{"Nothing is agreed yet: only the trust topic travels."}
	if out.InForce != nil {
		out.Says = d.sentences(states[i].Peer, out.InForce)
	}
	return out, nil
}

func policyOf(s *protocol.SignedPolicy) (*protocol.LinkPolicy, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // no policy is no error
	}
	return s.Parse()
}

// sentences says a policy in words.
func (d *Desk) sentences(peer protocol.InstitutionID, p *protocol.LinkPolicy) []string {
	return []string{
		fmt.Sprintf("We send to %s: %s", peer, agreed(p.From(d.o.Institutions[0]))),
		fmt.Sprintf("%s sends us: %s", peer, agreed(p.From(peer))),
	}
}

// agreed says what goes one way, as the rest of a sentence.
func agreed(dir protocol.Direction) string {
	what := "trust records alone"
	if len(dir.Groups) > 0 {
		what = strings.Join(dir.Groups, ", ")
		if slices.Contains(dir.Groups, "* *") {
			what = "all topics of all regions"
		}
	}
	s := fmt.Sprintf("%s, with bodies up to %s, those of others up to %s", what, dir.Bodies, dir.Relay)
	if dir.KiBs > 0 {
		s += ", at most " + strconv.Itoa(dir.KiBs) + " KiB a second"
	}
	return s + "."
}

// Propose writes the next policy of a link and signs it. It is in force once the peer has
// approved it.
func (d *Desk) Propose(ctx context.Context, peer protocol.InstitutionID, t Terms) (_ protocol.LinkPolicy, err error) {
	defer func() { d.note(ctx, act{"propose-policy", "", string(peer), false}, err) }()
	if _, err = d.LinkShow(ctx, peer); err != nil {
		return protocol.LinkPolicy{}, err
	}
	if err = checkTerms(&t); err != nil {
		return protocol.LinkPolicy{}, err
	}
	p, err := d.o.Links.Propose(ctx, peer, t)
	if err != nil {
		return p, linkProblem(err, peer)
	}
	return p, nil
}

// checkTerms says all that is wrong with both directions, and gives one without groups an empty list.
func checkTerms(t *Terms) error {
	const next = "vardar link propose --help"
	g := gathered{}
	wrong := func(field, detail, mend string) {
		_ = g.add(&Problem{Kind: Refused, Field: field, Detail: detail, Mend: mend, Next: next}) // it has a field
	}
	for _, side := range []struct {
		name string
		*protocol.Direction
	}{{"ours", &t.Ours}, {"theirs", &t.Theirs}} {
		if side.Groups == nil {
			side.Groups = []string{}
		}
		for _, of := range side.Groups {
			if !protocol.ValidGroupPattern(of) {
				wrong(side.name+".groups", quoted(of)+" is no topic with a region", "want a topic and a region, with * for any: situation mk.*")
			}
		}
		for i, mark := range []protocol.Handling{side.Bodies, side.Relay} {
			if !mark.Valid() {
				wrong(side.name+[]string{".bodies", ".relay"}[i], "a direction says up to which mark bodies go, and which of others are passed on", "want TLP:CLEAR to TLP:RED")
			}
		}
		if side.KiBs < 0 {
			wrong(side.name+".kib_s", "so much can't go in a second", "want KiB a second, or 0 for no limit")
		}
	}
	return g.problem()
}

// ApproveRequest says which proposal was read.
type ApproveRequest struct {
	Document *protocol.Digest `json:"document,omitempty"` // of [Link]; left out: whichever waits
}

// Approve signs what the peer has proposed. It is refused where another proposal waits by now
// than the one that was read.
func (d *Desk) Approve(ctx context.Context, peer protocol.InstitutionID, r ApproveRequest) (_ protocol.LinkPolicy, err error) {
	defer func() { d.note(ctx, act{"approve-policy", "", string(peer), false}, err) }()
	if _, err = d.LinkShow(ctx, peer); err != nil {
		return protocol.LinkPolicy{}, err
	}
	p, err := d.o.Links.Approve(ctx, peer, r.Document)
	if err != nil {
		return p, linkProblem(err, peer)
	}
	return p, nil
}

// PauseLink ends the line to a peer and lets none come up until [Desk.ResumeLink]. What it is to
// have waits, and what was agreed stands.
func (d *Desk) PauseLink(ctx context.Context, peer protocol.InstitutionID) (_ Link, err error) {
	defer func() { d.note(ctx, act{"pause-link", "", string(peer), false}, err) }()
	return d.turnLink(ctx, peer, d.o.Links.Pause)
}

// ResumeLink lets the line to a peer come up again.
func (d *Desk) ResumeLink(ctx context.Context, peer protocol.InstitutionID) (_ Link, err error) {
	defer func() { d.note(ctx, act{"resume-link", "", string(peer), false}, err) }()
	return d.turnLink(ctx, peer, d.o.Links.Resume)
}

// turnLink does something to a link, and gives it as it is then.
func (d *Desk) turnLink(ctx context.Context, peer protocol.InstitutionID, turn func(context.Context, protocol.InstitutionID) error) (Link, error) {
	l, err := d.LinkShow(ctx, peer)
	if err != nil {
		return Link{}, err
	}
	if err = turn(ctx, l.State.Peer); err != nil {
		return Link{}, failure(err)
	}
	return d.LinkShow(ctx, l.State.Peer)
}

// RemoveLink ends the link with a peer and forgets what was agreed, and gives it as it was. It
// comes back with [Desk.AddLink], and with the next start of a node whose settings name it.
func (d *Desk) RemoveLink(ctx context.Context, peer protocol.InstitutionID) (_ Link, err error) {
	defer func() { d.note(ctx, act{"remove-link", "", string(peer), false}, err) }()
	l, err := d.LinkShow(ctx, peer)
	if err != nil {
		return Link{}, err
	}
	return l, failure(d.o.Links.Remove(ctx, l.State.Peer))
}

func linkProblem(err error, peer protocol.InstitutionID) error {
	if protocol.RuleName(err) != "" {
		return misfit(err, "vardar link propose --help")
	}
	switch next := "vardar link show " + string(peer); {
	case errors.Is(err, link.ErrNothingProposed):
		return &Problem{Kind: Refused, Detail: "no policy waits for this side's approval", Next: next, Err: err}
	case errors.Is(err, link.ErrOtherProposed):
		return &Problem{Kind: Refused, Field: "document", Detail: "another policy was proposed meanwhile", Mend: "read that, and approve it if it is to be so", Next: next, Err: err}
	}
	return failure(err)
}

// AddLinkRequest names a node to keep a line to.
type AddLinkRequest struct {
	Peer    protocol.InstitutionID `json:"peer"`
	Address string                 `json:"address"`      // host:port; empty with Key: the peer calls
	Key     protocol.Key           `json:"key,omitzero"` // its link key, until its trust feed names it or, of a node that was restored, another one
}

func isAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, bad := strconv.ParseUint(port, 10, 16)
	return err == nil && bad == nil && n > 0 && host != ""
}

// AddLink has this node dial a peer from now on, in addition to the addresses it knows.
func (d *Desk) AddLink(ctx context.Context, r AddLinkRequest) (_ Link, err error) {
	defer func() { d.note(ctx, act{"add-link", "", string(r.Peer), false}, err) }()
	if _, err = protocol.ParseInstitution(string(r.Peer)); err != nil {
		p := misfit(err, "vardar list members")
		p.Kind, p.Field = Usage, "peer"
		return Link{}, p
	}
	if d.isOwn(r.Peer) {
		return Link{}, problem(Usage, "vardar list members", "%s is this node itself", r.Peer)
	}
	if !isAddress(r.Address) && (r.Address != "" || r.Key.IsZero()) { // a peer that calls may have a new key
		return Link{}, &Problem{Kind: Usage, Field: "address", Detail: quoted(r.Address) + " is no address", Mend: "want host:port, such as node.example.org:4222", Next: "vardar link --help", Err: protocol.ErrAddress}
	}
	named, ok := d.o.Trust.LinkKey(r.Peer)
	if !ok && r.Key.IsZero() {
		return Link{}, &Problem{Kind: Refused, Field: "key", Detail: "no link key of " + string(r.Peer) + " is held, so nobody there could be told from a stranger", Mend: "give its link key, or wait for its trust feed", Next: "vardar member show " + string(r.Peer)}
	}
	c, _, err := d.o.Links.Config(r.Peer)
	if err != nil {
		return Link{}, failure(err)
	}
	c.Peer = r.Peer
	if r.Address != "" && !slices.Contains(c.Addresses, r.Address) {
		c.Addresses = append(c.Addresses, r.Address)
	}
	if !r.Key.IsZero() {
		c.Key, c.InPlaceOf = r.Key, named
		if named == r.Key {
			c.InPlaceOf = protocol.Key{}
		}
	}
	if err := d.o.Links.Configure(ctx, c); err != nil {
		return Link{}, failure(err)
	}
	return d.LinkShow(ctx, r.Peer)
}
