package lang_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/lang"
)

func TestMomentIsReadAsAPersonWritesIt(t *testing.T) {
	now := time.Date(2015, 11, 9, 9, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2015-11-05T06:00:00+01:00": "2015-11-05T05:00:00Z",
		"2015-11-05":                time.Date(2015, 11, 5, 0, 0, 0, 0, time.Local).UTC().Format(time.RFC3339),
		"2015-11-05T06:30":          time.Date(2015, 11, 5, 6, 30, 0, 0, time.Local).UTC().Format(time.RFC3339),
		"24h":                       "2015-11-08T09:00:00Z",
		"7d":                        "2015-11-02T09:00:00Z",
	} {
		if got, ok := lang.Moment(text, now); !ok || got.UTC().Format(time.RFC3339) != want {
			t.Errorf("Moment(%q) = %s, %t; want %s", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "yesterday", "-1d", "-24h", "d", "2015-13-01"} {
		if got, ok := lang.Moment(text, now); ok {
			t.Errorf("Moment(%q) = %s", text, got)
		}
	}
}
