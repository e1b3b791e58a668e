package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// helpWidth is how long a line of the help is: a terminal's 80 columns.
const helpWidth = 80

// fit makes the help of a command and of those below it fit a terminal.
func fit(cmd *cobra.Command) {
	var paragraphs []string
	for p := range strings.SplitSeq(cmd.Long, "\n\n") {
		if !strings.HasPrefix(p, " ") { // what is indented is to be copied as it stands
			p = folded(strings.Fields(p), " ")
		}
		paragraphs = append(paragraphs, p)
	}
	cmd.Long = strings.Join(paragraphs, "\n\n")
	for _, sub := range cmd.Commands() {
		fit(sub)
	}
}

// learners finishes the two commands that cobra brings: what they don't know is an error, as
// it is everywhere else.
func (a *app) learners(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			shells := a.group(cmd.Use, cmd.Short, cmd.Long)
			cmd.Args, cmd.RunE = shells.Args, shells.RunE
			cmd.SuggestionsMinimumDistance = shells.SuggestionsMinimumDistance
		case "help":
			cmd.Run, cmd.RunE = nil, func(cmd *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				switch {
				case err != nil:
					return usage(root, err.Error())
				case len(rest) > 0 && about.HasSubCommands():
					return about.RunE(about, rest)
				case len(rest) > 0 && !slices.Contains(about.ValidArgs, rest[0]):
					return usage(about, fmt.Sprintf("there is no help about %q", strings.Join(rest, " ")))
				}
				about.InitDefaultHelpFlag()
				about.HelpFunc()(about, rest)
				return nil
			}
		}
	}
}

// folded puts words side by side in lines that fit a terminal.
func folded(words []string, gap string) string { return foldedAt(words, gap, helpWidth) }

func foldedAt(words []string, gap string, columns int) string {
	var out strings.Builder
	column := 0
	for i, w := range words {
		switch {
		case i > 0 && column+len(gap)+utf8.RuneCountInString(w) > columns:
			out.WriteString("\n" + w)
			column = utf8.RuneCountInString(w)
			continue
		case i > 0:
			w = gap + w
		}
		out.WriteString(w)
		column += utf8.RuneCountInString(w)
	}
	return out.String()
}
