package desk_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// richPlan is a plan of the centre's with all that a line can say, and more.
func (w *world) richPlan() desk.Published {
	w.t.Helper()
	need := w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{"place=iso3166-2:MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}})
	return w.propose(
		"territory={\"scheme\":\"iso3166-2\",\"code\":\"MK-405\",\"name\":\"Gevgelija and around\"}",
		`rates=[{"currency":"MKD","rate":"61.5","as_of":"2015-11-03","source":"National bank"}]`,
		`lines.0={"line":3,"purpose":"=200 bed places; \"warm\"","beneficiary":"`+string(gate)+`","payer":"`+string(centre)+`","year":2016,"sector":"shelter","needs_refs":["`+need.Record.String()+`"],"amount":"120000.10","source":"eu_amif","source_ref":"AMIF-1","status":"planned","co_financing_percent":15,"x-офис":"Скопје","x-codes":[1,2],"x-count":5,"x-quoted":"[1]"}`,
		`lines.1={"line":1,"purpose":"Interpreters","beneficiary":"`+string(river)+`","year":2016,"sector":"protection","amount":"1.12","source":"local_budget","status":"secured"}`,
	)
}

func (w *world) sheetOf(n protocol.Name, format string) []byte {
	w.t.Helper()
	e := must(w.desk.PlanSheet(w.t.Context(), desk.PlanQuestion{As: centre, Record: n.String()}, format))(w.t)
	if len(e.Loss) != 0 || len(e.Files) != 1 {
		w.t.Errorf("%s: %d files, lost %+v", format, len(e.Files), e.Loss)
	}
	return e.Files[0].Data
}

func (w *world) planText(n protocol.Name) map[string]any {
	w.t.Helper()
	said := must(w.desk.Show(w.t.Context(), n.String()))(w.t)
	doc := map[string]any{}
	ok(w.t, json.Unmarshal(said.Record.Body, &doc))
	if replacement, corrected := doc["replacement"].(map[string]any); corrected {
		doc = replacement
	}
	delete(doc, "salt")
	return doc
}

// rewrite changes the cells of an exported file, by their addresses, in either format.
func rewrite(t *testing.T, format string, data []byte, cells map[string]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	if format == desk.AsXLSX {
		f = must(excelize.OpenReader(bytes.NewReader(data)))(t)
	} else {
		ok(t, f.SetSheetName("Sheet1", "Plan"))
		for i, row := range cellsOf(t, desk.AsCSV, data) {
			for j, cell := range row {
				ok(t, f.SetCellStr("Plan", must(excelize.CoordinatesToCellName(j+1, i+1))(t), cell))
			}
		}
	}
	defer func() { ok(t, f.Close()) }()
	for at, v := range cells {
		ok(t, f.SetCellStr("Plan", at, v))
	}
	return must(f.WriteToBuffer())(t).Bytes()
}

// column gives the letter of a column by its head.
func column(t *testing.T, format string, data []byte, head string) string {
	t.Helper()
	i := slices.Index(cellsOf(t, format, data)[0], head)
	if i < 0 {
		t.Fatalf("no column %s", head)
	}
	return must(excelize.ColumnNumberToName(i + 1))(t)
}

// TestPlanGoesOutAndComesBack: a plan that goes out and comes back says what it said, as another
// plan and as the next version, in each format, with the members that nobody knows.
func TestPlanGoesOutAndComesBack(t *testing.T) {
	for _, format := range desk.PlanFormats() {
		t.Run(format, func(t *testing.T) {
			w := market(t)
			first := w.richPlan()
			data := w.sheetOf(first.Record, format)
			same := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: data, Record: first.Record.String(), Reason: "x"}))(t)
			if len(same.Faults) != 0 || !same.Record.IsZero() || !strings.Contains(same.Said, "what the version in force says") {
				t.Errorf("unchanged, it is %+v", same)
			}
			other := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: data}))(t)
			if len(other.Faults) != 0 || other.Record.IsZero() || other.Lines != 2 {
				t.Fatalf("as a new plan: %+v", other)
			}
			want, got := w.planText(first.Record), w.planText(other.Record)
			want["lines"].([]any)[0].(map[string]any)["x-count"] = "5" // a column knows no numbers of one's own
			want["lines"].([]any)[1].(map[string]any)["amount"] = got["lines"].([]any)[1].(map[string]any)["amount"]
			if !reflect.DeepEqual(got, want) {
				t.Errorf("the new plan says\n%v\nwant\n%v", got, want)
			}
			if again := w.sheetOf(other.Record, desk.AsCSV); !bytes.Contains(again, []byte("lines.x-офис")) || !bytes.Contains(again, []byte("Скопје")) {
				t.Errorf("what nobody knows did not come out again:\n%s", again)
			}
			amount := column(t, format, data, "lines.amount")
			changed := rewrite(t, format, data, map[string]string{amount + "4": "9000,50", column(t, format, data, "lines.purpose") + "5": "Blankets"})
			next := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: changed, Record: first.Record.String(), Reason: "prices rose"}))(t)
			if len(next.Faults) == 0 {
				t.Errorf("a row with a purpose alone was taken: %+v", next)
			}
			changed = rewrite(t, format, data, map[string]string{amount + "4": "9000,50"})
			next = must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: changed, Record: first.Record.String(), Reason: "prices rose"}))(t)
			p := w.fundPlan(first.Record)
			if len(next.Faults) != 0 || p.Version != 2 || len(p.Changes) != 1 || len(p.Changes[0].Fields) != 1 || p.Changes[0].Line != 1 || p.Changes[0].Fields[0] != (desk.FieldChange{Field: "amount", Before: "1.12", After: "9000.50"}) {
				t.Errorf("one cell changed: %+v, version %d, changes %+v", next, p.Version, p.Changes)
			}
			stale := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, File: "plan.xlsx", Data: rewrite(t, format, data, map[string]string{amount + "4": "7"}), Record: first.Record.String(), Reason: "x"}))(t)
			if len(stale.Faults) != 1 || stale.Faults[0].Column != "digest" || w.fundPlan(first.Record).Version != 2 {
				t.Errorf("of a version that is over: %+v", stale)
			}
		})
	}
}

// TestColumnThatNobodyKnowsIsKept: what an author adds to the file is a member of the line's own.
func TestColumnThatNobodyKnowsIsKept(t *testing.T) {
	w := market(t)
	first := w.propose()
	data := rewrite(t, desk.AsCSV, w.sheetOf(first.Record, desk.AsCSV), map[string]string{"AD1": "Одговорен сектор", "AD3": "Инвестиции"})
	done := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: data, Record: first.Record.String(), Reason: "x"}))(t)
	if len(done.Faults) != 0 || !slices.Equal(done.Own, []string{"x-Одговорен сектор"}) || w.fundPlan(first.Record).Version != 2 {
		t.Fatalf("%+v", done)
	}
	out := string(w.sheetOf(first.Record, desk.AsCSV))
	if !strings.Contains(out, "lines.x-Одговорен сектор") || !strings.Contains(out, "Инвестиции") {
		t.Errorf("it did not come out again:\n%s", out)
	}
	if p := w.fundPlan(first.Record); p.State != board.PlanProposed || p.Total != "120000" {
		t.Errorf("the plan is %+v", p)
	}
}

// TestBrokenCellOfAPlanIsNamed: file, sheet, row and column; nothing is written.
func TestBrokenCellOfAPlanIsNamed(t *testing.T) {
	w := market(t)
	first := w.richPlan()
	data := w.sheetOf(first.Record, desk.AsXLSX)
	at := func(head string) string { return column(t, desk.AsXLSX, data, head) }
	tests := []struct {
		name, cell, text, column, want string
	}{
		{"two ways", at("lines.amount") + "3", "12.500", "lines.amount", "can be read in two ways"},
		{"no amount", at("lines.amount") + "4", "much", "lines.amount", "is no amount"},
		{"nothing", at("lines.amount") + "3", "0", "lines.amount", "the line is of nothing"},
		{"empty", at("lines.amount") + "3", "", "lines.amount", ""},
		{"word", at("lines.sector") + "4", "housing", "lines.sector", ""},
		{"year", at("lines.year") + "4", "1815", "lines.year", ""},
		{"number twice", at("lines.line") + "4", "3", "lines.line", "stands twice"},
		{"two titles", at("title") + "4", "Summer places", "title", "it stands otherwise in row 3"},
		{"place", at("territory") + "3", "", "territory", "no place is called"},
		{"mistyped head", at("lines.payer") + "1", "lines.pajer", "", "no field is called"},
		{"co-signer", at("cosigners") + "3", "", "cosigners", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cells := map[string]string{tt.cell: tt.text}
			if tt.text == "" && !strings.HasPrefix(tt.column, "lines.") { // in all rows
				cells[strings.TrimSuffix(tt.cell, "3")+"4"] = "x"
			}
			done := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, File: "plan.xlsx", Data: rewrite(t, desk.AsXLSX, data, cells), Record: first.Record.String(), Reason: "x"}))(t)
			if len(done.Faults) == 0 || !done.Record.IsZero() {
				t.Fatalf("it was taken: %+v", done)
			}
			f := done.Faults[0]
			if f.File != "plan.xlsx" || f.Sheet != "Plan" || f.Column != tt.column || !strings.Contains(f.Detail+f.Mend, tt.want) || !regexp.MustCompile(`^plan\.xlsx, Plan![A-Z]+\d+, row \d+(, )?`+tt.column).MatchString(f.Error()) {
				t.Errorf("%s\n%+v", f.Error(), f)
			}
		})
	}
	if p := w.fundPlan(first.Record); p.Version != 1 {
		t.Errorf("version %d was written", p.Version)
	}
	for _, bad := range [][]byte{nil, []byte("hello"), []byte("PK\x03\x04no"), []byte("lines.amount\n"), bytes.Repeat([]byte("x"), 1<<20)} {
		if done, err := w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, File: "f", Data: bad}); err == nil && len(done.Faults) == 0 {
			t.Errorf("%.20q was taken: %+v", bad, done)
		}
	}
	_, err := w.desk.PlanSheet(t.Context(), desk.PlanQuestion{Record: first.Record.String()}, "pdf")
	refused(t, err, desk.Usage, `format: no format is called "pdf"`)
	_, err = w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: rewrite(t, desk.AsXLSX, data, map[string]string{at("lines.amount") + "3": "5"}), Record: first.Record.String()})
	refused(t, err, desk.Refused, "reason: ")
}

// TestDayThatAWorkbookHasMadeANumberOfIsADay: who types 2017-07-01 into a cell of a workbook leaves 42917 there.
func TestDayThatAWorkbookHasMadeANumberOfIsADay(t *testing.T) {
	w := market(t)
	first := w.richPlan()
	data := w.sheetOf(first.Record, desk.AsXLSX)
	f := must(excelize.OpenReader(bytes.NewReader(data)))(t)
	end := column(t, desk.AsXLSX, data, "period.end")
	for _, row := range []string{"3", "4"} {
		ok(t, f.SetCellValue("Plan", end+row, time.Date(2017, 7, 1, 0, 0, 0, 0, time.UTC)))
	}
	done := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, File: "plan.xlsx", Data: must(f.WriteToBuffer())(t).Bytes(), Record: first.Record.String(), Reason: "half a year more"}))(t)
	if len(done.Faults) > 0 {
		t.Fatalf("%+v", done.Faults)
	}
	p := w.fundPlan(first.Record)
	if got := p.PeriodEnd; p.Version != 2 || !got.Time().Equal(time.Date(2017, 7, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("version %d ends %s", p.Version, got)
	}
}

// TestRowThatIsAddedIsNoLineThatWasTakenOut: it takes over nothing of the line whose row is gone.
func TestRowThatIsAddedIsNoLineThatWasTakenOut(t *testing.T) {
	w := market(t)
	first := w.richPlan()
	const file = "lines.line,lines.purpose,lines.beneficiary,lines.year,lines.sector,lines.amount,lines.source,lines.status\n" +
		"1,Interpreters,mk.southeast.demo-river-town,2016,protection,7,local_budget,secured\n" +
		",Blankets,mk.southeast.demo-river-town,2016,nfi,5,local_budget,planned\n"
	done := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: []byte(file), Record: first.Record.String(), Reason: "x"}))(t)
	p := w.fundPlan(first.Record)
	if len(done.Faults) != 0 || len(p.Lines) != 2 || p.Lines[1].Line != 4 || p.Lines[1].CofinancingPercent != 0 || p.Title != "Winter places" {
		t.Errorf("%+v, lines %+v", done, p.Lines)
	}
	short := file[:strings.LastIndex(strings.TrimSpace(file), "\n")+1]
	for _, text := range []string{short, short + ",Tents,mk.southeast.demo-river-town,2016,nfi,5,local_budget,planned\n"} {
		must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: []byte(text), Record: first.Record.String(), Reason: "x"}))(t)
	}
	if p = w.fundPlan(first.Record); len(p.Lines) != 2 || p.Lines[1].Line != 5 {
		t.Errorf("lines %+v, want a line 5: the last version has line 1 alone, and that before it line 4", p.Lines)
	}
}

// TestPlanForNamedRecipientsGoesIntoNoFileForOthers: HXL is made to be passed on, and a plan that
// comes back as another one keeps its mark.
func TestPlanForNamedRecipientsGoesIntoNoFileForOthers(t *testing.T) {
	w := market(t)
	first := w.publish(desk.Request{As: centre, Kind: "plan", Set: planFields(), Handling: protocol.Amber})
	b := must(body.Parse(body.TypePlan, must(w.desk.Show(t.Context(), first.Record.String()))(t).Record.Body))(t).(*body.Plan)
	b.To = []body.Addressee{body.Addressee(gate)}
	red := must(w.intake.Publish(t.Context(), intake.Draft{Institution: centre, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	_, err := w.desk.PlanSheet(t.Context(), desk.PlanQuestion{Record: red.String()}, desk.AsHXL)
	refused(t, err, desk.Refused, "it is marked TLP:RED")
	other := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: w.sheetOf(first.Record, desk.AsCSV)}))(t)
	if got := must(w.desk.Show(t.Context(), other.Record.String()))(t).Record.Handling; got != protocol.Amber {
		t.Errorf("it is marked %s now", got)
	}
}

// TestFileOfAPlanSaysOfWhichExerciseItIs, and a new plan that is made of it is played in that one.
func TestFileOfAPlanSaysOfWhichExerciseItIs(t *testing.T) {
	w := market(t)
	x := w.begin("Flood 1", "").Record
	n := w.publish(desk.Request{As: centre, Kind: "plan", Within: x.String(), Set: planFields()}).Record
	for _, format := range desk.PlanFormats() {
		data := w.sheetOf(n, format)
		if format != desk.AsXLSX && !strings.Contains(string(data), x.String()) {
			t.Errorf("%s does not say of which exercise it is:\n%s", format, data)
		}
		if format == desk.AsHXL {
			continue
		}
		done := must(w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: data}))(t)
		if len(done.Faults) != 0 {
			t.Fatalf("%s: %+v", format, done.Faults)
		}
		if p := w.fundPlan(done.Record); p.Within != x || !p.Exercise {
			t.Errorf("%s: the new plan is of %s", format, p.Within)
		}
	}
}
