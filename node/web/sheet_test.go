package web_test

import (
	"bytes"
	"encoding/csv"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// upload sends a spreadsheet as a browser does.
func (b *browser) upload(data []byte) page { return b.sends("/report/sheet", data) }

// sends sends a file by the form of a page, which says in which world it was opened.
func (b *browser) sends(to string, data []byte) page {
	b.t.Helper()
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	ok(b.t, w.WriteField("world", fields(b.get(to).body).Get("world")))
	file := must(w.CreateFormFile("file", "file"))(b.t)
	must(file.Write(data))(b.t)
	ok(b.t, w.Close())
	r := must(http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+to, &form))(b.t)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

// typed puts cells into a workbook.
func typed(t *testing.T, data string, cells map[string]any) []byte {
	t.Helper()
	f := must(excelize.OpenReader(strings.NewReader(data)))(t)
	defer func() { ok(t, f.Close()) }()
	for at, v := range cells {
		ok(t, f.SetCellValue("Reports", at, v))
	}
	return must(f.WriteToBuffer())(t).Bytes()
}

// rowsOf gives what stands in a sheet of a workbook.
func rowsOf(t *testing.T, data, name string) [][]string {
	t.Helper()
	f := must(excelize.OpenReader(strings.NewReader(data)))(t)
	defer func() { ok(t, f.Close()) }()
	return must(f.GetRows(name))(t)
}

// TestSpreadsheetIsReportedFrom: the template knows the place and the period that follows, what
// is wrong stands in its cell, all rows go or none, and what is sent twice is one record.
func TestSpreadsheetIsReportedFrom(t *testing.T) {
	s := open(t)
	u := s.account(staff.Officer)
	s.reports(map[int]int{7: 960})
	template := u.get("/report/template.xlsx")
	if template.status != http.StatusOK || !strings.Contains(template.header.Get("Content-Disposition"), "report-"+string(centre)+".xlsx") {
		t.Fatalf("template: %d %v", template.status, template.header)
	}
	f := must(excelize.OpenReader(strings.NewReader(template.body)))(t)
	for at, want := range map[string]string{"A2": "place", "A3": "iso3166-2:MK-405", "B3": "2015-11-08 00:00", "D1": "arrivals (persons)", "D2": "figures.arrivals", "D3": ""} {
		if got := must(f.GetCellValue("Reports", at))(t); got != want {
			t.Errorf("template %s = %q, want %q", at, got, want)
		}
	}
	if lists := must(f.GetDataValidations("Reports"))(t); len(lists) != 2 {
		t.Errorf("lists to choose from: %d", len(lists))
	}
	ok(t, f.Close())
	column := func(field string) string {
		for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
			if must(f.GetCellValue("Reports", string(c)+"2"))(t) == field {
				return string(c)
			}
		}
		t.Fatalf("no column %s", field)
		return ""
	}
	present, severity := column("figures.children"), column("severity")
	rows := map[string]any{
		"D3": "11572", "C3": "2015-11-09", "A4": "MK", "B4": "2015-11-08", "C4": "9.11.2015", "D4": "12,5", "A5": "nowhere", "B5": "2015-11-08", "C5": "2015-11-09", "D5": 3,
		"A6": "MK", "B6": "2015-11-08", "C6": "2015-11-08", "D6": 5, severity + "7": "Awful", "A7": "XK", "B7": "2015-11-08", "C7": "2015-11-09", "D7": 5,
	}
	p := u.upload(typed(t, template.body, rows))
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("wrong cells: %d", p.status)
	}
	for _, cell := range []string{"D4", "A5", "C6", severity + "7"} {
		if !regexp.MustCompile(`<td id="`+cell+`" class="bad">[^<]*<span class="why">`).MatchString(p.body) || !strings.Contains(p.body, `<a href="#`+cell+`">Reports!`+cell+`</a>`) {
			t.Errorf("%s is not said to be wrong:\n%s", cell, p.body)
		}
	}
	if strings.Count(p.body, `class="bad"`) != 4 || strings.Contains(p.body, `name="data"`) {
		t.Errorf("more is wrong, or it could be sent:\n%s", p.body)
	}
	good := typed(t, template.body, map[string]any{
		"D3": "11572", "C3": "2015-11-09", present + "3": "<5", "A4": "MK", "B4": "2015-11-08", "C4": "9.11.2015", "D4": 12, column("summary") + "4": "=quiet; a \"calm\" night",
	})
	p = u.upload(good)
	p.wants(t, []string{"2 rows can be sent", "11572"})
	if n := s.count(t); n != 1 {
		t.Fatalf("looking at it wrote %d records", n-1)
	}
	data := regexp.MustCompile(`name="data" value="([^"]*)"`).FindStringSubmatch(p.body)
	form := url.Values{"as": {string(centre)}, "data": {unescape(data[1])}}
	u.post("/report/sheet/send", form).wants(t, []string{"All rows are recorded", "/situation.1.2", "/situation.1.3"}, "sent before")
	u.post("/report/sheet/send", form).wants(t, []string{"All rows are recorded", "sent before", "/situation.1.2", "/situation.1.3"})
	if n := s.count(t); n != 3 {
		t.Errorf("sent twice, it is %d records", n-1)
	}
	u.get("/record/"+string(centre)+"/situation.1.3").wants(t, []string{`=quiet; a \`, "arrivals 12"})
	again := u.upload(typed(t, template.body, map[string]any{"D3": "999", "C3": "2015-11-09"}))
	if again.status != http.StatusUnprocessableEntity || !strings.Contains(again.body, "speaks of this place and period already") {
		t.Errorf("another word on the same period: %d %s", again.status, again.body)
	}
	if p = u.upload([]byte("hello")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "names the fields") {
		t.Errorf("no form: %d", p.status)
	}
	if p = u.upload(make([]byte, 2<<20)); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "larger than 512 KiB") {
		t.Errorf("too large: %d", p.status)
	}
	u.post("/try", url.Values{"try": {"1"}})
	other := typed(t, template.body, map[string]any{"D3": "7", "B3": "2015-11-01", "C3": "2015-11-02"})
	form.Set("data", unescape(regexp.MustCompile(`name="data" value="([^"]*)"`).FindStringSubmatch(u.upload(other).body)[1]))
	u.post("/report/sheet/send", form).wants(t, []string{"It was only tried"})
	if n := s.count(t); n != 3 {
		t.Errorf("trying wrote %d records", n-3)
	}
}

// TestSpreadsheetThatWaitsForASecondPersonWaitsOnce: its rows, sent again, are those that wait.
func TestSpreadsheetThatWaitsForASecondPersonWaitsOnce(t *testing.T) {
	s := open(t, func(o *node.Options) { o.Second = []string{"report"} })
	officer, approver := s.account(staff.Officer), s.account(staff.Approver)
	const rows = "place,period.start,period.end,figures.arrivals\nMK-405,2015-11-07,2015-11-08,960\nMK-405,2015-11-08,2015-11-09,11572\n"
	form := url.Values{"as": {string(centre)}, "data": {rows}}
	for range 2 {
		if p := officer.post("/report/sheet/send", form); p.status != http.StatusOK {
			t.Fatalf("sent: %d %s", p.status, p.body)
		}
		if n := len(approver.waits()); n != 2 {
			t.Fatalf("%d wait, want a row each", n)
		}
	}
	for _, at := range approver.waits() {
		approver.post(at+"/approve", nil)
	}
	officer.post("/report/sheet/send", form).wants(t, []string{"sent before", "/situation.1.1", "/situation.1.2"})
	if n := s.count(t); n != 2 || len(approver.waits()) != 0 {
		t.Errorf("%d records, and %d wait", n, len(approver.waits()))
	}
}

// count gives how many reports there are.
func (s *site) count(t *testing.T) int {
	t.Helper()
	l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListReports}))(t)
	rows, _ := l.Rows.([]desk.ReportRow)
	return len(rows)
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&", "&lt;", "<", "&gt;", ">", "&#43;", "+", "\r\n", "\n").Replace(s)
}

// TestSituationIsTakenAway as CSV, as a workbook and as HXL, with what is not reported as an
// empty cell, of what was chosen and of an earlier instant.
func TestSituationIsTakenAway(t *testing.T) {
	b := meet(t)
	b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=2000", "figures.present=0")
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "na.0.field=figures.arrivals", "na.0.reason=nobody counted", "summary=Nobody counted.")
	then := b.clock.Now().Format(time.RFC3339)
	b.clock.pass(24 * time.Hour)
	b.centre.says(centre, "report", "place=MK", "period=2015-11-09", "figures.arrivals=3000")
	u := b.centre.account(staff.Auditor)
	u.get("/situation?place=MK").wants(t, []string{`href="/situation/figures.xlsx?place=MK"`, `href="/situation/figures.hxl.csv?place=MK"`})
	hxl := u.get("/situation/figures.hxl.csv?at=" + url.QueryEscape(then))
	lines := must(csv.NewReader(strings.NewReader(hxl.body)).ReadAll())(t)
	if len(lines) != 5 || lines[1][0] != "#meta+id" || lines[1][5] != "#indicator+num" {
		t.Fatalf("HXL:\n%s", hxl.body)
	}
	said := map[string]string{}
	for _, l := range lines[2:] {
		said[l[3]+" "+l[4]] = l[5] + "|" + l[6]
	}
	if said["iso3166-1:MK arrivals"] != "2000|" || said["iso3166-1:MK present"] != "0|" || said["iso3166-2:MK-405 arrivals"] != "|not reported: nobody counted" {
		t.Errorf("HXL says %v", said)
	}
	if now := u.get("/situation/figures.csv?place=MK&what=arrivals"); !strings.HasPrefix(now.body, "\ufeffrecord,") || !strings.Contains(now.body, ",3000,") || strings.Contains(now.body, "present") {
		t.Errorf("CSV:\n%s", now.body)
	}
	f := must(excelize.OpenReader(strings.NewReader(u.get("/situation/figures.xlsx").body)))(t)
	if got := must(f.GetRows("Figures"))(t); len(got) != 4 {
		t.Errorf("workbook: %q", got)
	}
	ok(t, f.Close())
}
