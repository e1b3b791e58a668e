package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func newMember(a *app) *cobra.Command {
	cmd := a.group("member", "See who is in the network, invite and admit", "Members are admitted by the registrar that the charter names for their prefix.")
	cmd.AddCommand(newMemberList(a), newMemberShow(a), newMemberInvite(a), newMemberAdmit(a), newMemberCharter(a))
	return cmd
}

func newMemberList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the members", Args: wants(),
		Example: "  vardar member list\n  vardar member list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				members, err := c.Members(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(members, a.tableOf(members))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func newMemberShow(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show INSTITUTION", Short: "Show a member: keys, admission, what it may say", Args: wants("INSTITUTION"),
		Example: "  vardar member show mk.southeast.gevgelija",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			return a.runShow(cmd, &showOptions{}, string(id))
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

// admitOptions are what invitation and admission share.
type admitOptions struct {
	as, level, prefix string
	noLink            bool
}

func (o *admitOptions) flags(cmd *cobra.Command) {
	levelFlag(cmd, &o.level)
	cmd.Flags().StringVar(&o.prefix, "prefix", "", "`PREFIX` under which it is to admit others itself: mk.southeast.")
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` that admits, if the node writes for several")
	cmd.Flags().BoolVar(&o.noLink, "no-link", false, "agree on no link with it: another node hosts it, or takes it in")
}

func (o *admitOptions) read(cmd *cobra.Command) (as protocol.InstitutionID, level body.Level, err error) {
	if o.as != "" {
		if as, err = institution(cmd, o.as); err != nil {
			return
		}
	}
	if level, err = parseLevel(cmd, o.level); err == nil && level == 0 {
		err = usage(cmd, "--level is missing: want one of "+strings.Join(body.Municipality.Words(), ", "))
	}
	return
}

type inviteOptions struct {
	admitOptions
	validFor  time.Duration
	address   []string
	neighbour string
	letter    string
}

func newMemberInvite(a *app) *cobra.Command {
	var o inviteOptions
	cmd := &cobra.Command{
		Use: "invite INSTITUTION", Short: "Admit an institution by an invitation", Args: wants("INSTITUTION"),
		Long: "Admits an institution and prints its invitation, one line, once: whoever has it can take the seat, so\n" +
			"send it by a way that only the newcomer reads. --letter writes a letter beside it, for print: what to do,\n" +
			"whom to call, and six words by which the newcomer sees that the line is the one that you sent.\n\n" +
			"The newcomer proposes a second link, to the nearest member that this node dials: a node with one line\n" +
			"hangs on it. That member approves it, or not.",
		Example: "  vardar member invite mk.southeast.gevgelija --level municipality > invitation.txt\n" +
			"  vardar member invite mk.southeast.gevgelija --level municipality --letter letter.txt --valid-for 72h > invitation.txt\n" +
			"  vardar member invite mk.southeast.gevgelija --level municipality --neighbour mk.southeast.bogdanci=bogdanci.example.org:4222\n" +
			"  vardar member invite mk.southeast.registry --level region --prefix mk.southeast.",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runInvite(cmd, &o, args[0]) },
	}
	o.flags(cmd)
	cmd.Flags().DurationVar(&o.validFor, "valid-for", 0, "how `LONG` it can be taken (default 168h)")
	cmd.Flags().StringArrayVar(&o.address, "address", nil, "`HOST:PORT` to join at (default where this node can be called); may be repeated")
	cmd.Flags().StringVar(&o.neighbour, "neighbour", "", "`INSTITUTION=HOST:PORT` of a second link (default the nearest member that this node dials)")
	cmd.Flags().StringVar(&o.letter, "letter", "", "write a letter for print to this new `FILE`, which the owner alone can read")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runInvite(cmd *cobra.Command, o *inviteOptions, arg string) error {
	id, err := institution(cmd, arg)
	if err != nil {
		return err
	}
	as, level, err := o.read(cmd)
	if err != nil {
		return err
	}
	r := api.InviteRequest{
		As: as, Institution: id, Level: level, Prefix: body.Prefix(o.prefix), ValidFor: o.validFor, Addresses: o.address, NoLink: o.noLink,
	}
	if r.Neighbour, err = neighbour(cmd, o.neighbour); err != nil {
		return err
	}
	if _, err := os.Lstat(o.letter); o.letter != "" && err == nil {
		return &api.Problem{Kind: api.Refused, Detail: o.letter + " is there already", Mend: "name a new file for the letter", Next: "ls " + o.letter}
	}
	return a.ask(func(c *api.Client) error {
		inv, err := c.Invite(cmd.Context(), r)
		if err != nil {
			return err
		}
		// The line is printed whatever becomes of the letter: it can't be shown again.
		var unwritten error
		if o.letter != "" {
			unwritten = writeLetter(o.letter, &inv)
		}
		if a.output == asJSON {
			return errors.Join(a.writeJSON(inv), unwritten)
		}
		line(a.out, "%s", inv.Line)
		a.note("%s can join until %s: vardar join invitation.txt", inv.Institution, clock(inv.Expires))
		a.note("check words: %s", strings.Join(inv.CheckWords[:], " "))
		return unwritten
	})
}

// neighbour reads INSTITUTION=HOST:PORT.
func neighbour(cmd *cobra.Command, s string) (*api.Neighbour, error) {
	if s == "" {
		return nil, nil //nolint:nilnil // none was named
	}
	name, address, ok := strings.Cut(s, "=")
	if !ok {
		return nil, usage(cmd, fmt.Sprintf("--neighbour %s: want INSTITUTION=HOST:PORT", s))
	}
	id, err := institution(cmd, name)
	return &api.Neighbour{Institution: id, Address: address}, err
}

func newMemberAdmit(a *app) *cobra.Command {
	var o admitOptions
	cmd := &cobra.Command{
		Use: "admit FILE", Short: "Admit an institution by the key that it has made", Args: wants("FILE"),
		Long:    "Admits an institution by the line that 'vardar init INSTITUTION --keys-only' printed there; a dash reads it\nfrom the input. For one that a node hosts besides its own, and for those who can't use an invitation.",
		Example: "  vardar member admit valandovo.json --level municipality",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runAdmit(cmd, &o, args[0]) },
	}
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runAdmit(cmd *cobra.Command, o *admitOptions, file string) error {
	as, level, err := o.read(cmd)
	if err != nil {
		return err
	}
	f, err := readFounder(cmd, file, a.in)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		p, err := c.Admit(cmd.Context(), api.AdmitRequest{As: as, Institution: f.Institution, Level: level, Prefix: body.Prefix(o.prefix), Key: f.Key, Proof: f.Proof, NoLink: o.noLink})
		if err != nil {
			return err
		}
		return (&said{}).result(a, &p)
	})
}
