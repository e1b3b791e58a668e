package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// said are the options of everything that writes a record.
type said struct {
	as      string
	file    string
	set     []string
	dryRun  bool
	wait    int
	waitFor time.Duration
	anyway  api.Anyway
}

func (o *said) flags(a *app, cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "`INSTITUTION` that says it, if the node writes for several (default its first)")
	f.StringVarP(&o.file, "file", "f", "", "JSON body from this `FILE`; - for the input")
	f.StringArrayVar(&o.set, "set", nil, "one `FIELD=VALUE` of the body, over what the file says; may be repeated")
	f.BoolVar(&o.dryRun, "dry-run", false, "check everything, write nothing, print the body")
	f.IntVar(&o.wait, "wait", 0, "wait until so `MANY` peers have it")
	f.DurationVar(&o.waitFor, "wait-for", 0, "wait no longer than this `TIME` (default 30s)")
	f.BoolVar(&o.anyway.Quota, "over-quota", false, "write it though the charter's records or MiB a day are used up")
	f.BoolVar(&o.anyway.Clock, "my-clock-is-right", false, "write it though the clocks of others contradict this node's")
	a.prints(cmd, asJSON)
}

// read gives the parts that the three requests share.
func (o *said) read(a *app, cmd *cobra.Command) (as protocol.InstitutionID, body json.RawMessage, err error) {
	if o.as != "" {
		if as, err = institution(cmd, o.as); err != nil {
			return
		}
	}
	if o.wait < 0 || o.waitFor < 0 {
		return as, nil, usage(cmd, "--wait and --wait-for can't be less than nothing")
	}
	if o.file == "" {
		return as, nil, nil
	}
	data, err := readInput(o.file, a.in)
	if err != nil {
		return as, nil, err
	}
	if !json.Valid(data) {
		var v any
		return as, nil, &api.Problem{Kind: api.Usage, Detail: nonZero(o.file, "-") + " is no JSON: " + json.Unmarshal(data, &v).Error(), Mend: "want one JSON object", Next: cmd.CommandPath() + " --help", Rule: protocol.RuleName(protocol.ErrJSONSyntax)}
	}
	return as, data, nil
}

func (o *said) waitMS() int { return int(o.waitFor.Milliseconds()) }

// result prints what became of a record, and is a problem when fewer peers than waited
// for have it: the record is written all the same.
func (o *said) result(a *app, p *api.Published) error {
	for _, w := range p.Warnings {
		a.note("note: %s", w)
	}
	switch {
	case a.output == asJSON:
		if err := a.writeJSON(p); err != nil {
			return err
		}
	case p.DryRun:
		a.note("%s", p.Said)
		line(a.out, "%s", p.Body)
	case p.Waits != "":
		line(a.out, "%s  %s", p.Waits, p.Said)
		a.note("an approver finds it on the pages, under 'To approve'")
	default:
		line(a.out, "%s  %s", p.Record, p.Said)
		if p.Linked.Sequence > 0 {
			line(a.out, "%s asks for it", p.Linked)
		}
	}
	if !p.Reached && !p.DryRun && p.Waits == "" {
		return &api.Problem{Kind: api.NoLine, Detail: fmt.Sprintf("%s is written, and fewer than %d peers have it so far", p.Record, o.wait), Mend: "it goes by itself when a line is up", Next: "vardar link list"}
	}
	return nil
}

type publishOptions struct {
	said
	from     string
	ask      string
	attach   []string
	regional string
	leaveOut []string
	topic    string
	handling string
	exercise bool
	within   string
	knowing  bool
}

func newPublish(a *app) *cobra.Command {
	var o publishOptions
	cmd := &cobra.Command{
		Use: "publish KIND", Short: "Write a record: a report, a route, a request, an alert", Args: wants("KIND"),
		Long: "Writes a record, signed, and sends it to whom the links allow. It is on disk when the command returns.\n\n" +
			"Kinds: " + strings.Join(api.Publishable(), ", ") + ".\n\n" +
			"The body is put together from an earlier record (--from), a JSON file and single fields, each over the one\n" +
			"before. A field is a path, such as place=MK-405, period=2015-11-05, figures.arrivals=960 or lines.0.quantity=300.\n" +
			"What does not fit is refused with the field and what is wanted there. A kind's fields: vardar publish KIND --help.\n" +
			"A regional body has its report added up of what members report: vardar publish report --regional mk,rs.",
		Example: "  vardar publish report --set place=MK-405 --set period=2015-11-05 \\\n" +
			"    --set figures.arrivals=960\n" +
			"  vardar publish report --from last --set figures.arrivals=1987 --wait 1\n" +
			"  vardar publish route --set asset.type=border_crossing --set state=closed \\\n" +
			"    --set asset.code=x:gr-mk:bogorodica-evzoni --set asset.name=Bogorodica\n" +
			"  vardar publish request --set lines.0.type=bed_place \\\n" +
			"    --set lines.0.quantity=400 --set deliver_to.place=MK-405 \\\n" +
			"    --set answer_by=2036-11-05T12:00:00Z\n" +
			"  vardar publish note --set text=\"Who has tents?\"",
		ValidArgs: api.Publishable(),
		RunE:      func(cmd *cobra.Command, args []string) error { return a.runPublish(cmd, &o, args[0]) },
	}
	a.explainKinds(cmd)
	o.flags(a, cmd)
	f := cmd.Flags()
	f.StringVar(&o.from, "from", "", "begin with this earlier `RECORD` of the kind, or with the last; for an alert, a record that a change was found in; for a practice, one that began an exercise")
	f.StringVar(&o.ask, "ask", "", "of needs: also ask for what is missing, in one act; the request's JSON body from this `FILE`, - for the input")
	f.StringArrayVar(&o.attach, "attach", nil, "of a practice: attach this `FILE`, at most 128 KiB; may be repeated")
	f.StringVar(&o.regional, "regional", "", "of a report of a regional body: add it up of what the members of this `TERRITORY` report: mk,rs,group:corridor, or all")
	f.StringSliceVar(&o.leaveOut, "leave-out", nil, "of a regional report: leave out this `INDICATOR`; may be repeated")
	f.StringVar(&o.topic, "topic", "", "`TOPIC` of a note or an acknowledgement (default situation)")
	f.StringVar(&o.handling, "handling", "", "`MARK` how far it may go: TLP:CLEAR, TLP:GREEN or TLP:AMBER (default the charter's)")
	f.BoolVar(&o.exercise, "exercise", false, "it is part of an exercise, and shown apart everywhere")
	f.StringVar(&o.within, "within", "", "it is part of the exercise that this `RECORD` began: vardar list exercises")
	f.BoolVar(&o.knowing, "knowing", false, "what a warning says is known and wanted")
	complete(cmd, "handling", []string{"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER"})
	return cmd
}

// explainKinds lets the help of a kind say its fields too.
func (a *app) explainKinds(cmd *cobra.Command) {
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		help(cmd, args)
		for _, kind := range args {
			if slices.Contains(api.Publishable(), kind) {
				_, _ = fmt.Fprintf(a.out, "\nFields of %s:\n%s\n", kind, folded(api.Fields(kind), "  "))
			}
		}
	})
}

func (a *app) runPublish(cmd *cobra.Command, o *publishOptions, kind string) error {
	as, body, err := o.read(a, cmd)
	if err != nil {
		return err
	}
	r := api.Request{
		As: as, Kind: kind, From: o.from, Body: body, Set: o.set, Exercise: o.exercise, Within: o.within, DryRun: o.dryRun,
		Wait: o.wait, WaitMS: o.waitMS(), Knowing: o.knowing, Anyway: o.anyway, Regional: regionalAsked(o.regional, o.leaveOut),
	}
	if o.ask != "" {
		if r.Ask, err = readInput(o.ask, a.in); err != nil {
			return err
		}
	}
	if r.Attach, err = attached(o.attach); err != nil {
		return err
	}
	if o.topic != "" {
		if r.Topic, err = protocol.ParseTopic(o.topic); err != nil {
			return usage(cmd, err.Error())
		}
	}
	if r.Handling, err = handling(cmd, "handling", o.handling); err != nil {
		return err
	}
	return a.say(cmd.Context(), &o.said, func(ctx context.Context, c *api.Client) (api.Published, error) { return c.Publish(ctx, r) })
}

// handling reads a mark, with or without TLP: before it.
func handling(cmd *cobra.Command, flag, s string) (protocol.Handling, error) {
	if s == "" {
		return 0, nil
	}
	mark := strings.ToUpper(s)
	if !strings.HasPrefix(mark, "TLP:") {
		mark = "TLP:" + mark
	}
	h, err := protocol.ParseHandling(mark)
	if err != nil {
		return 0, usage(cmd, "--"+flag+": "+err.Error())
	}
	return h, nil
}

// say writes a record and prints what became of it.
func (a *app) say(ctx context.Context, o *said, write func(ctx context.Context, c *api.Client) (api.Published, error)) error {
	return a.ask(func(c *api.Client) error {
		p, err := write(ctx, c)
		if err != nil {
			return err
		}
		return o.result(a, &p)
	})
}
