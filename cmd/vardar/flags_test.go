package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// TestEveryFlagIsUsedByAScript: a flag that no script uses may do nothing. Every command
// that people see has examples too.
func TestEveryFlagIsUsedByAScript(t *testing.T) {
	var used strings.Builder
	files, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		used.Write(text)
	}
	lines := strings.Split(used.String(), "\n")
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !cmd.Hidden && !cmd.HasSubCommands() && cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
		path := strings.TrimPrefix(cmd.CommandPath(), "vardar")
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			for _, l := range lines {
				if strings.Contains(l, path) && (strings.Contains(l, "--"+f.Name) || f.Shorthand != "" && strings.Contains(l, " -"+f.Shorthand+" ")) {
					return
				}
			}
			t.Errorf("no script uses %s --%s", cmd.CommandPath(), f.Name)
		})
		for _, sub := range cmd.Commands() {
			walk(sub)
		}
	}
	walk((&app{output: text}).newRoot())
}
