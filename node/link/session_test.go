package link_test

import (
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node/link"
)

// A dialler may come while the bus is asked who is there: its session is not ended for not
// being in that answer, or its link would stand still until the next heartbeat.
func TestSessionThatBeginsWhileTheBusIsAskedGoesOn(t *testing.T) {
	first, second := link.WhySessionsEnd(t.Context())
	if first != nil {
		t.Errorf("the session of who came meanwhile ended: %v", first)
	}
	if !errors.Is(second, link.ErrNoLine) {
		t.Errorf("the session of who is gone ended: %v, want %v", second, link.ErrNoLine)
	}
}
