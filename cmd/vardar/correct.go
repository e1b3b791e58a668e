package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type correctOptions struct {
	said
	retract, reissue, erase, yes, knowing bool
	reason, digest                        string
}

func newCorrect(a *app) *cobra.Command {
	var o correctOptions
	cmd := &cobra.Command{
		Use: "correct RECORD", Short: "Replace, take back or erase an own record, or say it again", Args: wants("RECORD"),
		Long: "Writes a correction that names the record. Nothing is changed: both stay visible, and what was wrong\n" +
			"counts no more. --reissue says a record again that counts no more though nobody took it back: after a fork, a\n" +
			"restore, a lost key. It stands at a new position then, and the old one leads to it.\n\n" +
			"--erase takes the body back for good, on every node: header, chain and reason stay. It is for what should never\n" +
			"have been said, such as a person's name; the registrar of a member may do it too. It says what it does, and asks.",
		Example: "  vardar correct situation.1.42 --set figures.arrivals=690 --reason \"digits swapped\"\n" +
			"  vardar correct situation.1.42 --retract --reason \"sent twice\"\n" +
			"  vardar correct situation.1.42 --erase --reason \"it named a person\" --yes",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runCorrect(cmd, &o, args[0]) },
	}
	o.flags(a, cmd)
	cmd.Flags().BoolVar(&o.retract, "retract", false, "take the whole record back")
	cmd.Flags().StringVar(&o.reason, "reason", "", "`WHY`; asked for unless the record is said again")
	cmd.Flags().BoolVar(&o.erase, "erase", false, "take the body back for good, on every node")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "with --erase, do it without asking")
	cmd.Flags().StringVar(&o.digest, "digest", "", "with --reissue or --erase, how the `DIGEST` of the record begins, where a fork left several")
	cmd.Flags().BoolVar(&o.knowing, "knowing", false, "what a warning says is known and wanted")
	cmd.Flags().BoolVar(&o.reissue, "reissue", false, "say a record again, as it was, that counts no more against your will")
	return cmd
}

func (a *app) runCorrect(cmd *cobra.Command, o *correctOptions, record string) error {
	as, document, err := o.read(a, cmd)
	if err != nil {
		return err
	}
	if o.erase {
		return a.runErase(cmd, o, record, as, document != nil)
	}
	if o.yes {
		return usage(cmd, "--yes goes with --erase: nothing else asks")
	}
	r := api.CorrectRequest{
		As: as, Record: record, Retract: o.retract, Reissue: o.reissue, Digest: o.digest, Reason: o.reason, Body: document, Set: o.set, DryRun: o.dryRun,
		Wait: o.wait, WaitMS: o.waitMS(), Knowing: o.knowing, Anyway: o.anyway,
	}
	return a.say(cmd.Context(), &o.said, func(ctx context.Context, c *api.Client) (api.Published, error) { return c.Correct(ctx, r) })
}

// runErase says what an erasure does, asks, and writes it.
func (a *app) runErase(cmd *cobra.Command, o *correctOptions, record string, as protocol.InstitutionID, filled bool) error {
	if o.retract || o.reissue || filled || len(o.set) > 0 || o.wait > 0 || o.knowing || o.anyway != (api.Anyway{}) {
		return usage(cmd, "--erase takes the whole body back: it goes with --reason, --digest, --as, --dry-run and --yes alone")
	}
	r := api.EraseRequest{As: as, Record: record, Digest: o.digest, Reason: o.reason, DryRun: true}
	return a.ask(func(c *api.Client) error {
		plan, err := c.Erase(cmd.Context(), r)
		if err != nil {
			return err
		}
		for _, does := range plan.Does {
			a.note("%s", does)
		}
		if o.dryRun {
			a.note("nothing is written, and nothing erased")
			return a.erased(&plan)
		}
		if err = a.agree(o.yes, fmt.Sprintf("Erase the body of %s?", plan.Record), fmt.Sprintf("vardar correct %s --erase --reason %q --yes", plan.Record, o.reason)); err != nil {
			return err
		}
		r.DryRun = false
		done, err := c.Erase(cmd.Context(), r)
		if err != nil {
			return err
		}
		return a.erased(&done)
	})
}

// erased prints what became of an erasure.
func (a *app) erased(e *api.Erasing) error {
	if a.output == asJSON {
		return a.writeJSON(e)
	}
	if e.Published != nil {
		line(a.out, "%s  body of %s erased here; %s", e.Published.Record, e.Record, e.Published.Said)
	}
	return nil
}
