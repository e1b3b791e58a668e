package lang_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/lang"
)

func TestMessageIsSaidWithItsNumber(t *testing.T) {
	c, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	s := c.Speaker("fr, en;q=0.5")
	for _, tt := range []struct{ got, want string }{
		{s.Say("now.due", 1), "1 thing is due"},
		{s.Say("now.due", 2), "2 things are due"},
		{s.Say("now.due.since", "late", "06:10"), "late, since 06:10"},
		{s.Say("now.last", 4, "06:10"), "Last report 06:10, read by 4 nodes."},
		{s.Say("now.due.since", "late", int64(12116)), "late, since 12,116"},
		{s.Say("no.such"), "no.such"},
		{s.Tag, "en"},
	} {
		if tt.got != tt.want {
			t.Errorf("Say() = %q, want %q", tt.got, tt.want)
		}
	}
}

func TestCataloguesAreReadOnce(t *testing.T) {
	first, err := lang.New()
	if err != nil {
		t.Fatal(err)
	}
	if again, err := lang.New(); again != first || err != nil {
		t.Errorf("two who ask have catalogues of their own, %v", err)
	}
}
