package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// examplesOf gives the examples in a command's help, split into words as a shell would.
func examplesOf(cmd *cobra.Command) (out [][]string) {
	for l := range strings.Lines(strings.NewReplacer("\\\n", " ", " && ", "\n").Replace(cmd.Example)) {
		l, _, _ = strings.Cut(l, " > ")
		l, _, _ = strings.Cut(l, " < ")
		var words []string
		for i, part := range strings.Split(strings.TrimSpace(l), `"`) {
			switch {
			case i%2 == 0:
				if strings.HasPrefix(part, " ") || len(words) == 0 {
					words = append(words, strings.Fields(part)...)
				}
			case strings.HasSuffix(words[len(words)-1], "="):
				words[len(words)-1] += part
			default:
				words = append(words, part)
			}
		}
		if len(words) > 0 && words[0] == "vardar" {
			out = append(out, words[1:])
		}
	}
	return out
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
			if err != nil || !cmd.Runnable() || cmd.HasSubCommands() {
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
	for _, path := range []string{"publish", "list", "show", "correct", "status", "member show", "export evidence"} {
		cmd, _, err := root.Find(strings.Fields(path))
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range examplesOf(cmd) {
			for i, w := range words {
				w = strings.NewReplacer(".1.42", ".1.1", "mk.national.crisis-centre", string(town), "rs.national.centre", string(town)).Replace(w)
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
