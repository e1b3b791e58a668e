package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/protocol"
)

// The forms in which a result can be printed.
const (
	text   = "text"
	asJSON = "json"
	asCSV  = "csv"
)

// form is the value of --output.
type form struct {
	value *string
	of    []string
}

func (f form) String() string { return *f.value }
func (f form) Type() string   { return strings.Join(f.of, "|") }

// Set takes one of the forms.
func (f form) Set(s string) error {
	if !slices.Contains(f.of, s) {
		return fmt.Errorf("want %s", strings.Join(f.of, ", "))
	}
	*f.value = s
	return nil
}

// prints gives a command the flag --output.
func (a *app) prints(cmd *cobra.Command, forms ...string) {
	f := form{&a.output, append([]string{text}, forms...)}
	cmd.Flags().Var(f, "output", "form of the result")
	complete(cmd, "output", f.of)
}

// complete gives a flag its words for the shell.
func complete(cmd *cobra.Command, flag string, words []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

// write prints a result in the form asked for: v as JSON, t as lines or CSV.
func (a *app) write(v any, t table) error {
	switch a.output {
	case asJSON:
		return a.writeJSON(v)
	case asCSV:
		w := csv.NewWriter(a.out)
		if err := w.Write(t.head); err != nil {
			return err
		}
		for _, row := range t.rows {
			for i := range row {
				row[i] = unformula(row[i])
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
		return w.Error()
	}
	if a.screen && a.columns > 0 {
		t = t.fitted(a.columns)
	}
	w := tabwriter.NewWriter(a.out, 0, 0, gap, ' ', 0)
	if len(t.head) > 0 && !a.quiet {
		_, _ = fmt.Fprintln(w, strings.ToUpper(strings.Join(t.head, "\t")))
	}
	for _, row := range t.rows {
		for i := range row {
			row[i] = looked(a.out, printable(row[i]))
		}
		_, _ = fmt.Fprintln(w, strings.TrimRight(strings.Join(row, "\t"), "\t"))
	}
	return w.Flush()
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printable keeps what others wrote from moving a terminal's cursor, or a table's columns.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, s)
}

// unformula keeps a spreadsheet from taking a text of somebody else's for a formula.
func unformula(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

// line prints one line of a result.
func line(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintln(w, looked(w, printable(fmt.Sprintf(format, args...))))
}

// lines prints several.
func lines(w io.Writer, format string, args ...any) {
	for l := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		line(w, "%s", l)
	}
}

// clock says an instant to a person, in the local time of this machine.
func clock(i protocol.Instant) string {
	if i == 0 {
		return ""
	}
	return i.Time().In(time.Local).Format("2006-01-02 15:04")
}

// when is clock in text, and the full instant in CSV, which programs read.
func (a *app) when(i protocol.Instant) string {
	if a.output == asCSV && i != 0 {
		return i.String()
	}
	return clock(i)
}

// joined prints a list of anything that is a text.
func joined[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
