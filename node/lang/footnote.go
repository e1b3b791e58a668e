package lang

import "regexp"

// marked is a word with the mark of the footnote behind it, and topics are those of a line: what it carries
// is written alike, "alert *".
var (
	marked = regexp.MustCompile(`([^\s*]*[\pL\pN)]) \*(?:[\s,;:.)]|$)`)
	topics = regexp.MustCompile(`^(?:trust|situation|alert|resource|funding|policy|knowledge)$`)
)

// Footnote says what the mark at a name in a text stands for (design.md §1); empty for a text without one.
func (s *Speaker) Footnote(text string) string {
	for _, m := range marked.FindAllStringSubmatch(text, -1) {
		if !topics.MatchString(m[1]) {
			return "* " + s.Say("app.footnote")
		}
	}
	return ""
}
