package lang

import (
	"regexp"
	"slices"
	"strings"
)

// marked is a word with the mark of the footnote behind it, and topics are those of a line: what it carries
// is written alike, "alert *".
var (
	marked = regexp.MustCompile(`([^\s*]*[\pL\pN)]) \*(?:[\s,;:.)]|$)`)
	topics = regexp.MustCompile(`^(?:trust|situation|alert|resource|funding|policy|knowledge)$`)
)

// Marked reports whether a text has a name with the mark of the footnote.
func Marked(text string) bool {
	return strings.Contains(text, " *") && slices.ContainsFunc(marked.FindAllStringSubmatch(text, -1), func(m []string) bool { return !topics.MatchString(m[1]) })
}

// Footnote says what the mark at a name in a text stands for (design.md §1); empty for a text without one.
func (s *Speaker) Footnote(text string) string {
	if !Marked(text) {
		return ""
	}
	return "* " + s.Say("app.footnote")
}
