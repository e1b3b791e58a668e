package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

type recoverOptions struct {
	carrier, at string
	sheetOptions
	passphrase
}

func newKeyRecover(a *app) *cobra.Command {
	var o recoverOptions
	cmd := &cobra.Command{
		Use: "recover [INSTITUTION]", Short: "Open the keys with the recovery sheet: set a new passphrase, or begin anew from the carrier", Args: wants("[INSTITUTION]"),
		Long: "For a passphrase that is lost, while the node does not run. No key changes, and the sheet stays good. Without\n" +
			"a new passphrase the keys are opened by an owner-only file in the folder.\n\n" +
			"For a machine that is lost without a backup: --carrier, in a new folder, makes a node out of the carrier of the\n" +
			"identity key and one peer, --at. Its keys for the rest are fresh. The first attempt says what to read to the\n" +
			"peer on the telephone; the second one, once they have typed it, fetches the trust feeds and opens new epochs,\n" +
			"and all that was said before comes home when the node runs. The lost node must not run again. With a backup,\n" +
			"use 'vardar backup restore'. INSTITUTION names the node, if the carrier holds several.",
		Example: "  vardar --dir /var/lib/vardar member key recover --identity sheet.txt --passphrase-file new.txt\n" +
			"  vardar --dir anew member key recover --identity sheet.txt --carrier /media/stick --at mk.national.crisis-centre=node.example.org:4222/8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runKeyRecover(cmd, &o, args) },
	}
	cmd.Flags().StringVar(&o.carrier, "carrier", "", "`FOLDER` of the identity key: the carrier, or a whole copy of it")
	cmd.Flags().StringVar(&o.at, "at", "", "`INSTITUTION=HOST:PORT/KEY` of a peer: they read it from 'vardar link propose'")
	o.sheetOptions.flags(cmd)
	o.passphrase.flags(cmd)
	return cmd
}

func (a *app) runKeyRecover(cmd *cobra.Command, o *recoverOptions, args []string) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}})
	if err != nil {
		return err
	}
	no := node.Options{Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: o.source(s), WorkFactor: a.work, CheckStore: checkStore, Clock: a.now}
	if o.carrier != "" {
		return a.runReturn(cmd, o, no, args)
	}
	if o.at != "" || len(args) > 0 {
		return usage(cmd, "name the carrier that the node is made from with --carrier")
	}
	secret, err := a.sheet(cmd, &o.sheetOptions)
	if err != nil {
		return err
	}
	ids, err := node.RecoverKeys(no, secret)
	if err != nil {
		return err
	}
	line(a.out, "the keys of %s are opened anew", joined(ids))
	a.note("next: vardar --dir %s run", a.dir)
	return nil
}

// runReturn makes a node from its carrier.
func (a *app) runReturn(cmd *cobra.Command, o *recoverOptions, no node.Options, args []string) error {
	q := node.ReturnRequest{Carrier: filepath.Clean(o.carrier)}
	if len(args) > 0 {
		id, err := institution(cmd, args[0])
		if err != nil {
			return err
		}
		q.Institution = id
	}
	calls, err := callsOf(cmd, []string{o.at})
	if err != nil || calls[0].Key.IsZero() {
		return &api.Problem{
			Kind: api.Usage, Field: "--at", Detail: "say which peer is to be called: a carrier alone does not know the network",
			Mend: "call any member that you had a link with, and have it read to you: INSTITUTION=HOST:PORT/KEY, as 'vardar link list' and 'vardar member show' have it there",
			Next: "vardar member key recover --carrier " + o.carrier + " --at INSTITUTION=HOST:PORT/KEY",
		}
	}
	q.Peer, q.Address, q.Key = calls[0].Peer, calls[0].Address, calls[0].Key
	if q.Sheet, err = a.sheet(cmd, &o.sheetOptions); err != nil {
		return err
	}
	r, err := node.Return(cmd.Context(), no, q)
	if err != nil {
		return err
	}
	line(a.out, "%s is back in %s: %s from %s, %s opened", joined(r.Hosted), r.Network,
		api.Count(int(r.Records), "trust record", "trust records"), q.Peer, api.Count(len(r.Opened), "epoch", "epochs")) //nolint:gosec // fewer than fit
	a.note("What was said before comes home from the peers when it runs. The lost node must not run again.")
	a.note("next: vardar --dir %s run", a.dir)
	return nil
}

type sheetRenewal struct {
	keep
	passphrase
}

func newKeySheet(a *app) *cobra.Command {
	var o sheetRenewal
	cmd := &cobra.Command{
		Use: "sheet", Short: "Make a new recovery sheet, in place of one that is lost or was read by others", Args: wants(),
		Long: "Works while the node does not run, with its carrier put in. The old sheet opens nothing new from then on: old\n" +
			"backups, and old copies of the carrier, it still opens. Where others have read it, rotate all four keys too.",
		Example: "  vardar --dir /var/lib/vardar member key sheet --recovery-sheet /media/paper/sheet.txt",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runKeySheet(cmd, &o) },
	}
	cmd.Flags().StringVar(&o.sheet, "recovery-sheet", "", "write it to a new `FILE`, to be printed and deleted, instead of showing it")
	o.passphrase.flags(cmd)
	return cmd
}

func (a *app) runKeySheet(cmd *cobra.Command, o *sheetRenewal) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}})
	if err != nil {
		return err
	}
	if err := o.check(cmd, s.one(setDir), s.one(setIdentity)); err != nil {
		return err
	}
	no := node.Options{Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: a.toOpen(&o.passphrase, s), WorkFactor: a.work, Sheet: a.show(cmd, &o.keep), CheckStore: checkStore, Clock: a.now}
	if err := node.RenewSheet(cmd.Context(), no); err != nil {
		return err
	}
	line(a.out, "the recovery sheet is new")
	a.note("next: make a backup that it opens: vardar --dir %s backup create", a.dir)
	return nil
}
