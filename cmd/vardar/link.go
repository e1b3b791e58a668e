package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newLink(a *app) *cobra.Command {
	cmd := a.group("link", "Agree on links with other nodes, and look at them", "A link is a line to another node with a policy that both sides have signed: what goes which way.")
	cmd.AddCommand(newLinkList(a),
		newLinkOf(a, "show", "Show one link and its policy in sentences", (*api.Client).LinkShow),
		newLinkPropose(a), newLinkApprove(a),
		newLinkOf(a, "pause", "Let no line to a peer come up until it is resumed: what it is to have waits", (*api.Client).PauseLink),
		newLinkOf(a, "resume", "Let the line to a peer come up again", (*api.Client).ResumeLink),
		newLinkRemove(a), newLinkTest(a))
	return cmd
}

func newLinkList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the links and how they are", Args: wants(),
		Example: "  vardar link list\n  vardar link list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				states, err := c.Links(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(states, a.links(states))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func (a *app) showLink(l *api.Link) error {
	if a.output == asJSON {
		return a.writeJSON(l)
	}
	if err := a.write(nil, a.links([]api.LinkState{l.State})); err != nil {
		return err
	}
	for _, s := range l.Says {
		line(a.out, "%s", s)
	}
	if l.Approve {
		a.note("Policy %d is proposed by the other side: vardar link approve %s", l.Proposed.Number, l.State.Peer)
	}
	return nil
}

type proposeOptions struct {
	send, receive []string
	bodies, relay string
	address, key  string
}

func newLinkPropose(a *app) *cobra.Command {
	var o proposeOptions
	cmd := &cobra.Command{
		Use: "propose PEER", Short: "Propose a policy for a link, or a new link", Args: wants("PEER"),
		Long: "Signs a policy and sends it to the other side, whose approval puts it in force. Unless told otherwise all\n" +
			"topics of all regions go both ways, bodies up to TLP:AMBER, others' records up to TLP:GREEN.",
		Example: "  vardar link propose mk.southeast.gevgelija --key 8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c\n" +
			"  vardar link propose rs.national.centre --address node.example.rs:4222\n" +
			"  vardar link propose mk.national.crisis-centre --send \"* mk.southeast\" --receive \"situation mk.*\" --receive \"alert *\" --bodies GREEN",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runPropose(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.send, "send", nil, "`GROUP` that we send: a topic and a region, * for any; may be repeated")
	f.StringArrayVar(&o.receive, "receive", nil, "`GROUP` that they send us; may be repeated")
	f.StringVar(&o.bodies, "bodies", "", "`MARK` up to which bodies go, both ways")
	f.StringVar(&o.relay, "relay", "", "`MARK` up to which others' records are passed on, both ways")
	f.StringVar(&o.address, "address", "", "`HOST:PORT` at which this node is to call the peer")
	f.StringVar(&o.key, "key", "", "the peer's link `KEY`, if its trust feed is not here yet, or names the one that a restored node has lost")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runPropose(cmd *cobra.Command, o *proposeOptions, arg string) error {
	peer, err := institution(cmd, arg)
	if err != nil {
		return err
	}
	add := api.AddLinkRequest{Peer: peer, Address: o.address}
	if o.key != "" {
		if add.Key, err = protocol.ParseKey(o.key); err != nil {
			return usage(cmd, "--key: "+err.Error())
		}
	}
	terms, err := o.terms(cmd)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		if o.address != "" || o.key != "" {
			if _, err := c.AddLink(cmd.Context(), add); err != nil {
				return err
			}
		}
		if o.key != "" && o.address == "" { // the policy stays as it is
			line(a.out, "links with %s are opened with its new key", peer)
			return a.sayWhereWeAre(cmd.Context(), c)
		}
		p, err := c.Propose(cmd.Context(), peer, terms)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(p)
		}
		line(a.out, "policy %d is proposed to %s", p.Number, peer)
		a.note("It is in force once the other side has said: vardar link approve %s", ownSide(&p, peer))
		return nil
	})
}

// sayWhereWeAre notes how this node is called, for a peer who has lost what it knew.
func (a *app) sayWhereWeAre(ctx context.Context, c *api.Client) error {
	s, err := c.Status(ctx)
	if err != nil || s.Health.Listen == "" {
		return err
	}
	m, err := c.Member(ctx, s.Institutions[0])
	if err == nil {
		a.note("they call this node, if they have lost what they knew of it, at: %s=%s/%s", m.ID, s.Health.Listen, m.LinkKey)
	}
	return err
}

// ownSide gives the side of a policy that the peer is not.
func ownSide(p *protocol.LinkPolicy, peer protocol.InstitutionID) protocol.InstitutionID {
	if p.A == peer {
		return p.B
	}
	return p.A
}

func (o *proposeOptions) terms(cmd *cobra.Command) (api.Terms, error) {
	t := api.Everything()
	if len(o.send) > 0 {
		t.Ours.Groups = o.send
	}
	if len(o.receive) > 0 {
		t.Theirs.Groups = o.receive
	}
	bodies, err := handling(cmd, "bodies", o.bodies)
	if err != nil {
		return t, err
	}
	relay, err := handling(cmd, "relay", o.relay)
	if err != nil {
		return t, err
	}
	for _, d := range []*protocol.Direction{&t.Ours, &t.Theirs} {
		if bodies != 0 {
			d.Bodies = bodies
		}
		if relay != 0 {
			d.Relay = relay
		}
	}
	return t, nil
}

func newLinkApprove(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "approve PEER", Short: "Approve the policy that the other side has proposed", Args: wants("PEER"),
		Example: "  vardar link approve rs.national.centre --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			peer, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			return a.ask(func(c *api.Client) error { return a.approve(cmd, c, peer, yes) })
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "approve without asking")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) approve(cmd *cobra.Command, c *api.Client, peer protocol.InstitutionID, yes bool) error {
	l, err := c.LinkShow(cmd.Context(), peer)
	if err != nil {
		return err
	}
	if l.Approve {
		if err = a.agree(yes, proposal(&l, peer), "vardar link approve "+string(peer)+" --yes"); err != nil {
			return err
		}
	}
	p, err := c.Approve(cmd.Context(), peer, api.ApproveRequest{Document: &l.Document})
	if err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(p)
	}
	line(a.out, "policy %d with %s is in force", p.Number, peer)
	return nil
}

// proposal says what there is to approve.
func proposal(l *api.Link, peer protocol.InstitutionID) string {
	says := func(who string, d protocol.Direction) string {
		return fmt.Sprintf("%s %s, bodies up to %s, others' up to %s", who, strings.Join(d.Groups, ", "), d.Bodies, d.Relay)
	}
	p := l.Proposed
	return fmt.Sprintf("Policy %d with %s: %s; %s. Approve?", p.Number, peer, says("we send", p.From(ownSide(p, peer))), says("they send", p.From(peer)))
}

// newLinkOf makes a command that shows a link, as it is once something was done to it or nothing.
func newLinkOf(a *app, word, short string, do func(*api.Client, context.Context, protocol.InstitutionID) (api.Link, error)) *cobra.Command {
	cmd := &cobra.Command{
		Use: word + " PEER", Short: short, Args: wants("PEER"),
		Example: "  vardar link " + word + " rs.national.centre",
		RunE: func(cmd *cobra.Command, args []string) error {
			peer, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			return a.ask(func(c *api.Client) error {
				l, err := do(c, cmd.Context(), peer)
				if err != nil {
					return err
				}
				return a.showLink(&l)
			})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

func newLinkRemove(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "remove PEER", Short: "End a link, and what was agreed on it", Args: wants("PEER"),
		Long: "Ends the line and forgets its addresses and its policy. The peer is let in no more until 'vardar link propose'\n" +
			"with its address or key. One that the settings name comes back at the next start: take it out there too.",
		Example: "  vardar link remove rs.national.centre --yes",
		RunE: func(cmd *cobra.Command, args []string) error {
			peer, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			return a.ask(func(c *api.Client) error {
				l, err := c.LinkShow(cmd.Context(), peer)
				if err != nil {
					return err
				}
				if err = a.agree(yes, fmt.Sprintf("End the link with %s, and what was agreed on it?", l.State.Peer), "vardar link remove "+string(peer)+" --yes"); err != nil {
					return err
				}
				if l, err = c.RemoveLink(cmd.Context(), peer); err != nil {
					return err
				}
				if a.output == asJSON {
					return a.writeJSON(l)
				}
				line(a.out, "the link with %s is removed", l.State.Peer)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "remove it without asking")
	a.prints(cmd, asJSON)
	return cmd
}

func newLinkTest(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "test PEER", Short: "Look at everything that a link needs", Args: wants("PEER"),
		Long:    "Asks the peer a question, dialling it if there is no line, and looks at key, address, line, answer, clock and policy,\nin the order in which they are to be mended.\nExit code 8 if something was found.",
		Example: "  vardar link test mk.national.crisis-centre",
		RunE: func(cmd *cobra.Command, args []string) error {
			peer, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			return a.ask(func(c *api.Client) error {
				t, err := c.TestLink(cmd.Context(), peer)
				if err != nil {
					return err
				}
				return a.tested(&t)
			})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) tested(t *api.LinkTest) error {
	rows := tabled(t.Checks, []string{"what", "ok", "said", "mend"}, func(c *api.Check) []string {
		return []string{c.Name, yes(c.OK), c.Said, c.Mend}
	})
	if err := a.write(t, rows); err != nil || t.OK {
		return err
	}
	p := &api.Problem{Kind: api.CheckFound, Detail: "the link with " + string(t.Peer) + " is not as it should be", Next: "vardar link show " + string(t.Peer)}
	for _, c := range t.Checks {
		if !c.OK {
			p.Mend = c.Mend
			break
		}
	}
	return p
}
