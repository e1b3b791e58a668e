package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newApproval(a *app) *cobra.Command {
	cmd := a.group("approval", "Records that wait for a second person",
		"A node holds the kinds of records that 'vardar run --second-person' names until somebody else than who said\n"+
			"them has looked at them. Whoever asks by this command is one person, the command line: what it handed in\n"+
			"itself waits for an account on the pages, or for a program's token.")
	cmd.AddCommand(newApprovalList(a), newApprovalShow(a), newApprovalApprove(a), newApprovalReturn(a), newApprovalWithdraw(a))
	return cmd
}

func newApprovalList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List what waits", Args: wants(),
		Long: "Lists what waits for a second person, the oldest first.", Example: "  vardar approval list\n  vardar approval list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				all, err := c.Approvals(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(all, tabled(all, []string{"number", "made", "by", "institution", "handling", "what"}, func(w *api.Second) []string {
					return []string{w.ID, a.when(w.Made), w.By, string(w.As), w.Handling.String(), exerciseWords(w)}
				}))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

// exerciseWords says in a line what a record says, that of an exercise first.
func exerciseWords(w *api.Second) string {
	if w.Exercise {
		return "EXERCISE, " + w.Says
	}
	return w.Says
}

func newApprovalShow(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NUMBER", Short: "Show a record as it will be sent", Args: wants("NUMBER"),
		Long: "Shows a record that waits for a second person as it will be sent, or what became of it.", Example: "  vardar approval show 7k2m-4h9q-x3tz-8n5p",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				w, err := c.Approval(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.writeSecond(&w)
			})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

// writeSecond says how a record stands that waits, or waited.
func (a *app) writeSecond(w *api.Second) error {
	if a.output == asJSON {
		return a.writeJSON(w)
	}
	line(a.out, "%s  %s, %s, handed in by %s for %s, %s", w.ID, exerciseWords(w), w.Handling, w.By, w.As, a.when(w.Made))
	switch {
	case !w.Record.IsZero():
		line(a.out, "approved by %s: %s", w.Decider, w.Record)
	case w.State == "withdrawn":
		line(a.out, "taken back by %s", w.Decider)
	case w.Reason != "":
		line(a.out, "returned by %s: %s", w.Decider, w.Reason)
	}
	line(a.out, "%s", w.Text)
	return nil
}

func newApprovalApprove(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "approve NUMBER", Short: "Sign and send what somebody else handed in", Args: wants("NUMBER"),
		Long:    "Signs and sends a record that somebody else has handed in, as it was shown. It is checked anew; what can't\nbe said any more goes on waiting.",
		Example: "  vardar approval approve 7k2m-4h9q-x3tz-8n5p",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				done, err := c.LetGo(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if a.output == asJSON {
					return a.writeJSON(done)
				}
				line(a.out, "%s  %s", done.Record, done.Said)
				return nil
			})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}

func newApprovalReturn(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "return NUMBER", Short: "Give a record back to who handed it in", Args: wants("NUMBER"),
		Long:    "Gives a record back to who handed it in, with the reason; on the pages it is a draft again.",
		Example: "  vardar approval return 7k2m-4h9q-x3tz-8n5p --reason \"say how many\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				w, err := c.GiveBack(cmd.Context(), args[0], reason)
				if err != nil {
					return err
				}
				return a.writeSecond(&w)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`WHY`, for who handed it in")
	a.prints(cmd, asJSON)
	return cmd
}

func newApprovalWithdraw(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "withdraw NUMBER", Short: "Take back what one has handed in", Args: wants("NUMBER"),
		Long:    "Takes back a record that one has handed in, while nobody has decided on it. What an account or a program\nhanded in, it takes back itself.",
		Example: "  vardar approval withdraw 7k2m-4h9q-x3tz-8n5p",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				w, err := c.TakeBack(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				return a.writeSecond(&w)
			})
		},
	}
	a.prints(cmd, asJSON)
	return cmd
}
