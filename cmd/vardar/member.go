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
	cmd := a.group("member", "See who is in the network, invite, admit and close; its charter and keys", "Members are admitted by the registrar that the charter names for their prefix.")
	cmd.AddCommand(newMemberList(a), newMemberShow(a), newMemberInvite(a), newMemberAdmit(a), newMemberClose(a), newMemberCharter(a), newMemberKey(a), newMemberMove(a))
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
	noLink, again     bool
	predecessors      []string
}

func (o *admitOptions) flags(cmd *cobra.Command) {
	levelFlag(cmd, &o.level)
	cmd.Flags().StringVar(&o.prefix, "prefix", "", "`PREFIX` under which it is to admit others itself: mk.southeast.")
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` that admits, if the node writes for several")
	cmd.Flags().StringArrayVar(&o.predecessors, "predecessor", nil, "`INSTITUTION` in whose place it goes on, of a merged municipality; may be repeated")
	cmd.Flags().BoolVar(&o.again, "again", false, "take back its open invitation, or replace its identity key, which is lost")
	cmd.Flags().BoolVar(&o.noLink, "no-link", false, "agree on no link with it: another node hosts it, or takes it in")
}

func (o *admitOptions) read(cmd *cobra.Command) (r api.AdmitRequest, err error) {
	r = api.AdmitRequest{Prefix: body.Prefix(o.prefix), NoLink: o.noLink, Again: o.again}
	if o.as != "" {
		if r.As, err = institution(cmd, o.as); err != nil {
			return r, err
		}
	}
	for _, p := range o.predecessors {
		id, wrong := institution(cmd, p)
		if wrong != nil {
			return r, wrong
		}
		r.Predecessors = append(r.Predecessors, id)
	}
	r.Level, err = parseLevel(cmd, o.level)
	return r, err
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
	who, err := o.read(cmd)
	if err != nil {
		return err
	}
	r := api.InviteRequest{
		As: who.As, Institution: id, Level: who.Level, Prefix: who.Prefix, Predecessors: who.Predecessors, ValidFor: o.validFor, Addresses: o.address, NoLink: who.NoLink, Again: who.Again,
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
		Use: "admit FILE|INSTITUTION", Short: "Admit an institution by the key that it has made, or change what a member is", Args: wants("FILE|INSTITUTION"),
		Long: "Admits an institution by the line that 'vardar init INSTITUTION --keys-only' printed there; a dash reads it\n" +
			"from the input. For one that a node hosts besides its own, and for those who can't use an invitation.\n\n" +
			"By its name alone a member gets another level, or the next identity key, for which it has asked with\n" +
			"'vardar member key rotate identity': compare the key by telephone first. One whose identity key is lost is\n" +
			"invited again, or admitted by a new key, with --again; every node says so for a day.",
		Example: "  vardar member admit valandovo.json --level municipality\n  vardar member admit mk.southeast.valandovo --level region\n" +
			"  vardar member admit mk.southeast.valandovo\n  vardar member admit new-key.json --again",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runAdmit(cmd, &o, args[0]) },
	}
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runAdmit(cmd *cobra.Command, o *admitOptions, who string) error {
	r, err := o.read(cmd)
	if err != nil {
		return err
	}
	id, named := protocol.ParseInstitution(who)
	if _, missing := os.Stat(who); named == nil && missing != nil {
		r.Institution = id
	} else {
		f, err := readFounder(cmd, who, a.in)
		if err != nil {
			return err
		}
		r.Institution, r.Key, r.Proof = f.Institution, f.Key, f.Proof
	}
	return a.ask(func(c *api.Client) error {
		p, err := c.Admit(cmd.Context(), r)
		if err != nil {
			return err
		}
		return (&said{}).result(a, &p)
	})
}

type closeOptions struct {
	as, successor, reason string
	yes                   bool
}

func newMemberClose(a *app) *cobra.Command {
	var o closeOptions
	cmd := &cobra.Command{
		Use: "close INSTITUTION", Short: "Put a member out", Args: wants("INSTITUTION"),
		Long: "Says what it does, asks, and puts the member out: its feeds are closed at the last record held here, and\n" +
			"every node ends its lines with it as soon as the news is there. What counted stays, and can be read. A member\n" +
			"that was closed in error is admitted again with 'vardar member invite'.",
		Example: "  vardar member close mk.southeast.bogdanci --reason \"merged with Gevgelija on 1 March\" --successor mk.southeast.gevgelija\n" +
			"  vardar member close mk.southeast.bogdanci --yes",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runClose(cmd, &o, args[0]) },
	}
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` that closes it, if the node writes for several")
	cmd.Flags().StringVar(&o.successor, "successor", "", "`INSTITUTION` that goes on in its place")
	cmd.Flags().StringVar(&o.reason, "reason", "", "`WHY`, for everybody to read; no personal data")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "close it without asking")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runClose(cmd *cobra.Command, o *closeOptions, arg string) error {
	r := api.CloseRequest{Reason: body.Text(o.reason), DryRun: true}
	for _, name := range []struct {
		said string
		id   *protocol.InstitutionID
	}{{arg, &r.Institution}, {o.as, &r.As}, {o.successor, &r.Successor}} {
		if name.said == "" {
			continue
		}
		id, err := institution(cmd, name.said)
		if err != nil {
			return err
		}
		*name.id = id
	}
	return a.ask(func(c *api.Client) error {
		plan, err := c.CloseMember(cmd.Context(), r)
		if err != nil {
			return err
		}
		for _, does := range plan.Does {
			a.note("%s", does)
		}
		if err = a.agree(o.yes, fmt.Sprintf("Close %s?", r.Institution), "vardar member close "+string(r.Institution)+" --yes"); err != nil {
			return err
		}
		r.DryRun = false
		closed, err := c.CloseMember(cmd.Context(), r)
		if err != nil {
			return err
		}
		return (&said{}).result(a, closed.Published)
	})
}
