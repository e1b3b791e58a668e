package link_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/link"
)

func TestTwoProcessesAreToldFromRestartsAndBadLines(t *testing.T) {
	for name, c := range map[string]struct {
		instances []string
		wait      time.Duration
		want      bool
	}{
		"one that loses its line":       {[]string{"a", "a", "a", "a", "a", "a"}, 0, false},
		"one that starts anew":          {[]string{"a", "b", "c", "d", "e", "f"}, 0, false},
		"a hello that was overtaken":    {[]string{"a", "b", "a", "b"}[:3], 0, false},
		"two that take turns":           {[]string{"a", "b", "a", "b"}, 0, true},
		"three that take turns":         {[]string{"a", "b", "c", "a", "b", "c"}, 0, true},
		"one that does not name itself": {[]string{"", "", "", ""}, 0, false},
		"two, of which one was stopped": {[]string{"a", "b", "a", "b"}, 11 * time.Minute, false},
		"more than are remembered":      {[]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "a", "b"}, 0, false},
	} {
		if got := link.SeveralAfter(c.wait, c.instances...); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
