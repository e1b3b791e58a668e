package board_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestVoidRecordLeadsToWhatItsAuthorSaysAgain(t *testing.T) {
	p, other := newPen(t, town), newPen(t, island)
	lost := p.report(1, figures{body.Arrivals: 100})
	lost.Void = true
	again := sitrep(gevgelija(), 1, figures{body.Arrivals: 100})
	again.Refs = []body.Ref{{Rel: body.RelReissues, Record: lost.Record.Name, Digest: lost.Digest}}
	reissued := p.write(again)
	strange := other.write(again) // only its author says a record again
	for name, events := range map[string][]board.Event{
		"in order":      {lost, strange, reissued},
		"the other way": {reissued, strange, lost},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoard(t, events...)
			k := only(t, b.Picture(at(day(3))).Kept)
			if want := "reissued as " + reissued.Record.String(); k.Standing != board.Void || k.Reason != want {
				t.Errorf("kept is %s, want %q", show(k), want)
			}
			// It counts again, by a last stated anew; then the reissued one is void.
			b.Restand([]board.Verdict{{Digest: lost.Digest, Competent: true}, {Digest: reissued.Digest, Void: true, Competent: true}})
			if k = only(t, b.Picture(at(day(3))).Kept); k.Record != reissued.Record.Name || k.Reason != "" {
				t.Errorf("kept is %s, want the reissued one", show(k))
			}
			b.Restand([]board.Verdict{{Digest: lost.Digest, Void: true, Competent: true}})
			for _, k := range b.Picture(at(day(3))).Kept {
				if k.Reason != "" {
					t.Errorf("%s leads to a record that does not count", show(k))
				}
			}
		})
	}
}

// TestReferencesToAVoidRecordLeadToWhatWasSaidAgain has a town lose the tail of its feed
// after others have answered: the request and its acceptance are said again, and the
// exchange goes on, with the answers, the notes and the acknowledgements it had.
func TestReferencesToAVoidRecordLeadToWhatWasSaidAgain(t *testing.T) {
	town, provider := newPen(t, town), newPen(t, fund)
	request := town.request(100)
	offer := provider.step(body.StepOffer, &request, &request, 80)
	accept := town.step(body.StepAccept, &request, &offer, 70)
	commit := provider.step(body.StepCommit, &request, &accept, 70)
	question := provider.write(&body.Note{Topic: protocol.Resource, Text: "where to?", Common: body.Common{
		Thread: request.Record.Name, Refs: []body.Ref{refTo(body.RelAnswers, &request)},
	}})
	seen := provider.write(&body.Acknowledgement{
		Topic: protocol.Resource, State: body.Read, Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, &request)}},
	})
	request.Void, accept.Void = true, true
	lost := town.again(&request)
	lost.Void = true // it was restored once more
	asked, accepted := town.again(&lost), town.again(&accept)
	events := []board.Event{request, offer, accept, commit, question, seen, lost, asked, accepted}
	check := func(t *testing.T, p board.Picture) {
		t.Helper()
		r := only(t, p.Requests)
		if r.Record != asked.Record.Name || r.Lines[0].Committed != 70 {
			t.Errorf("the request is %s, want %s with 70 committed", show(r), asked.Record.Name)
		}
		if n := only(t, p.Notes); n.Thread != asked.Record.Name || n.Answers != asked.Record.Name {
			t.Errorf("the note is %s, want it in the new thread", show(n))
		}
		if a := only(t, p.Acknowledgements); a.OfDigest != asked.Digest || a.Reference != board.RefHeld {
			t.Errorf("the acknowledgement is %s, want it of what was said again", show(a))
		}
	}
	want := newBoard(t, events...).Digest(at(day(2)))
	rapid.Check(t, func(rt *rapid.T) {
		b := newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			b.Tell([]board.Event{e})
			if rapid.Bool().Draw(rt, "ask") {
				b.Digest(at(day(2)))
			}
		}
		check(t, b.Picture(at(day(2))))
		if b.Digest(at(day(2))) != want {
			rt.Fatal("another order of arrival draws another picture")
		}
	})
	// Who joins later never gets what is void.
	check(t, picture(t, day(2), offer, commit, question, seen, accepted, asked, lost))
	// It counts again, by a last stated anew: then nobody is led away.
	b := newBoard(t, events...)
	b.Restand([]board.Verdict{{Digest: request.Digest, Competent: true}})
	for _, r := range b.Picture(at(day(2))).Requests {
		if r.Record == request.Record.Name && r.Lines[0].Offered == 80 {
			return
		}
	}
	t.Error("what counts again has lost its answers")
}
