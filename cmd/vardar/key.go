package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newMemberKey(a *app) *cobra.Command {
	cmd := a.group("key", "See, rotate and recover the keys of this node, and close one that was stolen",
		"A node has four keys for each institution: identity signs who it is, node its records, link its lines, and age\n"+
			"opens what is sealed to it. Each is rotated at least once a year; status reminds of it.")
	cmd.AddCommand(newKeyList(a), newKeyRotate(a), newKeyClose(a), newKeyRecover(a), newKeySheet(a))
	return cmd
}

// keyUses are the words for the four keys.
func keyUses() []string {
	return []string{string(protocol.UseIdentity), string(protocol.UseNode), string(protocol.UseLink), string(protocol.UseAge)}
}

func newKeyList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list [INSTITUTION]", Short: "List the keys of this node, when they were made and when they are due", Args: wants("[INSTITUTION]"),
		Example: "  vardar member key list\n  vardar member key list mk.southeast.gevgelija --output json",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runKeyList(cmd, args) },
	}
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runKeyList(cmd *cobra.Command, args []string) error {
	var as protocol.InstitutionID
	if len(args) > 0 {
		id, err := institution(cmd, args[0])
		if err != nil {
			return err
		}
		as = id
	}
	return a.ask(func(c *api.Client) error {
		list, err := c.Keys(cmd.Context(), as)
		if err != nil {
			return err
		}
		t := table{head: []string{"use", "state", "made", "due", "public key"}}
		for _, k := range list.Keys {
			t.add(string(k.Use), k.State, clock(k.Made), clock(k.Due), k.Public, k.Trouble)
		}
		if list.Recovery != "" {
			t.add("recovery", "sheet", "", "", list.Recovery)
		}
		return a.write(list, t)
	})
}

type rotateOptions struct {
	as   string
	last []string
	yes  bool
}

func (o *rotateOptions) flags(a *app, cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.as, "as", "", "`INSTITUTION` whose key it is, if the node writes for several")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it without asking")
	a.prints(cmd, asJSON)
}

func newKeyRotate(a *app) *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use: "rotate USE", Short: "Make the next identity, node, link or age key, and use it", Args: wants("USE"),
		Long: "Says what it does, asks, and does it. A node key opens the next epoch of each feed that it signs; what counts\n" +
			"of the epoch before is all that is held here. The next identity key is only asked for: call your registrar,\n" +
			"compare the first digits of the key, and it is used once they have admitted it.",
		Example:   "  vardar member key rotate node\n  vardar member key rotate identity --as mk.southeast.gevgelija --yes",
		ValidArgs: keyUses(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runRotate(cmd, &o, api.RotateRequest{Use: protocol.KeyUse(args[0])})
		},
	}
	o.flags(a, cmd)
	return cmd
}

func newKeyClose(a *app) *cobra.Command {
	var o rotateOptions
	cmd := &cobra.Command{
		Use: "close", Short: "State that the node key was stolen, and which records are the last of your own", Args: wants(),
		Long: "Opens the next epoch of each feed that the node key signs, by a new key. With --last you name, feed by feed,\n" +
			"the last record that is your own: what comes behind it, from you or from the thief, is shown as disowned and\n" +
			"counted nowhere, on every node. Of a feed that you don't name all counts that is held here. Records of the\n" +
			"epoch before the open one state that again, after a fork too, and turn no key. A stolen identity key is for your registrar to replace: call there.",
		Example: "  vardar member key close --last situation.1.42\n  vardar member key close --last situation.1.42 --last alert.1.3 --yes",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.runRotate(cmd, &o, api.RotateRequest{Use: protocol.UseNode, Stolen: true, Last: o.last})
		},
	}
	cmd.Flags().StringArrayVar(&o.last, "last", nil, "`RECORD` that is the last of your own in its feed, or situation.2.0 where nothing of an epoch is; may be repeated")
	o.flags(a, cmd)
	return cmd
}

func (a *app) runRotate(cmd *cobra.Command, o *rotateOptions, r api.RotateRequest) error {
	if o.as != "" {
		id, err := institution(cmd, o.as)
		if err != nil {
			return err
		}
		r.As = id
	}
	return a.ask(func(c *api.Client) error {
		r.DryRun = true
		plan, err := c.RotateKey(cmd.Context(), r)
		if err != nil {
			return err
		}
		for _, does := range plan.Does {
			a.note("%s", does)
		}
		question, again := fmt.Sprintf("Make the next %s key of %s?", r.Use, plan.Institution), cmd.CommandPath()+" "+string(r.Use)+" --yes"
		if r.Stolen {
			question, again = fmt.Sprintf("Close the node key of %s?", plan.Institution), cmd.CommandPath()+" --yes"
		}
		if err = a.agree(o.yes, question, again); err != nil {
			return err
		}
		r.DryRun = false
		done, err := c.RotateKey(cmd.Context(), r)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(done)
		}
		line(a.out, "the %s key of %s: %s", done.Use, done.Institution, done.Public)
		return nil
	})
}
