package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// reportAt publishes arrivals of the day that ended at midnight.
func (w *world) reportAt(as protocol.InstitutionID, place string, arrivals int) desk.Published {
	w.t.Helper()
	end := w.clock.Now().Truncate(24 * time.Hour)
	return w.publish(desk.Request{As: as, Kind: "report", Set: []string{
		"place=" + place, "period.start=" + end.Add(-24*time.Hour).Format(time.RFC3339), "period.end=" + end.Format(time.RFC3339),
		fmt.Sprintf("figures.arrivals=%d", arrivals),
	}})
}

func TestListsAreFiltered(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.clock.pass(24 * time.Hour)
	w.reportAt(river, "iso3166-2:MK-401", 12)
	w.reportAt(gate, "iso3166-2:MK-405", 1987)
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=Snow expected", "severity=Severe"}})
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=An exercise"}, Exercise: true})
	tests := []struct {
		name string
		q    desk.Query
		want []string // sequences, newest first
	}{
		{"everything that is real", desk.Query{}, []string{"centre 1", "gate 2", "river 1", "gate 1"}},
		{"exercises apart", desk.Query{Exercise: true}, []string{"centre 2"}},
		{"of an institution", desk.Query{By: string(gate)}, []string{"gate 2", "gate 1"}},
		{"of a region", desk.Query{By: "mk.southeast."}, []string{"gate 2", "river 1", "gate 1"}},
		{"of a place", desk.Query{Place: "iso3166-2:MK-401"}, []string{"river 1"}},
		{"of a place by its bare code", desk.Query{Place: "MK-401"}, []string{"river 1"}},
		{"of a country", desk.Query{Place: "MK"}, []string{"gate 2", "river 1", "gate 1"}},
		{"since", desk.Query{Since: instant(t, "2015-11-04T00:00:00.000Z")}, []string{"centre 1", "gate 2", "river 1"}},
		{"until", desk.Query{Until: instant(t, "2015-11-04T00:00:00.000Z")}, []string{"gate 1"}},
		{"at least severe", desk.Query{Severity: body.Moderate}, []string{"centre 1"}},
		{"with a word", desk.Query{Match: "SNOW"}, []string{"centre 1"}},
		{"limited", desk.Query{Limit: 2}, []string{"centre 1", "gate 2"}},
		{"as known the day before", desk.Query{At: instant(t, "2015-11-03T12:00:00.000Z")}, []string{"gate 1"}},
	}
	names := map[protocol.InstitutionID]string{centre: "centre", gate: "gate", river: "river"}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.What = desk.ListReports
			l := must(w.desk.List(t.Context(), tt.q))(t)
			var got []string
			for _, r := range l.Rows.([]desk.ReportRow) {
				got = append(got, fmt.Sprint(names[r.Institution], " ", r.Record.Sequence))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reports (-want +got):\n%s", diff)
			}
			if tt.q.Limit == 2 && l.Total != 4 {
				t.Errorf("total = %d, want 4", l.Total)
			}
		})
	}
}

func instant(t *testing.T, s string) protocol.Instant {
	t.Helper()
	return must(protocol.ParseInstant(s))(t)
}

func TestQuestionThatCannotBeUnderstoodIsSaidToBe(t *testing.T) {
	w := solo(t)
	tests := []struct {
		name string
		q    desk.Query
		want string
	}{
		{"a list", desk.Query{What: "rutes"}, `what: no list is called "rutes": did you mean routes? want one of due, reports`},
		{"a place", desk.Query{Place: "Atlantis"}, `place: no place is called "Atlantis": want scheme and code`},
		{"an author", desk.Query{By: "mk"}, `by: `},
		{"a severity", desk.Query{Severity: "bad"}, `severity: no severity is called "bad": want one of Extreme, Severe, Moderate, Minor, Unknown`},
		{"a severity of what has none", desk.Query{What: "members", Severity: "Severe"}, `severity: the list members can't be chosen by severity`},
		{"a place of what has none", desk.Query{What: "offers", Place: "MK"}, `place: the list offers can't be chosen by place`},
		{"the past of what has none", desk.Query{What: "links", At: 1000}, `at: the list links can't be chosen by at`},
		{"what is no record", desk.Query{What: "notes", Record: "mine"}, `record: this is no name of a record: leave record out`},
		{"a record of what has none", desk.Query{What: "funds", Record: string(gate) + "/situation.1.1"}, `record: the list funds can't be chosen by record`},
		{"a time that runs backwards", desk.Query{Since: 2000, Until: 1000}, `until: it lies at or before since`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.List(t.Context(), tt.q)
			refused(t, err, desk.Usage, tt.want)
		})
	}
}

// TestListIsChosenByTheRecordThatItsRowsAreOf: and not by one that a row names, or by its words.
func TestListIsChosenByTheRecordThatItsRowsAreOf(t *testing.T) {
	w := market(t)
	rows := func(what string, n protocol.Name) int {
		t.Helper()
		return must(w.desk.List(t.Context(), desk.Query{What: what, Record: n.String()}))(t).Total
	}
	report := w.reportAt(gate, "iso3166-2:MK-405", 960).Record
	w.reportAt(gate, "iso3166-2:MK-405", 970)
	w.stance(desk.AnswerRequest{As: river, Record: report.String(), Step: "confirm", Set: []string{"basis=asked"}})
	practice := w.practise(gate, "Queue numbers").Record
	w.practise(gate, "As "+practice.String()+" says")
	for what, n := range map[string]protocol.Name{desk.ListReports: report, desk.ListPractices: practice} {
		if got := rows(what, n); got != 1 {
			t.Errorf("%s of %s: %d rows", what, n, got)
		}
	}
	if got := rows(desk.ListEndorsements, report); got != 0 {
		t.Errorf("%d endorsements are the record that one is on", got)
	}
}

func TestEveryListGoesThroughJSON(t *testing.T) {
	w := foundOver(t, []string{"gr.", "int."}, centre).open(t, centre, body.Ministry, false)
	for _, id := range []protocol.InstitutionID{gate, north, river} {
		w.host(id)
	}
	w.hostAt(secretary, body.RegionalBody)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.publish(desk.Request{As: gate, Kind: "route", Set: []string{"asset.type=road", "asset.name=Old road", "place=iso3166-2:MK-405", "state=open", "waiting=12"}})
	w.publish(desk.Request{As: gate, Kind: "phase", Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=Arrivals"}})
	w.publish(desk.Request{Kind: "alert", Set: []string{"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely"}})
	w.publish(desk.Request{Kind: "note", Set: []string{"text=Who has tents?"}})
	w.declare(100)
	w.consult()
	must(w.plan(gate))(t)
	w.practise(gate, "Queue numbers", "place=MK-405")
	w.begin("Flood 1", "")
	w.propose()
	w.joinProject()
	w.publish(desk.Request{Kind: "commit-flow", Set: []string{"recipient=" + string(gate), "amount=100000", "currency=EUR"}})
	need := w.need(300, 20)
	w.answer(river, need.Record, "offer")
	w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{"place=iso3166-2:MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}})
	w.answer(river, w.need(20, 1).Record, "commit", desk.LineQuantity{Line: 1, Quantity: 10})
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: "situation.1.1", Retract: true, Reason: "x"}))(t)
	w.stance(desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "confirm", Set: []string{"basis=asked"}})
	must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: "mk.northeast.demo-north-gate", Level: body.Municipality}))(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.reportAt(river, "iso3166-2:MK-405", 500)
	w.publish(desk.Request{As: secretary, Kind: "report", Regional: &desk.RegionalAsk{}, Set: []string{"period=2015-10-01/2015-12-01"}})
	for _, what := range desk.Lists() {
		t.Run(what, func(t *testing.T) {
			l := must(w.desk.List(t.Context(), desk.Query{What: what}))(t)
			if l.Total == 0 && what != desk.ListDrafts && what != desk.ListDropped && what != desk.ListGaps && what != desk.ListFigures {
				t.Error("the list is empty")
			}
			text := must(json.Marshal(l))(t)
			var back desk.Listing
			ok(t, json.Unmarshal(text, &back))
			if again := must(json.Marshal(back))(t); string(again) != string(text) {
				t.Errorf("read back as\n%s\nwant\n%s", again, text)
			}
		})
	}
}

func TestPictureOfAnEarlierInstantIsWhatWasKnownThen(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	then := w.clock.Now().Add(time.Hour)
	known := must(w.desk.Picture(t.Context(), desk.PictureQuery{}))(t)
	w.clock.pass(24 * time.Hour)
	w.reportAt(gate, "iso3166-2:MK-405", 1987)
	got := must(w.desk.Picture(t.Context(), desk.PictureQuery{At: protocol.InstantOf(then)}))(t)
	if len(got.Figures) != 1 || got.Figures[0].Value.String() != "960" || got.Figures[0].AgeHours != 10 {
		t.Errorf("figures then = %+v", got.Figures)
	}
	now := must(w.desk.Picture(t.Context(), desk.PictureQuery{}))(t)
	if now.Figures[0].Value.String() != "1987" || now.Digest == got.Digest || known.Digest.IsZero() {
		t.Errorf("figures now = %+v", now.Figures)
	}
}

// TestPictureComesInPages: its lists grow with the network.
func TestPictureComesInPages(t *testing.T) {
	w := market(t)
	for range 5 {
		must(w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "note", Set: []string{"text=still here"}}))(t)
	}
	whole := must(w.desk.Picture(t.Context(), desk.PictureQuery{}))(t)
	if len(whole.Notes) != 5 || len(whole.Left) != 0 {
		t.Fatalf("%d notes, left %v", len(whole.Notes), whole.Left)
	}
	var paged []protocol.Digest
	for offset := 0; offset < 6; offset += 2 {
		p := must(w.desk.Picture(t.Context(), desk.PictureQuery{Offset: offset, Limit: 2}))(t)
		for _, n := range p.Notes {
			paged = append(paged, n.Digest)
		}
		if want := max(0, 3-offset); p.Left["notes"] != want || p.Digest != whole.Digest {
			t.Errorf("from %d on %d are left, want %d; digest %s", offset, p.Left["notes"], want, p.Digest)
		}
	}
	for i, n := range whole.Notes {
		if len(paged) != 5 || paged[i] != n.Digest {
			t.Fatalf("the pages hold %d notes in another order", len(paged))
		}
	}
	if p := must(w.desk.Picture(t.Context(), desk.PictureQuery{Offset: -1, Limit: -1}))(t); len(p.Notes) != 5 {
		t.Errorf("a page of nothing sensible has %d notes", len(p.Notes))
	}
}

func TestShowLeadsFromAFigureToItsProof(t *testing.T) {
	w := market(t)
	p := w.reportAt(gate, "iso3166-2:MK-405", 960)
	place := must(w.desk.Show(t.Context(), "MK-405"))(t).Place
	if place == nil || len(place.Figures) != 1 || place.Figures[0].Record != p.Record || place.Name != "Gevgelija" {
		t.Fatalf("place = %+v", place)
	}
	r := must(w.desk.Show(t.Context(), place.Figures[0].Record.String()))(t).Record
	node, _ := w.safe.Public(gate, protocol.UseNode)
	if !r.Proof.Signed || r.Proof.Key != node || r.Proof.Opener.Institution != gate || r.Proof.Opener.Topic != protocol.Trust || !r.Proof.Counts || r.Standing != board.Counts {
		t.Errorf("proof = %+v, standing %s", r.Proof, r.Standing)
	}
	if r.Says != "arrivals 960 persons at Gevgelija" {
		t.Errorf("says %q", r.Says)
	}
	i := must(w.desk.Show(t.Context(), string(gate)))(t).Institution
	if i.Member.ID != gate || len(i.Figures) != 1 || len(i.Feeds) != 7 || i.Feeds[2].Sequence != 1 {
		t.Errorf("institution = %+v", i)
	}
	_, err := w.desk.Show(t.Context(), "Atlantis")
	refused(t, err, desk.NotFound, `"Atlantis" is no record, institution or place that is known here`)
	_, err = w.desk.Show(t.Context(), string(gate)+"/situation.1.9")
	refused(t, err, desk.NotFound, "no record "+string(gate)+"/situation.1.9 is held here")
}

func TestRecordBeyondCompetenceOfAnotherIsShownAndNotCounted(t *testing.T) {
	w := market(t)
	n := w.say(gate, alert(w))
	r := must(w.desk.Show(t.Context(), n.String()))(t).Record
	if r.Standing != board.BeyondCompetence {
		t.Errorf("standing = %s", r.Standing)
	}
	if l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListAlerts}))(t); l.Total != 0 {
		t.Errorf("alerts = %+v", l.Rows)
	}
}

func alert(w *world) *body.Alert {
	p := must(w.desk.Publish(w.t.Context(), desk.Request{Kind: "alert", DryRun: true, Set: []string{
		"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely",
	}}))(w.t)
	return must(body.Parse(p.Type, p.Body))(w.t).(*body.Alert)
}

func TestChangeIsDraftedAndSentByAPerson(t *testing.T) {
	w := market(t)
	var last desk.Published
	for i := range 15 {
		last = w.reportAt(gate, "iso3166-2:MK-405", 5000+i*10)
		w.clock.pass(24 * time.Hour)
	}
	_, err := w.desk.Publish(t.Context(), desk.Request{Kind: "alert", From: last.Record.String()})
	refused(t, err, desk.NotFound, "no change was found in "+last.Record.String())
	last = w.reportAt(gate, "iso3166-2:MK-405", 0)
	sent := w.publish(desk.Request{Kind: "alert", From: last.Record.String(), Set: []string{"info.0.severity=Severe"}})
	a := must(body.Parse(sent.Type, sent.Body))(t).(*body.Alert)
	if got, want := string(a.Info[0].Headline), "Arrivals at Gevgelija fell from 5140 to 0"; got != want || a.Info[0].Severity != body.Severe {
		t.Errorf("headline = %q, want %q; severity %s", got, want, a.Info[0].Severity)
	}
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListDrafts}))(t)
	if d := l.Rows.([]desk.DraftRow); len(d) != 1 || len(d[0].Sent) != 1 || d[0].Sent[0] != sent.Record {
		t.Errorf("drafts = %+v", d)
	}
}
