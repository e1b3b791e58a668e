package duty

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Choice is what of all that happens is asked for. What is empty asks for all.
type Choice struct {
	Topics   []protocol.Topic `json:"topics,omitempty"` // with Kinds: what is of one of either
	Kinds    []string         `json:"kinds"`
	Places   []string         `json:"places"`             // codes, with those in them
	Severity body.Severity    `json:"severity,omitempty"` // and what is graver
	Quality  string           `json:"quality,omitempty"`  // at least so good when it comes, or not yet verified; what has no quality is neither
}

// Chooses reports whether anything is asked for at all.
func (c *Choice) Chooses() bool {
	return len(c.Topics) > 0 || len(c.Kinds) > 0 || len(c.Places) > 0 || c.Severity != "" || c.Quality != ""
}

// takes reports whether records of a kind can be asked for.
func (c *Choice) takes(kind string) bool {
	return len(c.Kinds) == 0 || len(c.Topics) > 0 || slices.Contains(c.Kinds, kind)
}

// Fits reports whether an event is asked for, whatever its quality.
func (c *Choice) Fits(e *Event) bool {
	said := len(c.Kinds) == 0 && len(c.Topics) == 0 || slices.Contains(c.Kinds, e.Kind) || slices.Contains(c.Topics, e.Record.Topic)
	return said && e.graveAs(c.Severity) && e.in(c.Places)
}

// graveAs reports whether an event is at least so grave; empty: any is.
func (e *Event) graveAs(s body.Severity) bool { return s == "" || gravity(e.Severity) <= gravity(s) }

// in reports whether an event is of one of some places; none: any is.
func (e *Event) in(places []string) bool {
	return len(places) == 0 || slices.ContainsFunc(places, func(p string) bool { return slices.Contains(e.Places, p) })
}

// Graded reports whether events of a kind have a quality, and can be chosen by it: records that
// are scored, requests by the needs behind them, and what is found in scored records.
func Graded(kind string) bool {
	return slices.Contains([]string{"request", Change, Contradiction}, kind) ||
		slices.ContainsFunc(body.Types(), func(t string) bool { return KindOf(t) == kind && len(body.Scored(t)) > 0 })
}

// good tells which of the events that a rule asks for are of the quality that it asks for. The
// source draws its picture for it: not under the lock, and only where it decides.
func (d *Duty) good(ctx context.Context, from Source, events ...Event) func(*Rule, *Event) bool {
	are := map[string]map[string]bool{} // by quality, then by key
	for i := range d.o.Config.Rules {
		r := &d.o.Config.Rules[i]
		if r.Quality == "" || are[r.Quality] != nil {
			continue
		}
		asked := slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
			return !slices.ContainsFunc(d.o.Config.Rules, func(o Rule) bool { return o.Quality == r.Quality && o.fits(&e) })
		})
		are[r.Quality] = map[string]bool{}
		if len(asked) == 0 {
			continue
		}
		for i, is := range from.Good(ctx, asked, r.Quality) {
			are[r.Quality][asked[i].key()] = is
		}
	}
	return func(r *Rule, e *Event) bool { return r.Quality == "" || are[r.Quality][e.key()] }
}
