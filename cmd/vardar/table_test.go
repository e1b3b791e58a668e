package main

import (
	"bytes"
	"strings"
	"testing"
)

// TestTablesFitTheScreen: what names, and their number, don't force to be wider.
func TestTablesFitTheScreen(t *testing.T) {
	const screen = 80
	wide := table{head: []string{"record", "institution", "place", "empty", "what is said"}}
	for range 3 {
		wide.add("mk.southeast.gevgelija/situation.1.1", "mk.southeast.gevgelija", "Ѓевѓелија", "", "arrivals 960 persons, departures 870 persons, and 90 wait")
	}
	findings := table{}
	findings.add("line", "no line at all: mk.national.crisis-centre: no line for 0 s, 20 wait", "what is published here waits, and nothing is lost")
	findings.add("lines", "no links yet")
	for name, tt := range map[string]table{"list": wide, "findings": findings} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			a := &app{world: world{out: &out, screen: true, columns: screen}, output: text}
			if err := a.write(nil, tt); err != nil {
				t.Fatal(err)
			}
			said := map[string]int{}
			for l := range strings.Lines(out.String()) {
				if n := len([]rune(strings.TrimRight(l, " \n"))); n > screen {
					t.Errorf("%d columns: %s", n, l)
				}
				for w := range strings.FieldsSeq(l) {
					said[w]++
				}
			}
			for _, row := range tt.rows {
				for w := range strings.FieldsSeq(strings.Join(row, " ")) {
					if said[w] == 0 && w != string(town) {
						t.Errorf("%q got lost:\n%s", w, &out)
					}
				}
			}
		})
	}
	verified := table{head: []string{"what", "holds", "name", "key", "said", "file"}}
	verified.add("record", "holds", "mk.southeast.gevgelija/situation.1.1", strings.Repeat("0123456789abcdef", 4), "signed", "r.http")
	if got := verified.fitted(100); got.width() > 100 || got.rows[0][3] != "0123456789abcdef…" {
		t.Errorf("a key is shown as %q, in %d columns", got.rows[0][3], got.width())
	}
	if got := verified.fitted(140); len(got.rows[0][3]) != 64 {
		t.Errorf("a key that fits is shown as %q", got.rows[0][3])
	}
	narrow := table{head: []string{"record", "summary"}}
	narrow.add("situation.1.1", "")
	if got := narrow.fitted(screen); len(got.head) != 2 {
		t.Errorf("a table that fits lost a column: %v", got.head)
	}
}
