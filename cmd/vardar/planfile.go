package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

// newPlan is what --plan says of a file that is of no plan yet.
const newPlan = "new"

type exportPlanOptions struct {
	as, to  string
	version int
}

// newExportPlan is the command that writes a fund plan, to be changed and brought back.
func newExportPlan(a *app) *cobra.Command {
	var o exportPlanOptions
	cmd := &cobra.Command{
		Use: "plan RECORD", Short: "Write a fund plan as a spreadsheet, to be changed and brought back", Args: wants("RECORD"),
		Long: "Writes a version of a fund plan: a row for each line, and in each row what holds for the whole plan, under the\n" +
			"names of the fields and the hashtags of HXL. Members of one's own have columns too. 'vardar import FILE --plan\n" +
			"RECORD' makes the next version of what came back, --plan new a new plan.",
		Example: "  vardar export plan funding.1.4 --as xlsx --to plan.xlsx\n  vardar export plan mk.national.centre/funding.1.4 --version 2 > plan.csv",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runExportPlan(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "the `FORMAT`: "+strings.Join(api.PlanFormats(), ", ")+" (default by the ending of the file, else csv)")
	f.StringVar(&o.to, "to", "", "the `FILE` to write, which must be new (default the output)")
	f.IntVar(&o.version, "version", 0, "the `NUMBER` of the version (default the one in force)")
	complete(cmd, "as", api.PlanFormats())
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runExportPlan(cmd *cobra.Command, o *exportPlanOptions, ref string) error {
	o.as = asFile(o.as, o.to, api.PlanFormats())
	if o.version < 0 {
		return usage(cmd, "--version: want its number; left out, the one in force")
	}
	if err := a.wantsTo(cmd, &o.to, o.as); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		shown, err := recordOf(cmd, c, ref)
		if err != nil {
			return err
		}
		e, err := c.PlanSheet(cmd.Context(), shown.Name, o.version, o.as)
		if err != nil {
			return err
		}
		return a.giveExport(cmd, &e, o.to)
	})
}

// importPlan writes the plan that a file is.
func (a *app) importPlan(cmd *cobra.Command, o *importOptions, file string) error {
	as, data, err := a.brought(cmd, o, file)
	if err != nil {
		return err
	}
	r := api.PlanImport{As: as, File: filepath.Base(file), Data: data, Reason: o.reason, Knowing: o.knowing, DryRun: o.dryRun}
	if o.plan != newPlan {
		r.Record = o.plan
	}
	return a.ask(func(c *api.Client) error {
		done, err := c.ImportPlan(cmd.Context(), r)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			if err := a.writeJSON(done); err != nil {
				return err
			}
		}
		return a.importedPlan(&done)
	})
}

// importedPlan prints what became of the file, and is a problem when a cell is wrong.
func (a *app) importedPlan(done *api.PlanImported) error {
	if len(done.Faults) > 0 {
		said := []string{done.Said}
		for i := range done.Faults {
			said = append(said, done.Faults[i].Error())
		}
		return &api.Problem{Kind: api.Refused, Detail: strings.Join(said, "\n  "), Mend: "mend the file, and import it again", Next: "vardar import FILE --plan RECORD --dry-run"}
	}
	if a.output == asJSON {
		return nil
	}
	if len(done.Own) > 0 {
		line(a.out, "kept as members of your own: %s", strings.Join(done.Own, ", "))
	}
	switch {
	case done.Waits != "":
		line(a.out, "it waits for a second person as %s", done.Waits)
	case !done.Record.IsZero():
		line(a.out, "%s  %s", done.Record, done.Said)
		return nil
	}
	line(a.out, "%s", done.Said)
	return nil
}
