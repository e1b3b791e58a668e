package main

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestMarkAtANameIsExplainedBelowTheResult once, to who reads: a program gets no line that is no row.
func TestMarkAtANameIsExplainedBelowTheResult(t *testing.T) {
	prizren := body.Place{Scheme: body.ISOSubdivision, Code: "RS-27", Name: "Prizren"}
	regional := &api.RegionalSheet{}
	regional.Coverage.Missing = []body.RegionalMissing{{Institution: "xk.national.centre", Place: prizren, State: body.MissingOverdue}}
	marked := table{head: []string{"place"}, rows: [][]string{{place(prizren.Key(), "Prizren", true)}, {"Gevgelija"}}}
	for _, tt := range []struct {
		name, output string
		print        func(*app)
		want         int
	}{
		{"a list", text, func(a *app) { _ = a.write(nil, marked) }, 1},
		{"for a spreadsheet", asCSV, func(a *app) { _ = a.write(nil, marked) }, 0},
		{"a line", text, func(a *app) { line(a.out, "%s: phase", place(prizren.Key(), "", true)) }, 1},
		{"a regional report", text, func(a *app) { a.showRegional(regional) }, 1},
		{"what a link carries", text, func(a *app) { line(a.out, "we send: alert *, * *") }, 0},
	} {
		var out strings.Builder
		a := &app{world: world{out: &out}, output: tt.output}
		end := a.onSheet()
		tt.print(a)
		end()
		got := out.String()
		if n := strings.Count(got, "Resolution 1244 (1999)"); n != tt.want || n > 0 && !strings.HasSuffix(got, "\n\n* All references to Kosovo shall be understood in the context of United Nations Security Council Resolution 1244 (1999).\n") {
			t.Errorf("%s:\n%s", tt.name, got)
		}
	}
}
