package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
)

func newMemberMove(a *app) *cobra.Command {
	cmd := a.group("move", "Move a hosted member from one node to another, or to its own",
		"A node may write for several institutions. One of them moves with its carrier, a folder that holds its identity\n"+
			"key and its trust feed, sealed by a passphrase: 'move out' writes it and removes the member's keys from this\n"+
			"node, 'move in' takes it up on another, with fresh keys for the rest. Both nodes are stopped meanwhile; nothing\n"+
			"is written twice, and nobody need be asked.")
	cmd.Example = "  vardar --dir association member move out mk.southeast.valandovo /media/stick --passphrase-file word.txt\n" +
		"  vardar --dir valandovo member move in mk.southeast.valandovo /media/stick --passphrase-file word.txt"
	cmd.AddCommand(newMoveOut(a), newMoveIn(a))
	return cmd
}

type moveOptions struct {
	yes bool
	passphrase
	own   string
	sheet sheetOptions
	keep
}

func newMoveOut(a *app) *cobra.Command {
	var o moveOptions
	cmd := &cobra.Command{
		Use: "out INSTITUTION FOLDER", Short: "Hand a hosted member over: its carrier goes to a folder, its keys leave this node", Args: wants("INSTITUTION", "FOLDER"),
		Long: "Works on the folder of a node that does not run. The passphrase seals what is handed over, and is told to the\n" +
			"member by another way. One that was cut off is done again with the same folder.",
		Example: "  vardar --dir association member move out mk.southeast.valandovo /media/stick --passphrase-file word.txt",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runMoveOut(cmd, &o, args) },
	}
	o.flags(cmd)
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it without asking")
	return cmd
}

func (o *moveOptions) flags(cmd *cobra.Command) {
	o.passphrase.flags(cmd)
	cmd.Flags().StringVar(&o.own, "own-passphrase-file", "", "the first line of this owner-only `FILE` is the passphrase of this node's own keys")
}

// options gives the node's own options, and how to get the passphrase of the carrier.
func (a *app) moveOptions(o *moveOptions) (node.Options, func() ([]byte, error), error) {
	s, err := a.settle(nil)
	if err != nil {
		return node.Options{}, nil, err
	}
	own := passphrase{file: o.own}
	so, err := a.settle(settings{setPassphraseFile: {o.own}})
	if err != nil {
		return node.Options{}, nil, err
	}
	sc, err := a.settle(settings{setPassphraseFile: {o.file}})
	if err != nil {
		return node.Options{}, nil, err
	}
	no := node.Options{Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: own.source(so), WorkFactor: a.work, CheckStore: checkStore, Clock: a.now}
	return no, a.toOpen(&o.passphrase, sc), nil
}

func (a *app) runMoveOut(cmd *cobra.Command, o *moveOptions, args []string) error {
	id, err := institution(cmd, args[0])
	if err != nil {
		return err
	}
	no, word, err := a.moveOptions(o)
	if err != nil {
		return err
	}
	if err := a.agree(o.yes, "Hand over "+string(id)+"? This node writes nothing for it from then on.", "vardar member move out "+string(id)+" "+args[1]+" --yes"); err != nil {
		return err
	}
	if err := node.MoveOut(cmd.Context(), no, id, args[1], word); err != nil {
		return err
	}
	line(a.out, "%s is in %s, and this node writes for it no more", id, args[1])
	a.note("next, on its new node: vardar member move in %s %s", id, args[1])
	return nil
}

func newMoveIn(a *app) *cobra.Command {
	var o moveOptions
	cmd := &cobra.Command{
		Use: "in INSTITUTION FOLDER", Short: "Take a member up on this node, from its carrier", Args: wants("INSTITUTION", "FOLDER"),
		Long: "Works on the folder of a node that does not run: it writes for the member from then on, besides its own. In a\n" +
			"folder without a node it makes one. Node, link and age keys are fresh, and every feed begins its next epoch;\n" +
			"what was written before comes from the peers, and counts.\n\n" +
			"A member moves back from a node of its own to one that hosts it by the carrier of that node: stop it once\n" +
			"'vardar status' says that nothing waits, and never start it again. Its passphrase opens the carrier, or\n" +
			"--identity its recovery sheet.",
		Example: "  vardar --dir valandovo member move in mk.southeast.valandovo /media/stick --passphrase-file word.txt",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runMoveIn(cmd, &o, args) },
	}
	o.flags(cmd)
	o.sheet.flags(cmd)
	cmd.Flags().StringVar(&o.keep.sheet, "recovery-sheet", "", "write the recovery sheet of a node that is made to a new `FILE`, to be printed and deleted, instead of showing it")
	return cmd
}

func (a *app) runMoveIn(cmd *cobra.Command, o *moveOptions, args []string) error {
	id, err := institution(cmd, args[0])
	if err != nil {
		return err
	}
	no, word, err := a.moveOptions(o)
	if err != nil {
		return err
	}
	if err = o.check(cmd, no.Dir, no.Identity); err != nil {
		return err
	}
	no.Sheet = a.show(cmd, &o.keep)
	from := node.Carried{Folder: args[1], Passphrase: word}
	if o.sheet.identity != "" {
		if from.Sheet, err = a.sheet(cmd, &o.sheet); err != nil {
			return err
		}
	}
	key, err := node.MoveIn(cmd.Context(), no, id, from)
	if err != nil {
		return err
	}
	line(a.out, "this node writes for %s", id)
	if !key.IsZero() {
		a.note("Its link key is new. Call one peer, who says: vardar link propose %s --key %s", id, key)
		a.note("next: vardar --dir %s run --link PEER=HOST:PORT; they then say: vardar link approve %s", a.dir, id)
	}
	a.note("Lock %s away: it still holds the identity key.", args[1])
	return nil
}
