package desk

import (
	"context"
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
	Approve  bool                 `json:"approve"` // the proposal is the peer's and waits for this side
	Says     []string             `json:"says"`    // the policy in sentences
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
		out.Approve = slices.ContainsFunc(c.Proposed.Signatures, func(s protocol.PolicySignature) bool { return s.Institution == states[i].Peer })
	}
	out.Says = d.sentences(&out)
	return out, nil
}

func policyOf(s *protocol.SignedPolicy) (*protocol.LinkPolicy, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // no policy is no error
	}
	return s.Parse()
}

// sentences says a policy in words.
func (d *Desk) sentences(l *Link) []string {
	if l.InForce == nil {
		return []string{"Nothing is agreed yet: only the trust topic travels."}
	}
	self := d.o.Institutions[0]
	return []string{
		fmt.Sprintf("We send to %s: %s", l.State.Peer, agreed(l.InForce.From(self))),
		fmt.Sprintf("%s sends us: %s", l.State.Peer, agreed(l.InForce.From(l.State.Peer))),
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
	for _, dir := range []*protocol.Direction{&t.Ours, &t.Theirs} {
		if !dir.Bodies.Valid() || !dir.Relay.Valid() {
			return protocol.LinkPolicy{}, &Problem{Kind: Usage, Field: "bodies", Detail: "a direction says up to which mark bodies go, and which of others are passed on", Mend: "want TLP:CLEAR to TLP:RED", Next: "vardar link propose --help"}
		}
		if dir.Groups == nil {
			dir.Groups = []string{}
		}
	}
	p, err := d.o.Links.Propose(ctx, peer, t)
	if err != nil {
		return p, linkProblem(err, peer)
	}
	return p, nil
}

// Approve signs what the peer has proposed.
func (d *Desk) Approve(ctx context.Context, peer protocol.InstitutionID) (_ protocol.LinkPolicy, err error) {
	defer func() { d.note(ctx, act{"approve-policy", "", string(peer), false}, err) }()
	if _, err = d.LinkShow(ctx, peer); err != nil {
		return protocol.LinkPolicy{}, err
	}
	p, err := d.o.Links.Approve(ctx, peer)
	if err != nil {
		return p, linkProblem(err, peer)
	}
	return p, nil
}

func linkProblem(err error, peer protocol.InstitutionID) error {
	if protocol.RuleName(err) != "" {
		return misfit(err, "vardar link propose --help")
	}
	p, ok := failure(err).(*Problem) //nolint:errorlint // failure makes it bare, or gives a context's error
	if !ok {
		return err
	}
	p.Next = strings.ReplaceAll(p.Next, "PEER", string(peer))
	return p
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
		return Link{}, &Problem{Kind: Usage, Field: "peer", Detail: err.Error(), Mend: "want the ID of the node's first institution", Next: "vardar list members", Err: err}
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
