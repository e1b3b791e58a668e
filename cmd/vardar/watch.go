package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

// ready is the first event of all: watching has begun.
const ready = "ready"

type watchOptions struct {
	what      []string
	by, after string
	within    string
	exercise  bool
	limit     int
	choice    api.Choice
}

func newWatch(a *app) *cobra.Command {
	var o watchOptions
	words := []string{ready, "reset", "record", "line", "member", "draft"}
	cmd := &cobra.Command{
		Use: "watch", Short: "Print what happens, as it happens", Args: wants(),
		Long: "One line an event until it is interrupted: records accepted, lines up and cut, members closed or with\n" +
			"another identity key, changes that would be an alert. With --output json, one JSON object a line; its id,\n" +
			"given back with --after, goes on behind that record. A node that does not hold it any more, since an older\n" +
			"archive was put back, says 'reset' first: read the lists again. Of an exercise nothing is said unless it is asked for.\n" +
			"With --kind, --topic, --place, --severity or --quality it is of records, and of changes that have them, alone.",
		Example: "  vardar watch\n  vardar watch --what record --by mk. --output json\n  vardar watch --kind report --place MK --quality usable",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.limit < 0 {
				return usage(cmd, "--limit: want how many events to end after, or 0 to go on")
			}
			for _, w := range o.what {
				if !slices.Contains(words, w) {
					return usage(cmd, fmt.Sprintf("--what %s: want %s", w, strings.Join(words, ", ")))
				}
			}
			return a.runWatch(cmd, &o)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.what, "what", nil, "only these `EVENTS`: "+strings.Join(words, ", "))
	f.StringVar(&o.by, "by", "", "only of this `INSTITUTION`, or of all under a prefix: mk.")
	choiceFlags(cmd, &o.choice)
	f.StringVar(&o.after, "after", "", "go on behind the record of this `ID`, from the JSON of an earlier watch (default from now on)")
	f.BoolVar(&o.exercise, "exercise", false, "of what is played without a name, instead of what is real")
	f.StringVar(&o.within, "within", "", "of the exercise that this `RECORD` began: vardar list exercises")
	f.IntVar(&o.limit, "limit", 0, "end after so `MANY` events")
	complete(cmd, "what", words)
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runWatch(cmd *cobra.Command, o *watchOptions) error {
	return a.ask(func(c *api.Client) error {
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		seen := 0
		for e, err := range c.Watch(cmd.Context(), api.WatchQuery{What: o.what, By: o.by, Choice: o.choice, After: o.after, Exercise: o.exercise, Within: o.within}) {
			if cmd.Context().Err() != nil {
				return nil // it was told to stop
			}
			if err != nil {
				return err
			}
			if a.output == asJSON {
				if err := enc.Encode(e); err != nil {
					return err
				}
			} else {
				who := e.Record.String()
				if e.Record.IsZero() {
					who = string(e.Institution)
				}
				said := e.Said
				if e.Exercise {
					said = "EXERCISE, " + said
				}
				line(a.out, "%s  %s", e.Time.Time().Local().Format("15:04:05"), strings.TrimSpace(who+"  "+said))
			}
			if e.What == ready && !slices.Contains(o.what, ready) {
				continue // said, and no event that was asked for
			}
			if seen++; seen == o.limit {
				return nil
			}
		}
		return nil
	})
}
