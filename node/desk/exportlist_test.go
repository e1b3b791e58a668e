package desk_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// busy is a node with something in nearly every list.
func busy(t *testing.T) *world {
	t.Helper()
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.publish(desk.Request{As: gate, Kind: "report", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"summary":"=1+1","actions":"Tents; and more","outlook":"Snow",
		"period":{"start":"2015-11-02T00:00:00Z","end":"2015-11-03T00:00:00Z"},
		"figures":[{"indicator":"arrivals","value":1987},{"indicator":"unaccompanied_children","value":{"lt":5}},{"indicator":"x-cats","value":2,"unit":"cat","by":{"age":"0-4"}}],
		"na":[{"field":"deaths","reason":"nobody counted"}]}`)})
	w.publish(desk.Request{As: gate, Kind: "route", Set: []string{"asset.type=road", "asset.name=Old road", "place=iso3166-2:MK-405", "state=open", "waiting=12"}})
	w.publish(desk.Request{As: gate, Kind: "phase", Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=Arrivals"}})
	w.publish(desk.Request{Kind: "alert", Set: []string{"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely"}})
	w.publish(desk.Request{Kind: "note", Set: []string{"text=Who has tents?"}})
	w.declare(100)
	need := w.need(300, 20)
	w.answer(river, need.Record, "offer")
	w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{"place=iso3166-2:MK-405", "population.affected=900", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}})
	w.answer(river, w.need(20, 1).Record, "commit", desk.LineQuantity{Line: 1, Quantity: 10})
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100.50", "currency=EUR", "earmarking=soft", "in_kind=tents", "use_by=2016-03-01T00:00:00Z", "place=MK-405"))(t)
	must(w.flow(centre, "pay", "thread="+commit.Record.String(), "amount=50"))(t)
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: "situation.1.1", Retract: true, Reason: "x"}))(t)
	must(w.desk.Invite(t.Context(), desk.InviteRequest{Institution: "mk.northeast.demo-north-gate", Level: body.Municipality}))(t)
	return w
}

func (w *world) taken(what, format string) desk.Exported {
	w.t.Helper()
	return must(w.desk.ExportList(w.t.Context(), desk.Query{What: what}, format, protocol.Red))(w.t)
}

// leaves gives what a value of JSON says, by where it stands; entries of lists are numbered.
func leaves(out map[string]string, at string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, of := range v {
			leaves(out, strings.TrimPrefix(at+"."+k, "."), of)
		}
	case []any:
		for i, of := range v {
			leaves(out, fmt.Sprintf("%s[%d]", at, i), of)
		}
	case nil:
	default:
		if s := fmt.Sprint(v); s != "" {
			out[at] = s
		}
	}
}

// unflat gives what the lines of a table say, by row and member, as [leaves] gives what the list says.
func unflat(t *testing.T, parts string, lines [][]string) map[string]string {
	t.Helper()
	out := map[string]string{}
	head, row, part := lines[0], -1, 0
	single := func(line []string) string { // what holds for all lines of a row
		var of []string
		for i, h := range head {
			if !strings.HasPrefix(h, parts+".") && h != "body" && h != "handling" && h != "iati.transaction_type" || parts == "" {
				of = append(of, line[i])
			}
		}
		return strings.Join(of, "\x00")
	}
	for n, line := range lines[1:] {
		if part++; n == 0 || parts == "" || single(line) != single(lines[n]) {
			row, part = row+1, 0
		}
		for i, cell := range line {
			at := fmt.Sprintf("[%d].%s", row, head[i])
			if of, inner := strings.CutPrefix(head[i], parts+"."); inner && parts != "" {
				at = fmt.Sprintf("[%d].%s[%d].%s", row, parts, part, of)
			}
			at = strings.Replace(at, ".below", ".lt", 1)
			var list any
			switch {
			case cell == "":
			case strings.HasPrefix(cell, "[") || strings.HasPrefix(cell, "{"):
				ok(t, json.Unmarshal([]byte(cell), &list))
				leaves(out, at, list)
			default:
				out[at] = cell
			}
		}
	}
	return out
}

// TestNoFieldOfAListIsLost reads every list back from its CSV and its workbook and compares it
// with the list, member by member: what is not there must be in the loss report, and nothing else.
func TestNoFieldOfAListIsLost(t *testing.T) {
	w := busy(t)
	parts := map[string]string{"reports": "figures", "routes": "sides", "needs": "items", "capacity": "items", "requests": "lines", "offers": "lines", "solidarity": "parts", "territories": "phases", "flows": "steps"}
	for _, what := range desk.Lists() {
		for _, format := range []string{desk.AsCSV, desk.AsXLSX} {
			t.Run(what+" "+format, func(t *testing.T) {
				l := must(w.desk.List(t.Context(), desk.Query{What: what, Limit: -1}))(t)
				var said any
				text := must(json.Marshal(l.Rows))(t)
				read := json.NewDecoder(bytes.NewReader(text))
				read.UseNumber()
				ok(t, read.Decode(&said))
				want := map[string]string{}
				leaves(want, "", said)
				e := w.taken(what, format)
				lost := slices.DeleteFunc(e.Loss, func(f desk.Loss) bool { return strings.HasPrefix(f.Field, "fts.") }) // what nobody says of a flow
				if len(lost) != 0 || e.Rows != l.Total {
					t.Errorf("%d rows, lost %+v; want %d rows and nothing lost", e.Rows, lost, l.Total)
				}
				got := unflat(t, parts[what], cellsOf(t, format, e.Files[0].Data))
				for at, v := range want {
					words := got[strings.TrimSuffix(at, at[strings.LastIndex(at, "[")+0:])]
					if has := got[at]; has != v && !slices.Contains(strings.Split(words, "; "), v) {
						t.Errorf("%s = %q, want %q", at, has, v)
					}
				}
			})
		}
	}
}

// cellsOf reads a table as a program does that was told of the apostrophe before what begins as a
// formula.
func cellsOf(t *testing.T, format string, data []byte) [][]string {
	t.Helper()
	if format == desk.AsXLSX {
		f := must(excelize.OpenReader(bytes.NewReader(data)))(t)
		defer func() { ok(t, f.Close()) }()
		rows := must(f.GetRows(f.GetSheetName(0)))(t)
		for i := range rows {
			rows[i] = append(rows[i], make([]string, len(rows[0])-len(rows[i]))...)
		}
		return rows
	}
	rows := must(csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))).ReadAll())(t)
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimPrefix(row[i], "'")
		}
	}
	return rows
}

// TestBodyGoesAlongWithTheList: what a list leaves out of a record stands beside it, as it was
// signed; once, however many lines the record has.
func TestBodyGoesAlongWithTheList(t *testing.T) {
	w := busy(t)
	e := w.taken(desk.ListReports, desk.AsCSV)
	lines := cellsOf(t, desk.AsCSV, e.Files[0].Data)
	at := slices.Index(lines[0], "body")
	var bodies []string
	for _, l := range lines[1:] {
		if l[at] != "" {
			bodies = append(bodies, l[at])
		}
	}
	if len(bodies) != 2 || !strings.Contains(bodies[0], `"actions":"Tents; and more"`) || len(lines) != 5 {
		t.Errorf("%d lines, bodies %q", len(lines), bodies)
	}
	var back struct {
		desk.Listing
		Bodies map[string]json.RawMessage `json:"bodies"`
	}
	data := w.taken(desk.ListReports, desk.AsJSON).Files[0].Data
	ok(t, json.Unmarshal(data, &back.Listing))
	var also struct {
		Bodies map[string]json.RawMessage `json:"bodies"`
	}
	ok(t, json.Unmarshal(data, &also))
	if len(back.Rows.([]desk.ReportRow)) != 2 || len(also.Bodies) != 2 {
		t.Errorf("JSON has %d rows and %d bodies, want 2 and 2", len(back.Rows.([]desk.ReportRow)), len(also.Bodies))
	}
	few := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListReports}, desk.AsCSV, protocol.Clear))(t)
	if len(few.Loss) != 1 || few.Loss[0].Field != "body" || few.Loss[0].Rows != 2 || bytes.Contains(few.Files[0].Data, []byte("Tents; and")) {
		t.Errorf("for who may read what is TLP:CLEAR alone: lost %+v", few.Loss)
	}
}

func TestNothingInAnExportIsAFormula(t *testing.T) {
	w := busy(t)
	for _, format := range []string{desk.AsCSV, desk.AsHXL} {
		data := string(w.taken(desk.ListReports, format).Files[0].Data)
		if strings.Contains(data, ",=1+1,") || !strings.Contains(data, ",'=1+1,") {
			t.Errorf("%s has a formula:\n%s", format, data)
		}
	}
}

// TestHXLSaysWhichColumnsItHasNoTagFor: of every list that HXL speaks of, each column that says
// something has a hashtag of the core schema, or is in the loss report with the rows that say it.
func TestHXLSaysWhichColumnsItHasNoTagFor(t *testing.T) {
	w := busy(t)
	core := strings.Fields("#access #activity #adm1 #adm2 #adm3 #affected #beneficiary #capacity #cause #channel #contact #country #crisis #currency #date #description #event #frequency #geo #group #impact #indicator #inneed #item #loc #meta #modality #need #operations #org #output #population #reached #region #respondee #sector #service #severity #status #subsector #targeted #value")
	tag := regexp.MustCompile(`^(#[A-Za-z][A-Za-z0-9_]*)(\+[A-Za-z][A-Za-z0-9_]*)*$`)
	for _, what := range desk.Lists() {
		if !slices.Contains(desk.Formats(what), desk.AsHXL) {
			continue
		}
		t.Run(what, func(t *testing.T) {
			e := w.taken(what, desk.AsHXL)
			lines := must(csv.NewReader(bytes.NewReader(e.Files[0].Data)).ReadAll())(t)
			tagged, untold := 0, map[string]bool{}
			for i, s := range lines[1] {
				m := tag.FindStringSubmatch(s)
				switch {
				case s == "":
					for _, l := range lines[2:] {
						if l[i] != "" {
							untold[lines[0][i]] = true
						}
					}
				case m == nil || !slices.Contains(core, m[1]):
					t.Errorf("column %s is tagged %s, which is none of HXL 1.1", lines[0][i], s)
				default:
					tagged++
				}
				if numeric := regexp.MustCompile(`^#(affected|inneed|reached|population|targeted)|\+num$`).MatchString(s); numeric {
					for _, l := range lines[2:] {
						if strings.Trim(l[i], "0123456789-") != "" {
							t.Errorf("%s %s holds %q, which is no number", lines[0][i], s, l[i])
						}
					}
				}
			}
			if 2*tagged < len(lines[1]) {
				t.Errorf("%d of %d columns are tagged: programs want half of them", tagged, len(lines[1]))
			}
			told := map[string]bool{}
			for _, l := range e.Loss {
				if strings.HasPrefix(l.Why, "HXL has no hashtag") {
					told[l.Field] = true
				}
			}
			if diff := cmp.Diff(slices.Sorted(maps.Keys(untold)), slices.Sorted(maps.Keys(told))); diff != "" {
				t.Errorf("columns without a tag (-said +told as lost):\n%s", diff)
			}
			if seen := map[string]int{}; len(lines) > 2 {
				for i, s := range lines[1] {
					if seen[s]++; s != "" && seen[s] > 1 {
						t.Errorf("two columns are tagged %s, one of them %s", s, lines[0][i])
					}
				}
			}
		})
	}
}

// TestWhatIsForNamedRecipientsGoesIntoNoFileForOthers: HXL is made to be passed on.
func TestWhatIsForNamedRecipientsGoesIntoNoFileForOthers(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	b := &body.SituationReport{Summary: "Not for others"}
	b.To = []body.Addressee{"mk.southeast.demo-river-town"}
	must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	e := w.taken(desk.ListReports, desk.AsHXL)
	want := desk.Loss{Field: "record", Rows: 1, Why: "it is marked TLP:RED: it goes into no file that is made for others"}
	if !slices.Contains(e.Loss, want) || bytes.Contains(e.Files[0].Data, []byte("TLP:RED")) {
		t.Errorf("lost %+v, want %+v among it; the file:\n%s", e.Loss, want, e.Files[0].Data)
	}
	own := w.taken(desk.ListReports, desk.AsCSV)
	if !bytes.Contains(own.Files[0].Data, []byte("TLP:RED")) {
		t.Errorf("its own table lacks the record or its mark:\n%s", own.Files[0].Data)
	}
}

// TestFlowWithAStepForNamedRecipientsGoesIntoNoFileForOthers: what is paid stands in the sums of
// each of its lines.
func TestFlowWithAStepForNamedRecipientsGoesIntoNoFileForOthers(t *testing.T) {
	w := market(t)
	open := must(w.flow(centre, "commit-flow", "recipient="+string(gate), "amount=7", "currency=EUR"))(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100.50", "currency=EUR"))(t)
	b := &body.Flow{Step: body.FlowPay, Donor: centre, Recipient: river, Amount: "33.33", Currency: "EUR"}
	b.Thread, b.To, b.Refs = commit.Record, []body.Addressee{body.Addressee(river)}, []body.Ref{{Rel: body.RelAnswers, Record: commit.Record, Digest: commit.Digest}}
	must(w.intake.Publish(t.Context(), intake.Draft{Institution: centre, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	e := w.taken(desk.ListFlows, desk.AsHXL)
	want := desk.Loss{Field: "record", Rows: 1, Why: "it is marked TLP:RED: it goes into no file that is made for others"}
	if file := e.Files[0].Data; !slices.Contains(e.Loss, want) || bytes.Contains(file, []byte("33.33")) || !bytes.Contains(file, []byte(open.Record.String())) {
		t.Errorf("lost %+v, want %+v among it; the file:\n%s", e.Loss, want, file)
	}
}

func TestFormatThatDoesNotFitIsRefused(t *testing.T) {
	w := solo(t)
	tests := []struct {
		what, format string
		kind         desk.Kind
		want         string
	}{
		{"members", "hxl", desk.Refused, "format: the list members can't be said in hxl: want one of xlsx, csv, json"},
		{"reports", "cap", desk.Refused, "format: the list reports can't be said in cap: want one of xlsx, csv, json, hxl, edxl"},
		{"members", "xls", desk.Usage, `format: no format is called "xls": did you mean xlsx? want one of xlsx, csv, json, hxl, cap, edxl`},
		{"members", "", desk.Usage, `format: no format is called ""`},
		{"membres", "csv", desk.Usage, `what: no list is called "membres": did you mean members?`},
		{"", "csv", desk.Usage, "what: no list is named"},
	}
	for _, tt := range tests {
		_, err := w.desk.ExportList(t.Context(), desk.Query{What: tt.what}, tt.format, protocol.Red)
		refused(t, err, tt.kind, tt.want)
	}
	_, err := w.desk.ExportList(t.Context(), desk.Query{What: "links", Place: "MK"}, "csv", protocol.Red)
	refused(t, err, desk.Usage, "place: the list links can't be chosen by place")
}

// TestExerciseIsSaidInTheFile: what is only played must not be taken for real somewhere else.
func TestExerciseIsSaidInTheFile(t *testing.T) {
	w := market(t)
	w.publish(desk.Request{Kind: "report", Set: []string{"summary=An exercise"}, Exercise: true})
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListReports, Exercise: true}, desk.AsCSV, protocol.Red))(t)
	lines := cellsOf(t, desk.AsCSV, e.Files[0].Data)
	at := slices.Index(lines[0], "exercise")
	if e.Files[0].Name != "exercise-reports.csv" || e.Archive() != "exercise-reports-csv.zip" || at < 0 || lines[1][at] != "true" {
		t.Errorf("%s, %s:\n%s", e.Files[0].Name, e.Archive(), e.Files[0].Data)
	}
	x := w.begin("Flood 1", "").Record.String()
	w.stock(x, 30)
	e = must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListCapacity, Within: x}, desk.AsCSV, protocol.Red))(t)
	lines = cellsOf(t, desk.AsCSV, e.Files[0].Data)
	if at = slices.Index(lines[0], "exercise"); at < 0 || lines[1][at] != x {
		t.Errorf("a file of %s does not name it:\n%s", x, e.Files[0].Data)
	}
	if l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListCapacity, Within: x}))(t); l.Within.String() != x {
		t.Errorf("a list of %s says that it is of %s", x, l.Within)
	}
}

// TestAlertsAreMessagesOfCAP: what can't be a message is told, and nothing else is left out.
func TestAlertsAreMessagesOfCAP(t *testing.T) {
	w := market(t)
	alert := func(r desk.Request) desk.Published {
		r.Kind, r.Set = "alert", append(r.Set, "info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely")
		return w.publish(r)
	}
	first := alert(desk.Request{Set: []string{"place=iso3166-2:MK-405"}})
	second := alert(desk.Request{})
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: second.Record.String(), Set: []string{"info.0.headline=Much snow"}, Reason: "x"}))(t)
	e := w.taken(desk.ListAlerts, desk.AsCAP)
	if len(e.Files) != 1 || e.Files[0].Name != strings.ReplaceAll(first.Record.String(), "/", "-")+".cap.xml" || !e.Each || !bytes.Contains(e.Files[0].Data, []byte("<event>Snow</event>")) {
		t.Errorf("files = %+v", e.Files)
	}
	for _, want := range []desk.Loss{
		{Field: "place.code", Rows: 1, Why: "CAP 1.2 has no element for it"},
		{Field: "signature", Rows: 1, Why: "CAP 1.2 has no element for it: the evidence of the record holds it"},
		{Field: "record", Rows: 1, Why: "it was corrected, and in CAP a new message alone does that: it is not written"},
	} {
		if !slices.Contains(e.Loss, want) {
			t.Errorf("lost %+v, want %+v among it", e.Loss, want)
		}
	}
}

// TestExerciseIsNoActualMessage: a message of CAP whose status is Actual is acted on.
func TestExerciseIsNoActualMessage(t *testing.T) {
	w := market(t)
	b := &body.Alert{Identifier: "x", Sender: "y", Sent: "2015-11-03T09:00:00+01:00", Status: body.StatusActual, MsgType: body.MsgAlert, Scope: body.ScopePublic}
	must(w.intake.Publish(t.Context(), intake.Draft{Institution: centre, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Green, Exercise: true, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListAlerts, Exercise: true}, desk.AsCAP, protocol.Red))(t)
	if len(e.Files) != 0 || len(e.Loss) != 1 || !strings.Contains(e.Loss[0].Why, "status says Actual") {
		t.Errorf("files %+v, lost %+v", e.Files, e.Loss)
	}
}
