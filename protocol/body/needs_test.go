package body_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/protocol/body"
)

func standards(t testing.TB) body.StandardTable {
	t.Helper()
	table, err := body.Standards()
	if err != nil || len(table.Rows) == 0 {
		t.Fatalf("%d rows, %v", len(table.Rows), err)
	}
	return table
}

// TestEveryMinimumSaysWhereItStands keeps figures out of the table that nobody can look up, and
// those of which nobody has read the words.
func TestEveryMinimumSaysWhereItStands(t *testing.T) {
	edition, where := regexp.MustCompile(`^(2004|2011|2018)$`), regexp.MustCompile(`^([1-9][0-9]{0,2}|([A-Z][a-z ]+ standard [1-9]\.[1-9])( day)?)$`)
	checked := regexp.MustCompile(`^(Text of the page|The words of the key indicator)`)
	for _, s := range standards(t).Rows {
		if !edition.MatchString(s.Edition) || !where.MatchString(strings.Join(strings.Fields(s.Page+" "+s.Standard+" "+s.Per), " ")) || s.Says == "" || !checked.MatchString(s.Checked) {
			t.Errorf("%s: edition %q, page %q, standard %q, %q, checked against %q", s.Item, s.Edition, s.Page, s.Standard, s.Says, s.Checked)
		}
		for _, read := range []error{
			new(body.Sector).UnmarshalText([]byte(s.Sector)), new(body.ResourceType).UnmarshalText([]byte(s.Item)),
			new(body.Label).UnmarshalText([]byte(s.Unit)), new(body.Label).UnmarshalText([]byte(s.Ref())),
		} {
			if read != nil {
				t.Errorf("%s: %v", s.Item, read)
			}
		}
		if s.Quantity < 1 || s.People < 1 || s.Priority < 1 || s.Priority > 5 {
			t.Errorf("%s: %d for %d people, priority %d", s.Item, s.Quantity, s.People, s.Priority)
		}
	}
}

func TestPeopleNeedWhatTheHandbookSays(t *testing.T) {
	have := body.Quantity(31)
	table := standards(t)
	got := map[body.ResourceType]body.Need{}
	for _, n := range table.Needed(3001, func(item body.ResourceType, _ body.Label) (body.Quantity, bool) {
		return have, item == "latrine"
	}) {
		got[n.Item] = n
	}
	for _, want := range []struct {
		item              body.ResourceType
		required, missing int64
		ref               body.Label
	}{
		{"latrine", 151, 120, "Sphere Handbook 2018, page 118"}, // 3001 / 20, rounded up
		{"water_litre", 45015, 45015, "Sphere Handbook 2018, Water supply standard 2.1, for a day"},
	} {
		n := got[want.item]
		if int64(n.Required) != want.required || n.Missing() != want.missing || n.StandardRef != want.ref || n.Basis != body.BasisStandard {
			t.Errorf("%s: %d required, %d missing, by %q, want %d, %d, %q", want.item, n.Required, n.Missing(), n.StandardRef, want.required, want.missing, want.ref)
		}
	}
	if len(got) != len(table.Rows) {
		t.Errorf("%d rows for %d standards", len(got), len(table.Rows))
	}
}

// TestMorePeopleNeverNeedLess also keeps what is missing from going below nothing.
func TestMorePeopleNeverNeedLess(t *testing.T) {
	table := standards(t)
	rapid.Check(t, func(t *rapid.T) {
		a := body.Positive(rapid.Int64Range(1, 10_000_000).Draw(t, "people"))
		b := a + body.Positive(rapid.Int64Range(0, 10_000_000).Draw(t, "more"))
		have := body.Quantity(rapid.Int64Range(0, 200_000_000).Draw(t, "have"))
		there := func(body.ResourceType, body.Label) (body.Quantity, bool) { return have, true }
		few, many := table.Needed(a, there), table.Needed(b, there)
		for i := range few {
			s := &table.Rows[i]
			if few[i].Required > many[i].Required || few[i].Missing() < 0 || few[i].Missing() > many[i].Missing() {
				t.Fatalf("%s: %d people need %d, %d people %d", s.Item, a, few[i].Required, b, many[i].Required)
			}
			if few[i].Required*s.People < a*s.Quantity || (few[i].Required-1)*s.People >= a*s.Quantity {
				t.Fatalf("%s: %d for %d people is not %d for %d, rounded up", s.Item, few[i].Required, a, s.Quantity, s.People)
			}
		}
	})
}
