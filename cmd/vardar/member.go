package main

import (
	"encoding/json"
	"fmt"
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
type admitOptions struct{ as, level, prefix string }

func (o *admitOptions) flags(cmd *cobra.Command) {
	levelFlag(cmd, &o.level)
	cmd.Flags().StringVar(&o.prefix, "prefix", "", "`PREFIX` under which it is to admit others itself: mk.southeast.")
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` that admits, if the node writes for several")
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
	validFor time.Duration
	address  []string
}

func newMemberInvite(a *app) *cobra.Command {
	var o inviteOptions
	cmd := &cobra.Command{
		Use: "invite INSTITUTION", Short: "Admit an institution by an invitation", Args: wants("INSTITUTION"),
		Long: "Admits an institution and prints its invitation, one line, once: whoever has it can take the seat, so\n" +
			"send it by a way that only the newcomer reads.",
		Example: "  vardar member invite mk.southeast.gevgelija --level municipality > invitation.txt\n" +
			"  vardar member invite mk.southeast.registry --level region --prefix mk.southeast.",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runInvite(cmd, &o, args[0]) },
	}
	o.flags(cmd)
	cmd.Flags().DurationVar(&o.validFor, "valid-for", 0, "how `LONG` it can be taken (default 168h)")
	cmd.Flags().StringArrayVar(&o.address, "address", nil, "`HOST:PORT` to join at (default where this node can be called); may be repeated")
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
	return a.ask(func(c *api.Client) error {
		inv, err := c.Invite(cmd.Context(), api.InviteRequest{
			As: as, Institution: id, Level: level, Prefix: body.Prefix(o.prefix), ValidFor: o.validFor, Addresses: o.address,
		})
		if err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(inv)
		}
		line(a.out, "%s", inv.Line)
		a.note("%s can join until %s: vardar join -", inv.Institution, clock(inv.Expires))
		return nil
	})
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
		p, err := c.Admit(cmd.Context(), api.AdmitRequest{As: as, Institution: f.Institution, Level: level, Prefix: body.Prefix(o.prefix), Key: f.Key, Proof: f.Proof})
		if err != nil {
			return err
		}
		return (&said{}).result(a, &p)
	})
}

type charterOptions struct{ signed bool }

func newMemberCharter(a *app) *cobra.Command {
	var o charterOptions
	cmd := &cobra.Command{
		Use: "charter", Short: "Show the charter in force", Args: wants(),
		Example: "  vardar member charter\n  vardar member charter --signed > charter.json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runCharter(cmd, &o) },
	}
	cmd.Flags().BoolVar(&o.signed, "signed", false, "write document and signatures as they travel, to the byte")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharter(cmd *cobra.Command, o *charterOptions) error {
	return a.ask(func(c *api.Client) error {
		charter, err := c.Charter(cmd.Context())
		switch {
		case err != nil:
			return err
		case o.signed:
			return json.NewEncoder(a.out).Encode(charter.Signed)
		case a.output == asJSON:
			return a.writeJSON(charter)
		}
		parsed, err := protocol.ParseCharter(charter.Signed.Document)
		if err != nil {
			return err
		}
		line(a.out, "%s, charter %d: %s", charter.Network, charter.Version, charter.Digest)
		t := table{}
		t.add("signed by", joined(charter.Stewards))
		for _, r := range parsed.Registrars {
			t.add("registrar", string(r.Institution), strings.Join(r.Prefixes, ", "))
		}
		t.add("members", fmt.Sprint(charter.Members))
		t.add("until", charter.Expires)
		return a.write(nil, t)
	})
}
