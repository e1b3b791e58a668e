package federation

import (
	"context"
	"fmt"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// measured is the result that both towns have measured, each its own.
func measured(before, after string) []string {
	return []string{"results.0.what=hours that a family waits", "results.0.unit=hours", "results.0.before=" + before, "results.0.after=" + after}
}

// learn has a town tell of a practice, and another say that it does the same, each at its own desk.
func (d *demo) learn(ctx context.Context) (err error) {
	d.practice, err = d.states(ctx, SouthGate, "practice", append(measured("9", "2"),
		"title=Numbers instead of queues", "problem=Families waited outside for a day.", "solution=Each family gets a number, and is called by it.",
		"place="+southGatePlace().Key().String(), "sectors=registration_asylum", "phases=response")...)
	if err != nil {
		return err
	}
	if err = d.known(ctx, NorthGate, func(p node.Picture) bool { _, ok := practiceIn(p, d.practice); return ok }); err != nil {
		return err
	}
	p, _ := practiceIn(d.net.Node(NorthGate).Picture(d.clock.Now()), d.practice)
	d.say.event(d.clock.Now(), plain, "LEARNT, says %s (invented): %s", short(p.Institution), p.Title)
	adopt := node.AnswerRequest{
		As: NorthGate, Record: d.practice.String(), Step: string(body.Adopt), Reason: "With two clerks more. " + invented, Set: measured("7", "3"),
	}
	if _, err = d.net.Node(NorthGate).Desk().Answer(ctx, adopt); err != nil {
		return fmt.Errorf("the practice is adopted by %s: %w", NorthGate, err)
	}
	err = d.known(ctx, Coordinator, func(at node.Picture) bool {
		p, _ = practiceIn(at, d.practice)
		return len(p.Adoptions) > 0
	})
	if err != nil {
		return err
	}
	a := &p.Adoptions[0]
	d.say.event(d.clock.Now(), good, "ADOPTED by %s: %s, %s before and %s after", short(a.Institution), a.Results[0].What, a.Results[0].Before, a.Results[0].After)
	return nil
}

// practiceIn finds a practice in a picture.
func practiceIn(p node.Picture, name protocol.Name) (node.Practice, bool) {
	return first(p.Practices, func(x *node.Practice) bool { return x.Record == name })
}
