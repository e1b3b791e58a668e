package federation

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// teller writes what is told: plain text for 80 columns, colours only where asked for.
type teller struct {
	w      io.Writer
	colour bool
	width  int   // columns of a line
	err    error // of the first write that failed; nothing is written after it
}

func newTeller(o DemoOptions) teller {
	t := teller{w: o.Out, colour: o.Colour, width: usualWidth}
	if o.Columns > 0 {
		t.width = min(usualWidth, max(o.Columns-1, leastWidth))
	}
	return t
}

// The colours of a line.
const (
	plain  = ""
	strong = "1"
	good   = "32"
	warn   = "33"
	bad    = "31"
	faint  = "2"
)

// usualWidth is what a line may have unless told; leastWidth is what it has at least: a
// table can't be told in less.
const (
	usualWidth = 79
	leastWidth = 40
)

func (t *teller) line(colour, format string, args ...any) {
	if t.err != nil {
		return
	}
	text := fmt.Sprintf(format, args...)
	if t.colour && colour != plain && text != "" {
		text = "\x1b[" + colour + "m" + text + "\x1b[0m"
	}
	_, t.err = io.WriteString(t.w, text+"\n")
}

// event is a line with the replay's hour before it.
func (t *teller) event(at time.Time, colour, format string, args ...any) {
	const indent = "         "
	text := wrap(fmt.Sprintf(format, args...), t.width-len(indent))
	for i, part := range text {
		if i == 0 {
			t.line(colour, "  %s  %s", at.Format("15:04"), part)
			continue
		}
		t.line(colour, "%s%s", indent, part)
	}
}

// para is a paragraph.
func (t *teller) para(colour, format string, args ...any) {
	for _, part := range wrap(fmt.Sprintf(format, args...), t.width) {
		t.line(colour, "%s", part)
	}
}

// item is a counted thing at the end.
func (t *teller) item(colour, format string, args ...any) { t.hang(colour, "  - ", format, args...) }

// entry is one of a list.
func (t *teller) entry(colour, format string, args ...any) { t.hang(colour, "  ", format, args...) }

// hang writes a mark, and what follows it below itself. What fits behind the mark stays as
// it is.
func (t *teller) hang(colour, mark, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if utf8.RuneCountInString(mark+text) <= t.width {
		t.line(colour, "%s%s", mark, text)
		return
	}
	for i, part := range wrap(text, t.width-len("    ")) {
		if i > 0 {
			mark = "    "
		}
		t.line(colour, "%s%s", mark, part)
	}
}

// wrap breaks a text at blanks; what has several blanks in a row is a table and stays
// as it is, if it fits.
func wrap(text string, limit int) []string {
	if utf8.RuneCountInString(text) <= limit {
		return []string{text}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > limit {
			lines, line = append(lines, line), ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

// thousands writes 12,116.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// plural writes "1 record", "2 records".
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(int64(n)) + " " + one + "s"
}
