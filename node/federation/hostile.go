package federation

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"slices"
	"strconv"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// offerFalse has a relay offer the coordinator two false records of the town over a line
// that is up: its newest with another body under the old signature, and one after it that
// the town never wrote. Both must be answered "dropped", and leave nothing behind.
func (d *demo) offerFalse(ctx context.Context) error {
	if err := d.settle(ctx); err != nil {
		return err
	}
	c, relay := d.coordinator(), d.net.Node(RiverTown)
	up := func() bool {
		return slices.ContainsFunc(relay.Lines(), func(s node.LineState) bool { return s.Peer == Coordinator && s.Up })
	}
	if err := d.wait(ctx, relay, up); err != nil {
		return err
	}
	name := protocol.Name{Institution: SouthGate, Position: c.Head(SouthGate, protocol.Situation)}
	altered, err := c.Record(name)
	if err != nil {
		return err
	}
	forged := altered
	lie, change := otherBody(altered.Body)
	altered.SetBody(lie)
	_, stranger, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	key := forged.Key
	forged.Previous, forged.Sequence = forged.Digest(), forged.Sequence+1
	forged.Sign(stranger)
	forged.Key = key // it claims the town's key
	d.say.line(plain, "")
	d.say.para(strong, "Over the line of %s somebody offers the crisis centre two false records of %s", short(RiverTown), short(SouthGate))
	for _, f := range []struct {
		what, how string
		record    protocol.Record
	}{{"altered", change, altered}, {"forged", "the town never wrote it", forged}} {
		before := c.Records()
		run, err := protocol.NewRun([]protocol.Record{f.record})
		if err != nil {
			return err
		}
		answer, err := relay.Push(ctx, Coordinator, protocol.AppendFrame(nil, []protocol.Run{run}))
		if err != nil {
			return err
		}
		d.hostile++
		outcome := protocol.Accepted
		if len(answer.Runs) == 1 {
			outcome = answer.Runs[0].Outcome
		}
		if outcome == protocol.Dropped && c.Records() == before {
			d.refused++
		} else {
			d.problem("the %s record %s was answered %s", f.what, f.record.Name, outcome)
		}
		d.say.entry(bad, "%-8s %s (%s): %s", f.what, f.record.Position, f.how, outcome)
	}
	return nil
}

// otherBody gives a body with another figure, or, if it has none, with another salt; and
// says what was changed.
func otherBody(b []byte) (_ []byte, change string) {
	const figure, salt = `"value":`, `"salt":"`
	at := bytes.Index(b, []byte(figure))
	if at < 0 {
		out := bytes.Clone(b)
		at = bytes.Index(out, []byte(salt)) + len(salt)
		copy(out[at:], bytes.Repeat([]byte("B"), 8))
		return out, "its salt changed"
	}
	at += len(figure)
	end := at
	for end < len(b) && '0' <= b[end] && b[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(string(b[at:end]), 10, 64)
	if err != nil {
		return nil, err.Error()
	}
	lie := n / 10
	if lie == n {
		lie = 1
	}
	out := slices.Concat(b[:at], []byte(strconv.FormatInt(lie, 10)), b[end:])
	return out, thousands(n) + " became " + thousands(lie)
}
