package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asvsPoints is how many requirements of levels 1 and 2 ASVS 5.0.0 has.
const asvsPoints = 253

// TestEveryTestThatSecurityNamesIsThere, and each point of ASVS stands in its table once, with a
// test, or a word why there is none.
func TestEveryTestThatSecurityNamesIsThere(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	there := testsOf(t, "../..")
	named := regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	for _, m := range named.FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(there, m[1]) {
			t.Errorf("SECURITY.md names %s, which is no test", m[1])
		}
	}
	points := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !regexp.MustCompile(`^ [0-9]+\.[0-9]+\.`).MatchString(cells[1]) {
			continue
		}
		for point := range strings.SplitSeq(strings.TrimSpace(cells[1]), ", ") {
			if points[point] {
				t.Errorf("%s stands twice", point)
			}
			points[point] = true
		}
		why := strings.TrimSpace(cells[2])
		excused := slices.ContainsFunc([]string{"none", "rule:", "open:", "go.mod"}, func(w string) bool { return strings.HasPrefix(why, w) })
		if !named.MatchString(cells[3]) && !excused {
			t.Errorf("no test holds %s: %s", strings.TrimSpace(cells[1]), why)
		}
	}
	if len(points) != asvsPoints {
		t.Errorf("%d points of ASVS, want %d", len(points), asvsPoints)
	}
}

// testsOf gives the names of all tests under a folder.
func testsOf(t *testing.T, folder string) (names []string) {
	t.Helper()
	begins := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range begins.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
