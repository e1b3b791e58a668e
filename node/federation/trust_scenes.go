package federation

import (
	"context"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// joined: a town takes an invitation while the registrar that wrote it is not running; a
// line with one letter changed is no invitation.
func (s *stage) joined(ctx context.Context) (string, error) {
	if err := s.open(ctx, RiverTown); err != nil {
		return "", err
	}
	s.net.plan.Via[SouthGate] = RiverTown
	newcomer := townOf(SouthGate)
	inv, err := s.net.invite(ctx, newcomer, false)
	if err != nil {
		return "", err
	}
	line := []byte(inv.Line())
	line[len(line)/2] ^= 1
	if _, err = protocol.ParseInvitation(string(line)); err == nil {
		return "", unseen("an invitation with one letter changed was read")
	}
	if err = s.net.Stop(CrisisCentre); err != nil {
		return "", err
	}
	if err = s.net.enter(ctx, newcomer, inv); err != nil {
		return "", err
	}
	said, err := s.note(ctx, "We are here.")
	if err != nil {
		return "", err
	}
	if err = s.arrives(ctx, RiverTown, said.Name); err != nil {
		return "", err
	}
	if err = s.net.Restart(ctx, CrisisCentre); err != nil {
		return "", err
	}
	if err = s.arrives(ctx, CrisisCentre, said.Name); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s joined at %s by one line of %d characters while its registrar did not run; its first words are on all %d nodes. With one letter changed the line is refused.",
		short(SouthGate), short(RiverTown), len(line), len(s.net.Nodes())), nil
}

// cloneFound: a node and a copy of it run at once with one link key. The node they dial
// says so, before either has written.
func (s *stage) cloneFound(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate); err != nil {
		return "", err
	}
	copied, err := s.copied(SouthGate)
	if err != nil {
		return "", err
	}
	if err = s.net.Restart(ctx, SouthGate); err != nil {
		return "", err
	}
	o := s.net.options(SouthGate)
	o.Dir = copied
	if err = s.net.runAs(ctx, SouthGate+".copy", o); err != nil {
		return "", err
	}
	c := s.net.Node(CrisisCentre)
	kicks := 0
	found := func() bool {
		return slices.ContainsFunc(c.Lines(), func(l node.LineState) bool {
			kicks = max(kicks, l.Kicks)
			return l.Peer == SouthGate && l.Clone
		})
	}
	if err = s.wait(ctx, c, "it says that the town was copied", found); err != nil {
		return "", err
	}
	if status, err := c.Status(ctx); err != nil || len(status.Forks) > 0 {
		return "", unseen("there is a fork already: %v", err)
	}
	return fmt.Sprintf("two nodes with one link key ended each other's line %d times: %s says that %s was copied, and nothing is forked yet.",
		kicks, short(CrisisCentre), short(SouthGate)), nil
}
