package main

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type joinOptions struct {
	yes bool
	opening
	passphrase
}

func newJoin(a *app) *cobra.Command {
	var o joinOptions
	cmd := &cobra.Command{
		Use: "join INVITATION", Short: "Join a network with an invitation", Args: wants("INVITATION"),
		Long: "Makes a node in a new folder: its keys, proved with the secret of the invitation, and a link to the node\n" +
			"that the invitation names. The invitation is one line; a dash reads it from the input, which keeps it out\n" +
			"of the shell's history and off the list of processes.",
		Example: "  vardar join --dir gevgelija - < invitation.txt\n  vardar join --dir gevgelija --name \"Municipality of Gevgelija\" --yes vardar1.eyJ…",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runJoin(cmd, &o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "join without asking")
	o.opening.flags(cmd)
	o.passphrase.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runJoin(cmd *cobra.Command, o *joinOptions, invitation string) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}, setIdentity: {o.identity}})
	if err != nil {
		return err
	}
	if invitation == "-" {
		line, unread := readInput("-", a.in)
		if unread != nil {
			return unread
		}
		invitation = string(line)
	}
	inv, err := protocol.ParseInvitation(invitation)
	if err != nil {
		said := err.Error()
		if errors.Is(err, protocol.ErrInvitation) {
			said = protocol.ErrInvitation.Error()
		}
		mend := "take all of the line, from vardar1. to its end"
		if !strings.HasPrefix(strings.TrimSpace(invitation), "vardar1.") {
			mend += "; one in a file is read by: vardar join - < FILE"
		}
		return &api.Problem{Kind: api.Usage, Detail: said, Mend: mend, Next: "vardar join --help", Rule: protocol.RuleName(err), Err: err}
	}
	who, err := o.of(cmd, inv.Institution)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Join the network %s as %s, invited by %s, at %s?", inv.Network, inv.Institution, inv.Registrar, inv.Listener)
	if err = a.agree(o.yes, question, "vardar join - --yes"); err != nil {
		return err
	}
	joined, err := node.Join(cmd.Context(), node.Options{
		Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: o.source(s), Clock: a.now, CheckStore: checkStore,
		Version: thisBuild().Version, Logger: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}, inv, who)
	if err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(joined)
	}
	line(a.out, "%s is in the network %s: %s received from %s", joined.Institution, joined.Network, api.Count(int(joined.Records), "trust record", "trust records"), joined.Listener)
	a.note("next: vardar --dir %s run", a.dir)
	return nil
}
