package federation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// parties are who deals: two towns that ask, and the capital and two further towns that have;
// nobody where one of them is missing.
func (w *world) parties(who int) (ask, have []protocol.InstitutionID) {
	towns := w.ids[hubs:]
	at := func(k int) protocol.InstitutionID { return towns[(who-hubs+k)%len(towns)] }
	if len(towns) < dealers {
		return nil, nil
	}
	ask, have = []protocol.InstitutionID{at(0), at(1)}, []protocol.InstitutionID{capital, at(2), at(3)}
	for _, id := range slices.Concat(ask, have) {
		if w.node(id) == nil {
			return nil, nil
		}
	}
	return ask, have
}

// What is asked for and there: two of those who have promise more together than one asks for.
const (
	bedsAsked     = 100
	blanketsAsked = 40
	inStock       = 100
	promised      = 60
)

// askHelp has two ask and three answer, none of whom hears what another answers: each is cut
// off from all others meanwhile. One who asks takes a line back in ignorance too.
func (w *world) askHelp(who int) error {
	ask, have := w.parties(who)
	if ask == nil {
		return nil
	}
	for _, id := range slices.Concat(ask, have) {
		for _, l := range w.lines(id) {
			l.Throttle(0)
			l.Heal()
			delete(w.cut, l)
		}
	}
	var asked []protocol.Name
	for _, id := range ask {
		name, err := w.published(id, desk.Request{Kind: "request", Body: json.RawMessage(fmt.Sprintf(
			`{"answer_by":"2031-01-01T00:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[
			{"line":1,"type":"bed_place","unit":"places","quantity":%d},{"line":2,"type":"blanket","unit":"pieces","quantity":%d}]}`, bedsAsked, blanketsAsked))})
		if err != nil || name.IsZero() {
			return err
		}
		asked = append(asked, name)
	}
	for _, id := range have {
		name, err := w.published(id, desk.Request{Kind: "capacity", Body: json.RawMessage(fmt.Sprintf(
			`{"place":{"scheme":"iso3166-2","code":"MK-401"},"items":[{"type":"bed_place","unit":"places","available":%[1]d},{"type":"blanket","unit":"pieces","available":%[1]d}]}`, inStock))})
		if err != nil || name.IsZero() {
			return err
		}
		if !w.hears(id, asked) {
			return nil // it is cut off otherwise: there is nobody to answer
		}
	}
	for _, id := range slices.Concat(ask, have) {
		defer w.isolated(id)()
	}
	return w.answerApart(ask, have, asked)
}

// answerApart has each party answer without a line to any other.
func (w *world) answerApart(ask, have []protocol.InstitutionID, asked []protocol.Name) error {
	line := func(n int, quantity int64) []desk.LineQuantity {
		return []desk.LineQuantity{{Line: n, Quantity: quantity}}
	}
	for _, id := range have[:2] {
		first := w.answers(id, desk.AnswerRequest{Record: asked[0].String(), Step: "commit", Lines: line(1, promised)})
		if first != nil {
			if unwelcome(first) {
				return first
			}
			continue
		}
		over := w.answers(id, desk.AnswerRequest{Record: asked[1].String(), Step: "commit", Lines: line(1, promised)})
		if !errors.Is(over, desk.ErrStock) && !forked(over) {
			return fmt.Errorf("%s has %d and promises %d twice: %w", id, inStock, promised, errors.Join(errors.New("want it refused"), over))
		}
		if err := w.answers(id, desk.AnswerRequest{Record: asked[1].String(), Step: "commit", Lines: line(1, inStock-promised)}); unwelcome(err) {
			return err
		}
	}
	for _, a := range []struct {
		by protocol.InstitutionID
		r  desk.AnswerRequest
	}{
		{have[2], desk.AnswerRequest{Record: asked[1].String(), Step: "commit", Lines: line(2, blanketsAsked)}},
		{have[2], desk.AnswerRequest{Record: asked[0].String(), Step: "offer", Lines: append(line(1, inStock), line(2, blanketsAsked)...)}},
		{ask[0], desk.AnswerRequest{Record: asked[0].String(), Step: "cancel", Lines: line(2, blanketsAsked)}},
	} {
		if err := w.answers(a.by, a.r); unwelcome(err) {
			return err
		}
	}
	return nil
}

// dealOn has each party take steps that its own desk says it may, while one of them is cut off.
func (w *world) dealOn(who, rounds int) error {
	ask, have := w.parties(who)
	if ask == nil {
		return nil
	}
	all := slices.Concat(ask, have)
	for range 1 + rounds {
		back := w.isolated(all[w.rng.IntN(len(all))])
		for _, id := range all {
			if err := w.anyAct(id); err != nil {
				back()
				return err
			}
		}
		back()
	}
	return nil
}

// anyAct takes one of the steps that somebody may take now, of each exchange it knows.
func (w *world) anyAct(id protocol.InstitutionID) error {
	n := w.node(id)
	for _, r := range n.Picture(time.Now()).Requests {
		x, err := n.Desk().Exchange(w.within(), id, r.Record.String(), 0)
		if err != nil {
			return err
		}
		var may []desk.Act
		for _, l := range x.Lines {
			for _, deal := range l.Deals {
				may = append(may, deal.Acts...)
			}
		}
		if len(may) == 0 {
			continue
		}
		a := may[w.rng.IntN(len(may))]
		answer := desk.AnswerRequest{
			Record: a.Record.String(), Step: a.Step.String(), State: a.State, Says: a.Response, Reason: "so it is",
			Lines: []desk.LineQuantity{{Line: a.Line, Quantity: 1 + w.rng.Int64N(a.Most)}},
		}
		if a.Step == body.StepExtend {
			answer.Until = "2031-01-01T00:00:00Z"
		}
		if err := w.answers(id, answer); unwelcome(err) {
			return err
		}
	}
	return nil
}

// TestTwoAskAndThreeAnswerOverACutLine plays the one schedule of which an exchange is all:
// once the lines are healed the books of all nodes are equal. Who acts before having heard of
// the others hangs on the machine, so that it is played until somebody does, a few times.
func TestTwoAskAndThreeAnswerOverACutLine(t *testing.T) {
	t.Parallel()
	const plays = 4
	for range plays {
		s := schedule{
			seed: 1, nodes: hubs + dealers, lines: [][2]int{{2, 3}, {4, 5}}, bound: time.Minute,
			steps: []step{{askHelp, 2, 3, 0}, {dealOn, 2, 3, 2}, {cutLine, 3, 2, 0}, {dealOn, 2, 3, 2}},
		}
		saw, err := playIn(t, s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if saw[sawDealtApart] > 0 {
			return
		}
	}
	t.Errorf("nobody dealt in ignorance of the others in %d plays", plays)
}

// unwelcome reports whether an act failed otherwise than by a refusal in words.
func unwelcome(err error) bool {
	var p *desk.Problem
	return err != nil && !forked(err) && (!errors.As(err, &p) || p.Kind != desk.Refused)
}

// forked reports whether an own fork stops whoever wants to write.
func forked(err error) bool { return errors.Is(err, intake.ErrForked) }

// published has a desk publish, and keeps what its user was told; no name if it was refused.
func (w *world) published(id protocol.InstitutionID, r desk.Request) (protocol.Name, error) {
	r.As, r.Knowing, r.Anyway = id, true, anyway()
	p, err := w.node(id).Desk().Publish(w.within(), r)
	if err != nil {
		if unwelcome(err) {
			return protocol.Name{}, err
		}
		return protocol.Name{}, nil
	}
	w.e.promised = append(w.e.promised, promise{Said: node.Said{Name: p.Record, Digest: p.Digest}})
	return p.Record, nil
}

// answers has a desk answer, and keeps what its user was told.
func (w *world) answers(id protocol.InstitutionID, r desk.AnswerRequest) error {
	r.As, r.Knowing, r.Anyway = id, true, anyway()
	p, err := w.node(id).Desk().Answer(w.within(), r)
	if err == nil {
		w.e.promised = append(w.e.promised, promise{Said: node.Said{Name: p.Record, Digest: p.Digest}})
	}
	return err
}

// anyway is said where a clock is skewed, which is no part of dealing.
func anyway() desk.Anyway { return desk.Anyway{Clock: true, Quota: true} }

// hears waits a moment until a node's picture has come to some requests.
func (w *world) hears(id protocol.InstitutionID, requests []protocol.Name) bool {
	n := w.node(id)
	ctx := w.soon()
	if len(w.cut) == 0 { // it comes, however busy the machine is
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(w.t.Context(), time.Minute)
		defer cancel()
	}
	err := federation.Wait(ctx, n, func() bool {
		known := 0
		for _, r := range n.Picture(time.Now()).Requests {
			if slices.Contains(requests, r.Record) {
				known++
			}
		}
		return known == len(requests)
	})
	return err == nil
}
