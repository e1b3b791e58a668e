package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newStaffLogins(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "logins [NAME]", Short: "List where accounts are logged in", Args: cobra.MaximumNArgs(1),
		Long: "Lists where an account is logged in, or all are: since when, when and from where it was used last, and with\n" +
			"what kind of browser. 'vardar staff end NAME LOGIN' ends one.",
		Example: "  vardar staff logins\n  vardar staff logins duty --output json",
		RunE: func(cmd *cobra.Command, args []string) error {
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return a.ask(func(c *api.Client) error {
				all, err := c.Logins(cmd.Context(), name)
				if err != nil {
					return err
				}
				return a.write(all, tabled(all, []string{"account", "login", "began", "used", "from", "with"}, func(l *api.Login) []string {
					return []string{l.Account, l.ID, a.when(l.Began), a.when(l.Used), l.From, l.With}
				}))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func newStaffEnd(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "end NAME [LOGIN]", Short: "Log an account out", Args: cobra.RangeArgs(1, 2), //nolint:mnd // a name and a log-in
		Long:    "Logs an account out where LOGIN says ('vardar staff logins'), or wherever it is logged in. It can log in again.",
		Example: "  vardar staff end duty\n  vardar staff end duty 6f1d0c3a9be24871",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.StaffRequest{Do: api.StaffEnd, Name: args[0]}
			if len(args) > 1 {
				r.Login = args[1]
			}
			return a.changeStaff(cmd, r)
		},
	}
}
