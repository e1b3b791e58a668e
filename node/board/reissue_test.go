package board_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/board"
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
