package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type exportOptions struct {
	to, incident, by, since, until, lang string

	limit int
}

func newExport(a *app) *cobra.Command {
	cmd := newExportList(a)
	cmd.AddCommand(newExportEvidence(a), newExportBundle(a), newExportBrief(a), newExportPlan(a), newExportMessage(a))
	return cmd
}

func newExportEvidence(a *app) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use: "evidence [RECORD] --to FOLDER", Short: "Write what proves records, to be checked years later without a node", Args: wants("[RECORD]"),
		Long: "Writes into a new folder: the record as it was received, the trust feeds of its author and of whoever\n" +
			"admitted it, the charter; and, if this node's institution is a registrar or a regional body, the witness\n" +
			"record that dates it, with what that was made of. 'vardar verify FOLDER' checks it all, without a node and\n" +
			"without a network. What others wrote in between goes along without its text.\n\n" +
			"With --incident, --by, --since or --until it writes a pack: the same for all records of an incident, of an\n" +
			"institution, of a period, with what people did here about them, a list of all files, and a page\n" +
			"(index.html) that is read without vardar. A name that ends in .zip is one file, any other a new folder. What\n" +
			"is more than 2,000 records comes in parts (x.zip, x-2.zip, ...), each a whole pack that is checked alone.\n" +
			"Records of exercises are there too, and marked.",
		Example: "  vardar export evidence mk.southeast.gevgelija/situation.1.42 --to evidence\n  vardar verify evidence\n" +
			"  vardar export evidence --incident mk.national.centre/alert.1.3 --to alert.zip\n" +
			"  vardar export evidence --by mk.southeast.gevgelija --since 2015-11-01 --lang mk --to gevgelija.zip",
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("limit") && (o.limit < 1 || o.limit > api.MaxPackRecords) {
				return usage(cmd, fmt.Sprintf("--limit %d: want 1 to %d", o.limit, api.MaxPackRecords))
			}
			packs := o.incident != "" || o.by != "" || o.since != "" || o.until != ""
			switch {
			case packs && len(args) > 0:
				return usage(cmd, "a RECORD and a pack at once: leave one of them out")
			case packs:
				return a.runExportPack(cmd, &o)
			case len(args) == 0:
				return usage(cmd, "RECORD is missing, or --incident, --by, --since or --until")
			}
			return a.runExportEvidence(cmd, &o, args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.to, "to", "", "the `FOLDER` to write into, which must be new or empty; of a pack also a new file, x.zip")
	f.StringVar(&o.incident, "incident", "", "a pack of what concerns the incident of this `RECORD`: an alert, or the record of a phase")
	f.StringVar(&o.by, "by", "", "a pack of what this `INSTITUTION` said")
	f.StringVar(&o.since, "since", "", "a pack of what was said at this `TIME` or later, by its authors' clocks: 2006-01-02, or how long ago: 24h, 7d")
	f.StringVar(&o.until, "until", "", "and before this `TIME`")
	f.IntVar(&o.limit, "limit", 0, "`N` records in a part, 1 to 2000 (default 2000)")
	f.StringVar(&o.lang, "lang", "", "the `LANGUAGE` of the pack's page: en, mk, sq, sr-Latn, sr-Cyrl, el")
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

// exported is what was written.
type exported struct {
	Record protocol.Name   `json:"record"`
	Digest protocol.Digest `json:"digest"`
	Folder string          `json:"folder"`
	Files  int             `json:"files"`
	Dated  []string        `json:"dated"` // by whom, and when
	Lacks  []string        `json:"lacks"`
}

func (a *app) runExportEvidence(cmd *cobra.Command, o *exportOptions, ref string) error {
	if o.to == "" {
		return usage(cmd, "--to is missing: name a new folder")
	}
	if err := emptyFolder(o.to); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		shown, err := recordOf(cmd, c, ref)
		if err != nil {
			return err
		}
		e, err := c.Evidence(cmd.Context(), shown.Name)
		if err != nil {
			return err
		}
		if err = writeFiles(o.to, e.Files); err != nil {
			return &api.Problem{Kind: api.Failed, Detail: err.Error(), Mend: "make room, or name another folder; what was begun can be deleted", Next: "vardar export evidence --help", Err: err}
		}
		out := exported{Record: e.Record, Digest: e.Digest, Folder: o.to, Files: len(e.Files), Dated: []string{}, Lacks: e.Lacks}
		for _, w := range e.Witnessed {
			out.Dated = append(out.Dated, fmt.Sprintf("%s on %s", w.By, clock(w.Time)))
		}
		if a.output == asJSON {
			return a.writeJSON(out)
		}
		line(a.out, "%s: %s in %s", out.Record, api.Count(out.Files, "file", "files"), out.Folder)
		for _, by := range out.Dated {
			line(a.out, "witnessed by %s", by)
		}
		for _, said := range out.Lacks {
			line(a.out, "it lacks: %s", said)
		}
		a.note("Check it, without a node:  vardar verify %s", o.to)
		return nil
	})
}

// emptyFolder refuses a folder that holds anything: evidence is not mixed.
func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &api.Problem{Kind: api.Usage, Field: "to", Detail: err.Error(), Mend: "name a new folder", Next: "vardar export evidence --help", Err: err}
	case len(entries) > 0:
		return &api.Problem{Kind: api.Refused, Field: "to", Detail: dir + " is not empty", Mend: "name a new folder, so that nothing is mixed or overwritten", Next: "vardar export evidence --help"}
	}
	return nil
}

// writeFiles writes what a node sent, under plain names alone.
func writeFiles(dir string, files []api.EvidenceFile) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // evidence is there to be passed on
		return err
	}
	for _, f := range files {
		if f.Name != filepath.Base(f.Name) || strings.HasPrefix(f.Name, ".") {
			return fmt.Errorf("the node named a file %q", f.Name)
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}
