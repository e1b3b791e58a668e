package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// snowAt is what a person says of an alert, with more.
func snowAt(set ...string) desk.Request {
	return desk.Request{As: centre, Kind: "alert", Set: append([]string{
		"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.area.0.areaDesc=The pass",
	}, set...)}
}

// TestWarningOfOthersTerritoryIsRefusedWithTheMend: a warning that reaches the own side is let, and so is one without a
// code; what was sent is cancelled wherever it is.
func TestWarningOfOthersTerritoryIsRefusedWithTheMend(t *testing.T) {
	w := market(t)
	const evzoni, own = "nuts:EL52", "iso3166-2:MK-405"
	_, err := w.desk.Publish(t.Context(), snowAt("place="+evzoni))
	refused(t, err, desk.Refused, "place: nuts:EL52 is beyond the competence of "+string(centre)+", whose territory is MK: name a place of your own that it reaches too")
	_, err = w.desk.Publish(t.Context(), snowAt("info.0.area.0.geocode.0.valueName=NUTS2", "info.0.area.0.geocode.0.value=EL52"))
	refused(t, err, desk.Refused, "info: nuts:EL52 is beyond the competence of")
	w.publish(snowAt())
	w.publish(snowAt("place="+evzoni, "info.0.area.0.geocode.0.valueName=iso3166-2", "info.0.area.0.geocode.0.value=MK-405"))
	mine := w.publish(snowAt("place=" + own))
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: mine.Record.String(), Reason: "mistyped", Set: []string{"place=" + evzoni}})
	refused(t, err, desk.Refused, "place: nuts:EL52 is beyond the competence of")
	said := must(w.desk.Show(t.Context(), mine.Record.String()))(t).Record
	sent := must(body.Parse(mine.Type, mine.Body))(t).(*body.Alert)
	references := "references=" + strings.Join([]string{string(sent.Sender), string(sent.Identifier), string(sent.Sent)}, ",")
	w.clock.pass(time.Minute)
	w.publish(desk.Request{As: centre, Kind: "alert", Set: []string{"msgType=Cancel", references, "place=" + evzoni}})
	rows := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAlerts}))(t).Rows.([]desk.AlertRow)
	if len(rows) != 4 || said.Standing != board.Counts {
		t.Fatalf("alerts are %+v", rows)
	}
	for _, a := range rows {
		if a.Record == mine.Record && a.State != board.AlertCancelled {
			t.Errorf("it is %s", a.State)
		}
	}
}

// TestChangeAbroadIsDraftedForTheStationBehindTheBorder: whoever sends it warns its own side.
func TestChangeAbroadIsDraftedForTheStationBehindTheBorder(t *testing.T) {
	w := market(t)
	islands := func(departures string) desk.Published {
		end := w.clock.Now().Truncate(24 * time.Hour)
		p := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{
			"place=nuts:EL4", "period.start=" + end.Add(-24*time.Hour).Format(time.RFC3339), "period.end=" + end.Format(time.RFC3339), "figures.departures=" + departures,
		}})
		w.clock.pass(24 * time.Hour)
		return p
	}
	for range 15 {
		islands("1000")
	}
	last := islands("4000")
	f := must(w.desk.NewForm(t.Context(), centre, desk.FormAlert, last.Record.String()))(t)
	ok(t, w.desk.Warn(&f, "el", func(english string, places []string) string { return strings.Join(places, " ") + ": " + english }))
	said := map[string]string{}
	for _, g := range f.Fields {
		said[g.Name] = g.Value
	}
	if said["info.0.language"] != "el" || !strings.HasPrefix(said["info.0.headline"], "Nuts:EL4 ") || !strings.Contains(said["info.0.headline"], "iso3166-2:MK-405") || !strings.Contains(said["info.0.description"], "followed after") {
		t.Errorf("worded by another: %q", said)
	}
	sent := w.publish(desk.Request{As: centre, Kind: "alert", From: last.Record.String()})
	a := must(body.Parse(sent.Type, sent.Body))(t).(*body.Alert)
	if a.Place == nil || a.Place.Key().String() != "iso3166-2:MK-405" || a.Info[0].Area[0].AreaDesc != "Gevgelija" || !strings.Contains(string(a.Info[0].Headline), "rose from 1000 to 4000") {
		t.Errorf("it warns %+v: %+v", a.Place, a.Info[0])
	}
	if l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListDrafts}))(t).Rows.([]desk.DraftRow); len(l) != 1 || len(l[0].Sent) != 1 {
		t.Errorf("drafts are %+v", l)
	}
}
