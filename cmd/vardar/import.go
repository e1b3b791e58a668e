package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type importOptions struct {
	as, plan, reason, within string
	dryRun, exercise         bool
	knowing                  bool
}

func newImport(a *app) *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use: "import FILE", Short: "Write reports or a fund plan from a spreadsheet, or take in a bundle", Args: wants("FILE"),
		Long: "Takes in a bundle that 'vardar export bundle' wrote at a peer and somebody carried here: nothing is taken twice,\n" +
			"and nothing is believed that its author did not sign.\n\n" +
			"Of anything else, reads an XLSX or CSV file (UTF-8; commas, semicolons or tabs) and writes a report for each row, the same that\n" +
			"the pages' form makes. One of the first lines names the field of each column: place, period.start, period.end,\n" +
			"figures.arrivals …; the pages give a template with them, places and periods filled in. An empty cell is what is\n" +
			"not known, and no 0.\n\n" +
			"With --plan, reads the file of a fund plan instead, as 'vardar export plan' writes it: a row for each line. It is the\n" +
			"next version of the plan that is named, or a new plan. A column that is not there changes nothing, an empty cell\n" +
			"takes a member out, a row that is gone its line; a column that nobody knows is kept as a member of its own, x-….\n\n" +
			"With --exercise or --within, what it says is only played. A file whose template was taken within an exercise is\n" +
			"read there alone.\n\n" +
			"All rows are checked before the first is written: with a fault in one cell, no row is. What was sent before is\n" +
			"not written again.",
		Example: "  vardar import report.xlsx --dry-run\n  vardar import report.xlsx\n" +
			"  vardar import plan.xlsx --plan funding.1.4 --reason \"prices rose\"\n  vardar import /media/stick/for-crisis-centre.vardar",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runImport(cmd, &o, args[0]) },
	}
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "`INSTITUTION` that says it, if the node writes for several (default its first)")
	f.StringVar(&o.plan, "plan", "", "the file is a fund plan's: of the plan of this `RECORD`, or new")
	f.StringVar(&o.reason, "reason", "", "`WHY` a plan has another version")
	f.BoolVar(&o.knowing, "knowing", false, "what a warning about another version of a plan says is known and wanted")
	f.BoolVar(&o.exercise, "exercise", false, "what it says is part of an exercise, and shown apart everywhere")
	f.StringVar(&o.within, "within", "", "it is part of the exercise that this `RECORD` began: vardar list exercises")
	f.BoolVar(&o.dryRun, "dry-run", false, "check every cell, write nothing")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runImport(cmd *cobra.Command, o *importOptions, file string) error {
	carried, err := beginsAsBundle(file)
	if err != nil {
		return err
	}
	if carried || o.plan != "" {
		if o.exercise || o.within != "" {
			return usage(cmd, "--exercise and --within belong to a file of reports: a bundle and the file of a plan say themselves what is played")
		}
	}
	if carried {
		return a.takeBundle(cmd, o, file)
	}
	if o.plan != "" {
		return a.importPlan(cmd, o, file)
	}
	if o.reason != "" || o.knowing {
		return usage(cmd, "--reason and --knowing belong to another version of a plan: name it with --plan")
	}
	as, data, err := a.brought(cmd, o, file)
	if err != nil {
		return err
	}
	r := api.ImportRequest{As: as, Data: data, DryRun: o.dryRun, Exercise: o.exercise, Within: o.within}
	return a.ask(func(c *api.Client) error {
		done, err := c.Import(cmd.Context(), r)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			if err := a.writeJSON(done); err != nil {
				return err
			}
		}
		return a.imported(&done)
	})
}

// brought gives the file, and the institution that says it; none: the node's first.
func (a *app) brought(cmd *cobra.Command, o *importOptions, file string) (as protocol.InstitutionID, data []byte, err error) {
	if o.as != "" {
		if as, err = institution(cmd, o.as); err != nil {
			return "", nil, err
		}
	}
	data, err = readInput(file, a.in)
	return as, data, err
}

// imported prints what became of each row, and is a problem when a cell is wrong.
func (a *app) imported(done *api.Imported) error {
	if len(done.Faults) > 0 {
		var said []string
		for i := range done.Faults {
			said = append(said, done.Faults[i].Error())
		}
		return &api.Problem{Kind: api.Refused, Detail: fmt.Sprintf("%s\n  %s", done.Said, strings.Join(said, "\n  ")), Mend: "mend the file, and import it again", Next: "vardar import FILE --dry-run"}
	}
	if a.output == asJSON {
		return nil
	}
	for _, row := range done.Rows {
		switch {
		case row.Waits != "":
			line(a.out, "line %d  waits for a second person as %s", row.Line, row.Waits)
		case row.Already:
			line(a.out, "line %d  %s  sent before", row.Line, row.Record)
		case !row.Record.IsZero():
			line(a.out, "line %d  %s", row.Line, row.Record)
		}
	}
	line(a.out, "%s", done.Said)
	return nil
}
