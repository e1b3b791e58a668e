package federation

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// closed: the registrar puts a town out. Its node ends the line with it in that commit; a
// neighbour that has not heard of it yet takes one more record, which is void as soon as
// it has. What the town said before stays and counts.
func (s *stage) closed(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	if err := s.net.connect(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	before, err := s.told(ctx, "While it was a member.")
	if err != nil {
		return "", err
	}
	c, river := s.net.Node(CrisisCentre), s.net.Node(RiverTown)
	if err = s.wait(ctx, c, "its line with the town is up", func() bool { return lineUp(c, SouthGate) }); err != nil {
		return "", err
	}
	if err = s.wait(ctx, river, "its line with the town is up", func() bool { return lineUp(river, SouthGate) }); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Cut()
	if _, err = c.Desk().Close(ctx, node.CloseRequest{Institution: SouthGate, Reason: "Demonstration."}); err != nil {
		return "", err
	}
	if !lineOut(c, SouthGate) {
		return "", unseen("the line with %s is open after the commit that closed it", SouthGate)
	}
	late, err := s.note(ctx, "Written in ignorance.")
	if err != nil {
		return "", err
	}
	if err = s.arrives(ctx, RiverTown, late.Name); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Heal()
	if err = s.wait(ctx, river, late.String()+" is void and its author cut off", func() bool {
		return standing(river, s.now(), late) == node.Void && lineOut(river, SouthGate)
	}); err != nil {
		return "", err
	}
	for _, n := range []*node.Node{c, river} {
		if _, err = n.Record(before.Name); err != nil || standing(n, s.now(), before) != 0 {
			return "", unseen("%s does not show %s as before: %v", n.Institutions()[0], before.Name, err)
		}
		if _, said := finds(ctx, n, "member", string(SouthGate)); !said {
			return "", unseen("the status of %s does not say that %s was closed", n.Institutions()[0], SouthGate)
		}
	}
	if c.Holds(late.Name) {
		return "", unseen("%s took %s after it had closed its author", CrisisCentre, late.Name)
	}
	return fmt.Sprintf("%s was put out by its registrar, whose line with it ended in that commit. %s, which %s took before it heard of that, is void there and unwanted elsewhere; %s still counts.",
		short(SouthGate), late.Position, short(RiverTown), before.Position), nil
}

// keysOf is what a node knows of an institution's four keys.
func keysOf(n *node.Node, id protocol.InstitutionID) (known struct {
	identity, node, link protocol.Key
	age                  string
},
) {
	if m, ok := n.Trust().Member(id); ok {
		known.identity, known.node, known.link, known.age = m.IdentityKey, m.NodeKey, m.LinkKey, m.AgeRecipient
	}
	return known
}

// rotated: a town turns each of its four keys while a neighbour is out, which knows the
// town's node by the old link key alone when it comes back.
func (s *stage) rotated(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	if err := s.net.connect(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	if _, err := s.told(ctx, "By the first keys."); err != nil {
		return "", err
	}
	c := s.net.Node(CrisisCentre)
	first := keysOf(c, SouthGate)
	if err := s.net.Stop(RiverTown); err != nil {
		return "", err
	}
	if err := s.rotateAll(ctx, SouthGate); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Cut() // nobody but the town itself can tell the neighbour
	if err := s.net.Restart(ctx, RiverTown); err != nil {
		return "", err
	}
	second, err := s.told(ctx, "By the second keys.")
	if err != nil {
		return "", err
	}
	river, now := s.net.Node(RiverTown), keysOf(c, SouthGate)
	if now.identity == first.identity || now.node == first.node || now.link == first.link || now.age == first.age {
		return "", unseen("a key of %s is the first one still", SouthGate)
	}
	if err = s.wait(ctx, river, "it knows the new keys", func() bool { return keysOf(river, SouthGate) == now && lineUp(river, SouthGate) }); err != nil {
		return "", err
	}
	s.net.Line(RiverTown, CrisisCentre).Heal()
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s turned its identity, node, link and age key while %s was out, which then took its call by the key before, learned all four, and holds %s of the next epoch. Nothing is void.",
		short(SouthGate), short(RiverTown), second.Position), nil
}

// rotateAll turns the four keys of an institution, its registrar admitting the identity
// key that it asks for.
func (s *stage) rotateAll(ctx context.Context, id protocol.InstitutionID) error {
	n, c := s.net.Node(id), s.net.Node(CrisisCentre)
	for _, use := range []protocol.KeyUse{protocol.UseAge, protocol.UseLink, protocol.UseNode, protocol.UseIdentity} {
		if _, err := n.Desk().RotateKey(ctx, node.RotateRequest{As: id, Use: use}); err != nil {
			return fmt.Errorf("rotate the %s key: %w", use, err)
		}
	}
	asked := func() bool {
		m, ok := c.Trust().Member(id)
		return ok && !m.RequestedKey.IsZero()
	}
	if err := s.wait(ctx, c, "it is asked for the next identity key", asked); err != nil {
		return err
	}
	before := keysOf(c, id).identity
	if err := c.Admit(ctx, node.AdmitRequest{Institution: id}); err != nil {
		return err
	}
	return s.wait(ctx, n, "its next identity key is admitted", func() bool { return keysOf(n, id).identity != before })
}

// restored: a town's machine is lost after its backup. Put back while no line is up, its
// node writes at once, in the next epoch; when the lines are up, what it had said since the
// backup comes home, and all of it counts.
func (s *stage) restored(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	if _, err := s.told(ctx, "Before the backup."); err != nil {
		return "", err
	}
	to := filepath.Join(s.dir, "backups")
	if err := os.Mkdir(to, 0o700); err != nil {
		return "", err
	}
	made, err := s.net.Node(SouthGate).Desk().Backup(ctx, node.BackupRequest{To: to})
	if err != nil {
		return "", err
	}
	acknowledged, err := s.told(ctx, "After the backup.")
	if err != nil {
		return "", err
	}
	if err = s.net.Stop(SouthGate); err != nil {
		return "", err
	}
	s.net.Line(SouthGate, CrisisCentre).Cut()
	o := s.net.options(SouthGate)
	carrier := filepath.Join(o.Dir, "identity")
	o.Dir, o.CheckStore = filepath.Join(s.dir, "restored"), s.options.CheckStore
	back, err := node.Restore(ctx, o, made.File, carrier, s.sheet(SouthGate))
	if err != nil {
		return "", err
	}
	if err = s.net.runAs(ctx, SouthGate, o); err != nil {
		return "", err
	}
	if s.net.Node(SouthGate).Holds(acknowledged.Name) {
		return "", unseen("%s is in a backup made before it", acknowledged.Name)
	}
	alone, err := s.note(ctx, "Written before any line is up.")
	if err != nil {
		return "", err
	}
	s.net.Line(SouthGate, CrisisCentre).Heal()
	link := node.AddLinkRequest{Peer: SouthGate, Key: back.LinkKey} // told on the phone
	if _, err = s.net.Node(CrisisCentre).Desk().AddLink(ctx, link); err != nil {
		return "", err
	}
	home := func(n *node.Node) bool {
		last, ok := n.Trust().Last(acknowledged.EpochID())
		return n.Holds(alone.Name) && ok && !last.Unknown && last.Sequence == acknowledged.Sequence && last.Digest == acknowledged.Digest
	}
	if err = s.everywhere(ctx, "all that was acknowledged is home and counts", home); err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	if err = s.count(acknowledged, alone); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s lost its machine and was put back from a backup of %d records with no line up: it wrote %s at once. Then %s, newer than the backup, came home and was stated as the last of its epoch; all %d nodes show one picture.",
		short(SouthGate), back.Records, alone.Position, acknowledged.Position, len(s.net.Nodes())), nil
}

// lostKey: a town loses its machine and its carrier. Its registrar invites it a second time,
// every node announces that for a day, and what it said before counts.
func (s *stage) lostKey(ctx context.Context) (string, error) {
	if err := s.open(ctx, SouthGate, RiverTown); err != nil {
		return "", err
	}
	before, err := s.told(ctx, "Before the fire.")
	if err != nil {
		return "", err
	}
	first := keysOf(s.net.Node(CrisisCentre), SouthGate)
	if err = s.net.Stop(SouthGate); err != nil {
		return "", err
	}
	if err = os.RemoveAll(filepath.Join(s.dir, string(SouthGate))); err != nil {
		return "", err
	}
	town := townOf(SouthGate)
	inv, err := s.net.invite(ctx, town, true)
	if err != nil {
		return "", err
	}
	if err = s.net.enter(ctx, town, inv); err != nil {
		return "", err
	}
	after, err := s.told(ctx, "With another key.")
	if err != nil {
		return "", err
	}
	announced := func(n *node.Node) bool {
		_, said := finds(ctx, n, "member", string(SouthGate))
		return said && keysOf(n, SouthGate).identity != first.identity
	}
	if err = s.everywhere(ctx, "it announces the new key", announced); err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	if err = s.count(before, after); err != nil {
		return "", err
	}
	s.later.Store(int64(announcedFor))
	for _, n := range s.net.Nodes() {
		if said, still := finds(ctx, n, "member", string(SouthGate)); still {
			return "", unseen("a day later %s still says: %s", n.Institutions()[0], said)
		}
	}
	return fmt.Sprintf("%s lost its machine and its identity key, and took a second invitation of its registrar: %s counts, it goes on at %s, and all %d nodes announced the new key for 24 hours.",
		short(SouthGate), before.Position, after.Position, len(s.net.Nodes())), nil
}

// announcedFor is a little more than how long another identity key is announced.
const announcedFor = 24*time.Hour + time.Minute
