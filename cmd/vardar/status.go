package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

type statusOptions struct {
	wait  time.Duration
	watch bool
}

// statusAgain is how often a watched node is asked: what a person looks at changes no faster.
const statusAgain = 2 * time.Second

// statusEvery is how often a node that does not answer yet is asked again: it starts in
// well under a second.
const statusEvery = 50 * time.Millisecond

func newStatus(a *app) *cobra.Command {
	var o statusOptions
	cmd := &cobra.Command{
		Use: "status", Short: "Say how the node is, and how to mend what is wrong", Args: wants(),
		Long:    "One verdict with its mend, the lines, the store. Exit code 8 if something grave was found.",
		Example: "  vardar status\n  vardar status --wait 30s\n  vardar status --watch\n  vardar status --output json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runStatus(cmd, &o) },
	}
	cmd.Flags().DurationVar(&o.wait, "wait", 0, "wait up to so `LONG` for the node to start, and for the first line of one that calls others")
	cmd.Flags().BoolVar(&o.watch, "watch", false, "go on, and say it again whenever it is another, until interrupted")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runStatus(cmd *cobra.Command, o *statusOptions) error {
	if o.watch {
		return a.ask(func(c *api.Client) error { return a.watchStatus(cmd.Context(), c) })
	}
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

// watchStatus says how the node is whenever it is another than it was, through its stops and
// starts, until ctx ends. On a screen it stands in one place.
func (a *app) watchStatus(ctx context.Context, c *api.Client) error {
	again := time.NewTicker(statusAgain)
	defer again.Stop()
	for last := ""; ; {
		said, err := a.statusText(ctx, c)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case said != last:
			last = said
			if a.screen && a.output != asJSON {
				said = "\x1b[H\x1b[2J" + said
			}
			if _, err := io.WriteString(a.out, said); err != nil {
				return err
			}
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// statusText gives what 'status' would print now; of a node that does not answer, that.
func (a *app) statusText(ctx context.Context, c *api.Client) (string, error) {
	var text bytes.Buffer
	onto := *a
	onto.out = &text
	s, err := c.Status(ctx)
	var p *api.Problem
	switch {
	case errors.As(err, &p) && p.Kind == api.NoLine:
		line(&text, "%s", p.Detail)
		return text.String(), nil
	case err != nil:
		return "", err
	case a.output == asJSON:
		err = json.NewEncoder(&text).Encode(s)
	default:
		onto.writeStatus(&s)
	}
	return text.String(), err
}

// untilStarted asks until a node answers and its first call has come through or failed, or the
// time is over.
func untilStarted(ctx context.Context, c *api.Client, wait time.Duration) (api.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, max(wait, time.Minute))
	defer cancel()
	end := time.NewTimer(wait)
	defer end.Stop()
	for {
		s, err := c.Status(ctx)
		var p *api.Problem
		switch {
		case wait == 0, err == nil && !s.Calls():
			return s, err
		case err != nil && (!errors.As(err, &p) || p.Kind != api.NoLine):
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
