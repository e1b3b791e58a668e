package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

type answerOptions struct {
	said
	lines    []string
	to       []string
	reason   string
	state    string
	response string
	until    string
	knowing  bool
}

func newAnswer(a *app) *cobra.Command {
	var o answerOptions
	cmd := &cobra.Command{
		Use: "answer RECORD STEP", Short: "Answer a record: a step of help or of a flow of funds, a note, an acknowledgement, a stance", Args: wants("RECORD", "STEP"),
		Long: "Answers a record in its thread and under its mark. Steps: " + strings.Join(api.AnswerWords(), ", ") + ".\n" +
			"An exchange of help goes request, offer, accept, commit; then status says where it is (in_transit, deployed,\n" +
			"returning, returned), and it ends with consumed, or release and returned. Each side says its own part alone,\n" +
			"line by line, and part of a line as --line 1=300. Any record of the exchange can be named.\n" +
			"A flow of funds goes pledge, commit, pay by the donor, receive and report by the recipient; cancel takes back what\n" +
			"is not paid. A pledge also answers needs, or a fund plan (--line: of its lines), and begins a flow. Without --set\n" +
			"amount= a step is of all that is left of it; a report says --set spent= and --set results=.\n" +
			"A consultation is answered by publish response; who asked reminds those who are silent: remind, by a note that\n" +
			"wants to be read (--to: some of them; --reason: in these words).\n" +
			"A project across borders is joined by the partners that it names: accept, or refuse with --reason.\n" +
			"A version of a fund plan is signed by the institutions that it names: cosign, or refuse with --reason.\n" +
			"What another says is confirmed, disputed (with --reason), verified (by an authority for the place, or above\n" +
			"it) or, a practice, adopted: --set basis=observed, registered, document, asked or used says on what basis,\n" +
			"--set field=arrivals and --set value=960 for which field, with which value.",
		Example: "  vardar answer mk.southeast.gevgelija/resource.1.7 offer --line 1=300\n" +
			"  vardar answer rs.national.centre/resource.1.3 accept\n" +
			"  vardar answer rs.national.centre/resource.1.3 decline --reason \"the road is closed\"\n" +
			"  vardar answer mk.southeast.gevgelija/resource.1.7 status --state deployed --line 1=200\n" +
			"  vardar answer mk.southeast.gevgelija/resource.1.7 extend --until 2016-03-24T18:00:00Z\n" +
			"  vardar answer mk.southeast.gevgelija/situation.1.43 pledge --set amount=80000 --set currency=EUR\n" +
			"  vardar answer int.aid.relief-fund/funding.1.1 report --set spent=75000\n" +
			"  vardar answer mk.national.crisis-centre/policy.1.1 remind --to mk.southeast.gevgelija\n" +
			"  vardar answer mk.southeast.gevgelija/situation.1.42 note --reason \"which camp?\"\n" +
			"  vardar answer mk.southeast.gevgelija/situation.1.42 confirm --set basis=observed --set field=arrivals",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return api.AnswerWords(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runAnswer(cmd, &o, args[0], args[1]) },
	}
	o.flags(a, cmd)
	f := cmd.Flags()
	f.StringArrayVar(&o.lines, "line", nil, "`NUMBER` of a line, or NUMBER=QUANTITY for part of it (default all lines, whole); may be repeated")
	f.StringVar(&o.reason, "reason", "", "why, or the `TEXT` of a note or a reminder")
	f.StringSliceVar(&o.to, "to", nil, "`INSTITUTION` that is reminded (default all who are silent); may be repeated")
	f.StringVar(&o.state, "state", "", "where it is, of a status: `WORD` in_transit, deployed, returning or returned")
	f.StringVar(&o.response, "response", "", "of extend_reply and recall_reply: `WORD` accept, decline or provisional")
	f.StringVar(&o.until, "until", "", "`MOMENT` until which an extension is asked for, such as 2016-03-24T18:00:00Z")
	f.BoolVar(&o.knowing, "knowing", false, "what a warning says is known and wanted")
	return cmd
}

func (a *app) runAnswer(cmd *cobra.Command, o *answerOptions, record, step string) error {
	as, body, err := o.read(a, cmd)
	if err != nil {
		return err
	}
	r := api.AnswerRequest{
		As: as, Record: record, Step: step, Reason: o.reason, State: api.Stage(o.state), Says: api.LineResponse(o.response), Until: o.until, Body: body, Set: o.set, DryRun: o.dryRun,
		Wait: o.wait, WaitMS: o.waitMS(), Knowing: o.knowing, Anyway: o.anyway,
	}
	for _, id := range o.to {
		r.To = append(r.To, protocol.InstitutionID(id))
	}
	for _, l := range o.lines {
		number, quantity, part := strings.Cut(l, "=")
		n, err := strconv.Atoi(number)
		q := int64(0)
		if err == nil && part {
			q, err = strconv.ParseInt(quantity, 10, 64)
		}
		if err != nil || n < 1 || q < 0 || part && q == 0 {
			return usage(cmd, fmt.Sprintf("--line %s: want the number of a line, or 1=300 for part of it", l))
		}
		r.Lines = append(r.Lines, api.LineQuantity{Line: n, Quantity: q})
	}
	return a.say(cmd.Context(), &o.said, func(ctx context.Context, c *api.Client) (api.Published, error) { return c.Answer(ctx, r) })
}
