package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

func newBackup(a *app) *cobra.Command {
	cmd := a.group("backup", "Make, list, check and restore copies of the archive",
		"A backup is one file with the whole archive, sealed to the node's recovery sheet: whoever has the sheet\n"+
			"opens it, and nobody else. It holds no key: who restores needs the carrier of the identity key too.")
	cmd.AddCommand(newBackupCreate(a), newBackupList(a), newBackupCheck(a), newBackupRestore(a))
	return cmd
}

// backupTo settles the folder of the backups, as told or where the last one went, and
// where the passphrase comes from.
func (a *app) backupTo(cmd *cobra.Command, to string, p passphrase) (string, settings, error) {
	s, err := a.settle(settings{setBackupTo: {to}, setPassphraseFile: {p.file}})
	if err != nil {
		return "", nil, err
	}
	folder := s.one(setBackupTo)
	if folder == "" {
		if last, unread := node.LastBackups(s.one(setDir)); unread == nil {
			folder = last.To
		}
	}
	if folder == "" {
		return "", nil, usage(cmd, "say where the backups lie: --to FOLDER, or backup_to in the node's file")
	}
	folder, err = filepath.Abs(folder)
	return folder, s, err
}

func backupToFlag(cmd *cobra.Command, to *string) {
	cmd.Flags().StringVar(to, "to", "", "`FOLDER` of the backups (default backup_to of the node's file, or where the last one went)")
}

type backupCreateOptions struct {
	to, keep   string
	recipients []string
	passphrase
}

func newBackupCreate(a *app) *cobra.Command {
	var o backupCreateOptions
	cmd := &cobra.Command{
		Use: "create", Short: "Make a backup, while the node runs or not", Args: wants(),
		Long: "Makes one file in a folder that is there, such as a stick or a mounted share: the whole archive as it stands\n" +
			"at one moment, sealed. Nothing waits for it. Backups of this node in the folder that are older than --keep\n" +
			"are removed afterwards. A node that does not run is opened for it, with its passphrase if it has one.",
		Example: "  vardar backup create --to /media/stick\n  vardar backup create --to /srv/backups --keep 14d --output json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runBackupCreate(cmd, &o) },
	}
	f := cmd.Flags()
	backupToFlag(cmd, &o.to)
	f.StringVar(&o.keep, "keep", "", "for how many `DAYS` backups are kept, such as 14d, at most 35d (default 35d)")
	f.StringArrayVar(&o.recipients, "recipient", nil, "an age `RECIPIENT`, age1…, who can open it too; may be repeated")
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runBackupCreate(cmd *cobra.Command, o *backupCreateOptions) error {
	to, s, err := a.backupTo(cmd, o.to, o.passphrase)
	if err != nil {
		return err
	}
	q := api.BackupRequest{To: to, Recipients: o.recipients}
	if o.keep != "" {
		days, isDays := strings.CutSuffix(o.keep, "d")
		if q.KeepDays, err = strconv.Atoi(days); err != nil || !isDays || q.KeepDays < 1 {
			return usage(cmd, "--keep "+o.keep+": want a number of days, such as 35d")
		}
	}
	made, err := a.makeBackup(cmd, a.offline(s, &o.passphrase), q)
	if err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(made)
	}
	line(a.out, "%s: %d KiB, %d heads", made.File, made.Bytes>>10, made.Heads)
	for _, gone := range made.Expired {
		a.note("removed %s, which was too old", gone)
	}
	a.note("See that it can be opened: vardar backup check %s", made.File)
	return nil
}

// makeBackup asks the running node, or does it where none runs.
func (a *app) makeBackup(cmd *cobra.Command, stopped node.Options, q api.BackupRequest) (made api.BackupMade, err error) {
	err = a.ask(func(c *api.Client) error {
		made, err = c.Backup(cmd.Context(), q)
		return err
	})
	if p := node.Problem(err, a.dir); err == nil || p.Kind != api.NoLine {
		return made, err
	}
	return node.Backup(cmd.Context(), stopped, q)
}

// offline gives the options of an act on the folder of a node that does not run.
func (a *app) offline(s settings, p *passphrase) node.Options {
	return node.Options{
		Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: a.toOpen(p, s), WorkFactor: a.work, CheckStore: checkStore, Clock: a.now,
	}
}

type backupListOptions struct{ to string }

func newBackupList(a *app) *cobra.Command {
	var o backupListOptions
	cmd := &cobra.Command{
		Use: "list", Short: "List the backups in a folder, the newest first", Args: wants(),
		Long:    "Lists the backups of all nodes in a folder, by what stands in their names and beside them in plain. Nothing\nis opened: see 'vardar backup check'.",
		Example: "  vardar backup list --to /media/stick\n  vardar backup list --output json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runBackupList(cmd, &o) },
	}
	backupToFlag(cmd, &o.to)
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func (a *app) runBackupList(cmd *cobra.Command, o *backupListOptions) error {
	to, _, err := a.backupTo(cmd, o.to, passphrase{})
	if err != nil {
		return err
	}
	entries, err := node.Backups(to, "")
	if err != nil {
		return err
	}
	return a.write(entries, tabled(entries, []string{"time", "institution", "kib", "heads", "checked", "file"}, func(e *api.BackupEntry) []string {
		checked := "never"
		if c := e.Checked; c != nil {
			checked = "holds, " + a.when(c.Time)
			if !c.OK {
				checked = "DOES NOT HOLD, " + a.when(c.Time) + ": " + c.Found
			}
		}
		return []string{a.when(e.Time), string(e.Institution), strconv.FormatInt(e.Bytes>>10, 10), strconv.Itoa(e.Heads), checked, e.File}
	}))
}

type sheetOptions struct{ identity string }

func (o *sheetOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&o.identity, "identity", "", "`FILE` with the recovery sheet or its line AGE-SECRET-KEY-1…; a dash reads it from the input (default: typed at the terminal)")
}

// sheet reads the recovery secret; never from the command line, which everybody on the
// machine can read.
func (a *app) sheet(cmd *cobra.Command, o *sheetOptions) (string, error) {
	switch {
	case o.identity == "-":
		text, err := io.ReadAll(io.LimitReader(a.in, maxSheet))
		return string(text), err
	case o.identity != "":
		text, err := os.ReadFile(o.identity)
		if err != nil {
			return "", &api.Problem{Kind: api.NotFound, Field: "--identity", Detail: err.Error(), Mend: "name the file with the recovery sheet", Next: cmd.CommandPath() + " --help", Err: err}
		}
		return string(text), nil
	case a.terminal:
		line, err := a.unseen("the line AGE-SECRET-KEY-1… of the recovery sheet: ")
		return string(line), err
	}
	return "", usage(cmd, "the recovery sheet is missing: name its file with --identity FILE")
}

// maxSheet bounds a recovery sheet: a page of text.
const maxSheet = 1 << 16

type backupCheckOptions struct {
	to string
	sheetOptions
}

func newBackupCheck(a *app) *cobra.Command {
	var o backupCheckOptions
	cmd := &cobra.Command{
		Use: "check [FILE]", Short: "Open a backup and look at all of it", Args: wants("[FILE]"),
		Long: "Does what a restore would do, in a folder of its own that is removed again: opens the backup with the\n" +
			"recovery sheet, reads every page and record, checks digests, chains and signatures, and that all is there\n" +
			"that was there. Without FILE it takes the newest in the folder. It needs no node, and can be done on\n" +
			"another machine. Exit code 8 if something does not hold.",
		Example: "  vardar backup check --to /media/stick --identity sheet.txt\n  vardar backup check vardar-mk.southeast.gevgelija-20160317T120000.000Z.backup",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runBackupCheck(cmd, &o, args) },
	}
	backupToFlag(cmd, &o.to)
	o.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runBackupCheck(cmd *cobra.Command, o *backupCheckOptions, args []string) error {
	s, err := a.settle(nil)
	if err != nil {
		return err
	}
	file := ""
	if len(args) == 1 {
		file = args[0]
	} else if file, err = a.newestBackup(cmd, o.to); err != nil {
		return err
	}
	secret, err := a.sheet(cmd, &o.sheetOptions)
	if err != nil {
		return err
	}
	r, err := node.CheckBackup(cmd.Context(), a.offline(s, &passphrase{}), file, secret)
	if err != nil {
		return err
	}
	if a.output == asJSON {
		err = a.writeJSON(r)
	} else {
		line(a.out, "%s of %s, %s: %d of %d records hold", r.File, r.Header.Institution, clock(r.Header.Time), r.Verified, r.Records)
		for _, f := range r.Findings {
			line(a.out, "  %s", f)
		}
	}
	if err == nil && !r.OK {
		err = &api.Problem{Kind: api.CheckFound, Detail: "the backup does not hold: " + r.Findings[0], Mend: "don't rely on it: make another one now, and check that", Next: "vardar backup create"}
	}
	return err
}

func (a *app) newestBackup(cmd *cobra.Command, to string) (string, error) {
	to, _, err := a.backupTo(cmd, to, passphrase{})
	if err != nil {
		return "", err
	}
	entries, err := node.Backups(to, "")
	if err != nil {
		return "", err
	}
	if len(entries) == 0 {
		return "", &api.Problem{Kind: api.NotFound, Detail: "there is no backup in " + to, Mend: "make one", Next: "vardar backup create --to " + to}
	}
	return entries[0].File, nil
}
