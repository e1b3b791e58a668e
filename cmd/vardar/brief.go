package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

// newExportBrief is the command that writes an incident as much as stands on one sheet.
func newExportBrief(a *app) *cobra.Command {
	var to, at string
	cmd := &cobra.Command{
		Use: "brief RECORD", Short: "Write what is known of an incident, as much as stands on one A4", Args: wants("RECORD"),
		Long: "Writes a text for a briefing, a fax or a radio: what an alert or the record of a phase opened, the figures of its\n" +
			"place with their age and quality, the crossings, what is asked for and still unmet, what happened last, and who\n" +
			"is on duty where. It says how much is left out; 'vardar export evidence --incident RECORD' leaves out nothing.",
		Example: "  vardar export brief alert.1.3\n  vardar export brief mk.national.centre/alert.1.3 --at 2015-11-04 --to brief.txt",
		RunE: func(cmd *cobra.Command, args []string) error {
			moment, err := a.instant(cmd, "at", at)
			if err != nil {
				return err
			}
			return a.ask(func(c *api.Client) error {
				shown, err := recordOf(cmd, c, args[0])
				if err != nil {
					return err
				}
				b, err := c.Brief(cmd.Context(), shown.Name, moment)
				if err != nil {
					return err
				}
				return a.writeBrief(&b, to)
			})
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "the `FILE` to write, which must be new (default the output)")
	cmd.Flags().StringVar(&at, "at", "", "as this node knew it at this `MOMENT`")
	_ = cmd.MarkFlagFilename("to")
	a.prints(cmd, asJSON)
	return cmd
}

// writeBrief writes a brief to a new file, or where all is written that is asked for.
func (a *app) writeBrief(b *api.Brief, to string) error {
	if to == "" || to == outputToo {
		if a.output == asJSON {
			return a.writeJSON(b)
		}
		a.tellBrief(b)
		return nil
	}
	err := newFile(to, func(w io.Writer) error {
		paper := *a
		var text bytes.Buffer
		paper.out, paper.screen = &text, false
		var err error
		if a.output == asJSON {
			err = paper.writeJSON(b)
		} else {
			paper.tellBrief(b)
		}
		if err == nil {
			_, err = w.Write(text.Bytes())
		}
		return err
	})
	if err == nil {
		a.note("%s: %s", to, b.Opener.Record)
	}
	return err
}

// tellBrief writes a brief as a text.
func (a *app) tellBrief(b *api.Brief) {
	if b.Exercise {
		line(a.out, "EXERCISE - EXERCISE - EXERCISE")
	}
	says := b.Opener.Says
	if b.Opener.Hidden {
		says = "marked " + b.Opener.Handling.String() + ", not to be read here"
	}
	line(a.out, "%s", strings.TrimPrefix(string(b.Opener.Severity)+": "+says, ": "))
	of := []string{b.Opener.Record.String(), "since " + clock(b.Opener.Time)}
	if at := place(b.Place, b.Name, b.Footnote); at != "" {
		of = append(of, at)
	}
	if b.Alert != nil {
		of = append(of, string(b.Alert.State))
		if b.Alert.Expires != 0 {
			of = append(of, "until "+clock(b.Alert.Expires))
		}
	}
	line(a.out, "%s", strings.Join(of, ", "))
	for i := range b.Phases {
		for j := range b.Phases[i].Phases {
			p := &b.Phases[i].Phases[j]
			over := ""
			if p.Expired {
				over = ", its time is over"
			}
			line(a.out, "phase: %s, declared by %s, a report every %d h%s", p.Phase, p.Institution, p.ReportEveryH, over)
		}
	}
	if c := &b.Coverage; c.Of > 0 {
		line(a.out, "reports: %d of %d; overdue %d, line cut %d, never %d", c.Reported, c.Of, c.Overdue, c.LineCut, c.Never)
	}
	a.briefPart("FIGURES", b.Figures.More, "no figure of this place is known", tabled(b.Figures.Rows, nil, func(r *api.SituationRow) []string {
		value := string(r.State)
		if value == "reported" {
			value = strings.TrimSpace(r.Value.String() + " " + r.Unit)
		}
		return []string{string(r.Indicator), value, "age " + api.Age(time.Duration(r.AgeHours)*time.Hour), string(r.Due), graded(r.Quality), string(r.Institution)}
	}))
	a.briefPart("CROSSINGS", b.Routes.More, "no crossing of this place is known", briefRoutes(b.Routes.Rows))
	a.briefPart("HELP", b.Asked.More, "nothing is asked for", tabled(b.Asked.Rows, nil, func(r *api.Asking) []string {
		return []string{string(r.Institution), string(r.Type), fmt.Sprintf("%d %s", r.Quantity, r.Unit), fmt.Sprintf("unmet %d", r.Unmet), "answer by " + clock(r.AnswerBy)}
	}))
	a.briefPart("LAST", b.Told.More, "", tabled(b.Told.Rows, nil, func(r *api.Happened) []string {
		return []string{clock(r.Time), string(r.Institution), cmp.Or(r.Says, "marked "+r.Handling.String())}
	}))
	a.briefPart("ON DUTY", b.Duty.More, "no duty number is known", tabled(b.Duty.Rows, nil, func(r *api.Member) []string {
		return []string{footnoted(string(r.ID), r.Footnote), fmt.Sprint(r.Duty.Phone)}
	}))
}

// briefPart writes one part of a brief, and how much of it is left out.
func (a *app) briefPart(head string, more int, none string, t table) {
	line(a.out, "")
	line(a.out, "%s", head)
	if len(t.rows) == 0 {
		line(a.out, "%s", none)
		return
	}
	_ = a.write(nil, t)
	if more > 0 {
		line(a.out, "and %d more", more)
	}
}

// briefRoutes says each side of each crossing.
func briefRoutes(rows []api.RouteRow) table {
	t := table{}
	for i := range rows {
		for j := range rows[i].Sides {
			s := &rows[i].Sides[j]
			against := ""
			if len(rows[i].Contradictions) > 0 {
				against = "contradicted"
			}
			t.add(footnoted(rows[i].Name, rows[i].Footnote), sideState(s.State, s.Expired), string(s.Institution), clock(s.ObservedAt), against)
		}
	}
	return t
}
