package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newStaff(a *app) *cobra.Command {
	cmd := a.group("staff", "Accounts of the people who work at this node's pages",
		"Accounts are offices (duty, coordinator), never private persons. Whoever runs the node may change them;\n"+
			"every change is noted: 'vardar list audit'. Roles: "+joined(api.Roles())+".")
	cmd.AddCommand(newStaffList(a), newStaffAdd(a), newStaffRole(a), newToken(a), newStaffLogins(a), newStaffEnd(a),
		newStaffLock(a), newStaffBind(a), newStaffOIDC(a),
		newStaffDo(a, api.StaffUnlock, "Open a locked account again", "Opens an account that an administrator locked, or that nobody used for 90 days, and ends its waiting."),
		newStaffDo(a, api.StaffReset, "Give an account another one-time word", "Takes the password and the recovery word of an account away, ends its sessions, and prints a one-time word\nwith which another password is chosen within a week."),
		newStaffDo(a, api.StaffFactor, "Take the second factor of an account away", "Takes the second factor of an account away, whose telephone and recovery codes were lost, and ends its sessions.\nIts password stays. Where its role must have one, it makes another when it logs in."),
		newStaffDo(a, api.StaffRemove, "Take an account away", "Takes an account away, and ends its sessions. What it did stays in the log of acts."))
	return cmd
}

func newStaffList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the accounts", Args: wants(),
		Long:    "Lists the accounts with role, state and last log-in.",
		Example: "  vardar staff list\n  vardar staff list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				all, err := c.Staff(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(all, tabled(all, []string{"name", "role", "state", "seen", "institutions", "reason"}, func(r *api.Account) []string {
					return []string{r.Name, string(r.Role), r.State, a.when(r.Seen), joined(r.Institutions), r.Reason}
				}))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func newStaffAdd(a *app) *cobra.Command {
	var role string
	var institutions []string
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make an account", Args: wants("NAME"),
		Long: "Makes an account and prints a one-time word: who has it chooses a password on the pages within a week.\n" +
			"It is shown once.",
		Example: "  vardar staff add duty --role officer\n  vardar staff add river.duty --role officer --for mk.southeast.demo-river-town",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.StaffRequest{Do: api.StaffAdd, Name: args[0], Role: api.Role(role)}
			var err error
			if r.Institutions, err = institutionsOf(cmd, institutions); err != nil {
				return err
			}
			if role == "" {
				return usage(cmd, "--role is missing: want one of "+joined(api.Roles()))
			}
			return a.changeStaff(cmd, r)
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "what the account may open: `ROLE` "+joined(api.Roles()))
	cmd.Flags().StringArrayVar(&institutions, "for", nil, "`INSTITUTION` that it acts for, of those that the node hosts (default the first); may be repeated")
	a.prints(cmd, asJSON)
	return cmd
}

func newStaffRole(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "role NAME ROLE", Short: "Give an account another role", Args: wants("NAME", "ROLE"),
		Long:    "Gives an account another role: " + joined(api.Roles()) + ". Its sessions end.",
		Example: "  vardar staff role duty approver",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeStaff(cmd, api.StaffRequest{Do: api.StaffRole, Name: args[0], Role: api.Role(args[1])})
		},
	}
}

func newStaffLock(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "lock NAME", Short: "Shut an account", Args: wants("NAME"),
		Long:    "Shuts an account, and ends its sessions, until 'vardar staff unlock'.",
		Example: "  vardar staff lock duty --reason \"the telephone was lost\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeStaff(cmd, api.StaffRequest{Do: api.StaffLock, Name: args[0], Reason: reason})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "`WHY`, for who comes to its door, and for the log of acts")
	return cmd
}

func newStaffBind(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "bind NAME [WHO]", Short: "Say who an account is where your people log in", Args: cobra.RangeArgs(1, 2),
		Long: "Binds an account to somebody at the provider that 'vardar run --oidc' names: WHO is what its claim says of\n" +
			"them. Without WHO the account has its password alone again. Its sessions end.",
		Example: "  vardar staff bind duty 8f0c2c1e-1f5b-4c52-9d0e-2b4f5f6a7b8c\n  vardar staff bind duty",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.StaffRequest{Do: api.StaffBind, Name: args[0]}
			if len(args) > 1 {
				r.Signs = args[1]
			}
			return a.changeStaff(cmd, r)
		},
	}
}

func newStaffOIDC(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "oidc", Short: "Print an example of the file for run --oidc", Args: wants(),
		Long:    "Prints a file that says where accounts log in besides their password: a provider of OpenID Connect.",
		Example: "  vardar staff oidc > oidc.yaml",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.out, node.OIDCExample())
			return err
		},
	}
}

// newStaffDo is a command that takes a name and nothing else.
func newStaffDo(a *app, do, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: do + " NAME", Short: short, Args: wants("NAME"), Long: long, Example: "  vardar staff " + do + " duty",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changeStaff(cmd, api.StaffRequest{Do: do, Name: args[0]})
		},
	}
}

func (a *app) changeStaff(cmd *cobra.Command, r api.StaffRequest) error {
	return a.ask(func(c *api.Client) error {
		done, err := c.ChangeStaff(cmd.Context(), r)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(done)
		}
		if done.Account.Name == "" {
			line(a.out, "%s is gone", r.Name)
			return nil
		}
		line(a.out, "%s is %s, and %s", done.Account.Name, done.Account.Role, done.Account.State)
		a.tellWord(done.Word, done.Until)
		return nil
	})
}

// tellWord shows a one-time word, which nothing knows again.
func (a *app) tellWord(word string, until protocol.Instant) {
	if word != "" {
		line(a.out, "one-time word, shown once, good until %s: %s", clock(until), word)
	}
}
