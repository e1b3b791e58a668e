package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
)

type backupRestoreOptions struct {
	carrier string
	sheetOptions
	passphrase
}

func newBackupRestore(a *app) *cobra.Command {
	var o backupRestoreOptions
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Make a node anew from a backup and the carrier of its identity key", Args: wants("FILE"),
		Long: "Puts a backup into a new, empty folder (--dir), after looking at all of it; takes the identity key and its\n" +
			"trust feed from the carrier, opened by the recovery sheet; makes fresh keys for the rest; and opens new epochs,\n" +
			"so that nothing is written where the lost node may have written. It needs no line to anybody. What was\n" +
			"written after the backup comes home from the peers who have it.\n\n" +
			"The carrier is copied to identity in the new folder, unless --carrier is where the setting identity points,\n" +
			"such as a stick: lock the old one away, and never use both. The node that was lost must not run again.",
		Example: "  vardar --dir /var/lib/vardar backup restore /media/stick/vardar-mk.southeast.gevgelija-20160317T120000.000Z.backup --carrier /media/carrier --identity sheet.txt",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runBackupRestore(cmd, &o, args[0]) },
	}
	cmd.Flags().StringVar(&o.carrier, "carrier", "", "`FOLDER` of the identity key: the carrier, or a whole copy of it (default the setting identity)")
	o.sheetOptions.flags(cmd)
	o.passphrase.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runBackupRestore(cmd *cobra.Command, o *backupRestoreOptions, file string) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}})
	if err != nil {
		return err
	}
	carrier := nonZero(o.carrier, s.one(setIdentity))
	if carrier == "" {
		return usage(cmd, "the identity key is in no backup: name the folder of its carrier with --carrier")
	}
	secret, err := a.sheet(cmd, &o.sheetOptions)
	if err != nil {
		return err
	}
	no := node.Options{Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: o.source(s), WorkFactor: a.work, CheckStore: checkStore, Clock: a.now}
	r, err := node.Restore(cmd.Context(), no, file, filepath.Clean(carrier), secret)
	if err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(r)
	}
	line(a.out, "%s in %s is back as of %s: %d records, %d epochs opened", r.Institution, r.Network, clock(r.Time), r.Records, len(r.Opened))
	a.note("Its link key is new. Call one peer, who says: vardar link propose %s --key %s", r.Institution, r.LinkKey)
	a.note("next: vardar --dir %s run", a.dir)
	return nil
}
