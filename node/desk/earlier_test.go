package desk_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// gone is an archive that counts how often it is gone through.
type gone struct {
	desk.Archive
	through int
}

func (g *gone) Records(ctx context.Context, recordType string, since protocol.Instant) iter.Seq2[desk.Held, error] {
	g.through++
	return g.Archive.Records(ctx, recordType, since)
}

// Who reads on at an earlier instant does not have the archive read again for each page, and
// sees at once what was revised since: an erasure counts for the past too.
func TestEarlierInstantIsMadeOnceUntilSomethingIsRevised(t *testing.T) {
	w := solo(t)
	archive := &gone{Archive: w.options.Archive}
	o := w.options
	o.Archive = archive
	d := must(desk.New(o))(t)
	first := w.publish(desk.Request{Kind: "report", Set: []string{"summary=first"}})
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=second"}})
	then := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	reads := func(at protocol.Instant) string {
		t.Helper()
		l := must(d.List(t.Context(), desk.Query{What: desk.ListReports, At: at}))(t)
		var said []string
		for _, r := range l.Rows.([]desk.ReportRow) {
			said = append(said, r.Summary)
		}
		return strings.Join(said, " ")
	}
	began := archive.through
	for _, step := range []struct {
		what    string
		do      func()
		at      protocol.Instant
		want    string
		through int
	}{
		{"first look", func() {}, then, "second first", 1},
		{"next page", func() {}, then, "second first", 1},
		{"more is said since", func() { w.publish(desk.Request{Kind: "report", Set: []string{"summary=third"}}) }, then, "second first", 1},
		{"now", func() {}, 0, "third second first", 1},
		{"back", func() {}, then, "second first", 1},
		{"erased", func() {
			must(w.desk.Erase(t.Context(), desk.EraseRequest{Record: first.Record.String(), Reason: "said too much"}))(t)
		}, then, "second ", 2}, // the row stays, without its words
		{"another instant", func() {}, then - 1, "", 3},
		{"a while later", func() { w.clock.pass(6 * time.Minute) }, 0, "third second ", 3},
		{"it was let go", func() {}, then - 1, "", 4},
	} {
		step.do()
		if got := fmt.Sprint(reads(step.at), " ", archive.through-began); got != fmt.Sprint(step.want, " ", step.through) {
			t.Errorf("%s: %q, want %q %d", step.what, got, step.want, step.through)
		}
	}
}
