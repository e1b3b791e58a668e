package link

import (
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/bus"
)

// copies tells from the hellos of a dialler whether two processes use its link key. Each
// process names itself anew when it starts, so a name that comes back after another one
// is no restart: both live. An honest node that loses its line again and again keeps its
// name.
type copies struct {
	seen    []string    // names of the dialler's processes, the last one last
	returns []time.Time // when a name came back
}

const (
	// maxInstances bounds the names that are remembered.
	maxInstances = 8
	// copyReturns within bus.CloneWindow are two processes: one may be a hello that was
	// overtaken.
	copyReturns = 2
)

func (c *copies) saw(instance string, now time.Time) {
	c.returns = slices.DeleteFunc(c.returns, func(t time.Time) bool { return now.Sub(t) > bus.CloneWindow })
	n := len(c.seen)
	if instance == "" || (n > 0 && c.seen[n-1] == instance) {
		return
	}
	if at := slices.Index(c.seen, instance); at >= 0 {
		c.returns = append(c.returns, now)
		c.seen = slices.Delete(c.seen, at, at+1)
	}
	c.seen = append(c.seen, instance)
	c.seen = c.seen[max(0, len(c.seen)-maxInstances):]
}

// several reports whether two processes were seen to live lately.
func (c *copies) several(now time.Time) bool {
	return len(c.returns) >= copyReturns && now.Sub(c.returns[len(c.returns)-copyReturns]) <= bus.CloneWindow
}

// isCopied reports whether two nodes use the dialler's link key. p.mu is held.
func (p *peer) isCopied() bool {
	if p.dialler {
		return p.copied
	}
	if p.hello.Instance == "" {
		return p.connected.Clone // by its kicks: an older vardar does not name its processes
	}
	// A thief of the key need not say hello at all: its connections are counted then.
	return p.copies.several(p.l.o.Clock()) || p.connected.Kicks-p.kicksNamed >= bus.CloneKicks
}
