package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
)

func newDuty(a *app) *cobra.Command {
	cmd := a.group("duty", "Who is woken by what",
		"A file of rules says of which records who is woken, by e-mail, webhook or command (an SMS modem), and who is the\n"+
			"deputy if nobody says that it was seen. 'vardar run --duty FILE' reads it, 'vardar config check' looks at it.")
	cmd.AddCommand(newDutyList(a), newDutySeen(a), newDutyTest(a), newDutyExample(a))
	return cmd
}

func newDutyList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List what was woken", Args: wants(),
		Long:    "Lists what was woken and what became of it, the newest first; then what is wrong with a way, and its mend.",
		Example: "  vardar duty list\n  vardar duty list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				view, err := c.Duty(cmd.Context())
				if err != nil {
					return err
				}
				if a.output == asJSON {
					return a.writeJSON(view)
				}
				rows := view.Wakings
				err = a.write(rows, tabled(rows, []string{"id", "made", "rule", "state", "what"}, func(w *api.Waking) []string {
					return []string{strconv.FormatUint(w.ID, 10), a.when(w.Made), w.Rule, a.wakingState(w), wakingWords(w)}
				}))
				for i := range view.Ways {
					if w := &view.Ways[i]; err == nil && w.Error != "" {
						a.note("%s: %s\n  %s", w.Name, w.Error, w.Mend)
					}
				}
				return err
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

// wakingState says what became of a waking.
func (a *app) wakingState(w *api.Waking) string {
	switch {
	case w.Seen != 0:
		return "seen by " + w.SeenBy + ", " + a.when(w.Seen)
	case w.Ended != 0:
		return w.End
	case w.Sent == 0:
		return "waits until " + a.when(w.Due)
	case w.Deputy != 0:
		return "deputy woken, not seen"
	}
	return "not seen"
}

// wakingWords says what a waking is about.
func wakingWords(w *api.Waking) string {
	first := &w.Events[0]
	words := first.Kind + ": " + first.Said
	if w.Exercise {
		words = "EXERCISE, " + words
	}
	if n := len(w.Events) - 1 + w.More; n > 0 {
		words += fmt.Sprintf(", and %d more", n)
	}
	return words
}

func newDutySeen(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "seen ID", Short: "Say that a waking was seen", Args: wants("ID"),
		Long: "Says that somebody has seen what was woken of: no deputy is woken any more, and nothing is sent again.", Example: "  vardar duty seen 12",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil {
				return usage(cmd, fmt.Sprintf("%q is no number of a waking: see 'vardar duty list'", args[0]))
			}
			return a.ask(func(c *api.Client) error {
				w, err := c.Seen(cmd.Context(), id)
				if err != nil {
					return err
				}
				line(a.out, "%d is %s", w.ID, a.wakingState(&w))
				return nil
			})
		},
	}
}

func newDutyTest(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "test WAY", Short: "Send a test by one way", Args: wants("WAY"),
		Long: "Sends a message that says that it is a test by one of the ways of the file of rules, once.", Example: "  vardar duty test phone",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				if err := c.TestWay(cmd.Context(), args[0]); err != nil {
					return err
				}
				line(a.out, "the test was taken: see that it comes")
				return nil
			})
		},
	}
}

func newDutyExample(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "example", Short: "Print a file of rules with comments", Args: wants(),
		Long: "Prints a file of rules that shows each setting, with what it is for.", Example: "  vardar duty example > duty.yaml",
		RunE: func(_ *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(a.out, node.DutyExample())
			return err
		},
	}
}

func newWebhook(a *app) *cobra.Command {
	cmd := a.group("webhook", "Programs that are told of records",
		"A webhook tells a program of records as they come: each is posted to its address, in order, signed by HMAC with a\n"+
			"secret of its own (Standard Webhooks), and again until the program has taken it. One that takes nothing for three\n"+
			"days is paused; nothing is lost.")
	cmd.AddCommand(newWebhookAdd(a), newWebhookList(a), newWebhookRemove(a), newWebhookPause(a), newWebhookResume(a), newWebhookTest(a))
	return cmd
}

func newWebhookAdd(a *app) *cobra.Command {
	var r api.WebhookRequest
	var c api.Choice
	cmd := &cobra.Command{
		Use: "add NAME URL", Short: "Tell a program of records", Args: wants("NAME", "URL"),
		Long:    "Makes a webhook and prints its secret, once. It is told of what comes from now on.",
		Example: "  vardar webhook add situation-room https://room.example.org/vardar --kind alert --kind request --place MK",
		RunE: func(cmd *cobra.Command, args []string) error {
			r.Name, r.URL = args[0], args[1]
			r.ChoiceRequest = api.ChoiceRequest(c)
			return a.ask(func(c *api.Client) error {
				made, err := c.AddWebhook(cmd.Context(), r)
				if err != nil {
					return err
				}
				if a.output == asJSON {
					return a.writeJSON(made)
				}
				line(a.out, "%s is told of %s", made.Webhook.Name, choiceSaid(&made.Webhook.Choice))
				line(a.out, "secret, shown once: %s", made.Secret)
				return nil
			})
		},
	}
	choiceFlags(cmd, &c)
	a.prints(cmd, asJSON)
	return cmd
}

func newWebhookList(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the webhooks", Args: wants(),
		Long: "Lists the webhooks, what they are told of, and how it goes.", Example: "  vardar webhook list\n  vardar webhook list --output csv",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(func(c *api.Client) error {
				all, err := c.Webhooks(cmd.Context())
				if err != nil {
					return err
				}
				return a.write(all, tabled(all, []string{"name", "url", "told of", "sent", "state"}, func(s *api.Subscription) []string {
					state := "well"
					switch {
					case s.Paused != 0:
						state = strings.TrimSuffix("paused: "+s.Error, ": ")
					case s.Failing != 0:
						state = "fails since " + a.when(s.Failing) + ": " + s.Error
					}
					return []string{s.Name, s.URL, choiceSaid(&s.Choice), strconv.FormatUint(s.Sent, 10), state}
				}))
			})
		},
	}
	a.prints(cmd, asJSON, asCSV)
	return cmd
}

func newWebhookRemove(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME", Short: "Take a webhook away", Args: wants("NAME"),
		Long: "Takes a webhook away: nothing is sent to it any more.", Example: "  vardar webhook remove situation-room",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				if err := c.RemoveWebhook(cmd.Context(), args[0]); err != nil {
					return err
				}
				line(a.out, "%s is gone", args[0])
				return nil
			})
		},
	}
}

func newWebhookPause(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "pause NAME", Short: "Send nothing to a webhook for a while", Args: wants("NAME"),
		Long: "Sends nothing to a webhook until it is resumed; what comes meanwhile is sent then.", Example: "  vardar webhook pause situation-room",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				if _, err := c.PauseWebhook(cmd.Context(), args[0]); err != nil {
					return err
				}
				line(a.out, "%s is paused", args[0])
				return nil
			})
		},
	}
}

func newWebhookResume(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "resume NAME", Short: "Let a paused webhook go on", Args: wants("NAME"),
		Long: "Lets a webhook go on that was paused, behind what it took last. One that waits for its next try tries now.", Example: "  vardar webhook resume situation-room",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				if _, err := c.ResumeWebhook(cmd.Context(), args[0]); err != nil {
					return err
				}
				line(a.out, "%s goes on", args[0])
				return nil
			})
		},
	}
}

func newWebhookTest(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: "Send a test to a webhook", Args: wants("NAME"),
		Long: "Sends a webhook what says that it is a test (type vardar.test), signed as all that it is told, once, and says what its\nreceiver answered. What waits for the webhook goes on waiting.", Example: "  vardar webhook test situation-room",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(func(c *api.Client) error {
				done, err := c.TestWebhook(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				line(a.out, "%s has taken the test: %s", done.Name, done.Answered)
				return nil
			})
		},
	}
}
