package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

func newCharterAccept(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "accept DIGEST", Short: "Take a version of the charter as given, over any other of its number", Args: wants("DIGEST"),
		Long: "Two versions of one number stop each other on every node, until the stewards end that. Where they can't, because\n" +
			"their keys were stolen or all of them signed both, each institution chooses: ask your registrar by telephone for\n" +
			"the digest, compare it with what 'vardar member charter show' prints, and accept it. From then on this node follows\n" +
			"that version and what comes after it, and sets its rivals aside. Another can be accepted later.\n\n" +
			"A node does so by itself with versions that it has followed for a month: nobody stops it with the keys of stewards\n" +
			"of years ago.",
		Example: "  vardar member charter accept sha-256:27a36009d6bc2c6ea5d45ed98ac11d0de224437acef6124557cfc9396ca20425",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runCharterAccept(cmd, args[0], yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "accept without asking")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runCharterAccept(cmd *cobra.Command, arg string, yes bool) error {
	digest, err := protocol.ParseDigest(arg)
	if err != nil {
		return usage(cmd, arg+": want a digest, sha-256: and 64 hex digits, as 'vardar member charter show' prints them")
	}
	if err := a.agree(yes, fmt.Sprintf("Follow %s from now on, whatever rivals it?", digest), cmd.CommandPath()+" "+arg+" --yes"); err != nil {
		return err
	}
	return a.ask(func(c *api.Client) error {
		charter, err := c.AcceptCharter(cmd.Context(), api.AcceptCharterRequest{Digest: digest})
		if err != nil {
			return err
		}
		if a.output == asJSON {
			return a.writeJSON(charter)
		}
		return a.writeCharter(&charter)
	})
}
