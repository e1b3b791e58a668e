package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

type listOptions struct {
	place, by, since, until, at, severity, match, record, quality, sector, phase, within string
	limit                                                                                int
	exercise                                                                             bool
}

func newList(a *app) *cobra.Command {
	var o listOptions
	cmd := &cobra.Command{
		Use: "list [WHAT]", Short: "List what the node knows: due, reports, routes, requests, members", Args: wants("[WHAT]"),
		Long: "Lists: " + strings.Join(api.Lists(), ", ") + ". Without a name, what is due.\n\n" +
			"An empty list is not zero: nobody has said anything.",
		Example:   "  vardar list reports --place MK --since 7d\n  vardar list requests --output json\n  vardar list figures --at 2015-11-05 --output csv\n  vardar list pool --place MK-405 --match tent",
		ValidArgs: api.Lists(),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runList(cmd, &o, strings.Join(args, ""))
		},
	}
	o.flags(cmd)
	cmd.Flags().IntVar(&o.limit, "limit", 0, "at most so `MANY` rows (default 100; -1 for all)")
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

// flags gives a command what the rows of a list are chosen by.
func (o *listOptions) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.place, "place", "", "of this `PLACE`: MK, MK-405, nuts:EL4")
	f.StringVar(&o.by, "by", "", "of this `INSTITUTION`, or of all under a prefix: mk.")
	f.StringVar(&o.since, "since", "", "of this `MOMENT` or later: 2015-11-05, 2015-11-05T06:00:00Z, 24h, 7d")
	f.StringVar(&o.until, "until", "", "of before this `MOMENT`")
	f.StringVar(&o.at, "at", "", "as this node knew it at this `MOMENT`")
	f.StringVar(&o.severity, "severity", "", "reports and alerts at least as `GRAVE`")
	f.StringVar(&o.quality, "quality", "", "what is so `GOOD`: "+api.QualityAsked())
	f.StringVar(&o.sector, "sector", "", "practices of this `SECTOR`: shelter, health")
	f.StringVar(&o.phase, "phase", "", "practices for this `PHASE`: preparedness, response")
	f.StringVar(&o.match, "match", "", "with this `TEXT` anywhere in the row")
	f.StringVar(&o.record, "record", "", "of this `RECORD` alone")
	f.BoolVar(&o.exercise, "exercise", false, "of what is played without a name, instead of what is real")
	f.StringVar(&o.within, "within", "", "of the exercise that this `RECORD` began: vardar list exercises")
	complete(cmd, "severity", body.Severity("").Words())
	complete(cmd, "quality", api.QualityWords())
	complete(cmd, "sector", body.Sector("").Words())
	complete(cmd, "phase", body.PhaseName("").Words())
}

// query is the question for a list.
func (a *app) query(cmd *cobra.Command, o *listOptions, what string) (q api.Query, err error) {
	q = api.Query{What: what, Place: o.place, By: o.by, Severity: body.Severity(o.severity), Match: o.match, Record: o.record, Quality: o.quality, Sector: body.Sector(o.sector), Phase: body.PhaseName(o.phase), Limit: o.limit, Exercise: o.exercise, Within: o.within}
	if q.Since, err = a.instant(cmd, "since", o.since); err != nil {
		return q, err
	}
	if q.Until, err = a.instant(cmd, "until", o.until); err != nil {
		return q, err
	}
	q.At, err = a.instant(cmd, "at", o.at)
	return q, err
}

func (a *app) runList(cmd *cobra.Command, o *listOptions, what string) error {
	if o.limit < -1 {
		return usage(cmd, "--limit: want how many rows, or -1 for all")
	}
	q, err := a.query(cmd, o, what)
	if err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		l, err := c.List(cmd.Context(), q)
		if err != nil {
			return err
		}
		t := a.tableOf(l.Rows)
		if err := a.write(l, t); err != nil {
			return err
		}
		if l.Coverage != nil && a.output == text {
			a.note("%s", coverageLine(l.Coverage))
		}
		switch {
		case len(t.rows) == 0 && a.output == text:
			a.note("%s\ntry: %s", nothing(cmd), a.here(a.insteadOf(cmd, l.What)))
		case l.Total > len(t.rows):
			a.note("%d of %d rows: --limit -1 shows all", len(t.rows), l.Total)
		}
		return nil
	})
}

// coverageLine says of how much of what is due a list was made, and who is missing.
func coverageLine(c *api.Coverage) string {
	out := fmt.Sprintf("%s: %d of %d in time", body.ShortName(c.Kind), c.Reported, c.Of)
	if c.Overdue > 0 {
		out += fmt.Sprintf(", %d overdue", c.Overdue)
	}
	if c.LineCut > 0 {
		out += fmt.Sprintf(", %d behind a line that is cut", c.LineCut)
	}
	if c.Never > 0 {
		out += fmt.Sprintf(", %d never heard", c.Never)
	}
	var who []string
	for i := range c.Missing[:min(len(c.Missing), mostMissing)] {
		m := &c.Missing[i]
		who = append(who, strings.Join(strings.Fields(fmt.Sprintf("%s %s (%s)", m.Institution, footnoted(m.PlaceName, m.Footnote), m.State)), " "))
	}
	if more := len(c.Missing) - len(who); more > 0 {
		who = append(who, fmt.Sprintf("and %d more: vardar list due", more))
	}
	if len(who) > 0 {
		out += "\nmissing: " + strings.Join(who, ", ")
	}
	return out
}

// mostMissing is how many of those who are missing are named under a list: a screen's lines.
const mostMissing = 10

// nothing says why a list is empty.
func nothing(cmd *cobra.Command) string {
	if partly(cmd) {
		return "nothing fits what was chosen"
	}
	return "nothing: no record here says anything of this"
}

// partly reports whether only a part of a list is asked for.
func partly(cmd *cobra.Command) (part bool) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { part = part || f.Changed && f.Name != "output" && f.Name != "limit" })
	return part
}

// insteadOf gives the command to try where a list is empty: the whole list if only a part
// was asked for, else what fills it or tells more.
func (a *app) insteadOf(cmd *cobra.Command, what string) string {
	switch {
	case partly(cmd):
		return "vardar list " + what
	case what == "needs", what == "unmet", what == "unfunded", what == "solidarity":
		return "vardar publish needs --help"
	case what == "pool":
		return "vardar publish capacity --help"
	case what == "flows", what == "funds":
		return "vardar publish pledge --help"
	case what == "plan-sums":
		return "vardar publish plan --help"
	case what == "offers", what == "matches", what == "3w", what == "ledger":
		return "vardar list requests"
	case what == "strategies", what == "alignment", what == "coverage":
		return "vardar publish strategy --help"
	case slices.Contains(api.Publishable(), strings.TrimSuffix(what, "s")):
		return "vardar publish " + strings.TrimSuffix(what, "s") + " --help"
	case what == "corrections":
		return "vardar correct --help"
	case what == "links":
		return "vardar link propose --help"
	case what == "due", what == "figures", what == "drafts":
		return "vardar list reports"
	}
	return "vardar status"
}
