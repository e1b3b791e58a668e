package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

type correctOptions struct {
	said
	retract, reissue bool
	reason, digest   string
}

func newCorrect(a *app) *cobra.Command {
	var o correctOptions
	cmd := &cobra.Command{
		Use: "correct RECORD", Short: "Replace or take back an own record, or say it again", Args: wants("RECORD"),
		Long: "Writes a correction that names the record. Nothing is changed: both stay visible, and what was wrong\n" +
			"counts no more. --reissue says a record again that counts no more though nobody took it back: after a fork, a\n" +
			"restore, a lost key. It stands at a new position then, and the old one leads to it.",
		Example: "  vardar correct situation.1.42 --set figures.arrivals=690 --reason \"digits swapped\"\n" +
			"  vardar correct situation.1.42 --retract --reason \"sent twice\"\n" +
			"  vardar correct situation.1.42 --reissue",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runCorrect(cmd, &o, args[0]) },
	}
	o.flags(a, cmd)
	cmd.Flags().BoolVar(&o.retract, "retract", false, "take the whole record back")
	cmd.Flags().StringVar(&o.reason, "reason", "", "`WHY`; asked for unless the record is said again")
	cmd.Flags().StringVar(&o.digest, "digest", "", "with --reissue, how the `DIGEST` of the record begins, where a fork left several")
	cmd.Flags().BoolVar(&o.reissue, "reissue", false, "say a record again, as it was, that counts no more against your will")
	return cmd
}

func (a *app) runCorrect(cmd *cobra.Command, o *correctOptions, record string) error {
	as, body, err := o.read(a, cmd)
	if err != nil {
		return err
	}
	r := api.CorrectRequest{
		As: as, Record: record, Retract: o.retract, Reissue: o.reissue, Digest: o.digest, Reason: o.reason, Body: body, Set: o.set, DryRun: o.dryRun,
		Wait: o.wait, WaitMS: o.waitMS(),
	}
	return a.say(cmd.Context(), &o.said, func(ctx context.Context, c *api.Client) (api.Published, error) { return c.Correct(ctx, r) })
}
