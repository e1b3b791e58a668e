package desk_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// bounded is a ministry alone in a network whose charter has a quota.
func bounded(t *testing.T, q protocol.Quota) *world {
	t.Helper()
	n := found(t, centre)
	var c protocol.Charter
	ok(t, json.Unmarshal(n.charter.Document, &c))
	c.Quota = q
	n.charter = protocol.SignedCharter{Document: must(json.Marshal(c))(t)}
	ok(t, n.safes[centre].SignCharter(t.Context(), centre, &n.charter))
	return n.open(t, centre, body.Ministry, false)
}

func (w *world) quotaSaid() string {
	w.t.Helper()
	for _, f := range must(w.desk.Status(w.t.Context()))(w.t).Verdict.Findings {
		if f.What == "quota" {
			return f.Said
		}
	}
	return ""
}

// The desk holds its own institution to the charter's quota, counts again what it wrote before
// it was started anew, lets alerts and trust through, and on the night on which the quota is
// wrong writes what is wanted all the same, and says so.
func TestQuotaOfTheDayIsHeldByTheAuthorsDesk(t *testing.T) {
	w := bounded(t, protocol.Quota{RecordsADay: 20}) // 9 of trust have introduced it
	introduced := 9
	var journal bytes.Buffer
	w.options.Logger = slog.New(slog.NewTextHandler(&journal, nil))
	w.desk = must(desk.New(w.options))(t)
	report := desk.Request{Kind: "report", Set: []string{"summary=quiet"}}
	for range 16 - introduced - 1 {
		w.publish(report)
	}
	if said := w.quotaSaid(); said != "" {
		t.Errorf("near the quota too early: %s", said)
	}
	w.publish(report)
	if want := string(centre) + " has written 16 records of 20 that the charter lets a member write a day"; w.quotaSaid() != want {
		t.Errorf("quota = %q, want %q", w.quotaSaid(), want)
	}
	w.desk = must(desk.New(w.options))(t) // started anew
	for range 4 {
		w.publish(report)
	}
	const says = "quota: " + string(centre) + " has written what the charter lets a member write a day: 20 records: "
	_, err := w.desk.Publish(t.Context(), report)
	refused(t, err, desk.Refused, says)
	if !strings.Contains(err.Error(), "--over-quota") || !strings.Contains(err.Error(), "midnight UTC") {
		t.Errorf("the refusal says no way on: %v", err)
	}
	try := report
	try.DryRun = true
	_, err = w.desk.Publish(t.Context(), try)
	refused(t, err, desk.Refused, says)
	w.publish(desk.Request{Kind: "alert", Set: []string{"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely"}})
	w.publish(desk.Request{Kind: "profile", Set: []string{"names.en=Crisis centre", "level=ministry"}})
	if strings.Contains(journal.String(), "to be refused") {
		t.Errorf("journal: %s", &journal)
	}
	over := report
	over.Quota = true
	p := w.publish(over)
	if len(p.Warnings) != 1 || p.Warnings[0] != "beyond the day's quota of 20 records" {
		t.Errorf("warnings = %q", p.Warnings)
	}
	if !strings.Contains(journal.String(), `level=WARN msg="record published that was to be refused" record=`+p.Record.String()+` why="beyond the day's quota of 20 records"`) {
		t.Errorf("journal: %s", &journal)
	}
	w.clock.pass(15 * time.Hour) // past midnight UTC
	w.publish(report)
	if said := w.quotaSaid(); said != "" {
		t.Errorf("a new day begins with %s", said)
	}
}

func TestQuotaOfBytesCountsBodies(t *testing.T) {
	w := bounded(t, protocol.Quota{MiBADay: 1})
	note := desk.Request{Kind: "note", Body: json.RawMessage(`{"text":"long","x_more":"` + strings.Repeat("a", 250<<10) + `"}`)}
	for range 4 {
		w.publish(note)
	}
	_, err := w.desk.Publish(t.Context(), note)
	refused(t, err, desk.Refused, "quota: "+string(centre)+" has written what the charter lets a member write a day: 1 MiB: ")
}

func TestCharterWithoutAQuotaBoundsNothing(t *testing.T) {
	w := solo(t)
	for range 30 {
		w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
	}
	if said := w.quotaSaid(); said != "" {
		t.Error(said)
	}
}
