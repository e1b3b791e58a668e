package federation

import (
	"context"
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// forkClosed: a node and a copy of it write at one position, each without the other. Every
// node keeps both, says who can close it, and the author's node writes there no more;
// until its next epoch says what counts of the one before, on every node alike.
func (s *stage) forkClosed(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	before, err := s.told(ctx, "Before the copy.")
	if err != nil {
		return "", err
	}
	here, there, err := s.fork(ctx)
	if err != nil {
		return "", err
	}
	closes, err := s.forkShown(ctx, here, there)
	if err != nil {
		return "", err
	}
	// Its people know which record was the last of their own, and say so.
	rotate := node.RotateRequest{As: SouthGate, Use: protocol.UseNode, Last: []string{before.String()}}
	if _, err = s.net.Node(SouthGate).Desk().RotateKey(ctx, rotate); err != nil {
		return "", err
	}
	after, err := s.told(ctx, "One more, in the next epoch.")
	if err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	for _, n := range s.net.Nodes() {
		for said, want := range map[node.Said]node.Standing{before: 0, here: node.Void, there: node.Void, after: 0} {
			if got := standing(n, s.now(), said); got != want {
				return "", unseen("%s shows %s as %v, not %v", n.Institutions()[0], said.Name, got, want)
			}
		}
		if _, shown := forkAt(ctx, n, here); shown {
			return "", unseen("%s still shows the fork", n.Institutions()[0])
		}
	}
	return fmt.Sprintf("two records at %s, by a node and its copy: all %d nodes kept both and counted neither, and its own wrote there no more; %s closed it with the next epoch, both are void everywhere, and %s counts.",
		here.Name, len(s.net.Nodes()), short(closes), after.Position), nil
}

// fork has the town and a copy of it write at one position, and starts the town's own node
// again.
func (s *stage) fork(ctx context.Context) (here, there node.Said, err error) {
	copied, err := s.copied(SouthGate)
	if err != nil {
		return here, there, err
	}
	if err = s.net.Restart(ctx, SouthGate); err != nil {
		return here, there, err
	}
	s.net.Line(SouthGate, CrisisCentre).Cut()
	if here, err = s.note(ctx, "Written here, with the line cut."); err != nil {
		return here, there, err
	}
	if err = s.net.Stop(SouthGate); err != nil {
		return here, there, err
	}
	s.net.Line(SouthGate, CrisisCentre).Heal()
	o := s.net.options(SouthGate)
	o.Dir = copied
	if err = s.net.runAs(ctx, SouthGate, o); err != nil {
		return here, there, err
	}
	if there, err = s.note(ctx, "Written by the copy."); err != nil {
		return here, there, err
	}
	if here.Name != there.Name || here.Digest == there.Digest {
		return here, there, unseen("%s and %s are no fork", here.Name, there.Name)
	}
	if err = s.arrives(ctx, RiverTown, there.Name); err != nil {
		return here, there, err
	}
	return here, there, errors.Join(s.net.Stop(SouthGate), s.net.Restart(ctx, SouthGate))
}

// forkShown waits until all nodes stop both records and say who can close it, and has the
// author try to write on.
func (s *stage) forkShown(ctx context.Context, here, there node.Said) (closes protocol.InstitutionID, err error) {
	err = s.everywhere(ctx, "it stops both records at "+here.String(), func(n *node.Node) bool {
		who, shown := forkAt(ctx, n, here)
		if shown {
			closes = who
		}
		return shown && standing(n, s.now(), here) == node.Stopped && standing(n, s.now(), there) == node.Stopped
	})
	if err != nil {
		return "", err
	}
	if _, err := s.note(ctx, "One more."); err == nil {
		return "", unseen("the author's node writes behind its own fork")
	}
	return closes, nil
}

// forkAt reports whether a node shows a fork at a record, and who can close it.
func forkAt(ctx context.Context, n *node.Node, at node.Said) (closes protocol.InstitutionID, shown bool) {
	status, err := n.Status(ctx)
	if err != nil {
		return "", false
	}
	for _, f := range status.Forks {
		if f.Institution == at.Institution && f.Topic == at.Topic && f.From == at.Sequence {
			return f.Closes, true
		}
	}
	return "", false
}

// rivalCharter: two of three stewards sign one next version, two another. Every node shows
// both and stays with the version it has, until those who did not sign both end it.
func (s *stage) rivalCharter(ctx context.Context) (string, error) {
	if err := s.start(ctx, []protocol.InstitutionID{SouthGate, RiverTown}, SouthGate, RiverTown); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Cut()
	ours, err := s.version(ctx, CrisisCentre, protocol.Digest{}, CrisisCentre, SouthGate)
	if err != nil {
		return "", err
	}
	if _, err = s.version(ctx, RiverTown, protocol.Digest{}, RiverTown, SouthGate); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Heal()
	if err = s.everywhere(ctx, "it shows two versions 2 of the charter", func(n *node.Node) bool {
		_, said := finds(ctx, n, "charter", "two versions 2")
		return said && len(n.Trust().Rivals()) == 2 && n.Trust().Charter().Version == 1 //nolint:mnd // both
	}); err != nil {
		return "", err
	}
	if _, err = s.told(ctx, "Records go on."); err != nil {
		return "", err
	}
	if _, err = s.version(ctx, CrisisCentre, ours, CrisisCentre, SouthGate); err == nil {
		return "", unseen("a steward who signed both versions could end it")
	}
	third, err := s.version(ctx, CrisisCentre, ours, CrisisCentre, RiverTown)
	if err != nil {
		return "", err
	}
	if err = s.everywhere(ctx, "version 3 of the charter is in force", func(n *node.Node) bool {
		return n.Trust().CharterInForce().Digest == third && len(n.Trust().Rivals()) == 0
	}); err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s signed two different versions 2 of the charter: all %d nodes showed both and stayed with version 1, and records went on. %s and %s, who had not signed both, ended it with version 3; a signature of %s did not.",
		short(SouthGate), len(s.net.Nodes()), short(CrisisCentre), short(RiverTown), short(SouthGate)), nil
}

// version has a node draft the next version of the charter, on one of two rivals if one is
// named, stewards sign it, and the node publish it.
func (s *stage) version(ctx context.Context, at protocol.InstitutionID, on protocol.Digest, signers ...protocol.InstitutionID) (protocol.Digest, error) {
	n := s.net.Node(at)
	change := node.CharterChange{RecordsADay: n.Trust().Charter().Quota.RecordsADay + len(at)} // another at each institution
	draft, err := n.Desk().DraftCharter(ctx, node.DraftCharterRequest{CharterChange: change, On: on})
	if err != nil {
		return protocol.Digest{}, err
	}
	paper := draft.Paper
	for _, id := range signers {
		if _, err = node.SignCharter(ctx, s.net.options(id), id, &paper); err != nil {
			return protocol.Digest{}, err
		}
	}
	_, err = n.Desk().PublishCharter(ctx, node.PublishCharterRequest{As: at, Paper: paper})
	return paper.Digest(), err
}
