package federation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// join has the registrar invite an institution, which takes the invitation: to the
// registrar's node, or to that of any member that holds the admission.
func (n *Network) join(ctx context.Context, hosted []Member) error {
	m := hosted[0]
	inv, err := n.invite(ctx, m, false)
	if err != nil {
		return err
	}
	return n.enter(ctx, m, inv)
}

// invite has the registrar admit an institution, again if it is a member, and gives the
// invitation to who lets it in, once that node holds the admission.
func (n *Network) invite(ctx context.Context, m Member, again bool) (inv protocol.Invitation, err error) {
	registrar, ok := n.registrarOf(m.ID)
	if !ok {
		return inv, fmt.Errorf("no registrar has a prefix for %s", m.ID)
	}
	host := registrar
	if via, ok := n.plan.Via[m.ID]; ok {
		host = via
	}
	at := n.Node(host)
	l, err := n.line(ctx, m.ID, host)
	if err != nil {
		return inv, err
	}
	inv, err = n.Node(registrar).Invite(ctx, node.InviteRequest{
		Institution: m.ID, Level: m.Level, ValidFor: time.Hour, Addresses: []string{l.Addr()}, NoLink: host != registrar, Again: again,
	})
	if err != nil {
		return inv, err
	}
	if err = Wait(ctx, at, func() bool { return at.Wants(m.ID) }); err != nil {
		return inv, err
	}
	if err = at.Offer(ctx, m.ID, protocol.Key{}); err != nil {
		return inv, err
	}
	// A simulation draws its own lines.
	inv.Listener, inv.ListenerKey, inv.Neighbour = host, at.LinkKey(), nil
	return inv, nil
}

// mostJoins is how often a join is made again that nobody answered in time: on a machine that
// runs many networks at once that says nothing of the one who joins.
const mostJoins = 5

// enter has an institution take its invitation, and runs its node.
func (n *Network) enter(ctx context.Context, m Member, inv protocol.Invitation) error {
	for k := 1; ; k++ {
		_, err := node.Join(ctx, n.options(m.ID), inv, m.opening())
		if err == nil {
			break
		}
		if k == mostJoins || !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return err
		}
	}
	n.told(Event{Who: m.ID, What: Joined, Whom: inv.Registrar, Over: inv.Listener})
	return n.run(ctx, m.ID)
}

// registrarOf gives the registrar with the longest prefix, as the charter will.
func (n *Network) registrarOf(id protocol.InstitutionID) (protocol.InstitutionID, bool) {
	var best protocol.InstitutionID
	longest := -1
	for _, r := range slices.Sorted(maps.Keys(n.plan.Registrars)) {
		for _, p := range n.plan.Registrars[r] {
			if id.Under(p) && len(p) > longest {
				best, longest = r, len(p)
			}
		}
	}
	return best, longest >= 0
}

// host adds an institution to a node that runs: keys there, an admission by its
// registrar, and its first records once that has arrived.
func (n *Network) host(ctx context.Context, on protocol.InstitutionID, m Member) error {
	if err := n.Stop(on); err != nil {
		return err
	}
	f, err := node.HostKeys(n.options(on), m.ID)
	if err != nil {
		return err
	}
	registrar, ok := n.registrarOf(m.ID)
	if !ok {
		return fmt.Errorf("no registrar has a prefix for %s", m.ID)
	}
	if err := n.Node(registrar).Admit(ctx, node.AdmitRequest{Institution: m.ID, Level: m.Level, Key: f.Key, Proof: f.Proof, NoLink: true}); err != nil {
		return err
	}
	if err := n.run(ctx, on); err != nil {
		return err
	}
	host := n.Node(on)
	if err := Wait(ctx, host, func() bool { return host.Wants(m.ID) }); err != nil {
		return err
	}
	n.told(Event{Who: m.ID, What: Hosted, Whom: registrar, Over: on})
	return host.Introduce(ctx, m.opening())
}
