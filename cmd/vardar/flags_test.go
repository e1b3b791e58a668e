package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryFlagIsUsedByAScript: a flag that no script uses may do nothing. What a script
// uses it for must not be refused as usage: that shows no more than that the flag is known.
// Every command that people see has examples too, and they are commands.
func TestEveryFlagIsUsedByAScript(t *testing.T) {
	root := (&app{output: text}).newRoot()
	used := map[string]bool{}
	eachScript(t, func(script string) {
		for l := range strings.Lines(script) {
			use(root, l, used)
		}
	})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.Hidden && !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		for l := range strings.Lines(cmd.Example) {
			for _, words := range calls(l) {
				if of, _ := flagsOf(root, words); len(of) == 0 {
					t.Errorf("the help of %s has an example that is no command: %s", cmd.CommandPath(), l)
				}
			}
		}
		see := func(f *pflag.Flag) {
			if !used[cmd.CommandPath()+" --"+f.Name] {
				t.Errorf("no script uses %s --%s", cmd.CommandPath(), f.Name)
			}
		}
		cmd.LocalNonPersistentFlags().VisitAll(see)
		cmd.PersistentFlags().VisitAll(see)
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// TestEveryResultForProgramsHasAGoldenFile: what programs read does not change unseen.
func TestEveryResultForProgramsHasAGoldenFile(t *testing.T) {
	root := (&app{output: text}).newRoot()
	golden := map[string]bool{}
	eachScript(t, func(script string) {
		before := ""
		for l := range strings.Lines(script) {
			if file, ok := strings.CutPrefix(l, "exec cat "); ok { // what a command has written there
				_, behind, _ := strings.Cut(script, ">"+strings.TrimSpace(file))
				before, _ = strings.CutSuffix(script, behind)
				before = before[strings.LastIndex(before, "\n")+1:]
			}
			for _, words := range calls(before) {
				if _, form, ok := strings.Cut(before, "--output "); ok && strings.HasPrefix(l, "golden ") {
					command, _ := flagsOf(root, words)
					golden[command+" "+strings.Fields(form)[0]] = true
				}
			}
			if strings.Contains(l, "vardar ") {
				before = l
			}
		}
	})
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if f := cmd.LocalNonPersistentFlags().Lookup("output"); f != nil {
			for _, form := range strings.Split(f.Value.Type(), "|") {
				if form != text && !golden[cmd.CommandPath()+" "+form] {
					t.Errorf("no golden file shows %s --output %s", cmd.CommandPath(), form)
				}
			}
		}
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk(root)
}

// eachScript gives the commands of every script, without the files behind them.
func eachScript(t *testing.T, do func(script string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d scripts: %v", len(files), err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		script, _, _ := strings.Cut(string(text), "\n-- ")
		do(script)
	}
}

// use notes the flags of the commands in a line of a script.
func use(root *cobra.Command, line string, used map[string]bool) {
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "exits 2 ") || strings.HasPrefix(line, "! ") {
		return
	}
	for _, words := range calls(line) {
		_, of := flagsOf(root, words)
		for _, f := range of {
			used[f] = true
		}
	}
}

// calls gives the words behind each vardar in a line, up to what a shell would take for
// itself.
func calls(line string) [][]string {
	var out [][]string
	for _, part := range regexp.MustCompile(`[|;&>)]+`).Split(line, -1) {
		if _, args, ok := strings.Cut(" "+part, " vardar "); ok {
			out = append(out, strings.Fields(strings.NewReplacer("'", "", `"`, "").Replace(args)))
		} else if _, args, ok := strings.Cut(part, "'vardar "); ok {
			out = append(out, strings.Fields(strings.NewReplacer("'", "", `"`, "").Replace(args)))
		}
	}
	return out
}

// flagsOf finds the command that words call, and its flags among them: "COMMAND --FLAG",
// of a flag of all commands with the name of the program.
func flagsOf(root *cobra.Command, words []string) (command string, flags []string) {
	cmd, rest, err := root.Find(words)
	if err != nil {
		return "", nil
	}
	if cmd == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return "", nil
	}
	for _, w := range rest {
		name, _, _ := strings.Cut(w, "=")
		var f *pflag.Flag
		if long, ok := strings.CutPrefix(name, "--"); ok {
			f = cmd.Flags().Lookup(long)
			if f == nil {
				f = cmd.InheritedFlags().Lookup(long)
			}
		} else if len(name) == 2 && name[0] == '-' {
			f = cmd.Flags().ShorthandLookup(name[1:])
		}
		switch {
		case f == nil:
		case root.PersistentFlags().Lookup(f.Name) != nil:
			flags = append(flags, root.Name()+" --"+f.Name)
		default:
			flags = append(flags, cmd.CommandPath()+" --"+f.Name)
		}
	}
	return cmd.CommandPath(), flags
}
