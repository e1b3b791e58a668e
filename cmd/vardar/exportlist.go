package main

import (
	"cmp"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type exportListOptions struct {
	listOptions

	as, to string
}

// newExportList is the command that writes out a list, and holds those that write out anything else.
func newExportList(a *app) *cobra.Command {
	var o exportListOptions
	cmd := &cobra.Command{
		Use: "export LIST", Short: "Write out what the node holds, for those who have no node", Args: wants("[LIST]"),
		Long: "Writes a list for those who have no node, or what proves a record (evidence), or what a peer lacks (bundle).\n\n" +
			"Lists: " + strings.Join(api.Lists(), ", ") + ".\n\n" +
			"Of records, the body goes along as it was signed. What the format can't say is told, field by field: beside\n" +
			"the file with --to, else behind it on the error output. A format that does not fit a list is refused.",
		Example:   "  vardar export routes --as xlsx --to routes.xlsx\n  vardar export needs --as hxl --place MK > needs.hxl.csv\n  vardar export alerts --as cap --since 7d --to alerts\n  vardar export requests --as edxl --to requests.zip",
		ValidArgs: api.Lists(), SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return a.runExportList(cmd, &o, args[0])
		},
	}
	o.flags(cmd)
	f := cmd.Flags()
	f.IntVar(&o.limit, "limit", 0, "at most so `MANY` rows (default all)")
	f.StringVar(&o.as, "as", "", "the `FORMAT`: "+strings.Join(api.AllFormats(), ", ")+" (default by the ending of the file, else csv)")
	f.StringVar(&o.to, "to", "", "the `FILE` to write, or the folder or x.zip for several; it must be new (default the output)")
	complete(cmd, "as", api.AllFormats())
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

// exportedList is what was written.
type exportedList struct {
	What     string           `json:"what"`
	Format   string           `json:"format"`
	At       protocol.Instant `json:"at"`
	Exercise bool             `json:"exercise"`
	Rows     int              `json:"rows"`
	To       string           `json:"to"`
	Each     bool             `json:"each"`
	Files    []string         `json:"files"`
	Loss     []api.Loss       `json:"loss"`
}

// asFile gives the format of a file to write where none is asked for: that of its ending, else CSV.
func asFile(as, to string, formats []string) string {
	if ending := strings.TrimPrefix(filepath.Ext(to), "."); as == "" && slices.Contains(formats, ending) {
		return ending
	}
	return cmp.Or(as, asCSV)
}

func (a *app) runExportList(cmd *cobra.Command, o *exportListOptions, what string) error {
	o.as = asFile(o.as, o.to, api.AllFormats())
	if o.limit < 0 {
		return usage(cmd, "--limit: want how many rows; left out, all of them")
	}
	if err := a.wantsTo(cmd, &o.to, o.as); err != nil {
		return err
	}
	q, err := a.query(cmd, &o.listOptions, what)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		e, err := c.Export(cmd.Context(), q, o.as)
		if err != nil {
			return err
		}
		return a.giveExport(cmd, &e, o.to)
	})
}

// outputToo is what --to says of the output in so many words, as other programs have it.
const outputToo = "-"

// wantsTo refuses to write a file of a format to the output where it has no place there.
func (a *app) wantsTo(cmd *cobra.Command, to *string, as string) error {
	if *to == outputToo {
		*to = ""
	}
	switch {
	case *to == "" && a.output == asJSON:
		return usage(cmd, "--to is missing: the file would stand in the midst of what is told of it")
	case *to == "" && as == "xlsx" && a.screen:
		return usage(cmd, "--to is missing: a workbook can't be shown on a screen")
	}
	return nil
}

// giveExport writes an export to where it is to go, by default the output, and tells what is not in it.
func (a *app) giveExport(cmd *cobra.Command, e *api.Exported, to string) (err error) {
	switch {
	case to != "":
		return a.keepExport(e, to)
	case len(e.Files) > 1:
		return usage(cmd, "--to is missing: "+api.Count(len(e.Files), "file", "files")+" want a new folder")
	case len(e.Files) == 0:
		a.note("nothing: no file was made")
	default:
		_, err = a.out.Write(e.Files[0].Data)
	}
	tellLoss(a.err, e)
	return err
}

// keepFiles writes the file of an export, or into a folder or an archive those of a format that has
// one for each record.
func keepFiles(e *api.Exported, to string) error {
	if !e.Each {
		return newFile(to, func(w io.Writer) error {
			_, err := w.Write(e.Files[0].Data)
			return err
		})
	}
	return keepPack(to, e.Files)
}

// keepExport writes the files of an export, and tells what is not in it.
func (a *app) keepExport(e *api.Exported, to string) error {
	out := exportedList{What: e.What, Format: e.Format, At: e.At, Exercise: e.Exercise, Rows: e.Rows, To: to, Each: e.Each, Files: []string{}, Loss: e.Loss}
	for _, f := range e.Files {
		out.Files = append(out.Files, f.Name)
	}
	err := keepFiles(e, to)
	switch {
	case err != nil:
		return err
	case a.output == asJSON:
		return a.writeJSON(out)
	}
	line(a.out, "%s: %s of %s as %s, in %s", to, api.Count(e.Rows, "row", "rows"), e.What, e.Format, api.Count(len(e.Files), "file", "files"))
	tellLoss(a.out, e)
	return nil
}

// tellLoss tells what a format can't say.
func tellLoss(w io.Writer, e *api.Exported) {
	for _, l := range e.Loss {
		line(w, "not in it: %s, of %s: %s", l.Field, api.Count(l.Rows, "row", "rows"), l.Why)
	}
}
