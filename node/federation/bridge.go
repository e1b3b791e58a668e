package federation

import (
	"context"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// BridgeStory is the proof story of what crosses a border; [DemoBridge] tells it.
const BridgeStory = "bridge"

// ProofStories gives the names of the stories that replay no file.
func ProofStories() []string { return []string{TrustStory, BridgeStory} }

// DemoBridge plays the scenes of two countries that have a registrar, a town and a node each of
// their own, and one line between them, as [DemoTrust] plays its.
func DemoBridge(ctx context.Context, o TrustOptions) (TrustReport, error) {
	return tellProof(ctx, o, proofStory{"what crosses a border, scene by scene", bridgeScenes()})
}

func bridgeScenes() []trustScene {
	return []trustScene{
		{"agreed on both sides", (*stage).bridged},
		{"help across", (*stage).helpAcross},
		{"cut and caught up", (*stage).bridgeCut},
		{"no power across", (*stage).noPowerAcross},
	}
}

// bridge makes two countries, each a registrar and a town that dials it; the only line between
// them is that of the two registrars.
func (s *stage) bridge(ctx context.Context) (err error) {
	plan := Plan{
		Network: NetworkName, Nodes: [][]Member{
			{{ID: CrisisCentre, Level: body.Ministry}}, {{ID: IslandsDesk, Level: body.Ministry}}, {townOf(SouthGate)}, {townOf(NorthernTown)},
		},
		Registrars: map[protocol.InstitutionID][]string{CrisisCentre: {"mk."}, IslandsDesk: {"gr."}},
		Via:        map[protocol.InstitutionID]protocol.InstitutionID{},
	}
	timing := node.Timing{Heartbeat: demoHeartbeat, Redial: stageRedial, Soon: demoSoon}
	if s.net, err = Start(ctx, Options{Dir: s.dir, Timing: timing, Clock: s.now}, plan); err != nil {
		return err
	}
	return s.inForce(ctx, 1)
}

// inForce waits until both ends of the bridge go by the policy of a number.
func (s *stage) inForce(ctx context.Context, number int) error {
	for id, peer := range map[protocol.InstitutionID]protocol.InstitutionID{CrisisCentre: IslandsDesk, IslandsDesk: CrisisCentre} {
		n := s.net.Node(id)
		if err := s.wait(ctx, n, fmt.Sprintf("policy %d is in force", number), func() bool { return lineWith(n, peer).Policy == number }); err != nil {
			return err
		}
	}
	return nil
}

// lineWith gives how a node's line with a peer is.
func lineWith(n *node.Node, peer protocol.InstitutionID) node.LineState {
	l, _ := first(n.Lines(), func(l *node.LineState) bool { return l.Peer == peer })
	return l
}

// writes has an institution write a note.
func (s *stage) writes(ctx context.Context, by protocol.InstitutionID, of protocol.Topic, mark protocol.Handling) (node.Said, error) {
	return s.net.Node(by).Say(ctx, by, &body.Note{Topic: of, Text: body.NoteText(short(by) + " says so.")}, mark)
}

// bridged: one side proposes that the situation crosses and nothing else, and bodies up to
// TLP:GREEN. It is in force once the other has approved it; what was not agreed stays at home.
func (s *stage) bridged(ctx context.Context) (string, error) {
	if err := s.bridge(ctx); err != nil {
		return "", err
	}
	here, there := s.net.Node(CrisisCentre), s.net.Node(IslandsDesk)
	only := func(country string) protocol.Direction {
		return protocol.Direction{Groups: []string{"situation " + country + ".*"}, Bodies: protocol.Green, Relay: protocol.Green}
	}
	policy, err := here.Desk().Propose(ctx, IslandsDesk, node.Terms{Ours: only("mk"), Theirs: only("gr")})
	if err != nil {
		return "", err
	}
	asked := func() bool {
		l, unknown := there.Desk().LinkShow(ctx, CrisisCentre)
		return unknown == nil && l.Approve
	}
	if err = s.wait(ctx, there, "the proposal has come", asked); err != nil {
		return "", err
	}
	if lineWith(here, IslandsDesk).Policy == policy.Number || lineWith(there, CrisisCentre).Policy == policy.Number {
		return "", unseen("policy %d is in force, and %s has not approved it", policy.Number, IslandsDesk)
	}
	if _, err = there.Desk().Approve(ctx, CrisisCentre, node.ApproveRequest{}); err != nil {
		return "", err
	}
	if err = s.inForce(ctx, policy.Number); err != nil {
		return "", err
	}
	return s.homeStays(ctx, policy.Number)
}

// homeStays writes what was agreed and what was not, and looks what is on the other side.
func (s *stage) homeStays(ctx context.Context, number int) (string, error) {
	home, err := s.writes(ctx, CrisisCentre, protocol.Policy, protocol.Green)
	if err != nil {
		return "", err
	}
	sealed, err := s.writes(ctx, CrisisCentre, protocol.Situation, protocol.Amber)
	if err != nil {
		return "", err
	}
	open, err := s.writes(ctx, SouthGate, protocol.Situation, protocol.Green)
	if err != nil {
		return "", err
	}
	for _, name := range []protocol.Name{open.Name, sealed.Name} {
		if err = s.arrives(ctx, NorthernTown, name); err != nil {
			return "", err
		}
	}
	here := s.net.Node(CrisisCentre)
	atRest := func() bool { l := lineWith(here, IslandsDesk); return l.Settled && l.Waiting == 0 }
	if err = s.wait(ctx, here, "nothing is under way over the bridge", atRest); err != nil {
		return "", err
	}
	for _, id := range []protocol.InstitutionID{IslandsDesk, NorthernTown} {
		n := s.net.Node(id)
		if n.Holds(home.Name) {
			return "", unseen("%s holds %s, and that topic was not agreed", id, home.Name)
		}
		if r, err := n.Record(sealed.Name); err != nil || r.BodyState == protocol.BodyHeld {
			return "", unseen("%s holds the body of %s, which is %s: %v", id, sealed.Name, r.Handling, err)
		}
	}
	return fmt.Sprintf("%s proposed policy %d, which counted once %s had approved it: what %s says of the situation is at %s, of a note under %s only that there is one, and a note on policy stayed in its country.",
		short(CrisisCentre), number, short(IslandsDesk), short(SouthGate), short(NorthernTown), protocol.Amber), nil
}

// says has an institution publish at its own desk, marked as invented.
func (s *stage) says(ctx context.Context, as protocol.InstitutionID, kind string, set ...string) (protocol.Name, error) {
	said, err := s.net.Node(as).Desk().Publish(ctx, node.PublishRequest{As: as, Kind: kind, Set: append(set, "source.type=own", "source.name="+invented)})
	return said.Record, err
}

// These are the beds that are asked for, those that the neighbour has, and those that are taken.
const (
	bedsAsked = 400
	bedsThere = 250
	bedsTaken = 200
)

// helpAcross: a town asks for beds, the town on the other side of the border offers, and both have
// the same books, as have the nodes between them.
func (s *stage) helpAcross(ctx context.Context) (string, error) {
	if err := s.bridge(ctx); err != nil {
		return "", err
	}
	if _, err := s.says(ctx, NorthernTown, "capacity", "place=nuts:EL5", "items.0.type=bed_place", "items.0.unit="+string(body.Places), fmt.Sprintf("items.0.available=%d", bedsThere), "items.0.offerable=true"); err != nil {
		return "", err
	}
	request, err := s.says(ctx, SouthGate, "request", "lines.0.type=bed_place", fmt.Sprintf("lines.0.quantity=%d", bedsAsked),
		"deliver_to.place="+southGatePlace().Key().String(), "deliver_to.contact.office=Duty desk", "answer_by="+body.TimeOf(s.now().Add(oneDay).UTC().Truncate(time.Second)).String())
	if err != nil {
		return "", err
	}
	line := func(n *node.Node) (offered, ordered, committed, unmet int64) {
		if r, ok := requestIn(n.Picture(s.now()), request); ok && len(r.Lines) > 0 {
			l := &r.Lines[0]
			return l.Offered, l.Ordered, l.Committed, l.Unmet
		}
		return 0, 0, 0, 0
	}
	to := request
	for _, t := range []struct {
		by       protocol.InstitutionID
		step     body.Step
		quantity int64
		after    func(n *node.Node) bool
	}{
		{NorthernTown, body.StepOffer, bedsThere, func(n *node.Node) bool { _, _, _, unmet := line(n); return unmet == bedsAsked }},
		{SouthGate, body.StepAccept, bedsTaken, func(n *node.Node) bool { offered, _, _, _ := line(n); return offered == bedsThere }},
		{NorthernTown, body.StepCommit, bedsTaken, func(n *node.Node) bool { _, ordered, _, _ := line(n); return ordered == bedsTaken }},
	} {
		n := s.net.Node(t.by)
		if err = s.wait(ctx, n, "it shows what "+t.step.String()+" answers", func() bool { return t.after(n) }); err != nil {
			return "", err
		}
		answer := node.AnswerRequest{As: t.by, Record: to.String(), Step: t.step.String(), Lines: []node.LineQuantity{{Line: 1, Quantity: t.quantity}}}
		said, refused := n.Desk().Answer(ctx, answer)
		if refused != nil {
			return "", fmt.Errorf("%s of %s: %w", t.step, t.by, refused)
		}
		to = said.Record
	}
	if err = s.everywhere(ctx, "it shows what is committed", func(n *node.Node) bool { _, _, committed, _ := line(n); return committed == bedsTaken }); err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	_, _, committed, unmet := line(s.net.Node(NorthernTown))
	return fmt.Sprintf("%s asked for %d beds, %s committed %d of its %d: %d are unmet, and the books of all %d nodes of both countries say so.",
		short(SouthGate), bedsAsked, short(NorthernTown), committed, bedsThere, unmet, len(s.net.Nodes())), nil
}

// bridgeCut: the one line between the countries is cut, each goes on by itself, and when it is back
// all have all.
func (s *stage) bridgeCut(ctx context.Context) (string, error) {
	if err := s.bridge(ctx); err != nil {
		return "", err
	}
	s.net.Line(IslandsDesk, CrisisCentre).Cut()
	var said []node.Said
	waits := map[protocol.InstitutionID]int{}
	for town, capital := range map[protocol.InstitutionID]protocol.InstitutionID{SouthGate: CrisisCentre, NorthernTown: IslandsDesk} {
		for range 3 {
			r, err := s.writes(ctx, town, protocol.Situation, protocol.Green)
			if err != nil {
				return "", err
			}
			said = append(said, r)
			if err = s.arrives(ctx, capital, r.Name); err != nil {
				return "", err
			}
		}
	}
	for _, r := range said {
		other := SouthGate
		if r.Institution == SouthGate {
			other = NorthernTown
		}
		if !s.net.Node(other).Holds(r.Name) {
			waits[r.Institution]++
		}
	}
	if waits[SouthGate] == 0 || waits[NorthernTown] == 0 {
		return "", unseen("nothing waited for the line that was cut: %v", waits)
	}
	began := s.options.Clock()
	s.net.Line(IslandsDesk, CrisisCentre).Heal()
	if err := s.agree(ctx); err != nil {
		return "", err
	}
	if err := s.count(said...); err != nil {
		return "", err
	}
	return fmt.Sprintf("while the line between the countries was cut, %d records of %s and %d of %s went on at home; %.1f s after it was back all %d nodes held them and showed one picture.",
		waits[SouthGate], short(SouthGate), waits[NorthernTown], short(NorthernTown), s.options.Clock().Sub(began).Seconds(), len(s.net.Nodes())), nil
}

// noPowerAcross: the registrar of one country can neither put out a member of the other nor let one
// in: its own node refuses, and on every node all is as it was.
func (s *stage) noPowerAcross(ctx context.Context) (string, error) {
	if err := s.bridge(ctx); err != nil {
		return "", err
	}
	abroad := s.net.Node(IslandsDesk).Desk()
	if _, err := abroad.Close(ctx, node.CloseRequest{Institution: SouthGate, Reason: "We say so."}); err == nil {
		return "", unseen("%s put %s out", IslandsDesk, SouthGate)
	}
	if inv, err := abroad.Invite(ctx, node.InviteRequest{Institution: RiverTown, Level: body.Municipality}); err == nil {
		return "", unseen("%s let %s in: %v", IslandsDesk, RiverTown, inv)
	}
	said, err := s.told(ctx, "We are still here.")
	if err != nil {
		return "", err
	}
	if err = s.agree(ctx); err != nil {
		return "", err
	}
	if err = s.count(said); err != nil {
		return "", err
	}
	members := 0
	for _, n := range s.net.Nodes() {
		l, err := n.List(ctx, node.Query{What: "members"})
		if err != nil {
			return "", err
		}
		if members = l.Total; members != len(s.net.Nodes()) {
			return "", unseen("%s lists %d members", n.Institutions()[0], members)
		}
	}
	return fmt.Sprintf("the node of %s refused to put %s out and to let %s in; all %d nodes list the same %d members, and what %s says counts.",
		short(IslandsDesk), short(SouthGate), short(RiverTown), len(s.net.Nodes()), members, short(SouthGate)), nil
}
