package web_test

import (
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestProofTicksOnlyWhatHolds: a record has four ticks, and loses that of its key, with the reason,
// when the feed turns out to be opened twice.
func TestProofTicksOnlyWhatHolds(t *testing.T) {
	s := open(t)
	a := townsOf(t)[0]
	said := append(a.admitted(t, s.node), a.tells(t)...)
	s.finds(t, said...)
	path := "/record/" + string(a.id) + "/situation.1.1"
	b := s.account(staff.Coordinator)
	b.get(path).wants(t, []string{
		"<li>✓ its own signature holds</li>", "✓ it follows from ", "✓ its key was named by " + said[0].String(),
		`<li>✓ <a href="/network/member/` + string(a.id) + `">its author was admitted by ` + string(centre) + "/trust.1.",
	}, "does not hold")

	rival := said[0]
	rival.Time++
	rival.Sign(a.identity)
	s.finds(t, rival)
	b = s.named("another.coordinator", staff.Coordinator)
	b.get(path).wants(t, []string{`does not hold: its epoch was opened in two ways, and nobody has said which counts</span> · its key was named by `}, "✓ its key was named by")
}

// finds has a node start with records in its store that it had not when it stopped.
func (s *site) finds(t *testing.T, said ...protocol.Record) {
	t.Helper()
	s.stop()
	s.stop = func() {} // of a node that is stopped already
	offstage := must(node.Open(t.Context(), s.options))(t)
	must(offstage.Store().Append(t.Context(), said))(t)
	ok(t, offstage.Close())
	s.run()
}
