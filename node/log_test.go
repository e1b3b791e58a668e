package node_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestLostLogIsFilledWithItsWindowAlone: after an unclean stop LOG gets what its window
// would keep and not the archive of years, each record once and in order, though the node
// goes on writing.
func TestLostLogIsFilledWithItsWindowAlone(t *testing.T) {
	o := options(t, "capital")
	var days atomic.Int64
	begun := time.Now()
	o.Clock = func() time.Time { return begun.AddDate(0, 0, int(days.Load())) }
	found(t, o)
	note := func(text string) body.Body {
		return &body.Note{Topic: protocol.Situation, Text: body.NoteText(text)}
	}
	n, stop := start(t, o)
	for i := range 3 {
		publish(t, n, capital, note(fmt.Sprint("old ", i)))
	}
	stop()
	days.Store(8) // a day more than the window
	n, stop = start(t, o)
	var want []string
	for i := range 2 {
		want = append(want, publish(t, n, capital, note(fmt.Sprint("new ", i))).Position.String())
	}
	stop()
	if err := os.Remove(filepath.Join(o.Dir, "log.closed")); err != nil { // as after a crash
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	tools, err := n.Bus().Local(bus.UserTools)
	if err != nil {
		t.Fatal(err)
	}
	log, err := tools.SubscribeSync("vardar.v1.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := tools.Flush(); err != nil {
		t.Fatal(err)
	}
	run(t, n)
	for i := range 40 {
		want = append(want, publish(t, n, capital, note(fmt.Sprint("while ", i))).Position.String())
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []string
	for len(got) < len(want) {
		m, err := log.NextMsgWithContext(ctx)
		if err != nil {
			t.Fatalf("LOG gave %d of %d: %v: %v", len(got), len(want), got, err)
		}
		r, err := protocol.ParseHeader(map[string][]string(m.Header))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Position.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("LOG gave\n%v, want\n%v", got, want)
	}
	if left, _, _ := log.Pending(); left > 0 {
		t.Errorf("LOG gave %d records more", left)
	}
}

// TestHistoryDoesNotGoOnLog: who catches up on years spares LOG what lies before its
// window; what comes a few at a time goes there, whatever its author's clock says.
func TestHistoryDoesNotGoOnLog(t *testing.T) {
	records := func(n int) (out []protocol.Record) {
		for i := range n {
			out = append(out, protocol.Record{Time: protocol.Instant(i)})
		}
		return out
	}
	for _, tt := range []struct{ came, from, want int }{{1000, 900, 100}, {1000, 0, 1000}, {1000, 5000, 0}, {999, 900, 999}} {
		got := node.SparedLog(records(tt.came), protocol.Instant(tt.from))
		if len(got) != tt.want || len(got) > 0 && got[len(got)-1].Time != protocol.Instant(tt.came-1) {
			t.Errorf("of %d records with a window from %d on, %d go on LOG, want the last %d", tt.came, tt.from, len(got), tt.want)
		}
	}
}
