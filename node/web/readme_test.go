package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestPagesOfTheTwelveRecommendationsOpen: each row of the README's table names pages that there
// are, for somebody who may open them.
func TestPagesOfTheTwelveRecommendationsOpen(t *testing.T) {
	_, table, found := strings.Cut(string(must(os.ReadFile("../../README.md"))(t)), "## What was asked for in Skopje")
	if !found {
		t.Fatal("the README has no such part")
	}
	table, _, _ = strings.Cut(table, "\n## ")
	rows := regexp.MustCompile(`(?m)^\| \d+ \|[^|]*\|([^|]*)\|`).FindAllStringSubmatch(table, -1)
	if len(rows) != 12 {
		t.Errorf("%d rows, want 12", len(rows))
	}
	s := open(t)
	coordinator, keeper := s.account(staff.Coordinator), s.account(staff.Admin)
	for i, row := range rows {
		pages := regexp.MustCompile("`(/[^`]*)`").FindAllStringSubmatch(row[1], -1)
		if len(pages) == 0 {
			t.Errorf("recommendation %d names no page", i+1)
		}
		for _, page := range pages {
			if coordinator.get(page[1]).status != http.StatusOK && keeper.get(page[1]).status != http.StatusOK {
				t.Errorf("recommendation %d: nobody can open %s", i+1, page[1])
			}
		}
	}
}
