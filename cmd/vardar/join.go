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
	keep
}

func newJoin(a *app) *cobra.Command {
	var o joinOptions
	cmd := &cobra.Command{
		Use: "join INVITATION", Short: "Join a network with an invitation", Args: wants("INVITATION"),
		Long: "Makes a node in a new folder: its keys, proved with the secret of the invitation, and a link to the node\n" +
			"that the invitation names, and to a neighbour if it names one. The invitation is one line, or a file that\n" +
			"holds it, which keeps it out of the shell's history and off the list of processes; a dash reads it from the\n" +
			"input. Line breaks, as in a letter, don't matter.\n\n" +
			"At a terminal it shows six check words, and asks whether they are those of the letter; elsewhere say --yes.",
		Example: "  vardar join invitation.txt\n  vardar join --dir gevgelija --name \"Municipality of Gevgelija\" --yes - < invitation.txt",
		RunE:    func(cmd *cobra.Command, args []string) error { return a.runJoin(cmd, &o, args[0]) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "join without asking")
	o.opening.flags(cmd)
	o.passphrase.flags(cmd)
	o.keep.flags(cmd)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runJoin(cmd *cobra.Command, o *joinOptions, invitation string) error {
	s, err := a.settle(settings{setPassphraseFile: {o.file}, setIdentity: {o.identity}})
	if err != nil {
		return err
	}
	inv, words, err := a.readInvitation(invitation)
	if err != nil {
		return err
	}
	who, err := o.of(cmd, inv.Institution)
	if err != nil {
		return err
	}
	if err = o.check(cmd, s.one(setDir), s.one(setIdentity)); err != nil {
		return err
	}
	question := fmt.Sprintf("Join the network %s as %s, invited by %s, at %s. Check words: %s. Do these six words match the letter?",
		inv.Network, inv.Institution, inv.Registrar, inv.Listener, words)
	if err = a.agree(o.yes, question, "vardar join - --yes"); err != nil {
		return err
	}
	joined, err := node.Join(cmd.Context(), node.Options{
		Dir: s.one(setDir), Identity: s.one(setIdentity), Passphrase: o.source(s), WorkFactor: a.work, Clock: a.now, CheckStore: checkStore,
		Sheet: a.show(cmd, &o.keep), Token: o.token, Prompt: a.prompt(),
		Version: thisBuild().Version, Logger: slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}, inv, who)
	if err != nil {
		return err
	}
	if a.output == asJSON {
		return a.writeJSON(joined)
	}
	line(a.out, "%s is in the network %s: %s received from %s", joined.Institution, joined.Network, api.Count(int(joined.Records), "trust record", "trust records"), joined.Listener)
	if joined.Neighbour != "" {
		a.note("A second link, to %s, is proposed: it comes up once they approve it there.", joined.Neighbour)
	}
	a.note("next: vardar --dir %s run", a.dir)
	return nil
}

// readInvitation reads the line itself, a file of it, or, for a dash, the input; and gives
// its check words. Blanks and breaks within it are those of a letter.
func (a *app) readInvitation(arg string) (_ protocol.Invitation, words string, err error) {
	text := arg
	if !strings.HasPrefix(arg, "vardar1.") {
		data, unread := readInput(arg, a.in)
		if unread != nil && arg != "-" {
			return protocol.Invitation{}, "", &api.Problem{
				Kind: api.Usage, Detail: fmt.Sprintf("%q is neither an invitation, which begins with vardar1., nor a file that holds one", arg),
				Mend: "name the file in which the invitation was saved", Next: "vardar join --help", Err: unread,
			}
		}
		if unread != nil {
			return protocol.Invitation{}, "", unread
		}
		text = string(data)
	}
	line := strings.Join(strings.Fields(text), "")
	inv, err := protocol.ParseInvitation(line)
	if err != nil {
		said := err.Error()
		if errors.Is(err, protocol.ErrInvitation) {
			said = protocol.ErrInvitation.Error()
		}
		err = &api.Problem{Kind: api.Usage, Detail: said, Mend: "take all of the line, from vardar1. to its end", Next: "vardar join --help", Rule: protocol.RuleName(err), Err: err}
	}
	check := protocol.CheckWords(line)
	return inv, strings.Join(check[:], " "), err
}
