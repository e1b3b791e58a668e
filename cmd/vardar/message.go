package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

type exportMessageOptions struct {
	to, at string
	thread bool
}

// newExportMessage is the command that writes a record as a message of EDXL, or a whole exchange.
func newExportMessage(a *app) *cobra.Command {
	var o exportMessageOptions
	cmd := &cobra.Command{
		Use: "message RECORD", Short: "Write a step, a note or a report as a message of EDXL, or a whole exchange", Args: wants("RECORD"),
		Long: "Writes a step or a note of an exchange as a message of EDXL-RM 1.0, a situation report as one of EDXL-SitRep 1.0,\n" +
			"each in an envelope of EDXL-DE 1.0, which says whether it is an exercise and how far it may be shared. With\n" +
			"--thread it writes all of the exchange that the record stands in, a file each: into a new folder, or into one\n" +
			"file whose name ends in .zip.\n\n" +
			"What EDXL has no element for is told, field by field. A record that has no effect here is no message: others\n" +
			"would act on it.",
		Example: "  vardar export message mk.southeast.gevgelija/resource.1.4\n  vardar export message resource.1.4 --thread --to exchange.zip\n" +
			"  vardar export requests --as edxl --to requests",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runExportMessage(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.BoolVar(&o.thread, "thread", false, "all of the exchange that it stands in")
	f.StringVar(&o.at, "at", "", "as this node knew it at this `TIME`: 2006-01-02, or how long ago: 24h, 7d")
	f.StringVar(&o.to, "to", "", "the `FILE` to write, or with --thread the folder or x.zip; it must be new (default the output)")
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runExportMessage(cmd *cobra.Command, o *exportMessageOptions, ref string) error {
	if err := a.wantsTo(cmd, &o.to, ""); err != nil {
		return err
	}
	if o.to == "" && o.thread {
		return usage(cmd, "--to is missing: name a new folder, or a new file that ends in .zip")
	}
	at, err := a.instant(cmd, "at", o.at)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		shown, err := recordOf(cmd, c, ref)
		if err != nil {
			return err
		}
		e, err := c.Message(cmd.Context(), shown.Name, o.thread, at)
		switch {
		case err != nil:
			return err
		case o.to != "" && len(e.Files) > 0:
			return a.keepExport(&e, o.to)
		case len(e.Files) == 0:
			a.note("nothing: no file was made")
		default:
			_, err = a.out.Write(e.Files[0].Data)
		}
		tellLoss(a.err, &e)
		return err
	})
}
