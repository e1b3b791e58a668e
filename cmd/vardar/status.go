package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

type statusOptions struct{ wait time.Duration }

// statusEvery is how often a node that does not answer yet is asked again: it starts in
// well under a second.
const statusEvery = 50 * time.Millisecond

func newStatus(a *app) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use: "status", Short: "Say how the node is, and how to mend what is wrong", Args: wants(),
		Long:    "One verdict with its mend, the lines, the store. Exit code 8 if something grave was found.",
		Example: "  vardar status\n  vardar status --wait 30s\n  vardar status --output json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runStatus(cmd, &o) },
	}
	cmd.Flags().DurationVar(&o.wait, "wait", 0, "wait so `LONG` for the node to start")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runStatus(cmd *cobra.Command, o *statusOptions) error {
	return a.ask(func(c *api.Client) error {
		s, err := untilStarted(cmd.Context(), c, o.wait)
		if err != nil {
			return err
		}
		if a.output == asJSON {
			if err := a.writeJSON(s); err != nil {
				return err
			}
		} else {
			a.writeStatus(&s)
		}
		if !s.Verdict.OK {
			return &api.Problem{Kind: api.CheckFound, Detail: s.Verdict.Said, Mend: s.Verdict.Mend, Next: "vardar link list"}
		}
		return nil
	})
}

// untilStarted asks until a node answers, or the time is over.
func untilStarted(ctx context.Context, c *api.Client, wait time.Duration) (api.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, max(wait, time.Minute))
	defer cancel()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		s, err := c.Status(ctx)
		var p *api.Problem
		if err == nil || wait == 0 || !errors.As(err, &p) || p.Kind != api.NoLine {
			return s, err
		}
		again := time.NewTimer(statusEvery)
		select {
		case <-again.C:
		case <-end.C:
			again.Stop()
			return s, err
		case <-ctx.Done():
			again.Stop()
			return s, ctx.Err()
		}
	}
}

// backupSaid says how old the last backup and the last check are.
func backupSaid(s *api.Status) string {
	b := &s.Health.Backup
	if b.Made == 0 {
		return "never"
	}
	said := api.Age(s.Time.Time().Sub(b.Made.Time())) + " old, never checked"
	if c := b.Checked; c != nil {
		held := "held"
		if !c.OK {
			held = "DID NOT HOLD"
		}
		said = api.Age(s.Time.Time().Sub(b.Made.Time())) + " old; the last check " + held + ", " + api.Age(s.Time.Time().Sub(c.Time.Time())) + " ago"
	}
	return said
}

func (a *app) writeStatus(s *api.Status) {
	line(a.out, "%s in %s: %s", joined(s.Institutions), s.Network, s.Verdict.Said)
	t := table{}
	t.add("lines", s.LinesSaid)
	t.add("records", fmt.Sprintf("%d held, %s for a peer", s.Health.Store.Records, api.Count(s.Waiting, "waits", "wait")))
	t.add("store", fmt.Sprintf("%d KiB, %d MiB of disk free", s.Health.Store.Bytes>>10, s.Health.Store.FreeBytes>>20))
	t.add("backup", backupSaid(s))
	reached := "by nobody: this node calls others"
	if s.Health.Listen != "" {
		reached = "at " + s.Health.Listen
	}
	t.add("reached", reached)
	for _, f := range s.Verdict.Findings {
		t.add(f.What, f.Said, f.Mend)
	}
	_ = a.write(nil, t)
}
