package lang_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/lang"
)

// TestMarkIsExplained where a name bears it, and nowhere else.
func TestMarkIsExplained(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	s := c.Speaker("mk")
	for text, want := range map[string]bool{
		"Косово *":                      true,
		"Prizren *: 40 arrivals":        true,
		"xk.national.centre *  +383 38": true,
		"(Kosovo *)":                    true,
		"Gevgelija: 40":                 false,
		"alert *":                       false,
		"* *":                           false,
		"we send: * mk.":                false,
		"* one":                         false,
	} {
		if got := s.Footnote(text); (got != "") != want || want && !strings.Contains(got, "1244") {
			t.Errorf("Footnote(%q) = %q", text, got)
		}
	}
}
