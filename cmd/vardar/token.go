package main

import (
	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

func newToken(a *app) *cobra.Command {
	cmd := a.group("token", "Tokens of programs that ask the API",
		"A program that reads or reports by the API at the address of the pages ('vardar run --pages') brings a token.\n"+
			"It may do what its role and its scope both let do, for the institutions that it acts for.\n"+
			"Roles: "+joined(api.Roles())+". Scopes, each with the one before it: "+joined(api.Scopes())+".")
	cmd.AddCommand(newTokenAdd(a), newTokenList(a), newTokenRemove(a))
	return cmd
}

func newTokenAdd(a *app) *cobra.Command {
	var role, scope string
	var institutions []string
	var days int
	cmd := &cobra.Command{
		Use: "add NAME", Short: "Make a token", Args: wants("NAME"),
		Long: "Makes a token and prints its secret, once: nothing knows it again. Send it as 'Authorization: Bearer SECRET'.\n" +
			"Name it after the program that has it, so that who reads the log of acts knows which it was.",
		Example: "  vardar staff token add situation-room --role coordinator --scope read\n" +
			"  vardar staff token add gate-counter --role officer --scope publish --for mk.southeast.demo-south-gate --days 90",
		RunE: func(cmd *cobra.Command, args []string) error {
			r := api.TokenRequest{Name: args[0], Role: api.Role(role), Scope: api.Scope(scope), Days: days}
			var err error
			if r.Institutions, err = institutionsOf(cmd, institutions); err != nil {
				return err
			}
			switch {
			case role == "":
				return usage(cmd, "--role is missing: want one of "+joined(api.Roles()))
			case scope == "":
				return usage(cmd, "--scope is missing: want one of "+joined(api.Scopes()))
			}
			return a.ask(func(c *api.Client) error {
				made, err := c.AddToken(cmd.Context(), r)
				if err != nil {
					return err
				}
				if a.output == asJSON {
					return a.writeJSON(made)
				}
				line(a.out, "%s may %s as %s for %s until %s", made.Token.Name, made.Token.Scope, made.Token.Role, joined(made.Token.Institutions), clock(made.Token.Ends))
				line(a.out, "token, shown once: %s", made.Secret)
				return nil
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&role, "role", "", "what it may ask for: `ROLE` "+joined(api.Roles()))
	f.StringVar(&scope, "scope", "", "how much of that: `SCOPE` "+joined(api.Scopes()))
	f.StringArrayVar(&institutions, "for", nil, "`INSTITUTION` that it acts for, of those that the node hosts (default the first); may be repeated")
	f.IntVar(&days, "days", 0, "that it can be used: so `MANY` (default 365)")
	a.prints(cmd, asJSON)
	return cmd
}

func newTokenList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens", Args: wants(),
		Long:    "Lists the tokens with what they may do, and until when.",
		Example: "  vardar staff token list\n  vardar staff token list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				all, err := c.Tokens(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(all, tabled(all, []string{"name", "role", "scope", "until", "institutions"}, func(r *api.Token) []string {
					until := a.when(r.Ends)
					if r.Ended {
						until = "ended " + until
					}
					return []string{r.Name, string(r.Role), string(r.Scope), until, joined(r.Institutions)}
				}))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func newTokenRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Take a token away", Args: wants("NAME"),
		Long: "Takes a token away: its secret opens nothing from now on. What it did stays in the log of acts.", Example: "  vardar staff token remove gate-counter",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				if err := c.RemoveToken(cmd.Context(), args[0]); err != nil {
					return err
				}
				line(a.out, "%s is gone", args[0])
				return nil
			})
		},
	}
}
