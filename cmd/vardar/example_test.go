package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// examplesOf gives the examples in a command's help, split into words as a shell would.
func examplesOf(cmd *cobra.Command) (out [][]string) {
	for l := range strings.Lines(strings.NewReplacer("\\\n", " ", " && ", "\n").Replace(cmd.Example)) {
		l, _, _ = strings.Cut(l, " > ")
		l, _, _ = strings.Cut(l, " < ")
		if words := typed(l); len(words) > 0 && words[0] == "vardar" {
			out = append(out, words[1:])
		}
	}
	return out
}

// typed gives the words of a line as a shell does, where some are in quotes.
func typed(line string) []string {
	var words []string
	for i, part := range strings.Split(strings.TrimSpace(line), `"`) {
		switch {
		case i%2 == 0:
			if strings.HasPrefix(part, " ") || len(words) == 0 {
				words = append(words, strings.Fields(part)...)
			}
		case len(words) > 0 && strings.HasSuffix(words[len(words)-1], "="):
			words[len(words)-1] += part
		default:
			words = append(words, part)
		}
	}
	return words
}

// onlyHolds reports whether a command does nothing but hold others, and takes no argument.
func onlyHolds(cmd *cobra.Command) bool {
	return cmd.HasSubCommands() && !strings.Contains(cmd.Use, " ")
}

// TestEveryExampleIsUnderstood: each is a command with options and arguments that it takes.
func TestEveryExampleIsUnderstood(t *testing.T) {
	var walk func(path []string)
	walk = func(path []string) {
		shown, _, err := (&app{output: text}).newRoot().Find(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range examplesOf(shown) {
			root := (&app{output: text}).newRoot() // options keep what an earlier example gave
			cmd, rest, err := root.Find(words)
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err == nil {
				err = cmd.ValidateArgs(cmd.Flags().Args())
			}
			if err != nil || !cmd.Runnable() || onlyHolds(cmd) {
				t.Errorf("%s shows vardar %s: %v", shown.CommandPath(), strings.Join(words, " "), err)
			}
		}
		for _, sub := range shown.Commands() {
			walk(append(path[:len(path):len(path)], sub.Name()))
		}
	}
	walk(nil)
}

// TestExamplesOfSpeakingWork runs the examples of what officers do all day on a node, as
// they stand in the help but for the number of the record.
func TestExamplesOfSpeakingWork(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	_, kill := start(t, dir)
	defer kill(os.Interrupt)
	t.Chdir(t.TempDir())
	root := (&app{output: text}).newRoot()
	for _, path := range []string{"publish", "list", "show", "correct", "status", "member show", "export", "export evidence"} {
		cmd, _, err := root.Find(strings.Fields(path))
		if err != nil {
			t.Fatal(err)
		}
		incident := ""
		if path == "export evidence" {
			said := run(t, codeDone, "--dir", dir, "publish", "phase", "--set", "place=MK-405", "--set", "phase=response", "--set", "report_every_h=24", "--set", "reason=many arrive")
			incident = strings.Fields(said)[0]
		}
		for _, words := range examplesOf(cmd) {
			if slices.Contains(words, "--watch") {
				continue // it goes on until it is interrupted
			}
			for i, w := range words {
				w = strings.NewReplacer(".1.42", ".1.1", "mk.national.centre/alert.1.3", incident, "mk.national.crisis-centre", string(town), "rs.national.centre", string(town)).Replace(w)
				if w == "--wait" { // nobody is there to have it
					words[i+1] = "0"
				}
				words[i] = w
			}
			t.Log(run(t, codeDone, append([]string{"--dir", dir}, words...)...))
		}
	}
	if files, err := filepath.Glob("*"); err != nil || len(files) == 0 {
		t.Errorf("no evidence was written: %v", err)
	}
}

// takes reports what is wrong with arguments: how many they are, or that the first is none of the words
// for it. A name in capitals stands for any, and a|b for either.
func takes(cmd *cobra.Command, args []string) error {
	if err := cmd.ValidateArgs(args); err != nil || len(cmd.ValidArgs) == 0 || args[0] == strings.ToUpper(args[0]) {
		return err
	}
	return cobra.OnlyValidArgs(cmd, strings.Split(args[0], "|"))
}

// TestReadmesCommandsAreUnderstood: what the README tells people to type are commands, with
// options and arguments that they take. Its shell block is run as it stands.
func TestReadmesCommandsAreUnderstood(t *testing.T) {
	text := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(readme(t), "")
	text = strings.ReplaceAll(text, "\\\n", " ")
	var lines []string
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		lines = append(lines, strings.Join(strings.Fields(m[1]), " "))
	}
	for _, m := range regexp.MustCompile(`(?m)^    (vardar .*)$`).FindAllStringSubmatch(text, -1) {
		lines = append(lines, m[1])
	}
	understood := 0
	for _, l := range lines {
		l, _, _ = strings.Cut(l, "  ") // what stands beside it in a column
		l, _, _ = strings.Cut(l, " > ")
		l, _, _ = strings.Cut(l, " #")
		words := typed(strings.TrimSuffix(strings.TrimPrefix(l, "vardar "), " …")) // and so on
		root := (&app{output: text}).newRoot()
		cmd, rest, err := root.Find(words)
		if cmd == root || len(words) == 0 {
			if strings.HasPrefix(l, "vardar ") && !strings.HasPrefix(l, "vardar --help") {
				t.Errorf("%s: %v", l, err)
			}
			continue
		}
		if err = cmd.ParseFlags(rest); err != nil && !errors.Is(err, pflag.ErrHelp) {
			t.Errorf("%s: %v", l, err)
		}
		if args := cmd.Flags().Args(); len(args) > 0 { // one that is named without them is spoken of, not shown
			if err = takes(cmd, args); err != nil {
				t.Errorf("%s: %v", l, err)
			}
		}
		if onlyHolds(cmd) && cmd.Flags().NArg() > 0 {
			t.Errorf("%s: %s has no such command", l, cmd.CommandPath())
		}
		understood++
	}
	if understood < 20 {
		t.Errorf("the README names %d commands, and there were more", understood)
	}
}
