package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newRemind(a *app) *cobra.Command {
	var (
		o      said
		reason string
	)
	cmd := &cobra.Command{
		Use: "remind INSTITUTION KIND", Short: "Remind an institution of what is overdue of it", Args: wants("INSTITUTION", "KIND"),
		Long: "Sends a note that wants to be read, and says since when a report, or whatever else is said again and again, is\n" +
			"due. 'vardar list due' says who is late with what; who is not late, and oneself, is not reminded. Those who are\n" +
			"silent in a consultation are reminded by 'vardar answer RECORD remind'.",
		Example: "  vardar remind mk.southeast.gevgelija report\n" +
			"  vardar remind mk.southeast.gevgelija capacity --reason \"How many beds are free tonight?\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			as, err := chosen(cmd, o.as)
			if err != nil {
				return err
			}
			whom, err := institution(cmd, args[0])
			if err != nil {
				return err
			}
			r := api.RemindRequest{As: as, Institution: whom, Kind: args[1], Reason: reason, DryRun: o.dryRun}
			return a.say(cmd.Context(), &o, func(ctx context.Context, c *api.Client) (api.Published, error) { return c.Remind(ctx, r) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "`INSTITUTION` that reminds, if the node writes for several (default its first)")
	f.StringVar(&reason, "reason", "", "the `TEXT` of the reminder (default what is awaited, and since when)")
	f.BoolVar(&o.dryRun, "dry-run", false, "check everything, write nothing, print the body")
	a.prints(cmd, asJSON)
	return cmd
}
