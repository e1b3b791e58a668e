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
