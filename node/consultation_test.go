package node_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// asked is a region that asked the capital, backed itself up, and had its answer; both nodes are stopped.
type asked struct {
	*pair
	file             string // the backup
	question, answer desk.Published
}

// askAndAnswer has the capital answer in time, and the region hear of it then, or not: its line is cut.
func askAndAnswer(t *testing.T, cut bool) *asked {
	t.Helper()
	a := &asked{pair: newPairWith(t, body.RegionalAuthority)}
	closes := time.Now().Add(time.Minute).UTC().Format(time.RFC3339)
	a.question = say(t, a.town, "consultation", "to="+string(capital), "question=By residents or by arrivals?", "closes_at="+closes)
	a.file = a.backUp(t)
	eventually(t, "the capital was asked", func() bool { return a.capital.Holds(a.question.Record) })
	if cut {
		a.stopTown()
	}
	a.answer = say(t, a.capital, "response", "thread="+a.question.Record.String(), "position=oppose")
	if !cut {
		eventually(t, "its answer is there", func() bool { return a.town.Holds(a.answer.Record) })
		a.stopTown()
	}
	a.stopCapital()
	return a
}

func say(t *testing.T, n *node.Node, kind string, set ...string) desk.Published {
	t.Helper()
	said, err := n.Desk().Publish(t.Context(), desk.Request{Kind: kind, Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// fourDaysOn is the clock of four days on: a day more than a line that was cut is waited for.
func fourDaysOn() time.Time { return time.Now().AddDate(0, 0, 4) }

// counts wants one answer to the question, with its state and whether its arrival can be told here.
func (a *asked) counts(t *testing.T, n *node.Node, state board.AnswerState, unjudged bool) {
	t.Helper()
	var h desk.Hearing
	eventually(t, "the answer is shown", func() bool {
		var err error
		if h, err = n.Desk().Hearing(t.Context(), "", a.question.Record.String(), 0); err != nil {
			t.Fatal(err)
		}
		return len(h.Answers) == 1
	})
	if h.Answers[0].State != state || h.Answers[0].Unjudged != unjudged {
		t.Fatalf("answers are %+v, want one that %s, unjudged: %t", h.Answers, state, unjudged)
	}
}

// TestAnswerThatCameBeforeTheRestoreIsStillConsidered: the node of who asked was restored from a backup that is older than
// the answer, four days behind the closing. Nobody can say there that the answer came late, so that no outcome passes it over.
func TestAnswerThatCameBeforeTheRestoreIsStillConsidered(t *testing.T) {
	a := askAndAnswer(t, false)
	a.townAt.Clock, a.capitalAt.Clock = fourDaysOn, fourDaysOn
	o := options(t, "restored")
	o.CheckStore, o.Clock = checkFile, fourDaysOn
	r, err := node.Restore(t.Context(), o, a.file, filepath.Join(a.townAt.Dir, "identity"), a.sheet)
	if err != nil {
		t.Fatal(err)
	}
	a.capital, _ = start(t, a.capitalAt)
	a.meet(t, r.LinkKey)
	n, stop := start(t, o)
	a.redirect(t, n)
	eventually(t, "the answer came home", func() bool { return n.Holds(a.answer.Record) })
	a.counts(t, n, board.AnswerCounts, true)
	stop()
	n, _ = start(t, o)
	a.counts(t, n, board.AnswerCounts, true)

	conclude := func(set ...string) error {
		_, err := n.Desk().Publish(t.Context(), desk.Request{Kind: "outcome", Knowing: true, Set: append(set, "thread="+a.question.Record.String(), "decision=By arrivals.")})
		return err
	}
	if err := conclude(); err == nil || !strings.Contains(err.Error(), string(capital)+" has answered") {
		t.Fatalf("an outcome without a word on the answer: %v", err)
	}
	if err := conclude("considered.0.response="+a.answer.Record.String(), "considered.0.consideration=rejected", "considered.0.reason=the law"); err != nil {
		t.Fatal(err)
	}
	a.counts(t, n, board.AnswerCounts, false)
}

// TestAnswerComesLateToANodeThatWasThere: that it was stopped, and its line cut, is no beginning.
func TestAnswerComesLateToANodeThatWasThere(t *testing.T) {
	a := askAndAnswer(t, true)
	a.townAt.Clock, a.capitalAt.Clock = fourDaysOn, fourDaysOn
	a.capital, _ = start(t, a.capitalAt)
	n, _ := start(t, a.townAt)
	a.redirect(t, n)
	eventually(t, "the answer came", func() bool { return n.Holds(a.answer.Record) })
	a.counts(t, n, board.AnswerLate, false)
}
