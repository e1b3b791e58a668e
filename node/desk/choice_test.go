package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// watched gives what a reader that has chosen is told of, behind an event and up to a record.
func (w *world) watched(c desk.Choice, after string, until protocol.Name) (said []string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for e, err := range w.desk.Watch(ctx, desk.WatchQuery{Choice: c, After: after}) {
		ok(w.t, err)
		if e.What == desk.EventReady {
			continue
		}
		if said = append(said, e.Said); e.Record == until {
			return said
		}
	}
	w.t.Fatalf("%+v: told of %q alone", c, said)
	return nil
}

// TestWatchTellsOfWhatWasChosen: kind, topic, place and severity; and of a quality as lists have
// it, where what is not scored is of none.
func TestWatchTellsOfWhatWasChosen(t *testing.T) {
	w := market(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	first := ""
	for e, err := range w.desk.Watch(ctx, desk.WatchQuery{What: []string{desk.EventReady, desk.EventRecord}}) {
		ok(t, err)
		if e.What == desk.EventReady {
			w.publish(desk.Request{As: gate, Kind: "note", Set: []string{"text=before"}})
			continue
		}
		first = e.ID
		break
	}
	report := func(set ...string) protocol.Name {
		return w.publish(desk.Request{As: gate, Kind: "report", Set: append([]string{"period=2015-11-08"}, set...)}).Record
	}
	poor := report("summary=poor", "place=MK-401", "figures.arrivals=5", "method=relayed", "source.type=media", "source.name=a paper")
	report("summary=not scored", "place=MK-405", "severity=Severe")
	w.publish(desk.Request{As: gate, Kind: "note", Set: []string{"text=a note"}})
	weak := report("summary=weak", "place=MK-405", "figures.arrivals=960", "severity=Minor")
	needs := w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{"place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=600", "items.0.basis=count", "items.0.priority=1"}}).Record
	last := w.publish(desk.Request{As: gate, Kind: "request", Set: []string{
		"lines.0.line=1", "lines.0.type=bed_place", "lines.0.unit=places", "lines.0.quantity=600", "refs.0.rel=needs", "refs.0.record=" + needs.String(), "answer_by=2015-11-20T06:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk",
	}}).Record
	for _, tt := range []struct {
		name  string
		c     desk.Choice
		until protocol.Name
		want  int
	}{
		{"weak and better", desk.Choice{Quality: "weak"}, weak, 1},
		{"whatever is scored", desk.Choice{Quality: "poor"}, last, 4}, // the reports with figures, the needs, and what is asked for by them
		{"not yet verified", desk.Choice{Quality: desk.Unverified}, last, 4},
		{"of a kind", desk.Choice{Kinds: []string{"report"}, Quality: "weak"}, weak, 1},
		{"of two kinds", desk.Choice{Kinds: []string{"report", "needs"}}, needs, 4},
		{"of a topic", desk.Choice{Topics: []protocol.Topic{protocol.Resource}}, last, 1},
		{"of a topic or a kind", desk.Choice{Topics: []protocol.Topic{protocol.Resource}, Kinds: []string{"report"}}, last, 4},
		{"of a place", desk.Choice{Places: []string{"MK-401"}}, poor, 1},
		{"of a country", desk.Choice{Kinds: []string{"report"}, Places: []string{"MK"}}, weak, 3},
		{"grave", desk.Choice{Severity: body.Severity("Minor")}, weak, 2},
	} {
		if said := w.watched(tt.c, first, tt.until); len(said) != tt.want {
			t.Errorf("%s: told of %q, want %d", tt.name, said, tt.want)
		}
	}
	for field, c := range map[string]desk.Choice{
		"quality": {Kinds: []string{"report", "note"}, Quality: "weak"}, "kinds": {Kinds: []string{"reprot"}}, "place": {Places: []string{"XX-1"}}, "severity": {Severity: "Grave"},
	} {
		for _, err := range w.desk.Watch(ctx, desk.WatchQuery{Choice: c}) {
			if p := new(desk.Problem); !errors.As(err, &p) || p.Field != field {
				t.Errorf("%+v: %v", c, err)
			}
		}
	}
	// Lists have it so too.
	for _, word := range []string{"weak", desk.Unverified} {
		l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListReports, Quality: word}))(t)
		var listed []string
		for _, r := range l.Rows.([]desk.ReportRow) { //nolint:forcetypeassert // of the list of reports
			listed = append(listed, "; "+r.Summary)
		}
		slices.Reverse(listed)
		if told := w.watched(desk.Choice{Kinds: []string{"report"}, Quality: word}, first, weak); !slices.EqualFunc(told, listed, strings.HasSuffix) {
			t.Errorf("%s: told of %q, listed %q", word, told, listed)
		}
	}
}
