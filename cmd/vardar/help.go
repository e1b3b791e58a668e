package main

import (
	"strings"

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

// folded puts words side by side in lines that fit a terminal.
func folded(words []string, gap string) string {
	var out strings.Builder
	column := 0
	for i, w := range words {
		switch {
		case i > 0 && column+len(gap)+len(w) > helpWidth:
			out.WriteString("\n" + w)
			column = len(w)
			continue
		case i > 0:
			w = gap + w
		}
		out.WriteString(w)
		column += len(w)
	}
	return out.String()
}
