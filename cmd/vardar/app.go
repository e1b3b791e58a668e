package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
)

// world is what the program is handed by its caller.
type world struct {
	in       io.Reader
	out, err io.Writer
	now      func() time.Time
	terminal bool // somebody sits at in: only then is anything asked
	screen   bool // somebody looks at out
	columns  int  // of the screen; 0: not known
	work     int  // that a new passphrase costs whoever guesses, as node.Options.WorkFactor; 0: its default
}

// app is what every command is handed.
type app struct {
	world
	shared flagSettings // the flags of all commands
	quiet  bool
	output string // the form of what is printed; problems are told in it too
	dir    string // as settled, for the next command to try
	// origins is where each setting came from.
	origins map[string]string
}

// execute runs one command line and gives its exit code.
func execute(ctx context.Context, w world, args []string) int {
	a := &app{world: w, output: text}
	defer a.onSheet()()
	root := a.newRoot() //nolint:contextcheck // cobra hands each command the context of ExecuteContext
	a.learners(root)
	root.SetArgs(args)
	root.SetIn(w.in)
	root.SetOut(w.out)
	root.SetErr(w.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return codeDone
	}
	p := a.problem(err)
	a.tell(p)
	return exitCode(p.Kind)
}

func (a *app) newRoot() *cobra.Command {
	root := a.group("vardar", "A node of the Vardar network: signed records between institutions",
		"Vardar exchanges signed records between the institutions that manage migration together.\n"+
			"Every institution runs a node; this program makes one, runs it, and speaks to it.\n\n"+exitCodesHelp)
	root.Example = "  vardar demo\n  vardar init mk.national.crisis-centre --network example --registrar mk. --level ministry\n  vardar run --listen 127.0.0.1:4222"
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetFlagErrorFunc(badFlag)
	flags := root.PersistentFlags()
	flags.StringVar(&a.shared.config, "config", "", "configuration `FILE` (default vardar.yaml in the node's folder, if it is there)")
	flags.StringVar(&a.shared.dir, "dir", "", "the node's `FOLDER` (default ~/.vardar)")
	flags.StringVar(&a.shared.socket, "socket", "", "the node's `SOCKET` (default vardar.sock in its folder)")
	flags.BoolVar(&a.quiet, "quiet", false, "print results and errors alone")
	root.AddCommand(
		newInit(a), newJoin(a), newRun(a),
		newPublish(a), newAnswer(a), newRemind(a), newCorrect(a), newImport(a), newApproval(a), newStock(a), newList(a), newShow(a), newWatch(a), newVerify(a), newExport(a),
		newLink(a), newMember(a), newStaff(a), newDuty(a), newWebhook(a), newConfig(a), newStatus(a), newDoctor(a), newBackup(a), newDemo(a), newBench(a), newBenchSide(a), newService(a), newVersion(a), newCheckStore(a),
	)
	fit(root)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages ", fmt.Sprintf(".FlagUsagesWrapped %d ", helpWidth)))
	return root
}

// group is a command that only holds others.
func (a *app) group(use, short, long string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Args: cobra.ArbitraryArgs, SuggestionsMinimumDistance: 2,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			said := fmt.Sprintf("%s has no command %q", cmd.CommandPath(), args[0])
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				said += ": did you mean " + strings.Join(near, " or ") + "?"
			}
			return usage(cmd, said)
		},
	}
}

// usage is the problem of a command line that can't be understood.
func usage(cmd *cobra.Command, said string) error {
	return &api.Problem{Kind: api.Usage, Detail: said, Next: cmd.CommandPath() + " --help"}
}

// wants refuses any other number of arguments than the names given; a name in brackets
// may be left out.
func wants(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		least := 0
		for _, n := range names {
			if !strings.HasPrefix(n, "[") {
				least++
			}
		}
		more := len(names) > 0 && strings.HasSuffix(names[len(names)-1], "...]")
		switch {
		case len(args) > len(names) && !more:
			return usage(cmd, fmt.Sprintf("%q is one argument too many: want %s", args[len(names)], cmd.UseLine()))
		case len(args) < least:
			return usage(cmd, names[len(args)]+" is missing: want "+cmd.UseLine())
		}
		return nil
	}
}

// note tells a person something that is no result.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		lines(a.err, format, args...)
	}
}

// agree asks a yes or no. Nobody is asked where nobody sits: then it takes --yes.
// again is the command that does not ask.
func (a *app) agree(yes bool, question, again string) error {
	if yes {
		return nil
	}
	if !a.terminal {
		return &api.Problem{Kind: api.Usage, Detail: "nobody is there to answer: " + question, Mend: "say --yes", Next: again}
	}
	_, _ = fmt.Fprintf(a.err, "%s [y/N] ", question)
	answer, err := bufio.NewReader(a.in).ReadString('\n')
	if err != nil && err != io.EOF {
		return err
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return &api.Problem{Kind: api.Refused, Detail: "not done: you said no", Next: again}
}

// client speaks to the running node.
func (a *app) client() (*api.Client, error) {
	s, err := a.settle(nil)
	if err != nil {
		return nil, err
	}
	return api.NewClient(s.socket()), nil
}

// ask runs one question to the running node.
func (a *app) ask(do func(c *api.Client) error) error {
	c, err := a.client()
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}
