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
	if err := s.open(ctx, townOf(RiverTown)); err != nil {
		return "", err
	}
	s.net.plan.Via[SouthGate] = RiverTown
	newcomer := townOf(SouthGate)
	inv, err := s.net.invite(ctx, newcomer)
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
	said, err := s.note(ctx, SouthGate, "We are here.")
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

// forkFound: a node and a copy of it write at one position, each without the other. Every
// node keeps both, says who can close it, and the author's node writes there no more.
func (s *stage) forkFound(ctx context.Context) (string, error) {
	if err := s.open(ctx, townOf(SouthGate), townOf(RiverTown)); err != nil {
		return "", err
	}
	before, err := s.note(ctx, SouthGate, "Before the copy.")
	if err != nil {
		return "", err
	}
	if err = s.arrives(ctx, CrisisCentre, before.Name); err != nil {
		return "", err
	}
	copied, err := s.copied(SouthGate)
	if err != nil {
		return "", err
	}
	if err = s.net.Restart(ctx, SouthGate); err != nil {
		return "", err
	}
	s.net.Line(SouthGate, CrisisCentre).Cut()
	here, err := s.note(ctx, SouthGate, "Written here, with the line cut.")
	if err != nil {
		return "", err
	}
	if err = s.net.Stop(SouthGate); err != nil {
		return "", err
	}
	s.net.Line(SouthGate, CrisisCentre).Heal()
	o := s.net.options(SouthGate)
	o.Dir = copied
	if err = s.net.runAs(ctx, SouthGate, o); err != nil {
		return "", err
	}
	there, err := s.note(ctx, SouthGate, "Written by the copy.")
	if err != nil {
		return "", err
	}
	if here.Name != there.Name || here.Digest == there.Digest {
		return "", unseen("%s and %s are no fork", here.Name, there.Name)
	}
	if err = s.arrives(ctx, RiverTown, there.Name); err != nil {
		return "", err
	}
	if err = s.net.Stop(SouthGate); err != nil {
		return "", err
	}
	if err = s.net.Restart(ctx, SouthGate); err != nil {
		return "", err
	}
	return s.forkShown(ctx, here)
}

// forkShown waits until all nodes show a fork where a record stands, and has its author try
// to write on.
func (s *stage) forkShown(ctx context.Context, at node.Said) (string, error) {
	var closes protocol.InstitutionID
	for _, n := range s.net.Nodes() {
		shown := func() bool {
			status, err := n.Status(ctx)
			if err != nil {
				return false
			}
			for _, f := range status.Forks {
				if f.Institution == at.Institution && f.Topic == at.Topic && f.From == at.Sequence {
					closes = f.Closes
					return true
				}
			}
			return false
		}
		if err := Wait(ctx, n, shown); err != nil {
			return "", err
		}
	}
	_, err := s.note(ctx, SouthGate, "One more.")
	if err == nil {
		return "", unseen("the author's node writes behind its own fork")
	}
	return fmt.Sprintf("two records at %s, by a node and its copy: all %d nodes keep both and count neither, %s can close it, and its node refuses to write there.",
		at.Name, len(s.net.Nodes()), short(closes)), nil
}

// cloneFound: a node and a copy of it run at once with one link key. The node they dial
// says so, before either has written.
func (s *stage) cloneFound(ctx context.Context) (string, error) {
	if err := s.open(ctx, townOf(SouthGate)); err != nil {
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
	if err = Wait(ctx, c, found); err != nil {
		return "", err
	}
	if status, err := c.Status(ctx); err != nil || len(status.Forks) > 0 {
		return "", unseen("there is a fork already: %v", err)
	}
	return fmt.Sprintf("two nodes with one link key ended each other's line %d times: %s says that %s was copied, and nothing is forked yet.",
		kicks, short(CrisisCentre), short(SouthGate)), nil
}
